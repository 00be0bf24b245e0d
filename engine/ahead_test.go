package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/run"
)

// slowDisk takes a second for each commit, and notes what the commits hold.
type slowDisk struct {
	*faulty
	mu   sync.Mutex
	held []string
}

func (d *slowDisk) Commit(ctx context.Context, writes []*run.Write) []error {
	time.Sleep(time.Second)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range writes {
		var entries []run.Entry
		if w.Accept != nil {
			entries = w.Accept.Entries
		} else if w.Append != nil {
			entries = w.Append.Entries
		}
		var kinds []string
		for _, e := range entries {
			kinds = append(kinds, strings.TrimSpace(string(e.Kind)+" "+e.Path))
		}
		d.held = append(d.held, strings.Join(kinds, ", "))
	}
	return d.faulty.Commit(ctx, writes)
}

func (d *slowDisk) first() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held[0]
}

func (d *slowDisk) start() (*engine.Engine, func()) {
	e := engine.New(engine.Config{Store: d, Invoker: d, Owner: engine.NewID(), Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- e.Serve(ctx, time.Hour) }()
	return e, func() {
		cancel()
		<-done
		e.Close()
	}
}

// TestAhead: what a run begins with is committed with its event, but where that hangs on what only the commit tells, or would
// wait for something.
func TestAhead(t *testing.T) {
	const call, both = `{"id": "a", "uses": "app.call"}`, "run.queued, run.started, step.started a"
	for _, c := range []struct{ trigger, steps, want string }{
		{``, call, both},
		{`, "concurrency": 5`, call, both},
		{``, `{"id": "g", "group": {"steps": [` + call + `]}}`, "run.queued, run.started, step.started g, step.started g.a"},
		{``, `{"id": "a", "uses": "app.call", "if": "false"}, {"id": "b", "uses": "app.call"}`, "run.queued, run.started, step.skipped a, step.started b"},
		{``, `{"id": "a", "uses": "app.call", "with": {"n": "{{ run.number }}"}}`, "run.queued"},
		{``, call + `, {"id": "b", "uses": "app.call", "if": "run.number == 2"}`, "run.queued"},
		{`, "order_by": "k"`, call, "run.queued"},
		{``, `{"id": "a", "call": {"scenario": "s"}}`, "run.queued"},
		{``, `{"id": "a", "wait": {"for": "1s"}}`, "run.queued"},
		{``, `{"id": "a", "uses": "app.call", "with": {"n": "{{ 1 / \"x\" }}"}}`, "run.queued"},
		{``, `{"id": "a", "uses": "app.call", "with": {"n": "{{ repeat(\"x\", 200000) }}"}}`, "run.queued"},
	} {
		t.Run(c.trigger+c.steps, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &slowDisk{faulty: &faulty{Disk: sim.NewDisk()}}
				s := d.publish(t, c.trigger, "["+c.steps+"]")
				e, stop := d.start()
				defer stop()
				synctest.Wait() // it has looked at what waits in the store
				id, err := accept(e, s)
				if err != nil {
					t.Fatal(err)
				}
				if d.first() != c.want {
					t.Errorf("the first commit holds %s, not %s", d.first(), c.want)
				}
				time.Sleep(5 * time.Minute)
				r, err := d.Run(t.Context(), actor, id)
				if err != nil || !r.Status.Ended() || r.Number != 1 || r.StartedAt.IsZero() && r.Status != run.Failed {
					t.Errorf("%+v %v", r, err)
				}
				entries, err := d.Journal(t.Context(), actor, id, 0)
				for i, entry := range entries {
					if entry.Seq != int64(i+1) {
						t.Errorf("entry %d has the seq %d: %v", i+1, entry.Seq, err)
					}
				}
			})
		})
	}
}

// TestAheadDrains: a call that was decided with its event is made, also when draining begins before the event is durable: its
// intent stands in the journal, and nobody could tell later whether it was made.
func TestAheadDrains(t *testing.T) {
	for _, after := range []time.Duration{time.Millisecond, 500 * time.Millisecond, 999 * time.Millisecond, time.Second, 1001 * time.Millisecond} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &slowDisk{faulty: &faulty{Disk: sim.NewDisk()}}
				s := d.publish(t, ``, `[{"id": "a", "uses": "app.unknown"}]`) // of which nothing is known: it acts once
				e, stop := d.start()
				synctest.Wait()
				go func() {
					time.Sleep(after)
					stop()
				}()
				id, err := accept(e, s)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Minute)
				calls := d.calls.Load()
				_, again := d.start()
				time.Sleep(5 * time.Minute)
				again()
				r, err := d.Run(t.Context(), actor, id)
				if err != nil || r.Status != run.Succeeded || d.calls.Load() != 1 {
					t.Errorf("%s after %d calls, %d before the next start: %v", r.Status, d.calls.Load(), calls, err)
				}
			})
		})
	}
}

// TestCallsWait: a call that waits for room has all of its time when it is made, and one that is cut while it waits is not made.
func TestCallsWait(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		t.Run(fmt.Sprint(cancel), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &faulty{Disk: sim.NewDisk()}
				s := f.publish(t, ``, `[{"id": "l", "for_each": {"items": "{{ [1, 2, 3] }}", "concurrency": 3, "steps": [{"id": "a", "uses": "app.call", "timeout": "90s"}]}}]`)
				e := engine.New(engine.Config{Store: f, Invoker: f, Owner: engine.NewID(), MaxCalls: 2, Log: slog.New(slog.DiscardHandler)})
				ctx, end := context.WithCancel(context.Background())
				done := make(chan error)
				go func() { done <- e.Serve(ctx, time.Hour) }()
				defer func() {
					end()
					<-done
					e.Close()
				}()
				id, err := accept(e, s) // each call takes a minute
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(90 * time.Second)
				if n := f.calls.Load(); n != 2 {
					t.Errorf("%d calls were made one after the other in 90 s", n)
				}
				want, calls := run.Succeeded, int32(3)
				if cancel {
					if err := e.Cancel(t.Context(), actor, id); err != nil {
						t.Fatal(err)
					}
					want, calls = run.Cancelled, 2
				}
				time.Sleep(5 * time.Minute)
				if r, err := f.Run(t.Context(), actor, id); err != nil || r.Status != want || f.calls.Load() != calls {
					t.Errorf("%s after %d calls: %v", r.Status, f.calls.Load(), err)
				}
			})
		})
	}
}
