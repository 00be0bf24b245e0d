package enginetest

import (
	"context"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// largeCollected holds that what the items of a loop give is whole when the loop ends, also where it was kept apart and a process that
// ended meanwhile had it last.
func largeCollected(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "gathers", `[
		{"id": "f", "for_each": {"items": "{{ [1, 2] }}", "collect": "{{ steps.s.text }}", "steps": [
			{"id": "s", "uses": "idempotent.echo", "with": {"text": "{{ trigger.text }}{{ item }}"}},
			{"id": "w", "wait": {"event": {}}}]}},
		{"id": "check", "uses": "idempotent.check", "with": {"first": "{{ steps.f[0] }}", "second": "{{ steps.f[1] }}"}}]`)
	text := strings.Repeat("word ", 100_000)
	var checked map[string]any
	outside := &Outside{Do: results{"idempotent.check": func(_ context.Context, c run.Call) run.Result {
		checked = c.Input
		return run.Result{Output: map[string]any{}}
	}}}
	e, _, kill := b.Start(outside)
	id := accept(t, e, s, map[string]any{"text": text})
	for _, item := range []string{"f[0].w", "f[1].w"} {
		for !strings.Contains(kinds(t, b.Store(), id), "step.waiting "+item) {
			until(t, b.Store(), id, run.Waiting, run.Running)
		}
		kill()
		e, _, kill = b.Start(outside)
		if err := e.Signal(t.Context(), &run.Signal{Workspace: actor.Workspace, Run: id, Kind: run.SignalEvent, Data: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, b.Store(), id, run.Succeeded)
	kill()
	if checked["first"] != text+"1" || checked["second"] != text+"2" {
		t.Errorf("the loop gave %d and %d bytes", len(checked["first"].(string)), len(checked["second"].(string)))
	}
}
