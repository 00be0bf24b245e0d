package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// TestSignedOut walks every route as nobody: but for those that are public on purpose, a browser is led to the sign-in and
// everything else gets a problem.
func TestSignedOut(t *testing.T) {
	h := newHouse(t)
	public := map[string]bool{"/hooks/{key}": true, "/hooks/{key}/{rest...}": true, "/resume/{token}": true, "/healthz": true, "/readyz": true, "/static/{file...}": true, "/login": true, "/setup": true, "/logout": true}
	wild := regexp.MustCompile(`\{[a-z]*(\.\.\.)?\}`)
	routes := h.cfg.Routes()
	if len(routes) < 50 {
		t.Fatalf("there are %d routes", len(routes))
	}
	for _, route := range routes {
		if (route.Needs == access.Public) != public[route.Pattern] {
			t.Errorf("%s %s needs %d", route.Method, route.Pattern, route.Needs)
		}
		if route.Needs == access.Public {
			continue
		}
		method := route.Method
		if method == "" {
			method = "GET"
		}
		path := wild.ReplaceAllString(strings.TrimSuffix(route.Pattern, "{$}"), "x")
		if path != "/" {
			resp, text := h.ask(method, path, "")
			if resp.StatusCode != 401 || resp.Header.Get("Content-Type") != "application/problem+json" || resp.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s %s is answered %s %v %s", method, path, resp.Status, resp.Header, text)
			}
		}
		resp, _ := h.ask(method, path, "", "Accept", html)
		want, to := 401, ""
		if method == "GET" && !strings.HasPrefix(path, "/api/") {
			want, to = 303, "/login?next="+url.QueryEscape(path)
		}
		if path == "/" {
			to = "/login"
		}
		if resp.StatusCode != want || resp.Header.Get("Location") != to {
			t.Errorf("%s %s by a browser is answered %s to %q", method, path, resp.Status, resp.Header.Get("Location"))
		}
	}
}

// TestRoles walks every route as every role.
func TestRoles(t *testing.T) {
	h := newHouse(t)
	wild := regexp.MustCompile(`\{[a-z]*(\.\.\.)?\}`)
	for i, role := range []run.Role{run.Viewer, run.Operator, run.Editor, run.Admin} {
		key := h.newKey(role)
		for _, route := range h.cfg.Routes() {
			if route.Needs == access.Public || route.Method == "" || strings.HasPrefix(route.Pattern, "/api/v1/stream") || strings.HasPrefix(route.Pattern, "/half") ||
				strings.HasSuffix(route.Pattern, "/test") {
				continue // the streams have a walk of their own; the halves cut the connection; the tests ask a neighbour that is not here
			}
			path := wild.ReplaceAllString(strings.TrimSuffix(route.Pattern, "{$}"), "x")
			resp, text := h.ask(route.Method, path, "", "Authorization", "Bearer "+key)
			if may := access.Read+access.Permission(i) >= route.Needs; may == (resp.StatusCode == 403) || resp.StatusCode == 401 {
				t.Errorf("%s %s as %s is answered %s %s", route.Method, path, role, resp.Status, text)
			}
		}
	}
}

func TestPanics(t *testing.T) {
	h := newHouse(t)
	number := regexp.MustCompile(`under ([0-9a-f]{8})\.`)
	for _, path := range []string{"/boom", "/hooks/boom"} {
		for accept, kind := range map[string]string{html: "text/html; charset=utf-8", "*/*": "application/problem+json"} {
			resp, text := h.ask("GET", path, "", h.withKey("Accept", accept)...)
			found := number.FindStringSubmatch(text)
			if resp.StatusCode != 500 || resp.Header.Get("Content-Type") != kind || strings.Contains(text, "secret") || strings.Contains(text, "in a hook") || found == nil {
				t.Fatalf("%s: %s %v %s", path, resp.Status, resp.Header, text)
			}
			if !strings.Contains(h.log.String(), "reference="+found[1]) {
				t.Errorf("the log has no %s", found[1])
			}
		}
	}
	if !strings.Contains(h.log.String(), "a secret cause") || !strings.Contains(h.log.String(), "house_test.go") {
		t.Error("the log has no cause and no stack")
	}
}

// TestHalfAnswers: what breaks after an answer has begun cuts it off.
func TestHalfAnswers(t *testing.T) {
	h := newHouse(t)
	for path, cause := range map[string]string{"/half": "in the middle", "/halferr": "It broke in the middle."} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", h.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.key)
		resp, err := h.server.Client().Do(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Errorf("%s passes for a whole answer", path)
		}
		if !strings.Contains(h.log.String(), cause) {
			t.Errorf("the log has no %q", cause)
		}
	}
}

