package triggers

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

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

func newHand(definition string) (*Hand, *shelf, *taker) {
	s := &shelf{definition: definition, gate: make(chan func()), events: map[string]run.Event{},
		scenario: scenario.Stored{ID: "1", Workspace: "w", Slug: "s", Status: scenario.Live, Version: 4}}
	taker := &taker{}
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
		"a number":          {"s", "b", `5`, 4, me, fault.InvalidInput},
		"a list":            {"s", "b", `[1]`, 4, me, fault.InvalidInput},
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
	runID, err := h.Replay(t.Context(), run.SystemActor("w"), "old", nil)
	if err != nil || runID != "r1" {
		t.Fatalf("%q %v", runID, err)
	}
	start := taker.taken[0]
	if e := start.Accept.Event; e.ID != "e1" || e.Trigger != "gone" || e.Source != "replay" || string(e.Value) != string(s.events["old"].Value) || start.Version != 4 || len(start.Accept.Dedupe) > 0 {
		t.Errorf("%+v", start)
	}
	if _, err := h.Replay(t.Context(), run.SystemActor("w"), "old", json.RawMessage(`{"body": {"n": 2}}`)); err != nil || string(taker.taken[1].Accept.Event.Value) != `{"body":{"n":2}}` {
		t.Errorf("%v, of %s", err, taker.taken[1].Accept.Event.Value)
	}
	if _, err := h.Replay(t.Context(), run.SystemActor("w"), "none", nil); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	s.events["of another"] = run.Event{ID: "of another", Workspace: "w", ScenarioID: "01a2", Scenario: "orders", Trigger: "in", Value: json.RawMessage(`{}`)}
	if _, err := h.Replay(t.Context(), run.SystemActor("w"), "of another", nil); fault.CodeOf(err) != fault.NotFound || !strings.Contains(err.Error(), `The scenario "orders" was deleted`) {
		t.Errorf("of a deleted scenario: %v", err)
	}
	taker.refuse = fault.New(fault.Unavailable, "The disk is full.")
	if runID, err := h.Replay(t.Context(), run.SystemActor("w"), "old", nil); err == nil || runID != "" {
		t.Errorf("what was not kept is a run %q", runID)
	}
}

// TestHandReplayEventOnce gives the replays of a job their keys, and leaves alone what starts a run by itself.
func TestHandReplayEventOnce(t *testing.T) {
	h, s, taker := newHand(document(`{"uses": "webhook"}`))
	old := run.Event{ID: "old", Workspace: "w", ScenarioID: "1", Trigger: "trigger", Outcome: run.Filtered, Value: json.RawMessage(`{"body":{}}`)}
	s.events["old"] = old
	if err := h.ReplayEventOnce(t.Context(), run.SystemActor("w"), old, "j1"); err != nil {
		t.Fatal(err)
	}
	if keys := taker.taken[0].Accept.Dedupe; len(keys) != 1 || keys[0].Key != "job:j1:old" || !keys[0].Until.After(moment.Add(24*time.Hour)) {
		t.Errorf("%+v", keys)
	}
	old.Outcome, old.RunID = run.Accepted, "batch"
	s.runs = map[string]run.Run{"batch": {ID: "batch", EventID: "whole"}}
	if err := h.ReplayEventOnce(t.Context(), run.SystemActor("w"), old, "j1"); fault.CodeOf(err) != fault.Conflict || len(taker.taken) != 1 {
		t.Errorf("one of a batch: %v", err)
	}
	old.Outcome = run.Held
	if err := h.ReplayEventOnce(t.Context(), run.SystemActor("w"), old, "j1"); fault.CodeOf(err) != fault.Conflict || len(taker.taken) != 1 {
		t.Errorf("one that waits: %v", err)
	}
}

// TestHandReplayFrom replays from a step that the version has, and refuses one that it has no more.
func TestHandReplayFrom(t *testing.T) {
	h, s, taker := newHand(`{"stepmill": 1, "name": "n", "trigger": {"uses": "webhook"}, "steps": [{"id": "l", "for_each": {"items": "{{ [1] }}", "steps": [{"id": "b", "uses": "core.set"}]}}]}`)
	s.events["old"] = run.Event{ID: "old", Workspace: "w", ScenarioID: "1", Trigger: "trigger", Value: json.RawMessage(`{}`)}
	s.runs = map[string]run.Run{"r0": {ID: "r0", ScenarioID: "1", Version: 3, EventID: "old", Trigger: "trigger"}}
	for _, path := range []string{"l", "l[0]", "l[0].b", "l[0].c", "gone"} {
		s.journal = append(s.journal, run.Entry{Kind: run.StepStarted, Path: path})
	}
	for path, says := range map[string]string{"l[0].b": "", "l": "", "l[0].c": `Version 4 of the scenario "s" has no step "l[0].c"`, "gone": `Version 4 of the scenario "s" has no step "gone"`} {
		before := len(taker.taken)
		_, err := h.ReplayRun(t.Context(), run.SystemActor("w"), "r0", path, nil, 0)
		switch {
		case says == "" && (err != nil || len(taker.taken) != before+1):
			t.Errorf("from %s: %v", path, err)
		case says != "" && (fault.CodeOf(err) != fault.InvalidInput || !strings.Contains(fault.MessageOf(err), says) || len(taker.taken) != before):
			t.Errorf("from %s: %v", path, err)
		}
	}
	if _, err := h.ReplayRun(t.Context(), run.SystemActor("w"), "r0", "never", nil, -1); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("from a step that never began: %v", err)
	}
}

// TestPayloadFits: what stands in place of an event is what events of its trigger are.
func TestPayloadFits(t *testing.T) {
	for _, c := range []struct {
		uses, payload string
		fits          bool
	}{{"webhook", `[1]`, false}, {"webhook", `"x"`, false}, {"webhook", `{"body": 1}`, true}, {"shop.event", `7`, false}, {"shop.event", `{}`, true}, {"manual", `null`, true}} {
		h, s, taker := newHand(strings.Replace(document(`0`), `"trigger": 0`, `"trigger": {"uses": "`+c.uses+`"}`, 1))
		s.events["e"] = run.Event{ID: "e", Workspace: "w", ScenarioID: "1", Scenario: "s", Trigger: "trigger", Outcome: run.Accepted, Value: json.RawMessage(`{}`)}
		_, err := h.Replay(t.Context(), run.SystemActor("w"), "e", json.RawMessage(c.payload))
		if (err == nil) != c.fits || (len(taker.taken) == 1) != c.fits || !c.fits && fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%s with %s: %v", c.uses, c.payload, err)
		}
	}
}
