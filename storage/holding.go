package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stepmill/stepmill/engine/run"
)

// HeldEvents gives events of a scenario that are held and wait for no others, oldest first. What is kept apart of them stays so.
func (s *Store) HeldEvents(ctx context.Context, actor run.Actor, scenarioID string, limit int) ([]run.Event, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, eventFull+` WHERE e.workspace || '' = $1 AND e.scenario_id = $2 AND e.outcome = 'queued' AND e.due_at IS NULL ORDER BY e.id LIMIT $3`, actor.Workspace, scenarioID, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Event, error) { return scanEvent(rows.Scan) })
	return list, s.failed(err)
}

// sqlHolding goes from scenario to scenario through the index, so that it costs the same however many events are held.
const sqlHolding = `WITH RECURSIVE at (scenario) AS (
	SELECT * FROM (SELECT scenario_id FROM events WHERE outcome = 'queued' AND due_at IS NULL ORDER BY scenario_id LIMIT 1) AS first
	UNION ALL SELECT (SELECT m.scenario_id FROM events m WHERE m.outcome = 'queued' AND m.due_at IS NULL AND m.scenario_id > at.scenario ORDER BY m.scenario_id LIMIT 1)
		FROM at WHERE at.scenario IS NOT NULL)
	SELECT s.workspace, s.id, s.deleted_at IS NOT NULL FROM at JOIN scenarios s ON s.id = at.scenario WHERE s.status = 'live' OR s.deleted_at IS NOT NULL`

// Holding lists the scenarios that hold events for nothing any more: they are live, or gone.
func (s *Store) Holding(ctx context.Context) ([]run.Holding, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, sqlHolding)
	list, err := all(rows, err, func(rows *sql.Rows) (h run.Holding, err error) {
		return h, rows.Scan(&h.Workspace, &h.ScenarioID, &h.Gone)
	})
	return list, s.failed(err)
}

const sqlHolds = `SELECT 1 FROM events WHERE scenario_id = $1 AND outcome = 'queued' AND due_at IS NULL LIMIT 1`

// ordered holds an event behind those that are held, where its run must not overtake them.
func (b *batch) ordered(ctx context.Context, a *run.Accept) error {
	if !a.Ordered || a.Run == nil || a.Run.Line == "" {
		return nil
	}
	var one int
	err := b.tx.QueryRowContext(ctx, sqlHolds, a.Run.ScenarioID).Scan(&one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err == nil:
		a.Instead = run.Held
	}
	return err
}

// GiveUp lets go of held events that start nothing, for a reason that people read. Those that are held no more are passed over.
func (s *Store) GiveUp(ctx context.Context, actor run.Actor, ids []string, why string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `UPDATE events SET outcome = $1, detail = $2, due_at = NULL WHERE workspace = $3 AND id = $4 AND outcome = 'queued'`,
				string(run.Filtered), why, actor.Workspace, id); err != nil {
				return err
			}
		}
		return nil
	})
}
