package outbound

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// TestBinding is §2.D 37: which addresses may see a connection's credentials, however they are written.
func TestBinding(t *testing.T) {
	d := &doing{client: newClient(t, Config{}), connector: &actions.Connector{ID: "x", Name: "X", Auth: []actions.Auth{{Method: "token", Hosts: "hosts", Fields: []actions.Field{{ID: "token", Secret: true}, {ID: "hosts"}},
		Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}}}}
	err := d.connect(run.Connection{ID: "c", Slug: "c"}, run.Values{"token": "s3cret-token", "hosts": "api.good.example, *.sub.example http://plain.example:8080"})
	if err != nil {
		t.Fatal(err)
	}
	for target, may := range map[string]bool{
		"https://api.good.example/x":         true,
		"https://API.Good.Example/x":         true,
		"https://api.good.example./x":        true,
		"https://api.good.example:443/x":     true,
		"http://plain.example:8080/":         true,
		"https://a.sub.example/":             true,
		"https://a.b.sub.example/":           true,
		"https://evil.example/":              false,
		"http://api.good.example/x":          false,
		"https://api.good.example:8443/":     false,
		"https://good.example/":              false,
		"https://x.api.good.example/":        false,
		"https://api.good.example.evil.com/": false,
		"https://api.good.examp1e/":          false,
		"https://аpi.good.example/":          false, // its first letter is Cyrillic
		"https://xn--pi-7lc.good.example/":   false,
		"https://api.good.example@evil.com/": false,
		"https://evil.com/?api.good.example": false,
		"https://evil.com#api.good.example":  false,
		"https://evil.com/api.good.example":  false,
		"https://sub.example/":               false,
		"https://evilsub.example/":           false,
		"https://a.sub.example.evil.com/":    false,
		"http://a.sub.example/":              false,
		"https://a.sub.example:8443/":        false,
		"http://plain.example/":              false,
		"https://plain.example:8080/":        false,
		"https://127.0.0.1/":                 false,
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.signIn.mayGoTo(u); got != may || (err == nil) != may || err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, %v", target, got, err)
		}
	}
}

// TestBoundPages is §2.D 37: a link to the next page that an answer gives, and one that an expression made, take no credential
// to another host: nothing at all is sent there.
func TestBoundPages(t *testing.T) {
	evil := newAsked(t, (*httptest.Server).Start)
	var seen []string
	good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path+" "+r.Header.Get("Authorization"))
		w.Write([]byte(`{"next": "` + evil.URL + `/steal"}`))
	}))
	defer good.Close()
	paged := vendor("paged", nil)
	paged.Actions[0] = actions.Action{ID: "act", Effect: actions.Read, Run: func(ctx context.Context, _ actions.Input, do actions.Doer) (any, error) {
		first, err := do.HTTP(ctx, actions.HTTPRequest{Method: "GET", URL: "/list"})
		if err != nil {
			return nil, err
		}
		next, _ := value.At(first.Value, "/next").(string)
		resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: "GET", URL: next})
		return resp.Value, err
	}}
	b := credentials("paged", map[string]string{"c": "s3cret-token"})
	c := b.connections["c"]
	c.BaseURL = good.URL
	b.connections["c"] = c
	client := newClient(t, Config{Connectors: actions.CatalogueOf(paged), Connections: b, Allow: loopback})
	r := invoke(t, client, act("paged", "c"))
	if class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "are not sent to") {
		t.Errorf("%+v", r.Failure)
	}
	if len(seen) != 1 || seen[0] != "/list Bearer s3cret-token" || evil.take() != "" {
		t.Errorf("seen is %q, and there %q", seen, evil.take())
	}
}

// asker notes whose connections are asked for.
type asker struct {
	book
	asked []string
}

func (a *asker) Credentials(ctx context.Context, workspace, slug string) (run.Connection, run.Values, error) {
	a.asked = append(a.asked, workspace+"/"+slug)
	return a.book.Credentials(ctx, workspace, slug)
}

// TestOwnConnections is §2.D 37: a step's connection is looked for in the workspace of its run, whatever its name says.
func TestOwnConnections(t *testing.T) {
	a := &asker{}
	c := newClient(t, Config{Connections: a})
	in := run.Call{Workspace: "ours", Action: "slack.send_message", Connection: "theirs/slack", Input: map[string]any{"channel": "#x", "text": "x"}, Timeout: time.Second}
	if r := invoke(t, c, in); class(r) != "not_found" || len(a.asked) != 1 || a.asked[0] != "ours/theirs/slack" {
		t.Errorf("%+v, asked for %q", r.Failure, a.asked)
	}
}
