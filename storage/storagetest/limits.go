package storagetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

func claimable(t *testing.T, s *storage.Store, each int) (ids []string) {
	t.Helper()
	for _, w := range must[[]run.Wake](t)(s.Claimable(t.Context(), time.Now(), each, 100)) {
		ids = append(ids, w.ID)
	}
	return ids
}

// free is an accept of a run that nobody moves yet.
func free(a *run.Accept) *run.Accept {
	a.Owner, a.Run.Epoch = "", 0
	return a
}

func lines(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	standing := func(line, trigger string) run.Run {
		a := accept(sc)
		a.Run.Line, a.Run.Trigger = line, trigger
		return taken(t, s, a)
	}
	a1, a2, a3 := standing("a", "trigger"), standing("a", "trigger"), standing("a", "trigger")
	if b, other, none := standing("b", "trigger"), standing("a", "other"), standing("", "trigger"); b.Hold+other.Hold+none.Hold != run.NotHeld {
		t.Error("another line, another trigger and no line are held")
	}
	if a1.Hold != run.NotHeld || a1.Epoch != 1 || a2.Hold != run.BehindOther || a2.Epoch != 0 || a3.Hold != run.BehindOther {
		t.Fatalf("%+v\n%+v\n%+v", a1, a2, a3)
	}
	if err := s.ForgetLeases(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{a2.ID, a3.ID}, false)); len(got) != 0 {
		t.Errorf("who stands behind another was claimed: %+v", got)
	}
	if ids := claimable(t, s, 10); slices.Contains(ids, a2.ID) || slices.Contains(ids, a3.ID) || !slices.Contains(ids, a1.ID) {
		t.Errorf("claimable are %v", ids)
	}

	// A person ends one in the middle: nobody else moves up for it.
	got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{a2.ID}, true))
	if len(got) != 1 || got[0].Run.Hold != run.BehindOther || got[0].Run.Line != "a" {
		t.Fatalf("claimed are %+v", got)
	}
	end := func(r run.Run) *run.Append {
		a := appended(r, run.Cancelled, run.RunCancelled)
		a.Run.EndedAt, a.Run.Hold, a.Release = start, run.NotHeld, true
		if err := commit(t, s, &run.Write{Append: a})[0]; err != nil {
			t.Fatal(err)
		}
		return a
	}
	if end(got[0].Run).Freed || slices.Contains(claimable(t, s, 10), a3.ID) {
		t.Error("the last one moved up although the first has not ended")
	}

	// The first sleeps: it holds its line all the same.
	sleeps := appended(a1, run.Waiting, run.RunStarted, run.RunWaiting)
	sleeps.Run.WakeAt, sleeps.Release = start, true
	if err := commit(t, s, &run.Write{Append: sleeps})[0]; err != nil {
		t.Fatal(err)
	}
	if slices.Contains(claimable(t, s, 10), a3.ID) {
		t.Error("a sleeping run does not hold its line")
	}
	woken := must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{a1.ID}, false))
	if !end(woken[0].Run).Freed || !slices.Contains(claimable(t, s, 10), a3.ID) {
		t.Error("the next does not move up when the first has ended")
	}
	if r := must[run.Run](t)(s.Run(t.Context(), system, a3.ID)); r.Hold != run.NotHeld {
		t.Errorf("%+v", r)
	}
}

