package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// captureKept is how long it is known that somebody waited for a request, after that is over: what came may be looked at late.
const captureKept = 24 * time.Hour

// SaveCapture keeps that a request to a trigger is waited for, in place of what was kept of it. What is long over is forgotten.
func (s *Store) SaveCapture(ctx context.Context, c run.Captured) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM captures WHERE until < $1`, s.now()-captureKept.Milliseconds()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO captures (workspace, scenario_id, trigger_id, since, until) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (workspace, scenario_id, trigger_id) DO UPDATE SET since = excluded.since, until = excluded.until`,
			c.Workspace, c.ScenarioID, c.Trigger, c.Since.UnixMilli(), c.Until.UnixMilli())
		return err
	})
}

// ForgetCapture is for what is waited for no more.
func (s *Store) ForgetCapture(ctx context.Context, workspace, scenarioID, trigger string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM captures WHERE workspace = $1 AND scenario_id = $2 AND trigger_id = $3`, workspace, scenarioID, trigger)
		return err
	})
}

// Captures gives what is waited for in every workspace, without what came; only the triggers of the process ask.
func (s *Store) Captures(ctx context.Context) ([]run.Captured, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT workspace, scenario_id, trigger_id, since, until FROM captures`)
	list, err := all(rows, err, func(rows *sql.Rows) (c run.Captured, err error) {
		var since, until int64
		err = rows.Scan(&c.Workspace, &c.ScenarioID, &c.Trigger, &since, &until)
		c.Since, c.Until = time.UnixMilli(since).UTC(), time.UnixMilli(until).UTC()
		return c, err
	})
	return list, s.failed(err)
}
