package outbound

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// says lets the shop answer token requests by a status; 0: as ever.
func (s *shop) says(status int, headers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = nil
	if status == 0 {
		return
	}
	s.answer = func(w http.ResponseWriter) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		return true
	}
}

// TestRest: where a vendor gives no token now, it is asked once and left alone for as long as it says, or a while; all calls that
// need one are held meanwhile, and carried out once it gives one.
func TestRest(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		headers []string
		class   fault.Code
		wait    time.Duration
	}{
		"it asks to slow down":  {429, []string{"Retry-After", "90"}, fault.RateLimited, 90 * time.Second},
		"and not for how long":  {429, nil, fault.RateLimited, shortestShut},
		"it is down":            {503, nil, fault.Unavailable, shortestShut},
		"it answers by a page":  {502, []string{"Content-Type", "text/html"}, fault.Unavailable, shortestShut},
		"it leads somewhere":    {302, []string{"Location", "/else"}, fault.Unavailable, shortestShut},
		"it says nothing of it": {200, nil, fault.Unavailable, shortestShut},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := newDesk(t), newShop(t)
			d.signedIn("pipedrive", s.URL, time.Hour)
			d.ahead.Store(int64(61 * time.Minute))
			client := d.client(d)
			s.says(c.status, c.headers...)
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					f := do(client, "pipedrive.api_request").Failure
					if f == nil || f.Class != string(c.class) || !f.Held || f.HeldFor != heldFor.Milliseconds() || f.Connection != "c" || !strings.HasPrefix(f.Message, `There is no new token for the connection "c" since `) {
						t.Errorf("%+v", f)
						return
					}
					if wait := time.Duration(f.RetryAfter) * time.Millisecond; wait < c.wait-time.Second || wait > c.wait+time.Second {
						t.Errorf("it comes back after %s", wait)
					}
				})
			}
			all.Wait()
			d.ahead.Add(int64(c.wait - time.Second))
			if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held {
				t.Errorf("too early: %+v", f)
			}
			if asked, done := s.counts(); asked != 1 || done != 0 {
				t.Errorf("it is asked %d times for a token, and %d calls are carried out", asked, done)
			}
			s.says(0)
			d.ahead.Add(int64(2 * time.Second))
			if r := do(client, "pipedrive.api_request"); r.Failure != nil {
				t.Errorf("%+v", r.Failure)
			}
			if got := d.show(); got.State != run.Connected {
				t.Errorf("it is %+v", got)
			}
		})
	}
}

