package engine

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/failpoint"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Accept makes an event durable, and its run with it, and returns when it is on disk. What became of the event, also
// that it is a duplicate, stands in s.Accept afterwards. An error means that nothing was kept, or, where the database
// failed, that it is not known.
func (e *Engine) Accept(ctx context.Context, s *run.Start) error {
	a := &s.Accept
	s.Value = run.UncoverValue(s.Value, a.Event.Veiled)
	now := e.now()
	if a.Event.At.IsZero() {
		a.Event.At = now
	}
	if a.Event.ID == "" {
		a.Event.ID = NewID()
	}
	a.Event.Fold()
	if err := e.eventApart(ctx, &a.Event); err != nil {
		return err
	}
	if a.Event.Outcome != run.Accepted || a.Gather != nil {
		return e.commit(ctx, &run.Write{Accept: a}, "")
	}
	r := run.Run{ID: NewID(), Workspace: a.Event.Workspace, ScenarioID: a.Event.ScenarioID, Scenario: a.Event.Scenario,
		Version: s.Version, Trigger: a.Event.Trigger, EventID: a.Event.ID, Status: run.Queued, Seq: 1, CreatedAt: now, Depth: s.Depth}
	a.Event.RunID = r.ID
	queued := run.Entry{Seq: 1, Kind: run.RunQueued, At: now, Data: run.Data{Event: a.Event.ID, Input: s.Replay}}
	a.Run = &r
	var veil *run.Veil
	program, err := e.programs.get(ctx, &r)
	switch {
	case fault.CodeOf(err) == fault.Unavailable:
		return err
	case err == nil: // one that does not load is met when the run begins
		veil = veilOf(program, a.Event.Veiled)
		if veil != nil { // what is masked is taken out of the values themselves
			if err := e.wholeGiven(ctx, queued.Input); err != nil {
				return err
			}
		}
		if err = program.Flow(&r, s.Value, now, func(l value.Large) (any, error) { return e.load(ctx, l) }); err != nil && s.Failure == nil {
			s.Failure = run.FailureOf(err) // kept and shown as a failed run, for refused it would be lost
		}
	}
	r.Error = s.Failure
	a.Entries = []run.Entry{veil.Cover(queued)}
	var t *task // nil: it begins later
	ahead := false
	if r.Pace.Most == 0 && e.admit(&r) {
		a.Owner, r.Epoch = e.cfg.Owner, 1
		t, _ = e.enlist(r.ID) // it is new, so nobody has it
		if ahead = program != nil && t.ahead(a, program, queued, s.Value); ahead {
			r = t.run
		}
	} else if s.Answer != nil {
		e.remember(r.ID, s.Answer)
	}
	failpoint.Here(failpoint.AcceptBefore)
	err = e.commit(ctx, &run.Write{Accept: a}, a.Event.Scenario)
	failpoint.Here(failpoint.AcceptAfter)
	stays := err == nil && a.FirstEvent == "" && r.Hold == run.NotHeld
	if t != nil {
		t.run = r
	}
	if ahead && !stays {
		e.tasks.Done()
	}
	if t != nil && !stays {
		t.lost = err != nil // it may be kept all the same, and then it is this process's
		e.dismiss(t)
		e.places.free(r.ScenarioID)
		e.exit(&r)
	}
	if r.Hold == run.BeyondLimit && a.FirstEvent == "" { // also where it is not known whether it is kept
		e.places.holds(gateOf(&r), r.Limit)
		e.nudge()
	}
	switch {
	case err != nil || a.FirstEvent != "" || r.Hold == run.BeyondLimit:
		return err
	case r.Pace.Most > 0: // it begins when it is its turn
		e.timers.add(run.Wake{ID: r.ID, Scenario: r.ScenarioID, At: r.WakeAt})
		return nil
	case r.Hold == run.BehindOther:
		if t != nil && s.Answer != nil {
			e.remember(r.ID, s.Answer)
		}
		return nil
	case t == nil:
		e.behind(r.ScenarioID)
		return nil
	}
	t.answer = s.Answer
	if ahead {
		e.carry(t, t.goOn)
		return nil
	}
	queued.Pos = a.Entries[0].Pos
	value, veiled, failure := s.Value, a.Event.Veiled, s.Failure
	if a.Event.Large.Hash != "" { // it is loaded when it is needed
		value = a.Event.Large
	}
	e.launch(t, func() { t.begin(queued, value, veiled, failure) })
	return nil
}

// remember keeps who waits for a run that is not in memory.
func (e *Engine) remember(runID string, answer chan<- run.Answer) {
	e.answers.Store(runID, answer)
	time.AfterFunc(keepAnswer, func() { e.answers.CompareAndDelete(runID, answer) })
}

// keepAnswer is how long a request may wait for a run that is not in memory yet.
const keepAnswer = time.Minute

// admit takes a place for a new run where it may move at once; where its trigger's limit is reached it is held.
func (e *Engine) admit(r *run.Run) bool {
	if !e.places.enter(r, true) {
		r.Hold = run.BeyondLimit
		return false
	}
	select {
	case <-e.stop:
	default:
		if !e.waits.has(r.ScenarioID) && e.places.take(r.ScenarioID) { // those that wait go first
			return true
		}
	}
	e.exit(r)
	return false
}

// exit lets a run out of its trigger's gate, and the next in.
func (e *Engine) exit(r *run.Run) {
	if e.places.exit(r) {
		e.nudge()
	}
}

// behind notes that runs of a scenario wait in the store for a place.
func (e *Engine) behind(scenario string) {
	e.waits.add(scenario)
	e.nudge()
}

// commit hands a write to the writer and waits until it is durable. A caller who goes away does not undo it.
func (e *Engine) commit(ctx context.Context, w *run.Write, scenario string) error {
	p := &pending{write: w, scenario: scenario, done: make(chan error, 1)}
	if err := e.writer.put(ctx, p); err != nil {
		return err
	}
	return <-p.done
}

// NewID makes a time-ordered identifier, UUIDv7 text.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// decideFunc asks a run's machine for a decision.
type decideFunc func(t *task, now time.Time) (machine.Decision, error)

// message is something that a run in memory is told from outside.
type message struct {
	workspace string // of who tells it
	decide    decideFunc
	done      chan error
}

// wait waits for the answer of the first thing that a run was told when it was taken in, until the run has left again.
func (m message) wait(ctx context.Context, left <-chan struct{}) error {
	select {
	case err := <-m.done:
		return err
	case <-left:
		select {
		case err := <-m.done:
			return err
		default:
			return fault.New(fault.Unavailable, "The run could not be taken in; try again in a moment.")
		}
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Timeout, "The run did not answer in time; what was asked may still be done.")
	}
}
