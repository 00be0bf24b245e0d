package enginetest

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// large holds that values which are too large to be carried along are kept apart once each, are whole for the steps that
// read them, over a crash, in called scenarios and in a replay of a part, and stand whole in what is asked for one by one.
func large(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "inner", `"trigger": {"uses": "scenario", "with": {"inputs": [{"name": "text", "type": "string"}]}}`,
		`[{"id": "w", "wait": {"for": "1ms"}}, {"id": "out", "uses": "idempotent.echo", "with": {"text": "{{ trigger.text }}!"}}]`)
	s := publishWith(t, b.Store(), "large", `"trigger": {"uses": "webhook", "order_by": "{{ trigger.key }}"}`, `[
		{"id": "first", "uses": "idempotent.echo", "with": {"text": "{{ trigger.text }}", "n": 1}},
		{"id": "pause", "wait": {"for": "100ms"}},
		{"id": "sub", "call": {"scenario": "inner"}, "with": {"text": "{{ steps.first.text }}"}},
		{"id": "told", "wait": {"event": {"match": "len(event.body) > 5"}}},
		{"id": "all", "each": "{{ [1, 2] }}", "uses": "idempotent.echo", "with": {"text": "{{ steps.first.text }}", "n": "{{ item }}"}},
		{"id": "loop", "for_each": {"items": "{{ [3] }}", "collect": "{{ steps.in.text }}", "steps": [{"id": "in", "uses": "idempotent.echo", "with": {"text": "{{ steps.all[1].text }}"}}]}},
		{"id": "check", "uses": "idempotent.check", "with": {"first": "{{ len(steps.first.text) }}", "sub": "{{ len(steps.sub.text) }}", "told": "{{ len(steps.told.body) }}", "all": "{{ len(steps.all[0].text) }}",
			"loop": "{{ len(steps.loop[0]) }}", "every": "{{ len(keys(steps)) }}", "trigger": "{{ len(trigger.text) }}"}},
		{"id": "roomy", "uses": "idempotent.roomy", "with": {"text": "{{ trigger.text }}"}},
		{"id": "last", "uses": "idempotent.echo", "with": {"text": "{{ trigger.text }}"}}]`)
	const size = 1 << 20
	text := strings.Repeat("word ", size/5)
	var checked []map[string]any
	var taken, back atomic.Int32
	outside := &Outside{Do: results{"idempotent.roomy": func(_ context.Context, c run.Call) run.Result {
		taken.Add(1)
		return run.Result{Output: c.Input, Done: func() { back.Add(1) }}
	}, "idempotent.check": func(_ context.Context, c run.Call) run.Result {
		checked = append(checked, c.Input)
		return run.Result{Output: map[string]any{}}
	}}}
	e, _, kill := b.Start(outside)
	id := accept(t, e, s, map[string]any{"text": text, "key": "k"})
	until(t, b.Store(), id, run.Waiting)
	kill()
	e, stop, _ := b.Start(outside)
	defer stop()
	for !strings.Contains(kinds(t, b.Store(), id), "step.waiting told") {
		until(t, b.Store(), id, run.Waiting, run.Running)
	}
	if err := e.Signal(t.Context(), &run.Signal{Workspace: actor.Workspace, Run: id, Kind: run.SignalEvent, Data: []byte(`{"body": "` + text + `"}`)}); err != nil {
		t.Fatal(err)
	}
	r := until(t, b.Store(), id, run.Succeeded)
	if taken.Load() != 1 || back.Load() != 1 {
		t.Errorf("of %d outputs that take room it was given back %d times", taken.Load(), back.Load())
	}
	n := len(text)
	for name, want := range map[string]int{"first": n, "sub": n + 1, "told": n, "all": n, "loop": n, "trigger": n} {
		if len(checked) != 1 || checked[0][name] != want {
			t.Errorf("%s has %v bytes, not %d", name, checked[0][name], want)
		}
	}
	if len(r.Output) < n {
		t.Errorf("the run's output has %d bytes", len(r.Output))
	}
	came, err := b.Store().Event(t.Context(), actor, r.EventID)
	if err != nil || len(came.Value) < n {
		t.Errorf("the event has %d bytes: %v", len(came.Value), err)
	}
	entries, err := b.Store().Journal(t.Context(), actor, id, 0)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := run.AppendEntries(nil, entries)
	if err != nil || len(stored) > 20_000 {
		t.Errorf("the journal carries %d bytes: %v", len(stored), err)
	}
	hashes := map[string]int{}
	for _, l := range run.Larges(entries) {
		hashes[l.Hash]++
	}
	if len(hashes) == 0 || len(hashes) == len(run.Larges(entries)) {
		t.Errorf("%d values are kept apart for %d places", len(hashes), len(run.Larges(entries)))
	}

	whole, err := b.Store().WholeJournal(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	given, err := run.ReplayOf(r, whole, "check")
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.Decode(came.Value, value.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	again := event(s, v)
	again.Replay = given
	if err := e.Accept(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), again.Accept.Event.RunID, run.Succeeded)
	if len(checked) != 2 || checked[1]["first"] != n || checked[1]["trigger"] != n {
		t.Errorf("a replay of a part sees %v", checked[1:])
	}
}
