// Package storage keeps everything that Stepmill remembers: the SQL, once, beside the method that runs it, with $N
// parameters that SQLite and PostgreSQL both take. It decides nothing, and every method answers from the workspace of
// the actor who asks.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Sealer closes secrets before they are kept and opens them again. Place says where the secret lies, so that one that
// was moved elsewhere does not open.
type Sealer interface {
	Seal(plain []byte, place string) ([]byte, error)
	Open(sealed []byte, place string) ([]byte, error)
}

// Dialect is what differs between databases.
type Dialect struct {
	// Classify says what a database's error means; "" where it is nothing special.
	Classify func(error) fault.Code
	// Begin starts the writer's transaction.
	Begin func(ctx context.Context, db *sql.DB) (*sql.Tx, error)
	// Size gives the bytes that are used and those that are free within the files; nil: not known.
	Size func(ctx context.Context, db *sql.DB) (used, free int64, err error)
	// Shrink gives free bytes back to the disk, a few at a time; nil: that happens by itself.
	Shrink func(ctx context.Context, db *sql.DB) error
}

// Config is what a store is made of.
type Config struct {
	Write   *sql.DB // one connection
	Read    *sql.DB
	Dialect Dialect
	Sealer  Sealer
	Blobs   Blobs // nil: nothing is kept apart
	Now     func() time.Time
}

// Store is the one store. Its methods are safe for concurrent use, but for Commit, which the engine's writer calls.
type Store struct {
	cfg Config
	hot hot // the prepared statements of Commit

	// Only Commit touches these, and one goroutine calls it.
	pos     int64            // of the last entry stored
	numbers map[string]int64 // of the last run, by scenario id
	written []byte           // where entries are written before they are kept; of the one goroutine that commits
	rows    []row            // likewise, where they lie there
	unsure  bool             // whether they are right: a commit failed
}

// New makes a store over an open database whose schema is current.
func New(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Store{cfg: cfg, numbers: map[string]int64{}}
	if err := s.hot.prepare(ctx, cfg.Write); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The database cannot be used.")
	}
	pos, err := s.LastPos(ctx)
	if err != nil {
		return nil, err
	}
	s.pos = pos
	return s, nil
}

// Close gives the database back.
func (s *Store) Close() error {
	s.hot.close()
	if s.cfg.Blobs != nil {
		defer s.cfg.Blobs.Close()
	}
	return errors.Join(s.cfg.Read.Close(), s.cfg.Write.Close())
}

func (s *Store) now() int64 { return s.cfg.Now().UnixMilli() }

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// write runs do in one transaction of the writer. One that is let go of in the middle takes the connection with it, and what
// was set on that: so once it has begun, only what do asks for can be cut.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := s.cfg.Dialect.Begin(context.WithoutCancel(ctx), s.cfg.Write)
	if err != nil {
		return s.failed(err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return s.failed(err)
	}
	return s.failed(tx.Commit())
}

// failed turns a database's error into one that people and the engine understand. A fault stays what it is.
func (s *Store) failed(err error) error {
	var own *fault.Error
	switch {
	case err == nil || errors.As(err, &own):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return fault.Wrap(err, fault.NotFound, "There is no such thing here.")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	switch code := s.cfg.Dialect.Classify(err); code {
	case fault.Conflict:
		return fault.Wrap(err, fault.Conflict, "There is already one of that name.")
	case fault.Unavailable:
		return fault.Wrap(err, fault.Unavailable, "The database cannot be written; is the disk full?")
	}
	return fault.Wrap(err, fault.Internal, "The database failed.")
}

// one scans the single row of a query, absent being NotFound with the given sentence.
func one(row *sql.Row, absent *fault.Error, into ...any) error {
	err := row.Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return absent
	}
	return err
}

// all scans each row of a query.
func all[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// millis gives a time as it is stored; zero is null.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// moment reads a stored time; null is the zero time.
func moment(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMilli(v.Int64).UTC()
}

// place is where a secret lies, for the seal.
func place(table, column string, actor run.Actor, id string) string {
	return table + "|" + column + "|" + actor.Workspace + "|" + id
}
