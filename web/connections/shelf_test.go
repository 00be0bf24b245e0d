package connections

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

var start = time.Date(2026, 3, 4, 14, 6, 34, 0, time.UTC)

// shelf keeps connections in memory.
type shelf struct {
	list    []run.Connection
	waiting map[string]int
	made    run.Connection // the last that was made, set, renewed or switched
	values  run.Values
	keep    []string
	did     string
	going   bool // what stands goes on now
}

func (s *shelf) Connections(context.Context, run.Actor) ([]run.Connection, error) { return s.list, nil }

func (s *shelf) Connection(_ context.Context, _ run.Actor, ref string) (run.Connection, error) {
	for _, c := range s.list {
		if c.Slug == ref || c.ID == ref {
			return c, nil
		}
	}
	return run.Connection{}, fault.New(fault.NotFound, "There is no connection %q.", ref)
}

func (s *shelf) CreateConnection(ctx context.Context, a run.Actor, c run.Connection, v run.Values) (run.Connection, error) {
	if _, err := s.Connection(ctx, a, c.Slug); err == nil {
		return c, fault.New(fault.Conflict, "The slug is taken.")
	}
	c.ID = "made"
	s.made, s.values = c, v
	s.list = append(s.list, c)
	return c, nil
}

func (s *shelf) ConfigureConnection(_ context.Context, _ run.Actor, c run.Connection) (run.Connection, error) {
	s.made, s.did = c, "set"
	return c, nil
}

func (s *shelf) PauseConnection(ctx context.Context, a run.Actor, id string, paused bool) (run.Connection, error) {
	s.did = map[bool]string{true: "paused ", false: "resumed "}[paused] + id
	return s.Connection(ctx, a, id)
}

func (s *shelf) DeleteConnection(_ context.Context, _ run.Actor, id string) error {
	s.did = "deleted " + id
	return nil
}

// One names slack in its draft, and mail in its live version only.
func (s *shelf) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{ID: "1", Slug: "one", Name: "One", Version: 3, Dirty: true, Draft: []byte(`{"stepmill":1,"name":"One","trigger":{"uses":"webhook"},"steps":[{"id":"a","uses":"slack.send_message","connection":"slack","with":{}},{"id":"b","uses":"slack.send_message","connection":"slack","with":{}}]}`)},
		{ID: "2", Slug: "broken", Name: "Broken", Draft: []byte("{")}}, nil
}

func (s *shelf) Version(context.Context, run.Actor, string, int) (scenario.Version, error) {
	return scenario.Version{Number: 3, Definition: []byte(`{"stepmill":1,"name":"One","trigger":{"uses":"webhook","connection":"mail"},"steps":[{"id":"a","uses":"slack.send_message","connection":"slack","with":{}}]}`)}, nil
}

func (s *shelf) StandFor(context.Context, run.Actor) (map[string]int, error) { return s.waiting, nil }

func (s *shelf) Standing(_ context.Context, _ run.Actor, connection string, _ int) ([]run.Standing, error) {
	if s.waiting[connection] == 0 {
		return nil, nil
	}
	return []run.Standing{{Run: "r1", Number: 7, Scenario: "one", Path: "a", At: start.Add(-time.Hour), Going: s.going}}, nil
}

func (s *shelf) Held(context.Context, run.Actor, run.Connection) (Held, error) {
	return Held{Plain: map[string]string{"region": "eu", "client_id": "id"}, Sealed: map[string]bool{"token": true, "client_secret": true}}, nil
}

func (s *shelf) Renew(_ context.Context, _ run.Actor, c run.Connection, v run.Values, keep []string) (run.Connection, error) {
	if v["token"] == "never" {
		return c, fault.New(fault.InvalidInput, "Such a token is none.")
	}
	s.made, s.values, s.keep, s.did = c, v, keep, "renewed"
	return c, nil
}

func (s *shelf) CheckValues(_ run.Connection, v run.Values) error {
	if strings.HasPrefix(v["token_url"].Reveal(), "ftp") {
		return fault.Invalid("It is not right.", []fault.Problem{{Path: "/values/token_url", Message: "The token address begins with https://."}})
	}
	return nil
}

func (s *shelf) CheckRef(r run.Ref) error {
	if r.From != "vault" && r.From != "aws" || r.Name == "" {
		return fault.New(fault.InvalidInput, "Nothing lies there.")
	}
	return nil
}

