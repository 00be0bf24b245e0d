package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// vendor is a local server that gives out tokens and takes calls as one vendor's documents say.
type vendor struct {
	*httptest.Server
	t  testing.TB
	mu sync.Mutex

	challenge, redirect, scope string // of the last sign-in
	code                       string // good once
	tokens                     int    // given out: the access token is A<n>, the refresh token R<n>
	revoked                    bool   // no access token is taken, and no refresh token
	calls, refreshes           int
	rotates                    bool

	// token answers a token request whose parameters these are; the credentials of the app were looked at.
	token func(v *vendor, w http.ResponseWriter, n int)
	// app gives the app's credentials and the parameters of a token request, as this vendor takes them.
	app func(r *http.Request) (id, secret string, params url.Values)
	// no answers a token request that is refused.
	no    func(w http.ResponseWriter, word string)
	extra map[string]string // what the sign-in's address must carry
	more  map[string]http.HandlerFunc
}

func (v *vendor) start(t testing.TB) *vendor {
	v.t = t
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case r.URL.Path == "/authorize":
		v.authorize(w, r)
	case r.URL.Path == "/token":
		v.give(w, r)
	case v.revoked || r.Header.Get("Authorization") != fmt.Sprintf("Bearer A%d", v.tokens):
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"message": "Bad credentials", "error": "unauthorized access", "errorMessages": ["no"]}`)
	case v.more[r.URL.Path] != nil:
		v.more[r.URL.Path](w, r)
	default:
		v.calls++
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, `{"id": "1", "key": "SUP-1", "self": "x", "success": true}`)
	}
}

// authorize is the page on which somebody agrees at once.
func (v *vendor) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name, want := range v.extra {
		if q.Get(name) != want {
			v.t.Errorf("the sign-in's %s is %q, not %q", name, q.Get(name), want)
		}
	}
	if q.Get("response_type") != "code" || q.Get("client_id") != "the id" || len(q.Get("state")) < 40 {
		v.t.Errorf("the sign-in is asked for by %v", q)
	}
	v.challenge, v.redirect, v.scope, v.code = q.Get("code_challenge"), q.Get("redirect_uri"), q.Get("scope"), fmt.Sprintf("code%d", v.tokens)
	http.Redirect(w, r, v.redirect+"?"+url.Values{"code": {v.code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

// give is the token's address.
func (v *vendor) give(w http.ResponseWriter, r *http.Request) {
	id, secret, params := v.app(r)
	if r.Method != "POST" || id != "the id" || secret != "the s&cret" {
		v.no(w, "invalid_client")
		return
	}
	switch params.Get("grant_type") {
	case "authorization_code":
		verified := v.challenge == "" || challengeOf(params.Get("code_verifier")) == v.challenge
		if v.code == "" || params.Get("code") != v.code || params.Get("redirect_uri") != v.redirect || !verified {
			v.no(w, "invalid_grant")
			return
		}
		v.code, v.revoked = "", false
	case "refresh_token":
		v.refreshes++
		if v.revoked || v.rotates && params.Get("refresh_token") != fmt.Sprintf("R%d", v.tokens) {
			v.no(w, "invalid_grant")
			return
		}
	default:
		v.no(w, "unsupported_grant_type")
		return
	}
	v.tokens++
	v.token(v, w, v.tokens)
}

// challengeOf is RFC 7636's S256.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (v *vendor) set(do func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	do()
}

func (v *vendor) count(of *int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return *of
}

func formApp(r *http.Request) (string, string, url.Values) {
	r.ParseForm()
	return r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"), r.PostForm
}

// pipedrive wants the app by Basic, rotates refresh tokens, and says where the company's API is.
func pipedriveVendor(t *testing.T) *vendor {
	v := &vendor{rotates: true,
		app: func(r *http.Request) (string, string, url.Values) {
			r.ParseForm()
			text, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "))
			id, secret, _ := strings.Cut(string(text), ":")
			id, _ = url.QueryUnescape(id)
			secret, _ = url.QueryUnescape(secret)
			return id, secret, r.PostForm
		},
		no: func(w http.ResponseWriter, word string) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"success": false, "message": "No.", "error": %q}`, word)
		},
		token: func(v *vendor, w http.ResponseWriter, n int) {
			fmt.Fprintf(w, `{"access_token": "A%d", "token_type": "Bearer", "refresh_token": "R%d", "scope": "deals:full contacts:full", "expires_in": 3599, "api_domain": %q}`, n, n, v.URL)
		},
		more: map[string]http.HandlerFunc{"/v1/users/me": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"success": true, "data": {"email": "ada@example.com"}}`)
		}},
	}
	return v.start(t)
}

// github says no with status 200, and answers forms to who does not ask for JSON.
func githubVendor(t *testing.T) *vendor {
	write := func(w http.ResponseWriter, values url.Values) {
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		io.WriteString(w, values.Encode())
	}
	v := &vendor{app: formApp,
		no: func(w http.ResponseWriter, word string) {
			write(w, url.Values{"error": {word}, "error_description": {"The code passed is incorrect or expired."}})
		},
		token: func(_ *vendor, w http.ResponseWriter, n int) {
			write(w, url.Values{"access_token": {fmt.Sprintf("A%d", n)}, "token_type": {"bearer"}, "scope": {"repo,gist"}})
		},
		more: map[string]http.HandlerFunc{"/user": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"login": "ada"}`) }},
	}
	return v.start(t)
}

