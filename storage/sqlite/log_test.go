package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage/sqlite"
)

// crashed gives a directory as a crash leaves one: the last commits stand in the log only.
func crashed(t *testing.T) string {
	t.Helper()
	dir, left := t.TempDir(), t.TempDir()
	s := open(t, dir)
	if _, err := s.CreateScenario(t.Context(), run.SystemActor("default"), scenario.Stored{Slug: "s", Name: "s", Draft: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(left, sqlite.File+"-shm"))
	return left
}

// TestSettle: what a crash left in the log is written again before anything is built on it, and stays what it was.
func TestSettle(t *testing.T) {
	dir := crashed(t)
	path := filepath.Join(dir, sqlite.File+"-wal")
	before, err := os.ReadFile(path)
	if err != nil || len(before) == 0 {
		t.Fatal(len(before), err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if _, err := s.Scenario(t.Context(), run.SystemActor("default"), "s"); err != nil {
		t.Error(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(after, before) {
		t.Errorf("what the log held was changed: %d bytes, then %d: %v", len(before), len(after), err)
	}
	if info, err := os.Stat(path); err != nil || !info.ModTime().After(old.Add(time.Minute)) {
		t.Errorf("the log was not written: %v %v", info.ModTime(), err)
	}
}

// TestSettleMeetsAnother: a command that opens the directory of a server does not write over what the server writes.
func TestSettleMeetsAnother(t *testing.T) {
	dir := t.TempDir()
	release, err := sqlite.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	s := open(t, dir)
	done := make(chan error, 1)
	stop := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := s.Heartbeat(t.Context(), "me", time.Now()); err != nil {
				done <- err
				return
			}
			time.Sleep(time.Millisecond) // or the other never finds the lock free
		}
	}()
	for range 20 {
		other, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t), Beside: true})
		if err != nil {
			t.Fatal(err)
		}
		other.Close()
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	whole(t, raw(t, dir))
}

func whole(t *testing.T, db *sql.DB) {
	t.Helper()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("%s %v", verdict, err)
	}
}

// TestLogIsBounded: the log is written back when it is long, also while readers come and go.
func TestLogIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	sc, err := s.CreateScenario(t.Context(), run.SystemActor("default"), scenario.Stored{Slug: "s", Name: "s", Draft: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	longest := int64(0)
	for n := range 300 {
		id := run.Event{ID: "event" + time.Now().Format("150405.000000000"), Workspace: "default", ScenarioID: sc.ID, Trigger: "t", Outcome: run.Filtered, Value: bytes.Repeat([]byte("x"), 300<<10)}
		if err := s.Commit(t.Context(), []*run.Write{{Accept: &run.Accept{Event: id}}})[0]; err != nil {
			t.Fatal(n, err)
		}
		if _, err := s.Event(t.Context(), run.SystemActor("default"), id.ID); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(dir, sqlite.File+"-wal")); err == nil {
			longest = max(longest, info.Size())
		}
	}
	if longest > 40<<20 {
		t.Errorf("90 MB were written, and the log grew to %d MB", longest>>20)
	}
}

// TestLetGo: whoever goes away in the middle of a write takes nothing from the writer's connection that was set on it.
func TestLetGo(t *testing.T) {
	s, write, err := sqlite.OpenBoth(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: sealer(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*10*time.Microsecond)
		s.CreateScenario(ctx, run.SystemActor("default"), scenario.Stored{Slug: fmt.Sprint("s", n), Name: "s", Draft: []byte("{}")})
		cancel()
	}
	for pragma, want := range map[string]int{"wal_autocheckpoint": 0, "synchronous": 2, "journal_size_limit": 64 << 20} {
		var got int
		if err := write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %d, not %d: %v", pragma, got, want, err)
		}
	}
}
