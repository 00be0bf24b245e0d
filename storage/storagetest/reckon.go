package storagetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

// says publishes a version of a scenario whose triggers say this.
func says(t *testing.T, s *storage.Store, sc scenario.Stored, list ...scenario.Trigger) {
	t.Helper()
	var triggers []*scenario.Trigger
	for _, one := range list {
		one.Uses = "webhook"
		triggers = append(triggers, &one)
	}
	must[scenario.Stored](t)(s.Publish(t.Context(), system, sc.ID, scenario.Release{Definition: []byte(`{}`), Facts: []byte(`{}`), Triggers: triggers}))
}

// turnsAnew: runs that wait for their turn go by the throttle of the version that is live.
func turnsAnew(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	says(t, s, sc, scenario.Trigger{Throttle: "1/1h"})
	before := time.Now().Add(-time.Millisecond)
	paced := func(pace run.Pace) run.Run {
		a := free(accept(sc))
		a.Run.Pace = pace
		return taken(t, s, a)
	}
	var ids []string
	for range 6 {
		ids = append(ids, paced(run.Pace{Most: 1, Window: time.Hour}).ID)
	}
	turns := func(want ...time.Duration) {
		t.Helper()
		var got []time.Duration
		for _, id := range ids {
			r := must[run.Run](t)(s.Run(t.Context(), system, id))
			if r.WakeAt.IsZero() {
				got = append(got, -1)
				continue
			}
			got = append(got, r.WakeAt.Sub(before).Truncate(time.Minute))
		}
		if !slices.Equal(got, want) {
			t.Errorf("the runs begin after %v, not %v", got, want)
		}
	}
	const h = time.Hour
	turns(0, h, 2*h, 3*h, 4*h, 5*h)

	// The third is cancelled, and takes no turn any more.
	lease := must[[]run.Lease](t)(s.Claim(t.Context(), "me", ids[2:3], false))
	ended := appended(lease[0].Run, run.Cancelled, run.RunCancelled)
	ended.Run.EndedAt, ended.Release = start, true
	if err := commit(t, s, &run.Write{Append: ended})[0]; err != nil {
		t.Fatal(err)
	}
	says(t, s, sc, scenario.Trigger{Throttle: "2/30m"})
	turns(0, 0, -1, h/2, h/2, h)
	says(t, s, sc, scenario.Trigger{Throttle: "2/30m"})
	turns(0, 0, -1, h/2, h/2, h)
	says(t, s, sc, scenario.Trigger{Throttle: "1/2h", Concurrency: 1})
	turns(0, 0, -1, 2*h, 4*h, 6*h)

	// One of an older version that comes in late goes by the live one's, behind those before it.
	if late := paced(run.Pace{Most: 1, Window: time.Hour}); late.WakeAt.Sub(before).Truncate(time.Minute) != 8*h {
		t.Errorf("a late one begins at %s", late.WakeAt)
	}
	says(t, s, sc, scenario.Trigger{})
	turns(0, 0, -1, -1, -1, -1)
	if got := claimable(t, s, 10); len(got) != 4 || !slices.Equal(got[:3], ids[3:]) {
		t.Errorf("without a throttle claimable are %v, not %v and the late one", got, ids[3:])
	}
	if late := paced(run.Pace{Most: 1, Window: time.Hour}); !late.WakeAt.IsZero() || late.Pace.Most != 0 {
		t.Errorf("without a throttle a late one waits until %s", late.WakeAt)
	}
}

