package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/stepmill/stepmill/engine/fault"
)

// Lock keeps a second server off a data directory. The kernel gives it back when the process dies, however it dies.
func Lock(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The data directory %s cannot be made.%s", dir, remedy(err, filepath.Dir(dir)))
	}
	f, err := os.OpenFile(filepath.Join(dir, "stepmill.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The data directory %s cannot be written.%s", dir, remedy(err, dir))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 20))
		f.Close()
		return nil, fault.Wrap(err, fault.Conflict, "Another Stepmill (process %s) serves the data directory %s.", strings.TrimSpace(string(holder)), dir)
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return func() { f.Close() }, nil
}

// remedy says what to do about a directory that cannot be written; empty: that is not known.
func remedy(err error, dir string) string {
	switch {
	case errors.Is(err, syscall.EROFS):
		return " Its file system is mounted read-only: mount it writable, or choose another place with --data."
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf(" Give %s and what is in it to the user that Stepmill runs as (user id %d), or choose another place with --data.", dir, os.Getuid())
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return " The disk is full: make room, or choose another place with --data."
	}
	return ""
}
