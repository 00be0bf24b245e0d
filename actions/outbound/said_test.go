package outbound

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// TestSaid: what an action writes to the run's log comes with its result, bounded, and without what is hidden.
func TestSaid(t *testing.T) {
	c := newClient(t, Config{})
	say := func(text string, hidden ...string) run.Result {
		t.Helper()
		return c.Invoke(t.Context(), run.Call{Run: "r", Path: "a", Action: "core.log", Input: map[string]any{"message": text}, Hidden: hidden})
	}
	if r := say("one\ntwo"); r.Failure != nil || r.Said != "one\ntwo" {
		t.Errorf("%+v", r)
	}
	if r := say("the code 123456 is here", "123456"); r.Said != "the code *** is here" {
		t.Errorf("%q", r.Said)
	}
	if r := say(strings.Repeat("ü", 10_000)); len(r.Said) > mostSaid+len("…") || !strings.HasPrefix(r.Said, "üü") {
		t.Errorf("%d bytes", len(r.Said))
	}
	if r := say(""); r.Said != "" {
		t.Errorf("%q", r.Said)
	}
	d := &doing{client: c}
	d.Log("one")
	d.Log("two")
	if d.said != "one\ntwo" {
		t.Errorf("%q", d.said)
	}
}
