// Package jobs shows, on whichever screen, what is being done to many runs or events.
package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/ui"
)

// Store lists jobs, newest first.
type Store interface {
	Jobs(ctx context.Context, a run.Actor, limit int) ([]run.Job, error)
}

// Worker carries jobs out in the background.
type Worker interface {
	Start(ctx context.Context, a run.Actor, j run.Job) (run.Job, error)
	Stop(ctx context.Context, a run.Actor, id string) error
}

// Line is a job as it is shown.
type Line struct {
	ID, Text, Trouble string
	Open              bool // it can be stopped
}

const (
	most  = 3
	looks = 20              // at jobs, of which some are of another screen
	shown = 2 * time.Minute // after a job's end
)

// Newest are the newest jobs of some actions that are under way or have just ended. Who may act can stop them.
func Newest(ctx context.Context, store Store, a run.Actor, may bool, now time.Time, actions ...run.JobAction) ([]Line, error) {
	list, err := store.Jobs(ctx, a, looks)
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, j := range list {
		if slices.Contains(actions, j.Action) && (j.Status == run.JobRunning || now.Sub(j.EndedAt) < shown) && len(out) < most {
			out = append(out, lineOf(j, may))
		}
	}
	return out, nil
}

// words are what is said of an action: of it under way and done, and of one and many of what it is about.
var words = map[run.JobAction][4]string{
	run.JobReplay:   {"Replaying", "replayed", "run", "runs"},
	run.JobRetry:    {"Retrying", "retried", "run", "runs"},
	run.JobCancel:   {"Cancelling", "cancelled", "run", "runs"},
	run.JobBackfill: {"Backfilling", "started", "run", "runs"},
	run.JobEvents:   {"Replaying", "replayed", "event", "events"},
}

func lineOf(j run.Job, may bool) Line {
	w := words[j.Action]
	total := ui.Count(j.Total, w[2], w[3])
	if j.More {
		total = "more than " + total
	}
	out := Line{ID: j.ID, Open: may && j.Status == run.JobRunning}
	switch j.Status {
	case run.JobRunning:
		out.Text = fmt.Sprintf("%s %s: %d of them seen", w[0], total, j.Done+j.Skipped+j.Failed)
	default:
		out.Text = fmt.Sprintf("%s %s", ui.Count(j.Done, w[2], w[3]), w[1])
		if j.Status == run.JobStopped {
			out.Text += ", then stopped by somebody"
		}
		if j.Skipped > 0 {
			out.Text += fmt.Sprintf("; %d passed over", j.Skipped)
		}
	}
	if j.Failed > 0 {
		out.Trouble = fmt.Sprintf("%d could not be: %s", j.Failed, fault.Clip(j.Message, 200))
	}
	return out
}
