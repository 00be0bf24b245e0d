// Package storagetest is the store's contract, as one suite that every database runs.
package storagetest

import (
	"fmt"
	"strings"
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
		{"a claim raises the epoch and passes over the living", claims},
		{"of a long journal its ends are read", excerpts},
		{"a run takes so many events and no more", told},
		{"a run that had just been woken when its process died wakes again", wokenAndDead},
		{"a process claims anew what it lost sight of, and nobody else does", claimsAnew},
		{"a run that moves up while it is told something stays there", movedUp},
		{"the runs of a line are held until it is their turn", lines},
		{"runs beyond their trigger's limit are held and listed in their order", beyond},
		{"a scenario's long queue hides no other's", shared},
		{"timers come in their order", timers},
		{"the feed goes on from any position", feed},
		{"runs are listed, filtered and paged", runs},
		{"events are listed, and held ones start once", events},
		{"scenarios, drafts, versions and triggers", scenarios},
		{"workspaces do not see one another", workspaces},
		{"connections and secrets are sealed", sealed},
		{"what is masked comes back to who goes on with a run only", masked},
		{"what is kept apart goes with what refers to it", large},
		{"users, sessions and keys", people},
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

func feed(t *testing.T, s *storage.Store) {
	sc, quiet := makeScenario(t, s, system, "s"), makeScenario(t, s, system, "quiet")
	a, b := taken(t, s, accept(sc)), taken(t, s, accept(quiet))
	commit(t, s, &run.Write{Append: appended(a, run.Running, run.RunStarted, run.StepStarted, run.StepSucceeded)}, &run.Write{Append: appended(b, run.Running, run.RunStarted)})
	last := must[int64](t)(s.LastPos(t.Context()))
	if last != 6 {
		t.Fatalf("the last position is %d", last)
	}
	for after := range last + 1 {
		list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, after, run.FeedFilter{}, 100))
		if int64(len(list)) != last-after {
			t.Errorf("after %d there are %d", after, len(list))
		}
		for i, e := range list {
			if e.Pos != after+int64(i)+1 {
				t.Errorf("after %d, entry %d is at %d", after, i, e.Pos)
			}
		}
	}
	if list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, 3, run.FeedFilter{Run: a.ID}, 100)); len(list) != 2 || list[0].Run != a.ID || list[0].Scenario != "s" {
		t.Errorf("%+v", list)
	}
	if list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, 0, run.FeedFilter{Scenario: "quiet"}, 100)); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), other, 0, run.FeedFilter{}, 100)); len(list) != 0 {
		t.Errorf("another workspace sees %d entries", len(list))
	}
}

