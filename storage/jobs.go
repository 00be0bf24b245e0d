package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

const jobColumns = `id, workspace, by_name, role, action, filter, version, total, more, done, skipped, failed, message, status, created_at, ended_at`

// asked is what a job is about, as its row has it.
type asked struct {
	run.Filter
	Trigger string      `json:",omitempty"`
	Again   bool        `json:",omitempty"`
	Outcome run.Outcome `json:",omitempty"`
}

// CreateJob keeps a job and gives it its id.
func (s *Store) CreateJob(ctx context.Context, actor run.Actor, j run.Job) (run.Job, error) {
	j.ID, j.Workspace, j.By, j.Role, j.Status, j.CreatedAt = uuid.Must(uuid.NewV7()).String(), actor.Workspace, actor.Name, actor.Role, run.JobRunning, s.cfg.Now().UTC().Truncate(time.Millisecond)
	filter, err := json.Marshal(asked{j.Filter, j.Trigger, j.Again, j.Outcome})
	if err != nil {
		return j, err
	}
	return j, s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO jobs (`+jobColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, '', $10, $11, NULL)`,
			j.ID, j.Workspace, j.By, string(j.Role), string(j.Action), string(filter), j.Version, j.Total, boolean(j.More), string(j.Status), j.CreatedAt.UnixMilli())
		return err
	})
}

// SaveJob keeps how far a job has come. One that was stopped meanwhile is a Conflict and stays so.
func (s *Store) SaveJob(ctx context.Context, j run.Job) error {
	filter, err := json.Marshal(asked{j.Filter, j.Trigger, j.Again, j.Outcome})
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE jobs SET filter = $1, done = $2, skipped = $3, failed = $4, message = $5, status = $6, ended_at = $7 WHERE id = $8 AND status = 'running'`,
			string(filter), j.Done, j.Skipped, j.Failed, j.Message, string(j.Status), millis(j.EndedAt), j.ID)
		return changedOne(result, err, fault.New(fault.Conflict, "The job is no longer under way."))
	})
}

// StopJob ends a job that is under way.
func (s *Store) StopJob(ctx context.Context, actor run.Actor, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE jobs SET status = 'stopped', ended_at = $1 WHERE workspace = $2 AND id = $3 AND status = 'running'`, s.now(), actor.Workspace, id)
		return changedOne(result, err, fault.New(fault.Conflict, "There is no job %q that is under way.", fault.Clip(id, 60)))
	})
}

func changedOne(result sql.Result, err error, none error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return none
}

// Job gives one job.
func (s *Store) Job(ctx context.Context, actor run.Actor, id string) (run.Job, error) {
	j, err := scanJob(s.cfg.Read.QueryRowContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE workspace = $1 AND id = $2`, actor.Workspace, id).Scan)
	if err == sql.ErrNoRows {
		return j, fault.New(fault.NotFound, "There is no job %q.", fault.Clip(id, 60))
	}
	return j, s.failed(err)
}

// Jobs lists the newest jobs of a workspace, newest first.
func (s *Store) Jobs(ctx context.Context, actor run.Actor, limit int) ([]run.Job, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE workspace = $1 ORDER BY id DESC LIMIT $2`, actor.Workspace, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Job, error) { return scanJob(rows.Scan) })
	return list, s.failed(err)
}

// OpenJobs lists the jobs of every workspace that are under way, oldest first.
func (s *Store) OpenJobs(ctx context.Context) ([]run.Job, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+jobColumns+` FROM jobs WHERE status = 'running' ORDER BY id`)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Job, error) { return scanJob(rows.Scan) })
	return list, s.failed(err)
}

func scanJob(scan func(...any) error) (run.Job, error) {
	var j run.Job
	var role, action, filter, status string
	var more int
	var created int64
	var ended sql.NullInt64
	err := scan(&j.ID, &j.Workspace, &j.By, &role, &action, &filter, &j.Version, &j.Total, &more, &j.Done, &j.Skipped, &j.Failed, &j.Message, &status, &created, &ended)
	if err != nil {
		return j, err
	}
	j.Role, j.Action, j.Status, j.More = run.Role(role), run.JobAction(action), run.JobStatus(status), more != 0
	j.CreatedAt, j.EndedAt = time.UnixMilli(created).UTC(), moment(ended)
	var what asked
	err = json.Unmarshal([]byte(filter), &what)
	j.Filter, j.Trigger, j.Again, j.Outcome = what.Filter, what.Trigger, what.Again, what.Outcome
	return j, err
}
