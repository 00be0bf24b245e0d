package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/stepmill/stepmill/engine/failpoint"
	"github.com/stepmill/stepmill/engine/fault"
)

const (
	checkpointPages = 4000 // of the log, some 16 MB, which a start after a crash reads
	logKept         = 64 << 20
	lookEvery       = 8 // transactions
	retryAfter      = time.Second
)

// writeAhead tends the write-ahead log. SQLite would write it back into the database inside the commit that makes it too
// long: who waits for that commit would wait for this too, and nobody would hear of its errors. So that is switched off,
// and it happens between two transactions, where it can fail without a word about either.
type writeAhead struct {
	path  string
	files map[string]os.FileInfo // the database and its log, as they were when it was opened
	pages int64
	log   *slog.Logger

	mu     sync.Mutex
	begun  int       // transactions since the log was looked at
	full   bool      // a transaction failed for want of the disk: an empty log may be room enough
	next   time.Time // after a failure; not before it
	failed bool      // the last time, which was said
}

func newWriteAhead(path string, log *slog.Logger) (*writeAhead, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	w := &writeAhead{path: path, files: map[string]os.FileInfo{}, pages: int64(failpoint.Or(failpoint.CheckpointPages, checkpointPages)), log: log, begun: lookEvery}
	for _, name := range []string{path, path + "-wal"} {
		file, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		w.files[name] = file
	}
	return w, nil
}

// begin starts the writer's transaction, and before it tends the log where that is due.
func (w *writeAhead) begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	if w.mu.TryLock() { // or somebody else is at it
		w.tend(ctx, db)
		w.mu.Unlock()
	}
	// What is committed into a file that was moved or deleted is nowhere to be found after a start.
	for name, was := range w.files {
		if now, err := os.Stat(name); err != nil || !os.SameFile(now, was) {
			return nil, fault.Wrap(err, fault.Unavailable, "The file %s was moved, replaced or deleted while it is served; nothing is taken. Put it back, or stop the server first.", name)
		}
	}
	return db.BeginTx(ctx, nil)
}

// tend looks at the log now and then, and writes it back when it is long. An error is no transaction's: the log holds
// what is durable, and it is tried again.
func (w *writeAhead) tend(ctx context.Context, db *sql.DB) {
	if w.begun++; w.begun < lookEvery && !w.full || time.Now().Before(w.next) {
		return
	}
	w.begun = 0
	ctx = context.WithoutCancel(ctx) // one caller who goes away must not cut it short for all
	length, back, err := checkpoint(ctx, db, "NOOP")
	if err == nil && w.due(length, length-back) {
		failpoint.Here(failpoint.CheckpointBefore)
		_, _, err = checkpoint(ctx, db, "PASSIVE")
		failpoint.Here(failpoint.CheckpointAfter)
	}
	if w.full || err != nil {
		w.next = time.Now().Add(retryAfter)
	}
	w.full = false
	if err != nil && !w.failed {
		w.log.Error("the log of the database cannot be written back, and grows; it is tried again every second", "error", err)
	}
	w.failed = err != nil
}

// due says that a log of some length, with some pages that are not in the database yet, is to be written back. One that
// readers kept from beginning anew is written back more often, so that the moment comes in which it can.
func (w *writeAhead) due(length, missing int64) bool {
	return missing >= w.pages || length >= 2*w.pages && missing >= w.pages/8 || w.full && missing > 0
}

// checkpoint gives the pages in the log and those of them that are in the database.
func checkpoint(ctx context.Context, db *sql.DB, mode string) (length, back int64, err error) {
	var busy int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &length, &back)
	return length, back, err
}

// classify says what an error of the database means, and notes one that an empty log may mend.
func (w *writeAhead) classify(err error) fault.Code {
	var lite sqlite3.Error
	if !errors.As(err, &lite) {
		return ""
	}
	switch lite.Code {
	case sqlite3.ErrConstraint:
		return fault.Conflict
	case sqlite3.ErrFull, sqlite3.ErrIoErr:
		w.mu.Lock()
		w.full = true
		w.mu.Unlock()
		return fault.Unavailable
	case sqlite3.ErrReadonly, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrCantOpen, sqlite3.ErrNomem, sqlite3.ErrProtocol:
		return fault.Unavailable
	}
	return ""
}
