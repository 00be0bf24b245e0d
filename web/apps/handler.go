// Package apps is the catalogue on screens: every app that can be connected, and a reference page for each, made from the
// connector's own data.
package apps

import (
	"context"
	"net/http"
	"sort"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/ui"
)

// Store knows what is connected.
type Store interface {
	Connections(ctx context.Context, a run.Actor) ([]run.Connection, error)
}

// Example is a scenario that people can begin with.
type Example struct {
	ID, Name, Description string
	Uses                  []string // the ids of the apps in it
}

// Handler serves the pages.
type Handler struct {
	Store     Store
	Catalogue *actions.Catalogue
	Apps      *ui.Apps
	Guides    []actions.Guide
	Examples  func() []Example
	Actor     func(*http.Request) run.Actor
	Chrome    func(*http.Request) ui.Chrome
}

// List serves GET /apps, of which ?q= chooses.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	counts, err := h.connected(r)
	if err != nil {
		return err
	}
	m := h.listing(fault.Clip(r.URL.Query().Get("q"), 200), counts)
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

// Show serves GET /apps/{app}, of whose triggers and actions ?q= chooses.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("app")
	c := h.Catalogue.Get(id)
	if c == nil {
		return fault.New(fault.NotFound, "There is no app %q.%s", fault.Clip(id, 60), fault.DidYouMean(id, h.Catalogue.IDs()))
	}
	counts, err := h.connected(r)
	if err != nil {
		return err
	}
	m := h.page(c, counts[c.ID])
	m.Query = fault.Clip(r.URL.Query().Get("q"), 200)
	m.May = access.May(h.Actor(r).Role, access.Administer)
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, does(m))
	}
	return ui.Render(w, r, http.StatusOK, appPage(h.Chrome(r), m))
}

// connected counts connections by their app.
func (h *Handler) connected(r *http.Request) (map[string]int, error) {
	list, err := h.Store.Connections(r.Context(), h.Actor(r))
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, c := range list {
		counts[c.Connector]++
	}
	return counts, nil
}

// card is an app in the list.
type card struct {
	ID, Name, Description string
	Tile                  ui.Tile
	Actions, Triggers     int
	Connected             int
	Found                 []string // its triggers and actions that fit, where it is found by those alone
}

// group is the apps of a category.
type group struct {
	Name  string
	Cards []card
}

type listing struct {
	Query  string
	Groups []group
}

func (h *Handler) listing(query string, counts map[string]int) listing {
	m := listing{Query: query}
	at := map[string]int{}
	for c := range h.Catalogue.All() {
		var found []string
		if !ui.Fits(query, c.ID, c.Name, nameOf(c), c.Category, c.Description) {
			if found = finds(c, query); found == nil && !ui.Fits(query, c.Name, c.Words) {
				continue
			}
		}
		i, known := at[c.Category]
		if !known {
			i = len(m.Groups)
			at[c.Category] = i
			m.Groups = append(m.Groups, group{Name: c.Category})
		}
		tile := h.Apps.Tile(c.ID)
		tile.Label = ""
		m.Groups[i].Cards = append(m.Groups[i].Cards, card{c.ID, nameOf(c), c.Description, tile, len(c.Actions), len(c.Triggers), counts[c.ID], found})
	}
	sort.SliceStable(m.Groups, func(i, j int) bool { return m.Groups[i].Name < m.Groups[j].Name })
	for _, g := range m.Groups {
		sort.SliceStable(g.Cards, func(i, j int) bool { return strings.ToLower(g.Cards[i].Name) < strings.ToLower(g.Cards[j].Name) })
	}
	return m
}

// finds gives the names of an app's triggers and actions that fit. A word may stand in the app's own name too.
func finds(c *actions.Connector, query string) (names []string) {
	for _, t := range c.Triggers {
		if ui.Fits(query, c.Name, t.ID, t.Name) {
			names = append(names, t.Name)
		}
	}
	for _, a := range c.Actions {
		if ui.Fits(query, c.Name, a.ID, a.Name, a.Words) {
			names = append(names, a.Name)
		}
	}
	return names
}
