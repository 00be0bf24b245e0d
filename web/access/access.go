// Package access says who asks and what they may do: sign-in, sessions, API keys, and the permission that every route
// declares. What the routes do is not known here.
package access

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Permission is what a route needs. The zero value is none at all, and no server starts with it.
type Permission int

const (
	undeclared Permission = iota
	Public                // anybody, signed out too
	Read                  // see scenarios, runs, connections without their secrets
	Operate               // runs: cancel, settle, replay; sample events
	Edit                  // scenarios
	Administer            // connections, secrets, keys
)

// allowed is the one table of what roles may do.
func allowed(role run.Role, p Permission) bool {
	rank := map[run.Role]Permission{run.Viewer: Read, run.Operator: Operate, run.Editor: Edit, run.Admin: Administer, run.Owner: Administer}
	most, ok := rank[role]
	return p == Public || ok && p <= most
}

// May says whether a role may do what a route needs, for pages that show only what can be done.
func May(role run.Role, p Permission) bool { return allowed(role, p) }

// HandlerFunc serves a request or says why not.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Route is one address with what it needs.
type Route struct {
	Method  string // empty: every method
	Pattern string // as http.ServeMux has them, without the method
	Needs   Permission
	Handle  HandlerFunc
}

// Answered is the error of a request that has had its answer: it is for the log alone.
type Answered struct{ Err error }

func (a Answered) Error() string { return a.Err.Error() }
func (a Answered) Unwrap() error { return a.Err }

// Of wraps a standard handler.
func Of(h http.Handler) HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

type contextKey struct{}

// ActorFrom gives who asks; false: nobody is signed in.
func ActorFrom(ctx context.Context) (run.Actor, bool) {
	a, ok := ctx.Value(contextKey{}).(run.Actor)
	return a, ok
}

// WithActor is a context in which an actor asks.
func WithActor(ctx context.Context, a run.Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// Router serves routes, each to those who may.
type Router struct {
	mux    *http.ServeMux
	gate   *Gate
	fail   func(http.ResponseWriter, *http.Request, error)
	routes []Route
}

// NewRouter makes a router. A route that declares no permission is an error: the server must not start.
func NewRouter(routes []Route, gate *Gate, fail func(http.ResponseWriter, *http.Request, error)) (*Router, error) {
	router := &Router{mux: http.NewServeMux(), gate: gate, fail: fail, routes: routes}
	for _, route := range routes {
		if route.Needs == undeclared {
			return nil, fault.New(fault.Internal, "The route %s %s declares no permission.", route.Method, route.Pattern)
		}
		router.mux.Handle(strings.TrimSpace(route.Method+" "+route.Pattern), router.guard(route))
	}
	router.mux.Handle("/", router.guard(Route{Pattern: "/", Needs: Read, Handle: router.nothing}))
	return router, nil
}

// WrongMethod is the error of a request whose address takes other methods.
type WrongMethod struct {
	error
	Allow []string
}

func (e WrongMethod) Unwrap() error { return e.error }

// nothing answers what no route takes.
func (router *Router) nothing(_ http.ResponseWriter, r *http.Request) error {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := *r
		probe.Method = method
		if _, pattern := router.mux.Handler(&probe); pattern != "" && pattern != "/" {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return WrongMethod{fault.New(fault.InvalidInput, "This address takes %s, not %s.", strings.Join(allow, " and "), fault.Clip(r.Method, 20)), allow}
}

// Routes gives what the router serves.
func (router *Router) Routes() []Route { return router.routes }

func (router *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) { router.mux.ServeHTTP(w, r) }

func (router *Router) guard(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor, err := router.gate.Identify(r)
		switch {
		case err != nil && route.Needs == Public:
			err = nil // a stale cookie keeps nobody out of the sign-in
		case err == nil && actor.Role != "":
			r = r.WithContext(WithActor(r.Context(), actor))
		}
		if err == nil && route.Needs != Public {
			switch {
			case actor.Role == "":
				err = ErrSignedOut
			case !allowed(actor.Role, route.Needs):
				err = fault.New(fault.Unauthorized, "Your role (%s) does not allow this.", actor.Role)
			}
		}
		if err == nil {
			err = route.Handle(w, r)
		}
		if err != nil {
			router.fail(w, r, err)
		}
	})
}

// ErrSignedOut is the error of a request that needs somebody and comes from nobody. Errors that wrap it say why what the
// request showed makes it nobody's; SignedOut knows them all.
var ErrSignedOut = fault.New(fault.Unauthorized, "Sign in, or send an API key as Authorization: Bearer smk_….")

// SignedOut tells an error of who asks, which a sign-in or another key mends, from one of what they may do.
func SignedOut(err error) bool { return errors.Is(err, ErrSignedOut) }

func badKey(format string, args ...any) error {
	return fault.Wrap(ErrSignedOut, fault.Unauthorized, format, args...)
}
