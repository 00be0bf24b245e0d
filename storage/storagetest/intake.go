package storagetest

import (
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

func cursorOf(s scenario.Stored, v string) *run.Cursor {
	return &run.Cursor{Workspace: s.Workspace, ScenarioID: s.ID, Trigger: "trigger", Value: v}
}

// stands fails the test where a trigger's cursor is another one; "": it has none.
func stands(t *testing.T, st *storage.Store, s scenario.Stored, want string) {
	t.Helper()
	got, err := st.Cursor(t.Context(), s.Workspace, s.ID, "trigger")
	if want == "" {
		code(t, err, fault.NotFound)
	} else if err != nil || got != want {
		t.Errorf("the cursor is %q (%v), not %q", got, err, want)
	}
}

func runsOf(t *testing.T, st *storage.Store, s scenario.Stored) int {
	t.Helper()
	return must[run.Page](t)(st.Runs(t.Context(), system, run.Filter{Scenario: s.Slug})).Total
}

// intakes: what a look at a list found is kept whole, with its cursor.
func intakes(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	known := run.DedupeKey{Key: "known", Until: start.Add(time.Hour)}
	first := taken(t, s, accept(sc, known))
	a, again, filtered, b := accept(sc), accept(sc, known), accept(sc), accept(sc)
	filtered.Run, filtered.Entries, filtered.Event.RunID, filtered.Event.Outcome = nil, nil, "", run.Filtered
	beside := accept(sc)
	in := &run.Intake{Accepts: []*run.Accept{a, again, filtered, b}, Cursor: cursorOf(sc, "two")}
	for i, err := range commit(t, s, &run.Write{Intake: in}, &run.Write{Accept: beside}) {
		if err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
	}
	stands(t, s, sc, "two")
	if again.FirstRun != first.ID || a.FirstEvent != "" || b.FirstEvent != "" {
		t.Errorf("the known event is one of %q; the others are of %q and %q", again.FirstRun, a.FirstEvent, b.FirstEvent)
	}
	if a.Run.Number != 2 || b.Run.Number != 3 || beside.Run.Number != 4 || runsOf(t, s, sc) != 4 {
		t.Errorf("the runs have the numbers %d, %d, %d", a.Run.Number, b.Run.Number, beside.Run.Number)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, filtered.Event.ID)); e.Outcome != run.Filtered {
		t.Errorf("%+v", e)
	}
	if err := commit(t, s, &run.Write{Intake: &run.Intake{Cursor: cursorOf(sc, "three")}})[0]; err != nil {
		t.Fatal(err)
	}
	stands(t, s, sc, "three")
	if err := commit(t, s, &run.Write{Intake: &run.Intake{Accepts: []*run.Accept{accept(sc, known)}, Cursor: cursorOf(sc, "four")}})[0]; err != nil {
		t.Fatal(err)
	}
	stands(t, s, sc, "four")
}

// intakesFail: where one of its events cannot be kept, none is, nor is the cursor; what else was in the batch is.
func intakesFail(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	old := taken(t, s, accept(sc))
	notHeld, sameID := accept(sc), accept(sc)
	notHeld.Held = true
	sameID.Run.ID, sameID.Event.RunID = old.ID, old.ID
	for _, bad := range []*run.Accept{notHeld, sameID} {
		for _, at := range []int{0, 2} {
			key := run.DedupeKey{Key: id(), Until: start.Add(time.Hour)}
			list := []*run.Accept{accept(sc, key), accept(sc), accept(sc)}
			list[at] = bad
			before, beside, after := runsOf(t, s, sc), accept(sc), accept(sc)
			errs := commit(t, s, &run.Write{Accept: beside}, &run.Write{Intake: &run.Intake{Accepts: list, Cursor: cursorOf(sc, "moved")}}, &run.Write{Accept: after})
			code(t, errs[1], fault.Conflict)
			if errs[0] != nil || errs[2] != nil {
				t.Errorf("others failed: %v", errs)
			}
			if n := runsOf(t, s, sc); n != before+2 {
				t.Errorf("of an intake that failed at %d, %d runs were kept", at, n-before-2)
			}
			alone := &run.Write{Intake: &run.Intake{Accepts: list, Cursor: cursorOf(sc, "moved")}}
			code(t, commit(t, s, alone)[0], fault.Conflict)
			stands(t, s, sc, "")
			if again := accept(sc, key); taken(t, s, again).Number != after.Run.Number+1 || again.FirstEvent != "" {
				t.Errorf("what was undone left a key or a number: %+v", again)
			}
		}
	}
}
