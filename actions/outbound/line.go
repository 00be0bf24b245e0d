package outbound

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// lineWithin is how long a server may take to accept a line.
const lineWithin = 20 * time.Second

// Dial opens a line to the connection's server: paced, through its valves, and by the guarded dialer.
func (d *doing) Dial(ctx context.Context, of actions.Shown) (*actions.Line, error) {
	if d.action.Protocol == "" {
		return nil, fault.New(fault.Internal, "The action %s speaks no protocol that it could dial for.", d.action.ID)
	}
	target, err := d.server()
	if err != nil {
		return nil, err
	}
	seen := cloneURL(target)
	seen.Path = of.Path
	d.exchange = &run.Exchange{Method: of.Method, URL: d.hide(fault.Clip(seen.String(), 500)), Connection: d.connection.Slug, Sandboxed: d.sandbox}
	d.dialled = time.Now()
	if d.sandbox {
		header := make(map[string]string, len(of.Header))
		for name, text := range of.Header {
			header[name] = d.hide(text)
		}
		return nil, d.put(ctx, run.Recorded{Method: of.Method, URL: d.hide(seen.String()), Header: header, Body: d.hide(of.Body)})
	}
	if err := d.client.guard.checkTarget(target); err != nil {
		return nil, err
	}
	m := message{method: of.Method, url: target}
	if err := d.unbroken(m); err != nil {
		return nil, err
	}
	leave, err := d.enter(ctx)
	if err != nil {
		return nil, err
	}
	d.requests++
	line, err := d.line(ctx, m)
	if err != nil {
		leave()
		return nil, err
	}
	c := &closing{Conn: line.Conn, leave: leave}
	context.AfterFunc(ctx, c.end) // what waits on it ends with the call
	line.Conn = c
	return line, nil
}

// server is the address that the connection names. In a sandbox there may be none.
func (d *doing) server() (*url.URL, error) {
	host, port := strings.TrimSpace(d.signIn.values["host"]), strings.TrimSpace(d.signIn.values["port"])
	if d.sandbox && host == "" {
		return &url.URL{Scheme: d.action.Protocol, Host: "no-connection"}, nil
	}
	if host == "" || len(host) > 255 || strings.ContainsAny(host, "/@?#\\ \t\r\n") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return nil, fault.New(fault.InvalidInput, "The connection %q names the host %q, which is none; write it as mail.example.com.", d.connection.Slug, fault.Clip(host, 80))
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, fault.New(fault.InvalidInput, "The connection %q names the port %q, which is none; it is a number up to 65535.", d.connection.Slug, fault.Clip(port, 20))
	}
	return &url.URL{Scheme: d.action.Protocol, Host: net.JoinHostPort(host, port)}, nil
}

// line opens the stream, and tells the host's valve whether somebody was met.
func (d *doing) line(ctx context.Context, m message) (*actions.Line, error) {
	if err := d.pace(ctx, m); err != nil {
		return nil, err
	}
	p, err := d.admit(ctx, m)
	if err != nil {
		return nil, err
	}
	end := ending{reach: unmet}
	defer func() { d.done(p, end) }()
	short, cancel := context.WithTimeout(ctx, lineWithin)
	defer cancel()
	conn, err := d.client.reach(short, m.url)
	if err != nil {
		if fault.CodeOf(err) == fault.InvalidInput || ctx.Err() != nil { // the guard's, or the call's own time was over
			end.reach = unknown
		}
		end.err = unanswered(short, m.url, err, false)
		return nil, end.err
	}
	end = ending{reach: met, resp: actions.Response{Status: http.StatusOK, Header: http.Header{}}}
	if err := lasting(ctx, conn); err != nil {
		return nil, unanswered(ctx, m.url, err, false)
	}
	host := m.url.Hostname()
	known := &tls.Config{ServerName: host, RootCAs: d.client.cfg.RootCAs, MinVersion: tls.VersionTLS12}
	if own := d.signIn.certificates; own != nil {
		known.Certificates, known.RootCAs = own.own, own.pool
	}
	return &actions.Line{Conn: conn, Host: host, Method: d.connection.Method, Values: d.signIn.values, Sent: func(may bool) { d.sent = may },
		TLS: known, Beside: func(ctx context.Context, port int) (net.Conn, error) { return d.beside(ctx, m.url, port) },
		Failure: func(err error) error { return unanswered(ctx, m.url, err, true) }}, nil
}

// lasting ends a connection with its call's time, or closes it.
func lasting(ctx context.Context, conn net.Conn) error {
	end, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	err := conn.SetDeadline(end)
	if err != nil {
		_ = conn.Close()
	}
	return err
}

// beside opens a further stream of a call to the host that it has reached, by the guarded dialer too.
func (d *doing) beside(ctx context.Context, first *url.URL, port int) (net.Conn, error) {
	target := cloneURL(first)
	target.Host = net.JoinHostPort(first.Hostname(), strconv.Itoa(port))
	if err := d.client.guard.checkTarget(target); err != nil {
		return nil, err
	}
	short, cancel := context.WithTimeout(ctx, lineWithin)
	defer cancel()
	conn, err := d.client.reach(short, target)
	if err != nil {
		return nil, unanswered(short, target, err, false)
	}
	if err := lasting(ctx, conn); err != nil {
		return nil, unanswered(ctx, target, err, false)
	}
	c := &closing{Conn: conn, leave: func() {}}
	context.AfterFunc(ctx, c.end)
	return c, nil
}

// closing is a connection that gives its place to the next when it is closed, or when its call ends.
type closing struct {
	net.Conn
	leave func()
	once  sync.Once
}

func (c *closing) end() {
	c.once.Do(c.leave)
	_ = c.Conn.Close()
}

func (c *closing) Close() error {
	c.end()
	return nil
}

// reach opens a connection by the guarded dialer, over the proxy where there is one.
func (c *Client) reach(ctx context.Context, target *url.URL) (net.Conn, error) {
	if c.cfg.Proxy == nil {
		return c.dialer.DialContext(ctx, "tcp", target.Host)
	}
	proxy := c.cfg.Proxy
	if proxy.Scheme != "http" && proxy.Scheme != "https" {
		return nil, fault.New(fault.InvalidInput, "The proxy of --egress-proxy carries no %s; only one that is reached by http or https does.", strings.ToUpper(target.Scheme))
	}
	conn, err := c.dialer.DialContext(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), port(proxy)))
	if err != nil {
		return nil, err
	}
	if proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: proxy.Hostname(), RootCAs: c.cfg.RootCAs, MinVersion: tls.VersionTLS12})
	}
	if err := tunnel(ctx, conn, proxy, target.Host); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// tunnel asks a proxy for a way through to a host (RFC 9110 9.3.6).
func tunnel(ctx context.Context, conn net.Conn, proxy *url.URL, host string) error {
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(until); err != nil {
			return err
		}
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: host}, Host: host, Header: http.Header{}}
	if proxy.User != nil {
		password, _ := proxy.User.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password)))
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	// One byte at a time: what comes behind the answer's head is the server's, and belongs to the line.
	resp, err := http.ReadResponse(bufio.NewReaderSize(single{conn}, 16), req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "The proxy of --egress-proxy does not let through to %s: it answers %d. Whoever runs it can open that port.", fault.Clip(host, 100), resp.StatusCode)
	}
	return conn.SetDeadline(time.Time{})
}

// single reads a byte at a time.
type single struct{ in net.Conn }

func (s single) Read(b []byte) (int, error) { return s.in.Read(b[:min(1, len(b))]) }
