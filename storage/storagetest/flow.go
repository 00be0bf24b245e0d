package storagetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

func paced(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	says(t, s, sc, scenario.Trigger{Throttle: "2/1h"}, scenario.Trigger{ID: "other", Throttle: "2/1h"}, scenario.Trigger{ID: "lines", Throttle: "2/1h"})
	pace := run.Pace{Most: 2, Window: time.Hour}
	turn := func(trigger, line string) run.Run {
		a := free(accept(sc))
		a.Run.Pace, a.Run.Trigger, a.Run.Line = pace, trigger, line
		return taken(t, s, a)
	}
	before := time.Now().Add(-time.Millisecond)
	var got []time.Duration
	for range 5 {
		got = append(got, turn("trigger", "").WakeAt.Sub(before).Truncate(30*time.Minute))
	}
	if want := []time.Duration{0, 0, time.Hour, time.Hour, 2 * time.Hour}; !slices.Equal(got, want) {
		t.Errorf("the runs begin after %v, not %v", got, want)
	}
	if other := turn("other", ""); other.WakeAt.After(time.Now()) {
		t.Errorf("another trigger's run waits until %s", other.WakeAt)
	}
	if due := must[[]run.Wake](t)(s.Due(t.Context(), time.Now().Add(90*time.Minute), 10)); len(due) != 5 {
		t.Errorf("%d runs are due within the time, not 5", len(due))
	}
	if ids := claimable(t, s, 10); len(ids) != 0 {
		t.Errorf("runs that have a turn may begin before it: %v", ids)
	}

	// One that stood behind another begins at once when its turn is over, and at its turn where that is still to come.
	first, second, third := turn("lines", "a"), turn("lines", "a"), turn("lines", "a")
	if second.Hold != run.BehindOther || third.Hold != run.BehindOther {
		t.Fatalf("%+v %+v", second, third)
	}
	end := func(id string) {
		got := must[[]run.Lease](t)(s.Claim(t.Context(), "me", []string{id}, false))
		if len(got) != 1 {
			t.Fatalf("the run was not claimed: %+v", got)
		}
		a := appended(got[0].Run, run.Cancelled, run.RunCancelled)
		a.Run.EndedAt, a.Release = start, true
		if err := commit(t, s, &run.Write{Append: a})[0]; err != nil {
			t.Fatal(err)
		}
	}
	end(first.ID)
	if ids := claimable(t, s, 10); !slices.Equal(ids, []string{second.ID}) {
		t.Errorf("claimable are %v, not the second of the line", ids)
	}
	end(second.ID)
	if r := must[run.Run](t)(s.Run(t.Context(), system, third.ID)); len(claimable(t, s, 10)) != 0 || r.Hold != run.NotHeld || !r.WakeAt.After(time.Now()) {
		t.Errorf("the third of the line does not wait for its turn: %+v", r)
	}
}

func prior(t *testing.T, s *storage.Store) {
	a, b := makeScenario(t, s, system, "a"), makeScenario(t, s, system, "b")
	ids := map[string]string{}
	for _, one := range []struct {
		name     string
		of       scenario.Stored
		priority int
	}{{"low", a, -1}, {"old", a, 0}, {"new", a, 0}, {"other", b, 0}, {"high", b, 5}} {
		w := free(accept(one.of))
		w.Run.Priority = one.priority
		ids[taken(t, s, w).ID] = one.name
	}
	var got []string
	for _, id := range claimable(t, s, 10) {
		got = append(got, ids[id])
	}
	if want := []string{"high", "old", "new", "other", "low"}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, not %v", got, want)
	}
	if got := claimable(t, s, 1); len(got) != 2 || ids[got[0]] != "high" || ids[got[1]] != "old" {
		t.Errorf("the first of each scenario are %v", got)
	}
}

// gathered takes in an event that waits for others.
func gathered(t *testing.T, s *storage.Store, sc scenario.Stored, g run.Gather) run.Event {
	t.Helper()
	a := accept(sc)
	a.Run, a.Entries, a.Gather, a.Event.RunID, a.Event.Outcome = nil, nil, &g, "", run.Held
	if err := commit(t, s, &run.Write{Accept: a})[0]; err != nil {
		t.Fatal(err)
	}
	return a.Event
}

// starts makes the write that starts a run of a stored event.
func starts(sc scenario.Stored, e run.Event) *run.Accept {
	a := accept(sc)
	a.Held, a.Event.ID, a.Run.EventID = true, e.ID, e.ID
	return a
}

