// Package triggers holds the screen of all live triggers: what each last had to do with, and what is wrong with it.
package triggers

import (
	"context"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screen reads.
type Store interface {
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
}

// Handler serves the screen.
type Handler struct {
	Store  Store
	Health func(ctx context.Context, a run.Actor, scenarioID string) []run.Health
	Apps   *ui.Apps
	Actor  func(*http.Request) run.Actor
	Chrome func(*http.Request) ui.Chrome
	Now    func() time.Time
}

// List serves GET /triggers.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), h.Actor(r)
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	q, wrong := queryOf(r)
	m := newListing(h.Health(ctx, actor, ""), scenarios, h.Apps, q, h.Now())
	m.Wrong = wrong
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}
