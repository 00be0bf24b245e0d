package triggers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

var moment = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// catalogue has one app with one trigger, whose topics have names for people.
func catalogue() *actions.Catalogue {
	return actions.CatalogueOf(actions.Connector{ID: "shop", Triggers: []actions.Trigger{{ID: "event", Topic: "topic", DeliveryID: "id",
		Aliases: map[string][]string{"orders": {"order.made", "order.paid"}}, Sample: map[string]any{"topic": "order.made", "id": "1"}},
		{ID: "paid", Topic: "topic", Only: []string{"order.paid"}, Input: []actions.Field{{ID: "shop", Type: actions.Text, Link: `/shops/(\w+)`}}, Wants: func(with map[string]any, event any) string {
			if with["shop"] != nil && with["shop"] != value.At(event, "/shop") {
				return "it is of another shop"
			}
			return ""
		}},
		{ID: "nested", Topic: "/event/type", Sample: map[string]any{"event": map[string]any{"type": "mention"}}},
		{ID: "new", Kind: actions.PollKind, Poll: &actions.Poll{}}}})
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
	if catalogue().Trigger("shop.nope") != nil || catalogue().Trigger("webhook") != nil {
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
		{"a topic within", `{"uses": "shop.nested", "with": {"topics": ["mention"]}}`, map[string]any{"event": map[string]any{"type": "mention"}, "type": "x"}, true, "", false},
		{"another within", `{"uses": "shop.nested", "with": {"topics": ["mention"]}}`, map[string]any{"event": "mention", "type": "mention"}, false, "it has no topic", false},
		{"an alias", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "order.paid"}, true, "", false},
		{"the vendor's name", `{"uses": "shop.event", "with": {"topics": ["cart.made"]}}`, map[string]any{"topic": "cart.made"}, true, "", false},
		{"the alias itself is no topic", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "orders"}, false, `"orders"`, false},
		{"another topic", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, map[string]any{"topic": "cart.made"}, false, `"cart.made"`, false},
		{"its own topic", `{"uses": "shop.paid"}`, map[string]any{"topic": "order.paid"}, true, "", false},
		{"none of its own", `{"uses": "shop.paid"}`, map[string]any{"topic": "cart.made"}, false, `"cart.made"`, false},
		{"what its inputs ask for", `{"uses": "shop.paid", "with": {"shop": "https://x.test/shops/a1"}}`, map[string]any{"topic": "order.paid", "shop": "a1"}, true, "", false},
		{"another than its inputs ask for", `{"uses": "shop.paid", "with": {"shop": "a1"}}`, map[string]any{"topic": "order.paid", "shop": "b"}, false, "another shop", false},
		{"no topic at all", `{"uses": "shop.event", "with": {"topics": ["orders"]}}`, []any{}, false, "it has no topic", false},
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

// allTaker keeps all that it is given together.
type allTaker struct {
	list   []*run.Start
	cursor *run.Cursor
}

func (s *allTaker) AcceptAll(_ context.Context, starts []*run.Start, cursor *run.Cursor) error {
	s.list, s.cursor = starts, cursor
	return nil
}

// TestIntakeAll: events go on in their order, each judged by itself, with the trigger's cursor.
func TestIntakeAll(t *testing.T) {
	s, trigger := &allTaker{}, ready(t, `{"uses": "shop.new", "if": "trigger.n > 1"}`, scenario.Live)
	list := []Happening{{Value: map[string]any{"n": 2}, At: moment}, {Value: map[string]any{"n": 1}, At: moment}, {Value: map[string]any{"n": 3}, At: moment}}
	if err := IntakeAll(t.Context(), s, trigger, list, "here"); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, start := range s.list {
		got += fmt.Sprintf("%s %s; ", start.Accept.Event.Value, start.Accept.Event.Outcome)
	}
	if want := `{"n":2} accepted; {"n":1} filtered; {"n":3} accepted; `; got != want || *s.cursor != (run.Cursor{Workspace: "w", ScenarioID: "1", Trigger: "trigger", Value: "here"}) {
		t.Errorf("%s with %+v", got, s.cursor)
	}
	if err := IntakeAll(t.Context(), s, trigger, []Happening{{Value: func() {}}}, "there"); err == nil || s.cursor.Value != "here" {
		t.Errorf("what cannot be written was handed on: %v", err)
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
