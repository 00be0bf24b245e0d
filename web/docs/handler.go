// Package docs holds the pages that explain what is set up outside Stepmill: how each sender's webhooks are proven.
package docs

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/ui"
)

// Handler serves the pages.
type Handler struct {
	Guides []actions.Guide // by the names of their presets
	Chrome func(*http.Request) ui.Chrome
}

// List serves GET /docs/webhooks.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), h.Guides))
}

// Show serves GET /docs/webhooks/{preset}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("preset")
	i := slices.IndexFunc(h.Guides, func(g actions.Guide) bool { return g.Preset == name })
	if i < 0 {
		return fault.New(fault.NotFound, "There is no signature preset %q.", fault.Clip(name, 60))
	}
	return ui.Render(w, r, http.StatusOK, guidePage(h.Chrome(r), h.Guides[i]))
}

// written is a guide's example as it stands in a scenario.
func written(g actions.Guide) string {
	b, err := json.MarshalIndent(map[string]any{"uses": "webhook", "with": map[string]any{"verify": g.Example}}, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}