func TestErrors(t *testing.T) {
	h := newHouse(t)
	resp, text := h.ask("GET", "/broken", "", h.withKey("Accept", html)...)
	if resp.StatusCode != 500 || !strings.Contains(text, "<h1>Internal Server Error</h1>") || strings.Contains(text, "/home/ada") {
		t.Errorf("%s %s", resp.Status, text)
	}
	if !strings.Contains(h.log.String(), "/home/ada/secret") {
		t.Error("the log does not say what broke")
	}
	for _, c := range []struct{ method, path, accept, kind string }{
		{"GET", "/none", html, "text/html; charset=utf-8"},
		{"GET", "/none", "", "application/problem+json"},
		{"GET", "/api/v1/none", html, "application/problem+json"},
		{"GET", "/api/v1/runs/none", html, "application/problem+json"},
		{"GET", "/scenarios/..%2f..%2fetc%2fpasswd", "", "application/problem+json"},
	} {
		resp, text := h.ask(c.method, c.path, "", h.withKey("Accept", c.accept)...)
		if resp.StatusCode != 404 || resp.Header.Get("Content-Type") != c.kind {
			t.Errorf("%+v: %s %v %s", c, resp.Status, resp.Header, text)
		}
	}
	for path, allow := range map[string]string{"/scenarios": "GET, POST", "/api/v1/scenarios": "GET, POST", "/api/v1/keys": "GET, POST"} {
		if resp, text := h.ask("PATCH", path, "", h.withKey()...); resp.StatusCode != 405 || resp.Header.Get("Allow") != allow || !strings.Contains(text, "not PATCH") {
			t.Errorf("PATCH %s: %s %v %s", path, resp.Status, resp.Header["Allow"], text)
		}
		if resp, _ := h.ask("PATCH", path, ""); resp.StatusCode != 401 {
			t.Errorf("PATCH %s by nobody: %s", path, resp.Status)
		}
	}
	if resp, _ := h.ask("GET", "/login", "", "Authorization", "Bearer smk_wrong"); resp.StatusCode != 200 {
		t.Errorf("a wrong key keeps somebody out of the sign-in: %s", resp.Status)
	}
	if resp, _ := h.ask("GET", "/scenarios", "", "Cookie", "sid=stale", "Accept", html); resp.StatusCode != 303 {
		t.Errorf("a stale cookie is answered %s", resp.Status)
	}
}

// TestLogOfTheAPI: what breaks inside an operation is in the log, though huma has answered it.
func TestLogOfTheAPI(t *testing.T) {
	h := newHouse(t, func(a *access.Config, _ *Config) {
		a.Demo = &run.Actor{Workspace: "demo", Name: "Demo", Role: run.Owner}
	})
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	resp, text := h.ask("GET", "/api/v1/scenarios", "")
	if resp.StatusCode < 500 || !strings.Contains(h.log.String(), "path=/api/v1/scenarios") {
		t.Errorf("%s %s; the log: %s", resp.Status, text, h.log)
	}
}

func TestHealth(t *testing.T) {
	broken := false
	h := newHouse(t, func(_ *access.Config, c *Config) {
		c.Ready = func(context.Context) error {
			if broken {
				return fmt.Errorf("disk full at /dev/sda1")
			}
			return nil
		}
	})
	for _, want := range []int{200, 503} {
		if resp, text := h.ask("GET", "/healthz", ""); resp.StatusCode != 200 || text != "ok\n" {
			t.Errorf("%s %s", resp.Status, text)
		}
		resp, text := h.ask("GET", "/readyz", "")
		if resp.StatusCode != want || strings.Contains(text, "sda1") || want == 503 && resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s", resp.Status, text)
		}
		broken = true
	}
}

func TestHooks(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ method, path, want string }{{"POST", "/hooks/k", `POST k ""`}, {"PUT", "/hooks/k/a/b", `PUT k "a/b"`}, {"DELETE", "/hooks/k/", `DELETE k ""`},
		{"POST", "/hooks/k//x", `POST k "/x"`}, {"POST", "/hooks/k/a/../b", `POST k "a/../b"`}, {"POST", "/hooks/k/./a%2Fb//", `POST k "./a/b//"`}, {"POST", "/hooks/k/../../scenarios", `POST k "../../scenarios"`}} {
		resp, text := h.ask(c.method, c.path, "{}", "Cookie", "sid=x", "Authorization", "Bearer not ours")
		if resp.StatusCode != 200 || text != c.want || len(resp.Cookies()) != 0 {
			t.Errorf("%s %s: %s %s", c.method, c.path, resp.Status, text)
		}
	}
}

func TestNoStart(t *testing.T) {
	h := newHouse(t)
	cfg := h.cfg
	cfg.Screens = append(cfg.Screens, access.Route{Method: "GET", Pattern: "/new", Handle: access.Of(http.NotFoundHandler())})
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "GET /new") {
		t.Errorf("a route without a permission starts: %v", err)
	}
	cfg = h.cfg
	cfg.BaseURL = "stepmill.example.com/x y"
	if _, err := New(cfg); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a base URL that is none: %v", err)
	}
}

// gone is a client that went while it was answered.
type gone struct {
	http.ResponseWriter
	statuses []int
}

func (g *gone) WriteHeader(status int) { g.statuses = append(g.statuses, status) }

func (g *gone) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestOneAnswer: huma answers 499 where a client goes while its answer is written; that is no second answer.
func TestOneAnswer(t *testing.T) {
	g := &gone{ResponseWriter: httptest.NewRecorder()}
	a := &answer{ResponseWriter: g}
	a.WriteHeader(http.StatusEarlyHints)
	a.WriteHeader(http.StatusOK)
	a.Write([]byte("{"))
	a.WriteHeader(499)
	if !slices.Equal(g.statuses, []int{103, 200}) {
		t.Errorf("the statuses %v were answered", g.statuses)
	}
}
