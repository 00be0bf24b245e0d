package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of data stores.
const (
	mostStores    = 1000    // of a workspace
	mostItems     = 100_000 // of a store
	mostItemBytes = 256 << 10
	mostItemKey   = 500                // bytes
	answeredFor   = 7 * 24 * time.Hour // a step that is told its answer again asks long before
	seenStore     = "~seen:"           // before the name of a store of what was seen: no slug begins so
)

// Data carries out an operation on a data store.
func (s *Store) Data(ctx context.Context, op value.DataOp) (value.DataAnswer, error) {
	if err := checkData(op); err != nil {
		return value.DataAnswer{}, err
	}
	now := s.now()
	switch op.Verb {
	case value.DataGet:
		item, err := getItem(ctx, s.cfg.Read, op.Workspace, op.Store, op.Key, now)
		return value.DataAnswer{Found: item != nil, Item: itemOr(item)}, s.failed(err)
	case value.DataList:
		return s.listItems(ctx, op, now)
	}
	var answer value.DataAnswer
	err := s.write(ctx, func(tx *sql.Tx) (err error) {
		if op.Once != "" {
			var text string
			err := tx.QueryRowContext(ctx, `SELECT answer FROM store_answers WHERE once = $1`, op.Once).Scan(&text)
			if err == nil {
				return json.Unmarshal([]byte(text), &answer)
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		if answer, err = writeData(ctx, tx, op, now); err != nil || op.Once == "" {
			return err
		}
		text, err := json.Marshal(answer)
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO store_answers (once, answer, at) VALUES ($1, $2, $3)`, op.Once, string(text), now)
		}
		return err
	})
	return answer, err
}

func checkData(op value.DataOp) error {
	keys := op.Keys
	if op.Verb != value.DataSeen && op.Verb != value.DataList {
		keys = []string{op.Key}
	}
	for _, key := range keys {
		switch {
		case key == "":
			return fault.New(fault.InvalidInput, "The key is empty.")
		case len(key) > mostItemKey:
			return fault.New(fault.InvalidInput, "The key %q is longer than %d bytes.", fault.Clip(key, 40), mostItemKey)
		}
	}
	if len(op.Value) > mostItemBytes {
		return fault.New(fault.TooLarge, "The value has %d bytes; a data store keeps %d of one.", len(op.Value), mostItemBytes)
	}
	return nil
}

func writeData(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) (value.DataAnswer, error) {
	switch op.Verb {
	case value.DataSet:
		return setItem(ctx, tx, op, now)
	case value.DataDelete:
		return deleteItem(ctx, tx, op, now)
	case value.DataAdd:
		return addItem(ctx, tx, op, now)
	case value.DataSeen:
		return seeKeys(ctx, tx, op, now)
	case value.DataLock:
		return takeLock(ctx, tx, op, now)
	case value.DataUnlock:
		return dropLock(ctx, tx, op)
	}
	return value.DataAnswer{}, fault.New(fault.Internal, "There is no operation %q on a data store.", op.Verb)
}

// getItem gives a value; nil: there is none, or none any more.
func getItem(ctx context.Context, q querier, workspace, store, key string, now int64) (*value.DataItem, error) {
	item := value.DataItem{Key: key}
	var text string
	var at int64
	var expires sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT value, updated_at, expires_at FROM store_items WHERE workspace = $1 AND store = $2 AND key = $3`, workspace, store, key).Scan(&text, &at, &expires)
	if errors.Is(err, sql.ErrNoRows) || err == nil && expires.Valid && expires.Int64 <= now {
		return nil, nil
	}
	item.Value, item.At, item.Expires = json.RawMessage(text), time.UnixMilli(at).UTC(), moment(expires)
	return &item, err
}

func itemOr(item *value.DataItem) value.DataItem {
	if item == nil {
		return value.DataItem{}
	}
	return *item
}

func (s *Store) listItems(ctx context.Context, op value.DataOp, now int64) (value.DataAnswer, error) {
	limit := op.Limit
	if limit <= 0 {
		limit = 100
	}
	// A prefix is a range, which an index knows; the character behind every other closes it.
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT key, value, updated_at, expires_at FROM store_items WHERE workspace = $1 AND store = $2 AND key > $3 AND key >= $4 AND ($4 = '' OR key < $5)
		AND (expires_at IS NULL OR expires_at > $6) ORDER BY key LIMIT $7`, op.Workspace, op.Store, op.After, op.Prefix, op.Prefix+"\U0010ffff", now, limit+1)
	list, err := all(rows, err, func(rows *sql.Rows) (value.DataItem, error) {
		var item value.DataItem
		var text string
		var at int64
		var expires sql.NullInt64
		err := rows.Scan(&item.Key, &text, &at, &expires)
		item.Value, item.At, item.Expires = json.RawMessage(text), time.UnixMilli(at).UTC(), moment(expires)
		return item, err
	})
	answer := value.DataAnswer{Items: list}
	if len(list) > limit {
		answer.Items, answer.More = list[:limit], true
	}
	return answer, s.failed(err)
}

func setItem(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) (value.DataAnswer, error) {
	before, err := getItem(ctx, tx, op.Workspace, op.Store, op.Key, now)
	if err != nil {
		return value.DataAnswer{}, err
	}
	answer := value.DataAnswer{Found: before != nil, Before: itemOr(before), Item: itemOr(before)}
	if op.Only == "new" && before != nil || op.Only == "existing" && before == nil {
		return answer, nil
	}
	answer.Item, err = putItem(ctx, tx, op, op.Value, now)
	return answer, err
}

// putItem writes a value, and counts it where it is new.
func putItem(ctx context.Context, tx *sql.Tx, op value.DataOp, v json.RawMessage, now int64) (value.DataItem, error) {
	item := value.DataItem{Key: op.Key, Value: v, At: time.UnixMilli(now).UTC()}
	var expires any
	if op.For > 0 {
		item.Expires = item.At.Add(op.For)
		expires = item.Expires.UnixMilli()
	}
	var there int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM store_items WHERE workspace = $1 AND store = $2 AND key = $3`, op.Workspace, op.Store, op.Key).Scan(&there); err != nil {
		return item, err
	}
	if there == 0 {
		if err := countItem(ctx, tx, op, now); err != nil {
			return item, err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO store_items (workspace, store, key, value, updated_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (workspace, store, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, expires_at = excluded.expires_at`, op.Workspace, op.Store, op.Key, string(v), now, expires)
	return item, err
}

// countItem makes room for one more value in a store, which it makes where it is the first.
func countItem(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) error {
	var items int
	err := tx.QueryRowContext(ctx, `SELECT items FROM stores WHERE workspace = $1 AND slug = $2`, op.Workspace, op.Store).Scan(&items)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		var stores int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM stores WHERE workspace = $1`, op.Workspace).Scan(&stores); err != nil {
			return err
		}
		if stores >= mostStores {
			return fault.New(fault.TooLarge, "There are %d data stores, and no more can be made; use one with several keys.", stores)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO stores (workspace, slug, items, created_at) VALUES ($1, $2, 1, $3)`, op.Workspace, op.Store, now)
		return err
	case err != nil:
		return err
	case items >= mostItems:
		return fault.New(fault.TooLarge, "The data store %q holds %d values, and no more fit; delete some, or keep them for a time only.", shownStore(op.Store), items)
	}
	_, err = tx.ExecContext(ctx, `UPDATE stores SET items = items + 1 WHERE workspace = $1 AND slug = $2`, op.Workspace, op.Store)
	return err
}

func shownStore(slug string) string { return strings.TrimPrefix(slug, seenStore) }

func deleteItem(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) (value.DataAnswer, error) {
	before, err := getItem(ctx, tx, op.Workspace, op.Store, op.Key, now)
	if err != nil {
		return value.DataAnswer{}, err
	}
	result, err := tx.ExecContext(ctx, `DELETE FROM store_items WHERE workspace = $1 AND store = $2 AND key = $3`, op.Workspace, op.Store, op.Key)
	if err == nil {
		err = lessItems(ctx, tx, op.Workspace, op.Store, result)
	}
	return value.DataAnswer{Found: before != nil, Item: itemOr(before)}, err
}

func lessItems(ctx context.Context, tx *sql.Tx, workspace, store string, result sql.Result) error {
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE stores SET items = items - $1 WHERE workspace = $2 AND slug = $3`, n, workspace, store); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM stores WHERE workspace = $1 AND slug = $2 AND items <= 0`, workspace, store)
	return err
}

// addItem adds to a number, exactly: what is not there is zero.
func addItem(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) (value.DataAnswer, error) {
	before, err := getItem(ctx, tx, op.Workspace, op.Store, op.Key, now)
	if err != nil {
		return value.DataAnswer{}, err
	}
	sum, ok := new(big.Rat).SetString(op.By)
	if !ok {
		return value.DataAnswer{}, fault.New(fault.InvalidInput, "%q is no number to add.", fault.Clip(op.By, 40))
	}
	if before != nil {
		had, ok := new(big.Rat).SetString(string(before.Value))
		if !ok {
			return value.DataAnswer{}, fault.New(fault.InvalidInput, "The value of %q in the data store %q is %s, which is no number to add to.", fault.Clip(op.Key, 60), op.Store, fault.Clip(string(before.Value), 60))
		}
		sum.Add(sum, had)
	}
	digits, exact := sum.FloatPrec()
	text := sum.FloatString(digits)
	if !exact || len(text) > 100 {
		return value.DataAnswer{}, fault.New(fault.InvalidInput, "The sum at %q in the data store %q has too many digits.", fault.Clip(op.Key, 60), op.Store)
	}
	if before != nil && op.For == 0 && !before.Expires.IsZero() { // a count for an hour ends with its hour
		op.For = before.Expires.Sub(time.UnixMilli(now))
	}
	item, err := putItem(ctx, tx, op, json.RawMessage(text), now)
	return value.DataAnswer{Found: before != nil, Before: itemOr(before), Item: item}, err
}

// seeKeys remembers keys, and gives those that were known. A key that is known keeps its first time.
func seeKeys(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) (value.DataAnswer, error) {
	answer := value.DataAnswer{Known: []string{}}
	op.Store = seenStore + op.Store
	for _, key := range op.Keys {
		op.Key = key
		before, err := getItem(ctx, tx, op.Workspace, op.Store, key, now)
		if err != nil {
			return answer, err
		}
		if before != nil {
			answer.Known = append(answer.Known, key)
			if len(op.Keys) == 1 {
				answer.Item = *before
			}
			continue
		}
		if answer.Item, err = putItem(ctx, tx, op, json.RawMessage("true"), now); err != nil {
			return answer, err
		}
	}
	answer.Found = len(op.Keys) > 0 && len(answer.Known) == len(op.Keys)
	return answer, nil
}

// takeLock gives a lock to a run, where nobody has it, its time is over, or the run that had it has ended.
func takeLock(ctx context.Context, tx *sql.Tx, op value.DataOp, now int64) (value.DataAnswer, error) {
	var holder string
	var until int64
	err := tx.QueryRowContext(ctx, `SELECT l.run_id, l.until FROM locks l JOIN runs r ON r.id = l.run_id WHERE l.workspace = $1 AND l.store = $2 AND l.key = $3 AND l.until > $4 AND r.ended_at IS NULL`,
		op.Workspace, op.Store, op.Key, now).Scan(&holder, &until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return value.DataAnswer{}, err
	}
	if err == nil && holder != op.Run {
		return value.DataAnswer{Found: true, Holder: holder, Until: time.UnixMilli(until).UTC()}, nil
	}
	end := time.UnixMilli(now).Add(op.For).UTC()
	_, err = tx.ExecContext(ctx, `INSERT INTO locks (workspace, store, key, run_id, until) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace, store, key) DO UPDATE SET run_id = excluded.run_id, until = excluded.until`, op.Workspace, op.Store, op.Key, op.Run, end.UnixMilli())
	return value.DataAnswer{Holder: op.Run, Until: end}, err
}

func dropLock(ctx context.Context, tx *sql.Tx, op value.DataOp) (value.DataAnswer, error) {
	result, err := tx.ExecContext(ctx, `DELETE FROM locks WHERE workspace = $1 AND store = $2 AND key = $3 AND run_id = $4`, op.Workspace, op.Store, op.Key, op.Run)
	if err != nil {
		return value.DataAnswer{}, err
	}
	n, err := result.RowsAffected()
	return value.DataAnswer{Found: n > 0}, err
}

// DataStores lists a workspace's data stores.
func (s *Store) DataStores(ctx context.Context, actor run.Actor) ([]value.DataStore, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT slug, items FROM stores WHERE workspace = $1 AND slug NOT LIKE '~%' ORDER BY slug`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (d value.DataStore, err error) { return d, rows.Scan(&d.Slug, &d.Items) })
	return list, s.failed(err)
}

// ForgetData deletes values whose time is over, answers that nobody asks for any more and locks that nobody holds, at most so many
// of each, and says whether there may be more.
func (s *Store) ForgetData(ctx context.Context, limit int) (more bool, err error) {
	now := s.now()
	err = s.write(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `DELETE FROM store_items WHERE (workspace, store, key) IN (SELECT workspace, store, key FROM store_items WHERE expires_at IS NOT NULL AND expires_at <= $1 LIMIT $2) RETURNING workspace, store`, now, limit)
		type place struct{ workspace, store string }
		gone, err := all(rows, err, func(rows *sql.Rows) (p place, err error) { return p, rows.Scan(&p.workspace, &p.store) })
		if err != nil {
			return err
		}
		counts := map[place]int64{}
		for _, p := range gone {
			counts[p]++
		}
		for p, n := range counts {
			if err := lessItems(ctx, tx, p.workspace, p.store, counted(n)); err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM store_answers WHERE once IN (SELECT once FROM store_answers WHERE at <= $1 LIMIT $2)`, now-answeredFor.Milliseconds(), limit)
		if err != nil {
			return err
		}
		answers, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM locks WHERE until <= $1`, now); err != nil {
			return err
		}
		more = len(gone) == limit || answers == int64(limit)
		return nil
	})
	return more, err
}

// counted is a number of rows, as a database says it.
type counted int64

func (n counted) RowsAffected() (int64, error) { return int64(n), nil }
func (counted) LastInsertId() (int64, error)   { return 0, fmt.Errorf("no row was inserted") }
