package schedule

import (
	"context"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

const (
	maxBackfill = 10_000          // planned times of one backfill
	past        = 2 * time.Minute // what was planned later the scheduler may still be about to fire
	backfilled  = "backfill"      // the source of their events
)

// Live gives a live trigger of a scenario.
type Live interface {
	Of(ctx context.Context, workspace, scenarioID, trigger string) (*triggers.Trigger, error)
}

// Ran lists the events of a trigger that have a run and came at or after a time.
type Ran interface {
	RanSince(ctx context.Context, a run.Actor, scenarioID, trigger string, since time.Time) ([]run.Event, error)
}

// Backfill starts runs for planned times of the past that have none.
type Backfill struct {
	Triggers Live
	Store    Ran
	Starter  triggers.Starter
	Now      func() time.Time
}

// Times gives the planned times of a job's window that it starts runs for, in order, and how many it leaves out since they
// have a run. It goes by the events that are kept: of what retention has let go of nothing is known.
func (b *Backfill) Times(ctx context.Context, a run.Actor, j run.Job) (todo []time.Time, ran int, err error) {
	t, plan, err := b.plan(ctx, a, j)
	if err != nil {
		return nil, 0, err
	}
	since, until := j.Filter.Since, j.Filter.Until
	asked := b.Now()
	if !j.CreatedAt.IsZero() { // the window does not grow while the job is under way
		asked = j.CreatedAt
	}
	if last := asked.Add(-past); until.IsZero() || until.After(last) {
		until = last
	}
	known := map[time.Time]bool{}
	if !j.Again {
		events, err := b.Store.RanSince(ctx, a, t.ScenarioID, t.ID, since)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range events {
			if e.Source == "schedule" || e.Source == backfilled { // others were started by hand
				known[plan.plannedAt(e)] = true
			}
		}
	}
	for next := plan.Next(since.Add(-1)); !next.IsZero() && next.Before(until); next = plan.Next(next) {
		if known[next] {
			ran++
		} else {
			todo = append(todo, next)
		}
		if len(todo)+ran > maxBackfill {
			return nil, 0, fault.New(fault.InvalidInput, "The window holds more than %d planned times; take a shorter one.", maxBackfill)
		}
	}
	return todo, ran, nil
}

// plan gives the live trigger of a job, and when it fires.
func (b *Backfill) plan(ctx context.Context, a run.Actor, j run.Job) (*triggers.Trigger, *Plan, error) {
	if j.Filter.Since.IsZero() {
		return nil, nil, fault.New(fault.InvalidInput, "since: the beginning of the window is needed, as 2026-01-31T09:30:00Z.")
	}
	if now := b.Now(); !j.Filter.Since.Before(now) || !j.Filter.Until.IsZero() && !j.Filter.Since.Before(j.Filter.Until) {
		return nil, nil, fault.New(fault.InvalidInput, "The window must begin in the past, and before it ends.")
	}
	t, err := b.Triggers.Of(ctx, a.Workspace, j.Filter.Scenario, j.Trigger)
	if err != nil {
		return nil, nil, err
	}
	if t.Def.Uses != "schedule" {
		return nil, nil, fault.New(fault.InvalidInput, "The trigger %q is no schedule; only planned times can be made up for.", fault.Clip(t.ID, 60))
	}
	plan, err := Parse(t.Def.With, t.Zone)
	return t, plan, err
}

// plannedAt is the planned time of a kept event. Where its data was not kept it is the last one before it came.
func (p *Plan) plannedAt(e run.Event) time.Time {
	if v, err := value.Decode(e.Value, value.Stored()); err == nil {
		if object, ok := v.(map[string]any); ok {
			text, _ := object["scheduled_at"].(string)
			if at, err := time.Parse(time.RFC3339, text); err == nil {
				return at.UTC()
			}
		}
	}
	for back := time.Hour; back <= 24*366*time.Hour; back *= 2 {
		if list := p.between(e.At.Add(-back), e.At); len(list) > 0 {
			return list[len(list)-1]
		}
	}
	return time.Time{}
}

// Start starts the run of one planned time, once. It goes by the schedule's own key, so that the scheduler and any job are one,
// also when they come at the same moment; a time that was passed over has that key and no run, and then one of its own. Where it
// has a run, and the job does not say again, it is Conflict.
func (b *Backfill) Start(ctx context.Context, a run.Actor, j run.Job, at time.Time) error {
	t, plan, err := b.plan(ctx, a, j)
	if err != nil {
		return err
	}
	h := plan.happening(at, b.Now().UTC())
	h.Value.(map[string]any)["backfill"] = true
	h.Past, h.Source = true, backfilled
	moment := at.Format(time.RFC3339Nano)
	if j.Again {
		h.Delivery = backfilled + " " + j.ID + ":" + moment
	}
	kept, err := triggers.Intake(ctx, b.Starter, t, h)
	if err == nil && kept.FirstEvent != "" && kept.FirstRun == "" {
		h.Delivery = backfilled + ":" + moment
		kept, err = triggers.Intake(ctx, b.Starter, t, h)
	}
	if err == nil && kept.FirstEvent != "" && !j.Again {
		return fault.New(fault.Conflict, "It has a run.")
	}
	return err
}
