// Package live brings what is committed to browsers as it happens, over a websocket or server-sent events. A reader
// follows from any position without a gap; one that is slow reads the journal and never slows anything else.
package live

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
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
	Log      *slog.Logger

	mu       sync.Mutex
	readers  map[*reader]struct{}
	closed   bool
	end      chan struct{} // closed when it is
	watching bool          // somebody asks whether the readers may still read
}

// reader is one browser.
type reader struct {
	actor  run.Actor
	asks   *http.Request // says who it is
	filter run.FeedFilter
	pos    int64 // the last sent

	mu     sync.Mutex
	fresh  []run.FeedEntry
	bytes  int  // of the values in fresh
	behind bool // fresh overflowed: the journal has the rest
	wake   chan struct{}
	out    chan struct{} // closed when it may read no more
	over   sync.Once
}

// Close ends every reader and takes no more, so that a server that shuts down waits for none.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	if h.end != nil {
		close(h.end)
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
	r := &reader{actor: actor, asks: asking(req), filter: run.FeedFilter{Run: q.Get("run")}, wake: make(chan struct{}, 1), out: make(chan struct{})}
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
		h.readers, h.end = map[*reader]struct{}{}, make(chan struct{})
	}
	h.readers[r] = struct{}{}
	if !h.watching {
		h.watching = true
		go h.watch()
	}
	return nil
}

func (h *Hub) leave(r *reader) {
	h.mu.Lock()
	delete(h.readers, r)
	h.mu.Unlock()
}

// follow sends what the reader has not seen until ctx ends or sending fails.
func (h *Hub) follow(ctx context.Context, r *reader, send func([]run.FeedEntry) error, ping func() error) error {
	pings := time.NewTicker(pingEvery)
	defer pings.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.end:
			return errClosed
		case <-r.out:
			return access.ErrSignedOut
		case <-pings.C:
			if err := ping(); err != nil {
				return err
			}
		case <-r.wake:
			if err := h.flush(ctx, r, send); err != nil {
				return err
			}
			pause := time.NewTimer(gather)
			select {
			case <-pause.C:
			case <-h.end:
			case <-ctx.Done():
			}
			pause.Stop()
		}
	}
}

// asking is a request that says no more than who it comes from.
func asking(req *http.Request) *http.Request {
	return &http.Request{Method: req.Method, URL: req.URL, Host: req.Host, RemoteAddr: req.RemoteAddr, Header: req.Header}
}

// watch asks again and again, once for each credential, whether its readers may still read, until there are none.
func (h *Hub) watch() {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-h.end:
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		if len(h.readers) == 0 {
			h.watching = false
			h.mu.Unlock()
			return
		}
		groups := map[string][]*reader{}
		for r := range h.readers {
			key := r.asks.Header.Get("Authorization") + "\x00" + r.asks.Header.Get("Cookie")
			if len(key) == 1 { // what it is known by is something else
				key = fmt.Sprintf("%p", r)
			}
			groups[key] = append(groups[key], r)
		}
		h.mu.Unlock()
		for _, readers := range groups {
			actor, err := h.Identify(readers[0].asks)
			if err != nil && !access.SignedOut(err) { // it cannot be said now
				continue
			}
			for _, r := range readers {
				if err != nil || actor.Workspace != r.actor.Workspace || actor.Role == "" {
					r.over.Do(func() { close(r.out) })
				}
			}
		}
	}
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
	var refused error
	upgrader := websocket.Upgrader{CheckOrigin: h.sameOrigin, ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &writeBuffers,
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			refused = noSocket(status, reason)
		}}
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		h.leave(r)
		return refused // nil: the connection is gone, and nobody is there to be answered
	}
	go h.serve(conn, r) // what the request took until here is let go of
	return nil
}

// writeBuffers are those that sockets write with while they do.
var writeBuffers sync.Pool

// serve sends a socket what its reader follows, until one of them ends.
func (h *Hub) serve(conn *websocket.Conn, r *reader) {
	defer conn.Close()
	defer h.leave(r)
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error("a live feed met a defect", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
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
	switch err := h.follow(ctx, r, send, ping); err {
	case nil:
	case access.ErrSignedOut:
		bye(websocket.ClosePolicyViolation, "signed out")
	case errClosed:
		bye(websocket.CloseGoingAway, "shutting down")
	default:
		bye(websocket.CloseInternalServerErr, "") // the browser comes again and goes on from where it was
	}
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
