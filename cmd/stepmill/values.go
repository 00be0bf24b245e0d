package main

import (
	"context"
	"net/http"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/api"
	"github.com/stepmill/stepmill/web/connections"
)

// kept is where the screens of connections put credentials. It gives out those only that are no secrets.
type kept struct{ s *server }

func (k kept) Held(ctx context.Context, a run.Actor, c run.Connection) (connections.Held, error) {
	held := connections.Held{Plain: map[string]string{}, Sealed: map[string]bool{}}
	app := connectors.Catalogue.Get(c.Connector)
	if app == nil {
		return held, nil
	}
	_, values, err := k.s.store.Credentials(ctx, a.Workspace, c.ID)
	if err != nil {
		return held, err
	}
	auth, _ := app.Way(c.Method)
	for _, f := range auth.Fields {
		switch v, ok := values[f.ID]; {
		case ok && f.Secret:
			held.Sealed[f.ID] = true
		case ok:
			held.Plain[f.ID] = v.Reveal()
		}
	}
	return held, nil
}

func (k kept) Renew(ctx context.Context, a run.Actor, c run.Connection, values run.Values, keep []string) (run.Connection, error) {
	_, had, err := k.s.store.Credentials(ctx, a.Workspace, c.ID)
	if err != nil {
		return c, err
	}
	for _, name := range keep {
		if v, ok := had[name]; ok {
			values[name] = v
		}
	}
	if err := k.CheckValues(c, values); err != nil {
		return c, err
	}
	return k.s.named().UpdateConnection(ctx, a, c, values)
}

// CheckValues looks at connections only that get tokens, and whose values are all known here.
func (k kept) CheckValues(c run.Connection, values run.Values) error {
	app := connectors.Catalogue.Get(c.Connector)
	if app == nil || c.Sandbox || len(c.Refs) > 0 {
		return nil
	}
	if auth, ok := app.Way(c.Method); !ok || auth.OAuth == nil {
		return nil
	}
	return k.s.out.CheckValues(c, values)
}

func (k kept) CheckRef(r run.Ref) error { return k.s.out.CheckRef(r) }

// broken counts the connections that need a person, for who looks at a page.
func (s *server) broken(r *http.Request, a run.Actor) int {
	if !access.May(a.Role, access.Read) {
		return 0
	}
	n, err := s.store.NeedSignIn(r.Context(), a)
	if err != nil && r.Context().Err() == nil {
		s.log.Error("the connections that need a person could not be counted", "error", err)
	}
	return n
}

// ailing is with how many triggers something is wrong.
func (s *server) ailing(r *http.Request, a run.Actor) int {
	if !access.May(a.Role, access.Read) {
		return 0
	}
	return s.monitor.Wrong(r.Context(), a.Workspace)
}

// signInFailed is the page of a sign-in that came to nothing.
func signInFailed(links *connections.Handler) func(http.ResponseWriter, *http.Request, string, error) error {
	return func(w http.ResponseWriter, r *http.Request, slug string, err error) error {
		if fault.CodeOf(err) == fault.Internal {
			return err // its number is for the log
		}
		return links.SignInFailed(w, r, slug, api.StatusOf(err), err)
	}
}
