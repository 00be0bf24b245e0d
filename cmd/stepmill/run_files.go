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
	"github.com/stepmill/stepmill/storage/blobs"
)

// runFiles are the files that the steps of a scenario file make, as long as it runs.
type runFiles struct {
	mu   sync.Mutex
	root string
	dir  *blobs.Dir // nil: none was made yet
}

func (f *runFiles) open() (*blobs.Dir, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dir != nil {
		return f.dir, nil
	}
	root, err := os.MkdirTemp("", "stepmill-run-")
	if err != nil {
		return nil, err
	}
	f.root = root
	f.dir, err = blobs.Open(filepath.Join(root, blobs.Name), time.Now)
	return f.dir, err
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
	return errors.Join(err, os.RemoveAll(f.root))
}
