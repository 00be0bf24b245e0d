package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

func wholeRun(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "whole", `[{"id": "a", "uses": "pure.set", "with": {"n": "{{ trigger.n + 1 }}"}}, {"id": "b", "if": "steps.a.n > 1", "uses": "once.send", "with": {"n": "{{ steps.a.n }}"}}]`)
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	r := until(t, b.Store(), accept(t, e, s, map[string]any{"n": 1}), run.Succeeded)
	if string(r.Output) != `{"n":2}` || r.Number != 1 || r.StartedAt.IsZero() || r.EndedAt.IsZero() {
		t.Errorf("%+v", r)
	}
	if got, want := kinds(t, b.Store(), r.ID), "run.queued, run.started, step.started a, step.succeeded a, step.started b, step.succeeded b, run.succeeded"; got != want {
		t.Errorf("the journal says %s", got)
	}
}

func thousandRuns(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "many", `[{"id": "a", "uses": "idempotent.post", "with": {"n": "{{ trigger.n }}"}}]`)
	outside := &Outside{}
	e, stop, _ := b.Start(outside)
	defer stop()
	var all sync.WaitGroup
	ids := make([]string, 1000)
	for i := range ids {
		all.Go(func() {
			start := event(s, map[string]any{"n": i})
			if err := e.Accept(t.Context(), start); err != nil {
				t.Error(err)
			}
			ids[i] = start.Accept.Event.RunID
		})
	}
	all.Wait()
	numbers := map[int64]bool{}
	for _, id := range ids {
		numbers[until(t, b.Store(), id, run.Succeeded).Number] = true
	}
	keys := outside.Keys("idempotent.post")
	slices.Sort(keys)
	if len(slices.Compact(keys)) != 1000 || len(numbers) != 1000 {
		t.Errorf("%d keys, %d numbers", len(keys), len(numbers))
	}
}

func crashIdempotent(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "crash", `[{"id": "a", "uses": "once.send"}, {"id": "b", "uses": "idempotent.post"}, {"id": "c", "uses": "once.tell"}]`)
	reached := make(chan struct{}, 1)
	before := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.post": func(ctx context.Context, _ run.Call) run.Result {
		reached <- struct{}{}
		<-ctx.Done()
		return run.Result{Failure: &run.Failure{Class: "cancelled", Message: "The process died."}}
	}}}
	e, _, kill := b.Start(before)
	id := accept(t, e, s, nil)
	<-reached
	kill()
	after := &Outside{}
	_, stop, _ := b.Start(after)
	defer stop()
	until(t, b.Store(), id, run.Succeeded)
	if len(after.Keys("once.send")) != 0 {
		t.Error("a recorded step ran again")
	}
	if !slices.Equal(before.Keys("idempotent.post"), after.Keys("idempotent.post")) || len(after.Keys("once.tell")) != 1 {
		t.Errorf("keys %v and %v", before.Keys("idempotent.post"), after.Keys("idempotent.post"))
	}
}

func crashOnce(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "once", `[{"id": "a", "uses": "once.send"}, {"id": "b", "uses": "pure.set", "with": {"a": "{{ steps.a }}"}}]`)
	reached := make(chan struct{}, 1)
	hang := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"once.send": func(ctx context.Context, _ run.Call) run.Result {
		reached <- struct{}{}
		<-ctx.Done()
		return run.Result{}
	}}}
	e, _, kill := b.Start(hang)
	id := accept(t, e, s, nil)
	<-reached
	kill()
	after := &Outside{}
	e, stop, _ := b.Start(after)
	defer stop()
	r := until(t, b.Store(), id, run.Uncertain)
	if r.Error == nil || r.Error.Class != "uncertain" || len(after.Keys("once.send")) != 0 {
		t.Errorf("%+v, sent again %v", r.Error, after.Keys("once.send"))
	}
	if err := e.Settle(t.Context(), actor, id, "b", "skip", nil); err == nil {
		t.Error("a step that is not uncertain was settled")
	}
	if err := e.Settle(t.Context(), actor, id, "a", "happened", map[string]any{"ts": "1"}); err != nil {
		t.Fatal(err)
	}
	if r := until(t, b.Store(), id, run.Succeeded); string(r.Output) != `{"a":{"ts":"1"}}` {
		t.Errorf("the output is %s", r.Output)
	}
}

