package rigs

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// examine opens what a crash left: it must be whole, hold every acknowledged event, and every run in it must come to its
// end, with the idempotency key that the receiver knows the event by.
func examine(t *testing.T, dir string, acked []string) error {
	t.Helper()
	v, err := vault.LoadOrCreate(filepath.Join(dir, "master.key"))
	if err != nil {
		return err
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: v})
	if err != nil {
		return fmt.Errorf("it does not open: %w", err)
	}
	defer store.Close()
	db, err := sqlite.Bare(filepath.Join(dir, sqlite.File))
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Errorf("it is corrupt: %s %w", verdict, err)
	}
	held, err := events(db)
	if err != nil {
		return err
	}
	lost := slices.DeleteFunc(slices.Clone(acked), func(event string) bool { return held[event] })
	if len(lost) > 0 {
		return fmt.Errorf("%d of %d acknowledged events are lost: %v", len(lost), len(acked), few(lost))
	}
	return finish(t, store, db)
}

// events gives those that the database holds.
func events(db *sql.DB) (map[string]bool, error) {
	rows, err := db.Query("SELECT value FROM events")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var text []byte
		var v struct{ Body struct{ N string } }
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		text, _, _ = bytes.Cut(text, []byte("}#")) // the checksum stands behind
		if err := json.Unmarshal(append(text, '}'), &v); err != nil {
			return nil, err
		}
		out[v.Body.N] = true
	}
	return out, rows.Err()
}

// finish lets an engine carry out what is open.
func finish(t *testing.T, store *storage.Store, db *sql.DB) error {
	if err := store.ForgetLeases(t.Context()); err != nil {
		return err
	}
	open := 0
	count := func() bool {
		return db.QueryRow("SELECT COUNT(*) FROM runs WHERE status <> 'succeeded'").Scan(&open) == nil
	}
	if count() && open == 0 {
		return nil
	}
	var again invoker
	e := engine.New(engine.Config{Store: store, Invoker: &again, Owner: engine.NewID(), Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- e.Serve(ctx, time.Second) }()
	ended := eventually(20*time.Second, func() bool { return count() && open == 0 })
	stop()
	if err := <-served; err != nil {
		return err
	}
	e.Close()
	if !ended {
		return fmt.Errorf("%d runs are stuck", open)
	}
	return again.err
}

// invoker stands in for the receiver: an event that the receiver has seen must come with the key it came with.
type invoker struct{ err error }

func (v *invoker) Invoke(_ context.Context, call run.Call) run.Result {
	body, _ := call.Input["json"].(map[string]any)
	event, _ := body["n"].(string)
	if known := receiver().effects(event); len(known) > 0 && !slices.Contains(known, call.Key) {
		v.err = fmt.Errorf("event %s came with the key %v, and comes again with %s", event, known, call.Key)
	}
	return run.Result{Output: map[string]any{"status": 200}}
}

// scratch is a directory in memory where there is one: what a cut left is looked at there, and needs no disk.
func scratch(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "stepmill-rigs-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// few is the beginning of a list, for a message.
func few(list []string) []string { return list[:min(3, len(list))] }
