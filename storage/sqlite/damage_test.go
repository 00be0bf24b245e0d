package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
)

// stored makes a run with an event and a journal, and gives its id.
func stored(t *testing.T, s *storage.Store) run.Run {
	t.Helper()
	sc, err := s.CreateScenario(t.Context(), run.SystemActor("default"), scenario.Stored{Slug: "s", Name: "s", Draft: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	r := run.Run{ID: "r", Workspace: "default", ScenarioID: sc.ID, Version: 1, Trigger: "t", EventID: "e", Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: time.Now()}
	w := &run.Write{Accept: &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, Data: run.Data{Event: "e"}}},
		Event: run.Event{ID: "e", Workspace: "default", ScenarioID: sc.ID, Trigger: "t", Outcome: run.Accepted, RunID: "r", Value: []byte(`{"text":"` + string(bytes.Repeat([]byte("word "), 100)) + `"}`)}}}
	if err := s.Commit(t.Context(), []*run.Write{w})[0]; err != nil {
		t.Fatal(err)
	}
	return r
}

// takenUp reads all that a run is taken up from.
func takenUp(t *testing.T, s *storage.Store) (run.Replay, error) {
	t.Helper()
	in, err := s.Replay(t.Context(), "r")
	if err != nil {
		return in, err
	}
	for _, err := range in.Entries {
		if err != nil {
			return in, err
		}
	}
	return in, nil
}

// TestFlippedBytes is R21: every byte that changes in what a run is taken up from is noticed when it is read.
func TestFlippedBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	stored(t, s)
	db := raw(t, dir)
	dice := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ table, column, where string }{{"journal", "data", "run_id = 'r'"}, {"events", "value", "id = 'e'"}} {
		var was string
		if err := db.QueryRow(fmt.Sprintf("SELECT %s FROM %s WHERE %s", c.column, c.table, c.where)).Scan(&was); err != nil {
			t.Fatal(err)
		}
		write := func(text string) {
			if _, err := db.Exec(fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s", c.table, c.column, c.where), text); err != nil {
				t.Fatal(err)
			}
		}
		for range 500 {
			b := []byte(was)
			at := dice.IntN(len(b))
			b[at] ^= 1 << dice.IntN(7)
			write(string(b))
			in, err := takenUp(t, s)
			if err == nil && c.table == "events" && bytes.Equal(in.Value, b) { // the mark itself: then it is no JSON
				continue
			}
			if fault.CodeOf(err) != fault.Internal {
				t.Fatalf("%s with byte %d changed is read: %v\n%s", c.table, at, err, b)
			}
		}
		write(was)
		if _, err := takenUp(t, s); err != nil {
			t.Fatal(err)
		}
		write(was[:len(was)-9]) // as a release without checksums wrote it
		if _, err := takenUp(t, s); err != nil {
			t.Error(err)
		}
	}
}

// TestDamagedFile is §2.H 53: a database with a damaged page is not served.
func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	stored(t, s)
	s.Close()
	path := filepath.Join(dir, sqlite.File)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	refused := 0
	for at := page; at+page <= len(data); at += page {
		damaged := bytes.Clone(data)
		copy(damaged[at:], bytes.Repeat([]byte{0xa5}, 64)) // the head of a page
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t)})
		if err == nil {
			s.Close()
			continue // a page that is free
		}
		if refused++; fault.CodeOf(err) != fault.Internal {
			t.Errorf("page %d: %v", at/page, err)
		}
	}
	if refused < len(data)/page/2 {
		t.Errorf("of %d damaged pages %d were noticed", len(data)/page-1, refused)
	}
}

// TestFilesGone is §2.H 53: what becomes of a database whose files go away under it.
func TestFilesGone(t *testing.T) {
	t.Run("its log, while nobody has it open", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		stored(t, s)
		s.Close()
		os.Remove(filepath.Join(dir, sqlite.File+"-wal"))
		s = open(t, dir)
		if _, err := s.Run(t.Context(), run.SystemActor("default"), "r"); err != nil {
			t.Error(err)
		}
	})
	t.Run("it is renamed while it is served", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		r := stored(t, s)
		if err := os.Rename(filepath.Join(dir, sqlite.File), filepath.Join(dir, "elsewhere.db")); err != nil {
			t.Fatal(err)
		}
		r.Seq = 2
		w := &run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: []run.Entry{{Seq: 2, Kind: run.RunStarted}}}}
		if err := s.Commit(t.Context(), []*run.Write{w})[0]; err == nil {
			t.Error("a commit is said to be durable in a file that is nowhere to be found")
		}
	})
}
