package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// outage is a store whose disk fails.
type outage struct {
	*storage.Store
	mu     sync.Mutex
	down   bool          // nothing is written
	lies   int           // so many commits happen and are said to have failed
	unread int           // so often a journal cannot be read
	ahead  time.Duration // of the clock
}

var errDisk = fault.Wrap(errors.New("disk I/O error"), fault.Unavailable, "The database cannot be written.")

func (o *outage) fails() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		return errDisk
	}
	return nil
}

// now is a clock that can be put forward.
func (o *outage) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.ahead)
}

func (o *outage) set(do func(o *outage)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do(o)
}

func (o *outage) Commit(ctx context.Context, writes []*run.Write) []error {
	errs := make([]error, len(writes))
	err := o.fails()
	if err == nil {
		errs = o.Store.Commit(ctx, writes)
		o.set(func(o *outage) {
			if o.lies > 0 {
				o.lies--
				err = errDisk
			}
		})
	}
	for i := range errs {
		if err != nil {
			errs[i] = err
		}
	}
	return errs
}

func (o *outage) Heartbeat(ctx context.Context, owner string, until time.Time) error {
	if err := o.fails(); err != nil {
		return err
	}
	return o.Store.Heartbeat(ctx, owner, until)
}

func (o *outage) Claim(ctx context.Context, owner string, ids []string, behind bool) ([]run.Lease, error) {
	if err := o.fails(); err != nil {
		return nil, err
	}
	return o.Store.Claim(ctx, owner, ids, behind)
}

func (o *outage) Replay(ctx context.Context, id string) (run.Replay, error) {
	err := o.fails()
	o.set(func(o *outage) {
		if o.unread > 0 {
			o.unread--
			err = errDisk
		}
	})
	if err != nil {
		return run.Replay{}, err
	}
	return o.Store.Replay(ctx, id)
}

// counted remembers the calls of each action, and answers when it is let.
type counted struct {
	mu    sync.Mutex
	calls int
	let   chan struct{} // nil: at once
}

func (c *counted) Invoke(ctx context.Context, _ run.Call) run.Result {
	c.mu.Lock()
	c.calls++
	c.mu.Unlock()
	if c.let != nil {
		select {
		case <-c.let:
		case <-ctx.Done():
		}
	}
	return run.Result{Output: 1}
}

func (c *counted) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// struck is an engine over a store whose disk fails, with a live scenario of one step.
func struck(t *testing.T, outside *counted, effect string) (*outage, *engine.Engine, scenario.Stored) {
	t.Helper()
	o := &outage{}
	v, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if o.Store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: v, Now: o.now}); err != nil {
		t.Fatal(err)
	}
	actor, text := run.SystemActor(run.DefaultWorkspace), []byte(`{"stepmill": 1, "name": "s", "trigger": {"uses": "manual"}, "steps": [{"id": "a", "uses": "x.act"}]}`)
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	s, err := o.CreateScenario(t.Context(), actor, scenario.Stored{Slug: "s", Name: "s", Draft: text})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := json.Marshal(run.Facts{"x.act": {Effect: run.Effect(effect)}})
	if err != nil {
		t.Fatal(err)
	}
	if s, err = o.Publish(t.Context(), actor, s.ID, scenario.Release{Definition: text, Facts: facts, Triggers: doc.AllTriggers()}); err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Config{Store: o, Invoker: outside, Owner: engine.NewID(), Now: o.now, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Serve(ctx, 5*time.Second) }()
	t.Cleanup(func() {
		cancel()
		<-done
		e.Close()
		o.Close()
	})
	return o, e, s
}

func happens(e *engine.Engine, s scenario.Stored) error {
	return e.Accept(context.Background(), &run.Start{Version: s.Version, Accept: run.Accept{Event: run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug,
		Trigger: "trigger", Outcome: run.Accepted, Value: []byte("{}"), Source: "test"}}})
}

