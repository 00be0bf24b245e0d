// Package connections holds the screens of connections: their list, the form that makes one out of what its connector
// asks for, and the test. Credentials go through it once, on their way in, and are never shown.
package connections

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screens read and write.
type Store interface {
	Connections(ctx context.Context, a run.Actor) ([]run.Connection, error)
	Connection(ctx context.Context, a run.Actor, ref string) (run.Connection, error)
	CreateConnection(ctx context.Context, a run.Actor, c run.Connection, values run.Values) (run.Connection, error)
	DeleteConnection(ctx context.Context, a run.Actor, id string) error
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
}

// Handler serves the screens.
type Handler struct {
	Store      Store
	Connectors []actions.Connector // those that can be connected, in the order they are shown
	Apps       *ui.Apps
	Actor      func(*http.Request) run.Actor
	Chrome     func(*http.Request) ui.Chrome
	Now        func() time.Time
	// Test makes the connector's cheapest call with a connection; nil: the button is not shown.
	Test func(ctx context.Context, a run.Actor, c run.Connection) error
}

// List serves GET /connections.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	m, err := h.listing(r)
	if err != nil {
		return err
	}
	m.Notice = noticeOf(r)
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

func (h *Handler) listing(r *http.Request) (listing, error) {
	ctx, actor := r.Context(), h.Actor(r)
	all, err := h.Store.Connections(ctx, actor)
	if err != nil {
		return listing{}, err
	}
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return listing{}, err
	}
	return newListing(all, scenarios, h.Apps, h.Test != nil), nil
}

// New serves GET /connections/new: the apps, and with ?connector= the form of one.
func (h *Handler) New(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("connector")
	if id == "" {
		return ui.Render(w, r, http.StatusOK, pickPage(h.Chrome(r), connectable(h.Connectors, h.Apps)))
	}
	c, err := h.connector(id)
	if err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, formPage(h.Chrome(r), newForm(c, h.Apps, r.URL.Query().Get("method"))))
}

func (h *Handler) connector(id string) (actions.Connector, error) {
	for _, c := range h.Connectors {
		if c.ID == id && len(c.Auth) > 0 {
			return c, nil
		}
	}
	return actions.Connector{}, fault.New(fault.NotFound, "There is no app %q that can be connected.", fault.Clip(id, 60))
}

// maxForm bounds what a form may hold: a key of a service account is the longest.
const maxForm = 1 << 20

// Create serves POST /connections. The connector's fields come as `value.ID`.
func (h *Handler) Create(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	c, err := h.connector(r.FormValue("connector"))
	if err != nil {
		return err
	}
	f := newForm(c, h.Apps, r.FormValue("method"))
	connection, values := f.read(r.FormValue)
	if len(f.Wrong) == 0 {
		_, err = h.Store.CreateConnection(r.Context(), h.Actor(r), connection, values)
		switch fault.CodeOf(err) {
		case "":
			done := "created"
			if connection.Sandbox {
				done = "sandboxed"
			}
			http.Redirect(w, r, "/connections?done="+done, http.StatusSeeOther)
			return nil
		case fault.Conflict:
			f.Wrong["slug"] = "There is a connection of this slug already; take another one."
		case fault.InvalidInput:
			f.Failed = fault.MessageOf(err)
		default:
			return err
		}
	}
	return ui.Render(w, r, http.StatusUnprocessableEntity, formPage(h.Chrome(r), f))
}

// TestOne serves POST /connections/{connection}/test.
func (h *Handler) TestOne(w http.ResponseWriter, r *http.Request) error {
	if h.Test == nil {
		return fault.New(fault.NotFound, "Connections cannot be tested here.")
	}
	ctx, actor := r.Context(), h.Actor(r)
	c, err := h.Store.Connection(ctx, actor, r.PathValue("connection"))
	if err != nil {
		return err
	}
	if err := h.Test(ctx, actor, c); err != nil {
		m, failed := h.listing(r)
		if failed != nil {
			return failed
		}
		m.Notice = ui.Notice{Text: c.Name + ": " + fault.MessageOf(err), Bad: true}
		return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
	}
	http.Redirect(w, r, "/connections?done=works&of="+url.QueryEscape(c.Slug), http.StatusSeeOther)
	return nil
}

// Delete serves POST /connections/{connection}/delete.
func (h *Handler) Delete(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), h.Actor(r)
	c, err := h.Store.Connection(ctx, actor, r.PathValue("connection"))
	if err != nil {
		return err
	}
	if err := h.Store.DeleteConnection(ctx, actor, c.ID); err != nil {
		return err
	}
	http.Redirect(w, r, "/connections?done=deleted", http.StatusSeeOther)
	return nil
}

func noticeOf(r *http.Request) ui.Notice {
	return ui.Notice{Text: map[string]string{
		"signed-in": "Signed in: the connection works.",
		"created":   "The connection was made. Test it to see whether the app accepts it.",
		"sandboxed": "The sandbox connection was made. What it would send is recorded in the outbox.",
		"works":     "The app answered: the connection works.",
		"deleted":   "The connection was deleted.",
	}[r.URL.Query().Get("done")]}
}
