package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// desk is a real store with a clock that can be put forward.
type desk struct {
	*storage.Store
	t     *testing.T
	ahead atomic.Int64 // of the clock, in nanoseconds
}

func (d *desk) now() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) }

func newDesk(t *testing.T) *desk {
	d := &desk{t: t}
	v, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if d.Store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: v, Now: d.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func (d *desk) client(tokens Tokens) *Client {
	return newClient(d.t, Config{Connections: d.Store, Tokens: tokens, Limited: d.Store, Allow: loopback, Now: d.now})
}

// make keeps a connection whose API, tokens and sign-in are at a server.
func (d *desk) make(connector, method, server string, more run.Values) (run.Connection, run.Values) {
	d.t.Helper()
	values := run.Values{"client_id": "id", "client_secret": "CANARY-app", "token_url": run.Secret(server + "/token"), "authorize_url": run.Secret(server + "/authorize")}
	for name, v := range more {
		values[name] = v
	}
	c, err := d.CreateConnection(d.t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "c", Connector: connector, Method: method, BaseURL: server, State: run.NeedsAuth}, values)
	if err != nil {
		d.t.Fatal(err)
	}
	return c, values
}

// signedIn makes a connection with tokens A0 and R0 that live for a time.
func (d *desk) signedIn(connector, server string, life time.Duration) run.Connection {
	d.t.Helper()
	c, _ := d.make(connector, "oauth", server, nil)
	t := run.Tokens{Access: "CANARY-A0", Refresh: "CANARY-R0", Values: map[string]string{"api_domain": "acme.pipedrive.com", "cloud_id": "c-1"}}
	if life != 0 {
		t.ExpiresAt = d.now().Add(life)
		t.RefreshAt = t.ExpiresAt.Add(-life / 5)
	}
	if err := d.EndSignIn(d.t.Context(), c, t); err != nil {
		d.t.Fatal(err)
	}
	return d.show()
}

