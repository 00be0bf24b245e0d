package outbound

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/stepmill/stepmill/engine/run"
)

// raw serves connections by writing bytes, of which HTTP knows nothing. The request is read first; broken says when the
// client went away.
func raw(t *testing.T, answer func(conn net.Conn, broken <-chan struct{})) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var under atomic.Int32
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			under.Add(1)
			go func() {
				defer under.Add(-1)
				defer conn.Close()
				conn.Read(make([]byte, 4096))
				broken := make(chan struct{})
				go func() {
					io.Copy(io.Discard, conn)
					close(broken)
				}()
				answer(conn, broken)
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		for deadline := time.Now().Add(10 * time.Second); under.Load() > 0 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	})
	return "http://" + l.Addr().String()
}

// bomb is a gigabyte of nothing in a megabyte: one packed piece, again and again, which is one text by the rules of gzip.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(make([]byte, 16<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(b.Bytes(), 64)
}

// TestAnswers is §2.D 35: whatever an answer is, it takes little memory and ends in time, and of a call of effect once whose
// answer did not come in whole nobody says that it failed.
func TestAnswers(t *testing.T) {
	zipped := bomb(t)
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	drip := func(conn net.Conn, broken <-chan struct{}, text string, pause time.Duration) {
		for {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			select {
			case <-broken:
				return
			case <-time.After(pause):
			}
		}
	}
	many := "X: " + strings.Repeat("y", 8<<10) + "\r\n"
	for _, k := range []struct {
		name        string
		answer      func(conn net.Conn, broken <-chan struct{})
		again, once string // the class where it may be sent again, and where it may not
	}{
		{"a gigabyte in a megabyte", func(conn net.Conn, broken <-chan struct{}) {
			fmt.Fprintf(conn, "%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", head, len(zipped))
			conn.Write(zipped)
			<-broken
		}, "too_large", "too_large"},
		{"chunks without end", func(conn net.Conn, broken <-chan struct{}) {
			io.WriteString(conn, head+"Transfer-Encoding: chunked\r\n\r\n")
			drip(conn, broken, "100000\r\n"+strings.Repeat("x", 1<<20)+"\r\n", 0)
		}, "too_large", "too_large"},
		{"a body that never ends", func(conn net.Conn, broken <-chan struct{}) {
			io.WriteString(conn, head+"Content-Length: 100\r\n\r\n")
			drip(conn, broken, "x", 200*time.Millisecond)
		}, "timeout", "uncertain"},
		{"a header now and then", func(conn net.Conn, broken <-chan struct{}) {
			io.WriteString(conn, head)
			drip(conn, broken, "X: y\r\n", 200*time.Millisecond)
		}, "timeout", "uncertain"},
		{"a hundred megabytes of headers", func(conn net.Conn, broken <-chan struct{}) {
			io.WriteString(conn, head)
			for range (100 << 20) / len(many) {
				if _, err := io.WriteString(conn, many); err != nil {
					return
				}
			}
		}, "unavailable", "uncertain"},
		{"cut in the middle", func(conn net.Conn, _ <-chan struct{}) {
			io.WriteString(conn, head+"Content-Length: 100\r\n\r\nhalf of it")
		}, "unavailable", "uncertain"},
		{"reset in the middle", func(conn net.Conn, _ <-chan struct{}) {
			io.WriteString(conn, head+"Content-Length: 100\r\n\r\nhalf of it")
			conn.(*net.TCPConn).SetLinger(0)
		}, "unavailable", "uncertain"},
		{"reset before the answer", func(conn net.Conn, _ <-chan struct{}) { conn.(*net.TCPConn).SetLinger(0) }, "unavailable", "uncertain"},
		{"no HTTP", func(conn net.Conn, _ <-chan struct{}) { io.WriteString(conn, "220 mail.example ESMTP\r\n") }, "unavailable", "uncertain"},
		{"cut in what is packed", func(conn net.Conn, _ <-chan struct{}) {
			fmt.Fprintf(conn, "%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", head, len(zipped))
			conn.Write(zipped[:2000])
		}, "unavailable", "uncertain"},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := newClient(t, Config{Allow: loopback})
			address := raw(t, k.answer)
			for effect, want := range map[run.Effect]string{run.Idempotent: k.again, run.Once: k.once} {
				in := call(map[string]any{"method": "POST", "url": address, "json": 1})
				in.Effect, in.Timeout = effect, time.Second
				if want == "too_large" {
					in.Timeout = 30 * time.Second // a busy machine takes its time for ten megabytes
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begun := time.Now()
				r := invoke(t, c, in)
				runtime.ReadMemStats(&after)
				if class(r) != want || r.Output != nil {
					t.Errorf("%s: %+v %.100v, want %s", effect, r.Failure, r.Output, want)
				}
				if made := after.TotalAlloc - before.TotalAlloc; made > 200<<20 {
					t.Errorf("%s: it made %d MB", effect, made>>20)
				}
				if took := time.Since(begun); took > in.Timeout+10*time.Second {
					t.Errorf("%s: it took %s", effect, took)
				}
			}
		})
	}
}

