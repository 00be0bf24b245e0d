package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// TestStreams: the feed comes through all that the site puts around it, and ends with the session.
func TestStreams(t *testing.T) {
	h := newHouse(t)
	cookie := h.signIn()
	conn, lines := h.streams(cookie)
	h.startRun()
	for name, read := range map[string]func() []byte{
		"websocket": func() []byte { _, b, _ := conn.ReadMessage(); return b },
		"events":    func() []byte { return []byte(nextData(lines)) },
	} {
		var m struct{ Kind, Run string }
		if text := read(); json.Unmarshal(text, &m) != nil || m.Kind != "run.queued" || m.Run == "" {
			t.Errorf("%s: %s", name, text)
		}
	}
	h.ask("POST", "/logout", "", "Cookie", cookie)
	begin := time.Now()
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("the websocket ends with %v", err)
	}
	if text := nextData(lines); text != "" || time.Since(begin) > 5*time.Second {
		t.Errorf("the events end after %s with %q", time.Since(begin), text)
	}
}

// TestNoStream: what opens no stream is answered as everything else of the API, with what is needed.
func TestNoStream(t *testing.T) {
	h := newHouse(t)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}
	for _, c := range []struct {
		path   string
		header []string
		status int
		says   string
	}{
		{"/api/v1/stream", nil, 422, "Upgrade: websocket"},
		{"/api/v1/stream", append([]string{"Sec-WebSocket-Version", "8"}, upgrade[:4]...), 422, "version 13"},
		{"/api/v1/stream", append([]string{"Origin", "https://evil.example"}, upgrade...), 403, "this site's own pages"},
		{"/api/v1/stream?run=nope", upgrade, 404, "nope"},
		{"/api/v1/stream.sse?run=nope", nil, 404, "nope"},
		{"/api/v1/stream.sse?scenario=nope", nil, 404, "nope"},
	} {
		resp, text := h.ask("GET", c.path, "", h.withKey(c.header...)...)
		if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(text, c.says) {
			t.Errorf("%s with %v is answered %s %s", c.path, c.header, resp.Status, text)
		}
	}
}

// TestShutdown: open streams do not hold a shutdown up.
func TestShutdown(t *testing.T) {
	h := newHouse(t)
	conn, lines := h.streams(h.signIn())
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := h.server.Config.Shutdown(ctx); err != nil {
		t.Errorf("shutting down: %v", err)
	}
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the websocket ends with %v", err)
	}
	if text := nextData(lines); text != "" {
		t.Errorf("the events go on with %q", text)
	}
}

// TestSlowBodies: a body has its time; what is done with it has not that limit.
func TestSlowBodies(t *testing.T) {
	h := newHouse(t)
	h.site.bodyWithin = 200 * time.Millisecond
	if resp, text := h.ask("POST", "/late", strings.Repeat("x", 1<<20), h.withKey()...); resp.StatusCode != 200 || text != "1048576 bytes" {
		t.Errorf("%s %s", resp.Status, text)
	}
	if resp, text := h.ask("POST", "/late", "", h.withKey()...); resp.StatusCode != 200 || text != "0 bytes" {
		t.Errorf("without a body: %s %s", resp.Status, text)
	}
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /late HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\n\r\nonly this", h.key)
	begin := time.Now()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != 504 || time.Since(begin) > 5*time.Second {
		t.Errorf("a body that does not come: %v %v after %s", resp, err, time.Since(begin))
	}
}

func TestLimits(t *testing.T) {
	h := newHouse(t)
	if c := h.server.Config; c.ReadHeaderTimeout != 5*time.Second || c.IdleTimeout != 60*time.Second || c.MaxHeaderBytes != 64<<10 {
		t.Errorf("%+v", c)
	}
	if resp, _ := h.ask("GET", "/healthz", "", "X-Long", strings.Repeat("x", 80<<10)); resp.StatusCode != 431 {
		t.Errorf("80 kB of headers are answered %s", resp.Status)
	}
}
