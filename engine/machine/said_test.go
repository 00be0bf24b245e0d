package machine

import (
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// TestSaid: what an action says stands in the journal, but for that of a step which masks something: it may have a part of it.
func TestSaid(t *testing.T) {
	for mask, want := range map[string]string{"": "It is done.", `, "mask": ["secret"]`: ""} {
		p := newPlay(t, []byte(`{"stepmill": 1, "name": "t", "trigger": {"uses": "manual"}, "steps": [{"id": "a", "uses": "pure.say"`+mask+`}]}`), nil, nil)
		p.line("start")
		d := p.answer("a", run.Result{Output: map[string]any{"secret": "s3cret"}, Said: "It is done."})
		p.took(d)
		if e := d.Entries[0]; e.Kind != run.StepSucceeded || e.Message != want {
			t.Errorf("with %q it is %s %q", mask, e.Kind, e.Message)
		}
	}
}
