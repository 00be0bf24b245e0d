package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/api"
	"github.com/stepmill/stepmill/web/drafts"
	"github.com/stepmill/stepmill/web/live"
	"github.com/stepmill/stepmill/web/login"
	"github.com/stepmill/stepmill/web/ui"
)

const password = "correct horse battery"

// house is a whole site over a real store, behind a real server.
type house struct {
	t      *testing.T
	store  *storage.Store
	hub    *live.Hub
	cfg    Config
	log    *syncBuffer
	site   *site
	server *httptest.Server
	key    string // of an admin
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// accounts is the gate as the sign-in's screens know it.
type accounts struct{ *access.Gate }

func (a accounts) SetUp(w http.ResponseWriter, r *http.Request, o login.Owner) error {
	return a.Gate.SetUp(w, r, access.Owner{Name: o.Name, Email: o.Email, Password: o.Password, Token: o.Token})
}

func newHouse(t *testing.T, change ...func(*access.Config, *Config)) *house {
	t.Helper()
	sealer, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: store, log: &syncBuffer{}}
	gate := access.Config{Store: store, Now: time.Now}
	h.hub = &live.Hub{Journal: store}
	service := &drafts.Service{Store: store, Changed: func(context.Context, string) {},
		Check: func(context.Context, run.Actor, string, *scenario.Document, []fault.Problem) ([]fault.Problem, run.Facts, error) {
			return nil, nil, nil
		}}
	h.cfg = Config{Hub: h.hub, Log: slog.New(slog.NewTextHandler(h.log, nil)), Ready: func(context.Context) error { return nil },
		API: api.Routes(api.Config{Store: store, Drafts: service, Address: func(_ *scenario.Trigger, key string) (string, string) { return key, "" }, Now: time.Now}),
		Hooks: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/hooks/boom" {
				panic("in a hook")
			}
			fmt.Fprintf(w, "%s %s %q", r.Method, r.PathValue("key"), r.PathValue("rest"))
		}),
		Static: []access.Route{{Method: "GET", Pattern: "/static/{file...}", Needs: access.Public, Handle: access.Of(http.NotFoundHandler())}},
		Page: func(w http.ResponseWriter, _ *http.Request, status int, title, text string) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			fmt.Fprintf(w, "<h1>%s</h1><p>%s</p>", title, text)
		}}
	for _, c := range change {
		c(&gate, &h.cfg)
	}
	gate.BaseURL = h.cfg.BaseURL
	h.cfg.Gate = access.NewGate(gate)
	h.hub.Identify = h.cfg.Gate.Identify
	h.cfg.Screens = screens(h.cfg.Gate)
	handler, err := New(h.cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.site = handler.(*site)
	h.server = httptest.NewUnstartedServer(handler)
	h.server.Config = Server(handler)
	h.server.Start()
	t.Cleanup(func() {
		h.hub.Close()
		h.server.Close()
		store.Close()
	})
	h.key = h.newKey(run.Admin)
	return h
}

func (h *house) newKey(role run.Role) string {
	h.t.Helper()
	plain, key, err := access.MakeKey(access.NewKey{Name: string(role), Role: role})
	if err == nil {
		_, err = h.store.CreateKey(h.t.Context(), run.SystemActor(run.DefaultWorkspace), key)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return plain
}

// screens are the sign-in's, and some that go wrong in every way.
func screens(gate *access.Gate) []access.Route {
	signIn := &login.Handler{Accounts: accounts{gate}, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{} }}
	say := func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, "a page")
		return err
	}
	return []access.Route{
		{Method: "GET", Pattern: "/login", Needs: access.Public, Handle: signIn.Page},
		{Method: "POST", Pattern: "/login", Needs: access.Public, Handle: signIn.SignIn},
		{Method: "POST", Pattern: "/setup", Needs: access.Public, Handle: signIn.SetUp},
		{Method: "POST", Pattern: "/logout", Needs: access.Public, Handle: signIn.SignOut},
		{Method: "GET", Pattern: "/scenarios", Needs: access.Read, Handle: say},
		{Method: "POST", Pattern: "/scenarios", Needs: access.Edit, Handle: say},
		{Method: "GET", Pattern: "/boom", Needs: access.Read, Handle: func(http.ResponseWriter, *http.Request) error { panic("a secret cause") }},
		{Method: "GET", Pattern: "/half", Needs: access.Read, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			io.WriteString(w, strings.Repeat("half", 2000))
			panic("in the middle")
		}},
		{Method: "GET", Pattern: "/halferr", Needs: access.Read, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			io.WriteString(w, strings.Repeat("half", 2000))
			return fault.New(fault.Internal, "It broke in the middle.")
		}},
		{Method: "GET", Pattern: "/broken", Needs: access.Read, Handle: func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("/home/ada/secret: %w", io.ErrUnexpectedEOF)
		}},
		{Method: "POST", Pattern: "/late", Needs: access.Read, Handle: func(w http.ResponseWriter, r *http.Request) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return fault.Wrap(err, fault.Timeout, "The body did not come.")
			}
			select {
			case <-r.Context().Done():
				return r.Context().Err()
			case <-time.After(400 * time.Millisecond):
			}
			_, err = fmt.Fprintf(w, "%d bytes", len(body))
			return err
		}},
	}
}

