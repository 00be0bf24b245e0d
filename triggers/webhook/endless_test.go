package webhook

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// said is the sentence of a refusal.
func said(answer string) string {
	var refused struct{ Error string }
	if json.Unmarshal([]byte(answer), &refused) != nil {
		return answer
	}
	return refused.Error
}

// begin opens a connection to the trigger's server and writes what a request begins with.
func (w *world) begin(t *testing.T, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), "/hooks/good"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute)) // that nothing hangs
	if _, err := io.WriteString(conn, "POST /hooks/good HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"+head+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestEndless is §2.B 19: a body in chunks that has no end is answered when it is too large, is read on for a little and is then
// cut off.
func TestEndless(t *testing.T) {
	w := newWorld(t, nil)
	conn := w.begin(t, "Transfer-Encoding: chunked")
	chunk := append(append(fmt.Appendf(nil, "%x\r\n", 1<<20), bytes.Repeat([]byte("x"), 1<<20)...), "\r\n"...)
	sent := 0
	for range MaxBody>>20 + 1 {
		n, err := conn.Write(chunk)
		if sent += n; err != nil {
			t.Fatalf("after %d bytes: %v", sent, err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil) // it comes though the body goes on
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("%v %v", resp, err)
	}
	for err == nil && sent < 10*MaxBody {
		var n int
		n, err = conn.Write(chunk)
		sent += n
	}
	if err == nil || len(w.taken) > 0 {
		t.Errorf("%d bytes of it were read, and %d events taken", sent, len(w.taken))
	}
}

// TestCompressed is §2.B 19: a megabyte that would be a gigabyte is refused by what it says of itself, and nothing is unpacked,
// whatever it is packed by.
func TestCompressed(t *testing.T) {
	var piece bytes.Buffer
	z := gzip.NewWriter(&piece)
	if _, err := z.Write(make([]byte, 16<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	zipped := bytes.Repeat(piece.Bytes(), 64) // which is one text by the rules of gzip
	w := newWorld(t, nil)
	for _, coding := range []string{"gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "identity\r\nContent-Encoding: gzip", "nonsense"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		conn := w.begin(t, fmt.Sprintf("Content-Length: %d\r\nContent-Encoding: %s", len(zipped), coding))
		go conn.Write(zipped) // the answer may come before all of it was read
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %v %v", coding, resp, err)
		}
		runtime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; made > 16<<20 {
			t.Errorf("%q: %d MB were made", coding, made>>20)
		}
	}
	if len(w.taken) > 0 {
		t.Errorf("%d events were taken", len(w.taken))
	}
	if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Content-Encoding": "identity"}); status != 200 {
		t.Errorf("what is not packed is answered %d %s", status, answer)
	}
}

// hall is a listener whose clients are in this process, so that their time is the test's own.
type hall struct {
	net.Listener
	came chan net.Conn
}

func (h *hall) Accept() (net.Conn, error) {
	if conn, ok := <-h.came; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (h *hall) Close() error { return nil }

func (h *hall) Addr() net.Addr { return &net.TCPAddr{} }

// TestSlowBodies is §2.B 24: two thousand senders of whose bodies a byte comes every ten seconds are answered when their time is up,
// and hold nothing afterwards.
func TestSlowBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{known: map[string]*run.Start{}}
		h := &Handler{Triggers: w, Starter: w, Secrets: w, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		mux := http.NewServeMux()
		mux.Handle("/hooks/{key}", h)
		server, door := &http.Server{Handler: mux}, &hall{came: make(chan net.Conn)}
		go server.Serve(door)
		var all sync.WaitGroup
		for range 2000 {
			conn, theirs := net.Pipe()
			door.came <- theirs
			all.Go(func() {
				defer conn.Close()
				begun := time.Now()
				io.WriteString(conn, "POST /hooks/good HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n")
				all.Go(func() { // until the connection is closed
					for err := error(nil); err == nil; time.Sleep(10 * time.Second) {
						_, err = conn.Write([]byte("x"))
					}
				})
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil || resp.StatusCode != http.StatusBadRequest || !resp.Close || time.Since(begun) != readWithin {
					t.Errorf("after %s: %+v, %v", time.Since(begun), resp, err)
				}
			})
		}
		all.Wait()
		close(door.came)
		server.Close()
		synctest.Wait()
		if h.bytes.Load() != 0 || len(w.taken) > 0 {
			t.Errorf("%d bytes are held, %d events were taken", h.bytes.Load(), len(w.taken))
		}
	})
}