func connectors() *actions.Catalogue {
	signIn := actions.OAuthApp("Make an app.", actions.OAuth{Grant: actions.Code, Authorize: "https://jira.test/a", Token: "https://jira.test/t", Scopes: []string{"read"}})
	return actions.CatalogueOf(actions.Connector{ID: "core", Name: "Built in"}, actions.Connector{ID: "slack", Name: "Slack", Category: "Communication", Monogram: "S", BaseURL: "https://slack.com/api", Test: &actions.Request{Method: "GET", Path: "/auth.test"}, Rate: actions.Rate{Requests: 50, Window: time.Minute},
		Actions: []actions.Action{{ID: "send_message", Name: "Send a message"}},
		Derive: func(v map[string]string) (map[string]string, error) {
			if v["token"] == "odd" {
				return nil, fault.New(fault.InvalidInput, "The token ends without a data centre.")
			}
			return nil, nil
		},
		Auth: []actions.Auth{{Method: "token", Name: "Bot token", Help: "Where it is found.", Fields: []actions.Field{
			{ID: "token", Label: "Token", Help: "Never shown again.", Type: actions.Text, Required: true, Secret: true, Example: "xoxb-…"},
			{ID: "region", Label: "Region", Type: actions.Select, Options: []actions.Option{{Value: "us", Label: "United States"}, {Value: "eu", Label: "Europe"}}, Default: "us"}}},
			{Method: "key", Name: "Key file", Fields: []actions.Field{{ID: "key", Label: "Key", Help: "The whole file.", Type: actions.LongText, Required: true, Secret: true}}}}},
		actions.Connector{ID: "jira", Name: "Jira", Category: "Development", Monogram: "J", Test: &actions.Request{Method: "GET", Path: "/myself"}, Auth: []actions.Auth{signIn}},
		actions.Connector{ID: "mute", Name: "Mute", Category: "Analytics", Untested: "Mute gives nothing out.", Auth: []actions.Auth{{Method: "key", Name: "Key", Fields: []actions.Field{{ID: "key", Label: "Key", Required: true, Secret: true}}}}})
}

func handler(s *shelf) *Handler {
	list := connectors()
	return &Handler{Store: s, Values: s, Connectors: list, Apps: tree.AppsOf(list), Actor: func(*http.Request) run.Actor { return run.Actor{Role: run.Admin} },
		Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada", Broken: 1} }, Now: func() time.Time { return start }, Redirect: "https://stepmill.test/oauth/callback",
		Test: func(_ context.Context, _ run.Actor, c run.Connection) error {
			if c.Slug == "slack" {
				return fault.New(fault.Unauthorized, "Slack answered invalid_auth.")
			}
			if c.Slug == "bare" {
				return actions.Auth{}.Unasked()
			}
			return nil
		},
		BeginSignIn: func(_ context.Context, _ run.Actor, c run.Connection) (string, *http.Cookie, error) {
			if c.Slug == "slack" {
				return "", nil, fault.New(fault.InvalidInput, "Nobody signs in here.")
			}
			return "https://jira.test/a?state=s&of=" + c.Slug, &http.Cookie{Name: "sign_in", Value: "1"}, nil
		}}
}

func stocked() *shelf {
	return &shelf{waiting: map[string]int{"slack": 3}, list: []run.Connection{
		{ID: "c2", Slug: "test", Connector: "slack", Method: "token", State: run.Connected, Sandbox: true, BaseURL: "http://127.0.0.1:9000/api"},
		{ID: "c3", Slug: "jira", Connector: "jira", Method: "oauth", State: run.Connected, Tokens: 1, Account: "ada@example.com", Scopes: "read", ExpiresAt: start.Add(time.Hour)},
		{ID: "c4", Slug: "mail", Name: "Mail", Connector: "slack", Method: "token", State: run.RateLimited, LimitedUntil: start.Add(4 * time.Minute),
			Grants: run.Grants{Scenarios: []string{"one", "gone"}}, Refs: map[string]run.Ref{"token": {From: "vault", Name: "a/b", Key: "k"}}},
		{ID: "c5", Slug: "new", Connector: "slack", Method: "token", State: run.Paused},
		{ID: "c1", Slug: "slack", Name: "Slack", Connector: "slack", Method: "token", State: run.NeedsAuth, Detail: "It answered 401."},
		{ID: "c6", Slug: "fresh", Connector: "jira", Method: "oauth", State: run.NeedsAuth, Detail: "Nobody has signed in yet."},
		{ID: "c7", Slug: "soon", Connector: "jira", Method: "oauth", State: run.Expiring, Tokens: 4, ExpiresAt: start.Add(time.Minute)},
		{ID: "c9", Slug: "late", Connector: "jira", Method: "oauth", State: run.Expiring, Tokens: 4, ExpiresAt: start.Add(-time.Minute)},
		{ID: "c8", Slug: "old", Connector: "jira", Method: "oauth", State: run.NeedsAuth, Tokens: 4, ExpiresAt: start.Add(-time.Hour)}}}
}

func send(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request, slug string) *httptest.ResponseRecorder {
	t.Helper()
	r.SetPathValue("connection", slug)
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func get(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }
