package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// Ballast is a data directory in which a file takes up some room, so that there is some to free when the disk is full:
// deleting needs room too.
type Ballast string

const ballastSize = 16 << 20

func (b Ballast) path() string { return filepath.Join(string(b), "ballast") }

// Fill makes the file where it is not there. A disk without room for it stays without.
func (b Ballast) Fill() error {
	if _, err := os.Stat(b.path()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(b.path(), make([]byte, ballastSize), 0o600); err != nil {
		os.Remove(b.path())
	}
	return nil
}

// Drop frees the room; false: there was none.
func (b Ballast) Drop() bool { return os.Remove(b.path()) == nil }

// spareSize is what opening a database needs where its disk is full: the index of its log, and a little more.
const spareSize = 1 << 20

func sparePath(dir string) string { return filepath.Join(dir, "spare") }

// keepRoom keeps a file that gives up its room when the database is opened on a full disk. A disk without that much room stays
// without it.
func keepRoom(dir string) {
	if _, err := os.Stat(sparePath(dir)); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := os.WriteFile(sparePath(dir), make([]byte, spareSize), 0o600); err != nil {
		os.Remove(sparePath(dir))
	}
}

// makeRoom frees what is kept for a full disk; false: there is nothing.
func makeRoom(dir string) bool {
	spare := os.Remove(sparePath(dir)) == nil
	return Ballast(dir).Drop() || spare
}

func fullDisk(err error) bool {
	var lite sqlite3.Error
	return errors.As(err, &lite) && (lite.Code == sqlite3.ErrFull || lite.Code == sqlite3.ErrIoErr && lite.SystemErrno == syscall.ENOSPC)
}
