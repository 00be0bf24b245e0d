package outbound

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestStates is how calls over a connection that has no token to renew change what it is good for.
func TestStates(t *testing.T) {
	good, calls := true, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		switch {
		case r.URL.Path == "/limited":
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		case !good || r.URL.Path == "/closed":
			w.WriteHeader(http.StatusUnauthorized)
		}
		io.WriteString(w, `{"message": "x"}`)
	}))
	defer server.Close()
	d := newDesk(t)
	actor := run.SystemActor(run.DefaultWorkspace)
	if _, err := d.CreateConnection(t.Context(), actor, run.Connection{Slug: "c", Connector: "github", Method: "token", BaseURL: server.URL, Grants: run.Grants{Scenarios: []string{"s"}, Actions: []string{"github.api_request"}}}, run.Values{"token": "CANARY"}); err != nil {
		t.Fatal(err)
	}
	client := d.client(d)
	ask := func(path string) run.Call {
		return run.Call{Workspace: run.DefaultWorkspace, Run: "r", Scenario: "s", Path: "p", Action: "github.api_request", Connection: "c", Key: "k", Effect: run.Once, Timeout: 10 * time.Second, Input: map[string]any{"path": path}}
	}
	want := func(what string, in run.Call, class fault.Code, state run.State) run.Result {
		t.Helper()
		r := client.Invoke(t.Context(), in)
		if got := r.Failure; got == nil && class != "" || got != nil && got.Class != string(class) {
			t.Errorf("%s: %+v", what, got)
		}
		if got := d.show().State; got != state {
			t.Errorf("%s: it is %s, not %s", what, got, state)
		}
		return r
	}
	want("a call", ask("/x"), "", run.Connected)
	want("an address that is closed, while the credentials are good", ask("/closed"), fault.Unauthorized, run.Connected)
	want("a limit", ask("/limited"), fault.RateLimited, run.RateLimited)
	d.ahead.Store(int64(2 * time.Minute))
	client = d.client(d) // the valves of the other one wait by the real clock
	want("after the limit", ask("/x"), "", run.Connected)

	other := ask("/x")
	other.Scenario = "another"
	before := calls
	want("another scenario", other, fault.InvalidInput, run.Connected)
	if err := d.narrow(actor, run.Grants{Actions: []string{"github.other"}}); err != nil {
		t.Fatal(err)
	}
	want("another action", ask("/x"), fault.InvalidInput, run.Connected)
	if err := d.narrow(actor, run.Grants{}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.PauseConnection(t.Context(), actor, d.find(), true); err != nil {
		t.Fatal(err)
	}
	if r := want("while it is paused", ask("/x"), fault.Unavailable, run.Paused); r.Failure.Connection != "c" || !r.Failure.Held || !r.Failure.Parks || r.Failure.HeldFor != heldFor.Milliseconds() {
		t.Errorf("%+v", r.Failure)
	}
	if calls != before {
		t.Errorf("%d requests were made that were not allowed", calls-before)
	}
	if _, err := d.PauseConnection(t.Context(), actor, d.find(), false); err != nil {
		t.Fatal(err)
	}
	good = false
	want("credentials that are not taken", ask("/x"), fault.Unauthorized, run.NeedsAuth)
	if c := d.show(); !strings.Contains(c.Detail, "Put new values into it") || strings.Contains(c.Detail, "CANARY") {
		t.Errorf("it says %q", c.Detail)
	}
	before = calls
	want("afterwards", ask("/x"), fault.Unauthorized, run.NeedsAuth)
	if calls != before {
		t.Error("it was sent")
	}
	test := func() error {
		c, values, err := client.Credentials(t.Context(), run.DefaultWorkspace, "c")
		if err != nil {
			t.Fatal(err)
		}
		return client.Test(t.Context(), c, values)
	}
	if err := test(); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("its test: %v", err)
	}
	since := d.show().Since
	good = true
	if err := test(); err != nil {
		t.Errorf("its test: %v", err)
	}
	if c := d.show(); c.State != run.Connected || c.Since <= since || c.Detail != "" {
		t.Errorf("mended it is %+v", c)
	}
	want("mended", ask("/x"), "", run.Connected)
}

// narrow grants the connection c to others.
func (d *desk) narrow(actor run.Actor, g run.Grants) error {
	c := d.show()
	c.Grants = g
	_, err := d.UpdateConnection(d.t.Context(), actor, c, nil)
	return err
}
