package outbound

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// lines is a client for actions that speak by lines, over a connection to an address.
func lines(t *testing.T, cfg Config, addr string, speak func(ctx context.Context, do actions.Doer) (any, error)) (*Client, run.Call) {
	t.Helper()
	text := func(id string) actions.Field { return actions.Field{ID: id, Type: actions.Text} }
	host, port, _ := net.SplitHostPort(addr)
	connector := actions.Connector{ID: "acme", Name: "Acme", Auth: []actions.Auth{{Method: "line", Name: "Line", Protocol: "talk", Fields: []actions.Field{text("host"), text("port"), {ID: "word", Secret: true}}}},
		Actions: []actions.Action{{ID: "talk", Effect: actions.Once, Protocol: "talk", Run: func(ctx context.Context, _ actions.Input, do actions.Doer) (any, error) { return speak(ctx, do) }},
			{ID: "other", Effect: actions.Once, Run: func(ctx context.Context, _ actions.Input, do actions.Doer) (any, error) { return speak(ctx, do) }}}}
	cfg.Connectors = actions.CatalogueOf(connector)
	cfg.Connections = &book{connections: map[string]run.Connection{"c": {Connector: "acme", Method: "line", State: run.Connected, Concurrency: 1}},
		values: map[string]run.Values{"c": {"host": run.Secret(host), "port": run.Secret(port), "word": "secret word"}}}
	in := call(map[string]any{})
	in.Action, in.Connection, in.Effect = "acme.talk", "c", run.Once
	return newClient(t, cfg), in
}

// listening accepts connections on this machine.
func listening(t *testing.T, take func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go take(conn)
		}
	}()
	return l.Addr().String()
}

func echo(conn net.Conn) {
	defer conn.Close()
	_, _ = io.Copy(conn, conn)
}

// TestLine: what is said on a line arrives, what is lost is uncertain only where something may have been done, and a closed line
// gives its place to the next.
func TestLine(t *testing.T) {
	addr, sent, kept := listening(t, echo), false, false
	speak := func(ctx context.Context, do actions.Doer) (any, error) {
		line, err := do.Dial(ctx, actions.Shown{Method: "TALK", Path: "/a"})
		if err != nil {
			return nil, err
		}
		if !kept {
			defer line.Close()
		}
		if line.Values["word"] != "secret word" || line.Host != "127.0.0.1" || line.TLS.ServerName != line.Host {
			return nil, errors.New("the line does not know its connection")
		}
		line.Sent(sent)
		if sent || kept {
			return nil, line.Failure(io.ErrUnexpectedEOF)
		}
		if _, err := io.WriteString(line, "hello\n"); err != nil {
			return nil, line.Failure(err)
		}
		return bufio.NewReader(line).ReadString('\n')
	}
	c, in := lines(t, Config{Allow: loopback}, addr, speak)
	for range 2 {
		if r := invoke(t, c, in); r.Failure != nil || r.Output != "hello\n" || r.Exchange.Method != "TALK" || r.Exchange.URL != "talk://"+addr+"/a" || r.Exchange.Sandboxed {
			t.Errorf("it gives %+v %+v", r, r.Exchange)
		}
	}
	sent = true
	if r := invoke(t, c, in); class(r) != "uncertain" || !strings.HasPrefix(r.Failure.Message, "The connection to "+addr+" was cut before its answer was complete. Whether") {
		t.Errorf("a lost answer is %+v", r.Failure)
	}
	sent, kept = false, true
	if r := invoke(t, c, in); class(r) != "unavailable" {
		t.Errorf("a line that broke early is %+v", r.Failure)
	}
	if r := invoke(t, c, in); class(r) != "unavailable" {
		t.Errorf("a line that nobody closed keeps its place: %+v", r.Failure)
	}
	in.Action = "acme.other"
	if r := invoke(t, c, in); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "speaks TALK, which acme.other does not") {
		t.Errorf("another action dials: %+v", r.Failure)
	}
	d := &doing{client: c, action: &actions.Action{ID: "other"}}
	if _, err := d.Dial(t.Context(), actions.Shown{}); fault.CodeOf(err) != fault.Internal {
		t.Errorf("an action without a protocol dials: %v", err)
	}
}