func waitOutlivesRestart(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "wait", `[{"id": "w", "wait": {"for": "300ms"}}, {"id": "a", "uses": "once.send"}]`)
	e, stop, _ := b.Start(&Outside{})
	id := accept(t, e, s, nil)
	until(t, b.Store(), id, run.Waiting)
	stop()
	outside := &Outside{}
	_, stop, _ = b.Start(outside)
	defer stop()
	until(t, b.Store(), id, run.Succeeded)
	if len(outside.Keys("once.send")) != 1 {
		t.Error("the step after the wait did not run once")
	}
}

func retrySucceeds(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "retry", `[{"id": "a", "uses": "once.send", "retry": {"attempts": 3, "initial": "20ms"}}]`)
	tries := 0
	e, stop, _ := b.Start(&Outside{Do: map[string]func(context.Context, run.Call) run.Result{"once.send": func(context.Context, run.Call) run.Result {
		if tries++; tries < 3 {
			return run.Result{Failure: &run.Failure{Class: "unavailable", Message: "Not now."}}
		}
		return run.Result{Output: tries}
	}}})
	defer stop()
	if r := until(t, b.Store(), accept(t, e, s, nil), run.Succeeded); string(r.Output) != "3" {
		t.Errorf("the output is %s", r.Output)
	}
}

func cancelEnds(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "cancel", `[{"id": "w", "wait": {"for": "1h"}}]`)
	hangs := publish(t, b.Store(), "hang", `[{"id": "a", "uses": "once.send"}, {"id": "b", "uses": "once.send"}]`)
	reached, finish := make(chan struct{}, 1), make(chan struct{})
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"once.send": func(ctx context.Context, _ run.Call) run.Result {
		reached <- struct{}{}
		<-finish
		return run.Result{Output: 1}
	}}}
	e, stop, _ := b.Start(outside)
	defer stop()
	id := accept(t, e, s, nil)
	until(t, b.Store(), id, run.Waiting)
	if err := e.Cancel(t.Context(), actor, id); err != nil {
		t.Fatal(err)
	}
	until(t, b.Store(), id, run.Cancelled)
	if err := e.Cancel(t.Context(), actor, id); err == nil {
		t.Error("a run that has ended was cancelled")
	}
	id = accept(t, e, hangs, nil)
	<-reached
	if err := e.Cancel(t.Context(), actor, id); err != nil {
		t.Fatal(err)
	}
	close(finish)
	until(t, b.Store(), id, run.Cancelled)
	if got := kinds(t, b.Store(), id); !strings.Contains(got, "step.succeeded a") || strings.Contains(got, "step.started b") {
		t.Errorf("the journal says %s", got)
	}
	if err := e.Cancel(t.Context(), actor, "no-such-run"); err == nil {
		t.Error("a run that is not there was cancelled")
	}
}

func answers(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "answer", `[{"id": "a", "uses": "pure.respond", "with": {"text": "hello {{ trigger.n }}"}}, {"id": "b", "uses": "pure.respond", "with": {"text": "again"}},
		{"id": "p", "wait": {"for": "20ms"}}, {"id": "c", "uses": "pure.respond", "with": {"text": "later"}}, {"id": "w", "uses": "once.send"}]`)
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	got := make(chan run.Answer, 2)
	start := event(s, map[string]any{"n": 5})
	start.Answer = got
	if err := e.Accept(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if a := <-got; a.Status != run.Running || fmt.Sprint(a.Output) != "map[text:hello 5]" {
		t.Errorf("the step answered %+v", a)
	}
	if a := <-got; a.Status != run.Succeeded {
		t.Errorf("the end answered %+v", a)
	}
	entries, err := b.Store().Journal(t.Context(), actor, start.Accept.Event.RunID, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries { // what comes too late says so, also after a sleep
		if late := e.Path == "b" || e.Path == "c"; e.Kind == run.StepSucceeded && late != strings.Contains(e.Message, "answered by a step before") {
			t.Errorf("%s says %q", e.Path, e.Message)
		}
	}
}

func answersAfterSleep(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "sleeps", `[{"id": "w", "wait": {"for": "20ms"}}, {"id": "r", "uses": "idempotent.flaky", "retry": {"initial": "10ms"}}, {"id": "a", "uses": "pure.respond", "with": {"text": "late"}}]`)
	tries := 0
	e, stop, _ := b.Start(&Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.flaky": func(context.Context, run.Call) run.Result {
		if tries++; tries == 1 {
			return run.Result{Failure: &run.Failure{Class: "unavailable", Message: "not now"}}
		}
		return run.Result{}
	}}})
	defer stop()
	got := make(chan run.Answer, 2)
	start := event(s, nil)
	start.Answer = got
	if err := e.Accept(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if a := <-got; a.Status != run.Running || fmt.Sprint(a.Output) != "map[text:late]" {
		t.Errorf("the step answered %+v", a)
	}
	if a := <-got; a.Status != run.Succeeded {
		t.Errorf("the end answered %+v", a)
	}
}