// ask sends a request; headers are pairs, Authorization among them. Redirects are not followed.
func (h *house) ask(method, path, body string, headers ...string) (*http.Response, string) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := h.server.Client().Transport.RoundTrip(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp, string(text)
}

func (h *house) withKey(more ...string) []string {
	return append([]string{"Authorization", "Bearer " + h.key}, more...)
}

// signIn sets the server up and gives the session as a Cookie header.
func (h *house) signIn() string {
	h.t.Helper()
	form := url.Values{"name": {"Ada"}, "email": {"ada@example.com"}, "password": {password}}
	resp, text := h.ask("POST", "/setup", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if resp.StatusCode != 303 || len(resp.Cookies()) != 1 {
		h.t.Fatalf("the set-up is answered %s %s", resp.Status, text)
	}
	c := resp.Cookies()[0]
	return c.Name + "=" + c.Value
}

const html = "text/html,application/xhtml+xml"

// startRun stores a run and tells the hub.
func (h *house) startRun() {
	h.t.Helper()
	actor := run.SystemActor(run.DefaultWorkspace)
	s, err := h.store.CreateScenario(h.t.Context(), actor, scenario.Stored{Slug: uuid.NewString(), Name: "s", Draft: []byte(`{}`)})
	if err == nil {
		s, err = h.store.Publish(h.t.Context(), actor, s.ID, scenario.Release{Definition: s.Draft, Facts: []byte(`{}`)})
	}
	now := time.Now()
	r := &run.Run{ID: uuid.Must(uuid.NewV7()).String(), Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Version: 1, EventID: uuid.Must(uuid.NewV7()).String(), Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: now}
	a := &run.Accept{Run: r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: now}},
		Event: run.Event{ID: r.EventID, Workspace: r.Workspace, ScenarioID: s.ID, Outcome: run.Accepted, RunID: r.ID, Value: []byte(`{}`), At: now}}
	if err == nil {
		err = h.store.Commit(h.t.Context(), []*run.Write{{Accept: a}})[0]
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.hub.Publish([]run.FeedEntry{{Workspace: r.Workspace, Run: r.ID, Scenario: r.Scenario, Entry: a.Entries[0]}})
}

// streams opens the feed in both ways, as a signed-in browser.
func (h *house) streams(cookie string) (*websocket.Conn, *bufio.Scanner) {
	h.t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(h.t.Context(), "ws"+strings.TrimPrefix(h.server.URL, "http")+"/api/v1/stream", http.Header{"Cookie": {cookie}, "Origin": {h.server.URL}})
	if err != nil {
		h.t.Fatalf("%v %v", err, resp)
	}
	h.t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", h.server.URL+"/api/v1/stream.sse", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	events, err := h.server.Client().Do(req)
	if err != nil || events.StatusCode != 200 {
		h.t.Fatalf("%v %v", err, events)
	}
	h.t.Cleanup(func() { events.Body.Close() })
	return conn, bufio.NewScanner(events.Body)
}

func nextData(lines *bufio.Scanner) string {
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return data
		}
	}
	return ""
}
