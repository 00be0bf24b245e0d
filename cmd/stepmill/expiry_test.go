package main

import (
	"strings"
	"testing"
	"time"
)

// TestExpiry: how long a key works is read, and what is wrong with it is said as it is.
func TestExpiry(t *testing.T) {
	now := time.Unix(1764000000, 0)
	for text, want := range map[string]time.Time{"never": {}, "90d": now.Add(90 * 24 * time.Hour), "3660d": now.Add(3660 * 24 * time.Hour)} {
		if got, err := expiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	for text, says := range map[string]string{"8000d": `"8000d" is longer than ten years; at most 3660d is taken.`, "soon": `"soon" is not a duration`, "0s": "has to work for a while", "": "is not a duration"} {
		if _, err := expiry(text, now); err == nil || !strings.HasPrefix(err.Error(), "--expires: ") || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "never") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
