package storagetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

func overlaps(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	fires := func(o run.Overlap, trigger, key string) *run.Accept {
		a := accept(sc, run.DedupeKey{Key: key, Until: start.Add(time.Hour)})
		a.Run.Line, a.Run.Trigger, a.Event.Trigger, a.Overlap = "schedule", trigger, trigger, o
		a.Cursor = &run.Cursor{Workspace: sc.Workspace, ScenarioID: sc.ID, Trigger: trigger, Value: key}
		return a
	}
	first, passed, again, other := fires(run.OverlapSkip, "trigger", "1"), fires(run.OverlapSkip, "trigger", "2"), fires(run.OverlapSkip, "trigger", "2"), fires(run.OverlapSkip, "other", "1")
	for _, err := range commit(t, s, &run.Write{Accept: first}, &run.Write{Accept: passed}, &run.Write{Accept: again}, &run.Write{Accept: other}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if first.Instead != "" || passed.Instead == "" || other.Instead != "" || again.FirstEvent != passed.Event.ID || again.FirstRun != "" || again.Instead != "" {
		t.Fatalf("first %+v\npassed %+v\nagain %+v\nother %+v", first, passed, again, other)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, passed.Event.ID)); e.Outcome != run.Filtered || e.Detail != run.RunBefore || e.RunID != "" {
		t.Errorf("the event of a time that was passed over is %+v", e)
	}
	if _, err := s.Run(t.Context(), system, passed.Run.ID); err == nil {
		t.Error("it has a run all the same")
	}
	if ran := must[[]run.Event](t)(s.RanSince(t.Context(), system, sc.ID, "trigger", start)); len(ran) != 1 || ran[0].ID != first.Event.ID || string(ran[0].Value) != `{"a":1}` {
		t.Errorf("ran have %+v", ran)
	}
	if late := must[[]run.Event](t)(s.RanSince(t.Context(), system, sc.ID, "trigger", start.Add(time.Second))); len(late) != 0 {
		t.Errorf("later ran %+v", late)
	}
	if at := must[string](t)(s.Cursor(t.Context(), sc.Workspace, sc.ID, "trigger")); at != "2" {
		t.Errorf("the trigger stands at %q", at)
	}
	end := appended(*first.Run, run.Succeeded, run.RunSucceeded)
	end.Run.EndedAt, end.Release = start, true
	third := fires(run.OverlapSkip, "trigger", "3") // in the same transaction as the end
	if errs := commit(t, s, &run.Write{Append: end}, &run.Write{Accept: third}); errs[0] != nil || errs[1] != nil || third.Instead != "" || third.Run.Hold != run.NotHeld {
		t.Errorf("after the run before: %v %+v", errs, third)
	}
	cancelling(t, s, third.Run, fires)
}

func cancelling(t *testing.T, s *storage.Store, moves *run.Run, fires func(run.Overlap, string, string) *run.Accept) {
	waits := fires(run.OverlapQueue, "trigger", "4")
	taken(t, s, waits)
	cancels := fires(run.OverlapCancel, "trigger", "5")
	if err := commit(t, s, &run.Write{Accept: cancels})[0]; err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cancels.Told, []string{moves.ID, waits.Run.ID}) || cancels.Run.Hold != run.BehindOther || cancels.Instead != "" {
		t.Errorf("told are %v: %+v", cancels.Told, cancels.Run)
	}
	again := fires(run.OverlapCancel, "trigger", "6")
	if err := commit(t, s, &run.Write{Accept: again})[0]; err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{moves.ID, waits.Run.ID, cancels.Run.ID} {
		told := must[[]run.Signal](t)(s.Signals(t.Context(), id))
		if len(told) != 1 || told[0].Kind != run.SignalCancel || !strings.Contains(string(told[0].Data), "overlap") {
			t.Errorf("the run %s is told %+v", id, told)
		}
	}
	if told := must[[]run.Signal](t)(s.Signals(t.Context(), again.Run.ID)); len(told) != 0 {
		t.Errorf("the newest is told %+v", told)
	}
}
