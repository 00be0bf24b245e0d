// Package bulk does something to many runs or events in the background: it goes through those of a filter, notes how far it
// has come, and goes on there after a restart.
package bulk

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Store keeps jobs, and lists runs and events.
type Store interface {
	Events(ctx context.Context, a run.Actor, f run.EventFilter) (run.EventPage, error)
	Runs(ctx context.Context, a run.Actor, f run.Filter) (run.Page, error)
	HasScenario(ctx context.Context, a run.Actor, ref string) (bool, error)
	CreateJob(ctx context.Context, a run.Actor, j run.Job) (run.Job, error)
	SaveJob(ctx context.Context, j run.Job) error
	StopJob(ctx context.Context, a run.Actor, id string) error
	OpenJobs(ctx context.Context) ([]run.Job, error)
}

// Worker carries jobs out, one after the other in small parts.
type Worker struct {
	store    Store
	backfill Backfill
	cancel   func(ctx context.Context, a run.Actor, runID string) error // tells a run to end
	replays  Replays
	now      func() time.Time
	log      *slog.Logger
	wake     chan struct{}
}

// Replays starts other runs, with the same key once only.
type Replays interface {
	// ReplayOnce starts another run of a run, from the step at a path or from the beginning.
	ReplayOnce(ctx context.Context, a run.Actor, old run.Run, from string, version int, key string) error
	// ReplayEventOnce starts another run of an event; Conflict: there is nothing to do about it.
	ReplayEventOnce(ctx context.Context, a run.Actor, e run.Event, key string) error
}

// Backfill knows planned times of the past and starts their runs.
type Backfill interface {
	// Times gives those of a job's window that have no run, in order, and how many have one.
	Times(ctx context.Context, a run.Actor, j run.Job) (todo []time.Time, ran int, err error)
	// Start starts the run of one; Conflict: it has one.
	Start(ctx context.Context, a run.Actor, j run.Job, at time.Time) error
}

// New makes a worker. Jobs are taken at once and carried out while Run does.
func New(store Store, cancel func(context.Context, run.Actor, string) error, replays Replays, backfill Backfill, now func() time.Time, log *slog.Logger) *Worker {
	return &Worker{store: store, backfill: backfill, cancel: cancel, replays: replays, now: now, log: log, wake: make(chan struct{}, 1)}
}

const (
	part        = 50  // runs between two notes of how far a job is
	partCancels = 200 // runs, which are told to end with one another
	partTimes   = 200 // planned times, for which the trigger's events are read each time

	mostCounted = 10_000          // events
	countsFor   = 3 * time.Second // a job that is about more of them begins all the same
)

