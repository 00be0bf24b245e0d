// Package schedule starts runs at planned times: by cron or every so often, in a time zone, each planned time once. The
// clock and what is kept come from outside.
package schedule

import (
	"container/heap"
	"context"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

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

	table  map[string]*planned // by the trigger's key
	queue  queue               // those of them that fire again
	looked time.Time           // when it was last looked at the clock
	unread bool                // a schedule's place could not be read: soon again
}

const (
	look   = 30 * time.Second // the longest sleep: a clock that was set is noticed
	again  = time.Second      // after what could not be read or kept
	atOnce = 256              // starts on their way together: they share the writer's transactions
)

// Run fires schedules until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	s.load(ctx)
	for {
		wake := s.turn(ctx)
		timer := time.NewTimer(max(wake.Sub(s.Now()), 10*time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.Changed:
			s.load(ctx)
		case <-timer.C:
			if s.unread {
				s.load(ctx)
			}
		}
		timer.Stop()
	}
}

// turn fires what is due and says when to look again. It looks at no other schedule, unless the clock was set back.
func (s *Scheduler) turn(ctx context.Context) (wake time.Time) {
	now := s.Now().UTC()
	if now.Before(s.looked) {
		for _, p := range s.table {
			p.resume(now)
		}
		s.queue = queueOf(s.table)
	}
	s.looked = now
	var due []*planned
	for len(s.queue) > 0 && !s.queue[0].next.After(now) {
		due = append(due, heap.Pop(&s.queue).(*planned))
	}
	s.fireAll(ctx, due)
	for _, p := range due {
		if !p.next.IsZero() {
			heap.Push(&s.queue, p)
		}
	}
	wake = s.Now().Add(look)
	if s.unread {
		wake = s.Now().Add(again)
	}
	if len(s.queue) > 0 && s.queue[0].next.Before(wake) {
		wake = s.queue[0].next
	}
	return wake
}

// fireAll fires schedules, those first that were due first, many at once. When nothing can be kept now the rest are left for
// later.
func (s *Scheduler) fireAll(ctx context.Context, due []*planned) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	var down atomic.Bool
	for _, p := range due {
		group.Go(func() error {
			if down.Load() {
				p.next = s.Now().UTC().Add(again)
			} else if err := s.fire(ctx, p); fault.CodeOf(err) == fault.Unavailable {
				down.Store(true)
			}
			return nil
		})
	}
	group.Wait()
}

// load reads the live schedules. One that was there keeps where it stands; a new one begins where the store
// says, or when it went live, so a first time that passed while Stepmill was not running is not lost.
func (s *Scheduler) load(ctx context.Context) {
	old := s.table
	s.table, s.unread = map[string]*planned{}, false
	for _, t := range s.Triggers.All(ctx, func(uses string) bool { return uses == "schedule" }) {
		if before := old[t.Key]; before != nil && before.trigger == t {
			s.table[t.Key] = before
			continue
		}
		plan, err := Parse(t.Def.With, t.Zone)
		if err != nil {
			s.Log.Error("a live schedule cannot be read", "scenario", t.Scenario, "error", err)
			continue
		}
		p := &planned{trigger: t, plan: plan}
		if before := old[t.Key]; before != nil {
			p.place = before.place
			if !reflect.DeepEqual(before.trigger.Def.With, t.Def.With) || before.plan.zone.String() != plan.zone.String() {
				p.begin(t.Since) // what is planned now was not planned then
			}
		} else if p.place, err = s.place(ctx, t); err != nil {
			if s.unread = true; ctx.Err() != nil {
				break
			}
			s.Log.Error("a schedule's place could not be read", "scenario", t.Scenario, "error", err)
			continue
		}
		p.resume(s.Now().UTC())
		s.table[t.Key] = p
	}
	s.queue = queueOf(s.table)
}

func (s *Scheduler) place(ctx context.Context, t *triggers.Trigger) (place, error) {
	text, err := s.Cursors.Cursor(ctx, t.Workspace, t.ScenarioID, t.ID)
	if fault.CodeOf(err) == fault.NotFound {
		at := t.Since
		if at.IsZero() {
			at = s.Now().UTC()
		}
		return place{stands: at, top: at}, nil
	}
	if err != nil {
		return place{}, err
	}
	out, err := readPlace(text)
	if err != nil {
		return place{}, fault.Wrap(err, fault.Internal, "The place of a schedule of %q cannot be read.", t.Scenario)
	}
	out.begin(t.Since)
	return out, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// fire starts a run for each planned time that is due. A paused scenario's times are passed over, not kept: a schedule
// that is off does not catch up, also not after a restart: from being resumed on it counts anew.
func (s *Scheduler) fire(ctx context.Context, p *planned) error {
	now := s.Now().UTC()
	if p.next.IsZero() || p.next.After(now) {
		return nil
	}
	times, stands := p.plan.Due(p.stands, now)
	if p.trigger.Status == scenario.Paused {
		times = nil
	}
	for _, at := range times {
		if p.fired(at) {
			continue
		}
		h := p.plan.happening(at, now)
		reached := p.place.reach(p.plan, at)
		h.Cursor, h.Overlap = reached.String(), p.plan.Overlap
		if _, err := triggers.Intake(ctx, s.Starter, p.trigger, h); err != nil {
			s.Log.Error("a scheduled run could not be started; it is tried again", "scenario", p.trigger.Scenario, "at", at.Format(time.RFC3339), "error", err)
			p.next = now.Add(again)
			return err
		}
		p.place = reached
	}
	p.stands = stands
	p.next = p.plan.Next(stands)
	return nil
}

// happening is a planned time as an event. Its delivery is the time itself, so that there is one event for each.
func (p *Plan) happening(at, now time.Time) triggers.Happening {
	return triggers.Happening{
		Value:    map[string]any{"scheduled_at": at.Format(run.TimeFormat), "local": at.In(p.zone).Format(time.RFC3339), "timezone": p.zone.String()},
		Delivery: "schedule:" + at.Format(time.RFC3339Nano), Source: "schedule", At: now,
	}
}
