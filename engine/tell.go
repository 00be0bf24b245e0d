package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
)

// Signal makes something that a run is told durable, and lets the run know. Without a key it is another one each time.
func (e *Engine) Signal(ctx context.Context, g *run.Signal) error {
	if g.Key == "" {
		g.Key = NewID()
	}
	if g.At.IsZero() {
		g.At = e.now()
	}
	g.Private = true // whether the run masks it is known when it is taken
	if err := e.commit(ctx, &run.Write{Signal: g}, ""); err != nil {
		return err
	}
	e.poke(g.Run)
	return nil
}

// poke lets a run look at what it was told, wherever it is.
func (e *Engine) poke(runID string) {
	e.mu.Lock()
	t := e.active[runID]
	e.mu.Unlock()
	if t == nil {
		e.timers.add(run.Wake{ID: runID, At: e.now()})
		return
	}
	select {
	case t.poke <- struct{}{}:
	default:
	}
	select {
	case <-t.left: // it may not have seen it
		e.timers.add(run.Wake{ID: runID, At: e.now()})
	default:
	}
}

// Resume goes on with a parked step, with another input where one is given; path "" means the only one.
func (e *Engine) Resume(ctx context.Context, actor run.Actor, runID, path string, input map[string]any) error {
	return e.tell(ctx, actor, runID, func(t *task, now time.Time) (machine.Decision, error) {
		if input != nil { // who edited it was not shown what is masked
			input, _ = t.veil.Given(path, input, t.m.InputOf(path)).(map[string]any)
		}
		return t.m.Resume(now, path, input, "Resumed by "+actor.Name+".")
	})
}

// Discard ends a run that stands until a person acts.
func (e *Engine) Discard(ctx context.Context, actor run.Actor, runID string) error {
	return e.tell(ctx, actor, runID, func(t *task, now time.Time) (machine.Decision, error) {
		if s := t.m.Status(); s != run.Incomplete && s != run.Uncertain {
			return machine.Decision{}, fault.New(fault.Conflict, "Only a run that is incomplete or uncertain is discarded; this one is %s.", s)
		}
		return t.m.Cancel(now, "Discarded by "+actor.Name+".", false), nil
	})
}

// Decide takes a person's decision on an approval.
func (e *Engine) Decide(ctx context.Context, actor run.Actor, runID, path string, v machine.Verdict) error {
	return e.tell(ctx, actor, runID, func(t *task, now time.Time) (machine.Decision, error) {
		return t.m.Decide(now, path, v)
	})
}

// Cancel ends a run: no step begins any more, calls in flight are finished.
func (e *Engine) Cancel(ctx context.Context, actor run.Actor, runID string) error {
	by := "Cancelled by " + actor.Name + "."
	return e.tell(ctx, actor, runID, func(t *task, now time.Time) (machine.Decision, error) {
		if t.m.Status().Ended() {
			return machine.Decision{}, hasEnded(t.m.Status())
		}
		return t.m.Cancel(now, by, false), nil
	})
}

// End tells a run to end, durably, and does not wait until it has: what has not begun then never does.
func (e *Engine) End(ctx context.Context, actor run.Actor, runID string) error {
	data, err := json.Marshal(map[string]string{"message": "Cancelled by " + actor.Name + "."})
	if err != nil {
		return err
	}
	return e.Signal(ctx, &run.Signal{Workspace: actor.Workspace, Run: runID, Kind: run.SignalCancel, Key: "end", Data: data})
}

// Settle takes a person's word on an uncertain step: happened (with its output), did_not_happen or skip.
func (e *Engine) Settle(ctx context.Context, actor run.Actor, runID, path, outcome string, output any) error {
	return e.tell(ctx, actor, runID, func(t *task, now time.Time) (machine.Decision, error) {
		return t.m.Settle(now, path, machine.Outcome(outcome), output)
	})
}

// tell gives a run something to decide, wherever it is: in memory, or in the store.
func (e *Engine) tell(ctx context.Context, actor run.Actor, runID string, decide decideFunc) error {
	for range 20 {
		t, mine := e.enlist(runID)
		msg := message{workspace: actor.Workspace, decide: decide, done: make(chan error, 1)}
		if mine {
			leases, err := e.cfg.Store.Claim(ctx, e.cfg.Owner, []string{runID}, true)
			if err != nil || len(leases) == 0 {
				t.lost = err != nil // it may have been given all the same
				e.dismiss(t)
				if err != nil {
					return err
				}
				if in, err := e.cfg.Store.Replay(ctx, runID); err != nil {
					return err
				} else if in.Run.Workspace != actor.Workspace {
					return noRun(runID)
				} else if in.Run.Status.Ended() {
					return hasEnded(in.Run.Status)
				}
				pause(ctx, 5*time.Millisecond) // it is just being taken in or left
				continue
			}
			e.places.force(leases[0].Run.ScenarioID) // a person's word is heard also when every place is taken
			t.run, t.first, t.past = leases[0].Run, &msg, true
			if !e.launch(t, t.resume) {
				return fault.New(fault.Unavailable, "Stepmill is shutting down; try again when it is back.")
			}
			return msg.wait(ctx, t.left)
		}
		select {
		case t.inbox <- msg:
			select {
			case err := <-msg.done:
				return err
			case <-t.left:
				select {
				case err := <-msg.done:
					return err
				default:
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		case <-t.left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fault.New(fault.Unavailable, "The run is being moved by another process; try again in a moment.")
}

func hasEnded(s run.Status) error {
	return fault.New(fault.Conflict, "The run has ended already; it is %s.", s)
}

func noRun(id string) error {
	return fault.New(fault.NotFound, "There is no run %q.", fault.Clip(id, 60))
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
