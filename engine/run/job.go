package run

import "time"

// Job is something done to many runs, in the background.
type Job struct {
	ID        string // UUIDv7 text
	Workspace string
	By        string // the name of who asked
	Role      Role   // their role when they asked
	Action    JobAction
	Filter    Filter  // which runs; those that came after the job are none of them
	Trigger   string  // of a backfill: the schedule's id; Filter.Since and Until are the window of planned times. Of events: their trigger's
	Outcome   Outcome // of events: what became of them; empty: those that started a run
	Again     bool    // of a backfill: planned times that have a run get another
	Version   int     // of replays: zero the live one, negative each run's own
	Total     int     // of the runs when it was asked; exact up to 10,000
	More      bool    // Total is 10,000 and there were more
	Done      int
	Skipped   int    // there was nothing to do about them: they had ended, or had not
	Failed    int    // it could not be done
	Message   string // why the last of those failed
	Status    JobStatus
	CreatedAt time.Time
	EndedAt   time.Time // zero: it is under way
}

// Events are the events that a job is about.
func (j Job) Events() EventFilter {
	f := j.Filter
	return EventFilter{Scenario: f.Scenario, Trigger: j.Trigger, Outcome: j.Outcome, Query: f.Query, Since: f.Since, Until: f.Until, Cursor: f.Cursor, OldestFirst: true}
}

// JobAction is what a job does to each run.
type JobAction string

const (
	JobReplay JobAction = "replay" // another run of its event
	JobRetry  JobAction = "retry"  // another run from the step that failed
	JobCancel JobAction = "cancel"

	JobBackfill JobAction = "backfill"      // a run for each planned time of a window
	JobEvents   JobAction = "replay_events" // another run of each event of the inbox that fits, oldest first
)

// JobStatus is where a job stands.
type JobStatus string

const (
	JobRunning JobStatus = "running"
	JobDone    JobStatus = "done"
	JobStopped JobStatus = "stopped" // a person stopped it
)
