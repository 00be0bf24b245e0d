package runs

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

func drawer() tree.Drawer {
	apps := actions.CatalogueOf(
		actions.Connector{ID: "slack", Name: "Slack", Color: "#611f69", Monogram: "S", Actions: []actions.Action{{ID: "send_message", Name: "Send a message"}}},
		actions.Connector{ID: "jira", Name: "Jira", Color: "#0052cc", Monogram: "J", Actions: []actions.Action{{ID: "create_issue", Name: "Create an issue"}}},
	)
	return tree.Drawer{Apps: tree.AppsOf(apps), Catalogue: apps}
}

// goldenCase is a journal with what both folds make of it; src/fold.test.ts reads the same files.
type goldenCase struct {
	Now     string          `json:"now"`
	Flow    json.RawMessage `json:"flow"`
	Entries json.RawMessage `json:"entries"`
	View    json.RawMessage `json:"view"`
	Lights  json.RawMessage `json:"lights"`
}

func TestFoldAndLights(t *testing.T) {
	files, err := filepath.Glob("testdata/journals/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no journals to fold", err)
	}
	text, err := os.ReadFile("testdata/scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	flow := drawer().Draw(doc.Scenario)
	now := time.Date(2026, 3, 4, 14, 0, 30, 0, time.UTC)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			journal, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			entries, err := run.DecodeEntries(journal)
			if err != nil {
				t.Fatal(err)
			}
			view := Fold(entries)
			whole, err := run.AppendEntries(nil, entries)
			if err != nil {
				t.Fatal(err)
			}
			got := goldenCase{Now: now.Format(run.TimeFormat), Flow: encode(t, flow), Entries: whole, View: encode(t, view), Lights: encode(t, Light(flow, view, now))}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, encode(t, got), "", " "); err != nil {
				t.Fatal(err)
			}
			pretty.WriteByte('\n')
			golden := filepath.Join("testdata/fold", filepath.Base(file))
			if *uitest.Update {
				if err := os.WriteFile(golden, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, pretty.Bytes()) {
				t.Errorf("the fold differs from %s; look at what changed, then run with -update. It gives:\n%s", golden, pretty.String())
			}
		})
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKey(t *testing.T) {
	for path, want := range map[string]string{"a": "a", "a.b": "a.b", "orders[3].ticket": "orders.ticket", "a[0].b[12].c": "a.b.c", "send[2]": "send"} {
		if got := Key(path); got != want {
			t.Errorf("Key(%q) is %q, want %q", path, got, want)
		}
	}
}

// Folding what came before an interruption and then the rest gives the same as folding it all at once.
func TestFoldInTwoParts(t *testing.T) {
	journal, err := os.ReadFile("testdata/journals/loop.json")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := run.DecodeEntries(journal)
	if err != nil {
		t.Fatal(err)
	}
	whole := encode(t, Fold(entries))
	for cut := range entries {
		v := Fold(entries[:cut])
		for i := cut; i < len(entries); i++ {
			v.apply(&entries[i])
		}
		if !bytes.Equal(encode(t, v), whole) {
			t.Fatalf("cut at %d it is another view", cut)
		}
	}
}
