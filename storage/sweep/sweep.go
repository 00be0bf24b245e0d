// Package sweep lets go of what is no longer to be kept: runs beyond their scenario's retention, the oldest beyond the
// installation's limits, and identities that are remembered no longer. It works in small steps between which others write.
package sweep

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// Store is what is swept.
type Store interface {
	Live(ctx context.Context) ([]scenario.Stored, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, n int) (scenario.Version, error)
	OldRuns(ctx context.Context, workspace, scenarioID string, after int64, limit int) ([]run.Old, error)
	NewestRuns(ctx context.Context, workspace, scenarioID string, before int64, limit int) ([]run.Old, error)
	OldestRuns(ctx context.Context, after string, limit int) ([]run.Old, error)
	Forget(ctx context.Context, list []run.Old, within time.Duration) (int, error)
	ForgetEvents(ctx context.Context, workspace, scenarioID string, before time.Time, limit int) (int, error)
	ForgetKeys(ctx context.Context, limit int) (int, error)
	ForgetData(ctx context.Context, limit int) (more bool, err error)
	Size(ctx context.Context) (used, free int64, err error)
	Shrink(ctx context.Context) error
	SweepBlobs(ctx context.Context, everything bool) (n int, bytes int64, err error)
}

// Limits bound what is kept of ended runs. Zero fields bound nothing.
type Limits struct {
	For   time.Duration // since a run's end
	Count int           // of a scenario
	Bytes int64
}

// Sweeper sweeps every minute.
type Sweeper struct {
	Store Store
	Total Limits // of the whole installation; its Count is not used
	Now   func() time.Time
	Log   *slog.Logger
	// Ballast is dropped on a full disk, so that deleting can begin; nil: there is none.
	Ballast interface {
		Fill() error
		Drop() bool
	}

	limits map[string]Limits // of versions, which never change
	blobs  time.Time         // when all that is kept apart was looked at last
}

const (
	every    = time.Minute
	step     = 15 * time.Millisecond // the longest time that the writer is held
	rest     = 10 * time.Millisecond // in which others write
	page     = 500
	slack    = 4 << 20 // free bytes that are worth nothing
	noNumber = 1 << 62

	blobsEvery = time.Hour // in which a crash may have left something that nothing refers to
)

// Run sweeps until ctx ends.
func (w *Sweeper) Run(ctx context.Context) {
	for {
		if n, err := w.Sweep(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("what is no longer to be kept could not be let go of; it is tried again in a minute", "error", err)
		} else if n > 0 {
			w.Log.Info("runs that are no longer to be kept were deleted", "runs", n)
		}
		if !pause(ctx, every) {
			return
		}
	}
}

// Sweep does everything that is due, and gives how many runs it deleted.
func (w *Sweeper) Sweep(ctx context.Context) (deleted int, err error) {
	bounded := w.Total != Limits{}
	if deleted, err = w.runs(ctx, &bounded); err != nil {
		return deleted, errors.Join(err, w.apart(ctx)) // what did go takes no more room
	}
	if err := w.keys(ctx); err != nil {
		return deleted, err
	}
	if err := w.apart(ctx); err != nil {
		return deleted, err
	}
	if err := w.shrink(ctx); err != nil || !bounded || w.Ballast == nil {
		return deleted, err
	}
	return deleted, w.Ballast.Fill()
}

