// Package inbox holds the screens of the events that came in, and what became of each.
package inbox

import (
	"context"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screens read.
type Store interface {
	Events(ctx context.Context, a run.Actor, f run.EventFilter) (run.EventPage, error)
	Event(ctx context.Context, a run.Actor, id string) (run.Event, error)
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
}

// Handler serves the screens.
type Handler struct {
	Store  Store
	Actor  func(*http.Request) run.Actor
	Chrome func(*http.Request) ui.Chrome
	Now    func() time.Time
}

// List serves GET /inbox.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, q := r.Context(), h.Actor(r), queryOf(r)
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	page, err := h.Store.Events(ctx, actor, run.EventFilter{Scenario: q.Scenario, Outcome: run.Outcome(q.Outcome), Cursor: q.Cursor, Limit: 50})
	if err != nil {
		return err
	}
	m := newListing(page, scenarios, q, h.Now())
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

// Show serves GET /inbox/{event}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	e, err := h.Store.Event(r.Context(), h.Actor(r), r.PathValue("event"))
	if err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, eventPage(h.Chrome(r), newEvent(e, h.Now())))
}
