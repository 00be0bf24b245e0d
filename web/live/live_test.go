package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestNoGapNoDuplicate: readers that come in anywhere, follow anything, and fall behind while bursts are committed, read
// exactly what was committed, in order.
func TestNoGapNoDuplicate(t *testing.T) {
	h := newHouse(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	var readers sync.WaitGroup
	for n := range 24 {
		w := dice.IntN(2)
		r := follower{workspace: []string{"one", "two"}[w], ends: 6}
		switch dice.IntN(3) {
		case 1:
			r.filter.Scenario, r.ends = []string{"a", "b"}[dice.IntN(2)], 3
		case 2:
			r.filter.Run, r.ends = h.runs[6*w+dice.IntN(6)].ID, 1
		}
		h.burst(dice)
		r.after = dice.Int64N(h.all[len(h.all)-1].Pos + 1)
		query := fmt.Sprintf("?after=%d&scenario=%s&run=%s", r.after, r.filter.Scenario, r.filter.Run)
		if n%2 == 0 {
			conn := h.open(query, "X-As", r.workspace)
			r.read = func() (message, error) { return next(conn) }
		} else {
			lines := h.sse(query, "X-As", r.workspace)
			r.read = func() (message, error) {
				m, id, err := nextEvent(lines)
				if err == nil && id != fmt.Sprint(m.Pos) {
					err = fmt.Errorf("the event %d has the id %q", m.Pos, id)
				}
				return m, err
			}
		}
		readers.Go(func() { h.follow(r) })
	}
	for range 30 {
		h.burst(dice)
	}
	for _, r := range h.runs {
		end := h.advance(r, 1)
		end.Append.Entries[0].Kind = run.RunSucceeded
		h.commit(end)
	}
	readers.Wait()
}

// follower is one reader of the property: what it follows, from where, and how many runs it sees end.
type follower struct {
	workspace string
	filter    run.FeedFilter
	after     int64
	ends      int
	read      func() (message, error)
}

// follow reads until the last run that it follows has ended, and compares.
func (h *house) follow(r follower) {
	var got []int64
	for r.ends > 0 {
		m, err := r.read()
		if err != nil {
			h.t.Errorf("%+v: %v after %d", r, err, len(got))
			return
		}
		got = append(got, m.Pos)
		if m.Kind == string(run.RunSucceeded) {
			r.ends--
		}
	}
	if want := h.wanted(r.workspace, r.filter, r.after); !slices.Equal(got, want) {
		h.t.Errorf("%+v: read %d entries, wanted %d", r, len(got), len(want))
	}
}

func TestFromNow(t *testing.T) {
	h := newHouse(t)
	conn := h.open("", "X-As", "one")
	lines := h.sse("", "X-As", "one")
	h.commit(h.advance(h.runs[0], 1))
	want := h.all[len(h.all)-1]
	m, err := next(conn)
	if err != nil || m.Pos != want.Pos || m.Run != want.Run || m.Scenario != "a" || m.Kind != "step.started" || m.Seq != want.Seq {
		t.Errorf("%+v %v", m, err)
	}
	if m, _, err := nextEvent(lines); err != nil || m.Pos != want.Pos {
		t.Errorf("%+v %v", m, err)
	}
}

// TestLastEventID: a browser that lost its event stream says where it was in a header.
func TestLastEventID(t *testing.T) {
	h := newHouse(t)
	for query, want := range map[string]int64{"": 2, "?after=2": 3} {
		if m, _, err := nextEvent(h.sse(query, "X-As", "one", "Last-Event-ID", "1")); err != nil || m.Pos != want {
			t.Errorf("%q goes on at %+v %v", query, m, err)
		}
	}
}

// TestScenarioByID: the filter takes what every path takes, the slug or the id.
func TestScenarioByID(t *testing.T) {
	h := newHouse(t)
	s, err := h.store.Scenario(t.Context(), run.SystemActor("one"), "b")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := next(h.open("?after=0&scenario="+s.ID, "X-As", "one")); err != nil || m.Scenario != "b" {
		t.Errorf("%+v %v", m, err)
	}
}

func TestRefused(t *testing.T) {
	h := newHouse(t)
	foreign, err := h.store.Scenario(t.Context(), run.SystemActor("two"), "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, query string
		header      []string
		status      int
	}{
		{"signed out", "", nil, 401},
		{"a position that is none", "?after=x", []string{"X-As", "one"}, 422},
		{"a position below none", "?after=-1", []string{"X-As", "one"}, 422},
		{"a scenario that is none", "?scenario=zzz", []string{"X-As", "one"}, 404},
		{"another workspace's scenario", "?scenario=" + foreign.ID, []string{"X-As", "one"}, 404},
		{"a run that is none", "?run=nope", []string{"X-As", "one"}, 404},
		{"another workspace's run", "?run=" + h.runs[len(h.runs)-1].ID, []string{"X-As", "one"}, 404},
		{"another site's page", "", []string{"X-As", "one", "Origin", "https://evil.example"}, 403},
		{"a page from nowhere", "", []string{"X-As", "one", "Origin", "null"}, 403},
		{"a cookie without an origin", "", []string{"X-As", "one", "Cookie", "sid=x"}, 403},
		{"this site's name by plain http", "", []string{"X-As", "one", "Origin", "http://stepmill.test"}, 403},
	} {
		conn, resp, err := h.dial(c.query, c.header...)
		if err == nil {
			conn.Close()
			t.Errorf("%s: it opens", c.name)
		} else if resp == nil || resp.StatusCode != c.status {
			t.Errorf("%s: %v %v", c.name, resp, err)
		}
	}
	for _, origin := range []string{"https://stepmill.test", h.server.URL} {
		h.open("", "X-As", "one", "Origin", origin, "Cookie", "sid=x")
	}
	h.settled(2)
}

// TestSignedOutMeanwhile: a session that ends ends its streams within seconds.
func TestSignedOutMeanwhile(t *testing.T) {
	h := newHouse(t)
	conn, lines := h.open("", "X-As", "one"), h.sse("", "X-As", "one")
	other := h.open("", "X-As", "two")
	h.mu.Lock()
	h.out["one"] = true
	h.mu.Unlock()
	begin := time.Now()
	if _, err := next(conn); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("the websocket ends with %v", err)
	}
	if _, _, err := nextEvent(lines); err == nil {
		t.Error("the event stream goes on")
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	h.settled(1)
	h.commit(h.advance(h.runs[6], 1))
	if _, err := next(other); err != nil {
		t.Errorf("somebody else's stream ended: %v", err)
	}
}

// TestAskedOnce: however many readers one credential has, it is asked for once each time.
func TestAskedOnce(t *testing.T) {
	h := newHouse(t)
	const readers = 20
	for range readers {
		h.open("", "X-As", "one", "Authorization", "Bearer key")
	}
	h.settled(readers)
	time.Sleep(2*recheck + recheck/2)
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := h.asked["Bearer key"] - readers; n < 1 || n > 3 {
		t.Errorf("in %s it was asked for %d times", 2*recheck, n)
	}
}

// TestClose: a server that shuts down ends its streams at once and opens no more.
func TestClose(t *testing.T) {
	h := newHouse(t)
	conn, lines := h.open("", "X-As", "one"), h.sse("", "X-As", "one")
	h.hub.Close()
	h.hub.Close()
	if _, err := next(conn); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the websocket ends with %v", err)
	}
	if _, _, err := nextEvent(lines); err == nil {
		t.Error("the event stream goes on")
	}
	h.settled(0)
	if _, resp, err := h.dial("", "X-As", "one"); err == nil || resp.StatusCode != 503 {
		t.Errorf("it opens again: %v", err)
	}
}