// statuses counts the runs by their status.
func (o *outage) statuses(t *testing.T) map[run.Status]int {
	t.Helper()
	page, err := o.Runs(context.Background(), run.SystemActor(run.DefaultWorkspace), run.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	out := map[run.Status]int{}
	for _, r := range page.Runs {
		out[r.Status]++
	}
	return out
}

// TestLyingCommit: a commit that happened although it was said to have failed neither stops the engine nor a run.
func TestLyingCommit(t *testing.T) {
	for lies := range 4 {
		outside := &counted{}
		o, e, s := struck(t, outside, "idempotent")
		if err := happens(e, s); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the first run succeeds", func() bool { return o.statuses(t)[run.Succeeded] == 1 })
		o.set(func(o *outage) { o.lies = lies })
		if err := happens(e, s); (err != nil) != (lies > 0) {
			t.Errorf("with %d lies the event is answered %v", lies, err)
		}
		eventually(t, "an event that is there although it was refused is carried out", func() bool { return o.statuses(t)[run.Succeeded] == 2 })
		if err := happens(e, s); err != nil {
			t.Error(err)
		}
		eventually(t, "the next event is carried out", func() bool { return o.statuses(t)[run.Succeeded] == 3 })
	}
}

// TestLyingAppend is TestLyingCommit for what a run writes.
func TestLyingAppend(t *testing.T) {
	outside := &counted{let: make(chan struct{})}
	o, e, s := struck(t, outside, "idempotent")
	if err := happens(e, s); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the call is made", func() bool { return outside.count() == 1 })
	o.set(func(o *outage) { o.lies = 1 })
	close(outside.let)
	eventually(t, "the run succeeds", func() bool { return o.statuses(t)[run.Succeeded] == 1 })
}

// TestLongOutage: a disk that is full for longer than the lease lasts takes no run from the process that moves it, so a
// call that must be made once is made once.
func TestLongOutage(t *testing.T) {
	outside := &counted{let: make(chan struct{})}
	o, e, s := struck(t, outside, "once")
	if err := happens(e, s); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the call is made", func() bool { return outside.count() == 1 })
	o.set(func(o *outage) { o.down, o.ahead = true, time.Minute })
	if err := happens(e, s); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("while nothing can be written an event is answered %v", err)
	}
	o.set(func(o *outage) { o.down = false })
	for range 20 { // the feeder looks at once, and the lease is not renewed yet
		happens(e, s)
	}
	close(outside.let)
	eventually(t, "every run succeeds", func() bool { return o.statuses(t)[run.Succeeded] >= 21 })
	if by := o.statuses(t); outside.count() != by[run.Succeeded] || len(by) != 1 {
		t.Errorf("%d calls of %v", outside.count(), by)
	}
}

// TestUnreadable: a run whose journal cannot be read now has not failed; it goes on when it can.
func TestUnreadable(t *testing.T) {
	outside := &counted{}
	o, e, s := struck(t, outside, "idempotent")
	o.set(func(o *outage) { o.unread = 3 })
	r := run.Run{ID: engine.NewID(), Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Version: s.Version, Trigger: "trigger", EventID: engine.NewID(), Status: run.Queued, Seq: 1, CreatedAt: time.Now()}
	errs := o.Store.Commit(t.Context(), []*run.Write{{Accept: &run.Accept{Run: &r, Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: r.CreatedAt, Data: run.Data{Event: r.EventID}}},
		Event: run.Event{ID: r.EventID, Workspace: s.Workspace, ScenarioID: s.ID, Trigger: "trigger", Outcome: run.Accepted, RunID: r.ID, Value: []byte("{}"), At: r.CreatedAt}}}})
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	eventually(t, "the run that waits in the store succeeds", func() bool {
		if o.statuses(t)[run.Failed] > 0 {
			t.Fatal("it failed")
		}
		return o.statuses(t)[run.Succeeded] == 1
	})
	if err := happens(e, s); err != nil {
		t.Error(err)
	}
}

// TestClockJumps is §2.H 53: a clock that is put forward or back under the program loses no run, and makes no call twice.
func TestClockJumps(t *testing.T) {
	outside := &counted{}
	o, e, s := struck(t, outside, "once")
	for n, ahead := range []time.Duration{0, -time.Hour, time.Hour, -24 * time.Hour, 10 * 365 * 24 * time.Hour, -time.Minute, 20 * time.Second} {
		o.set(func(o *outage) { o.ahead = ahead })
		for range 5 {
			if err := happens(e, s); err != nil {
				t.Errorf("at %s an event is answered %v", ahead, err)
			}
		}
		eventually(t, "the runs succeed at "+ahead.String(), func() bool { return o.statuses(t)[run.Succeeded] == 5*(n+1) })
	}
	if by := o.statuses(t); outside.count() != by[run.Succeeded] || len(by) != 1 {
		t.Errorf("%d calls of %v", outside.count(), by)
	}
}

// TestClockJumpsAmidCalls is TestClockJumps while calls are in flight: their run is nobody else's for that.
func TestClockJumpsAmidCalls(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, time.Hour, 10 * 365 * 24 * time.Hour} {
		outside := &counted{let: make(chan struct{})}
		o, e, s := struck(t, outside, "once")
		for range 10 {
			if err := happens(e, s); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "the calls are made", func() bool { return outside.count() == 10 })
		o.set(func(o *outage) { o.ahead = ahead })
		time.Sleep(100 * time.Millisecond) // lets the feeder look once
		close(outside.let)
		eventually(t, "the runs are done", func() bool { return o.statuses(t)[run.Running] == 0 })
		if by := o.statuses(t); outside.count() != 10 || by[run.Succeeded] != 10 {
			t.Errorf("put %s ahead: %d calls of %v", ahead, outside.count(), by)
		}
	}
}
