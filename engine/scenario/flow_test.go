package scenario

import (
	"strings"
	"testing"
)

// TestFlow: flow control that would do nothing is refused where it stands.
func TestFlow(t *testing.T) {
	for trigger, want := range map[string]string{
		`{"uses": "webhook", "debounce": "5s", "dedupe": {"key": "{{ trigger.id }}", "for": "1h"}}`: "",
		`{"uses": "webhook", "dedupe": {"key": "{{ trigger.id }}"}}`:                                "",
		`{"uses": "webhook", "debounce": "0s"}`:                                                     "/trigger/debounce",
		`{"uses": "webhook", "debounce": {"for": "0ms", "key": "{{ trigger.id }}"}}`:                "/trigger/debounce",
		`{"uses": "webhook", "dedupe": {"key": "{{ trigger.id }}", "for": "0s"}}`:                   "/trigger/dedupe/for",
		`{"uses": "webhook", "dedupe": {"key": ""}}`:                                                "/trigger/dedupe/key",
	} {
		_, problems, err := Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": ` + trigger + `, "steps": []}`))
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, p := range problems {
			paths = append(paths, p.Path)
		}
		if got := strings.Join(paths, " "); got != want {
			t.Errorf("%s: problems at %q, not %q", trigger, got, want)
		}
	}
}
