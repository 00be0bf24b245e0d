package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/blobs"
)

// runFiles are the files and the data stores that the steps of a scenario file make, as long as it runs.
type runFiles struct {
	mu    sync.Mutex
	root  string         // empty: nothing was made yet
	dir   *blobs.Dir     // nil: no file was
	store *storage.Store // nil: no data store was asked for
}

// within gives the folder for all of it, under the lock.
func (f *runFiles) within() (root string, err error) {
	if f.root == "" {
		f.root, err = os.MkdirTemp("", "stepmill-run-")
	}
	return f.root, err
}

func (f *runFiles) open() (*blobs.Dir, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dir != nil {
		return f.dir, nil
	}
	root, err := f.within()
	if err != nil {
		return nil, err
	}
	f.dir, err = blobs.Open(filepath.Join(root, blobs.Name), time.Now)
	return f.dir, err
}

// Data carries out an operation on a data store, which begins empty and ends with the run.
func (f *runFiles) Data(ctx context.Context, op value.DataOp) (value.DataAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.store == nil {
		root, err := f.within()
		if err != nil {
			return value.DataAnswer{}, err
		}
		data := dataDir{Data: filepath.Join(root, "data")}
		if f.store, err = data.open(ctx); err != nil {
			return value.DataAnswer{}, err
		}
	}
	return f.store.Data(ctx, op)
}

// RunFile opens a file that a step made.
func (f *runFiles) RunFile(_ context.Context, _, _, hash string) (io.ReadCloser, error) {
	dir, err := f.open()
	if err != nil {
		return nil, err
	}
	return dir.Open(hash)
}

// KeepRunFile keeps a file that a step makes.
func (f *runFiles) KeepRunFile(_ context.Context, runID string, r io.Reader) (value.Large, error) {
	dir, err := f.open()
	if err != nil {
		return value.Large{}, err
	}
	hash, size, err := dir.Put(runID, r)
	return value.Large{Hash: hash, Bytes: int(size)}, err
}

// Close takes the files away.
func (f *runFiles) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root == "" {
		return nil
	}
	var err error
	if f.dir != nil {
		err = f.dir.Close()
	}
	if f.store != nil {
		err = errors.Join(err, f.store.Close())
	}
	return errors.Join(err, os.RemoveAll(f.root))
}
