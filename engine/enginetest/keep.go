package enginetest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

func keeps(t *testing.T, b Bench) {
	const steps = `[{"id": "a", "uses": "idempotent.first", "with": {"card": "{{ trigger.card }}"}}, {"id": "w", "wait": {"for": "1ms"}},
		{"id": "b", "if": "trigger.bad", "uses": "pure.set", "with": {"n": "{{ parse_json(trigger.card) }}"}}]`
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	for _, c := range []struct {
		keep      string
		bad, kept bool
	}{{"all", false, true}, {"failed", true, true}, {"failed", false, false}, {"none", true, false}} {
		name := c.keep + "-" + map[bool]string{true: "bad", false: "good"}[c.bad]
		s := publishWith(t, b.Store(), name, `"trigger": {"uses": "webhook"}, "settings": {"keep": "`+c.keep+`"}`, steps)
		id := accept(t, e, s, map[string]any{"card": "4111 1111", "bad": c.bad})
		want := run.Succeeded
		if c.bad {
			want = run.Failed
		}
		r := until(t, b.Store(), id, want)
		entries, err := b.Store().Journal(t.Context(), actor, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		event, err := b.Store().Event(t.Context(), actor, r.EventID)
		if err != nil {
			t.Fatal(err)
		}
		all, err := json.Marshal([]any{entries, string(event.Value), string(event.Raw), event.Header, string(r.Output)})
		if err != nil {
			t.Fatal(err)
		}
		if kept := strings.Contains(string(all), "4111"); kept != c.kept || (event.Detail == run.NotKept) == c.kept {
			t.Errorf("%s: kept is %v: %s", name, kept, all)
		}
		if steps := kinds(t, b.Store(), id); !strings.Contains(steps, "step.succeeded a") {
			t.Errorf("%s: what happened is not kept: %s", name, steps)
		}
	}
}

func computes(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "computes", `[{"id": "r", "repeat": {"while": "true", "max": 100000000, "steps": [{"id": "a", "uses": "pure.set", "with": {"n": "{{ (steps.a?.n ?? 0) + 1 }}"}}]}}]`)
	e, stop, _ := b.Start(&Outside{})
	id := accept(t, e, s, 1)
	until(t, b.Store(), id, run.Running)
	stop()
	before := len(kinds(t, b.Store(), id))
	e, stop, _ = b.Start(&Outside{})
	defer stop()
	for len(kinds(t, b.Store(), id)) == before {
		time.Sleep(10 * time.Millisecond)
	}
	if err := e.Cancel(t.Context(), actor, id); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), id, run.Cancelled)
}
