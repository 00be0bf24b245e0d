package main

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// TestEngine holds the embedded executor on SQLite to what any executor must do.
func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) enginetest.Bench {
		v, err := vault.New(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: v})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			holdsNo(t, dir, enginetest.Secret)
			leavesNothing(t, store, dir)
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			holdsNo(t, dir, enginetest.Secret)
		})
		return &bench{t: t, store: store}
	})
}

// leavesNothing deletes what has ended and fails where something is kept apart afterwards that nothing refers to.
func leavesNothing(t *testing.T, store *storage.Store, dir string) {
	ctx := context.Background()
	runs, err := store.OldestRuns(ctx, "", 10_000)
	if err != nil {
		t.Error(err)
	}
	for _, o := range runs {
		if o.EndedAt.IsZero() {
			return
		}
		if _, err := store.Forget(ctx, []run.Old{o}, time.Second); err != nil {
			t.Error(err)
		}
	}
	live, err := store.Live(ctx)
	if err != nil {
		t.Error(err)
	}
	for _, s := range live {
		if _, err := store.ForgetEvents(ctx, s.Workspace, s.ID, time.Now().Add(time.Hour), 10_000); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := store.SweepBlobs(ctx, false); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "blobs", "*", "*")); len(left) > 0 {
		t.Errorf("%d values are kept apart that nothing refers to", len(left))
	}
}

// holdsNo fails where a file of a directory has a text in it.
func holdsNo(t *testing.T, dir, text string) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			t.Errorf("%s holds what is masked", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// listener holds what is told to a feed to the order and the whole of it: positions grow by one.
type listener struct {
	t    *testing.T
	last int64
}

func (l *listener) Publish(entries []run.FeedEntry) {
	for _, e := range entries {
		if l.last != 0 && e.Pos != l.last+1 {
			l.t.Errorf("after position %d the feed is told %d, %s of the run %s", l.last, e.Pos, e.Kind, e.Run)
		}
		l.last = e.Pos
	}
}

type bench struct {
	t     *testing.T
	store *storage.Store
}

func (b *bench) Store() enginetest.Store { return b.store }

func (b *bench) Start(invoker enginetest.Invoker) (enginetest.Executor, func(), func()) {
	if err := b.store.ForgetLeases(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	e := engine.New(engine.Config{Store: b.store, Invoker: invoker, Listeners: []engine.Listener{&listener{t: b.t}}, Blobs: b.store, Owner: engine.NewID(), Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		e.Serve(ctx, 10*time.Second)
		close(done)
	}()
	stop := func() {
		cancel()
		<-done
		e.Close()
	}
	return e, stop, func() { e.Kill(); stop() }
}
