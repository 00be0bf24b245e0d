package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
