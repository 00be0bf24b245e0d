package outbound

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestTestTurnedAway: a connection to any server is marked where its own test address does not take it, by whichever way, and mended
// by a test that does; a step that any other address turns away says nothing of it.
func TestTestTurnedAway(t *testing.T) {
	took := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/me" || !took {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"message": "No such key."}`)
		}
	}))
	defer server.Close()
	for _, way := range []struct {
		method string
		values run.Values
	}{
		{"bearer", run.Values{"token": "CANARY"}}, {"header", run.Values{"name": "X-Key", "value": "CANARY"}}, {"query", run.Values{"name": "key", "value": "CANARY"}},
		{"basic", run.Values{"user": "ada", "password": "CANARY"}}, {"digest", run.Values{"user": "ada", "password": "CANARY"}},
	} {
		t.Run(way.method, func(t *testing.T) {
			took = false
			d := newDesk(t)
			way.values["hosts"], way.values["test_url"] = run.Secret(server.URL), run.Secret(server.URL+"/me")
			c, err := d.CreateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "c", Connector: "core", Method: way.method, State: run.Connected}, way.values)
			if err != nil {
				t.Fatal(err)
			}
			client := d.client(d)
			step := func() string {
				return class(client.Invoke(t.Context(), run.Call{Workspace: run.DefaultWorkspace, Run: "r", Scenario: "s", Path: "p", Action: "core.http_request", Connection: "c", Key: "k", Effect: run.Read,
					Input: map[string]any{"method": "GET", "url": server.URL + "/elsewhere"}}))
			}
			if got := step(); got != "unauthorized" || d.show().State != run.Connected {
				t.Errorf("a step says %q, the connection is %s", got, d.show().State)
			}
			if err := client.Test(t.Context(), c, way.values); fault.CodeOf(err) != fault.Unauthorized {
				t.Errorf("the test says %v", err)
			}
			got := d.show()
			if got.State != run.NeedsAuth || !strings.Contains(got.Detail, "401") || !strings.Contains(got.Detail, "No such key.") || !strings.Contains(got.Detail, run.PutNewValues) || strings.Contains(got.Detail, "CANARY") {
				t.Errorf("it is %s: %q", got.State, got.Detail)
			}
			took = true
			if err := client.Test(t.Context(), got, way.values); err != nil || d.show().State != run.Connected {
				t.Errorf("a test that is taken says %v, the connection is %s", err, d.show().State)
			}
		})
	}
}

// TestLineTurnedAway: so is one to a server that speaks no HTTP.
func TestLineTurnedAway(t *testing.T) {
	var says error
	connector := actions.Connector{ID: "lines", Name: "Lines", Auth: []actions.Auth{{Method: "smtp", Name: "Mail", Protocol: "smtp",
		Try: func(context.Context, actions.Doer) error { return says }}}}
	d := newDesk(t)
	client := newClient(t, Config{Connectors: actions.CatalogueOf(connector), Connections: d.Store, Tokens: d.Store, Now: d.now})
	c, err := d.CreateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "c", Connector: "lines", Method: "smtp", State: run.Connected}, run.Values{})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		says error
		want run.State
	}{
		{fault.New(fault.Unavailable, "It is away."), run.Connected}, {fault.New(fault.Unauthorized, "It does not take the password."), run.NeedsAuth},
		{fault.New(fault.Unavailable, "It is away."), run.NeedsAuth}, {nil, run.Connected},
	} {
		says = one.says
		if err := client.Test(t.Context(), c, run.Values{}); fault.CodeOf(err) != fault.CodeOf(one.says) || d.show().State != one.want {
			t.Errorf("%v: the test says %v, the connection is %s", one.says, err, d.show().State)
		}
	}
}

// TestTestRemedies: a test was given nothing, so what is wrong is never an id or a name; what a rule says of the connection stays.
func TestTestRemedies(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := map[string]int{"/422/me": 422, "/409/me": 409, "/401/me": 401}[r.URL.Path]
		if status == 0 {
			status = 404
		}
		w.WriteHeader(status)
		io.WriteString(w, `{"message": "Not there.", "gone": `+map[bool]string{true: `"yes"`, false: `null`}[strings.HasPrefix(r.URL.Path, "/gone")]+`}`)
	}))
	defer server.Close()
	rules := actions.ErrorTable{{Pointer: "/gone", Code: "not_found", Message: "Acme has no such site", Remedy: "Check the site.", Own: true}, {Status: 401, Code: "unauthorized", Message: "No: {/message}", Remedy: "Put a new token in."}}
	for status, code := range map[int]string{404: "not_found", 422: "invalid_input", 409: "conflict"} {
		rules = append(rules, actions.ErrorRule{Status: status, Code: code, Message: "Acme does not like it: {/message}", Remedy: "Check the owner and the name."})
	}
	connector := actions.Connector{ID: "acme", Name: "Acme", BaseURL: "https://api.acme.test", Test: &actions.Request{Method: "GET", Path: "/me"}, Errors: rules,
		Auth:    []actions.Auth{{Method: "token", Name: "Token", Fields: []actions.Field{{ID: "token", Label: "Token", Type: actions.Text, Secret: true}}, Apply: []actions.Place{{In: actions.InHeader, Name: "X-Token", Value: "{token}"}}}},
		Actions: []actions.Action{{ID: "get", Effect: actions.Read, Request: &actions.Request{Method: "GET", Path: "/me"}}}}
	c := newClient(t, Config{Connectors: actions.CatalogueOf(connector), Allow: loopback, Connections: credentials("acme", map[string]string{"token": "t"})})
	for at, want := range map[string]string{
		"":      "Acme answered 404 Not Found: Not there. Check the connection's own address, and the version of the API in it.",
		"/gone": "Acme has no such site. Check the site.",
		"/422":  "Acme does not like it: Not there.",
		"/409":  "Acme does not like it: Not there.",
		"/401":  "No: Not there. Put a new token in.",
	} {
		err := c.Test(t.Context(), run.Connection{Connector: "acme", Method: "token", Slug: "c", BaseURL: server.URL + at}, run.Values{"token": "t"})
		if fault.MessageOf(err) != want {
			t.Errorf("%s: %v", at, err)
		}
	}
	err := newClient(t, Config{Allow: loopback}).Test(t.Context(), run.Connection{Connector: "core", Method: "bearer", Slug: "c"}, run.Values{"token": "t", "hosts": run.Secret(server.URL), "test_url": run.Secret(server.URL + "/me")})
	if !strings.HasSuffix(fault.MessageOf(err), "answered 404 Not Found: Not there. Check the connection's test address under New values.") {
		t.Error(err)
	}
}

// TestCodeNotTaken: a sign-in whose code is not taken never was one.
func TestCodeNotTaken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error": "invalid_grant", "error_description": "Code was used."}`)
	}))
	defer server.Close()
	d := newDesk(t)
	connection, values := d.make("pipedrive", "oauth", server.URL, nil)
	_, err := d.client(d).Exchange(t.Context(), connection, values, run.SignInReturn{Code: "code", Redirect: "https://here/oauth/callback"})
	if want := "Pipedrive does not take the code of this sign-in: invalid_grant: Code was used. A code is good once, and for a few minutes. Begin the sign-in anew."; fault.MessageOf(err) != want {
		t.Error(err)
	}
}
