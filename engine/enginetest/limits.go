package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// diary notes what began and ended, in order.
type diary struct {
	mu     sync.Mutex
	lines  []string
	inside int
	most   int
}

func (d *diary) begin(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
	d.inside++
	d.most = max(d.most, d.inside)
}

func (d *diary) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
}

func inOrder(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "ordered", `"trigger": {"uses": "webhook", "order_by": "{{ trigger.key }}"}`,
		`[{"id": "a", "uses": "idempotent.first", "with": {"k": "{{ trigger.key }}", "n": "{{ trigger.n }}"}, "retry": {"attempts": 3, "initial": "10ms"}}, {"id": "b", "uses": "idempotent.second", "with": {"k": "{{ trigger.key }}", "n": "{{ trigger.n }}"}}]`)
	var d diary
	failed := map[string]bool{}
	var met sync.WaitGroup // the first calls of both lines wait for one another
	met.Add(2)
	first := map[string]*sync.Once{"x": {}, "y": {}}
	note := func(_ context.Context, call run.Call) run.Result {
		line := fmt.Sprintf("%s %s %s", call.Input["k"], value.Text(call.Input["n"]), call.Path)
		d.begin(line)
		defer d.end()
		first[call.Input["k"].(string)].Do(func() {
			met.Done()
			met.Wait()
		})
		d.mu.Lock()
		defer d.mu.Unlock()
		if strings.HasSuffix(line, "3 a") && !failed[line] {
			failed[line] = true
			return run.Result{Failure: &run.Failure{Class: "unavailable", Message: "not now"}}
		}
		return run.Result{Output: map[string]any{}}
	}
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.first": note, "idempotent.second": note}}
	e, _, kill := b.Start(outside)
	var ids []string
	for n := range 8 {
		for _, key := range []string{"x", "y"} {
			ids = append(ids, accept(t, e, s, map[string]any{"key": key, "n": n}))
		}
	}
	until(t, b.Store(), ids[4], run.Succeeded)
	kill()
	_, stop, _ := b.Start(outside)
	defer stop()
	for _, id := range ids {
		until(t, b.Store(), id, run.Succeeded)
	}
	for _, key := range []string{"x", "y"} {
		var got []string
		for _, line := range d.lines {
			if strings.HasPrefix(line, key) {
				got = append(got, line)
			}
		}
		if !slices.IsSorted(got) {
			t.Errorf("the calls of %s were made in the order %q", key, got)
		}
	}
	if d.most < 2 {
		t.Error("two lines do not move beside one another")
	}
}

func holdsLine(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "line", `"trigger": {"uses": "webhook", "order_by": "k"}`, `[{"id": "w", "wait": {"event": {}}}]`)
	e, stop, _ := b.Start(&Outside{})
	first, second, third := accept(t, e, s, 1), accept(t, e, s, 2), accept(t, e, s, 3)
	until(t, b.Store(), first, run.Waiting)
	stop()
	e, stop, _ = b.Start(&Outside{})
	defer stop()
	time.Sleep(50 * time.Millisecond)
	for _, id := range []string{second, third} {
		if r := until(t, b.Store(), id, run.Queued); r.Hold != run.BehindOther {
			t.Errorf("%+v", r)
		}
	}
	if err := e.Cancel(t.Context(), actor, second); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), second, run.Cancelled)
	if entries := kinds(t, b.Store(), second); strings.Contains(entries, "step.") {
		t.Errorf("a run that was cancelled in its line began: %s", entries)
	}
	if err := e.Resume(t.Context(), actor, third, "w", nil); err == nil {
		t.Error("a run that has not begun was resumed")
	}
	until(t, b.Store(), third, run.Queued)
	if err := e.Signal(t.Context(), signal(s, third, "early", `{}`)); err != nil {
		t.Fatal(err)
	}
	if err := e.Signal(t.Context(), signal(s, first, "k", `{}`)); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), first, run.Succeeded)
	until(t, b.Store(), third, run.Succeeded)
}

