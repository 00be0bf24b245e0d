package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// LimitConnection notes that a connection's vendor takes nothing until a moment, or, where that is zero, that it does again.
// What else is wrong with a connection stays what it is said to be.
func (s *Store) LimitConnection(ctx context.Context, workspace, id string, until time.Time) error {
	state, detail := run.Connected, ""
	if !until.IsZero() {
		state, detail = run.RateLimited, "It asked to wait until "+until.UTC().Format("15:04 on 2 January")+" (UTC)."
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET state = $1, detail = $2, updated_at = $3 WHERE workspace = $4 AND id = $5 AND state IN ($6, $7)`,
			string(state), detail, s.now(), workspace, id, string(run.Connected), string(run.RateLimited))
		return err
	})
}
