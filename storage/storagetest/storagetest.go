// Package storagetest is the store's contract, as one suite that every database runs.
package storagetest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

var (
	system = run.SystemActor(run.DefaultWorkspace)
	other  = run.SystemActor("other")
	start  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Run runs the suite.
func Run(t *testing.T, open func(t *testing.T) *storage.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *storage.Store)
	}{
		{"an event and its run are kept together, and a run's journal in order", kept},
		{"a lost lease cannot append, and fails nobody else", lostLease},
		{"a journal has no gap", noGap},
		{"the same key twice is one event", dedupe},
		{"several events and their cursor are kept together, without those known", intakes},
		{"where one of several events cannot be kept, none is, and the cursor stays", intakesFail},
		{"a claim raises the epoch and passes over the living", claims},
		{"of a long journal its ends are read", excerpts},
		{"of a large journal no more is read than was asked for", largeJournal},
		{"a journal loses what a mark lets go of", shortens},
		{"a run takes so many events and no more", told},
		{"a run that had just been woken when its process died wakes again", wokenAndDead},
		{"a process claims anew what it lost sight of, and nobody else does", claimsAnew},
		{"a run that moves up while it is told something stays there", movedUp},
		{"the runs of a line are held until it is their turn", lines},
		{"a run whose trigger overlaps is passed over, or those before it are told to end", overlaps},
		{"an event that must not overtake those that are held is held behind them", ordered},
		{"runs beyond their trigger's limit are held and listed in their order", beyond},
		{"a scenario's long queue hides no other's", shared},
		{"no more runs of a trigger begin in a time than its pace", paced},
		{"a trigger that is given another id keeps its URL", inherited},
		{"runs of a trigger that is given another id keep their places", renamed},
		{"runs that wait for their turn go by what is published anew", turnsAnew},
		{"events that wait for others go by what is published anew", duesAnew},
		{"a called run that would wait for its caller in a line fails", circles},
		{"the runs that led to one by their calls are found, and a scenario that calls itself is counted", callers},
		{"a data store keeps values, and does once what a step does", data},
		{"a lock is one run's at a time", locks},
		{"of the runs that wait for a place the higher priority comes first", prior},
		{"of events that are waited after only the last is left", debounced},
		{"events gathered for a batch start one run, all or none", batched},
		{"events whose trigger gathers no more are let go of", ungathered},
		{"timers come in their order", timers},
		{"the feed goes on from any position", feed},
		{"runs are listed, filtered and paged", runs},
		{"the runs that need somebody are found until somebody acted", needing},
		{"events are listed, and held ones start once", events},
		{"scenarios, drafts, versions and triggers", scenarios},
		{"workspaces do not see one another", workspaces},
		{"connections and secrets are sealed", sealed},
		{"tokens are renewed by one at a time, and not from old ones", refreshes},
		{"a connection's state is that of now", connectionStates},
		{"tokens go when what they were given for is replaced", replaced},
		{"a sign-in ends once, where it began", signIns},
		{"steps stand for want of a connection until it is mended", stand},
		{"what is set about a connection mends and spoils nothing", configured},
		{"no text shows a token", tokensSealed},
		{"subscriptions are kept with their secrets sealed", subscriptions},
		{"what is masked comes back to who goes on with a run only", masked},
		{"files stay as long as an event that has them", files},
		{"what is kept apart goes with what refers to it", large},
		{"users, sessions and keys", people},
		{"what triggers last had to do with is kept, and found in what came since", seen},
		{"what requests are waited for is kept until it is long over", captures},
		{"jobs are kept with how far they are, and a stopped one stays so", jobs},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

var made atomic.Int64

// id is an identifier as runs that were made at start have, each later than the one before.
func id() string {
	b := uuid.Must(uuid.NewV7())
	ms := uint64(start.UnixMilli() + made.Add(1))
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return b.String()
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func code(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != want {
		t.Errorf("the error is %v, not %s", err, want)
	}
}

func makeScenario(t *testing.T, s *storage.Store, a run.Actor, slug string) scenario.Stored {
	t.Helper()
	made := must[scenario.Stored](t)(s.CreateScenario(t.Context(), a, scenario.Stored{Slug: slug, Name: slug, Draft: []byte(`{"n": 1}`), Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "webhook"}}}))
	return must[scenario.Stored](t)(s.Publish(t.Context(), a, made.ID, scenario.Release{Definition: made.Draft, Facts: []byte(`{}`), Triggers: []*scenario.Trigger{{Uses: "webhook"}}}))
}