func runs(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	makeScenario(t, s, system, "empty")
	var ids []string
	for i := range 25 {
		r := taken(t, s, accept(sc))
		ids = append([]string{r.ID}, ids...)
		status, kind := run.Succeeded, run.RunSucceeded
		if i%5 == 0 {
			status, kind = run.Failed, run.RunFailed
		}
		a := appended(r, status, run.RunStarted, kind)
		a.Run.EndedAt, a.Run.Label = start, fmt.Sprintf("label_%d%%", i)
		commit(t, s, &run.Write{Append: a})
	}
	var got []string
	for next, pages := "", 0; ; pages++ {
		page := must[run.Page](t)(s.Runs(t.Context(), system, run.Filter{Cursor: next, Limit: 10}))
		if page.Total != 25 || page.More {
			t.Errorf("the total is %d", page.Total)
		}
		for _, r := range page.Runs {
			got = append(got, r.ID)
		}
		if next = page.NextCursor; next == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(ids, " ") {
		t.Error("the pages do not hold each run once, newest first")
	}
	for _, scenario := range []string{"", sc.ID} {
		got = nil
		for next := ""; ; {
			page := must[run.Page](t)(s.Runs(t.Context(), system, run.Filter{Scenario: scenario, Cursor: next, Limit: 10, Query: "label"}))
			if page.Total != 25 || page.More {
				t.Errorf("%d hold the text", page.Total)
			}
			for _, r := range page.Runs {
				got = append(got, r.ID)
			}
			if next = page.NextCursor; next == "" {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(ids, " ") {
			t.Error("the pages of those that hold a text do not hold each once, newest first")
		}
	}
	for name, c := range map[string]struct {
		f    run.Filter
		want int
	}{
		"failed": {run.Filter{Statuses: []run.Status{run.Failed}}, 5}, "two statuses": {run.Filter{Statuses: []run.Status{run.Failed, run.Succeeded}}, 25}, "another scenario": {run.Filter{Scenario: "empty"}, 0},
		"by id": {run.Filter{Scenario: sc.ID}, 25}, "since": {run.Filter{Since: start.Add(time.Second)}, 0}, "until": {run.Filter{Until: start.Add(time.Second)}, 25},
		"a label": {run.Filter{Query: "label_7%"}, 1}, "a wild card is a letter": {run.Filter{Query: "l_bel"}, 0}, "a number": {run.Filter{Query: "#7"}, 1}, "an id": {run.Filter{Query: ids[3]}, 1}, "a quote": {run.Filter{Query: `'; DROP TABLE runs; --`}, 0},
	} {
		if page := must[run.Page](t)(s.Runs(t.Context(), system, c.f)); page.Total != c.want || len(page.Runs) != c.want {
			t.Errorf("%s: %d", name, page.Total)
		}
	}
	for _, cursor := range []string{"x", "!!", "YWZ0ZXIgbm9wZQ"} {
		_, err := s.Runs(t.Context(), system, run.Filter{Cursor: cursor})
		code(t, err, fault.InvalidInput)
	}
	_, err := s.Run(t.Context(), system, "nope")
	code(t, err, fault.NotFound)
}

func events(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	held := accept(sc)
	held.Run, held.Event.Outcome, held.Event.RunID = nil, run.Held, ""
	filtered := accept(sc)
	filtered.Run, filtered.Event.Outcome, filtered.Event.Detail, filtered.Event.RunID = nil, run.Filtered, "because", ""
	for _, err := range commit(t, s, &run.Write{Accept: held}, &run.Write{Accept: filtered}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	page := must[run.EventPage](t)(s.Events(t.Context(), system, run.EventFilter{Outcome: run.Filtered}))
	if len(page.Events) != 1 || page.Events[0].Detail != "because" || page.Events[0].Value != nil {
		t.Errorf("%+v", page)
	}
	list := must[[]run.Event](t)(s.HeldEvents(t.Context(), system, sc.ID, 10))
	if len(list) != 1 || string(list[0].Value) != `{"a":1}` {
		t.Fatalf("%+v", list)
	}
	again := accept(sc)
	again.Held, again.Event.ID, again.Run.EventID = true, held.Event.ID, held.Event.ID
	twice := accept(sc)
	twice.Held, twice.Event.ID, twice.Run.EventID = true, held.Event.ID, held.Event.ID
	errs := commit(t, s, &run.Write{Accept: again}, &run.Write{Accept: twice})
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	code(t, errs[1], fault.Conflict)
	if e := must[run.Event](t)(s.Event(t.Context(), system, held.Event.ID)); e.Outcome != run.Accepted || e.RunID != again.Event.RunID {
		t.Errorf("%+v", e)
	}
	point := accept(sc)
	point.Cursor = &run.Cursor{Workspace: sc.Workspace, ScenarioID: sc.ID, Trigger: "trigger", Value: "one"}
	commit(t, s, &run.Write{Accept: point})
	if text := must[string](t)(s.Cursor(t.Context(), sc.Workspace, sc.ID, "trigger")); text != "one" {
		t.Errorf("the cursor is %q", text)
	}
	_, err := s.Cursor(t.Context(), sc.Workspace, sc.ID, "nope")
	code(t, err, fault.NotFound)
}

func scenarios(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	made := must[scenario.Stored](t)(s.CreateScenario(ctx, system, scenario.Stored{Slug: "a", Name: "A", Draft: []byte(`{"v": 1}`), Problems: []fault.Problem{{Path: "/x", Line: 2, Message: "m"}}, Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "webhook"}}}))
	if made.Status != scenario.Draft || made.Revision != 1 || len(made.Problems) != 1 || len(made.Triggers) != 1 || len(made.Triggers[0].Key) != 43 {
		t.Errorf("%+v", made)
	}
	_, err := s.CreateScenario(ctx, system, scenario.Stored{Slug: "a", Name: "B", Draft: []byte(`{}`)})
	code(t, err, fault.Conflict)
	_, err = s.SetPaused(ctx, system, made.ID, true)
	code(t, err, fault.Conflict)
	key := made.Triggers[0].Key
	made.Draft, made.Name = []byte(`{"v": 2}`), "A2"
	saved := must[scenario.Stored](t)(s.SaveDraft(ctx, system, made, 1))
	if saved.Revision != 2 || saved.Triggers[0].Key != key || saved.Name != "A2" {
		t.Errorf("%+v", saved)
	}
	_, err = s.SaveDraft(ctx, system, made, 1)
	code(t, err, fault.Conflict)
	_, err = s.Publish(ctx, system, made.ID, scenario.Release{Definition: []byte(`{}`), Facts: []byte(`{}`), Revision: 1})
	code(t, err, fault.Conflict)
	if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, "")); len(list) != 0 {
		t.Error("a draft's trigger is live")
	}
	live := must[scenario.Stored](t)(s.Publish(ctx, system, made.ID, scenario.Release{Definition: saved.Draft, Facts: []byte(`{"f":1}`), Triggers: []*scenario.Trigger{{Uses: "webhook"}, {ID: "b", Uses: "manual"}}, Revision: 2, Note: "first"}))
	if live.Status != scenario.Live || live.Version != 1 || live.Dirty || len(live.Triggers) != 2 {
		t.Errorf("%+v", live)
	}
	if paused := must[scenario.Stored](t)(s.SetPaused(ctx, system, made.ID, true)); paused.Status != scenario.Paused {
		t.Errorf("%+v", paused)
	}
	again := must[scenario.Stored](t)(s.Publish(ctx, system, made.ID, scenario.Release{Definition: saved.Draft, Facts: []byte(`{}`)}))
	if again.Status != scenario.Paused || again.Version != 2 {
		t.Errorf("publishing switched it on: %+v", again)
	}
	if list := must[[]scenario.Version](t)(s.Versions(ctx, system, made.ID)); len(list) != 2 || list[0].Number != 2 || list[1].Note != "first" || list[1].By != "system" {
		t.Errorf("%+v", list)
	}
	if v := must[scenario.Version](t)(s.Version(ctx, system, made.ID, 1)); string(v.Definition) != `{"v": 2}` || string(v.Facts) != `{"f":1}` {
		t.Errorf("%+v", v)
	}
	_, err = s.Version(ctx, system, made.ID, 3)
	code(t, err, fault.NotFound)
	if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, "")); len(list) != 2 || list[0].Version != 2 {
		t.Errorf("%+v", list)
	}
	for id, want := range map[string]int{made.ID: 2, "another": 0} {
		if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, id)); len(list) != want {
			t.Errorf("of %s there are %+v", id, list)
		}
	}
	if err := s.DeleteScenario(ctx, system, made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Scenario(ctx, system, "a")
	code(t, err, fault.NotFound)
	if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, "")); len(list) != 0 {
		t.Error("a deleted scenario's trigger is live")
	}
	must[scenario.Version](t)(s.Version(ctx, system, made.ID, 1)) // its runs still need it
	must[scenario.Stored](t)(s.CreateScenario(ctx, system, scenario.Stored{Slug: "a", Name: "again", Draft: []byte(`{}`)}))
}
