// Package web serves everything over HTTP: every route in one function, the headers that guard a browser, errors as pages
// or problems, and panics as neither. What the routes do is their own matter.
package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/api"
	"github.com/stepmill/stepmill/web/live"
)

// Config is what the site is made of.
type Config struct {
	Gate    *access.Gate
	API     []access.Route
	Screens []access.Route
	Static  []access.Route // files that anybody may have
	Hub     *live.Hub
	Hooks   http.Handler
	Resume  http.Handler // events for runs that wait
	Ready   func(context.Context) error
	// Page shows an error to a browser.
	Page    func(w http.ResponseWriter, r *http.Request, status int, title, text string)
	BaseURL string
	// Proxies are the addresses of those that hand requests on: who sent one is what they say. Empty: nobody is believed.
	Proxies []netip.Prefix
	Log     *slog.Logger
}

// policy is the Content-Security-Policy of every page: this site's own files and nothing inline.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Routes gives every route of the site.
func (cfg Config) Routes() []access.Route {
	health := func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := w.Write([]byte("ok\n"))
		return err
	}
	ready := func(w http.ResponseWriter, r *http.Request) error {
		if err := cfg.Ready(r.Context()); err != nil {
			return fault.Wrap(err, fault.Unavailable, "Not ready: nothing can be made durable now.")
		}
		return health(w, r)
	}
	home := func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, "/scenarios", http.StatusSeeOther)
		return nil
	}
	routes := []access.Route{
		{Pattern: "/hooks/{key}", Needs: access.Public, Handle: access.Of(cfg.Hooks)},
		{Pattern: "/hooks/{key}/{rest...}", Needs: access.Public, Handle: access.Of(cfg.Hooks)},
		{Pattern: "/resume/{token}", Needs: access.Public, Handle: access.Of(cfg.Resume)},
		{Method: "GET", Pattern: "/healthz", Needs: access.Public, Handle: health},
		{Method: "GET", Pattern: "/readyz", Needs: access.Public, Handle: ready},
		{Method: "GET", Pattern: "/{$}", Needs: access.Read, Handle: home},
		{Method: "GET", Pattern: "/api/v1/stream", Needs: access.Read, Handle: cfg.Hub.Socket},
		{Method: "GET", Pattern: "/api/v1/stream.sse", Needs: access.Read, Handle: cfg.Hub.Events},
	}
	routes = append(routes, cfg.Static...)
	routes = append(routes, cfg.API...)
	return append(routes, cfg.Screens...)
}

// New makes the site. It is an error when a route declares no permission.
func New(cfg Config) (http.Handler, error) {
	s := &site{cfg: cfg, cross: http.NewCrossOriginProtection(), secure: strings.HasPrefix(cfg.BaseURL, "https://"), bodyWithin: 30 * time.Second}
	if cfg.BaseURL != "" {
		if err := s.cross.AddTrustedOrigin(strings.TrimRight(cfg.BaseURL, "/")); err != nil {
			return nil, fault.Wrap(err, fault.InvalidInput, "The base URL %q is not right; write it as https://stepmill.example.com.", cfg.BaseURL)
		}
	}
	router, err := access.NewRouter(cfg.Routes(), cfg.Gate, s.fail)
	if err != nil {
		return nil, err
	}
	s.router = router
	return s, nil
}

type site struct {
	cfg    Config
	cross  *http.CrossOriginProtection
	secure bool
	router http.Handler

	bodyWithin time.Duration // how long a request's body may take to come
}

