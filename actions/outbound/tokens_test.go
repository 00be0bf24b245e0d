package outbound

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestTokenAnswers is §2.E 38: what token answers may hold.
func TestTokenAnswers(t *testing.T) {
	const good = `"access_token": "A1", "refresh_token": "R1", "api_domain": "https://acme.pipedrive.com"`
	year := longestLife
	for _, c := range []struct {
		name, body string
		life       time.Duration // of the token; with no error
		class      fault.Code
	}{
		{"as it should be", `{` + good + `, "expires_in": 3600}`, time.Hour, ""},
		{"a text", `{` + good + `, "expires_in": "3600"}`, time.Hour, ""},
		{"none", `{` + good + `}`, time.Hour, ""}, // the vendor's own, which the connector knows
		{"null", `{` + good + `, "expires_in": null}`, time.Hour, ""},
		{"minus", `{` + good + `, "expires_in": "-1"}`, time.Hour, ""},
		{"zero", `{` + good + `, "expires_in": 0}`, time.Hour, ""},
		{"letters", `{` + good + `, "expires_in": "abc"}`, time.Hour, ""},
		{"a list", `{` + good + `, "expires_in": [1]}`, time.Hour, ""},
		{"NaN", `{` + good + `, "expires_in": "NaN"}`, time.Hour, ""},
		{"for ever", `{` + good + `, "expires_in": 1e18}`, year, ""},
		{"infinity", `{` + good + `, "expires_in": "Inf"}`, year, ""},
		{"half a second", `{` + good + `, "expires_in": 0.5}`, 500 * time.Millisecond, ""},
		{"Slack's word for its type", `{` + good + `, "token_type": "bot"}`, time.Hour, ""},
		{"a type that is no text", `{` + good + `, "token_type": null}`, time.Hour, ""},
		{"a token that signs", `{` + good + `, "token_type": "mac"}`, 0, fault.Unauthorized},
		{"no token", `{"refresh_token": "R1", "expires_in": 3600}`, 0, fault.Unavailable},
		{"a token with a line break", `{"access_token": "A\r\nX: y", "api_domain": "https://acme.pipedrive.com"}`, 0, fault.Unavailable},
		{"a token that is no text", `{"access_token": {"a": 1}}`, 0, fault.Unavailable},
		{"no JSON", `<html>`, 0, fault.Unavailable},
		{"nothing", ``, 0, fault.Unavailable},
		{"10 MB", `{` + good + `, "x": "` + strings.Repeat("x", 10<<20) + `"}`, 0, fault.TooLarge},
		{"an error with 200", `{"error": "invalid_grant", "error_description": "x"}`, 0, fault.Unauthorized},
		{"not ok with 200", `{"ok": false, "error": "invalid_code"}`, 0, fault.Unauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, c.body)
			}))
			defer server.Close()
			d := newDesk(t)
			connection, values := d.make("pipedrive", "oauth", server.URL, nil)
			got, err := d.client(d).Exchange(t.Context(), connection, values, run.SignInReturn{Code: "code", Redirect: "https://here/oauth/callback"})
			if fault.CodeOf(err) != c.class {
				t.Fatalf("%v", err)
			}
			if life := got.ExpiresAt.Sub(d.now()); c.class == "" && (life > c.life || life < c.life-time.Minute) {
				t.Errorf("it lives for %s, not %s", life, c.life)
			}
			if c.class == "" && !got.RefreshAt.Before(got.ExpiresAt) {
				t.Errorf("it is renewed at %s and expires at %s", got.RefreshAt, got.ExpiresAt)
			}
			if err != nil && (strings.Contains(err.Error(), "CANARY") || len(err.Error()) > 700) {
				t.Errorf("the error says too much: %v", err)
			}
		})
	}
}

