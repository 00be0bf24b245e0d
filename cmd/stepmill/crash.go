package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/stepmill/stepmill/storage"
)

// crashFile is where the Go runtime writes what it has to say when the process ends by a defect of its own: a panic that
// nobody caught, an exhausted stack, memory that is not to be had. It is empty after every other end.
const crashFile = "crash.txt"

// notice looks whether the process that served the directory before crashed by itself, keeps what it said in the folder
// crashes, or was killed for want of memory, and counts that against the runs that it was moving: one that is always among them
// is set aside in the end. From then on this process's own crash is written down.
func (c *serveCmd) notice(ctx context.Context, store *storage.Store, kills memoryKills, log *slog.Logger) error {
	path := filepath.Join(c.Data, crashFile)
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && info.Size() > 0 {
		n, err := store.Strike(ctx)
		if err != nil {
			return err
		}
		kept := filepath.Join(c.Data, "crashes", info.ModTime().UTC().Format("20060102T150405.000")+".txt")
		if err := errors.Join(os.MkdirAll(filepath.Dir(kept), 0o700), os.Rename(path, kept)); err != nil {
			return err
		}
		log.Error("the process that served this directory before crashed; what it said is kept", "file", kept, "runs_moving", n, "at", info.ModTime().UTC().Format(time.RFC3339))
	} else if killed, err := c.killed(kills); err != nil {
		return err
	} else if killed {
		n, err := store.Strike(ctx)
		if err != nil {
			return err
		}
		log.Error("the process that served this directory before was killed while the system was out of memory; give it more, or let fewer large values move at once", "runs_moving", n)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // the runtime has its own
	return debug.SetCrashOutput(f, debug.CrashOptions{})
}
