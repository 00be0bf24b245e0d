package enginetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

func calledLimited(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "one-by-one", `"trigger": {"uses": "scenario", "concurrency": 1}`, `[{"id": "a", "uses": "idempotent.first"}, {"id": "out", "uses": "pure.set", "with": {"n": "{{ trigger.n }}"}}]`)
	s := publish(t, b.Store(), "calls-many", `[{"id": "l", "for_each": {"items": "{{ 0..11 }}", "concurrency": 12, "collect": "{{ steps.c.n }}", "steps": [{"id": "c", "call": {"scenario": "one-by-one"}, "with": {"n": "{{ item }}"}}]}}]`)
	var d diary
	outside := &Outside{Do: results{"idempotent.first": func(_ context.Context, call run.Call) run.Result {
		d.begin(call.Run)
		defer d.end()
		time.Sleep(5 * time.Millisecond)
		return run.Result{Output: map[string]any{}}
	}}}
	e, _, kill := b.Start(outside)
	id := accept(t, e, s, 1)
	for len(haveEnded(children(t, b, "one-by-one"))) < 3 {
		time.Sleep(2 * time.Millisecond)
	}
	kill()
	time.Sleep(15 * time.Millisecond) // the call that the crash cut off ends outside
	_, stop, _ := b.Start(outside)
	defer stop()
	if r := until(t, b.Store(), id, run.Succeeded); string(r.Output) != `[0,1,2,3,4,5,6,7,8,9,10,11]` {
		t.Errorf("the caller got %s", r.Output)
	}
	if d.most != 1 {
		t.Errorf("%d called runs moved at once", d.most)
	}
}

func haveEnded(list []run.Run) []run.Run {
	return slices.DeleteFunc(list, func(r run.Run) bool { return !r.Status.Ended() })
}

func calledInOrder(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "in-line", `"trigger": {"uses": "scenario", "order_by": "{{ trigger.key }}", "throttle": "2/150ms"}`,
		`[{"id": "a", "uses": "idempotent.first", "with": {"n": "{{ trigger.n }}"}}, {"id": "w", "wait": {"for": "20ms"}}, {"id": "b", "uses": "idempotent.second", "with": {"n": "{{ trigger.n }}"}}]`)
	publishWith(t, b.Store(), "wrong-line", `"trigger": {"uses": "scenario", "order_by": "{{ trigger.key.none }}"}`, `[]`)
	s := publish(t, b.Store(), "calls-in-line", `[{"id": "l", "for_each": {"items": "{{ 0..4 }}", "concurrency": 5, "steps": [{"id": "c", "call": {"scenario": "in-line"}, "with": {"n": "{{ item }}", "key": "k"}}]}}]`)
	wrong := publish(t, b.Store(), "calls-wrong", `[{"id": "c", "call": {"scenario": "wrong-line"}, "with": {"key": "text"}}]`)
	var d diary
	note := func(_ context.Context, call run.Call) run.Result {
		d.begin(value.Text(call.Input["n"]) + call.Path)
		d.end()
		return run.Result{Output: map[string]any{}}
	}
	e, stop, _ := b.Start(&Outside{Do: results{"idempotent.first": note, "idempotent.second": note}})
	defer stop()
	begun := time.Now().Truncate(time.Millisecond)
	until(t, b.Store(), accept(t, e, s, 1), run.Succeeded)
	if got := strings.Join(d.lines, " "); got != "0a 0b 1a 1b 2a 2b 3a 3b 4a 4b" {
		t.Errorf("the calls were made in the order %s", got)
	}
	list := children(t, b, "in-line")
	slices.SortFunc(list, func(a, b run.Run) int { return int(a.Number - b.Number) })
	for i, r := range list {
		if turn := begun.Add(time.Duration(i/2) * 150 * time.Millisecond); r.StartedAt.Before(turn) {
			t.Errorf("the run %d began %s before its turn", i, turn.Sub(r.StartedAt))
		}
	}
	if r := until(t, b.Store(), accept(t, e, wrong, 1), run.Failed); !strings.Contains(r.Error.Message, "order_by") {
		t.Errorf("%+v", r.Error)
	}
}