func beyond(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	says(t, s, sc, scenario.Trigger{Concurrency: 1})
	var ids []string
	for range 3 {
		a := free(accept(sc))
		a.Run.Limit, a.Run.Hold = 1, run.BeyondLimit
		ids = append(ids, taken(t, s, a).ID)
	}
	if got := claimable(t, s, 10); len(got) != 0 {
		t.Errorf("claimable are %v", got)
	}
	gates := must[[]run.Gate](t)(s.Gates(t.Context()))
	if want := (run.Gate{Scenario: sc.ID, Trigger: "trigger", Limit: 1}); len(gates) != 1 || gates[0] != want {
		t.Fatalf("the gates are %+v", gates)
	}
	if got := must[[]string](t)(s.Beyond(t.Context(), gates[0], 2)); !slices.Equal(got, ids[:2]) {
		t.Errorf("held are %v, not %v", got, ids[:2])
	}
	got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", ids[:1], false))
	if len(got) != 1 || got[0].Run.Hold != run.NotHeld || got[0].Run.Limit != 1 {
		t.Fatalf("claimed are %+v", got)
	}
	back := &run.Append{Run: got[0].Run, Owner: "you", Release: true}
	back.Run.Hold = run.BeyondLimit
	if err := commit(t, s, &run.Write{Append: back})[0]; err != nil {
		t.Fatal(err)
	}
	if got := must[[]string](t)(s.Beyond(t.Context(), gates[0], 10)); !slices.Equal(got, ids) {
		t.Errorf("given back, held are %v, not %v", got, ids)
	}

	// The version that is live says how many; where it does not limit them they wait for a place, as any other.
	says(t, s, sc, scenario.Trigger{Concurrency: 3})
	if gates := must[[]run.Gate](t)(s.Gates(t.Context())); len(gates) != 1 || gates[0].Limit != 3 {
		t.Errorf("published with 3, the gates are %+v", gates)
	}
	if got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", ids[:1], false)); len(got) != 1 || got[0].Run.Limit != 3 {
		t.Errorf("published with 3, claimed are %+v", got)
	}
	says(t, s, sc, scenario.Trigger{})
	if gates := must[[]run.Gate](t)(s.Gates(t.Context())); len(gates) != 0 {
		t.Errorf("published without a limit, the gates are %+v", gates)
	}
	if got := claimable(t, s, 10); !slices.Equal(got, ids) { // nobody alive holds the first
		t.Errorf("published without a limit, claimable are %v, not %v", got, ids)
	}
}

func shared(t *testing.T, s *storage.Store) {
	long, short := makeScenario(t, s, system, "long"), makeScenario(t, s, system, "short")
	for range 20 {
		taken(t, s, free(accept(long)))
	}
	last := taken(t, s, free(accept(short)))
	if ids := claimable(t, s, 5); len(ids) != 6 || ids[5] != last.ID {
		t.Errorf("claimable are %v", ids)
	}
	if list := must[[]run.Wake](t)(s.Claimable(t.Context(), time.Now(), 100, 3)); len(list) != 3 || list[0].Scenario != long.ID {
		t.Errorf("%+v", list)
	}
}

func told(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	many, large := taken(t, s, accept(sc)), taken(t, s, accept(sc))
	tell := func(r run.Run, data string) error {
		return commit(t, s, &run.Write{Signal: &run.Signal{Workspace: r.Workspace, Run: r.ID, Kind: run.SignalEvent, Key: id(), Data: []byte(data), At: start}})[0]
	}
	for i := range 1001 {
		switch err := tell(many, `{}`); {
		case i < 1000 && err != nil:
			t.Fatal(err)
		case i == 1000:
			code(t, err, fault.RateLimited)
		}
	}
	again := func(body string) *run.Signal {
		g := &run.Signal{Workspace: large.Workspace, Run: large.ID, Kind: run.SignalEvent, Key: "again", Data: []byte(`{}`), Body: body, At: start}
		if err := commit(t, s, &run.Write{Signal: g})[0]; err != nil {
			t.Fatal(err)
		}
		return g
	}
	for i, c := range []struct {
		body         string
		known, other bool
	}{{"one", false, false}, {"one", true, false}, {"two", true, true}, {"", true, false}} {
		if g := again(c.body); g.Known != c.known || g.OtherBody != c.other {
			t.Errorf("%d: known %v, of another body %v", i, g.Known, g.OtherBody)
		}
	}
	body := `"` + strings.Repeat("x", 6<<20) + `"`
	for i := range 3 {
		switch err := tell(large, body); {
		case i < 2 && err != nil:
			t.Fatal(err)
		case i == 2:
			code(t, err, fault.RateLimited)
		}
	}
}

