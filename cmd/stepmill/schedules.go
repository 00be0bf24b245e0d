package main

import (
	"context"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/schedule"
	"github.com/stepmill/stepmill/web/access"
)

// schedules say when schedules fire, as the screens and the API ask it.
type schedules struct{ now func() time.Time }

// shownFires is how many of the next times people see.
const shownFires = 5

func (s schedules) Planned(with map[string]any, timezone string) (scenario.Planned, error) {
	zone, err := scenario.Zone(timezone)
	if err != nil {
		return scenario.Planned{}, fault.New(fault.InvalidInput, "timezone: %q is not a time zone; use a name as Europe/Zurich.", fault.Clip(timezone, 60))
	}
	plan, err := schedule.Parse(with, zone)
	if err != nil {
		return scenario.Planned{}, err
	}
	out := scenario.Planned{Words: plan.Describe(), Zone: plan.Zone(), Next: plan.Fires(s.now(), shownFires)}
	if c, ok := plan.Choice(); ok {
		chosen := scenario.Choice(c)
		out.Choice = &chosen
	}
	return out, nil
}

func (s schedules) Cron(c scenario.Choice) (string, error) { return schedule.Choice(c).Cron() }

// words are what the drawing of a scenario says of a schedule; empty: it cannot be read.
func (s schedules) words(with map[string]any, timezone string) string {
	planned, err := s.Planned(with, timezone)
	if err != nil {
		return ""
	}
	return planned.Words
}

// nextFire is when a live schedule fires next; zero: never, or not while it is paused.
func nextFire(t *triggers.Trigger) time.Time {
	plan, err := schedule.Parse(t.Def.With, t.Zone)
	if err != nil || t.Status == scenario.Paused {
		return time.Time{}
	}
	return plan.Next(time.Now())
}

// health says how the live triggers of a workspace do, those of one scenario, by its id, or all.
func (s *server) health(ctx context.Context, a run.Actor, scenarioID string) []run.Health {
	list := s.monitor.Health(ctx, a.Workspace, scenarioID)
	if !access.May(a.Role, access.Operate) { // an address may be all that it takes
		for i := range list {
			list[i].URL, list[i].Mail = "", ""
		}
	}
	return list
}
