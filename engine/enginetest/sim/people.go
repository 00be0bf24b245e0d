package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
)

// patience is how long nothing may change while something should.
const patience = 3 * time.Minute

// settle lets the runs come to rest and does what they wait for, until every one has ended.
func (l *life) settle() {
	for round := 0; ; round++ {
		if !l.rest() {
			return
		}
		open := l.ledger.runs(true)
		if len(open) == 0 {
			return
		}
		if round == 100 {
			l.wrong("after %d rounds of all that was asked for %d runs have not ended", round, len(open))
			return
		}
		for _, s := range open {
			what := deed(decides)
			if round > 60 {
				what = cancels
			}
			l.deed(what, s.run.ID, fmt.Sprint("round ", round))
		}
		time.Sleep(time.Second)
	}
}

// rest waits until every run has ended or stands until somebody acts. It is false where one neither moves nor stands.
func (l *life) rest() bool {
	seen, since := l.ledger.progress(), time.Now()
	for {
		moving := ""
		for _, s := range l.ledger.runs(true) {
			if why := l.moves(s); why != "" {
				moving = s.label + " " + why
				break
			}
		}
		if moving == "" {
			return true
		}
		if n := l.ledger.progress(); n != seen {
			seen, since = n, time.Now()
		}
		if time.Since(since) > patience+l.plan.outage[1] {
			l.wrong("nothing happens any more, though %s", moving)
			return false
		}
		time.Sleep(2 * time.Second)
	}
}

// moves says why a run that has not ended should go on by itself; "": it stands until somebody acts.
func (l *life) moves(s *story) string {
	r, err := l.store.Run(context.Background(), actor, s.run.ID)
	if err != nil {
		return "cannot be read: " + err.Error()
	}
	told, err := l.store.Signals(context.Background(), s.run.ID)
	switch {
	case err != nil:
		return "cannot be read: " + err.Error()
	case r.Hold == run.BehindOther && l.ahead(r):
		return ""
	case r.Hold != run.NotHeld:
		return fmt.Sprintf("is held back (%d) by nothing", r.Hold)
	case !r.WakeAt.Equal(run.Never()):
		return fmt.Sprintf("is %s and wakes at %s", r.Status, r.WakeAt)
	case r.Status != run.Waiting && r.Status != run.Uncertain && r.Status != run.Incomplete:
		return fmt.Sprintf("is %s", r.Status)
	case len(told) > 0:
		return fmt.Sprintf("was told a thing that it has not heard: %s", told[0].Kind)
	}
	return ""
}

// ahead says that another run of the line has not ended.
func (l *life) ahead(r run.Run) bool {
	for _, s := range l.ledger.runs(true) {
		if s.run.Line == r.Line && s.run.ScenarioID == r.ScenarioID && s.run.Trigger == r.Trigger && s.run.Number < r.Number {
			return true
		}
	}
	return false
}

// deed does a thing to a run that people and other systems do, where the run wants it.
func (l *life) deed(what deed, id, why string) {
	s, ok := l.ledger.story(id)
	if !ok || s.ended {
		return
	}
	time.Sleep(l.plan.outage[1] - l.age())
	e := l.alive().engine
	ctx := context.Background()
	m, err := l.fold(&s, s.entries)
	if err != nil {
		l.wrong("the journal of %s does not fold: %v", s.label, err)
		return
	}
	event, approvals := m.Wants()
	switch {
	case what == signals || what == decides && event:
		l.said(s.label, "a signal", e.Signal(ctx, &run.Signal{Workspace: actor.Workspace, Run: id, Kind: run.SignalEvent, Key: why, Data: []byte(`{"ok":true}`)}))
	case what == pesters:
		l.network.tells(id)
		for range 50 {
			l.said(s.label, "a resume of what is not parked", e.Resume(ctx, actor, id, "nothing", nil))
			time.Sleep(30 * time.Millisecond)
		}
	case what == cancels:
		l.network.speaks(id, "")
		l.said(s.label, "cancel", e.Cancel(ctx, actor, id))
	}
	if what == cancels || what == signals || what == pesters {
		return
	}
	for _, path := range approvals {
		l.network.speaks(id, path)
		l.said(s.label, "a decision on "+path, e.Decide(ctx, actor, id, path, machine.Verdict{Approved: l.plan.chance(2, s.label, path) == 0, By: "me"}))
	}
	l.mend(e, &s)
}

// mend does what a run that stands until a person acts needs.
func (l *life) mend(e engineOf, s *story) {
	ctx, id, resumed := context.Background(), s.run.ID, 0
	for _, entry := range s.entries {
		if entry.Kind == run.StepResumed {
			resumed++
		}
	}
	for _, step := range run.Steps(s.entries) {
		switch {
		case !step.EndedAt.IsZero():
		case step.Status == run.StepIsFailed && resumed >= 4:
			l.network.speaks(id, "")
			l.said(s.label, "a discard", e.Discard(ctx, actor, id))
			return
		case step.Status == run.StepIsFailed:
			l.network.speaks(id, step.Path)
			l.said(s.label, "a resume of "+step.Path, e.Resume(ctx, actor, id, step.Path, nil))
			resumed++
		case step.Status == run.StepIsUncertain:
			outcomes := []machine.Outcome{machine.Happened, machine.DidNotHappen, machine.Skip}
			outcome := outcomes[l.plan.chance(len(outcomes), "settles", s.label, step.Path, step.Attempts)]
			l.network.speaks(id, step.Path)
			l.said(s.label, string(outcome)+" of "+step.Path, e.Settle(ctx, actor, id, step.Path, string(outcome), map[string]any{"of": step.Path}))
		}
	}
}

// engineOf is what people tell a run through.
type engineOf interface {
	Discard(ctx context.Context, actor run.Actor, runID string) error
	Resume(ctx context.Context, actor run.Actor, runID, path string, input map[string]any) error
	Settle(ctx context.Context, actor run.Actor, runID, path, outcome string, output any) error
}

func (l *life) said(label, what string, err error) {
	if err != nil {
		what += ": " + err.Error()
	}
	l.logf("%s is told %s", label, what)
}
