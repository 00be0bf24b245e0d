package sqlite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	for name, c := range map[string]struct {
		happens func(path string) error
		back    func(path string) error // nil: it cannot be undone
	}{
		"it is renamed while it is served": {func(path string) error { return os.Rename(path, path+"x") }, func(path string) error { return os.Rename(path+"x", path) }},
		"it is deleted while it is served": {os.Remove, nil},
		"another stands in its place": {func(path string) error {
			data, err := os.ReadFile(path)
			if err == nil {
				err = os.Rename(path, path+"x")
			}
			if err == nil {
				err = os.WriteFile(path, data, 0o600)
			}
			return err
		}, func(path string) error { return os.Rename(path+"x", path) }},
		"its log is deleted while it is served": {func(path string) error { return os.Remove(path + "-wal") }, nil},
		"its log is renamed while it is served": {func(path string) error { return os.Rename(path+"-wal", path+"x") }, func(path string) error { return os.Rename(path+"x", path+"-wal") }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			r := stored(t, s)
			r.Seq = 2
			w := &run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: []run.Entry{{Seq: 2, Kind: run.RunStarted}}}}
			if err := c.happens(filepath.Join(dir, sqlite.File)); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(t.Context(), []*run.Write{w})[0]; fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("a commit into a file that is nowhere to be found: %v", err)
			}
			if c.back == nil {
				return
			}
			if err := c.back(filepath.Join(dir, sqlite.File)); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit(t.Context(), []*run.Write{w})[0]; err != nil {
				t.Errorf("when it is back: %v", err)
			}
			s.Close()
			if _, err := open(t, dir).Run(t.Context(), run.SystemActor("default"), "r"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReadOnly is §2.H 53: on a disk that takes no writes nothing is opened, nothing is acknowledged, and it goes on when the
// disk takes them again.
func TestReadOnly(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m"); err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatalf("a disk of its own cannot be mounted: %v", err)
		}
		t.Skipf("a disk of its own cannot be mounted, which needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	writable := func(yes bool) error {
		flags := uintptr(syscall.MS_REMOUNT)
		if !yes {
			flags |= syscall.MS_RDONLY
		}
		return syscall.Mount("tmpfs", disk, "tmpfs", flags, "")
	}
	dir := filepath.Join(disk, "data")
	s := open(t, dir)
	stored(t, s)
	s.Close()
	if err := writable(false); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"what is there": dir, "what is to be made": filepath.Join(disk, "other")} {
		s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t)})
		if err == nil {
			s.Close()
		}
		if fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if release, err := sqlite.Lock(dir); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(fault.MessageOf(err), "--data") {
			t.Errorf("%s, its lock: %v", name, err)
			if err == nil {
				release()
			}
		}
	}
	if err := writable(true); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Run(t.Context(), run.SystemActor("default"), "r"); err != nil {
		t.Error(err)
	}
}

// TestRemote is §2.H 53: a directory on another machine is refused, one on this one is not. The numbers are those of statfs(2).
func TestRemote(t *testing.T) {
	for number, name := range map[uint32]string{0x6969: "NFS", 0xff534d42: "CIFS", 0xfe534d42: "SMB", 0xef53: "", 0x01021994: "", 0x9123683e: "", 0x58465342: "", 0x794c7630: ""} {
		err := sqlite.Local("/data", func(string) (uint32, error) { return number, nil })
		if (err != nil) != (name != "") || err != nil && (!strings.Contains(err.Error(), "("+name+")") || !strings.Contains(err.Error(), "--data")) {
			t.Errorf("%#x: %v", number, err)
		}
	}
	if err := sqlite.Local("/data", func(string) (uint32, error) { return 0, os.ErrPermission }); err != nil {
		t.Errorf("what cannot be told is refused: %v", err)
	}
	if number, err := sqlite.FileSystem(t.TempDir()); err != nil || number == 0 {
		t.Errorf("a directory of this machine is on %#x: %v", number, err)
	}
}
