// Package docs holds the pages that explain: what expressions may call, and how each sender's webhooks are proven.
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
	// Functions finds those of expressions that have every word of a query, by group and name.
	Functions func(query string) []Function
	Chrome    func(*http.Request) ui.Chrome
}

// Function is one that expressions may call.
type Function struct {
	Name, Group, Signature, Summary string
	Examples                        []Example
}

// Example is an expression and what it gives, as JSON.
type Example struct{ Expr, Result string }

// group is some functions under one heading.
type group struct {
	Name      string
	Functions []Function
}

// FunctionList serves GET /docs/functions.
func (h *Handler) FunctionList(w http.ResponseWriter, r *http.Request) error {
	query := fault.Clip(r.URL.Query().Get("q"), 200)
	var groups []group
	for _, f := range h.Functions(query) {
		if len(groups) == 0 || groups[len(groups)-1].Name != f.Group {
			groups = append(groups, group{Name: f.Group})
		}
		last := &groups[len(groups)-1]
		last.Functions = append(last.Functions, f)
	}
	return ui.Render(w, r, http.StatusOK, functionsPage(h.Chrome(r), query, groups))
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