// duesAnew: events that wait for others are due by the debounce and the batch of the version that is live.
func duesAnew(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	hour, minute := scenario.Trigger{Debounce: &scenario.Debounce{For: "1h"}, Batch: &scenario.Batch{For: "2h"}}, scenario.Trigger{Debounce: &scenario.Debounce{For: "1m"}, Batch: &scenario.Batch{For: "2m"}}
	says(t, s, sc, hour)
	quiet := gathered(t, s, sc, run.Gather{Key: "quiet:a", Due: start.Add(time.Hour), Latest: true, For: time.Hour})
	batch := gathered(t, s, sc, run.Gather{Key: run.BatchKey, Due: start.Add(3 * time.Hour), For: 2 * time.Hour})
	due := func(of run.Event) time.Time {
		t.Helper()
		for at := start; !at.After(run.Never()); {
			list, next, err := s.DueEvents(t.Context(), sc.ID, "trigger", at, 10)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(list, func(g run.Gathered) bool { return g.ID == of.ID }) {
				return at
			}
			if next.IsZero() {
				break
			}
			at = next
		}
		t.Fatalf("the event %s does not wait", of.ID)
		return time.Time{}
	}
	soon := func(at time.Time) bool { return time.Since(at).Abs() < time.Minute }
	for _, c := range []struct {
		says         scenario.Trigger
		quiet, batch func(time.Time) bool
	}{
		{minute, start.Add(time.Minute).Equal, start.Add(3 * time.Minute).Equal},
		{scenario.Trigger{Batch: &scenario.Batch{Size: 5}}, soon, run.Never().Equal},
		{scenario.Trigger{Batch: &scenario.Batch{For: "10m"}}, soon, start.Add(10 * time.Minute).Equal},
		{scenario.Trigger{Debounce: &scenario.Debounce{For: "30s"}}, start.Add(30 * time.Second).Equal, soon},
		{hour, start.Add(time.Hour).Equal, start.Add(3 * time.Hour).Equal},
	} {
		says(t, s, sc, c.says)
		if at := due(quiet); !c.quiet(at) {
			t.Errorf("%+v %+v: what is waited after is due at %s", c.says.Debounce, c.says.Batch, at)
		}
		if at := due(batch); !c.batch(at) {
			t.Errorf("%+v %+v: what waits for a batch is due at %s", c.says.Debounce, c.says.Batch, at)
		}
	}

	// Those that come in late, by an older version, go by the live one.
	says(t, s, sc, minute)
	late := gathered(t, s, sc, run.Gather{Key: "quiet:b", Due: start.Add(time.Hour), Latest: true, For: time.Hour})
	lateBatch := gathered(t, s, sc, run.Gather{Key: run.BatchKey, Due: run.Never(), For: run.UntilEnough})
	if a, b := due(late), due(lateBatch); !a.Equal(start.Add(time.Minute)) || !b.Equal(start.Add(2*time.Minute)) {
		t.Errorf("late ones are due at %s and %s", a, b)
	}
	says(t, s, sc, scenario.Trigger{Batch: &scenario.Batch{Size: 5}})
	late = gathered(t, s, sc, run.Gather{Key: "quiet:c", Due: start.Add(time.Hour), Latest: true, For: time.Hour})
	lateBatch = gathered(t, s, sc, run.Gather{Key: run.BatchKey, Due: start.Add(time.Hour), For: time.Hour})
	if a, b := due(late), due(lateBatch); !soon(a) || !b.Equal(run.Never()) {
		t.Errorf("late ones are due at %s and %s", a, b)
	}
}

// renamed: runs of a trigger that was given another id keep their places in its lines, and go by what it says now.
func renamed(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	says(t, s, sc, scenario.Trigger{ID: "trigger", Throttle: "1/1h"})
	standing := func(trigger string) run.Run {
		a := accept(sc)
		a.Run.Line, a.Run.Trigger, a.Event.Trigger = "a", trigger, trigger
		return taken(t, s, a)
	}
	first, second := standing("trigger"), standing("trigger")
	var paced []string
	for range 3 {
		a := free(accept(sc))
		a.Run.Pace = run.Pace{Most: 1, Window: time.Hour}
		paced = append(paced, taken(t, s, a).ID)
	}
	says(t, s, sc, scenario.Trigger{ID: "hook"})
	third := standing("hook")
	if first.Hold != run.NotHeld || second.Hold != run.BehindOther || third.Hold != run.BehindOther {
		t.Errorf("%+v\n%+v\n%+v", first, second, third)
	}
	for _, id := range paced {
		if r := must[run.Run](t)(s.Run(t.Context(), system, id)); r.Trigger != "hook" || r.WakeAt.After(time.Now()) {
			t.Errorf("it waits for its turn still: %+v", r)
		}
	}
	for i, next := range []run.Run{second, third} { // the process that moves the first knows it by the trigger's old id
		r := first
		if i > 0 {
			r = must[[]run.Lease](t)(s.Claim(t.Context(), "me", []string{second.ID}, false))[0].Run
		}
		end := appended(r, run.Succeeded, run.RunStarted, run.RunSucceeded)
		end.Run.EndedAt, end.Release = start, true
		if err := commit(t, s, &run.Write{Append: end})[0]; err != nil {
			t.Fatal(err)
		}
		if !end.Freed || !slices.Contains(claimable(t, s, 10), next.ID) {
			t.Errorf("the next does not move up behind %+v", r)
		}
	}
}
