package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// book is the connections and the outbox of a test.
type book struct {
	mu          sync.Mutex
	connections map[string]run.Connection
	values      map[string]run.Values
	recorded    []run.Recorded
}

func (b *book) Credentials(_ context.Context, _, slug string) (run.Connection, run.Values, error) {
	c, ok := b.connections[slug]
	if !ok {
		return c, nil, fault.New(fault.NotFound, "There is no connection %q.", slug)
	}
	c.ID, c.Slug = slug, slug
	return c, b.values[slug], nil
}

func (b *book) Record(_ context.Context, r run.Recorded) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recorded = append(b.recorded, r)
	return nil
}

func newClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	if cfg.Connectors == nil {
		cfg.Connectors = connectors.Catalogue
	}
	if cfg.Connections == nil {
		cfg.Connections = &book{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Version = "test"
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

// forget makes every host one of which nothing is known.
func forget(c *Client) {
	c.valves.mu.Lock()
	defer c.valves.mu.Unlock()
	clear(c.valves.by)
}

// call is an HTTP request step with inputs.
func call(input map[string]any) run.Call {
	return run.Call{Workspace: "default", Run: "run1", Scenario: "s", Path: "step", Attempt: 1, Action: "core.http_request", Input: input, Key: "run1.step", Effect: run.Idempotent, Timeout: 5 * time.Second}
}

// invoke makes a call with its timeout, as the engine does.
func invoke(t testing.TB, c *Client, in run.Call) run.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), in.Timeout)
	defer cancel()
	return c.Invoke(ctx, in)
}

// class is what a result is known by: the class of its failure, or nothing.
func class(r run.Result) string {
	if r.Failure == nil {
		return ""
	}
	return r.Failure.Class
}

// TestStatuses holds each status to its class.
func TestStatuses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscan(r.URL.Path[1:], &status)
		w.WriteHeader(status)
		io.WriteString(w, `{"message": "their words"}`)
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for status, want := range map[int]string{200: "", 201: "", 204: "", 302: "", 304: "", 400: "invalid_input", 401: "unauthorized", 402: "invalid_input", 403: "unauthorized", 404: "not_found",
		405: "invalid_input", 408: "timeout", 409: "conflict", 410: "not_found", 412: "conflict", 413: "too_large", 422: "invalid_input", 429: "rate_limited", 500: "unavailable", 501: "unavailable",
		502: "unavailable", 503: "unavailable", 504: "unavailable", 599: "unavailable"} {
		for _, effect := range []run.Effect{run.Read, run.Idempotent, run.Once} { // an answer is no doubt, whatever the effect
			forget(c)
			in := call(map[string]any{"url": fmt.Sprintf("%s/%d", server.URL, status)})
			in.Effect = effect
			r := invoke(t, c, in)
			if got := class(r); got != want {
				t.Errorf("%d is %q, not %q", status, got, want)
			}
			if f := r.Failure; f != nil && (!strings.Contains(f.Message, "their words") || f.Status != status || f.Body.(map[string]any)["message"] != "their words") {
				t.Errorf("%d: %+v", status, f)
			}
			if r.Exchange == nil || r.Exchange.Status != status || r.Exchange.Method != "GET" || r.Exchange.URL != fmt.Sprintf("%s/%d", server.URL, status) {
				t.Errorf("%d: the exchange is %+v", status, r.Exchange)
			}
		}
	}
}

// TestRedirectOfAnOperation is §2.D 36: operations, those with a URL of their own too, answer themselves or fail.
func TestRedirectOfAnOperation(t *testing.T) {
	status := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}
	}))
	defer server.Close()
	b := &book{connections: map[string]run.Connection{"slack": {Connector: "slack", BaseURL: server.URL}}, values: map[string]run.Values{"slack": {"token": "xoxb"}}}
	c := newClient(t, Config{Allow: loopback, Connections: b})
	for _, status = range []int{301, 302, 304} {
		in := run.Call{Action: "slack.send_message", Connection: "slack", Input: map[string]any{"channel": "#x", "text": "x"}, Effect: run.Once, Key: "k", Timeout: time.Second}
		if r := invoke(t, c, in); class(r) != "invalid_input" {
			t.Errorf("a POST that is answered by %d gives %+v", status, r.Failure)
		}
		in.Action, in.Connection, in.Input = "n8n.start_workflow", "", map[string]any{"url": server.URL + "/webhook/a", "data": map[string]any{"n": 1}}
		if r := invoke(t, c, in); class(r) != "invalid_input" {
			t.Errorf("a webhook that is answered by %d gives %+v %v", status, r.Failure, r.Output)
		}
	}
}

