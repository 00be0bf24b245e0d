package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

const (
	shortensFor  = 15 * time.Millisecond // at most, and a few rows more
	shortensEach = 50                    // rows that are deleted together
	signalsKnown = 7 * 24 * time.Hour    // for so long one that is sent again is known, as an event at a trigger is
)

// shorten deletes what a mark says that the journal of a run is not needed for, from its end backwards, so that what is left is
// without a gap up to the mark where the rest begins. What it has no time for goes with a later mark.
func (b *batch) shorten(ctx context.Context, r *run.Run, cut *run.Cut) error {
	from, err := b.place(ctx, r.ID, cut.After+1)
	if err != nil {
		return err
	}
	to, err := b.place(ctx, r.ID, cut.Before)
	if err != nil {
		return err
	}
	bytes, left := 0, to
	for begun := time.Now(); left > from && time.Since(begun) < shortensFor; {
		rows, err := b.tx.QueryContext(ctx, `SELECT pos, OCTET_LENGTH(data) FROM journal WHERE run_id = $1 AND pos >= $2 AND pos < $3 ORDER BY pos DESC LIMIT $4`, r.ID, from, left, shortensEach)
		list, err := all(rows, err, func(rows *sql.Rows) (at [2]int, err error) { return at, rows.Scan(&at[0], &at[1]) })
		if err != nil {
			return err
		}
		for _, row := range list {
			bytes += row[1] - sumLength
		}
		if n := len(list); n < shortensEach {
			left = from
		} else {
			left = int64(list[n-1][0])
		}
		if _, err := b.tx.ExecContext(ctx, `DELETE FROM journal WHERE run_id = $1 AND pos >= $2 AND pos < $3`, r.ID, left, to); err != nil {
			return err
		}
	}
	if left == from {
		rows, err := b.tx.QueryContext(ctx, `DELETE FROM blobs WHERE owner = $1 AND first >= $2 AND last < $3 RETURNING hash, bytes`, r.ID, from, to)
		loose, err := all(rows, err, func(rows *sql.Rows) (hash string, err error) {
			n := 0
			err = rows.Scan(&hash, &n)
			bytes += n
			return hash, err
		})
		if err != nil {
			return err
		}
		b.loose = append(b.loose, loose...)
	}
	if _, err = b.tx.ExecContext(ctx, `UPDATE runs SET bytes = bytes - $1 WHERE id = $2`, bytes, r.ID); err != nil {
		return err
	}
	_, err = b.tx.ExecContext(ctx, `DELETE FROM signals WHERE id IN (SELECT id FROM signals WHERE run_id = $1 AND taken = 1 ORDER BY id LIMIT 2000) AND at < $2`, r.ID, b.now-signalsKnown.Milliseconds())
	return err
}

// place gives a position before which the rows of a run's journal are that begin before an entry, and behind which the others.
func (b *batch) place(ctx context.Context, runID string, seq int64) (int64, error) {
	low, high := int64(0), b.pos+1
	for low < high {
		middle := low + (high-low)/2
		var pos, first int64
		err := b.tx.QueryRowContext(ctx, `SELECT pos, seq FROM journal WHERE run_id = $1 AND pos >= $2 ORDER BY pos LIMIT 1`, runID, middle).Scan(&pos, &first)
		switch {
		case errors.Is(err, sql.ErrNoRows) || err == nil && first >= seq:
			high = middle
		case err != nil:
			return 0, err
		default:
			low = pos + 1
		}
	}
	return low, nil
}
