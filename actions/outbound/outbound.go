// Package outbound carries out actions: it validates their inputs, builds the requests that connectors describe, signs
// in, keeps to the vendors' pace, and turns every answer into a result. It is the only package that calls vendors, through
// the one guarded dialer of the process.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Connections gives a connection with its credentials opened.
type Connections interface {
	Credentials(ctx context.Context, workspace, slug string) (run.Connection, run.Values, error)
}

// Outbox keeps the requests that sandbox connections do not send.
type Outbox interface {
	Record(ctx context.Context, r run.Recorded) error
}

// Config is what a client is made of.
type Config struct {
	Connectors  *actions.Catalogue
	Connections Connections
	Outbox      Outbox
	Limited     Limited        // nil: nobody is told
	Files       Files          // nil: there is no place for files
	Data        Data           // nil: there are no data stores
	Tokens      Tokens         // nil: tokens are taken as they are, and no state is kept
	External    External       // where values lie that are not kept here
	Allow       []netip.Prefix // private ranges that may be reached
	Ports       []string       // that may be reached; empty: every one
	Version     string
	Now         func() time.Time
	Logger      *slog.Logger
	RootCAs     *x509.CertPool // nil: the system's
	Proxy       *url.URL       // nil: none; the environment's is not read
	Sandbox     bool           // no call leaves: each one is recorded, also where there is no connection
	// Pause is how long a recorded call takes, so that people see the step that makes it; zero: no time.
	Pause time.Duration
}

// Bounds of one exchange.
const (
	maxAnswer     = 10 << 20 // bytes of a body, after decompression
	maxHeader     = 256 << 10
	streamBuffer  = 512 << 10 // bytes that an answer over HTTP/2 may send ahead while it waits for room
	maxRedirects  = 10
	maxDials      = 8 // connections: a server of HTTP/2 may send each one away, and the transport opens the next
	testWithin    = 20 * time.Second
	defaultWithin = 30 * time.Second
)

// Client calls vendors.
type Client struct {
	cfg       Config
	guard     *guard
	dialer    *net.Dialer
	transport *http.Transport
	own       transports

	mu    sync.Mutex
	lanes map[string]*lane // by connection
	rests map[string]*rest // by keyOf: connections that no new token is asked for now
	doors map[string]*door // by connection

	stall  time.Duration // how long a file may stand still on its way
	rooms  *rooms
	valves valves
	states states

	owner    string             // names this process where it refreshes
	renewals singleflight.Group // by connection and its tokens
	external map[run.Ref]kept   // values that lie elsewhere
}

// New makes the client.
func New(cfg Config) *Client {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	c := &Client{cfg: cfg, lanes: map[string]*lane{}, rests: map[string]*rest{}, doors: map[string]*door{},
		stall: stallAfter, rooms: newRooms(), valves: valves{by: map[string]*valve{}}, owner: uuid.NewString(), external: map[run.Ref]kept{}}
	c.guard = &guard{allow: cfg.Allow, ports: cfg.Ports}
	c.dialer = &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: c.guard.control}
	if cfg.Proxy != nil {
		c.dialer.Control = nil // every connection goes to the proxy, which the operator chose; checkURL still holds
	}
	c.transport = newTransport(cfg, c.dialer)
	return c
}

// dials is how many connections were opened for one request; it stands in the request's context.
type dials struct{}

// dialUpTo opens connections, and no more for one request than a server that works has need of.
func dialUpTo(most int32, dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if n, ok := ctx.Value(dials{}).(*atomic.Int32); ok && n.Add(1) > most {
			return nil, fault.New(fault.Unavailable, "%s closes every connection before it answers.", fault.Clip(address, 100))
		}
		return dialer.DialContext(ctx, network, address)
	}
}