// boom is a connector whose actions do what the test says.
func boom(do func(ctx context.Context, in actions.Input, do actions.Doer) (any, error)) *actions.Catalogue {
	return actions.CatalogueOf(actions.Connector{ID: "boom", Name: "Boom", Actions: []actions.Action{{ID: "go", Effect: actions.Once, Run: do}}})
}

func TestPanic(t *testing.T) {
	c := newClient(t, Config{Connectors: boom(func(context.Context, actions.Input, actions.Doer) (any, error) { panic("a secret inside") })})
	r := c.Invoke(t.Context(), run.Call{Action: "boom.go"})
	if class(r) != "internal" || strings.Contains(r.Failure.Message, "secret") {
		t.Errorf("%+v", r.Failure)
	}
	if r := c.Invoke(t.Context(), run.Call{Action: "boom.nope"}); class(r) != "invalid_input" {
		t.Errorf("an action that is not there: %+v", r.Failure)
	}
}

// TestDeadline: a call that nobody bounds is bounded by its own timeout.
func TestDeadline(t *testing.T) {
	var got time.Duration
	c := newClient(t, Config{Connectors: boom(func(ctx context.Context, _ actions.Input, _ actions.Doer) (any, error) {
		deadline, ok := ctx.Deadline()
		if !ok {
			t.Error("there is no deadline")
		}
		got = time.Until(deadline).Round(time.Second)
		return nil, nil
	})})
	c.Invoke(context.Background(), run.Call{Action: "boom.go", Timeout: 7 * time.Second})
	if got != 7*time.Second {
		t.Errorf("it is bounded by %s", got)
	}
	if c.Invoke(context.Background(), run.Call{Action: "boom.go"}); got != defaultWithin {
		t.Errorf("it is bounded by %s", got)
	}
}

// TestConnections: what is wrong with a connection is said before anything is sent.
func TestConnections(t *testing.T) {
	b := &book{connections: map[string]run.Connection{
		"paused": {Connector: "slack", State: run.Paused}, "jira": {Connector: "jira"}, "how": {Connector: "slack", Method: "guess"}, "empty": {Connector: "slack"},
		"sites": {Connector: "jira"}, "escape": {Connector: "jira"}, "key": {Connector: "mailchimp"}, "region": {Connector: "intercom"}, "base": {Connector: "slack", BaseURL: "https://user:pw@x.example"},
		"query": {Connector: "slack", BaseURL: "https://x.example/?a=b"}, "rate": {Connector: "slack", BaseURL: "http://127.0.0.1:1", Rate: "many"}},
		values: map[string]run.Values{"sites": {"email": "a@b.c", "token": "secret"}, "escape": {"site": "evil.example/#", "email": "a@b.c", "token": "secret"}, "key": {"api_key": "0123456789abcdef"},
			"region": {"token": "secret", "region": "evil.example"}, "base": {"token": "secret"}, "query": {"token": "secret"}, "rate": {"token": "secret"}}}
	c := newClient(t, Config{Connections: b, Allow: loopback})
	slack, jira := map[string]any{"channel": "#x", "text": "x"}, map[string]any{"project": "S", "issue_type": "Bug", "summary": "x"}
	for _, k := range []struct {
		action, connection string
		input              map[string]any
		want, message      string
	}{
		{"slack.send_message", "", slack, "invalid_input", "needs a connection"},
		{"slack.send_message", "nobody", slack, "not_found", "no connection"},
		{"slack.send_message", "paused", slack, "unavailable", "paused"},
		{"slack.send_message", "jira", slack, "invalid_input", "one of jira"},
		{"slack.send_message", "how", slack, "unauthorized", "signs in by"},
		{"slack.send_message", "empty", slack, "unauthorized", "has no token"},
		{"slack.send_message", "base", slack, "invalid_input", "base URL"},
		{"slack.send_message", "query", slack, "invalid_input", "base URL"},
		{"slack.send_message", "rate", slack, "invalid_input", "is no rate"},
		{"jira.create_issue", "sites", jira, "invalid_input", "site is missing"},
		{"jira.create_issue", "escape", jira, "invalid_input", "part of a host's name"},
		{"mailchimp.upsert_member", "key", map[string]any{"list": "a", "email": "a@b.c"}, "unauthorized", "data centre"},
		{"intercom.get_contact", "region", map[string]any{"id": "1"}, "invalid_input", "no region"},
	} {
		r := invoke(t, c, run.Call{Action: k.action, Connection: k.connection, Input: k.input, Timeout: time.Second})
		if class(r) != k.want || !strings.Contains(r.Failure.Message, k.message) || r.Exchange != nil {
			t.Errorf("%s with %q: %+v %+v", k.action, k.connection, r.Failure, r.Exchange)
		}
	}
}

