package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestWithoutItsDatabase holds that a directory in which only the database is missing is not taken for an empty one.
func TestWithoutItsDatabase(t *testing.T) {
	open := func(dir string, beside bool) error {
		store, err := Open(t.Context(), Config{Dir: dir, Beside: beside})
		if err == nil {
			err = store.Close()
		}
		return err
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		files map[string]string
		says  string // empty: it is opened
	}{
		"a fresh one":         {map[string]string{"master.key": "k", "stepmill.lock": "1"}, ""},
		"an empty file":       {map[string]string{File: ""}, ""},
		"large values":        {map[string]string{"blobs/2c/2cf24d": "x"}, "large values of an installation (the directory blobs)"},
		"large values, empty": {map[string]string{"blobs/2c/2cf24d": "x", File: ""}, "stepmill.db is missing or empty"},
		"the mark":            {map[string]string{madeName: ""}, "the mark of a database (stepmill.made)"},
		"the mark, empty":     {map[string]string{madeName: "", File: ""}, "stepmill.db is missing or empty"},
		"a log":               {map[string]string{File + "-wal": "x"}, "(stepmill.db-wal)"},
	} {
		for _, beside := range []bool{false, true} {
			dir := t.TempDir()
			for path, text := range c.files {
				write(filepath.Join(dir, path), text)
			}
			err := open(dir, beside)
			if c.says == "" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if fault.CodeOf(err) != fault.Conflict || !strings.Contains(fault.MessageOf(err), c.says) || !strings.Contains(fault.MessageOf(err), "Restore that file from a backup") {
				t.Errorf("%s: %v", name, err)
			}
			if info, err := os.Stat(filepath.Join(dir, File)); err == nil && info.Size() > 0 {
				t.Errorf("%s: a database was begun", name)
			}
		}
	}
	dir := t.TempDir() // with its database everything is as it was
	if err := open(dir, false); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "blobs/2c/2cf24d"), "x")
	if err := open(dir, false); err != nil {
		t.Error(err)
	}
	write(filepath.Join(dir, "plain", "blobs"), "a file where a directory should be")
	if err := open(filepath.Join(dir, "plain"), false); err == nil {
		t.Error("a file is taken for the directory of large values")
	}
}

// TestCutShort: opening that is cut off says so, at whatever moment, and never that the database is damaged.
func TestCutShort(t *testing.T) {
	dir := t.TempDir()
	store, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	cut := 0
	for i := range 60 {
		ctx, cancel := context.WithCancel(t.Context())
		stop := time.AfterFunc(time.Duration(i)*200*time.Microsecond, cancel)
		store, err := Open(ctx, Config{Dir: dir})
		stop.Stop()
		cancel()
		switch {
		case err == nil:
			store.Close()
		case !errors.Is(err, context.Canceled) && !Interrupted(err):
			t.Errorf("cut off after %d00 µs: %v", 2*i, err)
		default:
			cut++
		}
	}
	if cut == 0 {
		t.Error("it was never cut off")
	}
}
