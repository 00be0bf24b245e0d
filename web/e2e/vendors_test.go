package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// vendor is a local server that does what the documents of one vendor say of its sign-in: a page on which a person allows or
// denies, and an address that gives tokens out.
type vendor struct {
	*httptest.Server
	t       *testing.T
	mu      sync.Mutex
	asked   url.Values // the last that a browser came with
	code    string     // good once
	n       int        // of the tokens given out last: the access token is A<n>, the refresh token R<n>
	revoked bool       // no token is taken
	calls   int        // that were let in

	connector, account, scopes string
	uses, with                 string // a step over it
	fields                     map[string]string
	denies                     url.Values // what it sends back where a person denies
	must                       url.Values // what a browser must come with
	rotates, verifies          bool
	app                        func(r *http.Request) (id, secret string, params url.Values)
	gives                      func(w http.ResponseWriter, v *vendor)
	refuses                    func(w http.ResponseWriter, word string)
	more                       map[string]func(*vendor) string // what it answers at further addresses
}

func (v *vendor) start(t *testing.T) *vendor {
	v.t = t
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

// site is the vendor's address in the browser: another site than the program's, as it is in life.
func (v *vendor) site() string { return strings.Replace(v.URL, "127.0.0.1", "localhost", 1) }

func (v *vendor) do(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case r.URL.Path == "/favicon.ico":
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/authorize" && r.Method == "GET":
		v.ask(w, r)
	case r.URL.Path == "/authorize":
		v.answer(w, r)
	case r.URL.Path == "/token":
		v.give(w, r)
	case v.revoked || r.Header.Get("Authorization") != fmt.Sprintf("Bearer A%d", v.n):
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"message": "Bad credentials", "error": "unauthorized access", "errorMessages": ["no"]}`)
	case v.more[r.URL.Path] != nil:
		io.WriteString(w, v.more[r.URL.Path](v))
	default:
		v.calls++
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, `{"id": "1", "key": "SUP-1", "self": "x", "success": true}`)
	}
}

var consent = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Consent</title><h1>Allow Stepmill?</h1><p id="scope">{{.}}</p>
<form method="post"><button id="allow" name="say" value="yes">Allow</button><button id="deny" name="say" value="no">Deny</button></form>`))

// ask is the page on which a person decides.
func (v *vendor) ask(w http.ResponseWriter, r *http.Request) {
	v.asked = r.URL.Query()
	for name, want := range v.must {
		if got := v.asked.Get(name); got != want[0] {
			v.t.Errorf("%s: the sign-in's %s is %q, not %q", v.connector, name, got, want[0])
		}
	}
	if v.asked.Get("response_type") != "code" || v.asked.Get("client_id") != "the id" || len(v.asked.Get("state")) < 40 || (v.asked.Get("code_challenge") != "") != v.verifies {
		v.t.Errorf("%s: the sign-in is asked for by %v", v.connector, v.asked)
	}
	if r.Referer() != "" {
		v.t.Errorf("%s is told where the browser comes from: %s", v.connector, r.Referer())
	}
	consent.Execute(w, v.asked.Get("scope"))
}