// TestBaseURLs holds the connectors' addresses to what their connections say.
func TestBaseURLs(t *testing.T) {
	byID := map[string]*actions.Connector{}
	for c := range connectors.Catalogue.All() {
		byID[c.ID] = c
	}
	c := newClient(t, Config{})
	for _, k := range []struct {
		connector string
		values    run.Values
		want      string
	}{
		{"slack", run.Values{"token": "x"}, "https://slack.com/api"},
		{"jira", run.Values{"site": "acme", "email": "a@b.c", "token": "x"}, "https://acme.atlassian.net"},
		{"mailchimp", run.Values{"api_key": "0123-us21"}, "https://us21.api.mailchimp.com/3.0"},
		{"intercom", run.Values{"token": "x"}, "https://api.intercom.io"},
		{"intercom", run.Values{"token": "x", "region": "eu"}, "https://api.eu.intercom.io"},
		{"google_sheets", run.Values{"token": "x"}, "https://sheets.googleapis.com"},
	} {
		d := &doing{client: c, connector: byID[k.connector]}
		if err := d.connect(run.Connection{ID: "1", Slug: "c", Connector: k.connector}, k.values); err != nil || d.base != k.want {
			t.Errorf("%s: %q %v", k.connector, d.base, err)
		}
	}
}

// TestSandboxed: without a connection, and with one, nothing leaves and the request is kept.
func TestSandboxed(t *testing.T) {
	b := &book{}
	c := newClient(t, Config{Sandbox: true, Outbox: b, Connections: b})
	for action, k := range map[string]struct {
		input map[string]any
		url   string
	}{
		"core.http_request":           {map[string]any{"url": "http://127.0.0.1:1/x"}, "http://127.0.0.1:1/x"},
		"slack.send_message":          {map[string]any{"channel": "#x", "text": "x"}, "https://slack.com/api/chat.postMessage"},
		"jira.create_issue":           {map[string]any{"project": "S", "issue_type": "Bug", "summary": "x"}, "https://example.atlassian.net/rest/api/3/issue"},
		"mailchimp.upsert_member":     {map[string]any{"list": "a", "email": "a@b.c"}, "https://example.api.mailchimp.com/3.0/lists/a/members/5d60d4e28066df254d5452f92c910092"},
		"intercom.get_contact":        {map[string]any{"id": "1"}, "https://api.intercom.io/contacts/1"},
		"google_analytics.send_event": {map[string]any{"name": "deal_won", "client_id": "1.2"}, "https://www.google-analytics.com/mp/collect?measurement_id=***&api_secret=***"},
		"google_sheets.append_row":    {map[string]any{"spreadsheet": "s", "sheet": "t", "values": []any{1}}, "https://sheets.googleapis.com/v4/spreadsheets/s/values/%27t%27%21A1:append?insertDataOption=INSERT_ROWS&valueInputOption=USER_ENTERED"},
	} {
		b.recorded = nil
		r := invoke(t, c, run.Call{Workspace: "w", Run: "r", Scenario: "s", Path: "p", Action: action, Input: k.input, Effect: run.Once, Key: "k", Timeout: time.Second})
		if r.Failure != nil || r.Exchange == nil || !r.Exchange.Sandboxed || len(b.recorded) != 1 {
			t.Errorf("%s: %+v %+v, kept %d", action, r.Failure, r.Exchange, len(b.recorded))
			continue
		}
		if kept := b.recorded[0]; kept.URL != k.url || kept.Workspace != "w" || kept.Run != "r" || kept.Path != "p" || kept.Action != action || kept.Header["Idempotency-Key"] != "k" || kept.At.IsZero() {
			t.Errorf("%s: kept %+v", action, kept)
		}
	}
	if r := invoke(t, c, run.Call{Action: "core.set", Input: map[string]any{"values": map[string]any{"a": 1}}, Timeout: time.Second}); r.Failure != nil || r.Exchange != nil {
		t.Errorf("what is pure is recorded: %+v", r)
	}
}

// TestTest is the connection's test button.
func TestTest(t *testing.T) {
	answer := 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "" || r.Header.Get("Authorization") == "" {
			t.Errorf("the test sends %v", r.Header)
		}
		w.WriteHeader(answer)
		io.WriteString(w, `{"ok": true}`)
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	connection := run.Connection{Connector: "slack", BaseURL: server.URL, Slug: "c"}
	if err := c.Test(t.Context(), connection, run.Values{"token": "secret-token"}); err != nil {
		t.Error(err)
	}
	answer = 401
	if err := c.Test(t.Context(), connection, run.Values{"token": "secret-token"}); fault.CodeOf(err) != fault.Unauthorized {
		t.Error(err)
	}
	if err := c.Test(t.Context(), connection, nil); fault.CodeOf(err) != fault.Unauthorized {
		t.Error(err)
	}
	for _, unknown := range []string{"core", "nobody"} {
		if err := c.Test(t.Context(), run.Connection{Connector: unknown, Method: "none"}, nil); err == nil {
			t.Errorf("%s was tested", unknown)
		}
	}
	connection.Sandbox = true
	if err := c.Test(t.Context(), connection, nil); err != nil {
		t.Errorf("a sandbox connection needs nothing: %v", err)
	}
}

