package enginetest

import (
	"context"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// replaysItems holds that a replay from inside an item, on another event, does that item, or fails where there is none.
func replaysItems(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "items-again", `[{"id": "f", "for_each": {"items": "{{ trigger.xs }}", "steps": [
		{"id": "a", "uses": "idempotent.echo", "with": {"n": "{{ item }}"}}, {"id": "b", "uses": "idempotent.mind", "with": {"n": "{{ steps.a.n }}"}}]}}]`)
	var minded []any
	outside := &Outside{Do: results{"idempotent.mind": func(_ context.Context, c run.Call) run.Result {
		minded = append(minded, c.Input["n"])
		if c.Input["n"] == 3 {
			return run.Result{Failure: &run.Failure{Class: "invalid_input", Message: "Not three."}}
		}
		return run.Result{Output: map[string]any{}}
	}}}
	e, stop, _ := b.Start(outside)
	defer stop()
	first := until(t, b.Store(), accept(t, e, s, map[string]any{"xs": []any{1, 2, 3, 4}}), run.Failed)
	entries, err := b.Store().WholeJournal(t.Context(), actor, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	again := func(xs ...any) run.Run {
		given, err := run.ReplayOf(first, entries, "f[2].b")
		if err != nil {
			t.Fatal(err)
		}
		start := event(s, map[string]any{"xs": xs})
		start.Replay = given
		if err := e.Accept(t.Context(), start); err != nil {
			t.Fatal(err)
		}
		minded = nil
		return until(t, b.Store(), start.Accept.Event.RunID, run.Failed, run.Succeeded)
	}
	for _, short := range [][]any{{7}, {1, 2}, {}} {
		if r := again(short...); r.Status != run.Failed || len(minded) != 0 || r.Error == nil || !strings.Contains(r.Error.Message, "from f") {
			t.Errorf("over %v it is %s after %v: %+v", short, r.Status, minded, r.Error)
		}
	}
	if r := again(1, 2, 30, 4); r.Status != run.Failed || len(minded) != 1 { // what step a gave there is taken over
		t.Errorf("from the step it is %s after %v", r.Status, minded)
	}
}
