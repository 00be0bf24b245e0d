package machine

import (
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// TestHeldForEver: a call that is held again and again is a try from some time on, so no run comes back for ever.
func TestHeldForEver(t *testing.T) {
	p := newPlay(t, []byte(`{"stepmill": 1, "name": "t", "trigger": {"uses": "manual"}, "steps": [{"id": "a", "uses": "once.send", "retry": {"attempts": 3}}]}`), nil, nil)
	p.line("start")
	calls := 0
	for ; p.m.Status() != run.Failed && calls <= 2*maxHeld; calls++ {
		p.line("held a rate_limited 90s")
		if p.m.Status() != run.Failed {
			p.line("due")
		}
	}
	if calls != maxHeld+3 {
		t.Errorf("it is called %d times", calls)
	}
}
