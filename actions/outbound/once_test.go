package outbound

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// rude is a server that answers the first warm requests, all on connections that it keeps, and closes the connection of
// every later one: once it has read it, or before.
type rude struct {
	net.Listener
	warm     int32
	reads    bool         // a request, before it closes
	requests atomic.Int32 // that began to come in
	key      bool         // every request carries its key
	together sync.WaitGroup
}

func newRude(t *testing.T, warm int, reads, key bool) *rude {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rude{Listener: l, warm: int32(warm), reads: reads, key: key}
	s.together.Add(warm)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.serve(t, conn) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return s
}

func (s *rude) serve(t *testing.T, conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		if _, err := in.Peek(1); err != nil {
			return
		}
		last := s.requests.Add(1) > s.warm
		if last && !s.reads {
			return
		}
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		r.Body.Close()
		if key := r.Header.Get("Idempotency-Key"); (key == "k") != s.key {
			t.Errorf("%s has the key %q", r.Method, key)
		}
		if len(r.TransferEncoding) != 0 {
			t.Errorf("%s comes %s", r.Method, r.TransferEncoding)
		}
		if last {
			return
		}
		s.together.Done()
		s.together.Wait() // or one connection would do for all
		if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")); err != nil {
			return
		}
	}
}

// TestSentOnce is §2.D 35: a call whose connection, kept or new, breaks before the answer is not sent again by the
// transport, whatever its method, unless it only reads, and carries its key by the name that everybody writes.
func TestSentOnce(t *testing.T) {
	for _, effect := range []run.Effect{run.Once, run.Idempotent, run.Read} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			for _, warm := range []int{0, 3} {
				for _, reads := range []bool{true, false} {
					for _, body := range []any{map[string]any{"a": 1}, nil} {
						t.Run(fmt.Sprint(effect, method, warm, reads, body), func(t *testing.T) { sentOnce(t, effect, method, warm, reads, body) })
					}
				}
			}
		}
	}
}

func sentOnce(t *testing.T, effect run.Effect, method string, warm int, reads bool, body any) {
	s := newRude(t, warm, reads, effect != run.Read)
	c := newClient(t, Config{Allow: loopback})
	in := map[string]any{"method": method, "url": "http://" + s.Addr().String()}
	if body != nil {
		in["json"] = body
	}
	call := run.Call{Action: "core.http_request", Input: in, Effect: effect, Key: "k", Timeout: 5 * time.Second}
	var all sync.WaitGroup
	for range warm {
		all.Go(func() {
			if r := c.Invoke(t.Context(), call); r.Failure != nil {
				t.Error(r.Failure)
			}
		})
	}
	all.Wait()
	r := c.Invoke(t.Context(), call)
	most, want := 1, "unavailable"
	switch effect {
	case run.Once:
		want = "uncertain"
	case run.Read:
		most = warm + 1
	}
	if sent := int(s.requests.Load()) - warm; r.Failure == nil || r.Failure.Class != want || sent < 1 || sent > most {
		t.Errorf("%+v after %d requests", r.Failure, sent)
	}
}

// TestClosedWhileKept holds that a kept connection which is closed before anything is written to it costs no attempt.
func TestClosedWhileKept(t *testing.T) {
	for _, effect := range []run.Effect{run.Once, run.Idempotent, run.Read} {
		var requests atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
		c := newClient(t, Config{Allow: loopback})
		call := run.Call{Action: "core.http_request", Input: map[string]any{"method": "POST", "url": server.URL, "json": map[string]any{"a": 1}}, Effect: effect, Key: "k", Timeout: 5 * time.Second}
		closed := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused { // it is closed between being chosen and being written to
				closed++
				server.CloseClientConnections()
				gone(info.Conn)
			}
		}})
		for range 3 {
			if r := c.Invoke(ctx, call); r.Failure != nil {
				t.Errorf("%s: %+v", effect, r.Failure)
			}
		}
		if requests.Load() != 3 || closed != 2 {
			t.Errorf("%s: %d requests arrived, %d connections were closed", effect, requests.Load(), closed)
		}
		server.Close()
		c.Close()
	}
}

// gone returns when the transport has noticed that a connection was closed, and closed its side.
func gone(conn net.Conn) {
	for conn.SetDeadline(time.Time{}) == nil {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // and whoever writes to it
}
