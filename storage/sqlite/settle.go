package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stepmill/stepmill/engine/fault"
)

// settle writes the write-ahead log once more, byte for byte, and syncs it.
//
// When a sync fails, the system takes what it was for as written, although it may not be on the disk. The process that saw
// it fail refused those commits and writes over them; but one that is started after it died reads them from the system's
// memory, takes them for committed, and would build on what the disk does not have: a power cut then loses all that is
// acknowledged behind them. Written again, they are synced again.
//
// It holds the write lock, so that no other process appends to the log meanwhile. Beside a server that serves the directory
// there is nothing to do: it did this at its start, and which commits it refused is known to whoever shares the log with it.
func settle(ctx context.Context, db *sql.DB, path string, beside bool) error {
	if beside {
		release, err := Lock(filepath.Dir(path))
		if fault.CodeOf(err) == fault.Conflict {
			return nil
		}
		if err != nil {
			return err
		}
		defer release()
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	f, err := os.OpenFile(path+"-wal", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	piece := make([]byte, 128<<10)
	for at := int64(0); ; {
		n, err := f.ReadAt(piece, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 {
			return f.Sync()
		}
		if _, err := f.WriteAt(piece[:n], at); err != nil {
			return err
		}
		at += int64(n)
	}
}