func wokenAndDead(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	for _, status := range []run.Status{run.Waiting, run.Incomplete, run.Uncertain} {
		sleeps := appended(taken(t, s, accept(sc)), status, run.RunStarted, run.RunWaiting)
		sleeps.Run.WakeAt, sleeps.Release = start, true
		if err := commit(t, s, &run.Write{Append: sleeps})[0]; err != nil {
			t.Fatal(err)
		}
		due := func() int { return len(must[[]run.Wake](t)(s.Due(t.Context(), time.Now(), 10))) }
		if err := s.Heartbeat(t.Context(), "you", time.Now().Add(time.Hour)); err != nil || due() != 1 {
			t.Fatal(err, due())
		}
		got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{sleeps.Run.ID}, false))
		if len(got) != 1 || !got[0].Run.WakeAt.IsZero() || due() != 0 || slices.Contains(claimable(t, s, 10), sleeps.Run.ID) {
			t.Fatalf("claimed are %+v, due %d", got, due())
		}
		if err := s.ForgetLeases(t.Context()); err != nil || due() != 0 || !slices.Contains(claimable(t, s, 10), sleeps.Run.ID) {
			t.Errorf("the run that was %s when its process died sleeps: %v, due %d", status, err, due())
		}
	}
}

func claimsAnew(t *testing.T, s *storage.Store) {
	r := taken(t, s, accept(makeScenario(t, s, system, "s")))
	for _, owner := range []string{"me", "you"} {
		if err := s.Heartbeat(t.Context(), owner, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{r.ID}, false)); len(got) != 0 {
		t.Errorf("another took %+v", got)
	}
	got := must[[]run.Lease](t)(s.Claim(t.Context(), "me", []string{r.ID}, false))
	if len(got) != 1 || got[0].Run.Epoch != r.Epoch+1 {
		t.Fatalf("claimed anew are %+v", got)
	}
	code(t, commit(t, s, &run.Write{Append: appended(r, run.Running, run.RunStarted)})[0], fault.Conflict)
}

func movedUp(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	standing := func() run.Run {
		a := accept(sc)
		a.Run.Line = "a"
		return taken(t, s, a)
	}
	first, second := standing(), standing()
	must[[]run.Lease](t)(s.Claim(t.Context(), "me", []string{second.ID}, true))
	told := must[[]run.Lease](t)(s.Claim(t.Context(), "me", []string{second.ID}, false))[0].Run // its process lost sight of it
	end := appended(first, run.Succeeded, run.RunStarted, run.RunSucceeded)
	end.Run.EndedAt, end.Release = start, true
	back := &run.Append{Run: told, Owner: "me", Release: true}
	for _, err := range commit(t, s, &run.Write{Append: end}, &run.Write{Append: back}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if r := must[run.Run](t)(s.Run(t.Context(), system, second.ID)); !end.Freed || told.Hold != run.BehindOther || r.Hold != run.NotHeld || !slices.Contains(claimable(t, s, 10), r.ID) {
		t.Errorf("it was put back behind a run that has ended: %+v", r)
	}
}

func excerpts(t *testing.T, s *storage.Store) {
	r := taken(t, s, accept(makeScenario(t, s, system, "s")))
	for range 10 {
		a := appended(r, run.Running, run.StepStarted, run.StepSucceeded, run.StepStarted)
		if err := commit(t, s, &run.Write{Append: a})[0]; err != nil {
			t.Fatal(err)
		}
		r = a.Run
	}
	for _, c := range []struct {
		after      int64
		head, tail int
		want       []int64 // first and last of each part
		hidden     int64
	}{
		{0, 100, 10, []int64{1, 31}, 0}, {0, 5, 0, []int64{1, 5}, 0}, {4, 3, 0, []int64{5, 7}, 0}, {0, 5, 4, []int64{1, 5, 28, 31}, 22},
		{0, 29, 1, []int64{1, 29, 31, 31}, 1}, {0, 30, 5, []int64{1, 31}, 0}, {31, 5, 5, nil, 0}, {0, 31, 5, []int64{1, 31}, 0},
	} {
		list, hidden, err := s.Excerpt(t.Context(), system, r.ID, run.Excerpt{After: c.after, First: c.head, Last: c.tail})
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for i, e := range list {
			if i == 0 || e.Seq != list[i-1].Seq+1 {
				got = append(got, e.Seq, e.Seq)
			}
			got[len(got)-1] = e.Seq
		}
		if !slices.Equal(got, c.want) || hidden != c.hidden {
			t.Errorf("%+v: %v, hidden %d", c, got, hidden)
		}
	}
	if list, _, err := s.Excerpt(t.Context(), other, r.ID, run.Excerpt{First: 10, Last: 10}); err != nil || len(list) > 0 {
		t.Errorf("another workspace reads %v, %v", list, err)
	}
}
