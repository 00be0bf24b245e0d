package enginetest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// Secret is what the steps of the suite mask: no store that an executor writes to holds it as it is.
const Secret = "anna.secret@example.org"

// masks holds that what a step masks is stored and shown masked wherever it goes, and is whole for the steps that need
// it: over a crash, in called scenarios, when a person edits an input, and in a replay of a part.
func masks(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "called", `"trigger": {"uses": "scenario", "with": {"inputs": [{"name": "to", "type": "string"}]}}`,
		`[{"id": "in", "uses": "idempotent.inner", "with": {"to": "{{ trigger.to }}"}}, {"id": "out", "uses": "pure.set", "with": {"again": "{{ trigger.to }}"}}]`)
	s := publish(t, b.Store(), "masks", `[
		{"id": "find", "uses": "idempotent.find", "mask": ["email", "cards[*].number"]},
		{"id": "pause", "wait": {"for": "100ms"}},
		{"id": "sub", "call": {"scenario": "called"}, "with": {"to": "{{ steps.find.email }}"}},
		{"id": "told", "wait": {"event": {}}, "mask": ["body.iban"]},
		{"id": "send", "uses": "idempotent.send", "with": {"text": "Dear {{ steps.find.email }}, {{ steps.told.body.iban }}", "card": "{{ steps.find.cards[0].number }}", "sub": "{{ steps.sub.again }}", "note": "keep"},
		 "on_error": {"do": "park"}},
		{"id": "last", "uses": "pure.set", "with": {"to": "{{ steps.find.email }}", "n": 1}}]`)
	fails := true
	var sent, inner []string
	outside := &Outside{Do: results{
		"idempotent.find": func(context.Context, run.Call) run.Result {
			return run.Result{Output: map[string]any{"email": Secret, "name": "Anna", "cards": []any{map[string]any{"number": 4111222233334444}}}}
		},
		"idempotent.inner": func(_ context.Context, c run.Call) run.Result {
			inner = append(inner, c.Input["to"].(string))
			return run.Result{Output: map[string]any{}, Exchange: &run.Exchange{URL: "http://x/?to=anna.secret%40example.org"}}
		},
		"idempotent.send": func(_ context.Context, c run.Call) run.Result {
			text, err := json.Marshal(c.Input)
			if err != nil {
				panic(err)
			}
			sent = append(sent, string(text))
			if !slices.Contains(c.Hidden, Secret) {
				t.Errorf("the call is not told what is hidden: %q", c.Hidden)
			}
			if fails {
				return run.Result{Failure: &run.Failure{Class: "invalid_input", Message: "No such person: " + Secret, Body: map[string]any{"email": Secret}}}
			}
			return run.Result{Output: map[string]any{}}
		}}}
	e, _, kill := b.Start(outside)
	id := accept(t, e, s, map[string]any{"n": 1})
	until(t, b.Store(), id, run.Waiting)
	kill()
	e, stop, _ := b.Start(outside)
	defer stop()
	for !strings.Contains(kinds(t, b.Store(), id), "step.waiting told") {
		until(t, b.Store(), id, run.Waiting, run.Running)
	}
	if err := e.Signal(t.Context(), &run.Signal{Workspace: actor.Workspace, Run: id, Kind: run.SignalEvent, Data: []byte(`{"body": {"iban": "CH93 0076 2011"}}`)}); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), id, run.Incomplete)
	want := `{"card":4111222233334444,"note":"keep","sub":"` + Secret + `","text":"Dear ` + Secret + `, CH93 0076 2011"}`
	if len(sent) != 1 || sent[0] != want || len(inner) != 1 || inner[0] != Secret {
		t.Errorf("sent %q, and within the called run %q", sent, inner)
	}
	fails = false
	shown := map[string]any{"text": "Dear ***, ***", "card": "***", "sub": "***", "note": "edited"}
	if err := e.Resume(t.Context(), actor, id, "send", shown); err != nil {
		t.Fatal(err)
	}
	r := until(t, b.Store(), id, run.Succeeded)
	if want = strings.Replace(want, "keep", "edited", 1); len(sent) != 2 || sent[1] != want {
		t.Errorf("after it was edited %q was sent", sent)
	}

	entries, err := b.Store().WholeJournal(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		run.Uncover(&entries[i])
	}
	given, err := run.ReplayOf(r, entries, "send")
	if err != nil {
		t.Fatal(err)
	}
	again := event(s, map[string]any{"n": 1})
	again.Replay = given
	if err := e.Accept(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	part := until(t, b.Store(), again.Accept.Event.RunID, run.Succeeded)
	if len(sent) != 3 || !strings.Contains(sent[2], Secret) || len(inner) != 1 {
		t.Errorf("a replay of a part sent %q", sent)
	}

	all := []run.Run{r, part}
	all = append(all, children(t, b, "called")...)
	for _, r := range all {
		text := told(t, b, r)
		for _, secret := range []string{Secret, "4111222233334444", "anna.secret%40"} {
			if strings.Contains(text, secret) {
				t.Errorf("the run of %s shows %s: %s", r.Scenario, secret, text)
			}
		}
		if !strings.Contains(text, run.Masked) {
			t.Errorf("the run of %s shows nothing masked: %s", r.Scenario, text)
		}
	}
	if text := told(t, b, r); strings.Contains(text, "CH93") || !strings.Contains(text, "Anna") {
		t.Errorf("the event that was waited for is shown, or too much is hidden: %s", text)
	}
}