// TestChatter: what a browser sends is read and forgotten; a large frame ends it.
func TestChatter(t *testing.T) {
	h := newHouse(t)
	conn := h.open("", "X-As", "one")
	for range 10_000 {
		if err := conn.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	h.commit(h.advance(h.runs[0], 1))
	if _, err := next(conn); err != nil {
		t.Errorf("small frames end the stream: %v", err)
	}
	err := conn.WriteMessage(websocket.BinaryMessage, make([]byte, 1<<20))
	if _, readErr := next(conn); err == nil && readErr == nil {
		t.Error("a frame of a megabyte is taken")
	}
	h.settled(0)
}

// TestNeverBlocks: a reader that reads nothing holds up nobody and holds no more than its share.
func TestNeverBlocks(t *testing.T) {
	hub := &Hub{}
	t.Cleanup(hub.Close)
	r := &reader{actor: run.Actor{Workspace: "one"}, wake: make(chan struct{}, 1), out: make(chan struct{})}
	if err := hub.enter(r); err != nil {
		t.Fatal(err)
	}
	for n := range 100 * keep {
		hub.Publish([]run.FeedEntry{{Workspace: "one", Entry: run.Entry{Pos: int64(n) + 1}}, {Workspace: "two", Entry: run.Entry{Pos: int64(n) + 1}}})
		if len(r.fresh) > keep {
			t.Fatalf("it holds %d entries", len(r.fresh))
		}
	}
	if fresh, behind := r.next(); !behind || len(fresh) != 0 {
		t.Errorf("behind: %v, with %d entries", behind, len(fresh))
	}
}

// brokenJournal cannot be read.
type brokenJournal struct{ Journal }

func (brokenJournal) LastPos(context.Context) (int64, error) {
	return 0, fault.New(fault.Unavailable, "The database is not there.")
}

func (brokenJournal) EntriesAfter(context.Context, run.Actor, int64, run.FeedFilter, int) ([]run.FeedEntry, error) {
	return nil, fault.New(fault.Unavailable, "The database is not there.")
}

// TestBrokenJournal: what cannot be read ends the stream, so that the browser comes again; it is never passed over.
func TestBrokenJournal(t *testing.T) {
	h := newHouse(t)
	h.hub.Journal = brokenJournal{h.store}
	if _, resp, err := h.dial("", "X-As", "one"); err == nil || resp.StatusCode != 503 {
		t.Errorf("%v", err)
	}
	if _, err := next(h.open("?after=0", "X-As", "one")); !websocket.IsCloseError(err, websocket.CloseInternalServerErr) {
		t.Errorf("the websocket ends with %v", err)
	}
	h.settled(0)
}

// TestLargeEntries: a reader that is slow holds few large entries; the journal has the rest, and gives them in parts.
func TestLargeEntries(t *testing.T) {
	r := &reader{actor: run.Actor{Workspace: "one"}, wake: make(chan struct{}, 1)}
	h := &Hub{readers: map[*reader]struct{}{r: {}}}
	large := strings.Repeat("x", keepBytes/4)
	for i := range 10 {
		h.Publish([]run.FeedEntry{{Workspace: "one", Entry: run.Entry{Pos: int64(i + 1), Data: run.Data{Output: large}}}})
	}
	if fresh, behind := r.next(); len(fresh) != 0 || !behind {
		t.Errorf("%d entries are held, behind %v", len(fresh), behind)
	}
	h.Publish([]run.FeedEntry{{Workspace: "one", Entry: run.Entry{Pos: 11, Data: run.Data{Input: large}}}})
	if fresh, behind := r.next(); len(fresh) != 1 || behind {
		t.Errorf("afterwards %d entries are held, behind %v", len(fresh), behind)
	}
}
