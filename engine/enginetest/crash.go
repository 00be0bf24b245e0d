package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

func drainsAmid(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "child", `"trigger": {"uses": "scenario"}`, `[{"id": "a", "uses": "idempotent.child"}]`)
	s := publish(t, b.Store(), "amid", `[{"id": "slow", "uses": "idempotent.slow"}, {"id": "p", "parallel": {"branches": [
		{"id": "x", "steps": [{"id": "later", "call": {"scenario": "child", "async": true}}]}, {"id": "y", "steps": [{"id": "once", "uses": "once.send"}]}, {"id": "z", "steps": [{"id": "c", "call": {"scenario": "child"}}]}]}}]`)
	began, release := make(chan struct{}), make(chan struct{})
	outside := &Outside{Do: map[string]func(context.Context, run.Call) run.Result{"idempotent.slow": func(context.Context, run.Call) run.Result {
		close(began)
		<-release
		return run.Result{Output: 1}
	}}}
	e, stop, _ := b.Start(outside)
	id := accept(t, e, s, nil)
	<-began
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	time.Sleep(20 * time.Millisecond) // it drains
	close(release)
	<-stopped
	_, stop, _ = b.Start(outside)
	defer stop()
	until(t, b.Store(), id, run.Succeeded)
	list := children(t, b, "child")
	for _, c := range list {
		until(t, b.Store(), c.ID, run.Succeeded)
	}
	if calls, once := outside.Keys("idempotent.child"), outside.Keys("once.send"); len(list) != 2 || len(calls) != 2 || len(once) != 1 {
		t.Errorf("%d called runs, which made the calls %v, and %v", len(list), calls, once)
	}
}

func wakesAgain(t *testing.T, b Bench) {
	at := time.Now().Add(400 * time.Millisecond).UTC().Format(run.TimeFormat)
	s := publish(t, b.Store(), "wakes", `[{"id": "w", "wait": {"until": "`+at+`"}}, {"id": "a", "uses": "idempotent.after"}]`)
	e, _, kill := b.Start(&Outside{})
	var ids []string
	for i := range 300 {
		ids = append(ids, accept(t, e, s, i))
	}
	for until(t, b.Store(), ids[0], run.Waiting, run.Running, run.Succeeded).Status == run.Waiting {
		time.Sleep(time.Millisecond)
	}
	kill()
	outside := &Outside{}
	_, stop, _ := b.Start(outside)
	defer stop()
	for _, id := range ids {
		until(t, b.Store(), id, run.Succeeded)
	}
}

func shortWaits(t *testing.T, b Bench) {
	counting := &Outside{}
	s := publish(t, b.Store(), "naps", `[{"id": "l", "for_each": {"items": "{{ 1..trigger.n }}", "steps": [{"id": "w", "wait": {"for": "1ms"}}, {"id": "c", "call": {"scenario": "leaf"}}]}}]`)
	publishWith(t, b.Store(), "leaf", `"trigger": {"uses": "scenario"}`, `[{"id": "a", "uses": "pure.set"}]`)
	e, stop, _ := b.Start(counting)
	defer stop()
	id := accept(t, e, s, map[string]any{"n": 100})
	until(t, b.Store(), id, run.Succeeded)
	if got := kinds(t, b.Store(), id); strings.Count(got, "step.succeeded l[99].c") != 1 {
		t.Error(fmt.Sprint("the last round is missing: ", got[max(0, len(got)-300):]))
	}
}
