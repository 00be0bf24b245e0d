package storagetest

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

// circles holds that a called run that stands behind its caller, also by way of others, is stored as one that fails.
func circles(t *testing.T, s *storage.Store) {
	sc, other := makeScenario(t, s, system, "s"), makeScenario(t, s, system, "o")
	called := func(parent run.Run, line string, waited bool) run.Run {
		a := free(accept(sc))
		a.Run.Parent, a.Run.Line, a.Run.Waited = parent.ID, line, waited
		return taken(t, s, a)
	}
	fails := func(r run.Run) bool {
		got := must[run.Run](t)(s.Run(t.Context(), system, r.ID))
		if got.Error != nil && (got.Error.Class != "conflict" || !strings.Contains(got.Error.Message, "wait for ever") || got.Hold != run.NotHeld) {
			t.Errorf("%+v %+v", got, got.Error)
		}
		return got.Error != nil
	}
	top := taken(t, s, free(accept(other)))
	a := called(top, "a", true)
	if fails(a) || a.Hold != run.NotHeld {
		t.Errorf("the first of a line: %+v", a)
	}
	if r := called(a, "a", false); fails(r) || r.Hold != run.BehindOther {
		t.Errorf("one behind its caller that is not waited for: %+v", r)
	}
	if r := called(a, "a", true); !fails(r) {
		t.Errorf("one behind its caller: %+v", r)
	}
	deep := called(called(a, "", true), "", true)
	if r := called(deep, "a", true); !fails(r) {
		t.Errorf("one behind its caller's caller: %+v", r)
	}
	if r := called(top, "a", true); fails(r) || r.Hold != run.BehindOther {
		t.Errorf("one behind another of its caller's: %+v", r)
	}
	b := called(taken(t, s, free(accept(other))), "b", true)
	if r := called(b, "a", true); fails(r) || r.Hold != run.BehindOther {
		t.Errorf("one behind a run of somebody else's: %+v", r)
	}
	if r := called(a, "b", true); !fails(r) {
		t.Errorf("one behind a run that waits for its caller's line: %+v", r)
	}
}