// Start takes a job.
func (w *Worker) Start(ctx context.Context, a run.Actor, j run.Job) (run.Job, error) {
	if ref := j.Filter.Scenario; ref != "" && j.Action != run.JobBackfill {
		has, err := w.store.HasScenario(ctx, a, ref)
		if err != nil {
			return j, err
		}
		if !has {
			return j, fault.Invalid("Nothing was begun.", []fault.Problem{{Path: "/filter/scenario", Message: "There is and was no scenario \"" + fault.Clip(ref, 60) + "\"."}})
		}
	}
	switch j.Action {
	case run.JobBackfill:
		todo, ran, err := w.backfill.Times(ctx, a, j)
		if err != nil {
			return j, err
		}
		j.Total = len(todo) + ran
		return w.keep(ctx, a, j)
	case run.JobEvents:
		var err error
		if j.Total, j.More, err = w.countEvents(ctx, a, j); err != nil {
			return j, err
		}
		return w.keep(ctx, a, j)
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
	return w.keep(ctx, a, j)
}

// countEvents says how many events fit, or that there are more than it counted.
func (w *Worker) countEvents(ctx context.Context, a run.Actor, j run.Job) (n int, more bool, err error) {
	f := j.Events()
	f.Limit, f.Cursor = 200, ""
	for until := time.Now().Add(countsFor); n < mostCounted && time.Now().Before(until); {
		page, err := w.store.Events(ctx, a, f)
		if err != nil {
			return 0, false, err
		}
		n += len(page.Events)
		if f.Cursor = page.NextCursor; f.Cursor == "" {
			return n, false, nil
		}
	}
	return n, true, nil
}

// CountBackfill says how many planned times a backfill would start runs for, and how many of its window have one.
func (w *Worker) CountBackfill(ctx context.Context, a run.Actor, j run.Job) (todo, ran int, err error) {
	times, ran, err := w.backfill.Times(ctx, a, j)
	return len(times), ran, err
}

func (w *Worker) keep(ctx context.Context, a run.Actor, j run.Job) (run.Job, error) {
	j, err := w.store.CreateJob(ctx, a, j)
	if err != nil {
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
	for ctx.Err() == nil {
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
	switch j.Action {
	case run.JobBackfill:
		w.someTimes(ctx, actor, j)
		return
	case run.JobEvents:
		w.someEvents(ctx, actor, j)
		return
	}
	f := j.Filter
	f.Limit, f.Until = part, before(j)
	if j.Action == run.JobCancel {
		f.Limit = partCancels
	}
	page, err := w.store.Runs(ctx, actor, f)
	if err != nil {
		w.later(ctx, j, err)
		return
	}
	for _, err := range w.each(ctx, actor, &j, page.Runs) {
		if !w.count(ctx, &j, err) {
			return
		}
	}
	j.Filter.Cursor = page.NextCursor
	w.note(ctx, j)
}

// before is when what a job is about had come: what it starts itself is none of it.
func before(j run.Job) time.Time {
	if until := j.Filter.Until; !until.IsZero() && until.Before(j.CreatedAt) {
		return until
	}
	return j.CreatedAt
}

// someEvents starts the next runs of a replay of events.
func (w *Worker) someEvents(ctx context.Context, a run.Actor, j run.Job) {
	f := j.Events()
	f.Limit, f.Until = part, before(j)
	page, err := w.store.Events(ctx, a, f)
	if err != nil {
		w.later(ctx, j, err)
		return
	}
	for _, e := range page.Events {
		err := error(fault.New(fault.Conflict, "It started no run, and such events were not asked for."))
		if j.Outcome != "" || e.Outcome == run.Accepted {
			err = w.replays.ReplayEventOnce(ctx, a, e, j.ID)
		}
		if !w.count(ctx, &j, err) {
			return
		}
	}
	j.Filter.Cursor = page.NextCursor
	w.note(ctx, j)
}

// someTimes starts the next runs of a backfill.
func (w *Worker) someTimes(ctx context.Context, a run.Actor, j run.Job) {
	times, _, err := w.backfill.Times(ctx, a, j)
	switch code := fault.CodeOf(err); {
	case err == nil:
	case ctx.Err() != nil || code == fault.Unavailable:
		w.later(ctx, j, err)
		return
	default: // its scenario was deleted, or changed so that it cannot go on
		j.Failed, j.Message, j.Filter.Cursor = j.Total-j.Done-j.Skipped, fault.MessageOf(err), ""
		w.note(ctx, j)
		return
	}
	after, _ := time.Parse(time.RFC3339Nano, j.Filter.Cursor)
	times = slices.DeleteFunc(times, func(at time.Time) bool { return !at.After(after) })
	next := times[:min(partTimes, len(times))]
	for _, at := range next {
		if !w.count(ctx, &j, w.backfill.Start(ctx, a, j, at)) {
			return
		}
	}
	if j.Filter.Cursor = ""; len(times) > partTimes {
		j.Filter.Cursor = next[len(next)-1].Format(time.RFC3339Nano)
	}
	w.note(ctx, j)
}

// count counts what became of one. It is false where the part is done again later.
func (w *Worker) count(ctx context.Context, j *run.Job, err error) bool {
	switch code := fault.CodeOf(err); {
	case err == nil:
		j.Done++
	case ctx.Err() != nil:
		return false // done again after the next start, which does it once all the same
	case code == fault.Unavailable:
		w.later(ctx, *j, err)
		return false
	case code == fault.Conflict:
		j.Skipped++
	default:
		j.Failed++
		j.Message = fault.MessageOf(err)
	}
	return true
}

// note keeps how far a job is; without a cursor it is done.
func (w *Worker) note(ctx context.Context, j run.Job) {
	if j.Filter.Cursor == "" {
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

// each does a job to runs and gives what became of each. They are told to end all at once, since each waits until that is durable, and
// what is queued is to hear it before it begins; other runs are started in order, and none after one that could not be.
func (w *Worker) each(ctx context.Context, a run.Actor, j *run.Job, runs []run.Run) []error {
	errs := make([]error, len(runs))
	if j.Action == run.JobCancel {
		var all sync.WaitGroup
		for i, r := range runs {
			all.Go(func() { errs[i] = w.one(ctx, a, j, r) })
		}
		all.Wait()
		return errs
	}
	for i, r := range runs {
		if errs[i] = w.one(ctx, a, j, r); ctx.Err() != nil || fault.CodeOf(errs[i]) == fault.Unavailable {
			return errs[:i+1]
		}
	}
	return errs
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
	return w.replays.ReplayOnce(ctx, a, r, from, j.Version, j.ID)
}
