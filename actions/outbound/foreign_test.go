package outbound

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// TestForeign: a page, and nothing, with status 200 are no answer of an app, and leave in doubt what acts once.
func TestForeign(t *testing.T) {
	acme := vendor("acme", nil)
	acme.Actions[0].Output = value.Shape{Kind: "object"}
	empty := acme.Actions[0]
	request := *empty.Request
	request.Empty = true
	empty.ID, empty.Request, empty.Output = "empty", &request, value.Shape{}
	other := acme.Actions[0]
	other.ID, other.Output = "other", value.Shape{}
	acme.Actions = append(acme.Actions, empty, other, actions.APIRequest("Acme", "/a", map[string]any{}))
	const page = "<!DOCTYPE html><html><head><style>title</style><title> Sign in\n to the network </title></head></html>"
	for _, c := range []struct {
		action, kind, body string
		status             int
		want               string // what is said; empty: it succeeds
	}{
		{"act", "text/html; charset=utf-8", page, 200, `The answer did not come from Acme: it is the page "Sign in to the network".`},
		{"act", "", "  " + page, 201, `it is the page "Sign in to the network".`},
		{"act", "text/html", "<p>no title", 200, "it is a page."},
		{"act", "application/json", "", 200, "it is empty."},
		{"act", "application/json", "null", 200, "it is empty."},
		{"act", "application/json", "", 204, "it is empty."}, // it gives an object
		{"act", "text/plain", "done", 200, "it is no JSON."},
		{"act", "application/json", "{}", 200, ""},
		{"act", "text/html", `{"id": 1}`, 200, ""},
		{"other", "text/html", "success", 200, ""},
		{"other", "application/json", "", 200, "it is empty."},
		{"other", "application/json", "", 204, ""},
		{"empty", "application/json", "", 200, ""},
		{"empty", "text/html", page, 200, `it is the page`},
		{"api_request", "text/html", page, 200, ""},
		{"api_request", "text/html", "", 200, ""},
	} {
		answer := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(c.status)
			w.Write([]byte(c.body))
		}
		for _, effect := range []run.Effect{run.Once, run.Idempotent} {
			cfg := Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1"}), Connectors: actions.CatalogueOf(acme)}
			virtual(t, cfg, answer, func(t *testing.T, client *Client, _ *pipes) {
				in := act("acme", "a")
				in.Action, in.Effect = "acme."+c.action, effect
				if c.action == "api_request" {
					in.Input = map[string]any{"path": "/a"}
				}
				r := invoke(t, client, in)
				class := map[bool]string{true: "", false: map[run.Effect]string{run.Once: "uncertain", run.Idempotent: "unavailable"}[effect]}[c.want == ""]
				if got := class; got != "" && (r.Failure == nil || r.Failure.Class != got || !strings.Contains(r.Failure.Message, c.want)) || got == "" && r.Failure != nil {
					t.Errorf("%s, %d %q %.20q gives %+v", c.action, c.status, c.kind, c.body, r.Failure)
				}
			})
		}
	}
}

// TestLedTo: an error at a host that nobody named says who led there; one at the host itself does not.
func TestLedTo(t *testing.T) {
	a := newAsked(t, (*httptest.Server).Start)
	c := newClient(t, Config{Allow: loopback})
	for to, want := range map[string]string{"http://127.0.0.1:1/x": a.Listener.Addr().String() + " redirects to 127.0.0.1:1. 127.0.0.1:1 could not be reached", "": ""} {
		r := invoke(t, c, call(map[string]any{"url": a.URL + "/?s=302&to=" + to}))
		if got := ""; r.Failure != nil || want != "" {
			if r.Failure != nil {
				got = r.Failure.Message
			}
			if want == "" || !strings.HasPrefix(got, want) {
				t.Errorf("to %q it says %q, not %q", to, got, want)
			}
		}
	}
}

// TestAskedWhileTested: what is tested does not wait.
func TestAskedWhileTested(t *testing.T) {
	d := &doing{client: newClient(t, Config{}), testing: true}
	if r := d.asked(&valve{}, "api.test", time.Minute); !strings.HasPrefix(r.message, "api.test asked to be left alone until ") || !strings.HasSuffix(r.message, "so nothing was sent. Test it then.") {
		t.Errorf("it says %q", r.message)
	}
}
