package triggers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

var moment = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// catalogue has one app with one trigger, whose topics have names for people.
func catalogue() []actions.Connector {
	return []actions.Connector{{ID: "shop", Triggers: []actions.Trigger{{ID: "event", Topic: "topic", DeliveryID: "id",
		Aliases: map[string][]string{"orders": {"order.made", "order.paid"}}, Sample: map[string]any{"topic": "order.made", "id": "1"}}}}}
}

// compiled gives a ready trigger of a scenario with this trigger and one step that uses core.answer.
func compiled(t *testing.T, trigger string, status scenario.Status) (*Trigger, error) {
	t.Helper()
	row := scenario.StoredTrigger{Workspace: "w", ScenarioID: "1", Scenario: "s", ID: "trigger", Key: "k", Status: status, Version: 3}
	v := scenario.Version{ScenarioID: "1", Number: 3, Definition: []byte(document(trigger)), Facts: []byte(`{"core.answer": {"Answers": true}}`), At: moment}
	return Compile(row, v, catalogue())
}

func document(trigger string) string {
	return `{"stepmill": 1, "name": "S", "timezone": "Europe/Zurich", "trigger": ` + trigger + `, "steps": [{"id": "a", "uses": "core.answer"}]}`
}

func ready(t *testing.T, trigger string, status scenario.Status) *Trigger {
	t.Helper()
	out, err := compiled(t, trigger, status)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCompile(t *testing.T) {
	good := ready(t, `{"uses": "shop.event", "connection": "shop"}`, scenario.Live)
	if good.Spec == nil || good.Spec.ID != "event" || !good.Answers || good.Zone.String() != "Europe/Zurich" || good.Def.Uses != "shop.event" {
		t.Errorf("%+v", good)
	}
	for trigger, want := range map[string]string{
		`{"uses": "webhook", "id": "other"}`:                                        "no trigger",
		`{"uses": "webhook", "if": "1 +"}`:                                          "",
		`{"uses": "webhook", "dedupe": {"key": "{{ 1 + }}"}}`:                       "",
		`{"uses": "webhook", "dedupe": {"key": "{{ trigger.id }}", "for": "soon"}}`: "duration",
	} {
		if _, err := compiled(t, trigger, scenario.Live); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", trigger, err)
		}
	}
	v := scenario.Version{Definition: []byte(document(`{"uses": "webhook"}`)), Facts: []byte(`{`)}
	if _, err := Compile(scenario.StoredTrigger{ID: "trigger"}, v, nil); fault.CodeOf(err) != fault.Internal {
		t.Errorf("broken facts: %v", err)
	}
	v = scenario.Version{Definition: []byte(strings.Replace(document(`{"uses": "webhook"}`), "Europe/Zurich", "Mars/Base", 1))}
	if _, err := Compile(scenario.StoredTrigger{ID: "trigger"}, v, nil); err == nil {
		t.Error("a zone that does not exist is taken")
	}
	if Spec(catalogue(), "shop.nope") != nil || Spec(catalogue(), "webhook") != nil {
		t.Error("a trigger is found that no app has")
	}
}