func debounced(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	soon, later := start.Add(time.Minute), start.Add(time.Hour)
	first := gathered(t, s, sc, run.Gather{Key: "a", Due: soon, Latest: true})
	other := gathered(t, s, sc, run.Gather{Key: "b", Due: later, Latest: true})
	last := gathered(t, s, sc, run.Gather{Key: "a", Due: soon, Latest: true})
	if e := must[run.Event](t)(s.Event(t.Context(), system, first.ID)); e.Outcome != run.Replaced || e.Detail == "" {
		t.Errorf("the first is %+v", e)
	}
	due, next, err := s.DueEvents(t.Context(), sc.ID, "trigger", start.Add(2*time.Minute), 10)
	if err != nil || len(due) != 1 || due[0] != (run.Gathered{ID: last.ID, Key: "a"}) || !next.Equal(later) {
		t.Fatalf("due are %+v, next at %s: %v", due, next, err)
	}
	if held := must[[]run.Event](t)(s.HeldEvents(t.Context(), system, sc.ID, 10)); len(held) != 0 {
		t.Errorf("resuming would start what waits for others: %+v", held)
	}
	taken(t, s, starts(sc, last))
	if e := must[run.Event](t)(s.Event(t.Context(), system, last.ID)); e.Outcome != run.Accepted || e.RunID == "" {
		t.Errorf("the last is %+v", e)
	}
	for _, e := range []run.Event{first, last} {
		code(t, commit(t, s, &run.Write{Accept: starts(sc, e)})[0], fault.Conflict)
	}
	if n := must[run.EventPage](t)(s.Events(t.Context(), system, run.EventFilter{Outcome: run.Held})); len(n.Events) != 1 || n.Events[0].ID != other.ID {
		t.Errorf("waiting are %+v", n.Events)
	}
	// What was waited after goes on to a batch.
	moves := starts(sc, other)
	moves.Run, moves.Entries, moves.Gather, moves.Event.Outcome = nil, nil, &run.Gather{Key: "batch", Due: soon}, run.Held
	if err := commit(t, s, &run.Write{Accept: moves})[0]; err != nil {
		t.Fatal(err)
	}
	if n, at, err := s.Waiting(t.Context(), sc.ID, "trigger", "batch", 10); n != 1 || !at.Equal(soon) || err != nil {
		t.Errorf("%d wait for the batch, due at %s: %v", n, at, err)
	}
}

func batched(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	var list []run.Event
	for i := range 4 {
		list = append(list, gathered(t, s, sc, run.Gather{Key: "k", Due: start.Add(time.Duration(i) * time.Minute)}))
	}
	if n, due, err := s.Waiting(t.Context(), sc.ID, "trigger", "k", 3); n != 3 || !due.Equal(start) || err != nil {
		t.Errorf("%d wait, the first due at %s: %v", n, due, err)
	}
	read := must[[]run.Event](t)(s.GatheredEvents(t.Context(), sc.ID, "trigger", "k", 3))
	if len(read) != 3 || read[0].ID != list[0].ID || string(read[2].Value) != `{"a":1}` {
		t.Fatalf("%+v", read)
	}
	together := accept(sc)
	together.Members = &run.Members{Key: "k", Last: list[2].ID, Count: 2}
	before := must[run.EventPage](t)(s.Events(t.Context(), system, run.EventFilter{})).Events
	code(t, commit(t, s, &run.Write{Accept: together})[0], fault.Conflict)
	if after := must[run.EventPage](t)(s.Events(t.Context(), system, run.EventFilter{})).Events; len(after) != len(before) || after[0].Outcome != run.Held {
		t.Errorf("a batch that is another by now left something: %+v", after)
	}
	together.Members.Count = 3
	r := taken(t, s, together)
	for i, e := range list {
		e = must[run.Event](t)(s.Event(t.Context(), system, e.ID))
		if in := e.Outcome == run.Accepted && e.RunID == r.ID; in != (i < 3) {
			t.Errorf("the event %d is %+v", i, e)
		}
	}
	if n, _, err := s.Waiting(t.Context(), sc.ID, "trigger", "k", 3); n != 1 || err != nil {
		t.Errorf("%d wait for the next batch: %v", n, err)
	}
	code(t, commit(t, s, &run.Write{Accept: together})[0], fault.Conflict)

	// They are let go of once their run is.
	if n, err := s.ForgetEvents(t.Context(), sc.Workspace, sc.ID, time.Now().Add(time.Hour), 10); n != 0 || err != nil {
		t.Errorf("%d events were forgotten: %v", n, err)
	}
	ended := appended(r, run.Succeeded, run.RunSucceeded)
	ended.Run.EndedAt, ended.Release = start, true
	if err := commit(t, s, &run.Write{Append: ended})[0]; err != nil {
		t.Fatal(err)
	}
	old := must[[]run.Old](t)(s.OldestRuns(t.Context(), "", 10))
	if n, err := s.Forget(t.Context(), old, time.Minute); n != 1 || err != nil {
		t.Fatalf("%d runs were forgotten: %v", n, err)
	}
	if n, err := s.ForgetEvents(t.Context(), sc.Workspace, sc.ID, time.Now().Add(time.Hour), 10); n != 3 || err != nil {
		t.Errorf("%d events were forgotten: %v", n, err)
	}
}

func ungathered(t *testing.T, s *storage.Store) {
	a, b := makeScenario(t, s, system, "a"), makeScenario(t, s, system, "b")
	one := gathered(t, s, a, run.Gather{Key: "k", Due: start})
	gathered(t, s, a, run.Gather{Key: "l", Due: run.Never()})
	two := gathered(t, s, b, run.Gather{Key: "k", Due: start})
	want := [][2]string{{a.ID, "trigger"}, {b.ID, "trigger"}}
	if got := must[[][2]string](t)(s.Gatherings(t.Context())); !slices.Equal(got, want) {
		t.Errorf("the gatherings are %v", got)
	}
	if n, err := s.Ungather(t.Context(), a.ID, "trigger", "its trigger is gone", 1); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if n, err := s.Ungather(t.Context(), a.ID, "trigger", "its trigger is gone", 10); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if n, err := s.Ungather(t.Context(), b.ID, "trigger", "", 10); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, one.ID)); e.Outcome != run.Filtered || e.Detail != "its trigger is gone" {
		t.Errorf("%+v", e)
	}
	if held := must[[]run.Event](t)(s.HeldEvents(t.Context(), system, b.ID, 10)); len(held) != 1 || held[0].ID != two.ID {
		t.Errorf("held are %+v", held)
	}
	if got := must[[][2]string](t)(s.Gatherings(t.Context())); len(got) != 0 {
		t.Errorf("the gatherings are %v", got)
	}
}
