// Package gallery serves every screen with sample data, so that people can look at them and tests can use them. It is no
// part of the product.
package gallery

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/dist"
	"github.com/stepmill/stepmill/web/runs"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// CSP is the policy that the product sends.
const CSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Options say how the gallery behaves.
type Options struct {
	Now  func() time.Time
	Play bool          // the running run goes on while it is watched
	Pace time.Duration // between two of its entries
	Long bool          // names are as long as they may be
}

// New is all screens over the sample workspace.
func New(o Options) http.Handler {
	now := o.Now
	store := NewStore(now())
	connectors := Connectors()
	apps := tree.AppsOf(connectors)
	drawer := tree.Drawer{Apps: apps, Catalogue: connectors}
	chrome := func(r *http.Request) ui.Chrome {
		theme := ui.ThemeOf(r)
		if t := r.URL.Query().Get("theme"); t != "" {
			theme = t
		}
		return ui.Chrome{User: "Ada Lovelace", Email: "ada@example.com", AppsCSS: apps.URL(), Theme: theme, Demo: true, Broken: 2, Ailing: 3}
	}
	actor := func(*http.Request) run.Actor { return run.Actor{Workspace: "default", User: "u1", Role: run.Owner} }
	mux := http.NewServeMux()
	mux.Handle("GET "+dist.Prefix, dist.Handler())
	mux.Handle("GET "+ui.AppsPath, apps)
	handle := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", CSP)
			if err := f(w, r); err != nil {
				status := http.StatusInternalServerError
				if fault.CodeOf(err) == fault.NotFound {
					status = http.StatusNotFound
				}
				ui.Render(w, r, status, ui.Failed(chrome(r), "Not here", fault.MessageOf(err)))
			}
		})
	}
	pages := runs.Handler{Store: store, Drawer: drawer, Actor: actor, Chrome: chrome, Now: now,
		Cancel: func(_ ctx, _ run.Actor, _ string) error { return nil }, Replay: func(_ ctx, _ run.Actor, id string, _ json.RawMessage) (string, error) { return id, nil }}
	handle("GET /runs", pages.List)
	handle("GET /scenarios/{scenario}/runs", pages.List)
	handle("GET /runs/{run}", pages.Show)
	handle("GET /runs/{run}/attention", pages.Attention)
	handle("POST /runs/{run}/cancel", pages.CancelRun)
	handle("POST /runs/{run}/replay", pages.ReplayRun)
	more(handle, store, drawer, connectors, actor, chrome, now)
	stream(mux, store, o)
	handle("/", func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "There is no such page.")
	})
	if o.Long {
		return long(mux)
	}
	return mux
}
