package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// records are a trigger and the events that are kept of it.
type records struct {
	trigger *triggers.Trigger
	events  []run.Event
	keys    map[string]string // and the run of each
}

func (r *records) Of(_ context.Context, _, scenarioID, trigger string) (*triggers.Trigger, error) {
	if scenarioID != "1" || trigger != "t" {
		return nil, fault.New(fault.NotFound, "There is no such trigger.")
	}
	return r.trigger, nil
}

func (r *records) RanSince(_ context.Context, _ run.Actor, _, _ string, since time.Time) (out []run.Event, _ error) {
	for _, e := range r.events {
		if !e.At.Before(since) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (r *records) Accept(_ context.Context, s *run.Start) error {
	key := s.Accept.Dedupe[0].Key
	if of, known := r.keys[key]; known {
		s.Accept.FirstEvent, s.Accept.FirstRun = "first", of
		return nil
	}
	r.keys[key] = "r"
	r.events = append(r.events, s.Accept.Event)
	return nil
}

func TestBackfill(t *testing.T) {
	r := &records{keys: map[string]string{"delivery:schedule:2026-01-01T06:00:00Z": ""}, trigger: &triggers.Trigger{StoredTrigger: scenario.StoredTrigger{ScenarioID: "1", ID: "t", Status: scenario.Live}, Zone: time.UTC,
		Def: &scenario.Trigger{Uses: "schedule", With: map[string]any{"cron": "0 * * * *", "overlap": "skip"}}}}
	b := &Backfill{Triggers: r, Store: r, Starter: r, Now: func() time.Time { return at(t, "2026-01-02 00:00").Add(time.Minute) }}
	job := func(since, until string, again bool) run.Job {
		j := run.Job{ID: "j", Trigger: "t", Again: again, Filter: run.Filter{Scenario: "1", Since: at(t, since)}}
		if until != "" {
			j.Filter.Until = at(t, until)
		}
		return j
	}
	// 03:00 ran on time, 05:00 ran late, 07:00 ran and its data was not kept; at 09:10 somebody sent the sample.
	r.events = append(r.events, []run.Event{
		{At: at(t, "2026-01-01 03:00"), Source: "schedule", Value: json.RawMessage(`{"scheduled_at": "2026-01-01T03:00:00.000Z"}`)},
		{At: at(t, "2026-01-01 09:59"), Source: "schedule", Value: json.RawMessage(`{"scheduled_at": "2026-01-01T05:00:00.000Z"}`)},
		{At: at(t, "2026-01-01 07:00"), Source: "schedule", Value: json.RawMessage(`null`)},
		{At: at(t, "2026-01-01 09:10"), Source: "test", Value: json.RawMessage(`{}`)},
	}...)
	j := job("2026-01-01 02:00", "2026-01-01 10:00", false)
	todo, ran, err := b.Times(t.Context(), run.Actor{}, j)
	var hours []string
	for _, next := range todo {
		hours = append(hours, next.Format("15"))
	}
	if fmt.Sprint(hours) != "[02 04 06 08 09]" || ran != 3 || err != nil {
		t.Fatalf("%v, %d ran: %v", hours, ran, err)
	}
	for i, next := range append(todo, todo[0]) { // 06:00 was passed over: it has an event and no run
		if err := b.Start(t.Context(), run.Actor{}, j, next); (fault.CodeOf(err) == fault.Conflict) != (i == len(todo)) {
			t.Errorf("%s: %v", next, err)
		}
	}
	made := r.events[len(r.events)-1]
	if string(made.Value) != `{"backfill":true,"local":"2026-01-01T09:00:00Z","scheduled_at":"2026-01-01T09:00:00.000Z","timezone":"UTC"}` || made.Source != "backfill" {
		t.Errorf("%+v: %s", made, made.Value)
	}
	if todo, ran, err := b.Times(t.Context(), run.Actor{}, j); len(todo) != 0 || ran != 8 || err != nil {
		t.Errorf("afterwards %v are left, %d ran: %v", todo, ran, err)
	}
	again := job("2026-01-01 02:00", "2026-01-01 10:00", true)
	if todo, ran, err := b.Times(t.Context(), run.Actor{}, again); len(todo) != 8 || ran != 0 || err != nil {
		t.Errorf("again: %v %d %v", todo, ran, err)
	}
	before := len(r.events)
	for range 2 { // the second time is the same job, which was killed before it was noted
		if err := b.Start(t.Context(), run.Actor{}, again, todo[0]); err != nil {
			t.Error(err)
		}
	}
	if len(r.events) != before+1 {
		t.Errorf("again began %d", len(r.events)-before)
	}
	r.keys["delivery:schedule:2026-01-01T12:00:00Z"] = "the scheduler's"
	if err := b.Start(t.Context(), run.Actor{}, j, at(t, "2026-01-01 12:00")); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("what the scheduler fired at the same moment: %v", err)
	}
	asked := job("2026-01-01 20:00", "", false)
	asked.CreatedAt = at(t, "2026-01-01 22:01")
	if todo, _, err := b.Times(t.Context(), run.Actor{}, asked); len(todo) != 2 || err != nil {
		t.Errorf("of a job that is under way: %v %v", todo, err)
	}
	if todo, _, err := b.Times(t.Context(), run.Actor{}, job("2026-01-01 22:00", "", false)); len(todo) != 2 || err != nil { // midnight is the scheduler's
		t.Errorf("up to now: %v %v", todo, err)
	}
}

func TestNoBackfill(t *testing.T) {
	r := &records{trigger: &triggers.Trigger{Zone: time.UTC, Def: &scenario.Trigger{Uses: "schedule", With: map[string]any{"cron": "* * * * *"}}}}
	b := &Backfill{Triggers: r, Store: r, Starter: r, Now: func() time.Time { return at(t, "2026-01-20 00:00") }}
	for name, c := range map[string]struct {
		j    run.Job
		code fault.Code
	}{
		"no beginning":       {run.Job{Trigger: "t", Filter: run.Filter{Scenario: "1"}}, fault.InvalidInput},
		"in the future":      {run.Job{Trigger: "t", Filter: run.Filter{Scenario: "1", Since: at(t, "2026-02-01 00:00")}}, fault.InvalidInput},
		"the wrong way":      {run.Job{Trigger: "t", Filter: run.Filter{Scenario: "1", Since: at(t, "2026-01-10 00:00"), Until: at(t, "2026-01-09 00:00")}}, fault.InvalidInput},
		"too many":           {run.Job{Trigger: "t", Filter: run.Filter{Scenario: "1", Since: at(t, "2026-01-10 00:00")}}, fault.InvalidInput},
		"no such trigger":    {run.Job{Trigger: "u", Filter: run.Filter{Scenario: "1", Since: at(t, "2026-01-19 00:00")}}, fault.NotFound},
		"ten thousand is ok": {run.Job{Trigger: "t", Filter: run.Filter{Scenario: "1", Since: at(t, "2026-01-10 00:00"), Until: at(t, "2026-01-16 22:40")}}, ""},
	} {
		if _, _, err := b.Times(t.Context(), run.Actor{}, c.j); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.trigger.Def.Uses = "webhook"
	if _, _, err := b.Times(t.Context(), run.Actor{}, run.Job{Trigger: "t", Filter: run.Filter{Scenario: "1", Since: at(t, "2026-01-19 00:00")}}); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a webhook: %v", err)
	}
}