func TestWants(t *testing.T) {
	for _, c := range []struct {
		name, trigger string
		v             any
		ok            bool
		why           string
		fails         bool
	}{
		{"no wishes", `{"uses": "webhook"}`, nil, true, "", false},
		{"no topics", `{"uses": "shop.event"}`, map[string]any{"topic": "any"}, true, "", false},
		{"an alias", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "order.paid"}, true, "", false},
		{"the vendor's name", `{"uses": "shop.event", "with": {"topics": ["cart.made"]}}`, map[string]any{"topic": "cart.made"}, true, "", false},
		{"the alias itself is no topic", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "orders"}, false, `"orders"`, false},
		{"another topic", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "cart.made"}, false, `"cart.made"`, false},
		{"no topic at all", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, []any{}, false, `""`, false},
		{"a long topic is cut", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": strings.Repeat("x", 5000)}, false, "xxx", false},
		{"if holds", `{"uses": "webhook", "if": "trigger.n > 1"}`, map[string]any{"n": 2}, true, "", false},
		{"if does not hold", `{"uses": "webhook", "if": "trigger.n > 1"}`, map[string]any{"n": 1}, false, "if", false},
		{"if fails", `{"uses": "webhook", "if": "trigger.n > 1"}`, map[string]any{"n": "many"}, false, "", true},
		{"topics come before if", `{"uses": "shop.event", "if": "trigger.n > 1", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "x", "n": "many"}, false, "topic", false},
	} {
		ok, why, err := ready(t, c.trigger, scenario.Live).Wants(c.v, moment)
		if ok != c.ok || (err != nil) != c.fails || !strings.Contains(why, c.why) || (why == "") != (c.ok || c.fails) || len(why) > 200 {
			t.Errorf("%s: %v %q %v", c.name, ok, why, err)
		}
	}
}

// taker keeps what it is given, as the engine does.
type taker struct {
	taken  []run.Start
	refuse error
}

func (s *taker) Accept(_ context.Context, start *run.Start) error {
	if s.refuse != nil {
		return s.refuse
	}
	if start.Accept.Event.ID == "" {
		start.Accept.Event.ID = fmt.Sprintf("e%d", len(s.taken)+1)
	}
	if start.Accept.Event.Outcome == run.Accepted {
		start.Accept.Event.RunID = fmt.Sprintf("r%d", len(s.taken)+1)
	}
	s.taken = append(s.taken, *start)
	return nil
}

func TestIntake(t *testing.T) {
	for _, c := range []struct {
		name, trigger string
		status        scenario.Status
		happening     Happening
		outcome       run.Outcome
		detail        string
		failure       string
		keys          string // of dedupe, with how many hours they are kept
	}{
		{"plain", `{"uses": "webhook"}`, scenario.Live, Happening{Value: map[string]any{"a": 1}}, run.Accepted, "", "", ""},
		{"a delivery", `{"uses": "webhook"}`, scenario.Live, Happening{Delivery: "d1", BodyHash: "h"}, run.Accepted, "", "", "delivery:d1/h 168"},
		{"a key for seven days", `{"uses": "webhook", "dedupe": {"key": "{{ trigger.id }}"}}`, scenario.Live, Happening{Value: map[string]any{"id": 7}}, run.Accepted, "", "", "dedupe:7/ 168"},
		{"a key for an hour, and a delivery", `{"uses": "webhook", "dedupe": {"key": "o-{{ trigger.id }}", "for": "1h"}}`, scenario.Live,
			Happening{Value: map[string]any{"id": "x"}, Delivery: "d"}, run.Accepted, "", "", "delivery:d/ 168 dedupe:o-x/ 1"},
		{"an empty key is not compared", `{"uses": "webhook", "dedupe": {"key": "{{ trigger.id }}"}}`, scenario.Live, Happening{Value: map[string]any{"id": ""}}, run.Accepted, "", "", ""},
		{"a key that fails", `{"uses": "webhook", "dedupe": {"key": "{{ trigger.id - 1 }}"}}`, scenario.Live, Happening{Value: map[string]any{"id": "x"}}, run.Accepted, "", "dedupe key", ""},
		{"filtered", `{"uses": "webhook", "if": "trigger.n > 1"}`, scenario.Live, Happening{Value: map[string]any{"n": 1}}, run.Filtered, "if", "", ""},
		{"filtered while paused", `{"uses": "webhook", "if": "trigger.n > 1"}`, scenario.Paused, Happening{Value: map[string]any{"n": 1}}, run.Filtered, "if", "", ""},
		{"an if that fails", `{"uses": "webhook", "if": "trigger.n > 1"}`, scenario.Live, Happening{Value: map[string]any{"n": "many"}}, run.Accepted, "", "trigger's if", ""},
		{"a key that fails, of what is filtered", `{"uses": "webhook", "if": "false", "dedupe": {"key": "{{ trigger.id - 1 }}"}}`, scenario.Live, Happening{Value: map[string]any{"id": "x"}}, run.Filtered, "if", "", ""},
		{"paused", `{"uses": "webhook"}`, scenario.Paused, Happening{Delivery: "d"}, run.Held, "", "", "delivery:d/ 168"},
	} {
		s := &taker{}
		c.happening.At, c.happening.Source, c.happening.Raw = moment, "webhook", []byte("raw")
		a, err := Intake(t.Context(), s, ready(t, c.trigger, c.status), c.happening)
		if err != nil || len(s.taken) != 1 {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var keys []string
		for _, k := range a.Dedupe {
			keys = append(keys, fmt.Sprintf("%s/%s %g", k.Key, k.Body, k.Until.Sub(moment).Hours()))
		}
		failure := ""
		if f := s.taken[0].Failure; f != nil {
			failure = f.Message
		}
		e := a.Event
		if e.Outcome != c.outcome || !strings.Contains(e.Detail, c.detail) || (e.Detail == "") != (c.detail == "") || !strings.Contains(failure, c.failure) || (failure == "") != (c.failure == "") ||
			strings.Join(keys, " ") != c.keys {
			t.Errorf("%s: %s %q %q %v", c.name, e.Outcome, e.Detail, failure, keys)
		}
		if e.Workspace != "w" || e.ScenarioID != "1" || e.Trigger != "trigger" || string(e.Raw) != "raw" || !e.At.Equal(moment) || s.taken[0].Version != 3 || a.Cursor != nil {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
}

// TestIntakeBounds: what a sender sends as an identity never becomes a key of its size, and two long ones stay two.
func TestIntakeBounds(t *testing.T) {
	trigger := ready(t, `{"uses": "webhook", "dedupe": {"key": "{{ trigger.id }}"}}`, scenario.Live)
	seen := map[string]bool{}
	for _, end := range []string{"a", "b"} {
		id := strings.Repeat("x", 100_000) + end
		a, err := Intake(t.Context(), &taker{}, trigger, Happening{Value: map[string]any{"id": id}, Delivery: id, Cursor: "c", At: moment})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range a.Dedupe {
			if len(k.Key) > 300 || seen[k.Key] {
				t.Errorf("a key of %d bytes, seen before: %v", len(k.Key), seen[k.Key])
			}
			seen[k.Key] = true
		}
		if a.Cursor == nil || *a.Cursor != (run.Cursor{Workspace: "w", ScenarioID: "1", Trigger: "trigger", Value: "c"}) {
			t.Errorf("the cursor is %+v", a.Cursor)
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d keys", len(seen))
	}
	full := fault.New(fault.Unavailable, "The disk is full.")
	if a, err := Intake(t.Context(), &taker{refuse: full}, trigger, Happening{At: moment, Value: map[string]any{"id": "1"}}); err == nil || a != nil {
		t.Errorf("what was not kept is reported as %+v %v", a, err)
	}
}

// shelf is a store of triggers, versions, scenarios and events.
type shelf struct {
	mu         sync.Mutex
	rows       []scenario.StoredTrigger
	definition string
	fails      error
	reads      atomic.Int64 // of versions
	gate       chan func()  // what LiveTriggers does after it read, before it returns
	scenario   scenario.Stored
	events     map[string]run.Event
	held       []run.Event
	runs       map[string]run.Run
	journal    []run.Entry
}

func (s *shelf) Run(_ context.Context, _ run.Actor, id string) (run.Run, error) {
	r, ok := s.runs[id]
	if !ok {
		return r, fault.New(fault.NotFound, "There is no run.")
	}
	return r, s.fails
}

func (s *shelf) WholeJournal(context.Context, run.Actor, string) ([]run.Entry, error) {
	return s.journal, s.fails
}

func (s *shelf) LiveTriggers(_ context.Context, id string) ([]scenario.StoredTrigger, error) {
	s.mu.Lock()
	rows, err := append([]scenario.StoredTrigger(nil), s.rows...), s.fails
	s.mu.Unlock()
	rows = slices.DeleteFunc(rows, func(row scenario.StoredTrigger) bool { return id != "" && row.ScenarioID != id })
	select {
	case wait := <-s.gate:
		wait()
	default:
	}
	return rows, err
}

func (s *shelf) Version(_ context.Context, a run.Actor, id string, n int) (scenario.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads.Add(1)
	if s.fails != nil {
		return scenario.Version{}, s.fails
	}
	return scenario.Version{ScenarioID: id, Workspace: a.Workspace, Number: n, Definition: []byte(s.definition), At: moment}, nil
}

func (s *shelf) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func newBook(t *testing.T) (*Book, *shelf, *strings.Builder) {
	t.Helper()
	s := &shelf{definition: document(`{"uses": "webhook"}`), gate: make(chan func(), 1),
		rows: []scenario.StoredTrigger{{Workspace: "w", ScenarioID: "1", Scenario: "s", ID: "trigger", Uses: "webhook", Key: "k", Status: scenario.Live, Version: 1}}}
	said := &strings.Builder{}
	b := NewBook(s, catalogue(), slog.New(slog.NewTextHandler(said, nil)))
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	return b, s, said
}

func TestBook(t *testing.T) {
	b, s, _ := newBook(t)
	load := func() {
		t.Helper()
		if err := b.Load(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Version != 1 {
				t.Errorf("%v %v", got, err)
			}
		})
	}
	wait.Wait()
	load()
	if _, err := b.ByKey(t.Context(), "k"); err != nil || s.reads.Load() != 1 {
		t.Errorf("%v; the version was read %d times", err, s.reads.Load())
	}
	for _, key := range []string{"", "K", "kk"} {
		if _, err := b.ByKey(t.Context(), key); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%q: %v", key, err)
		}
	}
	if s.reads.Load() != 1 { // §2.B 26: an unknown key costs a look into a map, as a known one does, so the time tells neither
		t.Errorf("for keys that are none the store was asked %d times", s.reads.Load()-1)
	}
	s.set(func() { s.rows[0].Version = 2 })
	load()
	if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Version != 2 || s.reads.Load() != 2 {
		t.Errorf("after a new version: %+v %v", got, err)
	}
	s.set(func() { s.rows[0].Status = scenario.Paused })
	load()
	if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Status != scenario.Paused {
		t.Errorf("after a pause: %+v %v", got, err)
	}
	other := s.rows[0]
	other.ScenarioID, other.Key = "2", "k2"
	s.set(func() { s.rows[0].Version, s.rows = 3, append(s.rows, other) })
	if err := b.Load(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	for key, version := range map[string]int{"k": 2, "k2": 2} {
		if got, err := b.ByKey(t.Context(), key); err != nil || got.Version != version {
			t.Errorf("after only the other was read: %s %+v %v", key, got, err)
		}
	}
	s.set(func() { s.rows = s.rows[:1] })
	if err := b.Load(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ByKey(t.Context(), "k2"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the other was deleted: %v", err)
	}
	s.set(func() { s.fails = fault.New(fault.Unavailable, "The disk is gone.") })
	if err := b.Load(t.Context(), ""); err == nil {
		t.Error("a store that fails is not told of")
	}
	if _, err := b.ByKey(t.Context(), "k"); err != nil {
		t.Errorf("a load that failed took away what was there: %v", err)
	}
	s.set(func() { s.fails, s.rows = nil, nil })
	load()
	before := s.reads.Load()
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a deleted trigger: %v", err)
	}
	if s.reads.Load() != before {
		t.Error("for a deleted trigger the store was asked")
	}
}

// TestBookMends: a version that could not be read is read again at the next use.
func TestBookMends(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.fails = fault.New(fault.Unavailable, "The disk is gone.") })
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	every := func(string) bool { return true }
	if list := b.All(t.Context(), every); len(list) != 0 || !strings.Contains(said.String(), "The disk is gone.") {
		t.Errorf("%d triggers; the log says %q", len(list), said)
	}
	s.set(func() { s.fails = nil })
	if _, err := b.ByKey(t.Context(), "k"); err != nil {
		t.Error(err)
	}
	if len(b.All(t.Context(), every)) != 1 || len(b.All(t.Context(), func(uses string) bool { return uses == "schedule" })) != 0 {
		t.Error("All does not heed what is used")
	}
}

// TestBookDisabled: a disabled trigger is as if it were not there, and nothing to complain of.
func TestBookDisabled(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook", "disabled": true}`) })
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	if list := b.All(t.Context(), func(string) bool { return true }); len(list) != 0 || said.Len() != 0 {
		t.Errorf("%d triggers; the log says %q", len(list), said)
	}
}

