package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// replaysNothingBefore holds that a replay from a step on does nothing of what stands before it, whatever the event or the time say
// about that by now, and takes over what it gave; and that it does get to the step.
func replaysNothingBefore(t *testing.T, b Bench) {
	const branches = `{"mode": "first", "branches": [{"id": "one", "if": "trigger.kind == 'one'", "steps": [{"id": "%s", "uses": "idempotent.%s", "with": {"n": 1}}]}, {"id": "two", "steps": [{"id": "%s", "uses": "idempotent.%s"}]}]}`
	router := func(first, second string) string { return fmt.Sprintf(branches, first, first, second, second) }
	s := publish(t, b.Store(), "before", `[
		{"id": "mails", "for_each": {"items": "{{ trigger.xs }}", "collect": "{{ item }}", "steps": [{"id": "mail", "uses": "idempotent.mail"}]}},
		{"id": "each", "each": "{{ trigger.xs }}", "uses": "idempotent.each"},
		{"id": "route", "router": `+router("red", "blue")+`},
		{"id": "loop", "repeat": {"until": "steps.count.n >= trigger.rounds", "max": 20, "steps": [{"id": "count", "uses": "idempotent.count", "with": {"n": "{{ (steps.count?.n ?? 0) + 1 }}"}}]}},
		{"id": "undoable", "for_each": {"items": "{{ trigger.xs ?? [] }}", "steps": [{"id": "book", "uses": "idempotent.book", "undo": {"id": "unbook", "uses": "idempotent.unbook"}}]}},
		{"id": "handled", "uses": "idempotent.never", "retry": {"attempts": 1}, "on_error": {"do": "handle", "steps": [{"id": "note", "uses": "idempotent.note", "with": {"text": "noted"}}]}},
		{"id": "items", "for_each": {"items": "{{ [1, 2, 3] }}", "steps": [{"id": "inner", "router": `+router("left", "right")+`}]}},
		{"id": "last", "uses": "idempotent.last", "with": {"mails": "{{ steps.mails }}", "red": "{{ steps.red?.n }}", "count": "{{ steps.count?.n }}", "note": "{{ steps.note?.text }}", "route": "{{ steps.route.branch }}"}}]`)
	var called []string
	var last []map[string]any
	outside := &Outside{}
	do := func(_ context.Context, c run.Call) run.Result {
		_, name, _ := strings.Cut(c.Action, ".")
		if _, index, inside := strings.Cut(c.Path, "["); inside {
			name += " [" + index[:2]
		}
		called = append(called, name)
		name, _, _ = strings.Cut(name, " ")
		switch {
		case name == "never":
			return run.Result{Failure: &run.Failure{Class: "invalid_input", Message: "Never."}}
		case name == "last":
			if last = append(last, c.Input); len(last) == 1 {
				return run.Result{Failure: &run.Failure{Class: "invalid_input", Message: "Not yet."}}
			}
		}
		return run.Result{Output: c.Input}
	}
	outside.Do = results{}
	for _, name := range strings.Fields("mail each red blue count book unbook never note left right last") {
		outside.Do["idempotent."+name] = do
	}
	e, stop, _ := b.Start(outside)
	defer stop()
	first := until(t, b.Store(), accept(t, e, s, map[string]any{"xs": []any{1, 2}, "kind": "one", "rounds": 2}), run.Failed)
	entries, err := b.Store().WholeJournal(t.Context(), actor, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	again := func(from string, event2 any) []string {
		t.Helper()
		given, err := run.ReplayOf(first, entries, from)
		if err != nil {
			t.Fatal(err)
		}
		start := event(s, event2)
		start.Replay = given
		called = nil
		if err := e.Accept(t.Context(), start); err != nil {
			t.Fatal(err)
		}
		if r := until(t, b.Store(), start.Accept.Event.RunID, run.Succeeded, run.Failed); r.Status == run.Failed {
			t.Errorf("from %s it failed: %s", from, r.Error.Message)
		}
		return called
	}
	same := map[string]any{"xs": []any{1, 2}, "kind": "one", "rounds": 2}
	other := map[string]any{"xs": []any{1, 2, 3, 4}, "kind": "two", "rounds": 6}
	none := map[string]any{}
	for name, c := range map[string]struct {
		from  string
		event any
		want  string
	}{
		"the last step":                          {"last", same, "last"},
		"the last step, on another event":        {"last", other, "last"},
		"the last step, on an empty event":       {"last", none, "last"},
		"an item":                                {"items[1].inner.left", same, "left [1] left [2] last"},
		"an item, on another event":              {"items[1].inner.left", other, "left [1] right [2] last"},
		"a round":                                {"loop[1].count", same, "count [1] book [0] book [1] never note left [0] left [1] left [2] last"},
		"a round, on an event that asks no more": {"loop[1].count", map[string]any{"xs": []any{1}, "kind": "one", "rounds": 1}, "count [1] book [0] never note left [0] left [1] left [2] last"},
		"what is done when a step fails":         {"handled.note", other, "note right [0] right [1] right [2] last"},
		"a branch, on an event of the other":     {"route.red", map[string]any{"xs": []any{9}, "kind": "two", "rounds": 1}, "red count [0] book [0] never note right [0] right [1] right [2] last"},
	} {
		got := again(c.from, c.event)
		if strings.Join(got, " ") != c.want {
			t.Errorf("from %s it calls %v and not %s", name, got, c.want)
		}
		if input := fmt.Sprint(last[len(last)-1]); strings.HasPrefix(name, "the last") && input != "map[count:2 mails:[1 2] note:noted red:1 route:one]" {
			t.Errorf("from %s on the last step is given %s", name, input)
		}
	}
	if slices.Contains(called, "unbook") {
		t.Error("something was taken back")
	}
}
