package outbound

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// files is a connector whose files lie at addresses of their own.
func files(do func(ctx context.Context, in actions.Input, do actions.Doer) (any, error)) actions.Connector {
	return actions.Connector{ID: "files", Name: "Files", BaseURL: "https://api.files.example/v1", Also: []string{"https://content.files.example", "https://*.cdn.example"},
		Auth:    []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Secret: true}}, Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}},
		Actions: []actions.Action{{ID: "go", Effect: actions.Once, Run: do}}}
}

// TestAlso: the credentials go to the vendor's further addresses and to no other, and a connection with an address of its own stands
// for them all.
func TestAlso(t *testing.T) {
	c := files(nil)
	d := &doing{client: newClient(t, Config{}), connector: &c}
	if err := d.connect(run.Connection{ID: "c", Slug: "c"}, run.Values{"token": "s3cret-token"}); err != nil {
		t.Fatal(err)
	}
	for target, may := range map[string]bool{"/x": true, "https://content.files.example/x": true, "https://a.cdn.example/x": true, "https://cdn.example/x": false, "http://content.files.example/x": false,
		"https://content.files.example.evil.com/": false, "https://files.example/": false, "https://content.files.example@evil.com/": false} {
		u, err := d.resolve(target)
		if err != nil {
			continue // it has a user
		}
		if got, _ := d.signIn.mayGoTo(u); got != may {
			t.Errorf("%s is signed: %v", target, got)
		}
	}
	if err := d.connect(run.Connection{ID: "c", Slug: "c", BaseURL: "https://proxy.example/of"}, run.Values{"token": "s3cret-token"}); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{"/x": "https://proxy.example/of/x", "https://content.files.example/a%2Fb?c=d": "https://proxy.example/of/a%2Fb?c=d", "https://a.cdn.example/x": "https://proxy.example/of/x",
		"https://other.example/x": "https://other.example/x"} {
		if u, err := d.resolve(target); err != nil || u.String() != want {
			t.Errorf("%s becomes %s, not %s (%v)", target, u, want, err)
		}
	}
}

// TestBase: a request goes to the further address that it names, filled with what the connection says, or to the connection's own.
func TestBase(t *testing.T) {
	c := actions.Connector{ID: "parts", Name: "Parts", BaseURL: "https://api.parts.example", Also: []string{"https://*.parts.example"}, Test: &actions.Request{Method: "GET", Base: "https://{part}.parts.example", Path: "/me"},
		Auth: []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Secret: true}, {ID: "part"}}, Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}}}
	d := &doing{client: newClient(t, Config{}), connector: &c}
	if err := d.connect(run.Connection{ID: "c", Slug: "c"}, run.Values{"token": "s3cret-token", "part": "data-eu"}); err != nil {
		t.Fatal(err)
	}
	if at, err := d.fillBase(c.Test.Base, d.known); err != nil || at != "https://data-eu.parts.example" {
		t.Errorf("it goes to %s (%v)", at, err)
	}
	if err := d.connect(run.Connection{ID: "c", Slug: "c"}, run.Values{"token": "s3cret-token", "part": "evil.example/x"}); err != nil {
		t.Fatal(err)
	}
	if at, err := d.fillBase(c.Test.Base, d.known); err == nil {
		t.Errorf("it goes to %s", at)
	}
}

// TestBare: a request without credentials goes anywhere, also in a sandbox; one that only prepares leaves no doubt where its answer
// is lost.
func TestBare(t *testing.T) {
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, strings.Join([]string{r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Content-Length"), strings.Join(r.TransferEncoding, ","), string(b)}, " "))
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusForbidden)
		}
		if r.URL.Path == "/cut" {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		}
	}))
	defer s.Close()
	empty := &actions.Stream{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }}
	do := func(req actions.HTTPRequest) *actions.Catalogue {
		return actions.CatalogueOf(files(func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			_, err := do.HTTP(ctx, req)
			return nil, err
		}))
	}
	b := &book{connections: map[string]run.Connection{"c": {Connector: "files"}, "s": {Connector: "files", Sandbox: true}}, values: map[string]run.Values{"c": {"token": "s3cret-token"}, "s": {"token": "s3cret-token"}}}
	invoked := func(req actions.HTTPRequest, connection string) run.Result {
		c := newClient(t, Config{Connectors: do(req), Connections: b, Outbox: b, Allow: loopback})
		return c.Invoke(t.Context(), run.Call{Action: "files.go", Connection: connection, Effect: run.Once, Key: "k"})
	}
	for _, k := range []struct {
		req  actions.HTTPRequest
		want string // the class
	}{
		{actions.HTTPRequest{Method: "PUT", URL: s.URL + "/bare", Bare: true, Stream: empty}, ""},
		{actions.HTTPRequest{Method: "PUT", URL: s.URL + "/signed"}, string(fault.InvalidInput)},
		{actions.HTTPRequest{Method: "GET", URL: s.URL + "/no", Bare: true}, string(fault.InvalidInput)},
		{actions.HTTPRequest{Method: "PUT", URL: s.URL + "/cut", Bare: true}, string(fault.Uncertain)},
		{actions.HTTPRequest{Method: "PUT", URL: s.URL + "/cut", Bare: true, Prepares: true}, string(fault.Unavailable)},
	} {
		if r := invoked(k.req, "c"); class(r) != k.want {
			t.Errorf("%s, prepares: %v: %+v", k.req.URL, k.req.Prepares, r.Failure)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"/bare  0  ", "/no    ", "/cut  0  ", "/cut  0  "}; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("there came %q, not %q", got, want)
	}
	if r := invoked(actions.HTTPRequest{Method: "PUT", URL: s.URL + "/bare", Bare: true}, "s"); r.Failure != nil || len(b.recorded) != 1 || b.recorded[0].Header["Authorization"] != "" {
		t.Errorf("in a sandbox: %+v %+v", r.Failure, b.recorded)
	}
	if r := invoked(actions.HTTPRequest{Method: "PUT", URL: "/signed"}, "s"); r.Failure != nil || b.recorded[1].Header["Authorization"] != "Bearer ***" {
		t.Errorf("in a sandbox: %+v %+v", r.Failure, b.recorded)
	}
}
