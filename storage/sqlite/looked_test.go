package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
)

// TestLooked: a text is looked for in so many runs at once, and the cursor goes on behind them, also where none held it.
func TestLooked(t *testing.T) {
	dir := t.TempDir()
	open := func() *storage.Store {
		s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, Sealer: sealer(t)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	actor := run.SystemActor(run.DefaultWorkspace)
	s := open()
	sc, err := s.CreateScenario(t.Context(), actor, scenario.Stored{Slug: "s", Name: "S", Draft: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	const runs = 45_000
	if err := sqlite.Generate(t.Context(), dir, sqlite.Plan{Workspace: run.DefaultWorkspace, Scenario: sc.ID, Trigger: "trigger", History: runs, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	for _, c := range []struct {
		scenario, text string
		pages, runs    int
	}{
		{"", "nowhere", 3, 0}, {"s", "nowhere", 3, 0}, {"", "#7", 3, 1}, {"s", fmt.Sprint("#", runs), 3, 1},
	} {
		pages, found := 0, 0
		for f := (run.Filter{Scenario: c.scenario, Query: c.text, Limit: 10}); ; pages++ {
			page, err := s.Runs(t.Context(), actor, f)
			if err != nil {
				t.Fatal(err)
			}
			found += len(page.Runs)
			if f.Cursor = page.NextCursor; f.Cursor == "" {
				pages++
				break
			}
		}
		if pages != c.pages || found != c.runs {
			t.Errorf("%+v: %d pages, %d runs", c, pages, found)
		}
	}
}

// TestLookedEvents: the inbox looks through so many events at once too, and its cursor goes on behind them.
func TestLookedEvents(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	actor := run.SystemActor(run.DefaultWorkspace)
	sc, err := s.CreateScenario(t.Context(), actor, scenario.Stored{Slug: "s", Name: "S", Draft: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, dir).Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)
		INSERT INTO events (id, workspace, scenario_id, trigger_id, outcome, detail, run_id, value, header, source, at)
		SELECT printf('01900000-0000-7000-8000-%012d', i), 'default', $1, 't', CASE i WHEN 7 THEN 'filtered' ELSE 'accepted' END, CASE i WHEN 7 THEN 'needle' ELSE '' END, '', '', '{}', 'test', i FROM n`, sc.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f             run.EventFilter
		pages, events int
	}{
		{run.EventFilter{Outcome: run.Filtered}, 3, 1}, {run.EventFilter{Query: "needle"}, 16, 1}, {run.EventFilter{Query: "nowhere"}, 16, 0}, {run.EventFilter{Trigger: "t", Limit: 200}, 225 + 1, 45000},
	} {
		pages, found := 0, 0
		for f := c.f; ; pages++ {
			page, err := s.Events(t.Context(), actor, f)
			if err != nil {
				t.Fatal(err)
			}
			found += len(page.Events)
			if f.Cursor = page.NextCursor; f.Cursor == "" {
				pages++
				break
			}
		}
		if pages > c.pages || pages < c.pages-1 || found != c.events {
			t.Errorf("%+v: %d pages, %d events", c.f, pages, found)
		}
	}
}

// TestLookedCases: a text is found in whatever case its letters stand, in any alphabet, and what is no letter stands for itself.
func TestLookedCases(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	actor := run.SystemActor(run.DefaultWorkspace)
	sc, err := s.CreateScenario(t.Context(), actor, scenario.Stored{Slug: "s", Name: "Größe [Überraschung] Ж*", Draft: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, dir).Exec(`INSERT INTO events (id, workspace, scenario_id, trigger_id, outcome, detail, run_id, value, header, source, at) VALUES ('01900000-0000-7000-8000-000000000001', 'default', $1, 't', 'filtered', 'Größe [Überraschung] Ж*', '', '', '{}', 'test', 1)`, sc.ID); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Generate(t.Context(), dir, sqlite.Plan{Workspace: run.DefaultWorkspace, Scenario: sc.ID, Trigger: "trigger", History: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	for text, found := range map[string]bool{"größe": true, "GRÖßE": true, "überraschung": true, "ÜBERRASCHUNG": true, "e [ü": true, "g] ж*": true, "größ?": false, "ü*g": false, "[ü]": false, "öü": false, "grö_e": false, "größe [überraschung]": true, "GRÖßE [ÜBER": true} {
		runs, err := s.Runs(t.Context(), actor, run.Filter{Query: text, Limit: 10})
		if err != nil || (len(runs.Runs) == 3) != found {
			t.Errorf("%s is in %d runs, %v", text, len(runs.Runs), err)
		}
		events, err := s.Events(t.Context(), actor, run.EventFilter{Query: text, Outcome: run.Filtered, Limit: 10})
		if err != nil || (len(events.Events) == 1) != found {
			t.Errorf("%s is in %d events, %v", text, len(events.Events), err)
		}
	}
}
