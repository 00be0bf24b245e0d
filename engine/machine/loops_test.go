package machine

import (
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// TestGathered: what the items of a loop give together is bounded, also where each is kept apart, and says which was too much.
func TestGathered(t *testing.T) {
	large := func(c *run.Call) any { return value.Large{Hash: c.Path, Bytes: 30 << 20} }
	text := strings.Repeat("x", 1<<20)
	inline := func(*run.Call) any {
		list := make([]any, 30)
		for i := range list {
			list[i] = text
		}
		return map[string]any{"texts": list}
	}
	for _, c := range []struct {
		name, step string
		gives      func(*run.Call) any
		want       []string // of the step's error, or none
		kept       int      // outputs
	}{
		{"each", `{"id": "a", "each": "{{ [1, 2, 3] }}", "uses": "idempotent.do"}`, large, []string{"64 MB", "collect"}, 0},
		{"each inline", `{"id": "a", "each": "{{ [1, 2, 3] }}", "uses": "idempotent.do"}`, inline, []string{"64 MB", "collect"}, 0},
		{"two fit", `{"id": "a", "each": "{{ [1, 2] }}", "uses": "idempotent.do"}`, large, nil, 2},
		{"collect", `{"id": "a", "for_each": {"items": "{{ [1, 2, 3] }}", "collect": "{{ steps.in.texts }}", "steps": [{"id": "in", "uses": "idempotent.do"}]}}`, inline, []string{"64 MB", "collect"}, 0},
		{"skip", `{"id": "a", "for_each": {"items": "{{ [1, 2, 3] }}", "on_item_error": "skip", "collect": "{{ steps.in.texts }}", "steps": [{"id": "in", "uses": "idempotent.do"}]}}`, inline, nil, 3},
		{"no collect", `{"id": "a", "for_each": {"items": "{{ [1, 2, 3] }}", "steps": [{"id": "in", "uses": "idempotent.do"}]}}`, large, nil, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, problems, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "s", "trigger": {"uses": "webhook"}, "steps": [` + c.step + `]}`))
			if err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			program, problems := Compile(doc.Scenario, facts(doc.Scenario))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			m := New(program, Input{Run: "r", Load: func(l value.Large) (any, error) { return l.Hash, nil }})
			m.Queue(now, "e")
			d := m.Start(now, nil)
			var said string
			var output any
			for range 10 {
				for _, e := range d.Entries {
					if e.Path == "a" && e.Kind == run.StepFailed {
						said = e.Failure.Message
					}
					if e.Path == "a" && e.Kind == run.StepSucceeded {
						output = e.Output
					}
				}
				for _, command := range d.Commands {
					if command.Invoke != nil {
						d = m.Answer(now, command.Invoke.Path, 1, run.Result{Output: c.gives(command.Invoke)})
						break
					}
				}
			}
			for _, part := range c.want {
				if !strings.Contains(said, part) {
					t.Errorf("the step says %q", said)
				}
			}
			list, _ := output.([]any)
			if c.want == nil && (said != "" || c.kept >= 0 && len(list) != c.kept || !m.Status().Ended()) {
				t.Errorf("%s, %d outputs, %q", m.Status(), len(list), said)
			}
			if c.name == "skip" && (list[1] == nil || list[2] != nil) {
				t.Error("the item that was too much is not the one left out")
			}
		})
	}
}
