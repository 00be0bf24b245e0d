package enginetest

import (
	"context"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// masksReturned holds that who calls a run hides what that masks of what it gives, and goes on with the real values.
func masksReturned(t *testing.T, b Bench) {
	const sub = `"trigger": {"uses": "scenario"}`
	publishWith(t, b.Store(), "gives", sub, `[{"id": "o", "uses": "pure.find", "mask": ["v", "pin"]}]`)
	publishWith(t, b.Store(), "refuses", sub, `[{"id": "o", "uses": "pure.find", "mask": ["v"]}, {"id": "s", "stop": {"as": "failed", "message": "no {{ steps.o.v }} here"}}]`)
	publishWith(t, b.Store(), "between", sub, `[{"id": "c", "call": {"scenario": "gives"}}, {"id": "o", "uses": "pure.set", "with": {"v": "so {{ steps.c.v }}", "pin": "{{ steps.c.pin }}"}}]`)
	publishWith(t, b.Store(), "heard", `"trigger": {"uses": "failure"}`, `[{"id": "o", "uses": "pure.set", "with": {"m": "{{ split(trigger.error.message, \" \")[1] }}"}}]`)
	s := publish(t, b.Store(), "gets", `[{"id": "c", "call": {"scenario": "between"}}, {"id": "w", "wait": {"for": "100ms"}}, {"id": "z", "uses": "idempotent.send", "with": {"v": "it is {{ steps.c.v }}"}}]`)
	fails := publishWith(t, b.Store(), "fails-so", `"trigger": {"uses": "webhook"}, "on_failure": {"scenario": "heard"}`, `[{"id": "c", "call": {"scenario": "refuses"}}]`)
	plain := publish(t, b.Store(), "gets-short", `[{"id": "c", "call": {"scenario": "gives"}}]`)
	var sent []string
	outside := &Outside{Do: results{
		"pure.find": func(context.Context, run.Call) run.Result {
			return run.Result{Output: map[string]any{"v": Secret, "pin": "77x"}}
		},
		"idempotent.send": func(_ context.Context, c run.Call) run.Result {
			sent = append(sent, c.Input["v"].(string))
			return run.Result{Output: c.Input}
		}}}
	e, _, kill := b.Start(outside)
	id := accept(t, e, s, 1)
	for !strings.Contains(kinds(t, b.Store(), id), "step.waiting w") {
		until(t, b.Store(), id, run.Waiting, run.Running)
	}
	kill()
	e, stop, _ := b.Start(outside)
	defer stop()
	r := until(t, b.Store(), id, run.Succeeded)

	entries, err := b.Store().WholeJournal(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		run.Uncover(&entries[i])
	}
	given, err := run.ReplayOf(r, entries, "z")
	if err != nil {
		t.Fatal(err)
	}
	again := event(s, 1)
	again.Replay = given
	if err := e.Accept(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	part := until(t, b.Store(), again.Accept.Event.RunID, run.Succeeded)
	if len(sent) != 2 || sent[0] != "it is so "+Secret || sent[1] != sent[0] {
		t.Errorf("sent %q", sent)
	}
	failed := until(t, b.Store(), accept(t, e, fails, 1), run.Failed)
	short := until(t, b.Store(), accept(t, e, plain, 1), run.Succeeded)
	all := append([]run.Run{r, part, failed, short}, children(t, b, "heard")...)
	if len(all) != 5 {
		t.Fatalf("%d runs were told of the failure", len(all)-4)
	}
	all[4] = until(t, b.Store(), all[4].ID, run.Succeeded)
	for _, r := range all {
		text := told(t, b, r)
		if strings.Contains(text, Secret) || !strings.Contains(text, run.Masked) {
			t.Errorf("the run of %s shows: %s", r.Scenario, text)
		}
		if strings.Contains(text, "texts") || strings.Contains(text, "places") {
			t.Errorf("the run of %s shows what it hides: %s", r.Scenario, text)
		}
	}
	if text := told(t, b, short); strings.Contains(text, "77x") {
		t.Errorf("a short text is shown at its place: %s", text)
	}
}