func (d *desk) show() run.Connection {
	d.t.Helper()
	c, _, err := d.Credentials(d.t.Context(), run.DefaultWorkspace, "c")
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func do(c *Client, action string) run.Result {
	return c.Invoke(context.Background(), run.Call{Workspace: run.DefaultWorkspace, Run: "r", Scenario: "s", Path: "p", Action: action, Connection: "c", Key: "k", Effect: run.Once, Timeout: 10 * time.Second,
		Input: map[string]any{"method": "POST", "path": "/deals", "json": map[string]any{"n": 1}}})
}

// shop is a server that takes the newest access token and gives new ones for the refresh tokens that it knows.
type shop struct {
	*httptest.Server
	mu        sync.Mutex
	n         int
	old       bool // it takes the refresh token before the last one too
	refreshes int
	done      int // calls that were carried out
	refuse    string
	answer    func(w http.ResponseWriter) bool // of a token request; false: it goes on as ever
}

func newShop(t *testing.T) *shop {
	s := &shop{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/token" {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer CANARY-A%d", s.n) {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error": "unauthorized access"}`)
			return
		}
		s.done++
		io.WriteString(w, `{"success": true}`)
		return
	}
	s.refreshes++
	if s.answer != nil && s.answer(w) {
		return
	}
	r.ParseForm()
	if got := r.PostForm.Get("refresh_token"); got != fmt.Sprintf("CANARY-R%d", s.n) && !(s.old && got == fmt.Sprintf("CANARY-R%d", s.n-1)) || s.refuse != "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": "%s", "error_description": "Refresh token is gone."}`, "invalid_grant")
		return
	}
	s.n++
	fmt.Fprintf(w, `{"access_token": "CANARY-A%d", "refresh_token": "CANARY-R%d", "expires_in": 3600, "api_domain": %q}`, s.n, s.n, s.URL)
}

func (s *shop) counts() (refreshes, done int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshes, s.done
}

// TestOneRefresh is §2.E 38: fifty workers of two processes, one refresh, and every call is carried out once.
func TestOneRefresh(t *testing.T) {
	for name, life := range map[string]time.Duration{"a token that is due": time.Nanosecond, "a token that is not taken any more": 0} {
		t.Run(name, func(t *testing.T) {
			d, s := newDesk(t), newShop(t)
			d.signedIn("pipedrive", s.URL, life)
			if life == 0 {
				s.n = 1
				s.old = true
			}
			processes := []*Client{d.client(d), d.client(d)}
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					if r := do(processes[i%2], "pipedrive.api_request"); r.Failure != nil {
						t.Errorf("%+v", r.Failure)
					}
				})
			}
			all.Wait()
			if refreshes, done := s.counts(); refreshes != 1 || done != 50 {
				t.Errorf("%d refreshes, %d calls", refreshes, done)
			}
			if c := d.show(); c.State != run.Connected || c.Tokens != 2 {
				t.Errorf("afterwards it is %+v", c)
			}
		})
	}
}

// TestDiesBetweenRefreshAndSave is §2.E 38: the next process asks again with the old token, once the first one's right to it
// is over. A vendor that takes it gives others; one that does not leaves a connection that says what happened.
func TestDiesBetweenRefreshAndSave(t *testing.T) {
	for _, grace := range []bool{true, false} {
		t.Run(fmt.Sprint("the vendor takes the old token: ", grace), func(t *testing.T) {
			d, s := newDesk(t), newShop(t)
			s.old = grace
			c := d.signedIn("pipedrive", s.URL, time.Nanosecond)
			if taken, broken, err := d.LeaseRefresh(t.Context(), c, "a process", d.now().Add(leaseFor)); !taken || broken || err != nil {
				t.Fatal(taken, broken, err)
			}
			resp, err := http.PostForm(s.URL+"/token", url.Values{"refresh_token": {"CANARY-R0"}}) // what it got died with it
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			d.ahead.Add(int64(leaseFor + time.Second))
			r := do(d.client(d), "pipedrive.api_request")
			after := d.show()
			if grace {
				if r.Failure != nil || after.State != run.Connected {
					t.Errorf("%+v %+v", r.Failure, after)
				}
				return
			}
			if r.Failure == nil || r.Failure.Class != string(fault.Unauthorized) || r.Failure.Connection != "c" || r.Failure.Since != c.Since {
				t.Errorf("the call: %+v", r.Failure)
			}
			if after.State != run.NeedsAuth || !strings.Contains(after.Detail, "cut off before its answer was kept") || !strings.Contains(after.Detail, "sign in again") {
				t.Errorf("the connection: %+v", after)
			}
		})
	}
}

// TestRestartedLease is what serve does at its start: it waits for no right to refresh that a dead process had.
func TestRestartedLease(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	c := d.signedIn("pipedrive", s.URL, time.Nanosecond)
	if taken, _, err := d.LeaseRefresh(t.Context(), c, "dead", d.now().Add(time.Hour)); !taken || err != nil {
		t.Fatal(taken, err)
	}
	if err := d.ForgetLeases(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := do(d.client(d), "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
}

// stubborn is a store that does not keep tokens at first.
type stubborn struct {
	*desk
	left atomic.Int32
}

func (s *stubborn) SaveTokens(ctx context.Context, c run.Connection, t run.Tokens) error {
	if s.left.Add(-1) >= 0 {
		return fault.Wrap(errors.New("disk full"), fault.Unavailable, "The database cannot be written; is the disk full?")
	}
	return s.desk.SaveTokens(ctx, c, t)
}

func TestSavesUntilItIsKept(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	d.signedIn("pipedrive", s.URL, time.Nanosecond)
	full := &stubborn{desk: d}
	full.left.Store(3)
	if r := do(d.client(full), "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
	if refreshes, done := s.counts(); refreshes != 1 || done != 1 {
		t.Errorf("%d refreshes, %d calls", refreshes, done)
	}
}

// TestRevoked: nothing is sent over a connection that needs a person, and a test that succeeds mends it.
func TestRevoked(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	c := d.signedIn("pipedrive", s.URL, 0)
	client := d.client(d)
	s.mu.Lock()
	s.n, s.refuse = 7, "yes"
	s.mu.Unlock()
	r := do(client, "pipedrive.api_request")
	if r.Failure == nil || r.Failure.Class != string(fault.Unauthorized) || strings.Contains(r.Failure.Message, "CANARY") {
		t.Fatalf("%+v", r.Failure)
	}
	if got := d.show(); got.State != run.NeedsAuth || strings.Contains(got.Detail, "CANARY") {
		t.Errorf("it is %+v", got)
	}
	before, _ := s.counts()
	r = do(client, "pipedrive.api_request")
	if r.Failure == nil || r.Failure.Class != string(fault.Unauthorized) || !strings.Contains(r.Failure.Message, "nothing was sent") || r.Failure.Connection != "c" || r.Exchange != nil {
		t.Errorf("%+v", r.Failure)
	}
	if after, done := s.counts(); after != before || done != 0 {
		t.Errorf("%d requests were made", after-before+done)
	}
	if err := d.EndSignIn(t.Context(), d.show(), run.Tokens{Access: "CANARY-A7"}); err != nil {
		t.Fatal(err)
	}
	if got := d.show(); got.State != run.Connected || got.Since <= c.Since {
		t.Errorf("mended it is %+v", got)
	}
	if r := do(client, "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
}

// TestVendorIsDown: a refresh that cannot be made says nothing about the connection, and a call that was turned away for
// certain is in no doubt.
func TestVendorIsDown(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	d.signedIn("pipedrive", s.URL, 0)
	client := d.client(d)
	s.mu.Lock()
	s.n = 1
	s.answer = func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusBadGateway); return true }
	s.mu.Unlock()
	r := do(client, "pipedrive.api_request")
	if r.Failure == nil || r.Failure.Class != string(fault.Unavailable) {
		t.Errorf("%+v", r.Failure)
	}
	if got := d.show(); got.State != run.Connected {
		t.Errorf("it is %+v", got)
	}
	s.mu.Lock()
	s.answer, s.old = nil, true
	s.mu.Unlock()
	d.ahead.Store(int64(time.Minute))
	if r := do(client, "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
}

// TestStillGood: a token that is due and cannot be renewed is used while it is good.
func TestStillGood(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	d.signedIn("pipedrive", s.URL, time.Hour)
	d.ahead.Store(int64(55 * time.Minute))
	if got := d.show(); got.State != run.Expiring {
		t.Errorf("it is %s", got.State)
	}
	s.mu.Lock()
	s.answer = func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusServiceUnavailable); return true }
	s.mu.Unlock()
	if r := do(d.client(d), "pipedrive.api_request"); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
	s.mu.Lock()
	s.answer = nil
	s.mu.Unlock()
	d.client(d).freshen(t.Context(), d.show())
	if got := d.show(); got.State != run.Connected || got.Tokens != 2 {
		t.Errorf("in the background it became %+v", got)
	}
}

// TestKeepsFresh is the loop that renews tokens which nobody uses, and marks those that cannot be.
func TestKeepsFresh(t *testing.T) {
	d, s := newDesk(t), newShop(t)
	d.signedIn("pipedrive", s.URL, time.Nanosecond)
	ctx, cancel := context.WithCancel(t.Context())
	client := d.client(d)
	done := make(chan struct{})
	go func() { client.KeepFresh(ctx); close(done) }()
	for d.show().Tokens != 2 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done

	other := newDesk(t)
	c, _ := other.make("github", "oauth", s.URL, nil)
	if err := other.EndSignIn(t.Context(), c, run.Tokens{Access: "A", ExpiresAt: other.now().Add(-time.Second), RefreshAt: other.now().Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
	other.client(other).freshen(t.Context(), other.show())
	if got := other.show(); got.State != run.NeedsAuth || !strings.Contains(got.Detail, "has expired") {
		t.Errorf("one that cannot be renewed is %+v", got)
	}
}
