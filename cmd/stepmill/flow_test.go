package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
	"github.com/stepmill/stepmill/triggers"
)

// flowing is a live scenario over a store, an engine and a gatherer whose clock is set by hand.
type flowing struct {
	t     *testing.T
	o     *outage
	s     scenario.Stored
	calls *seen
	e     *engine.Engine
	book  *triggers.Book
	g     *triggers.Gatherer
	r     *triggers.Releaser
	hand  *triggers.Hand
	end   func()
}

// seen keeps what its calls were given.
type seen struct {
	inputs chan any
	hangs  chan struct{} // a call takes until something comes here, or it is closed; nil: none does
}

func (s *seen) Invoke(_ context.Context, call run.Call) run.Result {
	s.inputs <- call.Input["v"]
	if s.hangs != nil {
		<-s.hangs
	}
	return run.Result{Output: map[string]any{}}
}

func flows(t *testing.T, trigger string) *flowing {
	t.Helper()
	f := &flowing{t: t, o: &outage{}, calls: &seen{inputs: make(chan any, 1000)}}
	v, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if f.o.Store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: v, Now: f.o.now}); err != nil {
		t.Fatal(err)
	}
	if f.s, err = f.o.CreateScenario(t.Context(), f.actor(), scenario.Stored{Slug: "s", Name: "s", Draft: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	f.publish(trigger)
	f.start()
	t.Cleanup(func() {
		f.end()
		f.o.Close()
	})
	return f
}

func (f *flowing) actor() run.Actor { return run.SystemActor(run.DefaultWorkspace) }

func (f *flowing) publish(trigger string) {
	f.t.Helper()
	text := []byte(`{"stepmill": 1, "name": "s", "trigger": ` + trigger + `, "steps": [{"id": "a", "uses": "x.act", "with": {"v": "{{ trigger }}"}}]}`)
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		f.t.Fatal(problems, err)
	}
	facts, err := json.Marshal(run.Facts{"x.act": {Effect: run.Idempotent}})
	if err != nil {
		f.t.Fatal(err)
	}
	if f.s, err = f.o.Publish(f.t.Context(), f.actor(), f.s.ID, scenario.Release{Definition: text, Facts: facts, Triggers: doc.AllTriggers()}); err != nil {
		f.t.Fatal(err)
	}
	if f.book != nil {
		f.e.Published(f.t.Context(), f.s.ID)
		if err := f.book.Load(f.t.Context(), f.s.ID); err != nil {
			f.t.Fatal(err)
		}
	}
}

// store publishes a version of which the process, which crashes, hears nothing.
func (f *flowing) store(trigger string) {
	f.t.Helper()
	book := f.book
	f.book = nil
	f.publish(trigger)
	f.book = book
	f.crash()
}

