package gallery

import (
	"net/http"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/connections"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// linked are the screens of connections.
func linked(handle func(string, func(http.ResponseWriter, *http.Request) error), store *Store, drawer tree.Drawer, connectors *actions.Catalogue,
	actor func(*http.Request) run.Actor, chrome func(*http.Request) ui.Chrome, now func() time.Time) {
	c := connections.Handler{Store: store, Values: values{}, Connectors: connectors, Apps: drawer.Apps, Actor: actor, Chrome: chrome, Now: now, Redirect: "https://stepmill.example.com/oauth/callback",
		Test: func(ctx, run.Actor, run.Connection) error {
			return fault.New(fault.Unauthorized, "Slack answered 401: token_revoked. Put new values into it under Connections, and test it.")
		},
		BeginSignIn: func(_ ctx, _ run.Actor, c run.Connection) (string, *http.Cookie, error) {
			return "/vendor?of=" + c.Slug, &http.Cookie{Name: "stepmill_sign_in_1"}, nil
		}}
	handle("GET /connections", c.List)
	handle("GET /connections/new", c.New)
	handle("POST /connections", c.Create)
	handle("GET /connections/{connection}", c.Show)
	handle("POST /connections/{connection}", c.Set)
	handle("GET /connections/{connection}/values", c.Fill)
	handle("POST /connections/{connection}/values", c.Renew)
	handle("POST /connections/{connection}/sign-in", c.SignIn)
	handle("POST /connections/{connection}/test", c.TestOne)
	handle("POST /connections/{connection}/pause", c.Pause)
	handle("POST /connections/{connection}/resume", c.Resume)
	handle("POST /connections/{connection}/delete", c.Delete)
	handle("GET /oauth/callback", func(w http.ResponseWriter, r *http.Request) error {
		return c.SignInFailed(w, r, "jira", http.StatusOK, fault.New(fault.Unauthorized, "Access was denied at the vendor (access_denied: User did not authorize the request). The connection is as it was; sign in again, and allow it there."))
	})
	none := c
	none.Store = unlinked{store}
	handle("GET /unlinked", none.List)
	looking := c
	looking.Actor = func(*http.Request) run.Actor { return run.Actor{Workspace: "default", User: "u2", Role: run.Viewer} }
	handle("GET /looking", func(w http.ResponseWriter, r *http.Request) error {
		r.SetPathValue("connection", "hubspot")
		return looking.Show(w, r)
	})
}

type unlinked struct{ *Store }

func (unlinked) Connections(ctx, run.Actor) ([]run.Connection, error) { return nil, nil }

// values holds nothing but what every app asks for.
type values struct{}

func (values) Held(_ ctx, _ run.Actor, c run.Connection) (connections.Held, error) {
	return connections.Held{Plain: map[string]string{"client_id": "0d3a91c2"}, Sealed: map[string]bool{"client_secret": true, "token": true}}, nil
}
func (values) Renew(_ ctx, _ run.Actor, c run.Connection, _ run.Values, _ []string) (run.Connection, error) {
	return c, nil
}
func (values) CheckValues(run.Connection, run.Values) error { return nil }
func (values) CheckRef(r run.Ref) error {
	if r.From == "vault" {
		return nil
	}
	return fault.New(fault.InvalidInput, "This server was given no environment file to read values from; start it with --secrets-env-file.")
}

// Connections are one of each state.
func (s *Store) Connections(_ ctx, a run.Actor) ([]run.Connection, error) {
	at := s.now.Add(-40 * 24 * time.Hour)
	return []run.Connection{
		{ID: "c1", Slug: "slack", Name: "Slack – Acme", Connector: "slack", Method: "token", State: run.Connected, CreatedAt: at, Rate: "40/1m", Refs: map[string]run.Ref{"token": {From: "vault", Name: "automation/slack", Key: "bot"}}},
		{ID: "c2", Slug: "jira", Name: "Jira", Connector: "jira", Method: "oauth", State: run.NeedsAuth, Tokens: 3, Account: "https://acme.atlassian.net", Scopes: "read:jira-work write:jira-work offline_access", CreatedAt: at,
			Detail: "Jira answered 403: Unknown or invalid refresh token. Reconnect it under Connections: sign in again.", ExpiresAt: s.now.Add(-3 * time.Hour)},
		{ID: "c3", Slug: "mailchimp", Name: "Mailchimp", Connector: "mailchimp", Method: "token", State: run.Connected, Sandbox: true, CreatedAt: at},
		{ID: "c4", Slug: "hubspot", Name: "HubSpot EU", Connector: "hubspot", Method: "token", State: run.RateLimited, BaseURL: "https://api-eu.example.com", LimitedUntil: s.now.Add(4 * time.Minute), CreatedAt: at,
			Grants: run.Grants{Scenarios: []string{"lead-routing"}, Actions: []string{"hubspot.upsert_contact"}}},
		{ID: "c5", Slug: "github", Name: "GitHub", Connector: "github", Method: "oauth", State: run.Expiring, Tokens: 1, Account: "ada", Scopes: "repo, gist", ExpiresAt: s.now.Add(-59 * time.Second), CreatedAt: at},
		{ID: "c6", Slug: "intercom", Name: "Intercom", Connector: "intercom", Method: "token", State: run.Connected, CreatedAt: at},
		{ID: "c7", Slug: "notion", Name: "Notion of the marketing team", Connector: "notion", Method: "token", State: run.Paused, CreatedAt: at},
		{ID: "c8", Slug: "pipedrive", Name: "Pipedrive", Connector: "pipedrive", Method: "oauth", State: run.Connected, Tokens: 9, Account: "ada@example.com", Scopes: "deals:full contacts:full", ExpiresAt: s.now.Add(52 * time.Minute), CreatedAt: at},
		{ID: "c9", Slug: "salesforce", Name: "Salesforce", Connector: "salesforce", Method: "token", State: run.NeedsAuth, Detail: "Salesforce answered 401: Session expired or invalid. Put new values into it under Connections, and test it.", CreatedAt: at},
	}, nil
}

func (s *Store) Connection(c ctx, a run.Actor, ref string) (run.Connection, error) {
	all, _ := s.Connections(c, a)
	for _, one := range all {
		if one.Slug == ref || one.ID == ref {
			return one, nil
		}
	}
	return run.Connection{}, fault.New(fault.NotFound, "There is no connection %q.", ref)
}

func (s *Store) CreateConnection(_ ctx, _ run.Actor, c run.Connection, _ run.Values) (run.Connection, error) {
	return c, nil
}
func (s *Store) ConfigureConnection(_ ctx, _ run.Actor, c run.Connection) (run.Connection, error) {
	return c, nil
}
func (s *Store) PauseConnection(c ctx, a run.Actor, id string, _ bool) (run.Connection, error) {
	return s.Connection(c, a, id)
}
func (s *Store) DeleteConnection(ctx, run.Actor, string) error { return nil }

func (s *Store) StandFor(ctx, run.Actor) (map[string]int, error) {
	return map[string]int{"jira": 412, "salesforce": 3}, nil
}

func (s *Store) Standing(_ ctx, _ run.Actor, connection string, limit int) ([]run.Standing, error) {
	var out []run.Standing
	n := map[string]int{"jira": limit, "salesforce": 3}[connection]
	for i := range n {
		out = append(out, run.Standing{Run: s.runs[i%len(s.runs)].ID, Number: int64(800 + i), Scenario: "intercom-escalations", Path: "ticket", At: s.now.Add(-time.Duration(200-9*i) * time.Minute)})
	}
	return out, nil
}

// signedIn adds the way to sign in by the person's own app at the vendor.
func signedIn(c actions.Connector) actions.Connector {
	way := actions.OAuthApp("In the vendor's developer console under My apps, Create, OAuth 2.0 integration. Add the API, and the scopes that the actions need.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://vendor.example/authorize", Token: "https://vendor.example/token", Scopes: []string{"read", "write"}})
	c.Auth = append([]actions.Auth{way}, c.Auth...)
	return c
}