// masksAtOnce holds that what a step masks is hidden from what comes right behind it, before anything was committed.
func masksAtOnce(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "at-once", `"trigger": {"uses": "scenario", "with": {"inputs": [{"name": "to", "type": "string"}]}}, "settings": {"label": "for {{ trigger.to }}"}`,
		`[{"id": "out", "uses": "pure.set", "with": {"again": "{{ trigger.to }}"}}]`)
	const find = `{"id": "find", "uses": "pure.find", "mask": ["email"]}, `
	outside := &Outside{Do: results{
		"pure.find": func(context.Context, run.Call) run.Result { return run.Result{Output: map[string]any{"email": Secret}} },
		"pure.log": func(_ context.Context, c run.Call) run.Result {
			if !slices.Contains(c.Hidden, Secret) {
				t.Error("a call right behind is not told what is hidden")
			}
			return run.Result{Output: c.Input}
		}}}
	e, stop, _ := b.Start(outside)
	defer stop()
	for name, next := range map[string]string{
		"output": `{"id": "l", "uses": "pure.log", "with": {"line": "mail {{ steps.find.email }}"}}`,
		"call":   `{"id": "c", "call": {"scenario": "at-once"}, "with": {"to": "{{ steps.find.email }}"}}`,
		"async":  `{"id": "c", "call": {"scenario": "at-once", "async": true}, "with": {"to": "{{ steps.find.email }}"}}`,
		"stop":   `{"id": "s", "stop": {"as": "failed", "message": "no {{ steps.find.email }}"}}`,
	} {
		s := publish(t, b.Store(), "masks-"+name, "["+find+next+"]")
		r := until(t, b.Store(), accept(t, e, s, 1), run.Succeeded, run.Failed)
		if text := told(t, b, r); strings.Contains(text, Secret) || !strings.Contains(text, run.Masked) {
			t.Errorf("%s: %s", name, text)
		}
	}
	for _, r := range children(t, b, "at-once") {
		r = until(t, b.Store(), r.ID, run.Succeeded)
		if text := told(t, b, r); strings.Contains(text, Secret) {
			t.Errorf("a called run: %s", text)
		}
	}
}

// told is all that is shown of a run.
func told(t *testing.T, b Bench, r run.Run) string {
	t.Helper()
	entries, err := b.Store().Journal(t.Context(), actor, r.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	event, err := b.Store().Event(t.Context(), actor, r.EventID)
	if err != nil {
		t.Fatal(err)
	}
	row, err := json.Marshal([]any{r, string(r.Output), string(event.Value)})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if row, err = e.AppendJSON(append(row, '\n'), ""); err != nil {
			t.Fatal(err)
		}
	}
	return string(row)
}