// TestBookLoadsInOrder: of two loads at once, the one that read the older rows does not win.
func TestBookLoadsInOrder(t *testing.T) {
	b, s, _ := newBook(t)
	var wait sync.WaitGroup
	s.gate <- func() { // the rows are read, and not yet in the book
		s.set(func() { s.rows[0].Version = 2 })
		if b.loading.TryLock() {
			b.loading.Unlock()
			t.Error("another load could pass this one")
		}
		wait.Go(func() { b.Load(t.Context(), "") })
	}
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Version != 2 {
		t.Errorf("%+v %v", got, err)
	}
}

func (s *shelf) Scenario(_ context.Context, a run.Actor, ref string) (scenario.Stored, error) {
	if a.Workspace != "w" || ref != s.scenario.ID && ref != s.scenario.Slug {
		return scenario.Stored{}, fault.New(fault.NotFound, "There is no scenario %q.", ref)
	}
	return s.scenario, nil
}

func (s *shelf) WholeEvent(_ context.Context, a run.Actor, id string) (run.Event, error) {
	e, ok := s.events[id]
	if !ok || a.Workspace != "w" {
		return e, fault.New(fault.NotFound, "There is no event %q.", id)
	}
	return e, nil
}

func (s *shelf) HeldEvents(_ context.Context, _ run.Actor, _ string, limit int) ([]run.Event, error) {
	return append([]run.Event(nil), s.held[:min(limit, len(s.held))]...), nil
}

