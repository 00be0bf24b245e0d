package rigs

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// rotating is a vendor that gives a new refresh token with each renewal, and takes the one before no more, or for once still.
type rotating struct {
	*httptest.Server
	mu        sync.Mutex
	lenient   bool
	n         int // of the tokens given out last
	withdrawn int // of an access token that is good no more
	renewed   int // times
	keys      map[string]bool
}

func (v *rotating) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/token" {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer A%d", v.n) || v.n == v.withdrawn {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		v.keys[r.Header.Get("Idempotency-Key")] = true
		io.WriteString(w, `{"ok": true}`)
		return
	}
	if r.FormValue("grant_type") == "refresh_token" {
		if was := r.FormValue("refresh_token"); was != fmt.Sprintf("R%d", v.n) && !(v.lenient && was == fmt.Sprintf("R%d", v.n-1)) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error": "invalid_grant"}`)
			return
		}
		v.renewed++
	}
	v.n++
	fmt.Fprintf(w, `{"access_token": "A%d", "refresh_token": "R%d", "token_type": "Bearer", "expires_in": 7200}`, v.n, v.n)
}

// withdraw lets the vendor take the access token no more that it gave last.
func (v *rotating) withdraw() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.withdrawn = v.n
}

func (v *rotating) seen() (keys, renewed int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.keys), v.renewed
}

// signIn does what a browser does from Reconnect on, up to the page that the vendor sends it back to.
func (s *server) signIn(connection string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Timeout: 20 * time.Second, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequest("POST", s.url+"/api/v1/connections/"+connection+"/reconnect", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := browser.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var to struct {
		URL string `json:"authorize_url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&to); err != nil || resp.StatusCode != 200 {
		return fmt.Errorf("reconnect answered %d: %w", resp.StatusCode, err)
	}
	asked, err := url.Parse(to.URL)
	if err != nil {
		return err
	}
	back, err := http.NewRequest("GET", asked.Query().Get("redirect_uri")+"?code=c&state="+url.QueryEscape(asked.Query().Get("state")), nil)
	if err != nil {
		return err
	}
	back.Header.Set("Authorization", "Bearer "+s.key)
	if resp, err = browser.Do(back); err != nil {
		return err
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("the callback answered %d: %s", resp.StatusCode, text)
	}
	return nil
}

// TestTokenKilled: the process is killed where it renews a connection's token for a run. The run is carried out, once: by itself where
// the vendor takes what is on disk, else when somebody has signed in anew, for which the connection asks.
func TestTokenKilled(t *testing.T) {
	release, points := must(t, released), must(t, pointed)
	for _, c := range []struct {
		name, place    string
		lenient, asked bool
	}{
		{"before the vendor is asked", failpoint.TokenBefore, false, false},
		{"after it gave new ones, of a vendor that takes the old one again", failpoint.TokenAfter, true, false},
		{"after it gave new ones, of a vendor that does not", failpoint.TokenAfter, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := &rotating{lenient: c.lenient, keys: map[string]bool{}}
			v.Server = httptest.NewServer(v)
			defer v.Close()
			p := must(t, template)
			data := copyOf(t, p, filepath.Join(t.TempDir(), "data"))
			s, err := start(options{program: release, data: data})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { s.kill() }()
			addr := s.addr
			s.key = p.key
			values, _ := json.Marshal(map[string]string{"client_id": "i", "client_secret": "s", "authorize_url": v.URL + "/authorize", "token_url": v.URL + "/token", "hosts": v.URL})
			if err := s.call("POST", "/api/v1/connections", `{"slug": "api", "connector": "core", "method": "oauth", "values": `+string(values)+`}`, nil); err != nil {
				t.Fatal(err)
			}
			if err := s.signIn("api"); err != nil {
				t.Fatal(err)
			}
			var made struct{ Triggers []struct{ URL string } }
			definition := `{"stepmill": 1, "name": "Token", "trigger": {"uses": "webhook"}, "steps": [{"id": "post", "uses": "core.http_request", "connection": "api",
				"with": {"method": "POST", "url": "` + v.URL + `/things", "json": {"n": 1}}, "on_error": {"do": "park"}}]}`
			if err := s.call("POST", "/api/v1/scenarios", `{"slug": "token", "definition": `+definition+`}`, &made); err != nil {
				t.Fatal(err)
			}
			if err := s.call("POST", "/api/v1/scenarios/token/publish", `{"note": ""}`, nil); err != nil {
				t.Fatal(err)
			}
			s.cmd.Process.Signal(os.Interrupt)
			<-s.ended
			if s, err = start(options{program: points, data: data, addr: addr, env: []string{at(c.place + ":1")}}); err != nil {
				t.Fatal(err)
			}
			v.withdraw()
			resp, err := client.Post(made.Triggers[0].URL, "application/json", strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode/100 != 2 {
				t.Fatalf("the event is answered %d", resp.StatusCode)
			}
			if !eventually(20*time.Second, s.gone) {
				t.Fatalf("it was not killed %s", c.place)
			}
			if keys, renewed := v.seen(); keys != 0 || (renewed == 1) != (c.place == failpoint.TokenAfter) {
				t.Fatalf("at its death the vendor had seen %d calls and %d renewals", keys, renewed)
			}
			if s, err = start(options{program: release, data: data, addr: addr}); err != nil {
				t.Fatal(err)
			}
			s.key = p.key
			var runs struct {
				Items []struct {
					ID, Status string
				}
			}
			done := func() bool {
				return s.call("GET", "/api/v1/runs?scenario=token", "", &runs) == nil && len(runs.Items) == 1 && runs.Items[0].Status == "succeeded"
			}
			if c.asked {
				var connection struct{ State, Detail string }
				if !eventually(20*time.Second, func() bool {
					return s.call("GET", "/api/v1/connections/api", "", &connection) == nil && connection.State == "needs_auth"
				}) {
					t.Fatalf("the connection is %+v", connection)
				}
				if !strings.HasPrefix(connection.Detail, "127.0.0.1 does not take the sign-in any more") || !strings.Contains(connection.Detail, "cut off before its answer was kept") || !strings.Contains(connection.Detail, "sign in again") {
					t.Errorf("it says %q", connection.Detail)
				}
				if !eventually(20*time.Second, func() bool {
					done()
					return len(runs.Items) == 1 && runs.Items[0].Status == "incomplete"
				}) {
					t.Errorf("the run is %+v", runs.Items)
				}
				if err := s.signIn("api"); err != nil {
					t.Fatal(err)
				}
			}
			if !eventually(30*time.Second, done) {
				t.Fatalf("the run is not carried out: %+v; %s", runs.Items, s.errors)
			}
			if keys, _ := v.seen(); keys != 1 {
				t.Errorf("it was sent with %d keys", keys)
			}
		})
	}
}
