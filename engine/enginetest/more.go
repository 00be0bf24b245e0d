package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

type results = map[string]func(context.Context, run.Call) run.Result

func failed(class string) run.Result {
	return run.Result{Failure: &run.Failure{Class: class, Message: "No."}}
}

func manyItems(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "items", `[{"id": "loop", "for_each": {"items": "{{ trigger.list }}", "concurrency": 20, "collect": "{{ steps.send.n }}", "steps": [{"id": "send", "uses": "idempotent.post", "with": {"n": "{{ item }}"}}]}}]`)
	outside := &Outside{}
	e, stop, _ := b.Start(outside)
	defer stop()
	var list []any
	for i := range 200 {
		list = append(list, i)
	}
	r := until(t, b.Store(), accept(t, e, s, map[string]any{"list": list}), run.Succeeded)
	if want := strings.ReplaceAll(fmt.Sprint(list), " ", ","); string(r.Output) != want {
		t.Errorf("the output is %s", r.Output)
	}
	if keys := outside.Keys("idempotent.post"); len(keys) != 200 || !slices.Contains(keys, run.Key(r.ID, "loop[199].send")) {
		t.Errorf("%d calls", len(keys))
	}
}

func children(t *testing.T, b Bench, slug string) []run.Run {
	t.Helper()
	page, err := b.Store().Runs(t.Context(), actor, run.Filter{Scenario: slug, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return page.Runs
}

func calls(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "sub", `"trigger": {"uses": "scenario", "with": {"inputs": [{"name": "n", "type": "number", "required": true}]}}`,
		`[{"id": "w", "wait": {"for": "150ms"}}, {"id": "out", "uses": "pure.set", "with": {"twice": "{{ trigger.n * 2 }}"}}]`)
	s := publish(t, b.Store(), "caller", `[{"id": "c", "call": {"scenario": "sub"}, "with": {"n": "{{ trigger.n }}"}}, {"id": "a", "call": {"scenario": "sub", "async": true}, "with": {"n": 1}}, {"id": "end", "uses": "once.send", "with": {"got": "{{ steps.c.twice }}"}}]`)
	e, _, kill := b.Start(&Outside{})
	id := accept(t, e, s, map[string]any{"n": 21})
	until(t, b.Store(), id, run.Waiting)
	kill()
	outside := &Outside{}
	_, stop, _ := b.Start(outside)
	defer stop()
	r := until(t, b.Store(), id, run.Succeeded)
	if string(r.Output) != `{"got":42}` || len(outside.Keys("once.send")) != 1 {
		t.Errorf("the output is %s", r.Output)
	}
	list := children(t, b, "sub")
	if len(list) != 2 {
		t.Fatalf("%d runs were called", len(list))
	}
	for _, child := range list {
		if child.Parent != id || child.Depth != 1 {
			t.Errorf("%+v", child)
		}
		until(t, b.Store(), child.ID, run.Succeeded)
	}
}

func callsFail(t *testing.T, b Bench) {
	sub := `"trigger": {"uses": "scenario", "with": {"inputs": [{"name": "n", "type": "number", "required": true}]}}`
	publishWith(t, b.Store(), "fails", sub, `[{"id": "x", "uses": "once.send"}]`)
	publish(t, b.Store(), "hooked", `[]`)
	publishWith(t, b.Store(), "self", `"trigger": {"uses": "scenario"}`, `[{"id": "again", "call": {"scenario": "self"}}]`)
	for name, c := range map[string]struct{ step, class, says string }{
		"absent":      {`{"scenario": "nowhere"}, "with": {}`, "not_found", "no scenario"},
		"not by call": {`{"scenario": "hooked"}, "with": {}`, "invalid_input", "no scenario trigger"},
		"no input":    {`{"scenario": "fails"}, "with": {}`, "invalid_input", "needs the input"},
		"wrong input": {`{"scenario": "fails"}, "with": {"n": "x"}`, "invalid_input", "must be a number"},
		"more input":  {`{"scenario": "fails"}, "with": {"n": 1, "m": 2}`, "invalid_input", "no input \"m\""},
		"fails":       {`{"scenario": "fails"}, "with": {"n": 1}, "retry": {"attempts": 1}`, "conflict", "No."},
		"too deep":    {`{"scenario": "self"}`, "too_large", "16 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			s := publish(t, b.Store(), strings.ReplaceAll(name, " ", "-")+"-caller", `[{"id": "c", "call": `+c.step+`}]`)
			e, stop, _ := b.Start(&Outside{Do: results{"once.send": func(context.Context, run.Call) run.Result { return failed("conflict") }}})
			defer stop()
			r := until(t, b.Store(), accept(t, e, s, nil), run.Failed)
			if r.Error.Class != c.class || !strings.Contains(r.Error.Message, c.says) {
				t.Errorf("%+v", r.Error)
			}
		})
	}
}

