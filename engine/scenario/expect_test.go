package scenario

import (
	"strings"
	"testing"
	"time"
)

func TestExpect(t *testing.T) {
	for trigger, want := range map[string]string{
		`{"uses": "webhook", "expect": {"every": "1h"}}`:                            "",
		`{"uses": "schedule", "with": {"every": "1h"}, "expect": {"every": "60s"}}`: "",
		`{"uses": "shop.event", "expect": {"every": "7d"}}`:                         "",
		`{"uses": "webhook", "expect": {"every": "59s"}}`:                           "/trigger/expect/every",
		`{"uses": "webhook", "expect": {"every": "0s"}}`:                            "/trigger/expect/every",
		`{"uses": "webhook", "expect": {"every": "soon"}}`:                          "/trigger/expect/every",
		`{"uses": "webhook", "expect": {}}`:                                         "/trigger/expect",
		`{"uses": "webhook", "expect": "1h"}`:                                       "/trigger/expect",
		`{"uses": "manual", "expect": {"every": "1h"}}`:                             "/trigger/expect",
		`{"uses": "scenario", "expect": {"every": "1h"}}`:                           "/trigger/expect",
		`{"uses": "failure", "expect": {"every": "1h"}}`:                            "/trigger/expect",
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

func TestSpell(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Hour: "hour", 15 * time.Minute: "15 minutes", 24 * time.Hour: "day", 90 * time.Minute: "1 hour 30 minutes", 7 * 24 * time.Hour: "7 days", 1500 * time.Millisecond: "1 second 500 milliseconds"} {
		if got := Spell(d); got != want {
			t.Errorf("%s is %q", d, got)
		}
	}
}
