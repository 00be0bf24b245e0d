package enginetest

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// poison is §2.H 55: whatever an action gives, its own run bears it and comes to its end, and no other notices.
func poison(t *testing.T, b Bench) {
	deep := any(1)
	for range 2000 {
		deep = []any{deep}
	}
	var none map[string]any
	gives := map[string]run.Result{
		"no UTF-8":                {Output: map[string]any{"a\xff": "b\xff"}},
		"not a number":            {Output: map[string]any{"n": []any{math.NaN()}}},
		"infinity":                {Output: math.Inf(1)},
		"a function":              {Output: map[string]any{"f": func() {}}},
		"a pointer":               {Output: new(int)},
		"a map that is none":      {Output: none},
		"two thousand levels":     {Output: deep},
		"thirty-two megabytes":    {Output: map[string]any{"text": strings.Repeat("x", 32<<20)}},
		"a failure without UTF-8": {Failure: &run.Failure{Class: "invalid_input", Message: "no\xff", Body: "b\xff"}},
		"a failure with no value": {Failure: &run.Failure{Class: "invalid_input", Message: "no", Body: math.NaN()}},
		"a failure with a func":   {Failure: &run.Failure{Class: "invalid_input", Message: "no", Body: map[string]any{"f": func() {}}}},
		"a class that is none":    {Failure: &run.Failure{Class: "", Message: ""}},
		"a panic":                 {},
		"a panic within a panic":  {},
	}
	ends := map[string]run.Status{"no UTF-8": run.Succeeded, "a map that is none": run.Succeeded, "thirty-two megabytes": run.Succeeded}
	s := publish(t, b.Store(), "poison", `[{"id": "a", "uses": "idempotent.give", "with": {"what": "{{ trigger.what }}"}}]`)
	fine := publish(t, b.Store(), "fine", `[{"id": "a", "uses": "idempotent.post"}]`)
	e, stop, _ := b.Start(&Outside{Do: results{"idempotent.give": func(_ context.Context, c run.Call) run.Result {
		what := c.Input["what"].(string)
		switch what {
		case "a panic":
			none["a"] = 1
		case "a panic within a panic":
			defer func() { panic("the second") }()
			panic("the first")
		}
		return gives[what]
	}}})
	defer stop()
	ids := map[string]string{}
	for what := range gives {
		ids[what] = accept(t, e, s, map[string]any{"what": what})
	}
	var others []string
	for i := range 50 {
		others = append(others, accept(t, e, fine, i))
	}
	for _, id := range others {
		until(t, b.Store(), id, run.Succeeded)
	}
	for what, id := range ids {
		want := ends[what]
		if want == "" {
			want = run.Failed
		}
		if r := ended(t, b.Store(), id); r.Status != want {
			t.Errorf("%s: the run is %s (%+v), not %s", what, r.Status, r.Error, want)
		} else if _, err := b.Store().Journal(t.Context(), actor, id, 0); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// ended waits for a run's end, whatever it is.
func ended(t *testing.T, store Store, id string) run.Run {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		r, err := store.Run(t.Context(), actor, id)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status.Ended() || time.Now().After(deadline) {
			return r
		}
	}
}

// loops is §2.H 56: scenarios that call one another in a ring, and loops over more than there can be, end as failures.
func loops(t *testing.T, b Bench) {
	publishWith(t, b.Store(), "ping", `"trigger": {"uses": "scenario"}`, `[{"id": "c", "call": {"scenario": "pong"}}]`)
	publishWith(t, b.Store(), "pong", `"trigger": {"uses": "scenario"}`, `[{"id": "c", "call": {"scenario": "ping"}}]`)
	outside := &Outside{}
	e, stop, _ := b.Start(outside)
	defer stop()
	for name, c := range map[string]struct{ steps, class, says string }{
		"ring":       {`[{"id": "c", "call": {"scenario": "ping"}}]`, "too_large", "16 deep"},
		"range":      {`[{"id": "l", "for_each": {"items": "{{ 1..1000000 }}", "steps": [{"id": "a", "uses": "idempotent.post"}]}}]`, "invalid_input", "10,000"},
		"each":       {`[{"id": "a", "each": "{{ 1..1000000 }}", "uses": "idempotent.post"}]`, "invalid_input", "10,000"},
		"many lists": {`[{"id": "l", "for_each": {"items": "{{ flatten(map(1..9999, 1..200)) }}", "concurrency": 50, "steps": [{"id": "a", "uses": "idempotent.post"}]}}]`, "invalid_input", "too"},
		"rounds":     {`[{"id": "r", "repeat": {"while": "true", "steps": [{"id": "a", "uses": "pure.set"}]}}]`, "too_large", "went round 100 times"},
	} {
		s := publish(t, b.Store(), strings.ReplaceAll(name, " ", "-"), c.steps)
		r := until(t, b.Store(), accept(t, e, s, nil), run.Failed)
		if r.Error.Class != c.class || !strings.Contains(r.Error.Message, c.says) {
			t.Errorf("%s: %+v", name, r.Error)
		}
	}
	if n := len(outside.Keys("idempotent.post")); n > 0 {
		t.Errorf("%d items were begun", n)
	}
	if n := len(children(t, b, "ping")) + len(children(t, b, "pong")); n != 16 {
		t.Errorf("%d runs called one another", n)
	}
}

// withdrawn is §2.H 57: a run keeps to the version that it began with, and its end comes whatever becomes of its scenario.
func withdrawn(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "pinned", `[{"id": "w", "wait": {"event": {}}}, {"id": "a", "uses": "idempotent.old"}]`)
	outside := &Outside{}
	e, _, kill := b.Start(outside)
	var ids []string
	for i := range 100 {
		ids = append(ids, accept(t, e, s, i))
	}
	for _, id := range ids {
		until(t, b.Store(), id, run.Waiting)
	}
	republished := republish(t, b.Store(), s, `[{"id": "w", "wait": {"for": "1h"}}, {"id": "b", "uses": "idempotent.new"}]`)
	kill() // what is in memory is gone, and read anew
	e, stop, _ := b.Start(outside)
	defer stop()
	for _, id := range ids {
		if err := e.Signal(t.Context(), &run.Signal{Workspace: actor.Workspace, Run: id, Kind: run.SignalEvent, Data: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		if r := until(t, b.Store(), id, run.Succeeded); r.Version != s.Version {
			t.Errorf("a run of version %d goes on by version %d", s.Version, r.Version)
		}
	}
	if republished.Version == s.Version || len(outside.Keys("idempotent.old")) != 100 || len(outside.Keys("idempotent.new")) != 0 {
		t.Errorf("version %d: %d calls of the old version, %d of the new one", republished.Version, len(outside.Keys("idempotent.old")), len(outside.Keys("idempotent.new")))
	}
}

// races is §2.H 57: a run that is cancelled while it completes ends once, as the one or the other, and its journal says so once.
func races(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "races", `[{"id": "a", "uses": "idempotent.post"}, {"id": "b", "uses": "idempotent.post"}]`)
	e, stop, _ := b.Start(&Outside{})
	defer stop()
	ends := map[run.Status]int{}
	for i := range 200 {
		id := accept(t, e, s, i)
		for range i % 7 {
			time.Sleep(100 * time.Microsecond)
		}
		cancelled := make(chan error, 3)
		for range cap(cancelled) { // and by several at once
			go func() { cancelled <- e.Cancel(context.Background(), actor, id) }()
		}
		for range cap(cancelled) {
			<-cancelled
		}
		r := ended(t, b.Store(), id)
		ends[r.Status]++
		said := kinds(t, b.Store(), id)
		if n := strings.Count(said, "run.succeeded") + strings.Count(said, "run.cancelled") + strings.Count(said, "run.failed"); n != 1 || !strings.HasSuffix(said, "run."+string(r.Status)) {
			t.Errorf("the run is %s, and its journal says %s", r.Status, said)
		}
	}
	if ends[run.Succeeded]+ends[run.Cancelled] != 200 || ends[run.Cancelled] == 0 {
		t.Errorf("they end as %v", ends)
	}
}

// lateAnswer is §2.H 57: an answer that comes when its call was given up counts for nothing, whatever the run is at.
func lateAnswer(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "late", `[{"id": "g", "timeout": "50ms", "on_error": {"do": "ignore"}, "group": {"steps": [{"id": "a", "uses": "idempotent.slow"}]}},
		{"id": "b", "uses": "idempotent.next", "with": {"got": "{{ steps.a }}"}}]`)
	late, next := make(chan struct{}), make(chan struct{})
	outside := &Outside{Do: results{
		"idempotent.slow": func(context.Context, run.Call) run.Result { // it heeds no one
			<-next
			defer close(late)
			return run.Result{Output: "late"}
		},
		"idempotent.next": func(_ context.Context, c run.Call) run.Result {
			close(next)
			<-late
			time.Sleep(5 * time.Millisecond)
			return run.Result{Output: c.Input}
		},
	}}
	e, stop, _ := b.Start(outside)
	defer stop()
	r := until(t, b.Store(), accept(t, e, s, nil), run.Succeeded)
	if said := kinds(t, b.Store(), r.ID); string(r.Output) != `{"got":null}` || strings.Contains(said, "step.succeeded g.a") || !strings.Contains(said, "step.cancelled g.a") {
		t.Errorf("the output is %s, and the journal says %s", r.Output, said)
	}
}

// stopsAsking is §2.D 36: where nothing is said of it, what is busy is asked again and what says no, as one that is gone, is not.
func stopsAsking(t *testing.T, b Bench) {
	s := publish(t, b.Store(), "asks", `[{"id": "a", "uses": "idempotent.ask", "with": {"class": "{{ trigger }}"}, "retry": {"attempts": 3, "initial": "1ms"}}]`)
	outside := &Outside{Do: results{"idempotent.ask": func(_ context.Context, c run.Call) run.Result { return failed(c.Input["class"].(string)) }}}
	e, stop, _ := b.Start(outside)
	defer stop()
	asked := 0
	for _, c := range []struct {
		class string
		want  int
	}{{"not_found", 1}, {"invalid_input", 1}, {"unauthorized", 1}, {"conflict", 1}, {"too_large", 1}, {"internal", 1}, {"rate_limited", 3}, {"unavailable", 3}, {"timeout", 3}} {
		until(t, b.Store(), accept(t, e, s, c.class), run.Failed)
		n := len(outside.Keys("idempotent.ask"))
		if n-asked != c.want {
			t.Errorf("%s is asked %d times, not %d", c.class, n-asked, c.want)
		}
		asked = n
	}
}
