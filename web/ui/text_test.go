package ui

import (
	"testing"
	"time"
)

func TestIn(t *testing.T) {
	now := time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{-time.Hour: "now", 0: "now", 30 * time.Second: "in 30 s", 90 * time.Second: "in 1 min", 5 * time.Hour: "in 5 h", 30 * time.Hour: "tomorrow",
		72 * time.Hour: "in 3 days", 60 * 24 * time.Hour: "on 3 May 2026"} {
		if got := In(now.Add(d), now); got != want {
			t.Errorf("%s: %q, not %q", d, got, want)
		}
	}
}