func limited(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "limited", `"trigger": {"uses": "webhook", "concurrency": 2}`, `[{"id": "a", "uses": "idempotent.first"}, {"id": "b", "uses": "idempotent.second"}]`)
	var d diary
	note := func(_ context.Context, call run.Call) run.Result {
		d.begin(call.Run)
		defer d.end()
		time.Sleep(2 * time.Millisecond)
		return run.Result{Output: map[string]any{}}
	}
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.first": note, "idempotent.second": note}}
	e, _, kill := b.Start(outside)
	var all sync.WaitGroup
	ids := make([]string, 40)
	for i := range ids {
		all.Go(func() {
			start := event(s, i)
			if err := e.Accept(t.Context(), start); err != nil {
				t.Error(err)
			}
			ids[i] = start.Accept.Event.RunID
		})
	}
	all.Wait()
	until(t, b.Store(), ids[0], run.Succeeded, run.Queued, run.Running)
	time.Sleep(20 * time.Millisecond)
	kill()
	time.Sleep(10 * time.Millisecond) // the calls that the crash cut off end outside
	d.mu.Lock()
	if d.most > 2 {
		t.Errorf("%d calls at once", d.most)
	}
	d.mu.Unlock()
	e, stop, _ := b.Start(outside)
	defer stop()
	for _, id := range ids {
		until(t, b.Store(), id, run.Succeeded)
	}
	if d.most != 2 {
		t.Errorf("%d calls at once", d.most)
	}
	late := accept(t, e, s, 1)
	until(t, b.Store(), late, run.Succeeded)
}

func limitedAwake(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "awake", `"trigger": {"uses": "webhook", "concurrency": 1}`, `[{"id": "w", "wait": {"for": "150ms"}}, {"id": "a", "uses": "idempotent.first"}]`)
	var d diary
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.first": func(_ context.Context, call run.Call) run.Result {
		d.begin(call.Run)
		defer d.end()
		time.Sleep(3 * time.Millisecond)
		return run.Result{Output: map[string]any{}}
	}}}
	e, stop, _ := b.Start(outside)
	defer stop()
	var ids []string
	for i := range 10 {
		ids = append(ids, accept(t, e, s, i))
	}
	for _, id := range ids {
		until(t, b.Store(), id, run.Succeeded)
	}
	if d.most != 1 {
		t.Errorf("%d runs moved at once", d.most)
	}
}

func throttled(t *testing.T, b Bench) {
	const window = 200 * time.Millisecond
	s := publishWith(t, b.Store(), "throttled", `"trigger": {"uses": "webhook", "throttle": "2/200ms", "concurrency": 1}`, `[{"id": "a", "uses": "idempotent.first"}]`)
	e, _, kill := b.Start(&Outside{})
	begun := time.Now().Truncate(time.Millisecond)
	var ids []string
	for i := range 7 {
		ids = append(ids, accept(t, e, s, i))
	}
	until(t, b.Store(), ids[1], run.Succeeded)
	if r := until(t, b.Store(), ids[6], run.Queued); r.WakeAt.IsZero() {
		t.Errorf("the last run does not wait for its turn: %+v", r)
	}
	kill()
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	if err := e.Cancel(t.Context(), actor, ids[5]); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		want := run.Succeeded
		if i == 5 {
			want = run.Cancelled
		}
		r := until(t, b.Store(), id, want)
		if turn := begun.Add(time.Duration(i/2) * window); i != 5 && r.StartedAt.Before(turn) {
			t.Errorf("the run %d began %s before its turn", i, turn.Sub(r.StartedAt))
		}
	}
}

func unordered(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "unordered", `"trigger": {"uses": "webhook", "order_by": "{{ trigger.a.b }}"}`, `[{"id": "a", "uses": "pure.set"}]`)
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	r := until(t, b.Store(), accept(t, e, s, map[string]any{"a": "text"}), run.Failed)
	if r.Error == nil || !strings.Contains(r.Error.Message, "order_by") {
		t.Errorf("%+v", r.Error)
	}
}

func hangs(t *testing.T, b Bench) {
	hanging := publish(t, b.Store(), "hanging", `[{"id": "a", "uses": "once.hang"}]`)
	well := publish(t, b.Store(), "well", `[{"id": "a", "uses": "once.send"}]`)
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"once.hang": func(ctx context.Context, _ run.Call) run.Result {
		<-ctx.Done()
		return run.Result{Failure: &run.Failure{Class: "uncertain", Message: "cut"}}
	}}}
	e, _, kill := b.Start(outside)
	defer kill()
	var ids []string
	for i := range 3000 { // more than there are places
		ids = append(ids, accept(t, e, hanging, i))
	}
	for i := range 200 {
		until(t, b.Store(), accept(t, e, well, i), run.Succeeded)
	}
	for _, id := range []string{ids[0], ids[2999]} {
		if err := e.Cancel(t.Context(), actor, id); err != nil {
			t.Errorf("%v", err)
		}
	}
	until(t, b.Store(), ids[2999], run.Cancelled)
}
