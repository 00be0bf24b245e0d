package engine

import (
	"context"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// A process holds the lease on a run from its claim, or from its first commit, until the commit that gives it up. For as
// long the run is on the engine's list, so that it is never taken in twice, also where the process could not renew its leases
// and the store takes them for anybody's. What ends otherwise, by a commit that failed or whose answer was lost, leaves a lease
// of which nobody knows whether it is there: such a run is claimed anew, and its journal says how far it came.

// enlist puts a run on the list of those that this process moves or is taking in. Where it is on it already mine is false,
// and the task is the one there.
func (e *Engine) enlist(runID string) (t *task, mine bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t := e.active[runID]; t != nil {
		return t, false
	}
	t = e.newTask(run.Run{ID: runID})
	e.active[runID] = t
	return t, true
}

// dismiss takes a run off the list.
func (e *Engine) dismiss(t *task) {
	e.mu.Lock()
	delete(e.active, t.run.ID)
	e.mu.Unlock()
	close(t.left)
	wake := run.Wake{ID: t.run.ID, Scenario: t.run.ScenarioID, At: e.now()}
	if t.lost {
		wake.At = wake.At.Truncate(againAfter).Add(againAfter) // many at once, since a store that fails fails all of them
		e.timers.keep(wake)
	} else if len(t.poke) > 0 { // told something while it was leaving
		e.timers.add(wake)
	}
}

// claim takes the lease on runs and drives those it got. It says how many these are, and gives back those for which there is
// no place.
func (e *Engine) claim(ctx context.Context, list []run.Wake) (took int, rest []run.Wake) {
	tasks := map[string]*task{} // of those that have a place, by the run's id
	var ids []string
	for _, w := range list {
		t, mine := e.enlist(w.ID)
		switch {
		case !mine: // it is here already
		case !e.places.take(w.Scenario):
			e.dismiss(t)
			rest = append(rest, w)
		default:
			t.run.ScenarioID = w.Scenario
			tasks[w.ID] = t
			ids = append(ids, w.ID)
		}
	}
	if len(ids) == 0 {
		return 0, rest
	}
	leases, err := e.cfg.Store.Claim(ctx, e.cfg.Owner, ids, false)
	if err != nil && ctx.Err() == nil {
		e.cfg.Log.Error("runs could not be claimed", "error", err)
	}
	for _, lease := range leases {
		t := tasks[lease.Run.ID]
		delete(tasks, lease.Run.ID)
		e.places.move(t.run.ScenarioID, lease.Run.ScenarioID)
		t.run = lease.Run
		if t.past = t.run.Hold == run.BehindOther; !t.past && !e.places.enter(&t.run, false) { // it passes no gate before its turn
			e.holdBack(ctx, t)
			continue
		}
		if t.run.Strikes >= mostStrikes {
			e.launch(t, t.setAside)
			continue
		}
		e.launch(t, t.resume)
	}
	for _, t := range tasks { // somebody else has them, or they have ended; or nobody knows
		e.places.free(t.run.ScenarioID)
		t.lost = err != nil
		e.dismiss(t)
	}
	return len(leases), rest
}

// mostStrikes is how often the process may crash while a run moves and does not get on, before the run is set aside.
const mostStrikes = 3

// setAside fails a run that may be what makes the process crash, without looking into it.
func (t *task) setAside() {
	defer t.guard()
	t.broken(fault.New(fault.Internal, "Stepmill crashed %d times while this run was moving, so it was set aside for the others to go on. Replay it when the cause is mended; the server's log and the folder crashes in its data directory say more.", t.run.Strikes))
}

// holdBack gives the lease on a run up again: as many runs of its trigger move as may.
func (e *Engine) holdBack(ctx context.Context, t *task) {
	r := t.run
	r.Hold = run.BeyondLimit
	err := e.commit(ctx, &run.Write{Append: &run.Append{Run: r, Owner: e.cfg.Owner, Release: true}}, r.Scenario)
	if err != nil && ctx.Err() == nil {
		e.cfg.Log.Error("a run beyond its trigger's limit could not be held back; it is tried again", "run", r.ID, "error", err)
	}
	t.lost = err != nil
	e.dismiss(t)
	e.places.free(r.ScenarioID)
	e.places.holds(gateOf(&r), r.Limit)
	e.nudge()
}

// launch drives an enlisted task in its own goroutine; a place has been taken for it. While the engine drains it is false and
// nothing begins: the next start finds the run in the store.
func (e *Engine) launch(t *task, drive func()) bool {
	if !e.enter() {
		e.dismiss(t)
		e.release(t)
		return false
	}
	e.carry(t, drive)
	return true
}

// enter counts a task among those that draining waits for, unless the engine drains already.
func (e *Engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.draining {
		e.tasks.Add(1)
	}
	return !e.draining
}

// carry drives a task that has entered.
func (e *Engine) carry(t *task, drive func()) {
	if waiting, ok := e.answers.LoadAndDelete(t.run.ID); ok && t.answer.to == nil {
		t.answer = waiting.(waiter)
	}
	e.crew.do(func() {
		defer e.tasks.Done()
		defer e.leave(t)
		drive()
	})
}

func (e *Engine) leave(t *task) {
	if t.lost && t.answer.to != nil {
		e.remember(t.run.ID, t.answer)
	}
	e.dismiss(t)
	e.release(t)
}

// release gives a task's place to the next.
func (e *Engine) release(t *task) {
	e.places.free(t.run.ScenarioID)
	if !t.past {
		e.exit(&t.run)
	}
	if e.waits.any(e.places) {
		e.nudge()
	}
}

// renew says that this process lives, and with it its leases.
func (e *Engine) renew(ctx context.Context) error {
	return e.cfg.Store.Heartbeat(ctx, e.cfg.Owner, e.now().Add(leaseFor))
}

// beat renews this process's lease on its runs, sooner where that failed.
func (e *Engine) beat(ctx context.Context) {
	for every := heartbeat; ; {
		pause(ctx, every)
		if ctx.Err() != nil {
			return
		}
		every = heartbeat
		if err := e.renew(ctx); err != nil && ctx.Err() == nil {
			e.cfg.Log.Error("the lease could not be renewed", "error", err)
			every = againAfter
		}
	}
}