// jira takes JSON, wants an audience, and tells the sites that the account has.
func jiraVendor(t *testing.T) *vendor {
	v := &vendor{rotates: true, extra: map[string]string{"audience": "api.atlassian.com", "prompt": "consent"},
		app: func(r *http.Request) (string, string, url.Values) {
			body, params := map[string]string{}, url.Values{}
			json.NewDecoder(r.Body).Decode(&body)
			for name, text := range body {
				params.Set(name, text)
			}
			if r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("the token is asked for as %s", r.Header.Get("Content-Type"))
			}
			return body["client_id"], body["client_secret"], params
		},
		no: func(w http.ResponseWriter, word string) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"error": %q, "error_description": "Unknown or invalid refresh token."}`, word)
		},
		token: func(_ *vendor, w http.ResponseWriter, n int) {
			fmt.Fprintf(w, `{"access_token": "A%d", "refresh_token": "R%d", "expires_in": 3600, "token_type": "Bearer", "scope": "read:jira-work write:jira-work offline_access"}`, n, n)
		},
		more: map[string]http.HandlerFunc{"/oauth/token/accessible-resources": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `[{"id": "c-1", "url": "https://acme.atlassian.net", "name": "acme"}, {"id": "c-2", "url": "https://other.atlassian.net", "name": "other"}]`)
		}},
	}
	return v.start(t)
}

// browser is one that keeps cookies and follows redirects as far as this server's pages.
func (s *served) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/connections/") { // where one has to be signed in
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// begin asks for a sign-in as a page of the browser would, and gives where it leads.
func (s *served) begin(b *http.Client, slug string) string {
	s.t.Helper()
	req, err := http.NewRequest("POST", s.url+"/api/v1/connections/"+slug+"/reconnect", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := b.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		AuthorizeURL string `json:"authorize_url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != 200 {
		s.t.Fatalf("reconnect answered %d: %v", resp.StatusCode, err)
	}
	return out.AuthorizeURL
}

