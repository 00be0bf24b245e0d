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
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// shelf keeps connections in memory.
type shelf struct {
	list   []run.Connection
	made   run.Connection
	values run.Values
}

func (s *shelf) Connections(context.Context, run.Actor) ([]run.Connection, error) { return s.list, nil }

func (s *shelf) Connection(_ context.Context, _ run.Actor, ref string) (run.Connection, error) {
	for _, c := range s.list {
		if c.Slug == ref {
			return c, nil
		}
	}
	return run.Connection{}, fault.New(fault.NotFound, "There is no connection %q.", ref)
}

func (s *shelf) CreateConnection(ctx context.Context, a run.Actor, c run.Connection, v run.Values) (run.Connection, error) {
	if _, err := s.Connection(ctx, a, c.Slug); err == nil {
		return c, fault.New(fault.Conflict, "The slug is taken.")
	}
	s.made, s.values = c, v
	return c, nil
}

func (s *shelf) DeleteConnection(_ context.Context, _ run.Actor, id string) error {
	s.made = run.Connection{ID: "deleted " + id}
	return nil
}

func (s *shelf) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{Slug: "one", Name: "One", Draft: []byte(`{"stepmill":1,"name":"One","trigger":{"uses":"webhook"},"steps":[{"id":"a","uses":"slack.send_message","connection":"slack","with":{}},{"id":"b","uses":"slack.send_message","connection":"slack","with":{}}]}`)},
		{Slug: "broken", Name: "Broken", Draft: []byte("{")}}, nil
}

func handler(s *shelf) *Handler {
	connectors := []actions.Connector{{ID: "core", Name: "Built in"}, {ID: "slack", Name: "Slack", Category: "Communication", Monogram: "S", BaseURL: "https://slack.com/api", Rate: actions.Rate{Requests: 50, Window: time.Minute},
		Auth: []actions.Auth{{Method: "token", Name: "Bot token", Help: "Where it is found.", Fields: []actions.Field{
			{ID: "token", Label: "Token", Help: "Never shown again.", Type: actions.Text, Required: true, Secret: true, Example: "xoxb-…"},
			{ID: "region", Label: "Region", Type: actions.Select, Options: []actions.Option{{Value: "us", Label: "United States"}, {Value: "eu", Label: "Europe"}}, Default: "us"}}},
			{Method: "basic", Name: "Password", Fields: []actions.Field{{ID: "user", Label: "User", Required: true}}}}}}
	return &Handler{Store: s, Connectors: connectors, Apps: ui.NewApps(tree.AppsOf(connectors)), Actor: func(*http.Request) run.Actor { return run.Actor{} },
		Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Now: time.Now,
		Test: func(_ context.Context, _ run.Actor, c run.Connection) error {
			if c.Slug == "slack" {
				return fault.New(fault.Unauthorized, "Slack answered invalid_auth.")
			}
			return nil
		}}
}

func stocked() *shelf {
	return &shelf{list: []run.Connection{
		{ID: "c1", Slug: "slack", Name: "Slack", Connector: "slack", State: run.NeedsAuth, Detail: "It answered 401."},
		{ID: "c2", Slug: "test", Connector: "slack", State: run.Connected, Sandbox: true, BaseURL: "http://127.0.0.1:9000/api"}}}
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

func TestPages(t *testing.T) {
	h := handler(stocked())
	get := func(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }
	uitest.Compare(t, "list", send(t, h.List, get("/connections"), "").Body.String())
	uitest.Compare(t, "list-empty", send(t, handler(&shelf{}).List, get("/connections"), "").Body.String())
	uitest.Compare(t, "pick", send(t, h.New, get("/connections/new"), "").Body.String())
	uitest.Compare(t, "form", send(t, h.New, get("/connections/new?connector=slack"), "").Body.String())
	if err := h.New(httptest.NewRecorder(), get("/connections/new?connector=core")); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an app that needs no connection gives %v", err)
	}
}

func TestCreate(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		wrong  string // a sentence of the form shown again; empty: it was made
	}{
		{"all that is needed", []string{"slug", "team", "name", "Team", "value.token", " xoxb-1 ", "value.region", "eu"}, ""},
		{"no token", []string{"slug", "team"}, "Token is needed."},
		{"a sandbox needs none", []string{"slug", "team", "sandbox", "1"}, ""},
		{"a slug with capitals", []string{"slug", "Team", "value.token", "x"}, "A slug is small letters"},
		{"a slug that is taken", []string{"slug", "slack", "value.token", "x"}, "There is a connection of this slug already"},
		{"an address without a host", []string{"slug", "team", "value.token", "x", "base_url", "localhost:9000"}, "An address begins with"},
		{"a rate that is none", []string{"slug", "team", "value.token", "x", "rate", "fast"}, "A rate is a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stocked()
			got := send(t, handler(s).Create, uitest.Form("/connections", append(c.fields, "connector", "slack", "method", "token")...), "")
			body := got.Body.String()
			if (c.wrong == "") != (got.Code == http.StatusSeeOther) || !strings.Contains(body, c.wrong) {
				t.Errorf("status %d", got.Code)
			}
			if strings.Contains(body, "xoxb-1") {
				t.Error("the secret is shown again")
			}
			if c.wrong != "" && s.made.Slug != "" {
				t.Error("it was made all the same")
			}
		})
	}
	s := stocked()
	send(t, handler(s).Create, uitest.Form("/connections", "connector", "slack", "method", "token", "slug", "team", "name", "Team", "value.token", " xoxb-1 ", "value.region", "eu", "base_url", "https://eu.example.com", "rate", "10/1s"), "")
	if s.values["token"].Reveal() != "xoxb-1" || s.values["region"].Reveal() != "eu" || s.made.BaseURL != "https://eu.example.com" || s.made.Rate != "10/1s" || s.made.Method != "token" {
		t.Errorf("it made %+v", s.made)
	}
}

// TestCreatedSaysWhatIsNext: a sandbox is sent nowhere, so there is nothing to test.
func TestCreatedSaysWhatIsNext(t *testing.T) {
	for sandbox, says := range map[string]string{"": "Test it", "1": "recorded in the outbox"} {
		h := handler(stocked())
		made := send(t, h.Create, uitest.Form("/connections", "connector", "slack", "method", "token", "slug", "team", "value.token", "x", "value.region", "eu", "sandbox", sandbox), "")
		page := send(t, h.List, httptest.NewRequest("GET", made.Header().Get("Location"), nil), "").Body.String()
		_, toast, _ := strings.Cut(page, "data-toasts")
		if !strings.Contains(toast, says) || strings.Contains(toast, "Test it") != (sandbox == "") {
			t.Errorf("a sandbox %q is answered %s", sandbox, toast)
		}
	}
}

func TestTestAndDelete(t *testing.T) {
	s := stocked()
	h := handler(s)
	if got := send(t, h.TestOne, uitest.Form("/connections/slack/test"), "slack"); !strings.Contains(got.Body.String(), "Slack answered invalid_auth.") {
		t.Error("the app's own words are not shown")
	}
	if got := send(t, h.TestOne, uitest.Form("/connections/test/test"), "test"); got.Code != http.StatusSeeOther {
		t.Errorf("status %d", got.Code)
	}
	if got := send(t, h.Delete, uitest.Form("/connections/slack/delete"), "slack"); got.Code != http.StatusSeeOther || s.made.ID != "deleted c1" {
		t.Errorf("status %d, %s", got.Code, s.made.ID)
	}
}
