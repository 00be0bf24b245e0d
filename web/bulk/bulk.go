// Package bulk does something to many runs in the background: it goes through the runs of a filter, notes how far it has
// come, and goes on there after a restart.
package bulk

import (
	"context"
	"log/slog"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Store keeps jobs, and lists runs.
type Store interface {
	Runs(ctx context.Context, a run.Actor, f run.Filter) (run.Page, error)
	CreateJob(ctx context.Context, a run.Actor, j run.Job) (run.Job, error)
	SaveJob(ctx context.Context, j run.Job) error
	StopJob(ctx context.Context, a run.Actor, id string) error
	OpenJobs(ctx context.Context) ([]run.Job, error)
}

// Worker carries jobs out, one after the other in small parts.
type Worker struct {
	store  Store
	cancel func(ctx context.Context, a run.Actor, runID string) error
	// replay starts another run of a run, from the step at a path or from the beginning; with the same key once only.
	replay func(ctx context.Context, a run.Actor, old run.Run, from string, version int, key string) error
	now    func() time.Time
	log    *slog.Logger
	wake   chan struct{}
}

// New makes a worker. Jobs are taken at once and carried out while Run does.
func New(store Store, cancel func(context.Context, run.Actor, string) error, replay func(context.Context, run.Actor, run.Run, string, int, string) error,
	now func() time.Time, log *slog.Logger) *Worker {
	return &Worker{store: store, cancel: cancel, replay: replay, now: now, log: log, wake: make(chan struct{}, 1)}
}

const part = 50 // runs between two notes of how far it is

// Start takes a job.
func (w *Worker) Start(ctx context.Context, a run.Actor, j run.Job) (run.Job, error) {
	switch j.Action {
	case run.JobReplay, run.JobRetry, run.JobCancel:
	default:
		return j, fault.New(fault.InvalidInput, "A job replays, retries or cancels; %q is none of these.", fault.Clip(string(j.Action), 40))
	}
	f := j.Filter
	f.Limit, f.Cursor, j.Filter.Cursor = 1, "", ""
	page, err := w.store.Runs(ctx, a, f)
	if err != nil {
		return j, err
	}
	j.Total, j.More = page.Total, page.More
	if j, err = w.store.CreateJob(ctx, a, j); err != nil {
		return j, err
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return j, nil
}

// Stop ends a job; what it did stays done.
func (w *Worker) Stop(ctx context.Context, a run.Actor, id string) error {
	return w.store.StopJob(ctx, a, id)
}

// Run carries jobs out until ctx ends, those first that were under way when the process ended.
func (w *Worker) Run(ctx context.Context) {
	for {
		open, err := w.store.OpenJobs(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("the jobs could not be listed; it is tried again", "error", err)
		}
		for _, j := range open {
			w.some(ctx, j)
		}
		next := 10 * time.Second
		if len(open) > 0 {
			next = 0
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-w.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// some does the next part of a job.
func (w *Worker) some(ctx context.Context, j run.Job) {
	actor := run.Actor{Workspace: j.Workspace, Name: j.By, Role: j.Role}
	f := j.Filter
	f.Limit = part
	if f.Until.IsZero() || f.Until.After(j.CreatedAt) {
		f.Until = j.CreatedAt // what it starts itself is none of its runs
	}
	page, err := w.store.Runs(ctx, actor, f)
	if err != nil {
		w.later(ctx, j, err)
		return
	}
	for _, r := range page.Runs {
		err := w.one(ctx, actor, &j, r)
		switch code := fault.CodeOf(err); {
		case err == nil:
			j.Done++
		case ctx.Err() != nil:
			return // done again after the next start, which does it once all the same
		case code == fault.Unavailable:
			w.later(ctx, j, err)
			return
		case code == fault.Conflict:
			j.Skipped++
		default:
			j.Failed++
			j.Message = fault.MessageOf(err)
		}
	}
	j.Filter.Cursor = page.NextCursor
	if page.NextCursor == "" {
		j.Status, j.EndedAt = run.JobDone, w.now().UTC()
		if gone := j.Total - j.Done - j.Skipped - j.Failed; gone > 0 && !j.More { // they fitted and do so no more: they ended by themselves, or were done just before the process died
			j.Skipped += gone
		}
	}
	if err := w.store.SaveJob(ctx, j); err != nil && fault.CodeOf(err) != fault.Conflict {
		w.later(ctx, j, err)
	}
}

// later leaves a part for a better moment.
func (w *Worker) later(ctx context.Context, j run.Job, err error) {
	if ctx.Err() != nil {
		return
	}
	w.log.Error("a job stands still and is tried again", "job", j.ID, "error", err)
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

func (w *Worker) one(ctx context.Context, a run.Actor, j *run.Job, r run.Run) error {
	if j.Action == run.JobCancel {
		if r.Status.Ended() {
			return fault.New(fault.Conflict, "It has ended.")
		}
		return w.cancel(ctx, a, r.ID)
	}
	if !r.Status.Ended() {
		return fault.New(fault.Conflict, "It has not ended.")
	}
	from := ""
	if j.Action == run.JobRetry {
		if r.Error == nil || r.Status != run.Failed {
			return fault.New(fault.Conflict, "It did not fail.")
		}
		from = r.Error.Path
	}
	return w.replay(ctx, a, r, from, j.Version, j.ID)
}