// TestLineBeside: a further stream goes to the same host, and ends with its call.
func TestLineBeside(t *testing.T) {
	addr, other := listening(t, echo), listening(t, echo)
	_, port, _ := net.SplitHostPort(other)
	n, _ := strconv.Atoi(port)
	var left net.Conn
	c, in := lines(t, Config{Allow: loopback}, addr, func(ctx context.Context, do actions.Doer) (any, error) {
		line, err := do.Dial(ctx, actions.Shown{})
		if err != nil {
			return nil, err
		}
		defer line.Close()
		if left, err = line.Beside(ctx, n); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(left, "hello\n"); err != nil {
			return nil, err
		}
		got, err := bufio.NewReader(left).ReadString('\n')
		if err != nil {
			return nil, err
		}
		if _, err := line.Beside(ctx, 1); fault.CodeOf(err) != fault.Unavailable || !strings.HasPrefix(fault.MessageOf(err), "127.0.0.1:1 could not be reached") {
			t.Errorf("where nobody listens it gives %v", err)
		}
		return got, nil
	})
	if r := invoke(t, c, in); r.Failure != nil || r.Output != "hello\n" {
		t.Fatalf("it gives %+v", r)
	}
	if _, err := left.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after its call it reads on: %v", err)
	}
}

// TestLineUnmet: a server that nobody reaches is not asked again and again.
func TestLineUnmet(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	c, in := lines(t, Config{Allow: loopback}, addr, func(ctx context.Context, do actions.Doer) (any, error) { return do.Dial(ctx, actions.Shown{}) })
	held := false
	for range 30 {
		r := invoke(t, c, in)
		if class(r) != "unavailable" {
			t.Fatalf("it gives %+v", r.Failure)
		}
		held = held || r.Failure.Held
	}
	if !held {
		t.Error("the server is asked each time")
	}
}

// TestLineProxy: a line goes through the operator's proxy, which may refuse it, and by no other way.
func TestLineProxy(t *testing.T) {
	addr := listening(t, echo)
	answers, asked := make(chan string, 1), make(chan string, 10)
	proxy := listening(t, func(conn net.Conn) {
		defer conn.Close()
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		answer := <-answers
		asked <- r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
		if _, err := io.WriteString(conn, answer+"first"); err != nil || !strings.Contains(answer, "200") {
			return
		}
		_, _ = io.Copy(conn, conn)
	})
	via := &url.URL{Scheme: "http", Host: proxy, User: url.UserPassword("u", "p")}
	speak := func(ctx context.Context, do actions.Doer) (any, error) {
		line, err := do.Dial(ctx, actions.Shown{})
		if err != nil {
			return nil, err
		}
		defer line.Close()
		if _, err := io.WriteString(line, " hello\n"); err != nil {
			return nil, err
		}
		return bufio.NewReader(line).ReadString('\n')
	}
	c, in := lines(t, Config{Allow: loopback, Proxy: via}, addr, speak)
	answers <- "HTTP/1.1 200 OK\r\n\r\n"
	if r := invoke(t, c, in); r.Failure != nil || r.Output != "first hello\n" {
		t.Errorf("it gives %+v, %+v", r.Output, r.Failure)
	}
	if got := <-asked; got != "CONNECT "+addr+" Basic dTpw" {
		t.Errorf("the proxy was asked %q", got)
	}
	answers <- "HTTP/1.1 403 Forbidden\r\n\r\n"
	if r := invoke(t, c, in); class(r) != "unavailable" || r.Failure.Message != "The proxy of --egress-proxy does not let through to "+addr+": it answers 403. Whoever runs it can open that port." {
		t.Errorf("it gives %+v", r.Failure)
	}
	answers <- "220 what\r\n"
	if r := invoke(t, c, in); class(r) != "unavailable" {
		t.Errorf("it gives %+v", r.Failure)
	}
	c, in = lines(t, Config{Proxy: via}, addr, speak)
	if r := invoke(t, c, in); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "--egress-allow") {
		t.Errorf("a private address is reached over the proxy: %+v", r.Failure)
	}
	c, in = lines(t, Config{Allow: loopback, Proxy: &url.URL{Scheme: "socks5", Host: proxy}}, addr, speak)
	if r := invoke(t, c, in); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "carries no TALK") {
		t.Errorf("over another proxy it gives %+v", r.Failure)
	}
}
