package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/storage/blobs"
)

// orphaned refuses a directory that holds what belongs to a database, but not the database: beginning a new one there would
// look as if everything were gone, and let go of what is left of the old one.
func orphaned(dir, path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil
	}
	what := ""
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		what = "the log of a database (" + filepath.Base(path) + "-wal)"
	} else if made(dir) {
		what = "the mark of a database (" + madeName + ")"
	} else if any, err := holdsFiles(filepath.Join(dir, blobs.Name)); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The directory %s cannot be read.", filepath.Join(dir, blobs.Name))
	} else if any {
		what = "large values of an installation (the directory " + blobs.Name + ")"
	}
	if what == "" {
		return nil
	}
	return emptied(dir, what)
}

// holdsFiles says whether there is a file anywhere below a directory. One that is not there holds none.
func holdsFiles(dir string) (any bool, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && entry.Type().IsRegular() {
			any, err = true, fs.SkipAll
		}
		return err
	})
	return any, err
}

func emptied(dir, what string) error {
	return fault.New(fault.Conflict, "The data directory %s holds %s, but its database %s is missing or empty. Restore that file from a backup, with the log that belongs to it; to begin anew, move the directory away first.", dir, what, File)
}

// madeName is a file that says that a database was made in its directory: an empty one there is none that is new.
const madeName = "stepmill.made"

func made(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, madeName))
	return err == nil
}

// mark says that a database is made.
func mark(dir string) error {
	if made(dir) {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(dir, madeName), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Holds says that a data directory has held a database.
func Holds(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, File))
	return made(dir) || err == nil && info.Size() > 0
}
