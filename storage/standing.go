package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// NeedSignIn counts the connections that are good for nothing before a person acts.
func (s *Store) NeedSignIn(ctx context.Context, actor run.Actor) (n int, err error) {
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM connections WHERE workspace = $1 AND state = 'needs_auth' AND paused = 0 AND sandbox = 0`, actor.Workspace).Scan(&n)
	return n, s.failed(err)
}

// ConfigureConnection replaces a connection's name, limits and grants, by its id. What it signs in with and its state stay.
func (s *Store) ConfigureConnection(ctx context.Context, actor run.Actor, c run.Connection) (run.Connection, error) {
	grants, _, err := connectionTexts(c)
	if err != nil {
		return c, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE connections SET name = $1, rate = $2, concurrency = $3, grants = $4, updated_at = $5 WHERE workspace = $6 AND id = $7`,
			c.Name, c.Rate, c.Concurrency, grants, s.now(), actor.Workspace, c.ID)
		return oneRow(result, err, "There is no such connection.")
	})
	if err != nil {
		return run.Connection{}, err
	}
	return s.Connection(ctx, actor, c.ID)
}

// Standing lists steps that stand for want of a connection, the oldest runs first.
func (s *Store) Standing(ctx context.Context, actor run.Actor, connection string, limit int) ([]run.Standing, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT r.id, r.number, c.slug, p.path, r.created_at, CASE WHEN p.since < k.since AND k.state = 'connected' AND k.paused = 0 THEN 1 ELSE 0 END
		FROM parked p JOIN runs r ON r.id = p.run_id JOIN scenarios c ON c.id = r.scenario_id LEFT JOIN connections k ON k.workspace = p.workspace AND k.slug = p.connection
		WHERE p.workspace = $1 AND p.connection = $2 AND r.ended_at IS NULL ORDER BY p.run_id, p.path LIMIT $3`, actor.Workspace, connection, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (out run.Standing, err error) {
		var at int64
		var going int
		err = rows.Scan(&out.Run, &out.Number, &out.Scenario, &out.Path, &at, &going)
		out.Going = going != 0
		out.At = time.UnixMilli(at).UTC()
		return out, err
	})
	return list, s.failed(err)
}
