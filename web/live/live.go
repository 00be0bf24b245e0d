// Package live brings what is committed to browsers as it happens, over a websocket or server-sent events. A reader
// follows from any position without a gap; one that is slow reads the journal and never slows anything else.
package live

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
)

// Journal gives what was committed after a position.
type Journal interface {
	EntriesAfter(ctx context.Context, a run.Actor, pos int64, f run.FeedFilter, limit int) ([]run.FeedEntry, error)
	LastPos(ctx context.Context) (int64, error)
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	LightRun(ctx context.Context, a run.Actor, id string) (run.Run, error)
}

const (
	keep      = 256                   // entries held for a reader; beyond them it reads the journal
	keepBytes = 2 << 20               // likewise, of the values in them
	sendBytes = 1 << 20               // about how much is written at a time
	page      = 500                   // rows of the journal at a time
	gather    = 33 * time.Millisecond // what comes in meanwhile is sent together
	pingEvery = 20 * time.Second
	writeIn   = 10 * time.Second
	recheck   = 3 * time.Second // how long a revoked session may go on reading
)

// Hub hands committed entries to its readers. The engine tells it; it never blocks.
type Hub struct {
	Journal Journal
	// Identify says again who a request comes from, so that a revoked session stops reading.
	Identify func(*http.Request) (run.Actor, error)
	BaseURL  string // whose pages may open a websocket, beside those of the request's own host

	mu      sync.Mutex
	readers map[*reader]struct{}
	closed  bool
}

// reader is one browser.
type reader struct {
	actor  run.Actor
	filter run.FeedFilter
	pos    int64 // the last sent

	mu     sync.Mutex
	fresh  []run.FeedEntry
	bytes  int  // of the values in fresh
	behind bool // fresh overflowed: the journal has the rest
	wake   chan struct{}
	end    chan struct{} // closed when the hub is
}

// Close ends every reader and takes no more, so that a server that shuts down waits for none.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	for r := range h.readers {
		close(r.end)
	}
}

// Publish tells what was committed, in order.
func (h *Hub) Publish(entries []run.FeedEntry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.readers) == 0 {
		return
	}
	sizes := make([]int, len(entries))
	for i := range entries {
		sizes[i] = value.Size(entries[i].Input, keepBytes) + value.Size(entries[i].Output, keepBytes)
	}
	for r := range h.readers {
		r.take(entries, sizes)
	}
}

// take keeps what the reader wants; sizes are those of the values in the entries.
func (r *reader) take(entries []run.FeedEntry, sizes []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := false
	for i := range entries {
		if !r.wants(&entries[i]) {
			continue
		}
		taken = true
		if r.bytes += sizes[i]; len(r.fresh) == keep || r.bytes > keepBytes {
			r.fresh, r.bytes, r.behind = nil, 0, true
		}
		if !r.behind {
			r.fresh = append(r.fresh, entries[i])
		}
	}
	if taken {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

func (r *reader) wants(e *run.FeedEntry) bool {
	return e.Workspace == r.actor.Workspace && (r.filter.Run == "" || r.filter.Run == e.Run) && (r.filter.Scenario == "" || r.filter.Scenario == e.Scenario)
}

// next gives what has come in, and whether some of it must be read from the journal.
func (r *reader) next() ([]run.FeedEntry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh, behind := r.fresh, r.behind
	r.fresh, r.bytes, r.behind = nil, 0, false
	return fresh, behind
}

// join makes a reader: it hears of everything from now on, and reads the journal up to now.
func (h *Hub) join(req *http.Request) (*reader, error) {
	actor, ok := access.ActorFrom(req.Context())
	if !ok {
		return nil, access.ErrSignedOut
	}
	q := req.URL.Query()
	r := &reader{actor: actor, filter: run.FeedFilter{Run: q.Get("run")}, wake: make(chan struct{}, 1), end: make(chan struct{})}
	if r.filter.Run != "" { // of one that is not there nothing would ever be heard
		if _, err := h.Journal.LightRun(req.Context(), actor, r.filter.Run); err != nil {
			return nil, err
		}
	}
	if ref := q.Get("scenario"); ref != "" {
		s, err := h.Journal.Scenario(req.Context(), actor, ref)
		if err != nil {
			return nil, err
		}
		r.filter.Scenario = s.Slug
	}
	if err := h.enter(r); err != nil { // first: what is committed from here on is heard of
		return nil, err
	}
	if err := h.begin(req.Context(), r, q.Get("after")); err != nil {
		h.leave(r)
		return nil, err
	}
	return r, nil
}

// begin sets where a reader begins: behind a position, or now.
func (h *Hub) begin(ctx context.Context, r *reader, after string) error {
	var err error
	if after == "" {
		r.pos, err = h.Journal.LastPos(ctx)
		return err
	}
	if r.pos, err = strconv.ParseInt(after, 10, 64); err != nil || r.pos < 0 {
		return fault.New(fault.InvalidInput, "after must be a position, as pos of an entry.")
	}
	r.mu.Lock()
	r.behind = true
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return nil
}

func (h *Hub) enter(r *reader) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errClosed
	}
	if h.readers == nil {
		h.readers = map[*reader]struct{}{}
	}
	h.readers[r] = struct{}{}
	return nil
}

