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