// TestLongRest: who gives no token for as long as a call waits is marked, asked again by itself, and good again with the next token.
func TestLongRest(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	d.signedIn("pipedrive", s.URL, time.Hour)
	d.ahead.Store(int64(61 * time.Minute))
	client := d.client(d)
	s.says(503)
	asked := func() int { n, _ := s.counts(); return n }
	for range 29 { // after 5, 10, and then 20 seconds each
		if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held {
			t.Fatalf("%+v", f)
		}
		d.ahead.Add(int64(21 * time.Second))
	}
	if got := d.show(); got.State == run.NeedsAuth || asked() < 25 || asked() > 29 {
		t.Errorf("asked %d times it is %+v", asked(), got)
	}
	d.ahead.Add(int64(time.Minute))
	if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held {
		t.Errorf("%+v", f)
	}
	before := d.show()
	if before.State != run.NeedsAuth || before.Ails != run.Unrenewed || !strings.Contains(before.Detail, "Pipedrive gives no token now: 503.") {
		t.Errorf("it is %+v", before)
	}
	f := do(client, "pipedrive.api_request").Failure
	if f == nil || f.Held || f.Class != string(fault.Unauthorized) || f.Connection != "c" || f.Since != before.Since {
		t.Errorf("marked: %+v", f)
	}
	d.ahead.Add(int64(time.Minute))
	client.askAgain(t.Context(), nil)
	if got := d.show(); got.Ails != run.Unrenewed {
		t.Errorf("not yet: %+v", got)
	}
	s.says(0)
	d.ahead.Add(int64(time.Minute))
	client.askAgain(t.Context(), nil)
	if got := d.show(); got.State != run.Connected || got.Since <= before.Since || got.Detail != "" {
		t.Errorf("mended it is %+v", got)
	}
	if r := do(client, "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
}

// TestCutRenewal: an answer with new tokens that is cut off holds the calls, and the next time that the vendor is asked tells whether a
// person has to sign in; whoever was held stands for want of the connection then.
func TestCutRenewal(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	d.signedIn("pipedrive", s.URL, time.Hour)
	d.ahead.Store(int64(61 * time.Minute))
	client := d.client(d)
	s.mu.Lock()
	s.answer = func(w http.ResponseWriter) bool { // the vendor has changed them
		s.n++
		w.Header().Set("Content-Length", "500")
		w.WriteHeader(200)
		return true
	}
	s.mu.Unlock()
	if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held || f.Connection != "c" || f.Class != string(fault.Unavailable) {
		t.Errorf("%+v", f)
	}
	s.says(0)
	d.ahead.Add(int64(6 * time.Second))
	f := do(client, "pipedrive.api_request").Failure
	if f == nil || f.Held || f.Class != string(fault.Unauthorized) || f.Connection != "c" || !strings.Contains(f.Message, "An earlier renewal was cut off") {
		t.Errorf("%+v", f)
	}
	if got := d.show(); got.State != run.NeedsAuth || got.Ails != "" {
		t.Errorf("it is %+v", got)
	}
}

// TestRestEnds: a person who tests the connection waits for nothing, and new values begin anew.
func TestRestEnds(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	c := d.signedIn("pipedrive", s.URL, time.Hour)
	d.ahead.Store(int64(61 * time.Minute))
	client := d.client(d)
	test := func() error {
		c, values, err := d.Credentials(t.Context(), run.DefaultWorkspace, "c")
		if err != nil {
			t.Fatal(err)
		}
		return client.Test(t.Context(), c, values)
	}
	s.says(429, "Retry-After", "3600")
	if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held {
		t.Errorf("%+v", f)
	}
	if err := test(); fault.CodeOf(err) != fault.RateLimited {
		t.Error(err)
	}
	s.says(0)
	if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held {
		t.Errorf("%+v", f)
	}
	if err := test(); err != nil {
		t.Error(err)
	}
	if r := do(client, "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
	d.ahead.Add(int64(2 * time.Hour))
	s.says(429, "Retry-After", "3600")
	if f := do(client, "pipedrive.api_request").Failure; f == nil || !f.Held {
		t.Errorf("%+v", f)
	}
	s.says(0)
	s.mu.Lock()
	s.n = 7
	s.mu.Unlock()
	if err := d.EndSignIn(t.Context(), d.show(), run.Tokens{Access: "CANARY-A7", Refresh: "CANARY-R7", Values: map[string]string{"api_domain": "acme.pipedrive.com"}, ExpiresAt: d.now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if r := do(client, "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v, first read as %+v", r.Failure, c)
	}
}

// several are connections that are due.
type several struct {
	Tokens
	list []run.Connection
}

func (s several) DueTokens(context.Context, int) ([]run.Connection, error) { return s.list, nil }

// TestKeepFreshSideBySide: a vendor that does not answer keeps no other connection from new tokens.
func TestKeepFreshSideBySide(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	good := d.signedIn("pipedrive", s.URL, time.Hour)
	hangs := make(chan struct{})
	slow := newShop(t)
	slow.answer = func(http.ResponseWriter) bool { <-hangs; return false }
	values := run.Values{"client_id": "id", "client_secret": "x", "token_url": run.Secret(slow.URL + "/token"), "authorize_url": run.Secret(slow.URL + "/authorize")}
	other, err := d.CreateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "slow", Connector: "pipedrive", Method: "oauth", BaseURL: slow.URL, State: run.NeedsAuth}, values)
	if err == nil {
		err = d.EndSignIn(t.Context(), other, run.Tokens{Access: "CANARY-A0", Refresh: "CANARY-R0", Values: map[string]string{"api_domain": "acme.pipedrive.com"}, ExpiresAt: d.now().Add(time.Hour), RefreshAt: d.now().Add(time.Minute)})
	}
	if err != nil {
		t.Fatal(err)
	}
	d.ahead.Store(int64(55 * time.Minute))
	client := d.client(several{d, []run.Connection{other, good}})
	ctx, cancel := context.WithCancel(t.Context())
	var kept sync.WaitGroup
	kept.Go(func() { client.KeepFresh(ctx) })
	soon := func(slug string) { // its tokens are new
		for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
			if c, _, err := d.Credentials(t.Context(), run.DefaultWorkspace, slug); err == nil && c.Tokens > 1 {
				return
			}
		}
		t.Errorf("%s has no new token", slug)
	}
	soon("c")
	close(hangs)
	soon("slow")
	cancel()
	kept.Wait()
}
