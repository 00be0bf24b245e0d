package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// strip takes the data out of what is stored of a run that has ended.
func (b *batch) strip(ctx context.Context, r *run.Run) error {
	rows, err := b.tx.QueryContext(ctx, `SELECT pos FROM journal WHERE run_id = $1 ORDER BY pos`, r.ID)
	chunks, err := all(rows, err, func(rows *sql.Rows) (pos int64, err error) { return pos, rows.Scan(&pos) })
	if err != nil {
		return err
	}
	bytes := 0
	for _, pos := range chunks {
		var data string
		if err := b.tx.QueryRowContext(ctx, `SELECT data FROM journal WHERE pos = $1`, pos).Scan(&data); err != nil {
			return err
		}
		text, err := unsummed(data)
		if err != nil {
			return err
		}
		entries, err := run.DecodeEntries(text)
		if err != nil {
			return err
		}
		for i := range entries {
			entries[i].Strip()
		}
		bare, err := run.AppendEntries(nil, entries)
		if err != nil {
			return err
		}
		bytes += len(bare)
		if _, err := b.tx.ExecContext(ctx, `UPDATE journal SET data = $1 WHERE pos = $2`, summed(bare), pos); err != nil {
			return err
		}
	}
	if _, err := b.tx.ExecContext(ctx, `UPDATE events SET value = 'null', raw = NULL, raw_large = NULL, raw_at = 0, raw_bytes = 0, sealed = NULL, header = '{}', detail = $1 WHERE id = $2`, run.NotKept, r.EventID); err != nil {
		return err
	}
	loose, err := unrefer(ctx, b.tx, `DELETE FROM blobs WHERE owner = $1 OR owner = $2 RETURNING hash`, r.ID, r.EventID)
	if err != nil {
		return err
	}
	b.loose = append(b.loose, loose...)
	if _, err := b.tx.ExecContext(ctx, `UPDATE signals SET data = '' WHERE run_id = $1`, r.ID); err != nil {
		return err
	}
	_, err = b.tx.ExecContext(ctx, `UPDATE runs SET bytes = $1 WHERE id = $2`, bytes, r.ID)
	return err
}

const oldColumns = `id, event_id, number, bytes, created_at, ended_at`

func scanOld(rows *sql.Rows) (run.Old, error) {
	var o run.Old
	var created int64
	var ended sql.NullInt64
	err := rows.Scan(&o.ID, &o.Event, &o.Number, &o.Bytes, &created, &ended)
	o.CreatedAt, o.EndedAt = time.UnixMilli(created).UTC(), moment(ended)
	return o, err
}

// OldRuns lists runs of a scenario behind a number, oldest first.
func (s *Store) OldRuns(ctx context.Context, workspace, scenarioID string, after int64, limit int) ([]run.Old, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+oldColumns+` FROM runs WHERE workspace = $1 AND scenario_id = $2 AND number > $3 ORDER BY number LIMIT $4`, workspace, scenarioID, after, limit)
	list, err := all(rows, err, scanOld)
	return list, s.failed(err)
}

// NewestRuns lists runs of a scenario before a number, newest first.
func (s *Store) NewestRuns(ctx context.Context, workspace, scenarioID string, before int64, limit int) ([]run.Old, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+oldColumns+` FROM runs WHERE workspace = $1 AND scenario_id = $2 AND number < $3 ORDER BY number DESC LIMIT $4`, workspace, scenarioID, before, limit)
	list, err := all(rows, err, scanOld)
	return list, s.failed(err)
}

