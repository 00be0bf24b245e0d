package api

import (
	"context"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/run"
)

// held and renew do what cmd does.
func (h *house) held(ctx context.Context, a run.Actor, c run.Connection) (Held, error) {
	out := Held{Plain: map[string]string{}, Sealed: map[string]bool{}}
	_, values, err := h.store.Credentials(ctx, a.Workspace, c.ID)
	for app := range connectors.Catalogue.All() {
		if app.ID != c.Connector {
			continue
		}
		auth, _ := app.Way(c.Method)
		for _, f := range auth.Fields {
			if v, ok := values[f.ID]; ok && f.Secret {
				out.Sealed[f.ID] = true
			} else if ok {
				out.Plain[f.ID] = v.Reveal()
			}
		}
	}
	return out, err
}

func (h *house) renew(ctx context.Context, a run.Actor, c run.Connection, values run.Values, keep []string) (run.Connection, error) {
	_, had, err := h.store.Credentials(ctx, a.Workspace, c.ID)
	if err != nil {
		return c, err
	}
	for _, name := range keep {
		values[name] = had[name]
	}
	return h.store.UpdateConnection(ctx, a, c, values)
}

// TestChangeKeepsValues: values that a PUT leaves out stay, and none goes where it did not go before.
func TestChangeKeepsValues(t *testing.T) {
	h := newHouse(t)
	for _, body := range []string{
		`{"slug": "slack", "connector": "slack", "values": {"token": "xoxb-CANARY-1"}}`,
		`{"slug": "mars", "connector": "slack", "values": {"token": "CANARY-2"}, "base_url": "https://slack.example.com"}`,
		`{"slug": "jira", "connector": "jira", "method": "basic", "values": {"site": "acme", "email": "a@b.c", "token": "CANARY-3"}}`,
		`{"slug": "http", "connector": "core", "method": "bearer", "values": {"token": "CANARY-4", "hosts": "api.example.com"}}`,
		`{"slug": "key", "connector": "core", "method": "header", "values": {"name": "X-Api-Key", "value": "CANARY-9", "hosts": "api.example.com"}}`,
		`{"slug": "gh", "connector": "github", "method": "oauth", "values": {"client_id": "id", "client_secret": "CANARY-5", "scopes": "repo"}}`,
		`{"slug": "amp", "connector": "amplitude", "values": {"api_key": "CANARY-6"}}`,
		`{"slug": "far", "connector": "slack", "values": {"token": {"from": "vault", "name": "apps/slack"}}}`,
	} {
		h.want(201, "POST", "/connections", body)
	}
	values := func(slug string) run.Values {
		t.Helper()
		_, v, err := h.store.Credentials(t.Context(), run.DefaultWorkspace, slug)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		body, slug, field, want string // the field's value afterwards
	}{
		{`{"slug": "slack", "connector": "slack", "limits": {"rate": "5/1s"}, "grants": {"actions": ["slack.send_message"]}}`, "slack", "token", "xoxb-CANARY-1"},
		{`{"slug": "mars", "connector": "slack", "name": "M", "base_url": "https://slack.example.com"}`, "mars", "token", "CANARY-2"},
		{`{"slug": "jira", "connector": "jira", "values": {"email": "x@y.z"}}`, "jira", "token", "CANARY-3"},
		{`{"slug": "jira", "connector": "jira", "values": {"token": "CANARY-7"}}`, "jira", "site", "acme"},
		{`{"slug": "jira", "connector": "jira", "values": {"site": "other", "token": "CANARY-8"}}`, "jira", "email", "x@y.z"},
		{`{"slug": "http", "connector": "core", "values": {}}`, "http", "hosts", "api.example.com"},
		{`{"slug": "gh", "connector": "github", "values": {"scopes": ""}}`, "gh", "client_secret", "CANARY-5"},
		{`{"slug": "amp", "connector": "amplitude", "values": {"region": "us"}}`, "amp", "api_key", "CANARY-6"},
	} {
		h.want(200, "PUT", "/connections/"+c.slug, c.body)
		if got := values(c.slug)[c.field]; got.Reveal() != c.want {
			t.Errorf("after %s its %s is %q", c.body, c.field, got.Reveal())
		}
	}
	if v := values("gh"); v["scopes"] != "" || v["client_id"] != "id" {
		t.Errorf("an empty value is taken out, and no other: %d of them", len(v))
	}
	if a := h.want(200, "PUT", "/connections/far", `{"slug": "far", "connector": "slack", "name": "Far"}`); !strings.Contains(a.text, `"refs":{"token":{"from":"vault","name":"apps/slack"}}`) {
		t.Errorf("%s", a.text)
	}
	for _, c := range []struct{ slug, body, place, says string }{
		{"slack", `{"slug": "slack", "connector": "slack", "base_url": "https://thief.example.com"}`, "/values/token", "base_url is another than before"},
		{"mars", `{"slug": "mars", "connector": "slack"}`, "/values/token", "base_url is another than before"},
		{"jira", `{"slug": "jira", "connector": "jira", "values": {"site": "thief"}}`, "/values/token", "Site is another than before"},
		{"jira", `{"slug": "jira", "connector": "jira", "method": "oauth"}`, "/values/client_id /values/client_secret", "is missing"},
		{"http", `{"slug": "http", "connector": "core", "values": {"hosts": "thief.example.com"}}`, "/values/token", "Hosts is another than before"},
		{"http", `{"slug": "http", "connector": "core", "method": "query", "values": {"hosts": "api.example.com", "name": "k"}}`, "/values/value", "missing"},
		{"gh", `{"slug": "gh", "connector": "github", "values": {"token_url": "https://thief.example.com"}}`, "/values/client_secret", "Token address is another than before"},
		{"gh", `{"slug": "gh", "connector": "github", "method": "token"}`, "/values/token", "missing"},
		{"amp", `{"slug": "amp", "connector": "amplitude", "values": {"region": "eu"}}`, "/values/api_key", "Region is another than before"},
		{"far", `{"slug": "far", "connector": "slack", "base_url": "https://thief.example.com"}`, "/values/token", "base_url is another than before"},
		{"gh", `{"slug": "gh", "connector": "github", "values": {"client_id": ""}}`, "/values/client_id", "missing"},
		{"slack", `{"slug": "slack", "connector": "slack", "values": {"token": " \t"}}`, "/values/token", "nothing but white space"},
		{"key", `{"slug": "key", "connector": "core", "values": {"name": "Host"}}`, "/values/name", "The header Host is set by the request itself"},
	} {
		before := values(c.slug)
		a := h.want(422, "PUT", "/connections/"+c.slug, c.body)
		if a.places() != c.place || !strings.Contains(a.text, c.says) || strings.Contains(a.text, "CANARY") {
			t.Errorf("%s: %s", c.body, a.text)
		}
		if after := values(c.slug); len(after) != len(before) || after["token"] != before["token"] {
			t.Errorf("%s: the values changed all the same", c.body)
		}
	}
}

// TestChangeMendsNothing: who sets a limit of a connection that is refused has not mended it.
func TestChangeMendsNothing(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/connections", `{"slug": "slack", "connector": "slack", "values": {"token": "xoxb-t"}}`)
	c, err := h.store.Connection(t.Context(), run.SystemActor(run.DefaultWorkspace), "slack")
	if err == nil {
		err = h.store.Refused(t.Context(), c, "", "It answered 401.")
	}
	if err != nil {
		t.Fatal(err)
	}
	if a := h.want(200, "PUT", "/connections/slack", `{"slug": "slack", "connector": "slack", "limits": {"rate": "5/1s"}}`); a.body["state"] != "needs_auth" || a.body["detail"] != "It answered 401." {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "PUT", "/connections/slack", `{"slug": "slack", "connector": "slack", "values": {"token": "xoxb-new"}}`); a.body["state"] != "connected" || a.body["detail"] != nil {
		t.Errorf("%s", a.text)
	}
}
