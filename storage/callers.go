package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stepmill/stepmill/engine/run"
)

const (
	sqlCallers = `SELECT parent_id, scenario_id, again FROM runs WHERE id = $1`
	sqlAgain   = `UPDATE runs SET again = again + 1 WHERE id = $1`
)

// Callers gives the runs that led to a run by their calls, as far as they are kept.
func (s *Store) Callers(ctx context.Context, runID string) (run.Callers, error) {
	c := run.Callers{First: runID}
	for next := runID; next != ""; {
		var parent, scenarioID string
		var again int
		err := s.cfg.Read.QueryRowContext(ctx, sqlCallers, next).Scan(&parent, &scenarioID, &again)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return c, s.failed(err)
		}
		c.First, c.Again = next, again
		c.Scenarios = append(c.Scenarios, scenarioID)
		next = parent
	}
	return c, nil
}
