package scenarios

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// TestPollPanel: a trigger that polls has no address; the panel says how it looks, also where that is not written.
func TestPollPanel(t *testing.T) {
	app := actions.Connector{ID: "board", Name: "Board", Color: "#611f69", Monogram: "B", Triggers: []actions.Trigger{{ID: "new_card", Name: "New card", Kind: actions.PollKind,
		Input: []actions.Field{{ID: "list", Label: "List", Type: actions.Text}}, Poll: &actions.Poll{Time: "/at", Every: 5 * time.Minute, Least: time.Minute}}}}
	w := newWorkspace()
	h := handler(w)
	h.Drawer = tree.Drawer{Apps: tree.AppsOf(actions.CatalogueOf(app)), Catalogue: actions.CatalogueOf(app)}
	for with, want := range map[string]string{`{"list": "todo"}`: "List: todo, Every: 5m, Start: now", `{"list": "done", "every": "1h", "start": "all"}`: "List: done, Every: 1h, Start: all"} {
		draft := []byte(`{"stepmill": 1, "name": "Cards", "trigger": {"uses": "board.new_card", "with": ` + with + `}, "steps": []}`)
		m := newEditing(scenario.Stored{Slug: "cards", Draft: draft, Triggers: []scenario.StoredTrigger{{ID: "trigger", Key: "k"}}}, h.Drawer, h.Address, "", now)
		var got []string
		for _, f := range m.Triggers[0].Polls {
			got = append(got, f.Label+": "+f.Value)
		}
		if strings.Join(got, ", ") != want || m.Triggers[0].URL != "" || m.Triggers[0].Title != "New card" {
			t.Errorf("%+v", m.Triggers[0])
		}
		rec := send(t, func(w http.ResponseWriter, r *http.Request) error {
			return editPage(ui.Chrome{}, m).Render(r.Context(), w)
		}, get("/"), "cards")
		if body := rec.Body.String(); strings.Contains(body, "/hooks/") || !strings.Contains(body, "Board is asked for what is new.") || !strings.Contains(body, "<dt>Every</dt>") {
			t.Error("the panel does not say how it looks")
		}
	}
}
