package sqlite

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/stepmill/stepmill/engine/fault"
)

// Lock keeps a second server off a data directory. The kernel gives it back when the process dies, however it dies.
func Lock(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The data directory %s cannot be made.", dir)
	}
	f, err := os.OpenFile(filepath.Join(dir, "stepmill.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The lock file in %s cannot be opened.", dir)
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
