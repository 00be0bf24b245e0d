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
	k, err := e.prepare(ctx, s)
	defer e.letGo(s.Accept.Event.ID)
	if err != nil {
		return err
	}
	failpoint.Here(failpoint.AcceptBefore)
	err = e.commit(ctx, &run.Write{Accept: &s.Accept}, s.Accept.Event.Scenario)
	failpoint.Here(failpoint.AcceptAfter)
	e.settle(k, err)
	return err
}

// AcceptAll makes events, their runs, and how far their trigger has come with them durable, all of them or none: without
// events it only moves the cursor. A duplicate among them is left out, and the cursor moves all the same. What became of
// each stands in its Accept afterwards; an error means what it means for Accept.
func (e *Engine) AcceptAll(ctx context.Context, starts []*run.Start, cursor *run.Cursor) error {
	in := &run.Intake{Cursor: cursor}
	list := make([]*coming, 0, len(starts))
	var err error
	for _, s := range starts {
		k, failed := e.prepare(ctx, s)
		defer e.letGo(s.Accept.Event.ID)
		if err = failed; err != nil {
			break
		}
		list, in.Accepts = append(list, k), append(in.Accepts, &s.Accept)
	}
	if err == nil {
		failpoint.Here(failpoint.AcceptBefore)
		err = e.commit(ctx, &run.Write{Intake: in}, "")
		failpoint.Here(failpoint.AcceptAfter)
	}
	for _, k := range list {
		e.settle(k, err)
	}
	return err
}

// coming is an event on its way in, between what is prepared for it and what the commit makes of that.
type coming struct {
	start  *run.Start
	run    run.Run // of an event that starts none it is empty
	queued run.Entry
	task   *task // nil: the run begins later
	ahead  bool  // the task has decided what the run begins with
}

// prepare completes an event and, where it starts a run, makes that run and takes a place for it. What it gives must be
// settled.
func (e *Engine) prepare(ctx context.Context, s *run.Start) (*coming, error) {
	a, now := &s.Accept, e.now()
	k := &coming{start: s}
	s.Value = run.UncoverValue(s.Value, a.Event.Veiled)
	if a.Event.At.IsZero() {
		a.Event.At = now
	}
	if a.Event.ID == "" {
		a.Event.ID = NewID()
	}
	a.Event.Fold()
	if err := e.holdGiven(ctx, a.Event.ID, s.Replay); err != nil {
		return k, err
	}
	if err := e.eventApart(ctx, a.Event.ID, &a.Event); err != nil || a.Event.Outcome != run.Accepted || a.Gather != nil {
		return k, err
	}
	k.run = run.Run{ID: NewID(), Workspace: a.Event.Workspace, ScenarioID: a.Event.ScenarioID, Scenario: a.Event.Scenario,
		Version: s.Version, Trigger: a.Event.Trigger, EventID: a.Event.ID, Status: run.Queued, Seq: 1, CreatedAt: now, Depth: s.Depth}
	k.queued = run.Entry{Seq: 1, Kind: run.RunQueued, At: now, Data: run.Data{Event: a.Event.ID, Input: s.Replay}}
	a.Event.RunID, a.Run = k.run.ID, &k.run
	program, err := e.plan(ctx, k)
	if err != nil {
		return k, err
	}
	if k.run.Pace.Most > 0 || !e.admit(&k.run) {
		if s.Answer != nil {
			e.remember(k.run.ID, waiter{to: s.Answer})
		}
		return k, nil
	}
	a.Owner, k.run.Epoch = e.cfg.Owner, 1
	k.task, _ = e.enlist(k.run.ID) // it is new, so nobody has it
	if k.ahead = program != nil && k.task.ahead(a, program, k.queued, s.Value); k.ahead {
		k.run = k.task.run
	}
	return k, nil
}

// plan finds a new run's program, nil where it does not load, which is met when the run begins; its line and its limit;
// and its first entry.
func (e *Engine) plan(ctx context.Context, k *coming) (*machine.Program, error) {
	s, r := k.start, &k.run
	var veil *run.Veil
	program, err := e.programs.get(ctx, r)
	switch {
	case fault.CodeOf(err) == fault.Unavailable:
		return nil, err
	case err == nil:
		veil = veilOf(program, s.Accept.Event.Veiled).Note(&k.queued)
		if veil != nil { // what is masked is taken out of the values themselves
			if err := e.wholeGiven(ctx, k.queued.Input); err != nil {
				return nil, err
			}
		}
		if err = program.Flow(r, s.Value, k.queued.At, func(l value.Large) (any, error) { return e.load(ctx, l) }); err != nil && s.Failure == nil {
			s.Failure = run.FailureOf(err) // kept and shown as a failed run, for refused it would be lost
		}
	}
	r.Error = s.Failure
	s.Accept.Entries = []run.Entry{veil.Cover(k.queued)}
	return program, nil
}

// settle does what the outcome of the commit means for what was prepared: the run begins here, or later, or not at all.
func (e *Engine) settle(k *coming, err error) {
	a, r, t := &k.start.Accept, &k.run, k.task
	if a.Run == nil {
		return
	}
	stays := err == nil && a.FirstEvent == "" && a.Instead == "" && r.Hold == run.NotHeld
	if t != nil {
		t.run = *r
	}
	if k.ahead && !stays {
		e.tasks.Done()
	}
	if t != nil && !stays {
		t.lost = err != nil // it may be kept all the same, and then it is this process's
		e.dismiss(t)
		e.places.free(r.ScenarioID)
		e.exit(r)
	}
	for _, id := range a.Told {
		e.poke(id)
	}
	if a.Instead != "" {
		a.Stands()
		return
	}
	if r.Hold == run.BeyondLimit && a.FirstEvent == "" { // also where it is not known whether it is kept
		e.places.holds(gateOf(r), r.Limit)
		e.nudge()
	}
	switch {
	case err != nil || a.FirstEvent != "" || r.Hold == run.BeyondLimit:
	case r.Pace.Most > 0: // it begins when it is its turn
		e.timers.add(run.Wake{ID: r.ID, Scenario: r.ScenarioID, At: r.WakeAt})
	case r.Hold == run.BehindOther:
		if t != nil && k.start.Answer != nil {
			e.remember(r.ID, waiter{to: k.start.Answer})
		}
	case t == nil:
		e.behind(r.ScenarioID)
	default:
		e.setOff(k)
	}
}

// setOff lets the run of a durable event go.
func (e *Engine) setOff(k *coming) {
	t, s := k.task, k.start
	t.answer.to = s.Answer
	if k.ahead {
		e.carry(t, t.goOn)
		return
	}
	k.queued.Pos = s.Accept.Entries[0].Pos
	queued, value, veiled, failure := k.queued, s.Value, s.Accept.Event.Veiled, s.Failure
	if s.Accept.Event.Large.Hash != "" { // it is loaded when it is needed
		value = s.Accept.Event.Large
	}
	e.launch(t, func() { t.begin(queued, value, veiled, failure) })
}

// remember keeps who waits for a run that is not in memory.
func (e *Engine) remember(runID string, w waiter) {
	e.answers.Store(runID, w)
	time.AfterFunc(keepAnswer, func() { e.answers.CompareAndDelete(runID, w) })
}

// waiter is a request that waits for its run.
type waiter struct {
	to   chan<- run.Answer // nil: there is none
	told bool              // a step has answered it
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