// newTransport has no limit on the time to an answer: every call has a deadline, which its step sets.
func newTransport(cfg Config, dialer *net.Dialer) *http.Transport {
	t := &http.Transport{
		DialContext:            dialUpTo(maxDials, dialer),
		TLSClientConfig:        &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // readBody decompresses, within its bound
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{MaxReceiveBufferPerStream: streamBuffer},
	}
	if cfg.Proxy != nil {
		t.Proxy = http.ProxyURL(cfg.Proxy)
	}
	return t
}

// Close lets go of idle connections.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
	c.own.closeIdle()
}

// Invoke carries out one attempt at an action. It never panics and never returns a secret.
func (c *Client) Invoke(ctx context.Context, call run.Call) (result run.Result) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Logger.Error("an action panicked", "action", call.Action, "run", call.Run, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			result = run.Result{Failure: &run.Failure{Class: string(fault.Internal), Message: "The action " + call.Action + " failed inside Stepmill; the server's log has the details."}}
		}
	}()
	d, err := c.prepare(ctx, call)
	defer func() {
		if result.Failure != nil {
			d.held.leave(c.rooms)
		} else if !d.held.none() {
			result.Done = func() { d.held.leave(c.rooms) }
		}
	}()
	if err != nil {
		return run.Result{Failure: d.failure(err)}
	}
	if _, bounded := ctx.Deadline(); !bounded && d.action.Effect != actions.Pure {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within(call, d.action))
		defer cancel()
	}
	output, err := d.carryOut(ctx)
	if err == nil && d.sandbox {
		output, err = d.withFiles(ctx, output)
	}
	if result.Exchange = d.exchange; d.exchange != nil && !d.dialled.IsZero() { // a line is over with its call
		d.exchange.Millis = time.Since(d.dialled).Milliseconds()
	}
	if err != nil {
		if d.said != "" { // a failure says itself what is wrong
			c.cfg.Logger.Info("a step says", "run", call.Run, "step", call.Path, "line", d.said)
		}
		result.Failure = d.failure(err)
		return result
	}
	result.Output, result.Files, result.Said = output, d.files, d.said
	return result
}

// within is how long an attempt may take when nobody else bounds it.
func within(call run.Call, action *actions.Action) time.Duration {
	switch {
	case call.Timeout > 0:
		return call.Timeout
	case action.Timeout > 0:
		return action.Timeout
	}
	return defaultWithin
}

// prepare finds the action and its connection and validates the inputs. With an error comes what is known so far.
func (c *Client) prepare(ctx context.Context, call run.Call) (*doing, error) {
	d := &doing{client: c, call: call}
	d.action, d.connector = c.cfg.Connectors.Action(call.Action), c.cfg.Connectors.Of(call.Action)
	if d.action == nil {
		return d, fault.New(fault.InvalidInput, "There is no action %q.", fault.Clip(call.Action, 80))
	}
	return d, c.open(ctx, d)
}

// open validates the inputs of an attempt and opens its connection.
func (c *Client) open(ctx context.Context, d *doing) (err error) {
	call := d.call
	if d.input, err = actions.Coerce(d.action.Input, call.Input); err != nil {
		return err
	}
	d.sandbox = c.cfg.Sandbox && d.action.Effect != actions.Pure
	if call.Connection == "" {
		if d.connector.NeedsConnection() && !d.sandbox {
			return fault.New(fault.InvalidInput, "%s needs a connection, and none is named.", d.connector.Name)
		}
		if why := d.connector.Unsuited(d.action, "", false); why != "" && !d.sandbox {
			return fault.New(fault.InvalidInput, "%s", why)
		}
		return d.connect(run.Connection{}, nil)
	}
	connection, values, err := c.Credentials(ctx, call.Workspace, call.Connection)
	if err != nil {
		d.connection, d.unread = connection, connection.ID != ""
		return err
	}
	if connection.Connector != "" && connection.Connector != d.connector.ID {
		return fault.New(fault.InvalidInput, "The connection %q is one of %s, not of %s.", call.Connection, connection.Connector, d.connector.ID)
	}
	if why := connection.Allows(call.Scenario, d.granted()); why != "" {
		return fault.New(fault.InvalidInput, "%s", why)
	}
	if why := d.connector.Unsuited(d.action, connection.Method, true); why != "" {
		return fault.New(fault.InvalidInput, "%s", why)
	}
	d.connection = connection
	if connection.State == run.Paused {
		return &refusal{code: fault.Unavailable, retryAfter: longestShut, held: true, heldFor: heldFor, parks: true,
			message: fmt.Sprintf("The connection %q is paused, so nothing was sent. What needs it goes on by itself once it is resumed.", call.Connection)}
	}
	d.sandbox = d.sandbox || connection.Sandbox && d.action.Effect != actions.Pure
	have := opens{connection, values}
	if !d.sandbox && d.action.Effect != actions.Pure {
		if connection.State == run.NeedsAuth {
			return needsSignIn(connection)
		}
		if have, err = c.fresh(ctx, have, false); err != nil {
			return err
		}
	}
	return d.connect(have.connection, have.values)
}

