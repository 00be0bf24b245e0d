package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

const overlapping = `"trigger": {"uses": "schedule", "with": {"every": "1m"}}`

// fire takes a planned time in, as a schedule does.
func fire(t *testing.T, e Executor, s scenario.Stored, n int, o run.Overlap) *run.Accept {
	t.Helper()
	start := event(s, n)
	start.Accept.Overlap = o
	start.Accept.Dedupe = []run.DedupeKey{{Key: fmt.Sprint("delivery:schedule:", n), Until: time.Now().Add(time.Hour)}}
	if err := e.Accept(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	return &start.Accept
}

func skips(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "skips", overlapping, `[{"id": "w", "wait": {"event": {}}}]`)
	e, _, kill := b.Start(&Outside{})
	first := fire(t, e, s, 1, run.OverlapSkip)
	until(t, b.Store(), first.Event.RunID, run.Waiting)
	kill()
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	passed := fire(t, e, s, 2, run.OverlapSkip)
	if passed.Instead == "" || passed.Event.Outcome != run.Filtered || passed.Event.RunID != "" {
		t.Errorf("a time beside a run that waits: %+v", passed)
	}
	if err := e.Signal(t.Context(), signal(s, first.Event.RunID, "k", `{}`)); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), first.Event.RunID, run.Succeeded)
	if again := fire(t, e, s, 2, run.OverlapSkip); again.FirstEvent != passed.Event.ID {
		t.Errorf("what was passed over begins later: %+v", again)
	}
	next := fire(t, e, s, 3, run.OverlapSkip)
	until(t, b.Store(), next.Event.RunID, run.Waiting)
}

func cancelsBefore(t *testing.T, b Bench) {
	s := publishWith(t, b.Store(), "cancels", overlapping, `[{"id": "a", "uses": "idempotent.first"}, {"id": "w", "wait": {"event": {}}}]`)
	began := map[string]bool{}
	var d diary
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.first": func(_ context.Context, call run.Call) run.Result {
		d.mu.Lock()
		defer d.mu.Unlock()
		began[call.Run] = true
		return run.Result{Output: map[string]any{}}
	}}}
	e, _, kill := b.Start(outside)
	first := fire(t, e, s, 1, run.OverlapCancel).Event.RunID
	until(t, b.Store(), first, run.Waiting)
	queued := fire(t, e, s, 2, run.OverlapQueue).Event.RunID
	last := fire(t, e, s, 3, run.OverlapCancel).Event.RunID
	kill() // wherever the cancelling is
	_, stop, _ := b.Start(outside)
	defer stop()
	for _, id := range []string{first, queued} {
		until(t, b.Store(), id, run.Cancelled)
	}
	until(t, b.Store(), last, run.Waiting)
	if entries := kinds(t, b.Store(), queued); strings.Contains(entries, "step.") || began[queued] {
		t.Errorf("one that was cancelled before its turn began: %s", entries)
	}
}
