package sqlite

import (
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
	} else if any, err := holdsFiles(filepath.Join(dir, blobs.Name)); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The directory %s cannot be read.", filepath.Join(dir, blobs.Name))
	} else if any {
		what = "large values of an installation (the directory " + blobs.Name + ")"
	}
	if what == "" {
		return nil
	}
	return fault.New(fault.Conflict, "The data directory %s holds %s, but its database %s is missing or empty. Restore that file from a backup; to begin anew, move the directory away first.", dir, what, File)
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
