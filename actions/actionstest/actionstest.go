// Package actionstest holds connectors to what they promise: their data is whole, their recorded exchanges come out the
// same through the real client, and their requests are such as the vendor's own API description takes. It knows no
// connector by name.
package actionstest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// Run tests connectors. It is called from a test beside the connectors' folders, which are named as their ids without
// underscores and hold the recorded exchanges in testdata. specFolders names, by a connector's id, the folder of its API
// description where that is another one; "": what lies there is none of its API. A connector without a folder there is tested by what was
// recorded alone.
func Run(t *testing.T, catalogue *actions.Catalogue, specFolders map[string]string) {
	t.Run("data", func(t *testing.T) { lint(t, catalogue) })
	t.Run("folders", func(t *testing.T) {
		for _, problem := range folders(t, ".", catalogue) {
			t.Error(problem)
		}
	})
	specs := specs{specsDir(t), specFolders}
	for c := range catalogue.All() {
		t.Run(c.ID, func(t *testing.T) { exchanges(t, c, specs) })
		t.Run(c.ID+" choices", func(t *testing.T) { choices(t, c, specs) })
		t.Run(c.ID+" subscriptions", func(t *testing.T) { subscriptions(t, c, specs) })
		t.Run(c.ID+" records", func(t *testing.T) { recordTypes(t, c, specs) })
		t.Run(c.ID+" tests", func(t *testing.T) { tests(t, c, specs) })
	}
	t.Run("descriptions", func(t *testing.T) { samples(t, catalogue, specs) })
}

// lint asks that the data is right, and that each connector stands in the catalogue by its own id.
func lint(t *testing.T, catalogue *actions.Catalogue) {
	for i, c := range slices.Collect(catalogue.All()) {
		for _, problem := range actions.Lint(*c) {
			t.Error(problem)
		}
		if id := catalogue.IDs()[i]; c.ID != id {
			t.Errorf("the connector that is listed as %s calls itself %s", id, c.ID)
		}
	}
	if once := slices.Compact(slices.Sorted(slices.Values(catalogue.IDs()))); len(once) < len(catalogue.IDs()) {
		t.Errorf("%d of %d ids are listed more than once", len(catalogue.IDs())-len(once), len(catalogue.IDs()))
	}
}

// folder is the name of the folder that a connector lies in.
func folder(id string) string { return strings.ReplaceAll(id, "_", "") }

// folders names the folders that belong to no connector of the list: forgotten ones, as a rule.
func folders(t *testing.T, dir string, catalogue *actions.Catalogue) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var problems []string
	for _, e := range entries {
		if e.IsDir() && !slices.ContainsFunc(catalogue.IDs(), func(id string) bool { return folder(id) == e.Name() }) {
			problems = append(problems, "the folder "+e.Name()+" is of no connector in the list; add its line")
		}
	}
	return problems
}

// exchanges replays everything that was recorded of a connector, and asks that enough was.
func exchanges(t *testing.T, c *actions.Connector, specs specs) {
	files, err := filepath.Glob(filepath.Join(folder(c.ID), "testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	described := describe(t, specs, c)
	seen := map[string][]string{} // what happened in the cases of an action
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			e := read(t, c, file)
			of := e.action.ID
			if e.trigger != nil {
				of = e.trigger.ID
			}
			seen[of] = append(seen[of], e.replay(t, described)...)
		})
	}
	if t.Failed() {
		return
	}
	for _, problem := range uncovered(c, seen) {
		t.Error(problem)
	}
	for _, trigger := range c.Triggers {
		for _, what := range []string{succeeds, inParts, waitsLong, string(fault.Unauthorized)} {
			if p := trigger.Poll; p != nil && !slices.Contains(seen[trigger.ID], what) && (what != inParts || p.Page.Kind != actions.Whole) {
				t.Errorf("%s.%s has no recorded exchange for: %s", c.ID, trigger.ID, what)
			}
		}
	}
}

// What may happen in a case, beside the classes of errors.
const (
	succeeds  = "success"
	loses     = "a lost answer"
	waitsLong = "a limit that says how long to wait"
	inParts   = "a list that comes in parts"
)

// uncovered says what should be recorded of a connector's actions and is not: that each succeeds, and, of the connector, whose
// table of errors is one, each way in which a call goes wrong.
func uncovered(c *actions.Connector, seen map[string][]string) []string {
	var problems []string
	all := map[string]bool{}
	outside, listing := false, false
	for _, a := range c.Actions {
		if a.Protocol == "" && !slices.Contains(seen[a.ID], succeeds) { // what is no HTTP is tried with servers of its own
			problems = append(problems, c.ID+"."+a.ID+" has no recorded exchange for: "+succeeds)
		}
		for _, what := range seen[a.ID] {
			all[what] = true
		}
		outside, listing = outside || a.Effect != actions.Pure, listing || a.Page != nil
	}
	if !outside {
		return problems
	}
	want := []string{loses, waitsLong, string(fault.RateLimited), string(fault.Unauthorized), string(fault.InvalidInput), string(fault.NotFound)}
	if listing {
		want = append(want, inParts)
	}
	for _, what := range want {
		if !all[what] {
			problems = append(problems, c.ID+" has no recorded exchange for: "+what)
		}
	}
	return problems
}
