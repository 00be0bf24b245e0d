package storagetest

import (
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

// ordered: what must not overtake held events is held behind them, until none is held.
func ordered(t *testing.T, s *storage.Store) {
	sc, other := makeScenario(t, s, system, "s"), makeScenario(t, s, system, "t")
	happens := func(of scenario.Stored, line string, in bool) *run.Accept {
		a := accept(of)
		a.Run.Line, a.Ordered = line, in
		taken(t, s, a)
		return a
	}
	if a := happens(sc, "k", true); !a.Started() {
		t.Fatalf("it is held behind nothing: %+v", a)
	}
	hold := func() string {
		a := accept(sc)
		a.Run, a.Event.RunID, a.Event.Outcome = nil, "", run.Held
		if err := commit(t, s, &run.Write{Accept: a})[0]; err != nil {
			t.Fatal(err)
		}
		return a.Event.ID
	}
	held := hold()
	for name, c := range map[string]struct {
		a       *run.Accept
		started bool
	}{
		"of the line":         {happens(sc, "k", true), false},
		"of another line":     {happens(sc, "l", true), false},
		"in no order":         {happens(sc, "", true), true},
		"that a person asked": {happens(sc, "k", false), true},
		"of another scenario": {happens(other, "k", true), true},
	} {
		e := must[run.Event](t)(s.Event(t.Context(), system, c.a.Event.ID))
		_, err := s.Run(t.Context(), system, c.a.Run.ID)
		if c.a.Started() != c.started || (err == nil) != c.started || (e.Outcome == run.Held) == c.started || (e.RunID == "") == c.started {
			t.Errorf("an event %s: %+v, its event %+v", name, c.a, e)
		}
	}
	if list := must[[]run.Holding](t)(s.Holding(t.Context())); len(list) != 1 || list[0] != (run.Holding{Workspace: sc.Workspace, ScenarioID: sc.ID}) {
		t.Errorf("holding are %+v", list)
	}
	waiting := must[[]run.Event](t)(s.HeldEvents(t.Context(), system, sc.ID, 10))
	if len(waiting) != 3 || waiting[0].ID != held {
		t.Fatalf("held are %+v", waiting)
	}
	if err := s.GiveUp(t.Context(), system, []string{waiting[0].ID, "none"}, "no reason"); err != nil {
		t.Fatal(err)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, held)); e.Outcome != run.Filtered || e.Detail != "no reason" {
		t.Errorf("%+v", e)
	}
	in := &run.Intake{}
	for _, e := range waiting[1:] {
		in.Accepts = append(in.Accepts, starts(sc, e))
	}
	if err := commit(t, s, &run.Write{Intake: in})[0]; err != nil {
		t.Fatal(err)
	}
	if list := must[[]run.Holding](t)(s.Holding(t.Context())); len(list) != 0 {
		t.Errorf("holding are %+v", list)
	}
	if a := happens(sc, "k", true); !a.Started() {
		t.Errorf("it is held behind nothing: %+v", a)
	}
	hold()
	must[scenario.Stored](t)(s.SetPaused(t.Context(), system, sc.ID, true))
	if list := must[[]run.Holding](t)(s.Holding(t.Context())); len(list) != 0 {
		t.Errorf("a paused one is %+v", list)
	}
	if err := s.DeleteScenario(t.Context(), system, sc.ID); err != nil {
		t.Fatal(err)
	}
	if list := must[[]run.Holding](t)(s.Holding(t.Context())); len(list) != 1 || !list[0].Gone {
		t.Errorf("a deleted one is %+v", list)
	}
}