func (h *Hub) leave(r *reader) {
	h.mu.Lock()
	delete(h.readers, r)
	h.mu.Unlock()
}

// follow sends what the reader has not seen until ctx ends or sending fails.
func (h *Hub) follow(ctx context.Context, req *http.Request, r *reader, send func([]run.FeedEntry) error, ping func() error) error {
	pings, checks := time.NewTicker(pingEvery), time.NewTicker(recheck)
	defer pings.Stop()
	defer checks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.end:
			return errClosed
		case <-pings.C:
			if err := ping(); err != nil {
				return err
			}
		case <-checks.C:
			if err := h.still(req, r); err != nil {
				return err
			}
		case <-r.wake:
			if err := h.flush(ctx, r, send); err != nil {
				return err
			}
			pause := time.NewTimer(gather)
			select {
			case <-pause.C:
			case <-r.end:
			case <-ctx.Done():
			}
			pause.Stop()
		}
	}
}

// still asks whether the reader may go on: a session that ended is one thing, a store that cannot say another.
func (h *Hub) still(req *http.Request, r *reader) error {
	actor, err := h.Identify(req)
	if err != nil && !access.SignedOut(err) {
		return err
	}
	if err != nil || actor.Workspace != r.actor.Workspace || actor.Role == "" {
		return access.ErrSignedOut
	}
	return nil
}

// errClosed ends a reader because the server shuts down.
var errClosed = fault.New(fault.Unavailable, "Stepmill is shutting down.")

// flush sends what has come in; what did not fit is read from the journal first.
func (h *Hub) flush(ctx context.Context, r *reader, send func([]run.FeedEntry) error) error {
	fresh, behind := r.next()
	for behind {
		list, err := h.Journal.EntriesAfter(ctx, r.actor, r.pos, r.filter, page)
		if err != nil {
			return err
		}
		if err := r.send(list, send); err != nil {
			return err
		}
		behind = len(list) > 0
	}
	return r.send(fresh, send)
}

// send passes over what was sent already: the journal and the live entries may overlap.
func (r *reader) send(list []run.FeedEntry, send func([]run.FeedEntry) error) error {
	for len(list) > 0 && list[0].Pos <= r.pos {
		list = list[1:]
	}
	if len(list) == 0 {
		return nil
	}
	r.pos = list[len(list)-1].Pos
	return send(list)
}

// Socket serves GET /api/v1/stream.
func (h *Hub) Socket(w http.ResponseWriter, req *http.Request) error {
	r, err := h.join(req)
	if err != nil {
		return err
	}
	defer h.leave(r)
	var refused error
	upgrader := websocket.Upgrader{CheckOrigin: h.sameOrigin, ReadBufferSize: 1024, WriteBufferSize: 4096,
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			refused = noSocket(status, reason)
		}}
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return refused // nil: the connection is gone, and nobody is there to be answered
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(context.WithoutCancel(req.Context()))
	defer cancel()
	go listen(conn, cancel)
	var buffer []byte
	send := func(list []run.FeedEntry) error {
		for i := range list {
			var err error
			if buffer, err = list[i].AppendJSON(buffer[:0]); err != nil {
				return err
			}
			if err := conn.SetWriteDeadline(time.Now().Add(writeIn)); err != nil {
				return err
			}
			if err := conn.WriteMessage(websocket.TextMessage, buffer); err != nil {
				return err
			}
		}
		return nil
	}
	ping := func() error { return conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeIn)) }
	bye := func(code int, why string) {
		conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(writeIn))
	}
	switch err := h.follow(ctx, req, r, send, ping); err {
	case nil:
	case access.ErrSignedOut:
		bye(websocket.ClosePolicyViolation, "signed out")
	case errClosed:
		bye(websocket.CloseGoingAway, "shutting down")
	default:
		bye(websocket.CloseInternalServerErr, "") // the browser comes again and goes on from where it was
	}
	return nil
}

// noSocket says why a request opens no websocket, and what would.
func noSocket(status int, reason error) error {
	switch status {
	case http.StatusForbidden:
		return fault.Wrap(reason, fault.Unauthorized, "Only this site's own pages open this feed, and programs, which send an API key and neither Origin nor Cookie.")
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		return fault.Wrap(reason, fault.InvalidInput, "This address is a websocket: ask for it with Connection: Upgrade and Upgrade: websocket, version 13. The same feed is at /api/v1/stream.sse as server-sent events.")
	}
	return reason
}

// listen reads what the browser sends, which is nothing but pongs and its end.
func listen(conn *websocket.Conn, end context.CancelFunc) {
	defer end()
	conn.SetReadLimit(4096)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(3 * pingEvery)) }
	if alive("") != nil {
		return
	}
	conn.SetPongHandler(alive)
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

// sameOrigin lets only this site's own pages open a socket, and programs, which send no origin.
func (h *Hub) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return r.Header.Get("Cookie") == "" // a browser always says where a page is from
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Host == r.Host {
		return true
	}
	base, err := url.Parse(h.BaseURL)
	return err == nil && base.Host == u.Host && base.Scheme == u.Scheme
}
