package triggers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// ReleaseStore is what the releaser reads, and how it lets go of what starts nothing.
type ReleaseStore interface {
	Holding(ctx context.Context) ([]run.Holding, error)
	HeldEvents(ctx context.Context, a run.Actor, scenarioID string, limit int) ([]run.Event, error)
	GiveUp(ctx context.Context, a run.Actor, ids []string, why string) error
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, number int) (scenario.Version, error)
}

// ReleaseStarter starts runs of stored events, one or several with one commit.
type ReleaseStarter interface {
	Starter
	AllStarter
}

// Releaser starts the runs of the events that were held: those that came in while their scenario was paused, and those that
// came after and must not overtake them. What is held stands in the store, and the releaser looks there, so neither a crash
// nor a full disk, nor an event that was on its way in when its scenario was resumed, leaves one behind.
type Releaser struct {
	Store   ReleaseStore
	Starter ReleaseStarter
	Book    *Book // says when it may be time to look
	Now     func() time.Time
	Log     *slog.Logger
}

const (
	releasedAtOnce = 100
	releaseAgain   = time.Second            // after an error
	releaseLooks   = 10 * time.Second       // without a word
	releaseRests   = 100 * time.Millisecond // between looks that found nothing, as while a paused scenario takes in many
)

// Run works until ctx ends.
func (r *Releaser) Run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := r.Once(ctx)
		if more && err == nil {
			continue
		}
		again := releaseLooks
		if err != nil {
			if ctx.Err() == nil {
				r.Log.Error("held events could not be started; it is tried again", "error", err)
			}
			again = releaseAgain
		}
		rest(ctx, releaseRests, nil)
		rest(ctx, again, r.Book.held)
	}
}

// rest waits for a time, or for a word before.
func rest(ctx context.Context, d time.Duration, word <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-word:
	}
}

// Once starts some of what is held of each scenario, oldest first, and says whether there may be more. One scenario that fails
// does not hold the others.
func (r *Releaser) Once(ctx context.Context) (more bool, err error) {
	list, err := r.Store.Holding(ctx)
	if err != nil {
		return false, err
	}
	var failed error
	for _, h := range list {
		n, err := r.release(ctx, h)
		more = more || n > 0
		failed = errors.Join(failed, err)
	}
	return more, failed
}

// release starts held events of a scenario and says how many of them are held no more.
func (r *Releaser) release(ctx context.Context, h run.Holding) (int, error) {
	a := run.SystemActor(h.Workspace)
	held, err := r.Store.HeldEvents(ctx, a, h.ScenarioID, releasedAtOnce)
	if err != nil || len(held) == 0 {
		return 0, err
	}
	if h.Gone {
		ids := make([]string, len(held))
		for i, e := range held {
			ids[i] = e.ID
		}
		return len(ids), r.Store.GiveUp(ctx, a, ids, "its scenario was deleted")
	}
	s, err := r.Store.Scenario(ctx, a, h.ScenarioID)
	if err != nil || s.Status != scenario.Live { // paused again meanwhile
		return 0, err
	}
	v, err := r.Store.Version(ctx, a, s.ID, s.Version)
	if err != nil {
		return 0, err
	}
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return 0, err
	}
	defs := map[string]*scenario.Trigger{}
	for _, t := range doc.AllTriggers() {
		defs[t.Key()] = t
	}
	starts := make([]*run.Start, len(held))
	for i, e := range held {
		if starts[i], err = r.start(s, defs[e.Trigger], e); err != nil {
			return 0, err
		}
	}
	defer nudge(r.Book.gathered)
	if err = r.Starter.AcceptAll(ctx, starts, nil); err == nil {
		return len(starts), nil
	}
	if later(err) {
		return 0, err
	}
	return r.singly(ctx, a, starts)
}

// start is what makes a run of a held event, or, where its trigger gathers since, puts it to the others.
func (r *Releaser) start(s scenario.Stored, def *scenario.Trigger, e run.Event) (*run.Start, error) {
	start := &run.Start{Version: s.Version, Accept: run.Accept{Event: e, Held: true}}
	var err error
	if start.Value = e.Large; e.Large.Hash == "" {
		if start.Value, err = value.Decode(e.Value, value.Stored()); err != nil {
			start.Failure = run.FailureOf(err)
		}
	}
	if def != nil && def.Batch != nil && !isBatch(start.Value) && start.Failure == nil {
		b, err := batchOf(def.Batch)
		if err != nil {
			return nil, err
		}
		start.Accept.Gather = b.gather(r.Now().UTC())
	} else {
		start.Accept.Event.Outcome = run.Accepted
	}
	return start, nil
}

// singly starts events of which one cannot be started, which it gives up.
func (r *Releaser) singly(ctx context.Context, a run.Actor, starts []*run.Start) (int, error) {
	for i, start := range starts {
		again := &run.Start{Version: start.Version, Value: start.Value, Failure: start.Failure, Accept: run.Accept{Event: start.Accept.Event, Held: true, Gather: start.Accept.Gather}}
		if again.Accept.Event.RunID = ""; again.Accept.Gather == nil {
			again.Accept.Event.Outcome = run.Accepted
		}
		err := r.Starter.Accept(ctx, again)
		switch {
		case err == nil || fault.CodeOf(err) == fault.Conflict: // it is held no more
		case later(err):
			return i, err
		case start.Failure == nil: // it is shown as a failed run
			start.Failure = run.FailureOf(err)
			if _, err := r.singly(ctx, a, starts[i:i+1]); err != nil {
				return i, err
			}
		default:
			r.Log.Error("a held event cannot start its run", "event", start.Accept.Event.ID, "error", err)
			if err := r.Store.GiveUp(ctx, a, []string{start.Accept.Event.ID}, "its run cannot be started: "+fault.MessageOf(err)); err != nil {
				return i, err
			}
		}
	}
	return len(starts), nil
}

// later says that an error is none of the event's, and may pass.
func later(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.Timeout, fault.Cancelled, fault.RateLimited:
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