func panics(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "panic", `[{"id": "a", "uses": "once.boom"}]`)
	fine := publish(t, b.Store(), "fine", `[{"id": "a", "uses": "once.send"}]`)
	e, stop, _ := b.Start(&Outside{Do: map[string]func(context.Context, run.Call) run.Result{"once.boom": func(context.Context, run.Call) run.Result {
		panic("assignment to entry in nil map")
	}}})
	defer stop()
	bad, good := accept(t, e, s, nil), accept(t, e, fine, nil)
	if r := until(t, b.Store(), bad, run.Failed); r.Error.Class != "internal" || strings.Contains(r.Error.Message, "nil map") {
		t.Errorf("%+v", r.Error)
	}
	until(t, b.Store(), good, run.Succeeded)
}

func drains(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "drain", `[{"id": "a", "uses": "once.first"}, {"id": "b", "uses": "once.second"}]`)
	reached, finish := make(chan struct{}), make(chan struct{})
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"once.first": func(context.Context, run.Call) run.Result {
		close(reached)
		<-finish
		return run.Result{Output: 1}
	}}}
	e, stop, _ := b.Start(outside)
	id := accept(t, e, s, nil)
	<-reached
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	time.Sleep(20 * time.Millisecond) // lets the drain begin; the outcome is the same where it has not
	close(finish)
	<-stopped
	if got := kinds(t, b.Store(), id); !strings.HasSuffix(got, "step.succeeded a") || len(outside.Keys("once.second")) != 0 {
		t.Fatalf("after the drain the journal says %s", got)
	}
	after := &Outside{}
	_, stop, _ = b.Start(after)
	defer stop()
	until(t, b.Store(), id, run.Succeeded)
	if len(after.Keys("once.first")) != 0 || len(after.Keys("once.second")) != 1 {
		t.Error("the run did not go on where it was")
	}
}

func oneRun(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "dedupe", `[{"id": "a", "uses": "once.send"}]`)
	outside := &Outside{}
	e, stop, _ := b.Start(outside)
	defer stop()
	var all sync.WaitGroup
	var mu sync.Mutex
	runs := map[string]int{}
	for range 100 {
		all.Go(func() {
			start := event(s, 1)
			start.Accept.Dedupe = []run.DedupeKey{{Key: "delivery:1", Until: time.Now().Add(time.Hour)}}
			if err := e.Accept(t.Context(), start); err != nil {
				t.Error(err)
			}
			id := start.Accept.FirstRun
			if id == "" {
				id = start.Accept.Event.RunID
			}
			mu.Lock()
			runs[id]++
			mu.Unlock()
		})
	}
	all.Wait()
	if len(runs) != 1 {
		t.Fatalf("%d runs", len(runs))
	}
	for id := range runs {
		until(t, b.Store(), id, run.Succeeded)
	}
	if page, err := b.Store().Runs(t.Context(), actor, run.Filter{Scenario: "dedupe"}); err != nil || page.Total != 1 {
		t.Errorf("%d runs are stored (%v)", page.Total, err)
	}
}
