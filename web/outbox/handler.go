// Package outbox holds the screen of the requests that sandbox connections recorded instead of sending them.
package outbox

import (
	"context"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screen reads, and what it clears.
type Store interface {
	// Outbox gives the newest requests, older than the one with the id before where that is not empty.
	Outbox(ctx context.Context, a run.Actor, limit int, before string) ([]run.Recorded, error)
	ClearOutbox(ctx context.Context, a run.Actor) error
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
}

// Handler serves the screen.
type Handler struct {
	Store  Store
	Apps   *ui.Apps
	Actor  func(*http.Request) run.Actor
	Chrome func(*http.Request) ui.Chrome
	Now    func() time.Time
}

const perPage = 50

// List serves GET /outbox.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), h.Actor(r)
	recorded, err := h.Store.Outbox(ctx, actor, perPage, r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	m := newListing(recorded, scenarios, h.Apps, h.Now())
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	if r.URL.Query().Get("done") == "cleared" {
		m.Notice = ui.Notice{Text: "The outbox is empty."}
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

// Clear serves POST /outbox/clear.
func (h *Handler) Clear(w http.ResponseWriter, r *http.Request) error {
	if err := h.Store.ClearOutbox(r.Context(), h.Actor(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/outbox?done=cleared", http.StatusSeeOther)
	return nil
}
