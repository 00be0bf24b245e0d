package outbound

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/run"
)

// pipes is a listener without a network: in virtual time a socket would stop the clock.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	dead  atomic.Bool // nobody listens
	dials atomic.Int32
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	p.dials.Add(1)
	if p.dead.Load() {
		return nil, fmt.Errorf("connection refused")
	}
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done: // the transport dials ahead, also for who needs it no more
		return nil, net.ErrClosed
	}
}

// virtual runs a test in virtual time: a client whose every request is answered by h, whatever its host.
func virtual(t *testing.T, cfg Config, h http.HandlerFunc, test func(t *testing.T, c *Client, p *pipes)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: h}
		go server.Serve(p)
		if cfg.Connectors == nil {
			cfg.Connectors = connectors.Catalogue.With(vendor("acme", nil), vendor("github", nil), vendor("amplitude", nil))
		}
		c := newClient(t, cfg)
		c.transport.DialContext = p.dial
		test(t, c, p)
		c.Close()
		server.Close()
	})
}

// vendor is a connector with one action.
func vendor(id string, limits *actions.Limits) actions.Connector {
	return actions.Connector{ID: id, Name: "Acme", BaseURL: "https://acme.example", Limits: limits,
		Auth:    []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Type: actions.Text, Secret: true}}, Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}},
		Actions: []actions.Action{{ID: "act", Effect: actions.Once, Request: &actions.Request{Method: "POST", Path: "/act", Body: actions.JSONBody}}}}
}

// credentials are connections of a connector to a server without TLS, by their tokens.
func credentials(connector string, tokens map[string]string) *book {
	b := &book{connections: map[string]run.Connection{}, values: map[string]run.Values{}}
	for slug, token := range tokens {
		b.connections[slug] = run.Connection{Connector: connector, BaseURL: "http://acme.example"}
		b.values[slug] = run.Values{"token": run.Secret(token)}
	}
	return b
}

func act(connector, connection string) run.Call {
	return run.Call{Workspace: "default", Run: "r", Path: "p", Action: connector + ".act", Connection: connection, Effect: run.Once, Key: connection, Timeout: 30 * time.Second}
}

// until calls as the machine does: again after what it is told, or a second. It gives the tries that were sent and refused.
func until(t *testing.T, c *Client, in run.Call) (refused int) {
	t.Helper()
	for range 1000 {
		r := invoke(t, c, in)
		if r.Failure == nil {
			return refused
		}
		if class(r) != "rate_limited" && class(r) != "unavailable" {
			t.Errorf("%+v", r.Failure)
			return refused
		}
		if !r.Failure.Held {
			refused++
		}
		time.Sleep(max(time.Duration(r.Failure.RetryAfter)*time.Millisecond, time.Second))
	}
	t.Error("it is never answered")
	return refused
}
