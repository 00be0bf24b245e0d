package scenarios

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// New serves GET /scenarios/new: the templates, a blank one, and the way to bring a file.
func (h *Handler) New(w http.ResponseWriter, r *http.Request) error {
	m := beginning{Templates: h.cards(), Query: fault.Clip(strings.TrimSpace(r.URL.Query().Get("q")), 200)}
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, groups(m))
	}
	return ui.Render(w, r, http.StatusOK, newPage(h.Chrome(r), m))
}

func (h *Handler) cards() []templateCard {
	var list []templateCard
	for _, t := range h.Templates() {
		list = append(list, newTemplateCard(t, h.Drawer))
	}
	return list
}

// templateCard is a template as the screens show it.
type templateCard struct {
	ID, Name, About, Group string
	Href                   string // where it leads, of one that makes no scenario by itself
	First                  bool   // whether it is shown where there are no scenarios yet
	Tiles                  []ui.Tile
}

func newTemplateCard(t Template, d tree.Drawer) templateCard {
	c := templateCard{ID: t.ID, Name: t.Name, About: t.Description, Group: t.Group, First: t.First}
	if doc, _, err := scenario.Decode(t.Definition); err == nil {
		for _, tile := range d.Tiles(doc.Scenario) {
			if tile.Icon != "braces" { // built-in steps say nothing of what it is for
				c.Tiles = append(c.Tiles, tile)
			}
		}
		if c.Name == "" {
			c.Name = doc.Name
		}
		if c.About == "" {
			c.About = doc.Description
		}
	}
	return c
}

// fits says that each word of a query stands in what the card says, or names one of its apps.
func (c templateCard) fits(query string) bool {
	texts := []string{c.Name, c.About, c.Group}
	for _, tile := range c.Tiles {
		texts = append(texts, tile.Label)
	}
	return ui.Fits(query, texts...)
}

// firstOf are the templates that are shown where there are no scenarios yet: all where none is marked.
func firstOf(list []templateCard) []templateCard {
	var first []templateCard
	for _, c := range list {
		if c.First {
			first = append(first, c)
		}
	}
	if first == nil {
		return list
	}
	return first
}

// templateGroup is templates for one kind of work.
type templateGroup struct {
	ID, Name string
	Cards    []templateCard
}

// beginning is the page of a new scenario.
type beginning struct {
	Templates []templateCard
	Query     string
	Text      string // that was not taken
	Wrong     string // why
}

// source is where the list of templates is fetched from.
func (m beginning) source() string {
	if m.Query == "" {
		return "/scenarios/new"
	}
	return "/scenarios/new?" + url.Values{"q": {m.Query}}.Encode()
}

// groups are the templates that fit the query, by group in the order in which the groups come; before them, where nothing is
// looked for, the ways without a template.
func (m beginning) groups() []templateGroup {
	var list []templateGroup
	if m.Query == "" {
		list = append(list, templateGroup{"blank", "Your own", []templateCard{
			{Name: "Blank", About: "A webhook and one step, to be written from there.", Tiles: []ui.Tile{{Class: "logic", Icon: "plus"}}},
			{Name: "A file", About: "A scenario that was exported, from here or elsewhere.", Tiles: []ui.Tile{{Class: "logic", Icon: "upload"}}, Href: "#import"}}})
	}
	at := map[string]int{}
	for _, c := range m.Templates {
		if !c.fits(m.Query) {
			continue
		}
		i, known := at[c.Group]
		if !known {
			i = len(list)
			at[c.Group] = i
			list = append(list, templateGroup{ID: "of-" + c.Group, Name: groupName(c.Group)})
		}
		list[i].Cards = append(list[i].Cards, c)
	}
	return list
}

func groupName(group string) string {
	if group == "" {
		return "Others"
	}
	return strings.ToUpper(group[:1]) + group[1:]
}
