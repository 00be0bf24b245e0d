// Package connections holds the screens of connections: their list, a page for each, the form that makes one out of what its
// connector asks for, the test, and the way to the vendor's sign-in. Credentials go through it once, on their way in, and are
// never shown.
package connections

import (
	"context"
	"net/http"
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
	ConfigureConnection(ctx context.Context, a run.Actor, c run.Connection) (run.Connection, error)
	PauseConnection(ctx context.Context, a run.Actor, id string, paused bool) (run.Connection, error)
	DeleteConnection(ctx context.Context, a run.Actor, id string) error
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, number int) (scenario.Version, error)
	StandFor(ctx context.Context, a run.Actor) (map[string]int, error)
	Standing(ctx context.Context, a run.Actor, connection string, limit int) ([]run.Standing, error)
}

// Values are where credentials lie. No secret comes out of them.
type Values interface {
	// Held says what a connection holds.
	Held(ctx context.Context, a run.Actor, c run.Connection) (Held, error)
	// Renew puts values into a connection. Of those that it holds already the ones named by keep stay, all others go.
	Renew(ctx context.Context, a run.Actor, c run.Connection, values run.Values, keep []string) (run.Connection, error)
	// CheckValues says what is wrong with a connection's certificates, and with where it would get its tokens.
	CheckValues(c run.Connection, values run.Values) error
	// CheckRef says why a value cannot be read from where it is said to lie.
	CheckRef(r run.Ref) error
}

// Held is what a connection holds, by field id.
type Held struct {
	Plain  map[string]string // those that are no secrets
	Sealed map[string]bool   // the secrets that there are
}

// Handler serves the screens.
type Handler struct {
	Store      Store
	Values     Values
	Connectors *actions.Catalogue
	Apps       *ui.Apps
	Actor      func(*http.Request) run.Actor
	Chrome     func(*http.Request) ui.Chrome
	Now        func() time.Time
	Redirect   string // where vendors send browsers back to, a URL
	// Test makes the connector's cheapest call with a connection.
	Test func(ctx context.Context, a run.Actor, c run.Connection) error
	// BeginSignIn begins a sign-in: it gives the address at the vendor's, and the cookie without which nobody can end it.
	BeginSignIn func(ctx context.Context, a run.Actor, c run.Connection) (string, *http.Cookie, error)
}

// List serves GET /connections, of which ?app= chooses those of an app.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), h.Actor(r)
	all, err := h.Store.Connections(ctx, actor)
	if err != nil {
		return err
	}
	uses, err := h.uses(ctx, actor)
	if err != nil {
		return err
	}
	m := listing{May: h.may(r), App: r.URL.Query().Get("app")}
	if h.Connectors.Get(m.App) == nil {
		m.App = ""
	}
	for _, c := range all {
		if m.App != "" && c.Connector != m.App {
			continue
		}
		m.Cards = append(m.Cards, h.card(c, uses))
	}
	m.order()
	if m.App != "" {
		m.AppName = h.Apps.Name(m.App)
	}
	m.Notice = noticeOf(r, "")
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

func (h *Handler) may(r *http.Request) bool {
	return access.May(h.Actor(r).Role, access.Administer)
}

// uses says what depends on connections.
func (h *Handler) uses(ctx context.Context, actor run.Actor) (uses, error) {
	u := uses{by: map[string][]link{}}
	var err error
	if u.scenarios, err = h.Store.Scenarios(ctx, actor); err != nil {
		return u, err
	}
	for _, s := range u.scenarios {
		u.add(s, s.Draft)
		if s.Version > 0 && s.Dirty { // what runs is not what is being edited
			v, err := h.Store.Version(ctx, actor, s.ID, s.Version)
			if err != nil {
				return u, err
			}
			u.add(s, v.Definition)
		}
	}
	u.waiting, err = h.Store.StandFor(ctx, actor)
	return u, err
}

// connector gives an app that can be connected.
func (h *Handler) connector(id string) (actions.Connector, error) {
	if c := h.Connectors.Get(id); c != nil && len(c.Auth) > 0 {
		return *c, nil
	}
	return actions.Connector{}, fault.New(fault.NotFound, "There is no app %q that can be connected.", fault.Clip(id, 60))
}

// way gives how a connection signs in; false: its app has no such way any more.
func (h *Handler) way(c run.Connection) (actions.Connector, actions.Auth, bool) {
	connector, err := h.connector(c.Connector)
	if err != nil {
		return actions.Connector{}, actions.Auth{}, false
	}
	auth, ok := connector.Way(c.Method)
	return connector, auth, ok
}

// the connection that a request is about.
func (h *Handler) the(r *http.Request) (run.Connection, error) {
	return h.Store.Connection(r.Context(), h.Actor(r), r.PathValue("connection"))
}

// noticeOf is the answer to what was done before; who is who signed in.
func noticeOf(r *http.Request, who string) ui.Notice {
	done := r.URL.Query().Get("done")
	if done == "signed-in" && who != "" {
		return ui.Notice{Text: "Signed in as " + who + "."}
	}
	return ui.Notice{Text: map[string]string{
		"signed-in": "Signed in: the connection works.",
		"sandboxed": "The sandbox connection was made. What it would send is recorded in the outbox.",
		"filled":    "The values are in. They cannot be tested: the next run shows whether the app takes them.",
		"untested":  "The values are in. With a test address, under New values, they can be tested; without one, the next run shows whether they are taken.",
		"works":     "The app answered: the connection works.",
		"saved":     "Saved.",
		"paused":    "The connection is paused: nothing is sent over it. Runs that need it stand, and go on by themselves once it is resumed.",
		"resumed":   "The connection is on again.",
		"deleted":   "The connection was deleted.",
	}[done]}
}