func calledByItself(t *testing.T, b Bench) {
	again := func(with string) string {
		return `[{"id": "c", "if": "trigger.n > 0", "call": {"scenario": "SELF"}, "with": ` + with + `}, {"id": "o", "uses": "pure.set", "with": {"n": "{{ trigger.n }}"}}]`
	}
	publishWith(t, b.Store(), "self-gate", `"trigger": {"uses": "scenario", "concurrency": 1}`, strings.ReplaceAll(again(`{"n": "{{ trigger.n - 1 }}"}`), "SELF", "self-gate"))
	publishWith(t, b.Store(), "self-line", `"trigger": {"uses": "scenario", "order_by": "{{ trigger.key }}"}`, strings.ReplaceAll(again(`{"n": "{{ trigger.n - 1 }}", "key": "{{ trigger.key + (trigger.more ?? \"\") }}", "more": "{{ trigger.more ?? \"\" }}"}`), "SELF", "self-line"))
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	gate := publish(t, b.Store(), "into-gate", `[{"id": "c", "call": {"scenario": "self-gate"}, "with": {"n": 5}}]`)
	until(t, b.Store(), accept(t, e, gate, 1), run.Succeeded)
	other := publish(t, b.Store(), "into-other", `[{"id": "c", "call": {"scenario": "self-line"}, "with": {"n": 5, "key": "k", "more": "x"}}]`)
	until(t, b.Store(), accept(t, e, other, 1), run.Succeeded)
	line := publish(t, b.Store(), "into-line", `[{"id": "c", "call": {"scenario": "self-line"}, "with": {"n": 5, "key": "same"}}]`)
	r := until(t, b.Store(), accept(t, e, line, 1), run.Failed)
	if r.Error.Class != "conflict" || !strings.Contains(r.Error.Message, "wait for ever") {
		t.Errorf("%+v", r.Error)
	}
}

func calledInARing(t *testing.T, b Bench) {
	for from, to := range map[string]string{"ring-a": "ring-b", "ring-b": "ring-a"} {
		publishWith(t, b.Store(), from, `"trigger": {"uses": "scenario", "order_by": "{{ \"k\" }}"}`,
			`[{"id": "w", "wait": {"for": "100ms"}}, {"id": "c", "if": "trigger.on", "call": {"scenario": "`+to+`"}, "with": {"on": false}}]`)
	}
	s := publish(t, b.Store(), "into-ring", `[{"id": "a", "call": {"scenario": "ring-a", "async": true}, "with": {"on": true}}, {"id": "b", "call": {"scenario": "ring-b", "async": true}, "with": {"on": true}}]`)
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	until(t, b.Store(), accept(t, e, s, 1), run.Succeeded)
	deadline := time.Now().Add(20 * time.Second)
	for {
		list := append(children(t, b, "ring-a"), children(t, b, "ring-b")...)
		if len(list) == 4 && len(haveEnded(slices.Clone(list))) == 4 {
			failed := 0
			for _, r := range list {
				if r.Status == run.Failed && r.Error.Class == "conflict" {
					failed++
				}
			}
			if failed != 2 { // the call that would close the ring, and who made it
				t.Errorf("%d runs failed: %+v", failed, list)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("they stand still: %+v", list)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func tellsFailureOnce(t *testing.T, b Bench) {
	alarm := publishWith(t, b.Store(), "alarm-once", `"trigger": {"uses": "failure", "if": "trigger.trigger.n != 2", "dedupe": {"key": "{{ trigger.trigger.key }}"}, "concurrency": 1}`,
		`[{"id": "a", "uses": "idempotent.first", "with": {"n": "{{ trigger.trigger.n }}"}}]`)
	s := publishWith(t, b.Store(), "breaks", `"trigger": {"uses": "webhook"}, "on_failure": {"scenario": "alarm-once"}`, `[{"id": "a", "uses": "once.send"}]`)
	outside := &Outside{Do: results{"once.send": func(context.Context, run.Call) run.Result { return failed("conflict") }}}
	e, stop, _ := b.Start(outside)
	defer stop()
	for n, key := range []string{"x", "x", "y", "z", "", ""} {
		until(t, b.Store(), accept(t, e, s, map[string]any{"n": n, "key": key}), run.Failed)
	}
	bad := accept(t, e, s, "no object")
	until(t, b.Store(), bad, run.Failed)
	var got []string
	for _, r := range children(t, b, "alarm-once") {
		r = until(t, b.Store(), r.ID, run.Succeeded, run.Failed)
		if r.Status == run.Failed && !strings.Contains(r.Error.Message, "The trigger's ") {
			t.Errorf("%+v", r.Error)
		}
		if r.Limit != 1 {
			t.Errorf("its limit is %d", r.Limit)
		}
		got = append(got, string(r.Status)+string(r.Output))
	}
	slices.Sort(got)
	if want := []string{"failed", `succeeded{"n":0}`, `succeeded{"n":3}`, `succeeded{"n":4}`, `succeeded{"n":5}`}; !slices.Equal(got, want) {
		t.Errorf("told were %q, not %q", got, want)
	}
	events, err := b.Store().Events(t.Context(), actor, run.EventFilter{Scenario: alarm.Slug, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	filtered := 0
	for _, one := range events.Events {
		if one.Outcome == run.Filtered && one.RunID == "" && one.Detail != "" {
			filtered++
		}
	}
	if filtered != 1 || len(events.Events) != 6 {
		t.Errorf("of %d events %d are kept as filtered", len(events.Events), filtered)
	}
}
