package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

func TestSecurityHeaders(t *testing.T) {
	h := newHouse(t)
	https := newHouse(t, func(_ *access.Config, c *Config) { c.BaseURL = "https://stepmill.test" })
	for _, path := range []string{"/login", "/scenarios", "/api/v1/runs", "/api/v1/none", "/none", "/boom", "/healthz", "/static/x.js"} {
		resp, _ := h.ask("GET", path, "", h.withKey("Accept", html)...)
		for name, want := range map[string]string{"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": ""} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if got := resp.Header.Get("Cache-Control"); (got == "no-store") == strings.HasPrefix(path, "/static/") {
			t.Errorf("%s: Cache-Control is %q", path, got)
		}
		if resp, _ := https.ask("GET", path, "", https.withKey()...); resp.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: no HSTS over https", path)
		}
	}
	for _, word := range []string{"unsafe-inline", "unsafe-eval", "http:", "*"} {
		if strings.Contains(policy, word) {
			t.Errorf("the policy allows %s", word)
		}
	}
}

// TestOtherSites: what another site's page can make a browser send changes nothing.
func TestOtherSites(t *testing.T) {
	h := newHouse(t, func(_ *access.Config, c *Config) { c.BaseURL = "http://stepmill.test" })
	cookie := h.signIn()
	host := strings.TrimPrefix(h.server.URL, "http://")
	for _, c := range []struct {
		name    string
		status  int
		headers []string
	}{
		{"no browser", 200, nil},
		{"its own page", 200, []string{"Sec-Fetch-Site", "same-origin"}},
		{"its own page, an old browser", 200, []string{"Origin", "http://" + host}},
		{"its own page behind a proxy", 200, []string{"Origin", "http://stepmill.test", "Sec-Fetch-Site", "cross-site"}},
		{"another site", 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"a sister site", 403, []string{"Sec-Fetch-Site", "same-site"}},
		{"another site, an old browser", 403, []string{"Origin", "http://evil.example"}},
		{"a page from nowhere", 403, []string{"Origin", "null"}},
		{"its name at another port", 403, []string{"Origin", "http://127.0.0.1:1"}},
		{"another site that pretends a method", 403, []string{"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET"}},
	} {
		resp, text := h.ask("POST", "/scenarios", "", append(c.headers, "Cookie", cookie)...)
		if resp.StatusCode != c.status {
			t.Errorf("%s: %s %s", c.name, resp.Status, text)
		}
		if resp, _ := h.ask("POST", "/hooks/k", "", c.headers...); resp.StatusCode != 200 {
			t.Errorf("%s, to a trigger's address: %s", c.name, resp.Status)
		}
		if resp, _ := h.ask("GET", "/scenarios", "", append(c.headers, "Cookie", cookie)...); resp.StatusCode != 200 {
			t.Errorf("%s, reading: %s", c.name, resp.Status)
		}
		if resp, text := h.ask("POST", "/api/v1/secrets", `{"slug": "a-`+uuid.NewString()+`", "value": "v"}`, h.withKey(append(c.headers, "Content-Type", "application/json")...)...); resp.StatusCode != 201 {
			t.Errorf("%s, with a key: %s %s", c.name, resp.Status, text)
		}
	}
	if resp, _ := h.ask("POST", "/login", "", "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 403 {
		t.Errorf("signing in from another site: %s", resp.Status)
	}
	if resp, _ := h.ask("POST", "/scenarios", "", "Cookie", cookie, "Authorization", "Bearer smk_wrong", "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 401 {
		t.Errorf("a wrong key beside a session: %s", resp.Status)
	}
}

// TestFrontDoor: a signed-out browser at / ends at the set-up, signs in, comes back, and signs out.
func TestFrontDoor(t *testing.T) {
	h := newHouse(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	visit := func(method, path string, form url.Values) (string, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, h.server.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", html)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s %s ends at %s: %s %v", method, path, resp.Request.URL, resp.Status, err)
		}
		return resp.Request.URL.RequestURI(), string(text)
	}
	if at, text := visit("GET", "/", nil); at != "/login" || !strings.Contains(text, "password") {
		t.Errorf("/ ends at %s", at)
	}
	if at, _ := visit("POST", "/setup", url.Values{"name": {"Ada"}, "email": {"ada@example.com"}, "password": {password}}); at != "/scenarios" {
		t.Errorf("the set-up ends at %s", at)
	}
	if at, text := visit("GET", "/", nil); at != "/scenarios" || text != "a page" {
		t.Errorf("signed in, / ends at %s", at)
	}
	if at, _ := visit("POST", "/logout", nil); at != "/login" {
		t.Errorf("signing out ends at %s", at)
	}
	if at, _ := visit("GET", "/scenarios?q=1", nil); at != "/login?next=%2Fscenarios%3Fq%3D1" {
		t.Errorf("signed out, a page ends at %s", at)
	}
	if at, _ := visit("POST", "/login", url.Values{"email": {"ada@example.com"}, "password": {password}, "next": {"/scenarios?q=1"}}); at != "/scenarios?q=1" {
		t.Errorf("signing in ends at %s", at)
	}
	for _, next := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "https:evil.example", "javascript:alert(1)", "/\t/evil.example", "evil", ""} {
		if at, _ := visit("POST", "/login", url.Values{"email": {"ada@example.com"}, "password": {password}, "next": {next}}); at != "/scenarios" {
			t.Errorf("next=%q ends at %s", next, at)
		}
	}
}

func TestDemoElsewhere(t *testing.T) {
	h := newHouse(t, func(a *access.Config, _ *Config) {
		a.Demo = &run.Actor{Workspace: "demo", Name: "Demo", Role: run.Owner}
	})
	if resp, _ := h.ask("GET", "/scenarios", "", "Host", "localhost:1"); resp.StatusCode != 200 {
		t.Errorf("at localhost: %s", resp.Status)
	}
	for _, path := range []string{"/scenarios", "/api/v1/runs", "/api/v1/stream"} {
		if resp, _ := h.ask("GET", path, "", "Host", "rebound.evil.example"); resp.StatusCode != 403 {
			t.Errorf("%s at another name: %s", path, resp.Status)
		}
	}
}