// TestLongHeaders: that an answer was given up because of its headers is said.
func TestLongHeaders(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 450 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("y", 8<<10))
		}
	}))
	defer server.Close()
	r := invoke(t, newClient(t, Config{Allow: loopback}), call(map[string]any{"url": server.URL}))
	if class(r) != "unavailable" || !strings.Contains(r.Failure.Message, "The headers of the answer of 127.0.0.1") || !strings.Contains(r.Failure.Message, "more than 256 KB") {
		t.Errorf("%+v", r.Failure)
	}
}

// away is a server of HTTP/2 that sends the first connections away before it takes a request of theirs.
type away struct {
	net.Listener
	roots    *x509.CertPool
	first    int32
	met      atomic.Int32 // connections
	requests atomic.Int32 // that were taken
	good     http.Server
	later    chan net.Conn // that it serves
	over     chan struct{}
	all      sync.WaitGroup
}

// laterOnes is the listener of the connections that are served.
type laterOnes struct{ *away }

func (l laterOnes) Accept() (net.Conn, error) {
	if conn, ok := <-l.later; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (laterOnes) Close() error { return nil }

// close ends everything.
func (s *away) close() {
	s.Listener.Close()
	s.good.Close()
	close(s.over)
	s.all.Wait()
}

func newAway(t *testing.T, first int32) *away {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	s := &away{roots: x509.NewCertPool(), first: first, later: make(chan net.Conn), over: make(chan struct{})}
	s.good.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		io.Copy(w, r.Body)
	})
	s.roots.AddCert(certified.Certificate())
	var err error
	if s.Listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}}); err != nil {
		t.Fatal(err)
	}
	s.all.Go(func() { s.good.Serve(laterOnes{s}) })
	s.all.Go(func() {
		defer close(s.later)
		for {
			conn, err := s.Accept()
			if err != nil {
				return
			}
			if s.met.Add(1) > s.first {
				s.later <- conn
				continue
			}
			s.all.Go(func() { s.meet(conn) })
		}
	})
	return s
}

func (s *away) meet(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(conn, conn)
	f.WriteSettings()
	f.WriteGoAway(0, http2.ErrCodeNo, nil)
	<-s.over
}

// TestGoAway is §2.D 35: a server of HTTP/2 that sends every connection away is asked a few times, and then left; nothing of
// it was taken, so that nothing is uncertain. One that stops doing that gets the request, whatever its effect.
func TestGoAway(t *testing.T) {
	for _, effect := range []run.Effect{run.Read, run.Idempotent, run.Once} {
		for _, method := range []string{"GET", "POST"} {
			for _, body := range []any{1.0, nil} {
				for _, first := range []int32{2, 1000} {
					s := newAway(t, first)
					c := newClient(t, Config{Allow: loopback, RootCAs: s.roots})
					in := call(map[string]any{"method": method, "url": "https://" + s.Addr().String()})
					in.Effect = effect
					if body != nil {
						in.Input["json"] = body
					}
					r := invoke(t, c, in)
					c.Close()
					s.close()
					met, requests := s.met.Load(), s.requests.Load()
					switch {
					case first == 2 && (r.Failure != nil || met < 3 || met > maxDials || requests != 1): // one may be dialled that is not needed any more
						t.Errorf("%s %s %v: %+v after %d connections and %d requests", effect, method, body, r.Failure, met, requests)
					case first == 1000 && (class(r) != "unavailable" || !strings.Contains(r.Failure.Message, "closes every connection") || met == 0 || met > maxDials || requests != 0):
						t.Errorf("%s %s %v: %+v after %d connections and %d requests", effect, method, body, r.Failure, met, requests)
					}
				}
			}
		}
	}
}

// TestUnasked is §2.D 35: an answer that turns to another protocol is none.
func TestUnasked(t *testing.T) {
	address := raw(t, func(conn net.Conn, broken <-chan struct{}) {
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		<-broken
	})
	c := newClient(t, Config{Allow: loopback})
	if r := invoke(t, c, call(map[string]any{"url": address})); class(r) != "unavailable" || r.Exchange.Status != http.StatusSwitchingProtocols {
		t.Errorf("%+v %+v", r.Failure, r.Exchange)
	}
}
