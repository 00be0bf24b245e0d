package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// tell keeps a signal for a run and wakes it where it sleeps. A run that is not there is NotFound, one that has ended a
// Conflict.
func (b *batch) tell(ctx context.Context, g *run.Signal) error {
	var ended sql.NullInt64
	err := b.tx.QueryRowContext(ctx, `SELECT ended_at FROM runs WHERE id = $1 AND workspace = $2`, g.Run, g.Workspace).Scan(&ended)
	switch {
	case err == sql.ErrNoRows:
		return fault.New(fault.NotFound, "There is no run %q.", fault.Clip(g.Run, 60))
	case err != nil:
		return err
	case ended.Valid:
		return fault.New(fault.Conflict, "The run has ended; it waits for nothing any more.")
	}
	var known, bytes int64
	if err := b.tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(OCTET_LENGTH(data)), 0) FROM signals WHERE run_id = $1 AND taken = 0`, g.Run).Scan(&known, &bytes); err != nil {
		return err
	}
	if known >= maxSignals || bytes+int64(len(g.Data)) > maxSignalBytes {
		return fault.New(fault.RateLimited, "The run has been told of as many events as it takes: %d, of %d MB together.", maxSignals, maxSignalBytes>>20)
	}
	return b.signal(ctx, g)
}

// What one address can fill the store with, and a run's memory, beyond what the run has taken.
const (
	maxSignals     = 1000
	maxSignalBytes = 16 << 20
)

func (b *batch) signal(ctx context.Context, g *run.Signal) error {
	data, err := b.s.signalData(g)
	if err != nil {
		return err
	}
	result, err := b.h.signal.ExecContext(ctx, g.Workspace, g.Run, string(g.Kind), g.Key, data, g.At.UnixMilli(), g.Body)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if g.Known, g.OtherBody = n == 0, false; g.Known {
		var body string
		err := b.tx.QueryRowContext(ctx, `SELECT body FROM signals WHERE run_id = $1 AND kind = $2 AND key = $3`, g.Run, string(g.Kind), g.Key).Scan(&body)
		g.OtherBody = g.Body != "" && body != "" && body != g.Body
		return err
	}
	_, err = b.h.wake.ExecContext(ctx, b.now, g.Run, g.Workspace)
	return err
}

// others does what a write to a journal means for other runs, and for what the run was told.
func (b *batch) others(ctx context.Context, a *run.Append) error {
	for _, start := range a.Starts {
		if err := b.accept(ctx, start); err != nil {
			return err
		}
	}
	for _, g := range a.Signals {
		g.Private = a.Private
		if err := b.signal(ctx, g); err != nil {
			return err
		}
	}
	for _, id := range a.Taken {
		if _, err := b.tx.ExecContext(ctx, `UPDATE signals SET taken = 1, data = '' WHERE id = $1`, id); err != nil {
			return err
		}
	}
	if !a.Release || a.Run.WakeAt.IsZero() {
		return nil
	}
	// What came in while the run was falling asleep wakes it again.
	_, err := b.tx.ExecContext(ctx, `UPDATE runs SET wake_at = $1 WHERE id = $2 AND EXISTS (SELECT 1 FROM signals g WHERE g.run_id = runs.id AND g.taken = 0)`, b.now, a.Run.ID)
	return err
}

// Signals gives what a run was told and has not taken yet, oldest first.
func (s *Store) Signals(ctx context.Context, runID string) ([]run.Signal, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id, workspace, run_id, kind, key, data, at FROM signals WHERE run_id = $1 AND taken = 0 ORDER BY id`, runID)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Signal, error) {
		var g run.Signal
		var kind, data string
		var at int64
		err := rows.Scan(&g.ID, &g.Workspace, &g.Run, &kind, &g.Key, &data, &at)
		if err != nil {
			return g, err
		}
		g.Kind, g.At = run.SignalKind(kind), time.UnixMilli(at).UTC()
		g.Data, err = s.openSignal(&g, data)
		return g, err
	})
	return list, s.failed(err)
}

// LinkKey is what the links that this installation gives out are signed with. It is made at first use and sealed.
func (s *Store) LinkKey(ctx context.Context) ([]byte, error) {
	const at = "meta|link_key||"
	var key []byte
	err := s.write(ctx, func(tx *sql.Tx) error {
		var sealed []byte
		err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'link_key'`).Scan(&sealed)
		if err == nil {
			key, err = s.cfg.Sealer.Open(sealed, at)
			return err
		}
		if err != sql.ErrNoRows {
			return err
		}
		if key, err = newKey(); err != nil {
			return err
		}
		if sealed, err = s.cfg.Sealer.Seal(key, at); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO meta (workspace, name, value) VALUES ('', 'link_key', $1)`, sealed)
		return err
	})
	return key, err
}
