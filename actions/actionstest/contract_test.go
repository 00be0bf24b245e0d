package actionstest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestDescriptions: a connector without a description is tested without one, and a description without a connector is told.
func TestDescriptions(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{"acme/acme.openapi.json", "shapes/documented.json", "other/schema.graphql"} {
		err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	lone := actions.Connector{ID: "lone", BaseURL: "https://lone.test"}
	if describe(t, specs{dir: dir}, &lone) != nil {
		t.Error("a connector without a description has one")
	}
	catalogue := actions.CatalogueOf(lone, actions.Connector{ID: "ac_me"})
	if problems := unclaimed(t, catalogue, specs{dir: dir}); len(problems) != 1 || problems[0] != "the descriptions in other are of no connector; name the folder as the connector's" {
		t.Errorf("%q", problems)
	}
	if problems := unclaimed(t, catalogue, specs{dir, map[string]string{"lone": "other"}}); len(problems) != 0 {
		t.Errorf("%q", problems)
	}
}
