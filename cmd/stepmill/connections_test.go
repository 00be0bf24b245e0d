package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// TestNewValues is the story of a key that is taken away: a person puts another one in on the connection's page, which tests
// it, and the runs that stood go on by themselves.
func TestNewValues(t *testing.T) {
	var good atomic.Value
	good.Store("canary-one")
	var calls atomic.Int64
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+good.Load().(string) {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"message": "Bad credentials"}`)
			return
		}
		if r.Method == "POST" {
			calls.Add(1)
		}
		io.WriteString(w, `{"id": 1, "login": "ada"}`)
	}))
	t.Cleanup(app.Close)
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	p := person{s, s.person()}
	p.post("/setup", "/scenarios", "name", "Ada", "email", "ada@example.com", "password", "correct horse battery")
	if text := p.post("/connections", "/connections/c?done=works", "connector", "github", "method", "token", "slug", "c", "name", "Ours", "value.token", "canary-one", "base_url", app.URL, "rate", "50/1s"); !strings.Contains(text, "Connected") {
		t.Errorf("made, the page says %s", text)
	}
	hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": [{"id": "do", "uses": "github.api_request", "connection": "c", "with": {"method": "POST", "path": "/x", "json": {}}, "on_error": {"do": "park"}}]}`)
	good.Store("canary-two")
	post(http.DefaultClient, hook, `{}`)
	eventually(t, "the run stands", func() bool { return s.count("w", "incomplete") == 1 })
	page := p.get("/connections/c")
	for _, want := range []string{"Needs a new sign-in", "Bad credentials", `href="/connections/c/values"`, "w #1", `<b class="alarm"`} {
		if !strings.Contains(page, want) {
			t.Errorf("of the broken connection the page does not say %s", want)
		}
	}
	if form := p.get("/connections/c/values"); strings.Contains(form, "canary-one") || !strings.Contains(form, "Leave it empty to keep it") {
		t.Errorf("the form is %s", form)
	}
	if text := p.post("/connections/c/values", "/connections/c/values", "value.token", "canary-three"); !strings.Contains(text, "The test failed") || !strings.Contains(text, "Bad credentials") || strings.Contains(text, "canary-three") {
		t.Errorf("with a key that is wrong too, the page says %s", text)
	}
	p.post("/connections/c/values", "/connections/c?done=works", "value.token", "canary-two")
	eventually(t, "the run goes on", func() bool { return s.count("w", "succeeded") == 1 })
	p.post("/connections/c/values", "/connections/c?done=works") // nothing typed: the key stays
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls were carried out, not 1", n)
	}
	p.set()
	p.looks(data)
	holdsNo(t, data, "canary-")
}

// set changes what stands beside the credentials.
func (p person) set() {
	p.post("/connections/c", "/connections/c?done=saved", "name", "Theirs", "scenario", "w", "action", "github.api_request", "concurrency", "2")
	var got struct {
		Name, State string
		Limits      struct {
			Rate        string
			Concurrency int
		}
		Grants struct{ Scenarios, Actions []string }
	}
	p.call("GET", "/api/v1/connections/c", "", 200, &got)
	if fmt.Sprint(got) != "{Theirs connected { 2} {[w] [github.api_request]}}" {
		p.t.Errorf("set, it is %+v", got)
	}
	for _, c := range [][3]string{{"pause", "paused", "paused"}, {"resume", "resumed", "connected"}} {
		p.post("/connections/c/"+c[0], "/connections/c?done="+c[1])
		if p.call("GET", "/api/v1/connections/c", "", 200, &got); got.State != c[2] {
			p.t.Errorf("%s, it is %s", c[1], got.State)
		}
	}
}

// looks is what somebody may who may only look.
func (p person) looks(data string) {
	out, _, _ := stepmill(p.t, "keys", "create", "--data", data, "--name", "looks", "--role", "viewer")
	looker := *p.served
	looker.key = strings.TrimSpace(out)
	for path, status := range map[string]int{"GET /connections": 200, "GET /connections/c": 200, "GET /connections/new": 403, "GET /connections/c/values": 403, "POST /connections": 403, "POST /connections/c": 403, "POST /connections/c/values": 403,
		"POST /connections/c/test": 403, "POST /connections/c/sign-in": 403, "POST /connections/c/pause": 403, "POST /connections/c/resume": 403, "POST /connections/c/delete": 403} {
		method, at, _ := strings.Cut(path, " ")
		req, err := http.NewRequest(method, looker.url+at, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+looker.key)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			p.t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != status {
			p.t.Errorf("%s is answered %d, not %d", path, resp.StatusCode, status)
		}
	}
}

// person is somebody who is signed in, in a browser without scripts.
type person struct {
	*served
	browser *http.Client
}

func (s *served) person() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func (p person) get(path string) string {
	p.t.Helper()
	_, _, text := p.open(p.browser, p.url+path)
	return text
}

// post sends a form, and fails where it does not lead to an address of this server.
func (p person) post(path, leads string, fields ...string) string {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	resp, err := p.browser.PostForm(p.url+path, form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if at := resp.Request.URL.RequestURI(); err != nil || at != leads || resp.StatusCode != 200 {
		p.t.Fatalf("%s leads to %s: %d %s %v", path, at, resp.StatusCode, text, err)
	}
	return string(text)
}
