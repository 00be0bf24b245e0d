package actionstest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// poll looks at a trigger's list from where look.json says; the output is what the list gave.
func (e *exchange) poll(t *testing.T, v *vendor, sandbox bool, kept *outbox, sampled bool) run.Result {
	t.Helper()
	var from struct {
		Since time.Time
		Row   int64
	}
	if text := e.parts["look.json"]; text != nil {
		if err := json.Unmarshal(text, &from); err != nil {
			t.Fatal(err)
		}
	}
	client, book := e.client(t, v, sandbox, kept)
	defer client.Close()
	items := []any{}
	looked, err := client.Poll(t.Context(), run.Look{Workspace: "default", Scenario: "s", Trigger: "trigger", Uses: e.connector.ID + "." + e.trigger.ID,
		Connection: book.connection.Slug, Input: e.input(t, v), Since: from.Since, Row: from.Row, Sampled: sampled}, func(p run.Part) (bool, error) {
		items = append(items, p.Items...)
		return true, nil
	})
	if err != nil {
		return run.Result{Failure: run.FailureOf(err)}
	}
	if !looked.Whole || looked.Sandboxed != sandbox {
		t.Errorf("the look ended as %+v", looked)
	}
	for _, item := range items {
		if p := e.trigger.Poll; p.Row == "" && (value.At(item, p.Page.ID) == nil || p.Time != "" && value.At(item, p.Time) == nil) {
			t.Errorf("an item has no identity or no time: %s", value.Text(item))
		}
	}
	if n := len(items); n > 4 { // of a long one its ends
		return run.Result{Output: map[string]any{"items": int64(n), "first": items[:2], "last": items[n-2:]}}
	}
	return run.Result{Output: items}
}

// sample asks that a sandbox connection gives the trigger's sample once, and keeps the request that it stands for.
func (e *exchange) sample(t *testing.T, v *vendor) {
	t.Helper()
	kept, sent := &outbox{}, len(v.requests())
	first := e.poll(t, v, true, kept, false)
	if have, want := value.Text(first.Output), value.Text([]any{e.trigger.Sample}); first.Failure != nil || have != want {
		t.Errorf("in the sandbox it gives %s (%+v), not the sample", have, first.Failure)
	}
	again := e.poll(t, v, true, kept, true)
	if have := value.Text(again.Output); again.Failure != nil || have != "[]" {
		t.Errorf("in the sandbox it then gives %s (%+v)", have, again.Failure)
	}
	if len(v.requests()) != sent || len(kept.list) != 1 {
		t.Errorf("in the sandbox %d requests were sent, and %d kept", len(v.requests())-sent, len(kept.list))
	}
}