// answer sends the browser back.
func (v *vendor) answer(w http.ResponseWriter, r *http.Request) {
	back := url.Values{"state": {v.asked.Get("state")}}
	if r.FormValue("say") == "yes" {
		v.code = fmt.Sprintf("code%d", v.n)
		back.Set("code", v.code)
	}
	for name := range v.denies {
		if v.code == "" {
			back.Set(name, v.denies.Get(name))
		}
	}
	http.Redirect(w, r, v.asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// give is the token's address.
func (v *vendor) give(w http.ResponseWriter, r *http.Request) {
	id, secret, params := v.app(r)
	if r.Method != "POST" || id != "the id" || secret != "the s&cret" {
		v.refuses(w, "invalid_client")
		return
	}
	switch params.Get("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(params.Get("code_verifier")))
		if v.code == "" || params.Get("code") != v.code || params.Get("redirect_uri") != v.asked.Get("redirect_uri") ||
			v.verifies && base64.RawURLEncoding.EncodeToString(sum[:]) != v.asked.Get("code_challenge") {
			v.refuses(w, "invalid_grant")
			return
		}
		v.code, v.revoked = "", false
	default:
		if v.revoked || params.Get("grant_type") != "refresh_token" || v.rotates && params.Get("refresh_token") != fmt.Sprintf("R%d", v.n) {
			v.refuses(w, "invalid_grant")
			return
		}
	}
	v.n++
	v.gives(w, v)
}

func inForm(r *http.Request) (string, string, url.Values) {
	r.ParseForm()
	return r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"), r.PostForm
}

// vendors are three that differ.
func vendors() []*vendor {
	return []*vendor{
		{ // the app by Basic, each refresh gives another refresh token, the answer says where the company's API is
			connector: "pipedrive", account: "ada@example.com", scopes: "deals:full contacts:full", rotates: true, denies: url.Values{"error": {"user_denied"}},
			uses: "pipedrive.api_request", with: `{"method": "POST", "path": "/api/v2/deals", "json": {"title": "D"}}`,
			app: func(r *http.Request) (string, string, url.Values) {
				r.ParseForm()
				text, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "))
				id, secret, _ := strings.Cut(string(text), ":")
				id, _ = url.QueryUnescape(id)
				secret, _ = url.QueryUnescape(secret)
				return id, secret, r.PostForm
			},
			refuses: func(w http.ResponseWriter, word string) {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"success": false, "message": "No.", "error": %q}`, word)
			},
			gives: func(w http.ResponseWriter, v *vendor) {
				fmt.Fprintf(w, `{"access_token": "A%d", "token_type": "Bearer", "refresh_token": "R%d", "scope": "deals:full contacts:full", "expires_in": 3599, "api_domain": %q}`, v.n, v.n, v.URL)
			},
			more: map[string]func(*vendor) string{"/v1/users/me": func(*vendor) string { return `{"success": true, "data": {"email": "ada@example.com"}}` }},
		},
		{ // it says no with status 200, in a form, and proves the browser by a challenge
			connector: "github", account: "ada", scopes: "repo,gist", verifies: true,
			denies: url.Values{"error": {"access_denied"}, "error_description": {"The user has denied your application access."}},
			uses:   "github.api_request", with: `{"method": "POST", "path": "/repos/a/b/issues", "json": {"title": "T"}}`, app: inForm,
			refuses: func(w http.ResponseWriter, word string) {
				w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
				io.WriteString(w, url.Values{"error": {word}, "error_description": {"The code passed is incorrect or expired."}}.Encode())
			},
			gives: func(w http.ResponseWriter, v *vendor) {
				w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
				io.WriteString(w, url.Values{"access_token": {fmt.Sprintf("A%d", v.n)}, "token_type": {"bearer"}, "scope": {"repo,gist"}}.Encode())
			},
			more: map[string]func(*vendor) string{"/user": func(*vendor) string { return `{"login": "ada"}` }},
		},
		{ // tokens are asked for in JSON, an account has several sites
			connector: "jira", account: "https://other.atlassian.net", scopes: "read:jira-work write:jira-work offline_access", rotates: true, fields: map[string]string{"value.site": "other"},
			must:   url.Values{"audience": {"api.atlassian.com"}, "prompt": {"consent"}},
			denies: url.Values{"error": {"access_denied"}, "error_description": {"User did not authorize the request"}},
			uses:   "jira.create_issue", with: `{"project": "SUP", "issue_type": "Bug", "summary": "S"}`,
			app: func(r *http.Request) (string, string, url.Values) {
				body, params := map[string]string{}, url.Values{}
				if r.Header.Get("Content-Type") == "application/json" {
					json.NewDecoder(r.Body).Decode(&body)
				}
				for name, text := range body {
					params.Set(name, text)
				}
				return body["client_id"], body["client_secret"], params
			},
			refuses: func(w http.ResponseWriter, word string) {
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprintf(w, `{"error": %q, "error_description": "Unknown or invalid refresh token."}`, word)
			},
			gives: func(w http.ResponseWriter, v *vendor) {
				fmt.Fprintf(w, `{"access_token": "A%d", "refresh_token": "R%d", "expires_in": 3600, "token_type": "Bearer", "scope": "read:jira-work write:jira-work offline_access"}`, v.n, v.n)
			},
			more: map[string]func(*vendor) string{"/oauth/token/accessible-resources": func(*vendor) string {
				return `[{"id": "c-1", "url": "https://acme.atlassian.net", "name": "acme"}, {"id": "c-2", "url": "https://other.atlassian.net", "name": "other"}]`
			}},
		},
	}
}