// runs deletes those that are beyond a limit, and notes whether there is any.
func (w *Sweeper) runs(ctx context.Context, bounded *bool) (deleted int, err error) {
	live, err := w.Store.Live(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range live {
		limits, err := w.of(ctx, s)
		if err != nil {
			return deleted, err
		}
		if w.Total.For > 0 && (limits.For == 0 || w.Total.For < limits.For) {
			limits.For = w.Total.For
		}
		*bounded = *bounded || limits != Limits{}
		n, err := w.scenario(ctx, s, limits)
		if deleted += n; err != nil {
			return deleted, err
		}
	}
	n, err := w.total(ctx)
	return deleted + n, err
}

// apart takes away what is kept apart and belongs to nothing any more: what lost what it belonged to, and now and then
// whatever is there.
func (w *Sweeper) apart(ctx context.Context) error {
	now := w.Now()
	everything := now.Sub(w.blobs) >= blobsEvery
	if _, _, err := w.Store.SweepBlobs(ctx, everything); err != nil {
		return err
	}
	if everything {
		w.blobs = now
	}
	return nil
}

// of reads the limits that a scenario's live version sets.
func (w *Sweeper) of(ctx context.Context, s scenario.Stored) (Limits, error) {
	key := s.ID + "@" + strconv.Itoa(s.Version)
	if limits, ok := w.limits[key]; ok {
		return limits, nil
	}
	v, err := w.Store.Version(ctx, run.SystemActor(s.Workspace), s.ID, s.Version)
	if err != nil {
		return Limits{}, err
	}
	var limits Limits
	if doc, _, err := scenario.Decode(v.Definition); err == nil && doc.Settings != nil && doc.Settings.Retention != nil {
		r := doc.Settings.Retention
		limits.Count = r.Count
		if r.For != "" {
			if limits.For, err = scenario.ParseDuration(r.For); err != nil {
				return limits, err
			}
		}
		if limits.Bytes, err = scenario.ParseBytes(r.Bytes); err != nil {
			return limits, err
		}
	}
	if w.limits == nil || len(w.limits) > 10_000 {
		w.limits = map[string]Limits{}
	}
	w.limits[key] = limits
	return limits, nil
}

// scenario deletes what is beyond a scenario's limits.
func (w *Sweeper) scenario(ctx context.Context, s scenario.Stored, limits Limits) (deleted int, err error) {
	if limits == (Limits{}) {
		return 0, nil
	}
	upTo, err := w.beyond(ctx, s, limits)
	if err != nil {
		return 0, err
	}
	var cutoff time.Time
	if limits.For > 0 {
		cutoff = w.Now().Add(-limits.For)
	}
	for after := int64(0); ; {
		list, err := w.Store.OldRuns(ctx, s.Workspace, s.ID, after, page)
		if err != nil {
			return deleted, err
		}
		var gone []run.Old
		more := len(list) == page
		for _, o := range list {
			after = o.Number
			if !o.EndedAt.IsZero() && (o.Number <= upTo || o.EndedAt.Before(cutoff)) {
				gone = append(gone, o)
			}
			more = more && (o.Number <= upTo || o.CreatedAt.Before(cutoff))
		}
		n, err := w.forget(ctx, gone)
		if deleted += n; err != nil {
			return deleted, err
		}
		if !more {
			break
		}
	}
	for limits.For > 0 {
		n, err := w.Store.ForgetEvents(ctx, s.Workspace, s.ID, cutoff, 100)
		if err != nil {
			return deleted, err
		}
		if n == 0 || !pause(ctx, rest) {
			break
		}
	}
	return deleted, nil
}

// beyond gives the number up to which runs are more than their count or bytes allow.
func (w *Sweeper) beyond(ctx context.Context, s scenario.Stored, limits Limits) (int64, error) {
	if limits.Count == 0 && limits.Bytes == 0 {
		return 0, nil
	}
	var bytes int64
	count := 0
	for before := int64(noNumber); ; {
		list, err := w.Store.NewestRuns(ctx, s.Workspace, s.ID, before, page)
		if err != nil || len(list) == 0 {
			return 0, err
		}
		for _, o := range list {
			before = o.Number
			if o.EndedAt.IsZero() {
				continue
			}
			count++
			bytes += o.Bytes
			if limits.Count > 0 && count > limits.Count || limits.Bytes > 0 && bytes > limits.Bytes {
				return o.Number, nil
			}
		}
	}
}

// total deletes the oldest runs of all until the database is within the installation's limit.
func (w *Sweeper) total(ctx context.Context) (deleted int, err error) {
	if w.Total.Bytes == 0 {
		return 0, nil
	}
	for after := ""; ; {
		used, _, err := w.Store.Size(ctx)
		if err != nil || used <= w.Total.Bytes {
			return deleted, err
		}
		list, err := w.Store.OldestRuns(ctx, after, page)
		if err != nil || len(list) == 0 {
			return deleted, err
		}
		over := used - w.Total.Bytes
		var gone []run.Old
		for _, o := range list {
			if over <= 0 {
				break
			}
			after = o.ID
			if !o.EndedAt.IsZero() {
				gone = append(gone, o)
				over -= o.Bytes
			}
		}
		n, err := w.forget(ctx, gone)
		if deleted += n; err != nil {
			return deleted, err
		}
	}
}

// forget deletes runs in steps.
func (w *Sweeper) forget(ctx context.Context, list []run.Old) (int, error) {
	all := len(list)
	for len(list) > 0 {
		n, err := w.Store.Forget(ctx, list, step)
		if fault.CodeOf(err) == fault.Unavailable && w.Ballast != nil && w.Ballast.Drop() {
			continue
		}
		if err != nil {
			return all - len(list), err
		}
		list = list[n:]
		if err := w.apart(ctx); err != nil { // on a full disk this makes the room in which the rest can be deleted
			return all - len(list), err
		}
		if !pause(ctx, rest) {
			return all - len(list), ctx.Err()
		}
	}
	return all, nil
}

// keys deletes identities of events that are remembered no longer, and what data stores keep no longer.
func (w *Sweeper) keys(ctx context.Context) error {
	for {
		n, err := w.Store.ForgetKeys(ctx, page)
		if err != nil {
			return err
		}
		if n < page || !pause(ctx, rest) {
			break
		}
	}
	for {
		more, err := w.Store.ForgetData(ctx, page)
		if err != nil || !more || !pause(ctx, rest) {
			return err
		}
	}
}

// shrink gives the free part of the file back, but for a little that is taken again soon.
func (w *Sweeper) shrink(ctx context.Context) error {
	for {
		used, free, err := w.Store.Size(ctx)
		if err != nil || free < slack || free < used/10 {
			return err
		}
		if err := w.Store.Shrink(ctx); err != nil {
			return err
		}
		if !pause(ctx, rest) {
			return nil
		}
	}
}

// pause is false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