// open visits an address and gives where the browser ends, and what it shows.
func (s *served) open(b *http.Client, address string) (status int, location, text string) {
	s.t.Helper()
	resp, err := b.Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

// connection is a connection as the API shows it.
type connectionText struct {
	State, Detail, Account, Scopes string
	WaitingRuns                    int `json:"waiting_runs"`
	Scenarios                      []struct{ Slug, Status string }
}

func (s *served) connection(slug string) (c connectionText) {
	s.t.Helper()
	s.call("GET", "/api/v1/connections/"+slug, "", 200, &c)
	return c
}

// doubtful counts the runs of a scenario that stand for a person since nobody knows whether a call of theirs happened.
func (s *served) doubtful(scenario string) (n int) {
	s.t.Helper()
	var page struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/runs?status=incomplete&scenario="+scenario, "", 200, &page)
	for _, r := range page.Items {
		var one struct{ Error struct{ Class string } }
		if s.call("GET", "/api/v1/runs/"+r.ID, "", 200, &one); one.Error.Class == "uncertain" {
			n++
		}
	}
	return n
}

// TestSignIns is the story of three vendors: somebody signs in, scenarios work, access is revoked, runs stand, somebody signs
// in again, and the runs go on by themselves, also after a crash.
func TestSignIns(t *testing.T) {
	for _, c := range []struct {
		connector, values, uses, with, account, scopes string
		vendor                                         func(*testing.T) *vendor
		pkce                                           bool
	}{
		{"pipedrive", "", "pipedrive.api_request", `{"method": "POST", "path": "/api/v2/deals", "json": {"title": "D"}}`, "ada@example.com", "deals:full contacts:full", pipedriveVendor, false},
		{"github", "", "github.api_request", `{"method": "POST", "path": "/repos/a/b/issues", "json": {"title": "T"}}`, "ada", "repo,gist", githubVendor, true},
		{"jira", `, "site": "other"`, "jira.create_issue", `{"project": "SUP", "issue_type": "Bug", "summary": "S"}`, "https://other.atlassian.net", "read:jira-work write:jira-work offline_access", jiraVendor, false},
	} {
		t.Run(c.connector, func(t *testing.T) {
			data, v := t.TempDir(), c.vendor(t)
			key := newKey(t, data)
			s := serve(t, data, "127.0.0.1:0")
			s.key = key
			var made struct{ State string }
			s.call("POST", "/api/v1/connections", fmt.Sprintf(`{"slug": "c", "connector": %q, "method": "oauth", "base_url": %q, "values": {"client_id": "the id", "client_secret": "the s&cret", "authorize_url": %q, "token_url": %q%s}}`,
				c.connector, v.URL, v.URL+"/authorize", v.URL+"/token", c.values), 201, &made)
			if made.State != "needs_auth" {
				t.Errorf("a new one is %s", made.State)
			}
			hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": [{"id": "do", "uses": "`+c.uses+`", "connection": "c", "with": `+c.with+`, "on_error": {"do": "park"}}]}`)
			if status := post(http.DefaultClient, hook, `{}`); status != 200 {
				t.Fatalf("the event is answered %d", status)
			}
			eventually(t, "a run stands before anybody signed in", func() bool { return s.count("w", "incomplete") == 1 })
			if v.count(&v.calls) != 0 {
				t.Error("a call was sent over a connection that nobody signed in over")
			}
			b := s.browser()
			to := s.begin(b, "c")
			if status, location, text := s.open(b, to); status != 303 || location != "/connections/c?done=signed-in" {
				t.Fatalf("the sign-in ends with %d at %q: %s", status, location, text)
			}
			if (v.challenge != "") != c.pkce || v.redirect != s.url+"/oauth/callback" {
				t.Errorf("the vendor saw the challenge %q and %q", v.challenge, v.redirect)
			}
			if got := s.connection("c"); got.State != "connected" || got.Account != c.account || got.Scopes != c.scopes || len(got.Scenarios) != 1 || got.Scenarios[0].Status != "live" {
				t.Errorf("signed in it is %+v", got)
			}
			eventually(t, "the run goes on", func() bool { return s.count("w", "succeeded") == 1 })

			v.set(func() { v.revoked = true })
			for range 5 {
				post(http.DefaultClient, hook, `{}`)
			}
			eventually(t, "runs stand", func() bool { return s.count("w", "incomplete") == 5 })
			got := s.connection("c")
			if got.State != "needs_auth" || !strings.Contains(got.Detail, "sign in again") || got.WaitingRuns != 5 {
				t.Errorf("revoked it is %+v", got)
			}
			if n := v.count(&v.calls); n != 1 {
				t.Errorf("%d calls were carried out, not 1", n)
			}
			refreshes := v.count(&v.refreshes)
			s.kill()
			s = serve(t, data, s.addr)
			s.key = key
			b = s.browser()
			if status, location, text := s.open(b, s.begin(b, "c")); status != 303 {
				t.Fatalf("the second sign-in ends with %d at %q: %s", status, location, text)
			}
			s.kill() // in the middle of it, or before it began
			s = serve(t, data, s.addr)
			s.key = key
			// A call that must not be repeated and that the kill cut stands for a person, as its step parks what fails.
			eventually(t, "every run goes on", func() bool { return s.count("w", "succeeded")+s.doubtful("w") == 6 })
			if calls, succeeded := v.count(&v.calls), s.count("w", "succeeded"); calls < succeeded || calls > 6 {
				t.Errorf("%d calls were carried out for %d runs that succeeded and 6 in all", calls, succeeded)
			}
			if n := v.count(&v.refreshes); n != refreshes {
				t.Errorf("while it needed a sign-in, the vendor was asked %d times", n-refreshes)
			}
			holdsNo(t, data, "the s&cret")
		})
	}
}
