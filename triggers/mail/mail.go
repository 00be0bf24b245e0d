// Package mail takes events in by SMTP: each trigger has an address, and a mail is answered with 250 when the events of all its
// recipients are on disk. It sends nothing, passes nothing on, and has no mailboxes.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// Triggers finds the trigger of an address, by what stands before the @. An address that is not known is NotFound.
type Triggers interface {
	ByMail(ctx context.Context, local string) (*triggers.Trigger, error)
}

const (
	// MaxBytes is the largest mail that is taken where Config says nothing.
	MaxBytes      = 25 << 20
	maxRecipients = 20
	maxConns      = 100
	maxReading    = 8        // mails larger than inMemory at once: their texts are several times as large while they are made events
	maxLine       = 64 << 10 // bytes of a line; there are programs that write a whole page in one

	commandWithin = 2 * time.Minute  // between two commands
	dataWithin    = 10 * time.Minute // for a whole mail to come
)

// Config is what a server is made of.
type Config struct {
	Triggers Triggers
	Starter  triggers.Starter
	Keep     func(ctx context.Context, r io.Reader) (value.Large, error) // keeps a file
	Domain   string                                                      // of the addresses
	TLS      *tls.Config                                                 // for STARTTLS; nil: it is not offered
	MaxBytes int64                                                       // zero: MaxBytes
	Now      func() time.Time
	Log      *slog.Logger
}

// Server is an SMTP server.
type Server struct {
	Config
	smtp   *smtp.Server
	ending atomic.Bool
	desks  chan struct{} // that large mails are read at, a few at a time

	mu    sync.Mutex
	conns map[*conn]bool
}

// New makes a server.
func New(cfg Config) *Server {
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = MaxBytes
	}
	s := &Server{Config: cfg, conns: map[*conn]bool{}, desks: make(chan struct{}, maxReading)}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }))
	s.smtp.Domain, s.smtp.TLSConfig = cfg.Domain, cfg.TLS
	s.smtp.MaxRecipients, s.smtp.MaxMessageBytes, s.smtp.MaxLineLength = maxRecipients, cfg.MaxBytes, maxLine
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = commandWithin, commandWithin
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = quiet{cfg.Log}
	return s
}

// Serve takes connections until the server is shut down.
func (s *Server) Serve(l net.Listener) error {
	return s.smtp.Serve(&listener{netutil.LimitListener(l, maxConns), s})
}

// Shutdown ends the server: mails that are being sent are taken, everything else is answered with 421. Where ctx ends first
// the connections are cut.
func (s *Server) Shutdown(ctx context.Context) error {
	s.ending.Store(true)
	s.mu.Lock()
	for c := range s.conns {
		c.hurry()
	}
	s.mu.Unlock()
	err := s.smtp.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for c := range s.conns {
			c.Conn.Close()
		}
		return nil
	}
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// listener notes the connections, so that their end can be hurried.
type listener struct {
	net.Listener
	s *Server
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	out := &conn{Conn: c, s: l.s}
	l.s.mu.Lock()
	l.s.conns[out] = true
	l.s.mu.Unlock()
	return out, nil
}

// conn is a connection whose waiting for a next command ends soon once the server ends.
type conn struct {
	net.Conn
	s *Server

	mu   sync.Mutex
	busy bool // a mail is being sent
}

// endWithin is how long a connection may stand idle when the server ends.
const endWithin = 300 * time.Millisecond

func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if soon := time.Now().Add(endWithin); c.s.ending.Load() && !c.busy && (t.IsZero() || t.After(soon)) {
		t = soon
	}
	return c.Conn.SetReadDeadline(t)
}

// begin says that a mail comes now, and until when it may: from here to done nothing hurries the connection.
func (c *conn) begin(until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = true
	return c.Conn.SetReadDeadline(until)
}

func (c *conn) done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
}

// hurry ends the connection soon, unless a mail is being sent over it. An error says that it is closed.
func (c *conn) hurry() { c.SetReadDeadline(time.Now().Add(commandWithin)) }

func (c *conn) Close() error {
	c.s.mu.Lock()
	delete(c.s.conns, c)
	c.s.mu.Unlock()
	return c.Conn.Close()
}

// connOf is the connection under an SMTP one, also where that is encrypted.
func connOf(c *smtp.Conn) *conn {
	under := c.Conn()
	if t, ok := under.(*tls.Conn); ok {
		under = t.NetConn()
	}
	out, _ := under.(*conn)
	return out
}

// quiet logs what an SMTP server says of its connections, which is mostly that a client went away.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, v ...any) {
	level := slog.LevelDebug
	if strings.HasPrefix(format, "panic") {
		level = slog.LevelError
	}
	q.log.Log(context.Background(), level, "an SMTP connection failed", "error", sprintf(format, v...))
}

func (q quiet) Println(v ...any) { q.Printf("%v", v) }