// releasing is a taker that takes events out of the shelf's held ones as the store does.
type releasing struct {
	taker
	shelf *shelf
	after func() // each
}

func (r *releasing) Accept(ctx context.Context, start *run.Start) error {
	if start.Accept.Held {
		if r.refuse == nil || fault.CodeOf(r.refuse) == fault.Conflict {
			r.shelf.held = r.shelf.held[1:]
		}
		defer r.after()
	}
	return r.taker.Accept(ctx, start)
}

func newHand(definition string) (*Hand, *shelf, *releasing) {
	s := &shelf{definition: definition, gate: make(chan func()), events: map[string]run.Event{},
		scenario: scenario.Stored{ID: "1", Workspace: "w", Slug: "s", Status: scenario.Live, Version: 4}}
	taker := &releasing{shelf: s, after: func() {}}
	return &Hand{Store: s, Starter: taker, Catalogue: catalogue(), Now: func() time.Time { return moment }}, s, taker
}

func TestHandTest(t *testing.T) {
	me := run.SystemActor("w")
	two := strings.Replace(document(`0`), `"trigger": 0`, `"triggers": [{"id": "a", "uses": "webhook", "sample": {"n": 1}}, {"id": "b", "uses": "shop.event"}, {"id": "c", "uses": "manual", "if": "false"}]`, 1)
	for _, c := range []struct {
		name, definition, trigger, payload string
		id, want                           string
	}{
		{"the first trigger's sample is a body", two, "", "", "a", `{"body":{"n":1},"headers":{},"method":"POST","path":"/","query":{}}`},
		{"a payload is a body", two, "a", `[1]`, "a", `{"body":[1],"headers":{},"method":"POST","path":"/","query":{}}`},
		{"a whole request stays", two, "a", `{"body":1,"query":{"q":"1"}}`, "a", `{"body":1,"query":{"q":"1"}}`},
		{"the app's sample", two, "b", "", "b", `{"id":"1","topic":"order.made"}`},
		{"nothing is an empty input, and if is not asked", two, "c", "", "c", `{}`},
		{"null is a payload", two, "c", "null", "c", `null`},
		{"no trigger at all", `{"stepmill": 1, "name": "S", "steps": []}`, "", `{"x":1}`, "trigger", `{"x":1}`},
	} {
		h, _, taker := newHand(c.definition)
		event, runID, err := h.Test(t.Context(), me, "s", c.trigger, json.RawMessage(c.payload))
		if err != nil || event != "e1" || runID != "r1" {
			t.Errorf("%s: %q %q %v", c.name, event, runID, err)
			continue
		}
		if e := taker.taken[0].Accept.Event; string(e.Value) != c.want || e.Trigger != c.id || e.Source != "test" || e.Workspace != "w" || !e.At.Equal(moment) || taker.taken[0].Version != 4 {
			t.Errorf("%s: %s %+v", c.name, e.Value, e)
		}
	}
	for name, c := range map[string]struct {
		ref, trigger, payload string
		version               int
		actor                 run.Actor
		code                  fault.Code
	}{
		"no such trigger":   {"s", "z", "", 4, me, fault.NotFound},
		"no such scenario":  {"t", "", "", 4, me, fault.NotFound},
		"never published":   {"s", "", "", 0, me, fault.Conflict},
		"another workspace": {"s", "", "", 4, run.SystemActor("other"), fault.NotFound},
		"a broken payload":  {"s", "", `{"a":1,"a":2}`, 4, me, fault.InvalidInput},
	} {
		h, s, taker := newHand(two)
		s.scenario.Version = c.version
		if _, _, err := h.Test(t.Context(), c.actor, c.ref, c.trigger, json.RawMessage(c.payload)); fault.CodeOf(err) != c.code || len(taker.taken) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHandReplay(t *testing.T) {
	h, s, taker := newHand(document(`{"uses": "webhook"}`))
	s.events["old"] = run.Event{ID: "old", Workspace: "w", ScenarioID: "1", Trigger: "gone", RunID: "r0", Value: json.RawMessage(`{"body":{"n":12345678901234567890}}`)}
	runID, err := h.Replay(t.Context(), run.SystemActor("w"), "old")
	if err != nil || runID != "r1" {
		t.Fatalf("%q %v", runID, err)
	}
	start := taker.taken[0]
	if e := start.Accept.Event; e.ID != "e1" || e.Trigger != "gone" || e.Source != "replay" || string(e.Value) != string(s.events["old"].Value) || start.Version != 4 || len(start.Accept.Dedupe) > 0 {
		t.Errorf("%+v", start)
	}
	if _, err := h.Replay(t.Context(), run.SystemActor("w"), "none"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	taker.refuse = fault.New(fault.Unavailable, "The disk is full.")
	if runID, err := h.Replay(t.Context(), run.SystemActor("w"), "old"); err == nil || runID != "" {
		t.Errorf("what was not kept is a run %q", runID)
	}
}

func TestHandResume(t *testing.T) {
	fill := func(s *shelf, n int) {
		for i := range n {
			s.held = append(s.held, run.Event{ID: fmt.Sprint(i), Workspace: "w", ScenarioID: "1", Outcome: run.Held, Value: json.RawMessage(`{"n":1}`)})
		}
	}
	for _, c := range []struct {
		name         string
		prepare      func(*shelf, *releasing)
		taken, stays int
		code         fault.Code
	}{
		{"all, oldest first", func(*shelf, *releasing) {}, 250, 0, ""},
		{"paused", func(s *shelf, _ *releasing) { s.scenario.Status = scenario.Paused }, 0, 250, ""},
		{"paused again meanwhile", func(s *shelf, r *releasing) { r.after = func() { s.scenario.Status = scenario.Paused } }, 100, 150, ""},
		{"the disk is full", func(_ *shelf, r *releasing) { r.refuse = fault.New(fault.Unavailable, "The disk is full.") }, 0, 250, fault.Unavailable},
		{"somebody else was faster", func(_ *shelf, r *releasing) { r.refuse = fault.New(fault.Conflict, "The event is not held any more.") }, 0, 0, ""},
		{"never published", func(s *shelf, _ *releasing) { s.scenario.Version = 0 }, 0, 250, fault.Conflict},
	} {
		h, s, taker := newHand(document(`{"uses": "webhook"}`))
		fill(s, 250)
		c.prepare(s, taker)
		err := h.Resume(t.Context(), run.SystemActor("w"), "1")
		if len(taker.taken) != c.taken || len(s.held) != c.stays || (err != nil) != (c.code != "") || err != nil && fault.CodeOf(err) != c.code {
			t.Errorf("%s: %d taken, %d stay, %v", c.name, len(taker.taken), len(s.held), err)
		}
		for i, start := range taker.taken {
			if e := start.Accept.Event; e.ID != fmt.Sprint(i) || e.Outcome != run.Accepted || !start.Accept.Held || start.Version != 4 || len(start.Accept.Dedupe) > 0 {
				t.Fatalf("%s: the %dth is %+v", c.name, i, start)
			}
		}
	}
}