func cancelsCalled(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "long", `"trigger": {"uses": "scenario"}`, `[{"id": "w", "wait": {"for": "1h"}}]`)
	s := publish(t, b.Store(), "canceller", `[{"id": "c", "call": {"scenario": "long"}}]`)
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	id := accept(t, e, s, nil)
	until(t, b.Store(), id, run.Waiting)
	child := children(t, b, "long")[0]
	until(t, b.Store(), child.ID, run.Waiting)
	if err := e.Cancel(t.Context(), actor, id); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), id, run.Cancelled)
	until(t, b.Store(), child.ID, run.Cancelled)
}

func signal(s scenario.Stored, id, key, data string) *run.Signal {
	return &run.Signal{Workspace: s.Workspace, Run: id, Kind: run.SignalEvent, Key: key, Data: []byte(data)}
}

func eventsWake(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "events", `[{"id": "first", "wait": {"event": {"match": "event.n == 1"}}}, {"id": "nap", "wait": {"for": "30ms"}}, {"id": "second", "wait": {"event": {}}}, {"id": "third", "wait": {"event": {}}},
		{"id": "out", "uses": "pure.set", "with": {"a": "{{ steps.first.n }}", "b": "{{ steps.second.n }}", "c": "{{ steps.third.n }}"}}]`)
	e, stop, _ := b.Start(&Outside{})
	id := accept(t, e, s, nil)
	until(t, b.Store(), id, run.Waiting)
	for range 2 { // sent again it counts once
		if err := e.Signal(t.Context(), signal(s, id, "k2", `{"n": 2}`)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	e, stop, _ = b.Start(&Outside{})
	defer stop()
	for n, key := range map[int]string{1: "k1", 3: "k3"} {
		if err := e.Signal(t.Context(), signal(s, id, key, fmt.Sprintf(`{"n": %d}`, n))); err != nil {
			t.Fatal(err)
		}
	}
	if r := until(t, b.Store(), id, run.Succeeded); string(r.Output) != `{"a":1,"b":2,"c":3}` {
		t.Errorf("the output is %s", r.Output)
	}
	if err := e.Signal(t.Context(), signal(s, id, "k4", `{}`)); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an event for a run that has ended: %v", err)
	}
	if err := e.Signal(t.Context(), signal(s, "no-such-run", "k4", `{}`)); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an event for no run: %v", err)
	}
}

func approvals(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "approval", `[{"id": "ok", "wait": {"approval": {"to": ["ada"], "message": "Pay {{ trigger.n }}?"}}}, {"id": "out", "uses": "pure.set", "with": {"d": "{{ steps.ok.decision }}", "by": "{{ steps.ok.by }}"}}]`)
	e, stop, _ := b.Start(&Outside{})
	id := accept(t, e, s, map[string]any{"n": 7})
	if r := until(t, b.Store(), id, run.Waiting); !r.Asks {
		t.Error("nobody is told that it needs a decision")
	}
	stop()
	e, stop, _ = b.Start(&Outside{})
	defer stop()
	stranger := run.Actor{Workspace: "another", Role: run.Owner}
	if err := e.Decide(t.Context(), stranger, id, "ok", machine.Verdict{Approved: true}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("somebody of another workspace decides: %v", err)
	}
	if err := e.Cancel(t.Context(), stranger, id); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("somebody of another workspace cancels: %v", err)
	}
	if err := e.Decide(t.Context(), actor, id, "ok", machine.Verdict{Approved: true, By: "ada"}); err != nil {
		t.Fatal(err)
	}
	if r := until(t, b.Store(), id, run.Succeeded); string(r.Output) != `{"by":"ada","d":"approved"}` || r.Asks {
		t.Errorf("the output is %s", r.Output)
	}
	if err := e.Decide(t.Context(), actor, id, "ok", machine.Verdict{}); err == nil {
		t.Error("it was decided twice")
	}
}