// start is what a process does at its start.
func (f *flowing) start() {
	f.t.Helper()
	if err := f.o.ForgetLeases(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	f.e = engine.New(engine.Config{Store: f.o, Invoker: f.calls, Owner: engine.NewID(), Now: f.o.now, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.e.Serve(ctx, 5*time.Second) }()
	f.end = func() {
		cancel()
		<-done
		f.e.Close()
	}
	f.book = triggers.NewBook(f.o, nil, log)
	if err := f.book.Load(context.Background(), ""); err != nil {
		f.t.Fatal(err)
	}
	f.hand = &triggers.Hand{Store: f.o, Starter: f.e, Now: f.o.now}
	f.g = &triggers.Gatherer{Book: f.book, Store: f.o, Starter: f.e, Now: f.o.now, Log: log}
	f.r = &triggers.Releaser{Store: f.o, Starter: f.e, Book: f.book, Now: f.o.now, Log: log}
}

// crash ends the process without another write, and starts the next.
func (f *flowing) crash() {
	f.t.Helper()
	f.e.Kill()
	f.end()
	f.start()
}

// happen takes in an event and gives what became of it.
func (f *flowing) happen(v any) *run.Accept {
	f.t.Helper()
	all := f.book.All(f.t.Context(), func(string) bool { return true })
	if len(all) != 1 {
		f.t.Fatalf("%d live triggers", len(all))
	}
	a, err := triggers.Intake(f.t.Context(), f.e, all[0], triggers.Happening{Value: v, Source: "test", At: f.o.now()})
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

// pass lets time pass and does what is due then. It says when more is.
func (f *flowing) pass(d time.Duration) time.Duration {
	f.t.Helper()
	f.o.set(func(o *outage) { o.ahead += d })
	_, err := f.g.Once(f.t.Context())
	for more := true; more && err == nil; {
		more, err = f.r.Once(f.t.Context())
	}
	if err != nil {
		f.t.Fatal(err)
	}
	next, err := f.g.Once(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if next.IsZero() {
		return 0
	}
	return next.Sub(f.o.now()).Round(time.Second)
}

// got waits for so many calls, in any order, and asks that no other was made.
func (f *flowing) got(want ...string) {
	f.t.Helper()
	var list []string
	for range want {
		select {
		case v := <-f.calls.inputs:
			text, err := value.Encode(v)
			if err != nil {
				f.t.Fatal(err)
			}
			list = append(list, string(text))
		case <-time.After(20 * time.Second):
			f.t.Fatalf("the runs had %q, not %q", list, want)
		}
	}
	slices.Sort(list)
	if slices.Sort(want); !slices.Equal(list, want) {
		f.t.Errorf("the runs had %q, not %q", list, want)
	}
	eventually(f.t, "a run moves", func() bool {
		moving := f.o.statuses(f.t)
		return moving[run.Queued]+moving[run.Running] == 0
	})
	if n := len(f.calls.inputs); n > 0 {
		f.t.Errorf("%d more calls were made", n)
	}
}

// outcomes counts the inbox by what became of it.
func (f *flowing) outcomes() map[run.Outcome]int {
	f.t.Helper()
	page, err := f.o.Events(f.t.Context(), f.actor(), run.EventFilter{Limit: 100})
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[run.Outcome]int{}
	for _, e := range page.Events {
		out[e.Outcome]++
	}
	return out
}

// TestDebounce: of the events of a key the last starts a run, once no other came for the time, over a crash.
func TestDebounce(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "debounce": {"for": "1m", "key": "{{ trigger.k }}"}}`)
	for _, k := range []string{"a", "b"} {
		if a := f.happen(map[string]any{"k": k, "n": 1}); a.Event.Outcome != run.Held || a.Event.RunID != "" {
			t.Fatalf("%+v", a.Event)
		}
	}
	if next := f.pass(30 * time.Second); next != 30*time.Second {
		t.Errorf("the next is due in %s", next)
	}
	f.happen(map[string]any{"k": "a", "n": 2})
	f.crash()
	f.pass(30 * time.Second)
	f.got(`{"k":"b","n":1}`)
	f.pass(30 * time.Second)
	f.got(`{"k":"a","n":2}`)
	if f.pass(time.Hour) != 0 {
		t.Error("something still waits")
	}
	if got := f.outcomes(); got[run.Replaced] != 1 || got[run.Accepted] != 2 || len(got) != 2 {
		t.Errorf("%v", got)
	}
	f.happen(map[string]any{"k": "a", "n": 3})
	f.pass(time.Minute)
	f.got(`{"k":"a","n":3}`)
}

// TestDebounceKeyFails: an event whose key cannot be made is kept, and shown as a failed run.
func TestDebounceKeyFails(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "debounce": {"for": "1m", "key": "{{ trigger.a.b }}"}}`)
	a := f.happen(map[string]any{"a": "text"})
	eventually(t, "the run did not fail", func() bool { return f.o.statuses(t)[run.Failed] == 1 })
	if r, err := f.o.Run(t.Context(), f.actor(), a.Event.RunID); err != nil || !strings.Contains(r.Error.Message, "debounce") {
		t.Errorf("%+v %v", r.Error, err)
	}
}

// TestBatch: events go into runs of so many, and what is left after the time into another, over crashes.
func TestBatch(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "batch": {"size": 3, "for": "1m"}, "if": "trigger.n > 0"}`)
	for n := range 8 {
		if a := f.happen(map[string]any{"n": n}); (a.Event.Outcome == run.Held) != (n > 0) {
			t.Fatalf("%d: %+v", n, a.Event)
		}
		if n == 4 {
			f.crash()
		}
	}
	if next := f.pass(0); next != time.Minute {
		t.Errorf("the next is due in %s", next)
	}
	f.got(`{"events":[{"n":1},{"n":2},{"n":3}]}`, `{"events":[{"n":4},{"n":5},{"n":6}]}`)
	f.pass(59 * time.Second)
	f.got()
	f.pass(time.Second)
	f.got(`{"events":[{"n":7}]}`)
	if got := f.outcomes(); got[run.Accepted] != 10 || got[run.Filtered] != 1 || len(got) != 2 { // seven, and three batches
		t.Errorf("%v", got)
	}

	// One of its events replayed, and a sample, are batches of one; a batch replayed stays what it is.
	page, err := f.o.Events(t.Context(), f.actor(), run.EventFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Events {
		if e.Source != "batch" && e.Detail == "in a batch" {
			if _, err := f.hand.Replay(t.Context(), f.actor(), e.ID, nil); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	f.got(`{"events":[{"n":7}]}`)
	if _, _, err := f.hand.Test(t.Context(), f.actor(), "s", "", []byte(`{"n": 9}`)); err != nil {
		t.Fatal(err)
	}
	const asRequest = `{"events":[{"body":{"n":9},"headers":{},"method":"POST","path":"/","query":{}}]}`
	f.got(asRequest)
	runs, err := f.o.Runs(t.Context(), f.actor(), run.Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.hand.ReplayRun(t.Context(), f.actor(), runs.Runs[0].ID, "", nil, 0); err != nil {
		t.Fatal(err)
	}
	f.got(asRequest)
}

// TestBatchByBytes: a batch of large events is cut, and loses none.
func TestBatchByBytes(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "batch": {"for": "1m"}}`)
	large := strings.Repeat("x", 3<<20)
	for range 5 {
		f.happen(map[string]any{"x": large})
	}
	f.pass(time.Minute)
	sizes := []int{}
	for len(sizes) < 3 {
		v := (<-f.calls.inputs).(map[string]any)
		sizes = append(sizes, len(v["events"].([]any)))
	}
	slices.Sort(sizes)
	if f.got(); !slices.Equal(sizes, []int{1, 2, 2}) {
		t.Errorf("batches of %v", sizes)
	}
}

// TestDebounceIntoBatch: what a debounce lets pass is gathered in turn.
func TestDebounceIntoBatch(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "debounce": {"for": "10s", "key": "{{ trigger }}"}, "batch": {"size": 2}}`)
	f.happen("a")
	f.happen("a")
	f.pass(10 * time.Second)
	f.crash()
	f.pass(time.Hour)
	f.got()
	f.happen("b")
	f.pass(10 * time.Second)
	f.got(`{"events":["a","b"]}`)
}