// TestSignInAddresses is §2.E 38 and R27: where people are sent to sign in, and where tokens are asked for.
func TestSignInAddresses(t *testing.T) {
	d := newDesk(t)
	connection, values := d.make("github", "oauth", "http://127.0.0.1:9", nil)
	client := d.client(d)
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "http://example.com/authorize", "https:example.com", "https://user:pass@example.com/", "https://example.com/#x", "//example.com", "file:///etc/passwd", "https:///x"} {
		for _, field := range []string{"authorize_url", "token_url"} {
			bad := run.Values{}
			for name, v := range values {
				bad[name] = v
			}
			bad[field] = run.Secret(address)
			err := client.CheckValues(connection, bad)
			if fault.CodeOf(err) != fault.InvalidInput {
				t.Errorf("%s %s is taken: %v", field, address, err)
			}
			if list := fault.ProblemsOf(err); len(list) != 1 || list[0].Path != "/values/"+field || list[0].Message != fault.MessageOf(err) {
				t.Errorf("%s %s is a problem of %+v", field, address, list)
			}
			if to, err := client.Authorize(connection, bad, "https://here/oauth/callback", "state", "verifier"); field == "authorize_url" && err == nil {
				t.Errorf("people are sent to %s", to)
			}
		}
	}
	err := client.CheckValues(run.Connection{Slug: "t", Connector: "microsoft_teams", Method: "oauth"}, run.Values{"client_id": "i", "client_secret": "s", "tenant": "a/b"})
	if list := fault.ProblemsOf(err); len(list) != 1 || list[0].Path != "/values/tenant" || !strings.HasPrefix(list[0].Message, `The connection "t": its tenant is part of an address`) {
		t.Errorf("a part of an address is a problem of %+v (%v)", list, err)
	}
	to, err := client.Authorize(connection, values, "https://here/oauth/callback", "state", "verifier")
	u, _ := url.Parse(to)
	if q := u.Query(); err != nil || q.Get("scope") != "repo gist admin:repo_hook" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") != "iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ" || strings.Contains(to, "CANARY") || strings.Contains(to, "verifier") {
		t.Errorf("%s %v", to, err)
	}
}

// TestIssuer is RFC 9207: a code that another server sent is given to nobody.
func TestIssuer(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		io.WriteString(w, `{"access_token": "A"}`)
	}))
	defer server.Close()
	d := newDesk(t)
	connection, values := d.make("github", "oauth", server.URL, nil)
	for issuer, good := range map[string]bool{"": true, server.URL: true, server.URL + "/login": true, "https://evil.example": false, "http://127.0.0.1:1": false, "%": false} {
		asked = 0
		_, err := d.client(d).Exchange(t.Context(), connection, values, run.SignInReturn{Code: "code", Issuer: issuer})
		if (err == nil) != good || (asked > 0) != good {
			t.Errorf("%q: %v, %d requests", issuer, err, asked)
		}
	}
	a, err := d.client(d).tokensOf(run.Connection{Connector: "google_drive", Method: "oauth"}, nil)
	if err != nil || a.issued("https://accounts.google.com") != nil || a.issued("https://accounts.google.com/x") == nil {
		t.Errorf("an issuer that is known is compared whole: %v", err)
	}
}

// TestTokensGoNowhereElse is §2.D 33, 37: what a token request carries is shown to no redirect's target, no private address,
// and no host that an answer names.
func TestTokensGoNowhereElse(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		t.Errorf("the thief got %s %v %s", r.URL, r.Header, body)
	}))
	defer thief.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect with its body": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL, http.StatusFound) },
	} {
		server := httptest.NewServer(answer)
		d := newDesk(t)
		connection, values := d.make("pipedrive", "oauth", server.URL, nil)
		if _, err := d.client(d).Exchange(t.Context(), connection, values, run.SignInReturn{Code: "code"}); err == nil {
			t.Errorf("%s is followed", name)
		}
		server.Close()
	}
	d := newDesk(t)
	connection, values := d.make("pipedrive", "oauth", thief.URL, nil)
	guarded := newClient(t, Config{Connections: d.Store, Tokens: d, Now: d.now}) // nothing private is allowed
	if _, err := guarded.Exchange(t.Context(), connection, values, run.SignInReturn{Code: "code"}); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a private address is asked for tokens: %v", err)
	}
	for domain, good := range map[string]bool{"https://acme.pipedrive.com": true, "https://pipedrive.com": true, "https://evil.example": false, "https://pipedrive.com.evil.example": false, "https://evilpipedrive.com": false,
		"http://acme.pipedrive.com": false, "https://x@evil.example": false, "https://acme.pipedrive.com@evil.example": false, "acme.pipedrive.com": false, "": false} {
		own := run.Values{"client_id": "id", "client_secret": "s"}
		a, err := guarded.tokensOf(connection, own)
		if err != nil {
			t.Fatal(err)
		}
		into := map[string]string{}
		if err := a.take(map[string]any{"api_domain": domain}, a.oauth.Values, into); (err == nil) != good {
			t.Errorf("the API's host %q: %v %v", domain, into, err)
		}
	}
}

