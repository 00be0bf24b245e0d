package outbound

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// channels is a connector in the manner of systems that name a channel by the caller's id, end it at a time, and need what
// they answered to stop it.
func channels() actions.Connector {
	post := func(path string, prepare func(map[string]any) (actions.Parts, error)) *actions.Request {
		return &actions.Request{Method: "POST", Path: path, Body: actions.JSONBody, Prepare: prepare}
	}
	return actions.Connector{ID: "acme", Name: "Acme", BaseURL: "https://acme.test", Auth: []actions.Auth{{Method: "token"}}, Triggers: []actions.Trigger{{ID: "event", Kind: actions.EventKind,
		Input: []actions.Field{{ID: "place", Type: actions.Text, Required: true, In: actions.InPath}},
		Subscribe: &actions.Subscribe{
			Register: post("/{place}/watch", func(in map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"id": in[actions.SubRegistration], "type": "web_hook"}}, nil
			}),
			URL: actions.Spot{Name: "address"}, Secret: actions.Spot{Name: "token"}, Topics: actions.Spot{In: actions.InQuery, Name: "events"}, Ends: actions.Spot{Name: "expiration"}, As: actions.UnixMilli,
			ID: "/id", Expiry: "/expiration", Keep: map[string]string{"resource": "/resourceId"}, Lives: time.Hour, Before: 10 * time.Minute,
			Remove: post("/stop", func(in map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"id": in[actions.SubID], "resourceId": in["resource"]}}, nil
			})}}}}
}

// TestSubscribe holds requests about subscriptions to where their parts go, and answers to what is read of them.
func TestSubscribe(t *testing.T) {
	var mu sync.Mutex // of what the server and the test both know
	var sent, say string
	code := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		sent = r.Method + " " + r.URL.RequestURI() + " " + string(body)
		if code == 0 {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		io.WriteString(w, say)
	}))
	defer server.Close()
	answers := func(status int, text string) {
		mu.Lock()
		defer mu.Unlock()
		sent, code, say = "", status, text
	}
	got := func() string {
		mu.Lock()
		defer mu.Unlock()
		return sent
	}
	b := &book{connections: map[string]run.Connection{"c": {Connector: "acme", Method: "token", BaseURL: server.URL}, "sandbox": {Connector: "acme", Method: "token", BaseURL: server.URL, Sandbox: true}}, values: map[string]run.Values{}}
	now := time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)
	connectors := actions.CatalogueOf(channels())
	c := newClient(t, Config{Connectors: connectors, Connections: b, Allow: loopback, Now: func() time.Time { return now }})
	ask := run.SubscriptionAsk{Verb: run.Register, Secret: "stepmill:a-made-secret",
		Subscription: run.Subscription{ID: "r1", Workspace: "default", Scenario: "s", Trigger: "t", Uses: "acme.event", Connection: "c", Input: map[string]any{"place": "a/b"}, Topics: []string{"x"}, URL: "https://s.test/hooks/k/r1"}}

	answers(200, `{"id": "r1", "resourceId": "res", "expiration": "1788258600000"}`)
	out, err := c.Subscribe(t.Context(), ask)
	want := `POST /a%2Fb/watch?events=x {"address":"https://s.test/hooks/k/r1","expiration":1788260400000,"id":"r1","token":"stepmill:a-made-secret","type":"web_hook"}`
	if got() != want || err != nil || out.VendorID != "r1" || out.Kept["resource"] != "res" || !out.ExpiresAt.Equal(now.Add(30*time.Minute)) {
		t.Errorf("%s\n%+v %v", got(), out, err)
	}
	answers(200, `{"id": 7}`)
	if out, err = c.Subscribe(t.Context(), ask); out.VendorID != "7" || !out.ExpiresAt.Equal(now.Add(time.Hour)) || err != nil {
		t.Errorf("without an end: %+v %v", out, err)
	}
	ask.Verb, ask.Subscription.VendorID, ask.Subscription.Kept = run.Remove, "r1", map[string]string{"resource": "res"}
	if _, err = c.Subscribe(t.Context(), ask); got() != `POST /stop {"id":"r1","resourceId":"res"}` || err != nil {
		t.Errorf("removed: %s %v", got(), err)
	}

	ask.Verb = run.Register
	for _, one := range []struct {
		status int
		answer string
		class  fault.Code
	}{{200, `{}`, fault.Uncertain}, {0, "", fault.Uncertain}, {404, `{"message": "no stepmill:a-made-secret"}`, fault.NotFound}, {401, `{}`, fault.Unauthorized},
		{422, `{"message": "exists"}`, fault.InvalidInput}, {503, `{}`, fault.Unavailable}} {
		forget(c)
		answers(one.status, one.answer)
		if _, err = c.Subscribe(t.Context(), ask); fault.CodeOf(err) != one.class || strings.Contains(err.Error(), "a-made-secret") {
			t.Errorf("%d %s: %v", one.status, one.answer, err)
		}
	}
	answers(200, "{}")
	ask.Subscription.Connection = "sandbox"
	if out, err = c.Subscribe(t.Context(), ask); !out.Sandboxed || err != nil || got() != "" {
		t.Errorf("a sandbox connection: %+v %v %q", out, err, got())
	}
	if list, err := c.Subscriptions(t.Context(), ask.Subscription); len(list) != 1 || !list[0].Sandboxed || err != nil {
		t.Errorf("a sandbox connection's list: %+v %v", list, err)
	}
	ask.Subscription.Connection = "c"
	ask.Verb = run.Renew
	if _, err = c.Subscribe(t.Context(), ask); !strings.Contains(fault.MessageOf(err), "cannot renew") {
		t.Error(err)
	}
	if _, err = c.Subscriptions(t.Context(), ask.Subscription); !strings.Contains(fault.MessageOf(err), "does not tell which") {
		t.Error(err)
	}
	connectors.Trigger("acme.event").Subscribe.Register.Prepare = func(map[string]any) (actions.Parts, error) { panic("no") }
	ask.Verb = run.Register
	if _, err = c.Subscribe(t.Context(), ask); fault.CodeOf(err) != fault.Internal {
		t.Error(err)
	}
	ask.Subscription.Connection = "none"
	if _, err = c.Subscribe(t.Context(), ask); !strings.Contains(fault.MessageOf(err), "no connection") {
		t.Error(err)
	}
	ask.Subscription.Uses = "acme.other"
	if _, err = c.Subscribe(t.Context(), ask); fault.CodeOf(err) != fault.InvalidInput {
		t.Error(err)
	}
}

// TestMomentOf reads times as vendors write them.
func TestMomentOf(t *testing.T) {
	at := time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)
	for text, want := range map[any]time.Time{"2026-09-01T10:00:00.0000000Z": at, "2026-09-01T12:00:00+02:00": at, at.Unix(): at, value.Text(at.UnixMilli()): at, "": {}, "soon": {}, int64(0): {}} {
		if got := momentOf(text); !got.Equal(want) {
			t.Errorf("%v is %v", text, got)
		}
	}
}
