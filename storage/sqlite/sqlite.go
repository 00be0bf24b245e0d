// Package sqlite opens the store on one SQLite file: its pragmas, its schema, and the checks without which "durable"
// would be a word. What is kept and how is the storage package's matter.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/stepmill/stepmill/engine/failpoint"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/blobs"
)

// File is the database's name in a data directory.
const File = "stepmill.db"

// oldest is the first SQLite that does not corrupt a WAL written by two connections (fixed in 3.51.3).
var oldest = [3]int{3, 51, 3}

// Config says where the database is.
type Config struct {
	Dir    string // the data directory; made when it is not there
	Sealer storage.Sealer
	Now    func() time.Time // nil: time.Now
	Beside bool             // a server may serve the directory at the same time; else the caller has it by Lock, or alone
	Log    *slog.Logger     // nil: nothing is said
}

// Open opens the database of a data directory, brings its schema up to date and checks that what it acknowledges is on
// disk.
func Open(ctx context.Context, cfg Config) (*storage.Store, error) {
	store, _, err := open(ctx, cfg)
	return store, err
}

// open gives the writing connection too, which tests reach under the store with.
func open(ctx context.Context, cfg Config) (*storage.Store, *sql.DB, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, nil, fault.Wrap(err, fault.Unavailable, "The data directory %s cannot be made.", cfg.Dir)
	}
	if err := local(cfg.Dir, fileSystem); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(cfg.Dir, File)
	if err := orphaned(cfg.Dir, path); err != nil {
		return nil, nil, err
	}
	write, err := Bare(path)
	if err != nil {
		return nil, nil, opening(path, err)
	}
	err = prepare(ctx, write, path, cfg.Beside)
	if fullDisk(err) && makeRoom(cfg.Dir) { // the log's index needs some before anything can be read
		err = prepare(ctx, write, path, cfg.Beside)
	}
	if err != nil {
		write.Close()
		return nil, nil, opening(path, err)
	}
	private(path)
	read, err := sql.Open("sqlite3", dsn(path, "mode=ro&_query_only=1"))
	if err != nil {
		write.Close()
		return nil, nil, opening(path, err)
	}
	readers := max(4, runtime.NumCPU())
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	large, err := blobs.Open(filepath.Join(cfg.Dir, blobs.Name), now)
	var ahead *writeAhead
	if err == nil {
		ahead, err = newWriteAhead(path, cfg.Log)
	}
	var store *storage.Store
	if err == nil {
		store, err = storage.New(ctx, storage.Config{Write: write, Read: read, Dialect: dialect(ahead), Sealer: cfg.Sealer, Blobs: large, Now: now})
	}
	if err != nil {
		read.Close()
		write.Close()
		return nil, nil, opening(path, err)
	}
	keepRoom(cfg.Dir)
	return store, write, nil
}

// private lets nobody read the database but the account that the server runs under: SQLite makes its files as the umask says, and a
// directory may be opened by whoever looks after it. Where another account owns them they stay as they are.
func private(path string) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if about, err := os.Stat(name); err == nil && about.Mode().Perm()&0o077 != 0 {
			_ = os.Chmod(name, 0o600)
		}
	}
}

// Bare opens a file with the writer's pragmas and nothing else: what the benchmark's floor writes into.
func Bare(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn(path, "_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_auto_vacuum=incremental&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	db.SetConnMaxLifetime(0)
	return db, nil
}

// dsn names the file. The writer's settings are what durability rests on: the driver's own default is
// synchronous=NORMAL, which loses the last commits at a power cut. SQLite need not lock a connection at each of its calls:
// database/sql lets one goroutine at a time have it.
func dsn(path, more string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=5000&_mutex=no&" + more
}

// prepare checks the library and the pragmas, settles what a crash left, and migrates.
func prepare(ctx context.Context, db *sql.DB, path string, beside bool) error {
	version, _, _ := sqlite3.Version()
	if !recent(version) {
		return fault.New(fault.Internal, "This build has SQLite %s; Stepmill needs %d.%d.%d or later.", version, oldest[0], oldest[1], oldest[2])
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA journal_size_limit = %d; PRAGMA wal_autocheckpoint = 0", logKept)); err != nil {
		return err
	}
	if err := settle(ctx, db, path, beside); err != nil {
		return err
	}
	if err := migrate(ctx, db, path); err != nil {
		return err
	}
	if err := undamaged(ctx, db, path, beside); err != nil {
		return err
	}
	for _, p := range []struct{ pragma, want string }{{"journal_mode", "wal"}, {"synchronous", "2"}, {"mmap_size", "0"}, {"foreign_keys", "1"}} {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+p.pragma).Scan(&got); err != nil {
			return err
		}
		if got != p.want {
			return fault.New(fault.Internal, "The database has %s=%s where %s is needed: what it acknowledged could be lost. Does the file system support it?", p.pragma, got, p.want)
		}
	}
	return nil
}

