package core

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
)

// TestSweepCopies: copies of databases that a process left go with the next one's, and those of the living stay.
func TestSweepCopies(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	live, done, err := copyFolder()
	if err != nil {
		t.Fatal(err)
	}
	left := []string{"with-lock", "without"}
	for _, name := range left {
		dir := filepath.Join(tmp, copyPrefix+name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "db"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(tmp, copyPrefix+left[0], copyLock), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(tmp, "another")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	sweepCopies(tmp, time.Now())
	if found, _ := filepath.Glob(filepath.Join(tmp, copyPrefix+"*")); len(found) != 3 {
		t.Errorf("folders that just began are gone: %v", found)
	}
	sweepCopies(tmp, time.Now().Add(time.Hour))
	if found, _ := filepath.Glob(filepath.Join(tmp, "*")); len(found) != 2 || found[0] != other || found[1] != live {
		t.Errorf("there are %v, not %s and %s", found, other, live)
	}
	done()
	if _, err := os.Stat(live); !os.IsNotExist(err) {
		t.Errorf("a copy stays: %v", err)
	}
	t.Setenv("TMPDIR", filepath.Join(tmp, "nowhere"))
	if _, _, err := copyFolder(); err == nil {
		t.Error("a folder is made in one that is not there")
	}
}

// TestSpoolLeavesNothing: what lies on disk while it is read has no name there.
func TestSpoolLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	s := &shelf{}
	f := s.put("big", "", make([]byte, 2*inMemory))
	open, err := spool(t.Context(), s, f, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if left, _ := os.ReadDir(tmp); len(left) > 0 || open.file == nil {
		t.Errorf("there is %v", left)
	}
	var b [1]byte
	if n, err := open.ReadAt(b[:], 2*inMemory-1); n != 1 || err != nil {
		t.Error(n, err)
	}
}

// TestQueryTime: a query of a file has the time of any step.
func TestQueryTime(t *testing.T) {
	var want actions.Action
	if got := actionOf(t, "sqlite_query").Timeout; got != want.Timeout {
		t.Errorf("it has %s", got)
	}
}

// TestNoPasswordFile: the driver finds no file of passwords, and so has none to warn of for each statement.
func TestNoPasswordFile(t *testing.T) {
	path := postgresConfig(&actions.Line{Values: map[string]string{}}).Passfile
	if _, err := os.Stat(path); path == "" || err == nil {
		t.Errorf("there may be one at %q", path)
	}
}
