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
	takeRoom(b.path(), ballastSize)
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
	takeRoom(sparePath(dir), spareSize)
}

// takeRoom makes a file of so many bytes, or none where the disk has no room for it.
func takeRoom(path string, size int) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	some := make([]byte, 64<<10) // written, not skipped: a file of holes takes no room
	for n := 0; n < size && err == nil; n += len(some) {
		_, err = f.Write(some)
	}
	if errors.Join(err, f.Close()) != nil {
		os.Remove(path)
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
