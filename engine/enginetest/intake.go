package enginetest

import (
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

func cursorOf(s scenario.Stored, v string) *run.Cursor {
	return &run.Cursor{Workspace: s.Workspace, ScenarioID: s.ID, Trigger: "trigger", Value: v}
}

func runsOf(t *testing.T, b Bench, s scenario.Stored) int {
	t.Helper()
	page, err := b.Store().Runs(t.Context(), actor, run.Filter{Scenario: s.Slug})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// stands fails the test where the cursor of a scenario's trigger is another one.
func stands(t *testing.T, b Bench, s scenario.Stored, want string) {
	t.Helper()
	got, err := b.Store().Cursor(t.Context(), s.Workspace, s.ID, "trigger")
	if want == "" && fault.CodeOf(err) == fault.NotFound {
		return
	}
	if err != nil || got != want {
		t.Errorf("the cursor is %q (%v), not %q", got, err, want)
	}
}

func manyIn(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "many", `"trigger": {"uses": "webhook", "concurrency": 2}`, `[{"id": "a", "uses": "once.send"}]`)
	outside := &Outside{}
	e, stop, _ := b.Start(outside)
	defer stop()
	key := []run.DedupeKey{{Key: "delivery:1", Until: time.Now().Add(time.Hour)}}
	first := event(s, 0)
	first.Accept.Dedupe = key
	if err := e.Accept(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	var starts []*run.Start
	for n := range 20 {
		starts = append(starts, event(s, n+1))
	}
	starts[7].Accept.Dedupe = key
	starts[9].Accept.Event.Outcome = run.Filtered
	if err := e.AcceptAll(t.Context(), starts, cursorOf(s, "one")); err != nil {
		t.Fatal(err)
	}
	stands(t, b, s, "one")
	for n, start := range starts {
		switch {
		case n == 7:
			if start.Accept.FirstRun != first.Accept.Event.RunID {
				t.Errorf("the known event is of the run %q", start.Accept.FirstRun)
			}
		case n == 9:
			if got, err := b.Store().Event(t.Context(), actor, start.Accept.Event.ID); err != nil || got.Outcome != run.Filtered {
				t.Errorf("%+v (%v)", got, err)
			}
		default:
			until(t, b.Store(), start.Accept.Event.RunID, run.Succeeded)
		}
	}
	if n := runsOf(t, b, s); n != 19 || len(outside.Keys("once.send")) != 19 {
		t.Errorf("%d runs made %d calls", n, len(outside.Keys("once.send")))
	}
	if err := e.AcceptAll(t.Context(), nil, cursorOf(s, "two")); err != nil {
		t.Fatal(err)
	}
	stands(t, b, s, "two")
}

func noneIn(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "none", `"trigger": {"uses": "webhook", "concurrency": 3}`, `[{"id": "a", "uses": "once.send"}]`)
	outside := &Outside{}
	e, stop, _ := b.Start(outside)
	defer stop()
	bad := event(s, 3)
	bad.Accept.Held = true // it is not
	starts := []*run.Start{event(s, 1), event(s, 2), bad, event(s, 4), event(s, 5)}
	if err := e.AcceptAll(t.Context(), starts, cursorOf(s, "one")); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("the error is %v", err)
	}
	stands(t, b, s, "")
	if n := runsOf(t, b, s); n != 0 {
		t.Errorf("%d runs were kept", n)
	}
	again := []*run.Start{event(s, 1), event(s, 2), event(s, 3), event(s, 4)} // nothing is taken up by those that were not kept
	if err := e.AcceptAll(t.Context(), again, cursorOf(s, "two")); err != nil {
		t.Fatal(err)
	}
	for _, start := range again {
		until(t, b.Store(), start.Accept.Event.RunID, run.Succeeded)
	}
	if n := len(outside.Keys("once.send")); n != 4 {
		t.Errorf("%d calls were made", n)
	}
}

func manyCrash(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "dies", `"trigger": {"uses": "webhook", "order_by": "{{ trigger % 3 }}"}`, `[{"id": "a", "uses": "idempotent.send"}]`)
	e, _, kill := b.Start(&Outside{})
	var starts []*run.Start
	for n := range 30 {
		starts = append(starts, event(s, n))
	}
	if err := e.AcceptAll(t.Context(), starts, cursorOf(s, "all")); err != nil {
		t.Fatal(err)
	}
	kill()
	_, stop, _ := b.Start(&Outside{})
	defer stop()
	for _, start := range starts {
		until(t, b.Store(), start.Accept.Event.RunID, run.Succeeded)
	}
	stands(t, b, s, "all")
	if n := runsOf(t, b, s); n != 30 {
		t.Errorf("%d runs", n)
	}
}