func (s *site) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	w := &answer{ResponseWriter: to}
	if len(s.cfg.Proxies) > 0 {
		r = forwarded(r, s.cfg.Proxies)
	}
	defer s.recover(w, r)
	if len(r.TransferEncoding) > 0 { // beside the chunks a length may have stood, which is gone by now: what follows is then nobody's (RFC 9112, 6.1)
		w.Header().Set("Connection", "close")
	}
	if strings.HasPrefix(r.URL.Path, "/hooks/") || strings.HasPrefix(r.URL.Path, "/resume/") { // senders are no browsers: no cookie, no origin
		if !s.asItIs(w, r) {
			s.router.ServeHTTP(w, r)
		}
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin") // with no-referrer a form is posted from the origin null over plain http
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	if s.secure {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if r.Header.Get("Authorization") == "" { // a key is sent by no browser of itself
		if err := s.cross.Check(r); err != nil {
			s.fail(w, r, fault.Wrap(err, fault.Unauthorized, "The request comes from another site's page and is refused."))
			return
		}
	}
	if r.Body != http.NoBody { // a body that does not come holds nothing up; once it has come, net/http lifts this
		http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.bodyWithin))
	}
	if !strings.HasPrefix(r.URL.Path, "/static/") {
		header.Set("Cache-Control", "no-store")
	}
	s.router.ServeHTTP(w, r)
}

// asItIs hands a trigger the requests whose path the router would clean first, by leading the sender elsewhere: many senders do
// not follow, and lose the event. The key decides; what comes behind it is the event's path, and leads nowhere.
func (s *site) asItIs(w http.ResponseWriter, r *http.Request) bool {
	path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/hooks/")
	key, rest, deeper := strings.Cut(path, "/")
	behind := "/" + rest + "/"
	clean := !strings.Contains(behind, "//") && !strings.Contains(behind, "/./") && !strings.Contains(behind, "/../")
	if !deeper || key == "" || key == "." || key == ".." || rest == "" || clean || !strings.HasPrefix(r.URL.Path, "/hooks/") {
		return false
	}
	for name, escaped := range map[string]string{"key": key, "rest": rest} {
		text, err := url.PathUnescape(escaped)
		if err != nil {
			text = escaped
		}
		r.SetPathValue(name, text)
	}
	s.cfg.Hooks.ServeHTTP(w, r)
	return true
}

// answer remembers that an answer has begun: then no error can be answered any more.
type answer struct {
	http.ResponseWriter
	begun bool
}

func (a *answer) WriteHeader(status int) {
	if a.begun { // it is no other answer any more: huma notes so that the client has gone
		return
	}
	a.begun = status >= 200
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(b)
}

// Hijack gives the connection to a websocket, which then answers for itself.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.begun = true
	return http.NewResponseController(a.ResponseWriter).Hijack()
}

// Unwrap is how http.ResponseController finds the rest.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// recover turns a panic into an error with a number that the log has too.
func (s *site) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	var b [4]byte
	rand.Read(b[:])
	number := hex.EncodeToString(b[:])
	s.cfg.Log.Error("a request panicked", "reference", number, "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	s.fail(w, r, fault.New(fault.Internal, "Something went wrong inside Stepmill. The server's log has it under %s.", number))
}

// fail answers an error: a signed-out browser is led to the sign-in, a browser gets a page, everything else a problem.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := api.StatusOf(err)
	if status >= 500 && r.Context().Err() == nil {
		s.cfg.Log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if _, ok := err.(access.Answered); ok {
		return
	}
	if a, ok := w.(*answer); ok && a.begun {
		panic(http.ErrAbortHandler) // half an answer must not pass for a whole one
	}
	var wrong access.WrongMethod
	if errors.As(err, &wrong) {
		w.Header().Set("Allow", strings.Join(wrong.Allow, ", "))
	}
	if wait := api.RetryAfter(status, err); wait != "" {
		w.Header().Set("Retry-After", wait)
	}
	browser := strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/" && r.Header.Get("Authorization") == ""
	switch {
	case browser && access.SignedOut(err) && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		http.Redirect(w, r, access.SignInURL(r), http.StatusSeeOther)
	case browser:
		s.cfg.Page(w, r, status, http.StatusText(status), fault.MessageOf(err))
	default:
		api.WriteError(w, err)
	}
}

// Server is an HTTP server whose clients cannot hold it up, nor its end: the streams of a site end when it shuts down.
func Server(handler http.Handler) *http.Server {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
	if s, ok := handler.(*site); ok {
		server.RegisterOnShutdown(s.cfg.Hub.Close)
	}
	return server
}
