package enginetest

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// longRepeat holds that a repeat goes round for as long as it likes and costs what its newest rounds do: the journal loses the
// others, a crash changes nothing, and a replay from its last round or from behind it takes over what it had come to.
func longRepeat(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "rounds", `[
		{"id": "loop", "repeat": {"until": "steps.next.n >= 3000", "max": 100000, "steps": [
			{"id": "next", "uses": "pure.next", "with": {"n": "{{ (steps.next?.n ?? 0) + 1 }}"}},
			{"id": "way", "router": {"mode": "first", "branches": [{"id": "once", "if": "steps.next.n == 3", "steps": [
				{"id": "early", "uses": "idempotent.early", "with": {}, "mask": ["text"]}]}]}},
			{"id": "pause", "if": "steps.next.n == 2500", "wait": {"event": {}}},
			{"id": "late", "if": "steps.next.n == 2900", "uses": "idempotent.late", "with": {"text": "{{ steps.early.text }}"}}]}},
		{"id": "after", "uses": "idempotent.after", "with": {"n": "{{ steps.next.n }}", "text": "{{ steps.early.text }}", "told": "{{ steps.pause?.body }}", "count": "{{ steps.loop.count }}"}}]`)
	var rounds, early atomic.Int32
	var late, after []map[string]any
	fails := func(into *[]map[string]any) func(context.Context, run.Call) run.Result {
		return func(_ context.Context, c run.Call) run.Result {
			if *into = append(*into, c.Input); len(*into) == 1 {
				return run.Result{Failure: &run.Failure{Class: "invalid_input", Message: "Not now."}}
			}
			return run.Result{Output: c.Input}
		}
	}
	outside := &Outside{Do: results{"idempotent.late": fails(&late), "idempotent.after": fails(&after),
		"pure.next": func(_ context.Context, c run.Call) run.Result {
			rounds.Add(1)
			return run.Result{Output: c.Input}
		},
		"idempotent.early": func(context.Context, run.Call) run.Result {
			early.Add(1)
			return run.Result{Output: map[string]any{"text": Secret}}
		}}}
	e, _, kill := b.Start(outside)
	id := accept(t, e, s, map[string]any{})
	until(t, b.Store(), id, run.Waiting)
	kill()
	e, stop, _ := b.Start(outside)
	defer stop()
	if err := e.Signal(t.Context(), &run.Signal{Workspace: actor.Workspace, Run: id, Kind: run.SignalEvent, Data: []byte(`{"body": 7}`)}); err != nil {
		t.Fatal(err)
	}
	first := until(t, b.Store(), id, run.Failed)
	if len(late) != 1 || late[0]["text"] != Secret || early.Load() != 1 {
		t.Fatalf("the late step was called with %v, the early one %d times", late, early.Load())
	}
	again := func(of run.Run, from string, want run.Status) run.Run {
		t.Helper()
		entries, err := b.Store().WholeJournal(t.Context(), actor, of.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			run.Uncover(&entries[i])
		}
		given, err := run.ReplayOf(of, entries, from)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.ReplayOf(of, entries, "loop[5].next"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a replay from a round that is gone: %v", err)
		}
		start := event(s, map[string]any{})
		start.Replay = given
		if err := e.Accept(t.Context(), start); err != nil {
			t.Fatal(err)
		}
		rounds.Store(0)
		return until(t, b.Store(), start.Accept.Event.RunID, want)
	}
	if left, err := b.Store().Journal(t.Context(), actor, first.ID, 0); err != nil || first.Seq < 15_000 || len(left) > 12_500 {
		t.Errorf("of %d entries %d are left: %v", first.Seq, len(left), err)
	}
	second := again(first, "loop[2899].late", run.Failed)
	if n := rounds.Load(); n != 100 || len(late) != 2 || late[1]["text"] != Secret {
		t.Errorf("from its last round %d rounds were gone, and late was called with %v", n, late)
	}
	third := again(second, "after", run.Succeeded)
	fourth := again(third, "after", run.Succeeded)
	if n := rounds.Load(); n != 0 || len(late) != 2 || early.Load() != 1 || len(after) != 3 {
		t.Errorf("from behind the loop %d rounds were gone, late was called %d times, early %d, after %d", n, len(late), early.Load(), len(after))
	}
	for _, input := range after {
		if input["n"] != 3000 || input["text"] != Secret || input["told"] != nil || input["count"] != 3000 {
			t.Errorf("behind the loop stands %v", input)
		}
	}
	for _, r := range []run.Run{first, second, third, fourth} {
		if text := told(t, b, r); strings.Contains(text, Secret) || !strings.Contains(text, run.Masked) {
			t.Errorf("a run shows what is masked, or nothing masked: %.2000s", text)
		}
	}
}