func parks(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "parks", `[{"id": "a", "uses": "idempotent.post", "with": {"x": 1}, "on_error": {"do": "park"}}]`)
	e, stop, _ := b.Start(&Outside{Do: results{"idempotent.post": func(_ context.Context, c run.Call) run.Result {
		if c.Input["x"] == 1 {
			return failed("unauthorized")
		}
		return run.Result{Output: c.Input}
	}}})
	defer stop()
	id := accept(t, e, s, nil)
	if r := until(t, b.Store(), id, run.Incomplete); r.Error == nil || r.Error.Class != "unauthorized" {
		t.Errorf("%+v", r.Error)
	}
	if err := e.Resume(t.Context(), actor, id, "b", nil); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a step that is not parked: %v", err)
	}
	if err := e.Resume(t.Context(), actor, id, "", map[string]any{"x": 2}); err != nil {
		t.Fatal(err)
	}
	if r := until(t, b.Store(), id, run.Succeeded); string(r.Output) != `{"x":2}` || r.Error != nil {
		t.Errorf("%s %+v", r.Output, r.Error)
	}
}

func rollsBack(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "rolls", `[{"id": "loop", "for_each": {"items": [1, 2], "steps": [{"id": "book", "uses": "idempotent.book", "with": {"n": "{{ item }}"}, "undo": {"id": "unbook", "uses": "idempotent.unbook", "with": {"n": "{{ steps.book.n }}"}}}]}},
		{"id": "pay", "uses": "idempotent.pay", "on_error": {"do": "rollback"}}]`)
	reached := make(chan struct{}, 1)
	pays := func(context.Context, run.Call) run.Result { return failed("invalid_input") }
	e, _, kill := b.Start(&Outside{Do: results{"idempotent.pay": pays, "idempotent.unbook": func(ctx context.Context, c run.Call) run.Result {
		if c.Input["n"] == 1 {
			reached <- struct{}{}
			<-ctx.Done()
		}
		return run.Result{}
	}}})
	id := accept(t, e, s, nil)
	<-reached
	kill()
	outside := &Outside{Do: results{"idempotent.pay": pays}}
	_, stop, _ := b.Start(outside)
	defer stop()
	if r := until(t, b.Store(), id, run.Failed); r.Error.Class != "invalid_input" {
		t.Errorf("%+v", r.Error)
	}
	if keys := outside.Keys("idempotent.unbook"); len(keys) != 1 || keys[0] != run.Key(id, "loop[0].book.unbook") {
		t.Errorf("taken back after the crash: %v", keys)
	}
}

func tellsFailure(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "alarm", `"trigger": {"uses": "failure"}`, `[{"id": "out", "uses": "pure.set", "with": {"class": "{{ trigger.error.class }}", "run": "{{ trigger.run.id }}", "n": "{{ trigger.trigger.n }}"}}]`)
	s := publishWith(t, b.Store(), "broken", `"trigger": {"uses": "webhook"}, "on_failure": {"scenario": "alarm"}`, `[{"id": "a", "uses": "once.send"}]`)
	e, stop, _ := b.Start(&Outside{Do: results{"once.send": func(context.Context, run.Call) run.Result { return failed("conflict") }}})
	defer stop()
	id := accept(t, e, s, map[string]any{"n": 5})
	until(t, b.Store(), id, run.Failed)
	list := children(t, b, "alarm")
	if len(list) != 1 {
		t.Fatalf("%d runs were told", len(list))
	}
	if r := until(t, b.Store(), list[0].ID, run.Succeeded); string(r.Output) != `{"class":"conflict","n":5,"run":"`+id+`"}` {
		t.Errorf("it was told %s", r.Output)
	}
}
