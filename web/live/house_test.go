package live

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
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
)

// house is a hub over a real store behind a real server. Who asks is said by the header X-As, a workspace.
type house struct {
	t      *testing.T
	store  *storage.Store
	hub    *Hub
	server *httptest.Server
	mu     sync.Mutex
	out    map[string]bool // workspaces that are signed out meanwhile
	asked  map[string]int  // how often who has a credential was asked
	runs   []*run.Run
	all    []run.FeedEntry // all that was committed, in order
}

func newHouse(t *testing.T) *house {
	t.Helper()
	sealer, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: store, out: map[string]bool{}, asked: map[string]int{}}
	h.hub = &Hub{Journal: store, Identify: h.identify, BaseURL: "https://stepmill.test", Log: slog.New(slog.DiscardHandler)}
	serve := func(do access.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if actor, err := h.identify(r); err == nil {
				r = r.WithContext(access.WithActor(r.Context(), actor))
			}
			if err := do(w, r); err != nil {
				status := map[fault.Code]int{fault.NotFound: 404, fault.InvalidInput: 422, fault.Unauthorized: 403, fault.Unavailable: 503}[fault.CodeOf(err)]
				if access.SignedOut(err) {
					status = 401
				}
				http.Error(w, err.Error(), status)
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/ws", serve(h.hub.Socket))
	mux.Handle("/sse", serve(h.hub.Events))
	h.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		h.hub.Close()
		h.server.Close()
		store.Close()
	})
	for _, w := range []string{"one", "two"} {
		for _, slug := range []string{"a", "b"} {
			h.newScenario(w, slug)
		}
	}
	return h
}

func (h *house) identify(r *http.Request) (run.Actor, error) {
	workspace := r.Header.Get("X-As")
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked[r.Header.Get("Authorization")]++
	if workspace == "" || h.out[workspace] {
		return run.Actor{}, access.ErrSignedOut
	}
	return run.Actor{Workspace: workspace, Role: run.Viewer}, nil
}

// newScenario publishes a scenario and starts three runs of it.
func (h *house) newScenario(workspace, slug string) {
	h.t.Helper()
	actor := run.SystemActor(workspace)
	s, err := h.store.CreateScenario(h.t.Context(), actor, scenario.Stored{Slug: slug, Name: slug, Draft: []byte(`{}`)})
	if err == nil {
		s, err = h.store.Publish(h.t.Context(), actor, s.ID, scenario.Release{Definition: s.Draft, Facts: []byte(`{}`)})
	}
	if err != nil {
		h.t.Fatal(err)
	}
	for range 3 {
		now := time.Now().UTC()
		r := &run.Run{ID: uuid.Must(uuid.NewV7()).String(), Workspace: workspace, ScenarioID: s.ID, Scenario: slug, Version: 1, EventID: uuid.Must(uuid.NewV7()).String(), Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: now}
		accept := &run.Accept{Run: r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: now}},
			Event: run.Event{ID: r.EventID, Workspace: workspace, ScenarioID: s.ID, Scenario: slug, Outcome: run.Accepted, RunID: r.ID, Value: []byte(`{}`), At: now}}
		h.commit(&run.Write{Accept: accept})
		h.runs = append(h.runs, r)
	}
}

// commit stores writes and tells the hub, as the engine's writer does.
func (h *house) commit(writes ...*run.Write) {
	h.t.Helper()
	h.mu.Lock() // a reader that catches up reads the store before anybody is told
	for _, err := range h.store.Commit(h.t.Context(), writes) {
		if err != nil {
			h.t.Fatal(err)
		}
	}
	var feed []run.FeedEntry
	for _, w := range writes {
		if w.Accept != nil {
			feed = append(feed, run.FeedEntry{Workspace: w.Accept.Run.Workspace, Run: w.Accept.Run.ID, Scenario: w.Accept.Run.Scenario, Entry: w.Accept.Entries[0]})
			continue
		}
		for _, e := range w.Append.Entries {
			feed = append(feed, run.FeedEntry{Workspace: w.Append.Run.Workspace, Run: w.Append.Run.ID, Scenario: w.Append.Run.Scenario, Entry: e})
		}
	}
	h.all = append(h.all, feed...)
	h.mu.Unlock()
	h.hub.Publish(feed)
}

// advance makes the write that adds n entries to a run.
func (h *house) advance(r *run.Run, n int) *run.Write {
	a := &run.Append{Owner: "me"}
	for range n {
		r.Seq++
		a.Entries = append(a.Entries, run.Entry{Seq: r.Seq, Kind: run.StepStarted, Path: "s", At: time.Now().UTC()})
	}
	r.Status = run.Running
	a.Run = *r
	return &run.Write{Append: a}
}

// wanted is what a reader must get: all that was committed of its workspace behind a position and through its filter.
func (h *house) wanted(workspace string, f run.FeedFilter, after int64) []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []int64
	for _, e := range h.all {
		if e.Workspace == workspace && e.Pos > after && (f.Run == "" || f.Run == e.Run) && (f.Scenario == "" || f.Scenario == e.Scenario) {
			out = append(out, e.Pos)
		}
	}
	return out
}

// message is what the stream says of one entry.
type message struct {
	Seq, Pos            int64
	Run, Scenario, Kind string
}

// dial opens the websocket; the headers are pairs.
func (h *house) dial(query string, header ...string) (*websocket.Conn, *http.Response, error) {
	all := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		all.Set(header[i], header[i+1])
	}
	return websocket.DefaultDialer.DialContext(h.t.Context(), "ws"+strings.TrimPrefix(h.server.URL, "http")+"/ws"+query, all)
}

func (h *house) open(query string, header ...string) *websocket.Conn {
	h.t.Helper()
	conn, _, err := h.dial(query, header...)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	return conn
}

func next(conn *websocket.Conn) (message, error) {
	var m message
	return m, conn.ReadJSON(&m)
}

// sse opens the event stream and gives its lines.
func (h *house) sse(query string, header ...string) *bufio.Scanner {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", h.server.URL+"/sse"+query, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := h.server.Client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		h.t.Fatalf("the stream is answered %s %v", resp.Status, resp.Header)
	}
	return bufio.NewScanner(resp.Body)
}

// nextEvent reads one event of the stream and its id.
func nextEvent(lines *bufio.Scanner) (m message, id string, err error) {
	for lines.Scan() {
		text := lines.Text()
		if rest, ok := strings.CutPrefix(text, "id: "); ok {
			id = rest
		}
		if rest, ok := strings.CutPrefix(text, "data: "); ok {
			return m, id, json.Unmarshal([]byte(rest), &m)
		}
	}
	return m, id, errors.Join(lines.Err(), errors.New("the stream ended"))
}

// burst commits some writes at once; now and then more than a reader holds.
func (h *house) burst(dice *rand.Rand) {
	var writes []*run.Write
	for range 1 + dice.IntN(4) {
		n := 1 + dice.IntN(5)
		if dice.IntN(4) == 0 {
			n = keep/2 + dice.IntN(keep)
		}
		writes = append(writes, h.advance(h.runs[dice.IntN(len(h.runs))], n))
	}
	h.commit(writes...)
}

// settled asks that this many readers remain: those that were refused or left are forgotten.
func (h *house) settled(n int) {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		h.hub.mu.Lock()
		have := len(h.hub.readers)
		h.hub.mu.Unlock()
		if have == n {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("the hub has %d readers, not %d", have, n)
		}
	}
}
