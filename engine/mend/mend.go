// Package mend lets runs go on by themselves that stand for want of a connection, once that has been mended. Which they are
// is the store's to say, so that a restart in the middle leaves none behind; how a run goes on is told to it.
package mend

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Store knows which steps stand.
type Store interface {
	Parked(ctx context.Context, after run.Parked, limit int) ([]run.Parked, error)
	Unpark(ctx context.Context, p run.Parked) error
}

// Worker lets them go on.
type Worker struct {
	store  Store
	resume func(ctx context.Context, a run.Actor, runID, path string, input map[string]any) error
	log    *slog.Logger
	wake   chan struct{}
}

// New makes a worker, which works while Run does.
func New(store Store, resume func(context.Context, run.Actor, string, string, map[string]any) error, log *slog.Logger) *Worker {
	return &Worker{store: store, resume: resume, log: log, wake: make(chan struct{}, 1)}
}

const (
	part   = 100              // steps that are looked at together
	atOnce = 20               // runs
	every  = 10 * time.Second // it looks, also where nobody wakes it: another process may have mended a connection
)

// Wake lets it look at once.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		w.pass(ctx)
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-ticker.C:
		}
	}
}

// pass goes once through the steps that may go on.
func (w *Worker) pass(ctx context.Context) {
	var last run.Parked
	for {
		list, err := w.store.Parked(ctx, last, part)
		if err != nil {
			if ctx.Err() == nil {
				w.log.Error("the runs that may go on could not be listed; it is tried again", "error", err)
			}
			return
		}
		w.some(ctx, list)
		if len(list) < part || ctx.Err() != nil {
			return
		}
		last = list[len(list)-1]
	}
}

// some lets steps go on, those of different runs side by side, since each waits until that is durable.
func (w *Worker) some(ctx context.Context, list []run.Parked) {
	var runs errgroup.Group
	runs.SetLimit(atOnce)
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(p run.Parked) bool { return p.Run != list[0].Run })
		if n < 0 {
			n = len(list)
		}
		of := list[:n]
		list = list[n:]
		runs.Go(func() error {
			for _, p := range of {
				if ctx.Err() == nil {
					w.one(ctx, p)
				}
			}
			return nil
		})
	}
	_ = runs.Wait()
}

// one lets a step go on. One that a person has dealt with meanwhile stands no more.
func (w *Worker) one(ctx context.Context, p run.Parked) {
	actor := run.Actor{Workspace: p.Workspace, Name: "Stepmill: its connection works again", Role: run.System}
	err := w.resume(ctx, actor, p.Run, p.Path, nil)
	if code := fault.CodeOf(err); code == fault.Conflict || code == fault.NotFound {
		err = w.store.Unpark(ctx, p)
	}
	if err != nil && ctx.Err() == nil {
		w.log.Error("a run whose connection works again could not go on; it is tried again", "run", p.Run, "step", p.Path, "error", err)
	}
}