func recent(version string) bool {
	for i, part := range strings.SplitN(version, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil || n < oldest[i] {
			return false
		}
		if n > oldest[i] {
			return true
		}
	}
	return true
}

func opening(path string, err error) error {
	var own *fault.Error
	if errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	if fullDisk(err) {
		return fault.Wrap(err, fault.Unavailable, "The disk that %s is on is full. Nothing is lost: make some megabytes of room on it, and start again.", path)
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		switch lite.Code {
		case sqlite3.ErrNotADB:
			return fault.Wrap(err, fault.InvalidInput, "%s is no database of Stepmill. Move it away, or give another --data.", path)
		case sqlite3.ErrCantOpen, sqlite3.ErrPerm, sqlite3.ErrReadonly:
			return fault.Wrap(err, fault.Unavailable, "%s cannot be opened for writing. Is it a file, and may this user write in its directory?", path)
		case sqlite3.ErrCorrupt:
			return fault.Wrap(err, fault.Internal, "%s is damaged. Restore a backup.", path)
		}
	}
	return fault.Wrap(err, fault.Internal, "The database %s cannot be opened.", path)
}

// Interrupted says that what failed was cut off by its context.
func Interrupted(err error) bool {
	var lite sqlite3.Error
	return errors.As(err, &lite) && lite.Code == sqlite3.ErrInterrupt
}

func dialect(ahead *writeAhead) storage.Dialect {
	return storage.Dialect{
		Begin: ahead.begin,
		Size: func(ctx context.Context, db *sql.DB) (used, free int64, err error) {
			var pages, unused, size int64
			err = db.QueryRowContext(ctx, "SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count), (SELECT page_size FROM pragma_page_size)").Scan(&pages, &unused, &size)
			return (pages - unused) * size, unused * size, err
		},
		Shrink: func(ctx context.Context, db *sql.DB) error {
			rows, err := db.QueryContext(ctx, "PRAGMA incremental_vacuum(200)") // some 20 ms
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() { // each one gives a page back
			}
			return rows.Err()
		},
		Classify: ahead.classify,
	}
}

// checkedUpTo is how large a database is checked at the start: that is a tenth of a second or two.
const checkedUpTo = 256 << 20

// undamaged checks the pages of a database that is not too large for it. A damaged one is not served: what is built on it
// could be lost.
func undamaged(ctx context.Context, db *sql.DB, path string, beside bool) error {
	info, err := os.Stat(path)
	if err != nil || beside || info.Size() > checkedUpTo {
		return err
	}
	var verdict string
	err = db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict)
	switch {
	case err == nil && verdict == "ok":
		return nil
	case ctx.Err() != nil: // the check was not finished, which says nothing
		return ctx.Err()
	}
	return fault.New(fault.Internal, "The database %s is damaged: a page of it is not what was written. Check the disk, and restore a backup.", path)
}

// migrate brings the schema up to date, one migration a transaction, forward only.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have == 0 && made(filepath.Dir(path)) {
		return emptied(filepath.Dir(path), "the mark of a database ("+madeName+")")
	}
	if have > len(migrations) {
		return fault.New(fault.Conflict, "The data has schema %d, and this Stepmill knows up to %d: it was written by a newer one. Update Stepmill.", have, len(migrations))
	}
	for i := have; i < len(migrations); i++ {
		if err := migrateOne(ctx, db, i); err != nil {
			return err
		}
		failpoint.Here(failpoint.MigrationAfter)
	}
	if have == len(migrations) {
		return mark(filepath.Dir(path))
	}
	// From here on the database itself says what it is, also where its log gets lost. A reader that holds this up does no harm.
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	return mark(filepath.Dir(path))
}

func migrateOne(ctx context.Context, db *sql.DB, i int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, migrations[i]+fmt.Sprintf("; PRAGMA user_version = %d", i+1)); err != nil {
		return fault.Wrap(err, fault.Internal, "Migration %d of the schema failed.", i+1)
	}
	failpoint.Here(failpoint.MigrationBefore)
	return tx.Commit()
}
