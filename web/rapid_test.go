package web

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/stepmill/stepmill/web/access"
)

// TestRapidReset is §2.B 24: a client that speaks HTTP/2 and resets what it asks for at once, thousands of times, starts nothing: over
// plain TCP, which is all that serve listens on, nothing but HTTP/1.1 is spoken, whether it is begun with or asked for.
func TestRapidReset(t *testing.T) {
	var asked atomic.Int32
	h := newHouse(t, func(_ *access.Config, c *Config) {
		c.Hooks = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	})
	var head, storm bytes.Buffer
	fields := hpack.NewEncoder(&head)
	for _, f := range []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "x"}, {Name: ":path", Value: "/hooks/k"}} {
		if err := fields.WriteField(f); err != nil {
			t.Fatal(err)
		}
	}
	frames := http2.NewFramer(&storm, nil)
	storm.WriteString(http2.ClientPreface)
	frames.WriteSettings()
	for n := range uint32(5000) {
		frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*n + 1, BlockFragment: head.Bytes(), EndHeaders: true})
		frames.WriteRSTStream(2*n+1, http2.ErrCodeCancel)
	}
	for name, c := range map[string]struct {
		begin string
		want  []int // the answers, each of HTTP/1.1, before the connection is closed
	}{
		"from the beginning": {"", []int{http.StatusBadRequest}},
		"by an upgrade": {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
			[]int{http.StatusOK, http.StatusBadRequest}},
	} {
		conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Minute)) // that nothing hangs
		go io.Copy(conn, io.MultiReader(strings.NewReader(c.begin), bytes.NewReader(storm.Bytes())))
		in := bufio.NewReader(conn)
		for _, want := range c.want {
			resp, err := http.ReadResponse(in, nil)
			if err != nil || resp.StatusCode != want || resp.Proto != "HTTP/1.1" {
				t.Errorf("%s: %+v, %v", name, resp, err)
				break
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := in.ReadByte(); err == nil {
			t.Errorf("%s: more is said", name)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests were carried out", n)
	}
}