// OldestRuns lists runs of all scenarios behind an id, oldest first.
func (s *Store) OldestRuns(ctx context.Context, after string, limit int) ([]run.Old, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+oldColumns+` FROM runs WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	list, err := all(rows, err, scanOld)
	return list, s.failed(err)
}

// Forget deletes runs that have ended, with all that belongs to them, in one transaction that takes no longer than it is
// given, but at least one. It gives how many of them it looked at.
func (s *Store) Forget(ctx context.Context, list []run.Old, within time.Duration) (int, error) {
	seen := 0
	var loose []string
	err := s.write(ctx, func(tx *sql.Tx) error {
		seen, loose = 0, nil
		begun := time.Now()
		for _, o := range list {
			if seen > 0 && time.Since(begun) >= within {
				return nil
			}
			seen++
			result, err := tx.ExecContext(ctx, `DELETE FROM runs WHERE id = $1 AND ended_at IS NOT NULL`, o.ID)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				continue
			}
			for _, q := range []string{`DELETE FROM journal WHERE run_id = $1`, `DELETE FROM signals WHERE run_id = $1`, `DELETE FROM parked WHERE run_id = $1`} {
				if _, err := tx.ExecContext(ctx, q, o.ID); err != nil {
					return err
				}
			}
			for _, q := range []string{`DELETE FROM events WHERE id = $1`, `DELETE FROM repeats WHERE event_id = $1`} {
				if _, err := tx.ExecContext(ctx, q, o.Event); err != nil {
					return err
				}
			}
			hashes, err := unrefer(ctx, tx, `DELETE FROM blobs WHERE owner = $1 OR owner = $2 RETURNING hash`, o.ID, o.Event)
			if err != nil {
				return err
			}
			loose = append(loose, hashes...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.loosen(loose)
	return seen, nil
}

// ForgetEvents deletes events of a scenario from before a time that started no run and wait for nothing, or that
// went into a run that is gone, at most limit.
func (s *Store) ForgetEvents(ctx context.Context, workspace, scenarioID string, before time.Time, limit int) (int, error) {
	const old = ` IN (SELECT e.id FROM events e WHERE e.id < $1 AND e.workspace = $2 AND e.scenario_id = $3
		AND (e.run_id = '' OR e.gather IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = e.run_id))
		AND e.outcome <> 'queued' ORDER BY e.id LIMIT $4)`
	var n int64
	var loose []string
	err := s.write(ctx, func(tx *sql.Tx) (err error) {
		if loose, err = unrefer(ctx, tx, `DELETE FROM blobs WHERE owner`+old+` RETURNING hash`, idBefore(before), workspace, scenarioID, limit); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM repeats WHERE event_id`+old, idBefore(before), workspace, scenarioID, limit); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM events WHERE id`+old, idBefore(before), workspace, scenarioID, limit)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	s.loosen(loose)
	return int(n), nil
}

// ForgetKeys deletes identities of events that are remembered no longer, at most limit.
func (s *Store) ForgetKeys(ctx context.Context, limit int) (int, error) {
	return s.forgetSome(ctx, `DELETE FROM dedupe WHERE (workspace, scenario_id, trigger_id, key) IN
		(SELECT d.workspace, d.scenario_id, d.trigger_id, d.key FROM dedupe d WHERE d.until < $1 ORDER BY d.until LIMIT $2)`, s.now(), limit)
}

func (s *Store) forgetSome(ctx context.Context, query string, args ...any) (int, error) {
	n := int64(0)
	err := s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	return int(n), err
}

// idBefore is smaller than every id made at a time or later: ids begin with their time.
func idBefore(at time.Time) string {
	const digits = "0123456789abcdef"
	ms := uint64(max(at.UnixMilli(), 0))
	var b [13]byte
	for i := range 12 {
		b[i] = digits[ms>>(44-4*i)&15]
	}
	return string(b[:8]) + "-" + string(b[8:12])
}

// Live lists the scenarios of every workspace that have a live version.
func (s *Store) Live(ctx context.Context) ([]scenario.Stored, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+scenarioColumns+` FROM scenarios s WHERE s.version > 0 ORDER BY s.id`)
	list, err := all(rows, err, func(rows *sql.Rows) (scenario.Stored, error) { return scanScenario(rows.Scan) })
	return list, s.failed(err)
}

// Size gives how many bytes the database holds, with what is kept apart, and how many of its file are free.
func (s *Store) Size(ctx context.Context) (used, free int64, err error) {
	if s.cfg.Dialect.Size == nil {
		return 0, 0, fault.New(fault.Internal, "This database does not tell its size.")
	}
	if used, free, err = s.cfg.Dialect.Size(ctx, s.cfg.Read); err != nil {
		return 0, 0, s.failed(err)
	}
	var apart int64
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT COALESCE(SUM(b.bytes), 0) FROM (SELECT MAX(bytes) AS bytes FROM blobs GROUP BY hash) AS b`).Scan(&apart)
	return used + apart, free, s.failed(err)
}

// Shrink gives some of the free part of the file back to the disk.
func (s *Store) Shrink(ctx context.Context) error {
	if s.cfg.Dialect.Shrink == nil {
		return nil
	}
	return s.failed(s.cfg.Dialect.Shrink(ctx, s.cfg.Write))
}
