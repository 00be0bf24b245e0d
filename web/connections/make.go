package connections

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/ui"
)

// pick is an app that can be connected.
type pick struct {
	ID, Name, Category string
	Tile               ui.Tile
}

// picking is the apps that fit what is searched for.
type picking struct {
	Query   string
	Apps    []pick
	Servers string // the connector of those that are no app's; empty: there is none
}

// pick gives the apps of whose name, kind or description each word is a part, by name; before them what is no app's.
func (h *Handler) pick(query string) picking {
	m := picking{Query: query}
	for c := range h.Connectors.All() {
		words := []string{c.ID, c.Name, c.Category, c.Description, c.Words}
		name, kind := c.Name, c.Category
		if anyServer(*c) {
			m.Servers, name, kind = c.ID, serversName, serversFor
			words = append(words, name, kind)
			for _, a := range c.Auth {
				words = append(words, a.Name)
			}
		}
		if len(c.Auth) == 0 || !ui.Fits(query, words...) {
			continue
		}
		t := h.Apps.Tile(c.ID)
		t.Label = ""
		m.Apps = append(m.Apps, pick{c.ID, name, kind, t})
	}
	sort.SliceStable(m.Apps, func(i, j int) bool {
		if a, b := m.Apps[i].ID == m.Servers, m.Apps[j].ID == m.Servers; a != b {
			return a
		}
		return strings.ToLower(m.Apps[i].Name) < strings.ToLower(m.Apps[j].Name)
	})
	return m
}

// New serves GET /connections/new: the apps, of which ?q= chooses, and with ?connector= the form of one.
func (h *Handler) New(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("connector")
	if id == "" {
		m := h.pick(fault.Clip(r.URL.Query().Get("q"), 200))
		if ui.IsFragment(r) {
			return ui.Render(w, r, http.StatusOK, pickList(m))
		}
		return ui.Render(w, r, http.StatusOK, pickPage(h.Chrome(r), m))
	}
	c, err := h.connector(id)
	if err != nil {
		return err
	}
	slug := r.URL.Query().Get("slug")
	if !value.IsSlug(slug) { // else as a scenario names it that waits for the connection
		slug = ""
	}
	if anyServer(c) && len(c.Auth) > mostTabs && !r.URL.Query().Has("method") {
		return ui.Render(w, r, http.StatusOK, serversPage(h.Chrome(r), c, slug))
	}
	f := h.newForm(c, chosen(c, r.URL.Query().Get("method")))
	if f.Asked = slug; slug != "" {
		f.Plain["slug"] = slug
	} else if f.Plain["slug"], err = h.free(r, f.Plain["slug"]); err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, formPage(h.Chrome(r), f))
}

// free gives a slug that no connection has: the wished one, or that with the next number behind it.
func (h *Handler) free(r *http.Request, wished string) (string, error) {
	list, err := h.Store.Connections(r.Context(), h.Actor(r))
	if err != nil {
		return "", err
	}
	slug := wished
	for n := 2; slices.ContainsFunc(list, func(c run.Connection) bool { return c.Slug == slug }); n++ {
		slug = fmt.Sprintf("%s-%d", wished, n)
	}
	return slug, nil
}

// chosen is the way to sign in that a method names; the connector's first where it names none.
func chosen(c actions.Connector, method string) actions.Auth {
	for _, a := range c.Auth {
		if a.Method == method {
			return a
		}
	}
	return c.Auth[0]
}

// maxForm bounds what a form may hold: a key of a service account is the longest.
const maxForm = 1 << 20

// Create serves POST /connections. The connector's fields come as `value.ID`. Where somebody has to sign in, the answer leads
// on to the vendor.
func (h *Handler) Create(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	connector, err := h.connector(r.FormValue("connector"))
	if err != nil {
		return err
	}
	f := h.newForm(connector, chosen(connector, r.FormValue("method")))
	c, values := f.read(r.FormValue, h.Values)
	if len(f.Wrong) > 0 || f.Failed != "" {
		return ui.Render(w, r, http.StatusUnprocessableEntity, formPage(h.Chrome(r), f))
	}
	c, err = h.Store.CreateConnection(r.Context(), h.Actor(r), c, values)
	switch fault.CodeOf(err) {
	case "":
		return h.next(w, r, c)
	case fault.Conflict:
		f.Wrong["slug"] = "There is a connection of this slug already; take another one."
	case fault.InvalidInput:
		f.Failed = fault.MessageOf(err)
	default:
		return err
	}
	return ui.Render(w, r, http.StatusUnprocessableEntity, formPage(h.Chrome(r), f))
}

// next is what follows once a connection has its values: the sign-in at the vendor, or the test.
func (h *Handler) next(w http.ResponseWriter, r *http.Request, c run.Connection) error {
	connector, auth, _ := h.way(c)
	tests, _ := connector.Tested(c.Method)
	switch {
	case c.Sandbox:
		http.Redirect(w, r, h.Page(c)+"?done=sandboxed", http.StatusSeeOther)
		return nil
	case auth.NeedsSignIn():
		return h.lead(w, r, c)
	case !tests:
		http.Redirect(w, r, h.Page(c)+"?done=filled", http.StatusSeeOther)
		return nil
	}
	failed := h.Test(r.Context(), h.Actor(r), c)
	if errors.Is(failed, actions.ErrUntested) { // it is a matter of taste, and no fault
		http.Redirect(w, r, h.Page(c)+"?done=untested", http.StatusSeeOther)
		return nil
	}
	return h.tested(w, r, c, failed)
}

// Fill serves GET /connections/{connection}/values: the form for new values.
func (h *Handler) Fill(w http.ResponseWriter, r *http.Request) error {
	f, err := h.filling(r)
	if err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, formPage(h.Chrome(r), f))
}

func (h *Handler) filling(r *http.Request) (*form, error) {
	c, err := h.the(r)
	if err != nil {
		return nil, err
	}
	held, err := h.Values.Held(r.Context(), h.Actor(r), c)
	if err != nil {
		return nil, err
	}
	return h.formOf(c, held)
}

// Renew serves POST /connections/{connection}/values.
func (h *Handler) Renew(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	f, err := h.filling(r)
	if err != nil {
		return err
	}
	c := *f.Of
	values, keep := f.readValues(&c, r.FormValue, h.Values)
	if len(f.Wrong) == 0 && f.Failed == "" {
		c, err = h.Values.Renew(r.Context(), h.Actor(r), c, values, keep)
		if err == nil {
			return h.next(w, r, c)
		}
		if fault.CodeOf(err) != fault.InvalidInput {
			return err
		}
		f.Failed = fault.MessageOf(err)
	}
	return ui.Render(w, r, http.StatusUnprocessableEntity, formPage(h.Chrome(r), f))
}