// granted is the action that the connection must be granted to: a trigger is none, and needs only its scenario to be.
func (d *doing) granted() string {
	if d.trigger {
		return ""
	}
	name, _, _ := strings.Cut(d.call.Action, "@")
	return name
}

// Test signs in with the given credentials, by the connector's test request or by the way's own code. One that is taken mends a connection that was refused,
// as a whole or for one request: what stands for want of it goes on.
func (c *Client) Test(ctx context.Context, connection run.Connection, values run.Values) error {
	connector := c.cfg.Connectors.Get(connection.Connector)
	if connector == nil {
		return fault.New(fault.NotFound, "There is no connector %q.", connection.Connector)
	}
	if can, why := connector.Tested(connection.Method); !can {
		return fault.New(fault.InvalidInput, "This connection cannot be tested. %s", why)
	}
	if connection.Sandbox {
		return nil
	}
	c.rested(connection) // somebody wants to know now
	have, err := c.fresh(ctx, opens{connection, values}, false)
	if err == nil {
		err = c.test(ctx, have, false)
	}
	if err == nil && c.cfg.Tokens != nil {
		return c.cfg.Tokens.Mended(ctx, connection)
	}
	return err
}

// test sends the connector's test request. renewed says that the token is new: no other is asked for.
func (c *Client) test(ctx context.Context, have opens, renewed bool) error {
	ctx, cancel := context.WithTimeout(ctx, testWithin)
	defer cancel()
	connector := c.cfg.Connectors.Get(have.connection.Connector)
	action := &actions.Action{ID: "test", Effect: actions.Read, Request: connector.Test, Errors: connector.TestErrors, Output: value.Shape{Kind: "object"}}
	way, _ := connector.Way(have.connection.Method)
	switch at := have.values[way.TestAt].Reveal(); {
	case way.Try != nil:
		action.Protocol = way.Protocol
		action.Run = func(ctx context.Context, _ actions.Input, do actions.Doer) (any, error) { return nil, way.Try(ctx, do) }
	case way.TestAt != "" && at == "":
		return way.Unasked()
	case way.TestAt != "":
		action.Run = func(ctx context.Context, _ actions.Input, do actions.Doer) (any, error) {
			_, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodGet, URL: at, Header: http.Header{}})
			return nil, err
		}
	}
	d := &doing{client: c, action: action, connector: connector, input: map[string]any{}, testing: true, fresh: renewed,
		call: run.Call{Workspace: have.connection.Workspace, Effect: run.Read, Action: connector.ID + ".test"}}
	if err := d.connect(have.connection, have.values); err != nil {
		return err
	}
	defer func() { d.held.leave(c.rooms) }()
	_, err := d.carryOut(ctx)
	err = d.fault(err)
	if way.Try != nil && fault.CodeOf(err) == fault.Unauthorized { // over HTTP the status said so
		d.verify(ctx, fault.MessageOf(err))
	}
	return err
}
