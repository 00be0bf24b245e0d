package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/storagetest"
	"github.com/stepmill/stepmill/storage/vault"
)

func sealer(t *testing.T) storage.Sealer {
	t.Helper()
	v, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func open(t *testing.T, dir string) *storage.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) *storage.Store { return open(t, t.TempDir()) })
}

// TestPrivate: nobody but the account reads the database's files, those of an earlier version neither.
func TestPrivate(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := open(t, dir)
		for _, name := range []string{"", "-wal", "-shm"} {
			about, err := os.Stat(filepath.Join(dir, sqlite.File) + name)
			if err != nil || about.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name, about.Mode(), err)
			}
		}
		s.Close()
		if err := os.Chmod(filepath.Join(dir, sqlite.File), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// raw opens a data directory's database beside the store.
func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sqlite.Bare(filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestRefused(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"a file that is no database": func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, sqlite.File), bytes.Repeat([]byte("not a database "), 1000), 0o600)
		},
		"a directory in its place": func(t *testing.T, dir string) { os.MkdirAll(filepath.Join(dir, sqlite.File), 0o700) },
		"a newer schema": func(t *testing.T, dir string) {
			open(t, dir).Close()
			if _, err := raw(t, dir).Exec("PRAGMA user_version = 999"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			prepare(t, dir)
			s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t)})
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if fault.CodeOf(err) == "" || !strings.HasSuffix(fault.MessageOf(err), ".") && !strings.HasSuffix(fault.MessageOf(err), "?") {
				t.Errorf("%v", err)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	if _, err := sqlite.Open(t.Context(), sqlite.Config{Dir: file, Sealer: sealer(t)}); err == nil {
		t.Error("a file was taken for a directory")
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	release, err := sqlite.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Lock(dir); fault.CodeOf(err) != fault.Conflict || !strings.Contains(fault.MessageOf(err), "process") {
		t.Errorf("a second lock: %v", err)
	}
	release()
	again, err := sqlite.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestWrongKey(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.CheckKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateSecret(t.Context(), run.SystemActor("default"), "s", "CANARY-7"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	text, err := os.ReadFile(filepath.Join(dir, sqlite.File))
	if err != nil || bytes.Contains(text, []byte("CANARY-7")) {
		t.Errorf("the file shows the secret (%v)", err)
	}
	other, err := vault.New(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err = sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: other})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.CheckKey(t.Context()); err == nil || !strings.Contains(err.Error(), "--master-key-file") {
		t.Errorf("another key is taken: %v", err)
	}
}

// TestFull is §2.H 52: when the disk is full nothing is acknowledged, and when there is room again it goes on.
func TestFull(t *testing.T) {
	s, write, err := sqlite.OpenBoth(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: sealer(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sc, err := s.CreateScenario(t.Context(), run.SystemActor("default"), scenario.Stored{Slug: "s", Name: "s", Draft: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if _, err := write.ExecContext(t.Context(), fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Fatal(err)
		}
	}
	event := func() *run.Write {
		return &run.Write{Accept: &run.Accept{Event: run.Event{ID: strings.Repeat("e", 20) + t.Name(), Workspace: "default", ScenarioID: sc.ID, Trigger: "t", Outcome: run.Filtered, Value: bytes.Repeat([]byte("x"), 1<<20)}}}
	}
	limit(60)
	if err := s.Commit(t.Context(), []*run.Write{event()})[0]; fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("on a full disk it says %v", err)
	}
	limit(100_000)
	if err := s.Commit(t.Context(), []*run.Write{event()})[0]; err != nil {
		t.Errorf("with room again it says %v", err)
	}
}

// TestWritersWait is §2.H 54: who reads and then writes in one transaction waits for others who do, and never fails because
// of them. With SQLite's own default it fails at once, whatever the timeout.
func TestWritersWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.File)
	var all sync.WaitGroup
	const writers, times = 4, 50
	for n := range writers {
		db, err := sqlite.Bare(path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if n == 0 {
			if _, err := db.Exec("CREATE TABLE counted (n INTEGER); INSERT INTO counted VALUES (0)"); err != nil {
				t.Fatal(err)
			}
		}
		all.Go(func() {
			for range times {
				if err := countUp(t.Context(), db); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	db, err := sqlite.Bare(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT n FROM counted").Scan(&n); err != nil || n != writers*times {
		t.Errorf("of %d writes %d are there: %v", writers*times, n, err)
	}
}

// countUp reads a number and then writes the next.
func countUp(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRow("SELECT n FROM counted").Scan(&n); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE counted SET n = $1", n+1); err != nil {
		return err
	}
	return tx.Commit()
}

// TestPlans holds the hot queries to indexes: without statistics the planner has been seen to scan.
func TestPlans(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	db := raw(t, dir)
	for query, index := range map[string]string{
		`SELECT MIN(n.scenario_id) FROM runs n WHERE n.ended_at IS NULL AND n.wake_at IS NULL AND n.held = 0 AND n.scenario_id > 'a'`: "runs_open",
		`SELECT c.id FROM runs c WHERE c.ended_at IS NULL AND c.wake_at IS NULL AND c.held = 0 AND c.scenario_id = 'a'
			AND (c.owner = '' OR c.owner NOT IN (SELECT l.owner FROM leases l WHERE l.until > 1)) ORDER BY c.priority DESC, c.id LIMIT 10`: "runs_open",
		`SELECT slot_at FROM runs WHERE scenario_id = 'a' AND trigger_id = 'b' AND slot_at IS NOT NULL ORDER BY slot_at DESC LIMIT 1 OFFSET 9`:                          "SEARCH runs USING COVERING INDEX runs_slot",
		`SELECT id, gather FROM events WHERE scenario_id = 'a' AND trigger_id = 'b' AND due_at <= 5 ORDER BY due_at, id LIMIT 10`:                                       "events_due",
		`SELECT MIN(due_at) FROM events WHERE scenario_id = 'a' AND trigger_id = 'b' AND due_at > 5`:                                                                    "events_due",
		`SELECT id FROM events WHERE scenario_id = 'a' AND trigger_id = 'b' AND gather = 'c' AND due_at IS NOT NULL ORDER BY id LIMIT 10`:                               "events_gather",
		`UPDATE events SET due_at = NULL WHERE scenario_id = 'a' AND trigger_id = 'b' AND gather = 'c' AND id <= 'd' AND due_at IS NOT NULL`:                            "events_gather",
		`SELECT m.id FROM events m WHERE m.due_at IS NOT NULL AND (m.scenario_id, m.trigger_id) > ('a', 'b') ORDER BY m.scenario_id, m.trigger_id LIMIT 1`:              "SEARCH m USING",
		`SELECT n.id FROM runs n WHERE n.scenario_id = 'a' AND n.trigger_id = 'b' AND n.line = 'c' AND n.line <> '' AND n.ended_at IS NULL ORDER BY n.number LIMIT 1`:   "runs_line",
		`SELECT id FROM runs WHERE scenario_id = 'a' AND trigger_id = 'b' AND held = 2 ORDER BY number LIMIT 10`:                                                        "runs_beyond",
		`SELECT n.id FROM runs n WHERE n.held = 2 AND (n.scenario_id, n.trigger_id) < ('a', 'b') ORDER BY n.scenario_id DESC, n.trigger_id DESC, n.number DESC LIMIT 1`: "SEARCH n USING INDEX runs_beyond ((scenario_id,trigger_id)<",
		`SELECT id, scenario_id, wake_at FROM runs WHERE wake_at IS NOT NULL AND wake_at < 5 AND held = 0 ORDER BY wake_at LIMIT 10`:                                    "runs_wake",
		`SELECT event_id, run_id, body, until FROM dedupe WHERE workspace = 'a' AND scenario_id = 'b' AND trigger_id = 'c' AND key = 'd'`:                               "PRIMARY KEY",
		`UPDATE runs SET status = 'x' WHERE id = 'a' AND workspace = 'b' AND epoch = 1 AND seq = 2`:                                                                     "sqlite_autoindex_runs_1",
		`SELECT pos, data FROM journal WHERE workspace = 'a' AND run_id = 'b' ORDER BY pos`:                                                                             "journal_run",
		`SELECT id FROM runs WHERE scenario_id = 'a' AND trigger_id = 'b' AND slot_at > 5 AND status = 'queued' AND wake_at IS NOT NULL ORDER BY slot_at, number`:       "SEARCH runs USING INDEX runs_slot",
		`UPDATE runs SET slot_at = NULL, wake_at = NULL WHERE scenario_id = 'a' AND trigger_id = 'b' AND slot_at > 5`:                                                   "runs_slot (scenario_id=? AND trigger_id=? AND slot_at>?)",
		`UPDATE runs SET held = 0 WHERE scenario_id = 'a' AND trigger_id = 'b' AND held = 2`:                                                                            "runs_beyond",
		`UPDATE events SET due_at = at + 5 WHERE scenario_id = 'a' AND trigger_id = 'b' AND due_at IS NOT NULL AND gather <> 'c'`:                                       "SEARCH events USING",
		`SELECT hash FROM blobs WHERE owner = 'b'`:                                                                                                 "blobs_owner",
		`SELECT pos, data FROM journal WHERE workspace = 'a' AND run_id = 'b' AND seq + entries > 3 ORDER BY pos`:                                  "journal_run",
		`SELECT MAX(number) FROM runs WHERE workspace = 'a' AND scenario_id = 'b'`:                                                                 "runs_number",
		`SELECT r.id FROM runs r WHERE r.workspace || '' = 'a' AND r.status IN ('failed') AND r.attention IS NOT NULL ORDER BY r.id DESC LIMIT 51`: "runs_attention",
		`SELECT s.id FROM runs s WHERE s.attention IS NOT NULL AND s.status IN ('incomplete', 'uncertain')`:                                        "runs_attention",
		`SELECT d.id FROM runs d WHERE d.attention = 2`:                                                                                            "SCAN d USING COVERING INDEX runs_asking",
		`SELECT r.id FROM runs r WHERE r.workspace || '' = 'a' AND r.id IN (SELECT s.id FROM runs s WHERE s.attention IS NOT NULL AND s.status IN ('incomplete', 'uncertain')
			UNION ALL SELECT d.id FROM runs d WHERE d.attention = 2) ORDER BY r.id DESC LIMIT 51`: "SEARCH r USING INDEX sqlite_autoindex_runs_1",
		`SELECT r.id FROM runs r WHERE r.workspace || '' = 'a' ORDER BY r.id DESC LIMIT 51`:                                       "SCAN r USING INDEX sqlite_autoindex_runs_1",
		`SELECT r.id FROM runs r WHERE r.workspace || '' = 'a' AND r.id >= 'b' AND r.created_at >= 5 ORDER BY r.id DESC LIMIT 51`: "SEARCH r USING INDEX sqlite_autoindex_runs_1",
		`SELECT r.id FROM runs r WHERE r.workspace = 'a' AND r.scenario_id = 'b' ORDER BY r.number DESC LIMIT 51`:                 "SEARCH r USING INDEX runs_number",
		`SELECT r.id FROM runs r WHERE r.workspace || '' = 'a' AND r.status IN ('running') AND r.id IN (SELECT o.id FROM runs o WHERE o.ended_at IS NULL AND o.wake_at IS NULL AND o.held = 0
			UNION ALL SELECT h.id FROM runs h WHERE h.held <> 0) ORDER BY r.id DESC LIMIT 51`: "SEARCH r USING INDEX sqlite_autoindex_runs_1",
		`SELECT e.id FROM events e WHERE e.workspace = 'a' AND e.scenario_id = 'b' AND e.outcome = 'queued' ORDER BY e.id LIMIT 100`:                            "events_held",
		`SELECT 1 FROM events WHERE scenario_id = 'a' AND outcome = 'queued' AND due_at IS NULL LIMIT 1`:                                                        "events_holding",
		`SELECT m.scenario_id FROM events m WHERE m.outcome = 'queued' AND m.due_at IS NULL AND m.scenario_id > 'a' ORDER BY m.scenario_id LIMIT 1`:             "SEARCH m USING INDEX events_holding (scenario_id>?)",
		`SELECT e.id FROM events e WHERE e.workspace || '' = 'a' AND e.scenario_id = 'b' AND e.outcome = 'queued' AND e.due_at IS NULL ORDER BY e.id LIMIT 100`: "events_holding",
	} {
		rows, err := db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			t.Fatal(err)
		}
		var plan strings.Builder
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(detail + "; ")
		}
		rows.Close()
		if !strings.Contains(plan.String(), index) {
			t.Errorf("%s\nis planned as %s", query, plan.String())
		}
	}
}

// TestAnswers: what was under way when the process died may be sent again after a minute, and a key is forgotten after a
// day.
func TestAnswers(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	actor := run.SystemActor("default")
	begin := func(fingerprint string) (*run.KeptAnswer, error) {
		return s.BeginAnswer(t.Context(), actor, "k", fingerprint)
	}
	if kept, err := begin("a"); kept != nil || err != nil {
		t.Fatal(kept, err)
	}
	if _, err := begin("a"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("under way: %v", err)
	}
	now = now.Add(2 * time.Minute)
	if kept, err := begin("a"); kept != nil || err != nil {
		t.Errorf("cut by a crash: %v %v", kept, err)
	}
	want := run.KeptAnswer{Status: 201, Header: map[string][]string{"Etag": {`"1"`}}, Body: []byte("smk_CANARY")}
	if err := s.KeepAnswer(t.Context(), actor, "k", &want); err != nil {
		t.Fatal(err)
	}
	if kept, err := begin("a"); err != nil || kept == nil || kept.Status != 201 || string(kept.Body) != "smk_CANARY" || kept.Header["Etag"][0] != `"1"` {
		t.Errorf("%+v %v", kept, err)
	}
	if _, err := begin("b"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("another request: %v", err)
	}
	if kept, err := s.BeginAnswer(t.Context(), run.SystemActor("other"), "k", "b"); kept != nil || err != nil {
		t.Errorf("another workspace: %v %v", kept, err)
	}
	var sealed []byte
	if err := raw(t, dir).QueryRow("SELECT sealed FROM answers WHERE status = 201").Scan(&sealed); err != nil || bytes.Contains(sealed, []byte("CANARY")) {
		t.Errorf("the answer stands open: %v", err)
	}
	now = now.Add(25 * time.Hour)
	if kept, err := begin("b"); kept != nil || err != nil {
		t.Errorf("after a day: %v %v", kept, err)
	}
	if err := s.KeepAnswer(t.Context(), actor, "k", nil); err != nil {
		t.Fatal(err)
	}
	if kept, err := begin("c"); kept != nil || err != nil {
		t.Errorf("forgotten: %v %v", kept, err)
	}
}
