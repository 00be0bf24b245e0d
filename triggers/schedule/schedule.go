// Package schedule starts runs at planned times: by cron or every so often, in a time zone, each planned time once. The
// clock and what is kept come from outside.
package schedule

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// Cursors says how far a schedule has come.
type Cursors interface {
	Cursor(ctx context.Context, workspace, scenarioID, trigger string) (string, error)
}

// Triggers gives the live triggers.
type Triggers interface {
	All(ctx context.Context, uses func(string) bool) []*triggers.Trigger
}

// Scheduler fires the live schedules.
type Scheduler struct {
	Triggers Triggers
	Cursors  Cursors
	Starter  triggers.Starter
	Now      func() time.Time
	Log      *slog.Logger
	Changed  <-chan struct{} // says that triggers changed

	unread bool // a schedule's place could not be read: soon again
}

// planned is a live schedule and where it stands.
type planned struct {
	trigger *triggers.Trigger
	plan    *Plan
	stands  time.Time // the last planned time dealt with
	next    time.Time
}

const look = 30 * time.Second // the longest sleep: a clock that was set is noticed

// Run fires schedules until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	table := s.load(ctx, nil)
	for {
		wake := s.Now().Add(look)
		if s.unread {
			wake = s.Now().Add(time.Second)
		}
		for _, p := range table {
			s.fire(ctx, p)
			if !p.next.IsZero() && p.next.Before(wake) {
				wake = p.next
			}
		}
		timer := time.NewTimer(max(wake.Sub(s.Now()), 10*time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.Changed:
			table = s.load(ctx, table)
		case <-timer.C:
			if s.unread {
				table = s.load(ctx, table)
			}
		}
		timer.Stop()
	}
}

// load reads the live schedules. One that was there keeps where it stands; a new one begins where the store
// says, or when it went live, so a first time that passed while Stepmill was not running is not lost.
func (s *Scheduler) load(ctx context.Context, old map[string]*planned) map[string]*planned {
	table := map[string]*planned{}
	s.unread = false
	for _, t := range s.Triggers.All(ctx, func(uses string) bool { return uses == "schedule" }) {
		if before := old[t.Key]; before != nil && before.trigger == t {
			table[t.Key] = before
			continue
		}
		plan, err := Parse(t.Def.With, t.Zone)
		if err != nil {
			s.Log.Error("a live schedule cannot be read", "scenario", t.Scenario, "error", err)
			continue
		}
		p := &planned{trigger: t, plan: plan}
		if before := old[t.Key]; before != nil {
			p.stands = before.stands
			if !reflect.DeepEqual(before.trigger.Def.With, t.Def.With) || before.plan.zone.String() != plan.zone.String() {
				p.stands = later(p.stands, t.Since) // what is planned now was not planned then
			}
		} else if p.stands, err = s.stands(ctx, t); err != nil {
			if s.unread = true; ctx.Err() != nil {
				return table
			}
			s.Log.Error("a schedule's place could not be read", "scenario", t.Scenario, "error", err)
			continue
		}
		p.next = plan.Next(p.stands)
		table[t.Key] = p
	}
	return table
}

func (s *Scheduler) stands(ctx context.Context, t *triggers.Trigger) (time.Time, error) {
	text, err := s.Cursors.Cursor(ctx, t.Workspace, t.ScenarioID, t.ID)
	if fault.CodeOf(err) == fault.NotFound {
		if t.Since.IsZero() {
			return s.Now().UTC(), nil
		}
		return t.Since, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fault.Wrap(err, fault.Internal, "The place of a schedule of %q cannot be read.", t.Scenario)
	}
	return later(at, t.Since), nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// fire starts a run for each planned time that is due. A paused scenario's times are passed over, not kept: a schedule
// that is off does not catch up, also not after a restart: from being resumed on it counts anew.
func (s *Scheduler) fire(ctx context.Context, p *planned) {
	now := s.Now().UTC()
	if p.next.IsZero() || p.next.After(now) {
		return
	}
	times, stands := p.plan.Due(p.stands, now)
	if p.trigger.Status == scenario.Paused {
		times = nil
	}
	for _, at := range times {
		planned := at.Format(time.RFC3339)
		_, err := triggers.Intake(ctx, s.Starter, p.trigger, triggers.Happening{
			Value:    map[string]any{"scheduled_at": at.Format(run.TimeFormat), "local": at.In(p.plan.zone).Format(time.RFC3339), "timezone": p.plan.zone.String()},
			Delivery: "schedule:" + planned, Cursor: planned, Source: "schedule", At: now, Overlap: p.plan.Overlap,
		})
		if err != nil {
			s.Log.Error("a scheduled run could not be started; it is tried again", "scenario", p.trigger.Scenario, "at", planned, "error", err)
			p.next = now.Add(time.Second)
			return
		}
		p.stands = at
	}
	p.stands = stands
	p.next = p.plan.Next(stands)
}