// accept makes the write that takes an event in.
func accept(s scenario.Stored, keys ...run.DedupeKey) *run.Accept {
	r := run.Run{ID: id(), Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Version: 1, Trigger: "trigger", EventID: id(), Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: start}
	return &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: start}}, Dedupe: keys,
		Event: run.Event{ID: r.EventID, Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: "trigger", Outcome: run.Accepted, RunID: r.ID, Value: []byte(`{"a":1}`), Raw: []byte(`{ "a": 1 }`), Header: map[string]string{"x": "y"}, Source: "webhook", At: start}}
}

func commit(t *testing.T, s *storage.Store, writes ...*run.Write) []error {
	t.Helper()
	return s.Commit(t.Context(), writes)
}

func taken(t *testing.T, s *storage.Store, a *run.Accept) run.Run {
	t.Helper()
	if err := commit(t, s, &run.Write{Accept: a})[0]; err != nil {
		t.Fatal(err)
	}
	return *a.Run
}

// listed goes through the journal that a run is taken up from.
func listed(t *testing.T, in run.Replay) []run.Entry {
	t.Helper()
	var list []run.Entry
	for e, err := range in.Entries {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// appended makes the write that goes on with a run by some entries.
func appended(r run.Run, status run.Status, kinds ...run.Kind) *run.Append {
	out := &run.Append{Owner: "me"}
	for _, k := range kinds {
		r.Seq++
		out.Entries = append(out.Entries, run.Entry{Seq: r.Seq, Kind: k, At: start, Data: run.Data{Message: string(k)}})
	}
	r.Status = status
	out.Run = r
	return out
}

func kept(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	r := taken(t, s, accept(sc))
	e := must[run.Event](t)(s.Event(t.Context(), system, r.EventID))
	if string(e.Value) != `{"a":1}` || string(e.Raw) != `{ "a": 1 }` || e.Header["x"] != "y" || e.RunID != r.ID || e.Scenario != "s" {
		t.Errorf("%+v", e)
	}
	next := appended(r, run.Running, run.RunStarted, run.StepStarted)
	next.Run.Label, next.Run.StartedAt = "a label", start
	end := appended(next.Run, run.Failed, run.RunFailed)
	end.Run.Error, end.Run.EndedAt, end.Release = &run.Failure{Class: "timeout", Message: "no answer", Status: 504, Body: map[string]any{"x": 1}}, start.Add(time.Second), true
	for _, err := range commit(t, s, &run.Write{Append: next}, &run.Write{Append: end}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := must[run.Run](t)(s.Run(t.Context(), system, r.ID))
	if got.Status != run.Failed || got.Number != 1 || got.Label != "a label" || got.Error == nil || got.Error.Status != 504 || !got.EndedAt.Equal(start.Add(time.Second)) || got.Seq != 4 {
		t.Errorf("%+v", got)
	}
	entries := must[[]run.Entry](t)(s.Journal(t.Context(), system, r.ID, 0))
	for i, e := range entries {
		if e.Seq != int64(i)+1 || i > 0 && e.Pos != entries[i-1].Pos+1 {
			t.Errorf("entry %d is %+v", i, e)
		}
	}
	if rest := must[[]run.Entry](t)(s.Journal(t.Context(), system, r.ID, 2)); len(rest) != 2 || rest[0].Seq != 3 {
		t.Errorf("after 2 there are %+v", rest)
	}
	in := must[run.Replay](t)(s.Replay(t.Context(), r.ID))
	if string(in.Value) != `{"a":1}` || len(listed(t, in)) != 4 {
		t.Errorf("%+v", in)
	}
	if second := taken(t, s, accept(sc)); second.Number != 2 {
		t.Errorf("the second run has number %d", second.Number)
	}
	folded := accept(sc)
	folded.Event.Value, folded.Event.Raw = []byte(`{"body":{ "a": 1 },"x":1}`), []byte(`{ "a": 1 }`)
	if folded.Event.Fold(); folded.Event.Raw != nil {
		t.Errorf("the body stands in the value, and is kept beside it: %s", folded.Event.Raw)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, taken(t, s, folded).EventID)); string(e.Value) != `{"body":{ "a": 1 },"x":1}` || string(e.Raw) != `{ "a": 1 }` {
		t.Errorf("%+v", e)
	}
}

func lostLease(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	a, b := taken(t, s, accept(sc)), taken(t, s, accept(sc))
	stale := appended(a, run.Running, run.RunStarted)
	stale.Run.Epoch = 0
	fresh := accept(sc)
	errs := commit(t, s, &run.Write{Append: stale}, &run.Write{Append: appended(b, run.Running, run.RunStarted)}, &run.Write{Accept: fresh})
	code(t, errs[0], fault.Conflict)
	if errs[1] != nil || errs[2] != nil {
		t.Errorf("others failed: %v", errs)
	}
	if entries := must[[]run.Entry](t)(s.Journal(t.Context(), system, a.ID, 0)); len(entries) != 1 {
		t.Errorf("the stale write left %d entries", len(entries))
	}
}

func noGap(t *testing.T, s *storage.Store) {
	r := taken(t, s, accept(makeScenario(t, s, system, "s")))
	skips := appended(r, run.Running, run.RunStarted, run.StepStarted)
	skips.Entries = skips.Entries[1:]
	code(t, commit(t, s, &run.Write{Append: skips})[0], fault.Conflict) // it claims to begin after entry 2
	twice := appended(r, run.Running, run.RunStarted)
	if err := commit(t, s, &run.Write{Append: twice})[0]; err != nil {
		t.Fatal(err)
	}
	code(t, commit(t, s, &run.Write{Append: twice})[0], fault.Conflict)
	wrong := appended(r, run.Running, run.RunStarted, run.StepStarted)
	wrong.Entries[1].Seq = 9
	code(t, commit(t, s, &run.Write{Append: wrong})[0], fault.Internal)
	code(t, commit(t, s, &run.Write{Append: &run.Append{Run: r}})[0], fault.Internal)
}

func dedupe(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	key := run.DedupeKey{Key: "k", Until: start.Add(time.Hour), Body: "one"}
	first, second := accept(sc, key), accept(sc, key)
	for _, err := range commit(t, s, &run.Write{Accept: first}, &run.Write{Accept: second}) { // in one batch
		if err != nil {
			t.Fatal(err)
		}
	}
	if first.FirstEvent != "" || second.FirstEvent != first.Event.ID || second.FirstRun != first.Event.RunID || second.OtherBody {
		t.Errorf("%+v", second)
	}
	came := func(source string, at time.Time) run.Event {
		t.Helper()
		again := accept(sc, key)
		again.Event.Source, again.Event.At = source, at
		commit(t, s, &run.Write{Accept: again})
		page := must[run.EventPage](t)(s.Events(t.Context(), system, run.EventFilter{Scenario: "s"}))
		one := must[run.Event](t)(s.Event(t.Context(), system, first.Event.ID))
		if len(page.Events) != 1 || page.Events[0].Repeats != one.Repeats || !page.Events[0].RepeatedAt.Equal(one.RepeatedAt) {
			t.Errorf("the list says %+v", page.Events)
		}
		return one
	}
	counted := came("poll", start).Repeats // found again by this server itself
	for i, source := range []string{run.SourceRequest, "form", "mail", "poll"} {
		at := start.Add(time.Duration(i+1) * time.Minute)
		if e := came(source, at); e.Repeats != counted+min(i+1, 3) || !e.RepeatedAt.Equal(start.Add(time.Duration(min(i+1, 3))*time.Minute)) {
			t.Errorf("after %s it came again %d times, last at %s", source, e.Repeats, e.RepeatedAt)
		}
	}
	third := accept(sc, run.DedupeKey{Key: "new", Until: start.Add(time.Hour)}, run.DedupeKey{Key: "k", Until: start.Add(time.Hour), Body: "two"})
	commit(t, s, &run.Write{Accept: third})
	if third.FirstEvent != first.Event.ID || !third.OtherBody {
		t.Errorf("%+v", third)
	}
	elsewhere := accept(makeScenario(t, s, system, "another"), key)
	commit(t, s, &run.Write{Accept: elsewhere})
	if elsewhere.FirstEvent != "" {
		t.Error("a key counts across scenarios")
	}
	late := accept(sc, run.DedupeKey{Key: "k", Until: start.Add(3 * time.Hour)})
	late.Event.At = start.Add(2 * time.Hour)
	commit(t, s, &run.Write{Accept: late})
	if late.FirstEvent != "" {
		t.Error("an expired key still counts")
	}
	if page := must[run.Page](t)(s.Runs(t.Context(), system, run.Filter{Scenario: "s"})); page.Total != 2 {
		t.Errorf("%d runs", page.Total)
	}
}

func claims(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	mine, free := taken(t, s, accept(sc)), accept(sc)
	free.Owner, free.Run.Epoch = "", 0
	taken(t, s, free)
	ended := appended(taken(t, s, accept(sc)), run.Succeeded, run.RunStarted, run.RunSucceeded)
	ended.Run.EndedAt, ended.Release = start, true
	commit(t, s, &run.Write{Append: ended})
	now := time.Now()
	if err := s.Heartbeat(t.Context(), "me", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if ids := must[[]run.Wake](t)(s.Claimable(t.Context(), now, 10, 10)); len(ids) != 1 || ids[0].ID != free.Run.ID {
		t.Errorf("claimable are %v", ids)
	}
	got := must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{mine.ID, free.Run.ID, ended.Run.ID, "no-such-run"}, false))
	if len(got) != 1 || got[0].Run.ID != free.Run.ID || got[0].Run.Epoch != 1 {
		t.Errorf("claimed are %+v", got)
	}
	if err := s.ForgetLeases(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = must[[]run.Lease](t)(s.Claim(t.Context(), "you", []string{mine.ID}, false))
	if len(got) != 1 || got[0].Run.Epoch != 2 {
		t.Fatalf("claimed are %+v", got)
	}
	code(t, commit(t, s, &run.Write{Append: appended(mine, run.Running, run.RunStarted)})[0], fault.Conflict)
	if err := commit(t, s, &run.Write{Append: appended(got[0].Run, run.Running, run.RunStarted)})[0]; err != nil {
		t.Error(err)
	}
}

func timers(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	var want []string
	for i := range 5 {
		a := appended(taken(t, s, accept(sc)), run.Waiting, run.RunStarted, run.RunWaiting)
		a.Run.WakeAt, a.Release = start.Add(time.Duration(5-i)*time.Minute), true
		if err := commit(t, s, &run.Write{Append: a})[0]; err != nil {
			t.Fatal(err)
		}
		want = append([]string{a.Run.ID}, want...)
	}
	list := must[[]run.Wake](t)(s.Due(t.Context(), start.Add(5*time.Minute), 3))
	if len(list) != 3 || list[0].ID != want[0] || list[2].ID != want[2] || !list[0].At.Equal(start.Add(time.Minute)) {
		t.Errorf("%+v", list)
	}
	if ids := must[[]run.Wake](t)(s.Claimable(t.Context(), time.Now(), 10, 10)); len(ids) != 0 {
		t.Errorf("waiting runs are claimable: %v", ids)
	}
}