// TestTestAddress: a connection to any server is tested at the URL that it names, with its credentials and nowhere but where they
// may go; one that names none says so.
func TestTestAddress(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Bearer secret-token" {
			w.WriteHeader(401)
		}
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for _, one := range []struct {
		token, at string
		want      fault.Code
		says      string
	}{
		{"secret-token", server.URL + "/me?a=1", "", ""},
		{"another", server.URL + "/me", fault.Unauthorized, "401"},
		{"secret-token", "http://elsewhere.test/me", fault.InvalidInput, "are not sent to http://elsewhere.test"},
		{"secret-token", "me", fault.InvalidInput, "http"},
		{"secret-token", "file:///etc/passwd", fault.InvalidInput, "http"},
		{"secret-token", "", fault.InvalidInput, "has no Test address"},
	} {
		asked = nil
		err := c.Test(t.Context(), run.Connection{Connector: "core", Method: "bearer", Slug: "c"}, run.Values{"token": run.Secret(one.token), "hosts": run.Secret(server.URL), "test_url": run.Secret(one.at)})
		if fault.CodeOf(err) != one.want || !strings.Contains(fault.MessageOf(err), one.says) || errors.Is(err, actions.ErrUntested) != (one.at == "") {
			t.Errorf("%s at %q: %v", one.token, one.at, err)
		}
		if there := strings.HasPrefix(one.at, server.URL); there != (len(asked) == 1) || one.want == "" && asked[0] != "GET /me?a=1 Bearer secret-token" {
			t.Errorf("%s at %q: it was asked %q", one.token, one.at, asked)
		}
	}
}

// TestAddressAmongHosts: a connection is not made whose test address is none of its hosts.
func TestAddressAmongHosts(t *testing.T) {
	c := newClient(t, Config{Allow: loopback})
	for at, fine := range map[string]bool{"": true, "https://api.example.com/me": true, "https://a.b.example.com/me": true, "http://api.example.com/me": false, "https://elsewhere.test/me": false, "https://example.com": false} {
		err := c.CheckValues(run.Connection{Connector: "core", Method: "bearer", Slug: "c"}, run.Values{"token": "t", "hosts": "api.example.com, *.b.example.com", "test_url": run.Secret(at)})
		if p := fault.ProblemsOf(err); (err == nil) != fine || !fine && (len(p) != 1 || p[0].Path != "/values/test_url") {
			t.Errorf("%q: %v %v", at, err, p)
		}
	}
}

// BenchmarkInvoke is the cost of one call to a local server, the server's part included.
func BenchmarkInvoke(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"ok":true,"id":7}`)
	}))
	defer server.Close()
	c := newClient(b, Config{Allow: loopback})
	in := call(map[string]any{"url": server.URL, "method": "POST", "json": map[string]any{"a": 1, "b": "text"}})
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if r := invoke(b, c, in); r.Failure != nil {
				b.Fatal(r.Failure)
			}
		}
	})
}

// TestTestSaysWhatItKnows: an answer may say that the credentials are taken though its status is bad, and a way to sign in that
// no request tests says why.
func TestTestSaysWhatItKnows(t *testing.T) {
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(404)
		io.WriteString(w, answer)
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	sheets := run.Connection{ID: "1", Connector: "google_sheets", Method: "token", BaseURL: server.URL}
	for text, want := range map[string]fault.Code{
		`{"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}}`: "",
		`{"error": "no route"}`: fault.NotFound,
	} {
		answer = text
		if err := c.Test(t.Context(), sheets, run.Values{"token": "secret-token"}); fault.CodeOf(err) != want {
			t.Errorf("on %s: %v", text, err)
		}
	}
	for connector, method := range map[string]string{"google_analytics": "measurement", "amplitude": "api_key", "core": "none"} {
		err := c.Test(t.Context(), run.Connection{Connector: connector, Method: method}, nil)
		if fault.CodeOf(err) != fault.InvalidInput || !strings.HasPrefix(fault.MessageOf(err), "This connection cannot be tested. ") || len(fault.MessageOf(err)) < 80 {
			t.Errorf("%s: %v", connector, err)
		}
	}
}