// TestBaseOfToken is where calls go that are signed by a token: to the host that its answer named, and no other.
func TestBaseOfToken(t *testing.T) {
	client := newClient(t, Config{})
	for _, c := range []struct{ connector, name, value, base string }{
		{"pipedrive", "api_domain", "acme.pipedrive.com", "https://acme.pipedrive.com"},
		{"jira", "cloud_id", "c-1", "https://api.atlassian.com/ex/jira/c-1"},
		{"mailchimp", "dc", "us21", "https://us21.api.mailchimp.com/3.0"},
		{"salesforce", "instance", "acme.my.salesforce.com", "https://acme.my.salesforce.com/services/data/v60.0"},
	} {
		d := &doing{client: client, connector: client.cfg.Connectors.Get(c.connector)}
		if err := d.connect(run.Connection{ID: "1", Slug: "c", Method: "oauth"}, run.Values{"access_token": "CANARY-A", c.name: run.Secret(c.value)}); err != nil {
			t.Error(err)
			continue
		}
		evil, _ := url.Parse("https://evil.example/x")
		own, _ := url.Parse(c.base + "/x")
		if _, err := d.signIn.mayGoTo(evil); d.base != c.base || err == nil {
			t.Errorf("%s stands at %s, and its token goes elsewhere too: %v", c.connector, d.base, err)
		}
		if signed, err := d.signIn.mayGoTo(own); !signed || err != nil {
			t.Errorf("%s does not get its token: %v", c.connector, err)
		}
		if got := d.signIn.mask("x CANARY-A " + c.value); strings.Contains(got, "CANARY") || !strings.Contains(got, c.value) {
			t.Errorf("masked: %s", got)
		}
	}
}

// TestWithoutPeople are the grants that need nobody: Zoom's server-to-server apps and Google's service accounts.
func TestWithoutPeople(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var form url.Values
	var basic string
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			if r.Header.Get("Authorization") != fmt.Sprintf("Bearer A%d", asked) {
				w.WriteHeader(http.StatusUnauthorized)
			}
			io.WriteString(w, `{}`)
			return
		}
		asked++
		r.ParseForm()
		form = r.PostForm
		basic, _, _ = r.BasicAuth()
		fmt.Fprintf(w, `{"access_token": "A%d", "expires_in": 3599, "api_url": "https://api.zoom.us"}`, asked)
	}))
	defer server.Close()
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	file, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "robot@acme.test", "private_key_id": "k1", "private_key": string(block), "token_uri": "https://evil.example/token"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		connector, method string
		values            run.Values
		look              func(t *testing.T)
	}{
		{"zoom", "server", run.Values{"account_id": "acc"}, func(t *testing.T) {
			if form.Get("grant_type") != "account_credentials" || form.Get("account_id") != "acc" || basic != "id" {
				t.Errorf("%v %s", form, basic)
			}
		}},
		{"google_drive", "service_account", run.Values{"key": run.Secret(file), "subject": "ada@acme.test"}, func(t *testing.T) {
			claims := jwt.MapClaims{}
			token, err := jwt.ParseWithClaims(form.Get("assertion"), claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil }, jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(server.URL+"/token"))
			if err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || token.Header["kid"] != "k1" || claims["iss"] != "robot@acme.test" || claims["sub"] != "ada@acme.test" || claims["scope"] != "https://www.googleapis.com/auth/drive" {
				t.Errorf("%v %v %v", form, claims, err)
			}
			if form.Get("client_secret") != "" || basic != "" {
				t.Errorf("a service account shows an app: %v", form)
			}
		}},
	} {
		t.Run(c.connector, func(t *testing.T) {
			asked = 0
			d := newDesk(t)
			connection, values := d.make(c.connector, c.method, server.URL, c.values)
			connection.State = run.Connected
			if _, err := d.UpdateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), connection, values); err != nil {
				t.Fatal(err)
			}
			client := d.client(d)
			for range 2 {
				if r := do(client, c.connector+".api_request"); r.Failure != nil {
					t.Fatalf("%+v", r.Failure)
				}
			}
			if asked != 1 {
				t.Errorf("%d tokens were asked for", asked)
			}
			c.look(t)
			d.ahead.Store(int64(2 * time.Hour))
			if r := do(client, c.connector+".api_request"); r.Failure != nil || asked != 2 {
				t.Errorf("after it expired: %+v, %d tokens", r.Failure, asked)
			}
		})
	}
	if _, _, err := readServiceKey(`{"client_email": "x", "private_key": "no key"}`); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a key that is none: %v", err)
	}
	if _, _, err := readServiceKey(`[]`); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a file that is none: %v", err)
	}
}
