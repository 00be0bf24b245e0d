package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stepmill/stepmill/engine/run"
)

// bodies is a server that answers with a body of so many bytes, as its path says: long, unknown, packed, short or none.
func bodies(t *testing.T, size int) *httptest.Server {
	long := strings.Repeat("x", size)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(long))
	z.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/unknown":
			w.(http.Flusher).Flush()
			w.Write([]byte(long))
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed.Bytes())
		case "/short":
			w.Write([]byte(long[:smallAnswer]))
		case "/cut":
			w.Header().Set("Content-Length", "9000000")
			w.Write([]byte(long[:smallAnswer+5]))
		case "/refused":
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(long))
		default:
			w.Write([]byte(long))
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func got(server *httptest.Server, path string) run.Call {
	return run.Call{Action: "core.http_request", Input: map[string]any{"method": "GET", "url": server.URL + path}, Effect: run.Idempotent, Key: "k", Timeout: 20 * time.Second}
}

// free says that no room is taken.
func (r *rooms) free(t *testing.T, when string) {
	t.Helper()
	for name, room := range map[string]struct {
		of  *semaphore.Weighted
		all int64
	}{"reading": {r.reading, readingRoom}, "parsing": {r.parsing, parsingRoom}, "beyond": {r.beyond, 1}} {
		if !room.of.TryAcquire(room.all) {
			t.Errorf("%s: room for %s is taken", when, name)
			continue
		}
		room.of.Release(room.all)
	}
}

// TestRoom holds that large answers take room for as long as their output is in memory, whatever is known of their length
// and however they end, and small ones none.
func TestRoom(t *testing.T) {
	const size = 3 << 20
	server := bodies(t, size)
	c := newClient(t, Config{Allow: loopback})
	for _, path := range []string{"/long", "/unknown", "/packed"} {
		r := c.Invoke(t.Context(), got(server, path))
		if r.Failure != nil || r.Done == nil {
			t.Fatalf("%s: %+v", path, r.Failure)
		}
		if out := r.Output.(map[string]any); out["body"] != strings.Repeat("x", size) {
			t.Errorf("%s: the body has %d bytes", path, len(out["body"].(string)))
		}
		if c.rooms.reading.TryAcquire(readingRoom-size+1) || !c.rooms.reading.TryAcquire(readingRoom-size) || c.rooms.parsing.TryAcquire(parsingRoom-size+1) {
			t.Errorf("%s: it does not take the room of its size", path)
		} else {
			c.rooms.reading.Release(readingRoom - size)
		}
		r.Done()
		c.rooms.free(t, path)
	}
	if r := c.Invoke(t.Context(), got(server, "/short")); r.Failure != nil || r.Done != nil {
		t.Errorf("a small answer takes room: %+v", r.Failure)
	}
	for path, class := range map[string]string{"/cut": "unavailable", "/refused": "invalid_input"} {
		if r := c.Invoke(t.Context(), got(server, path)); r.Failure == nil || r.Failure.Class != class || r.Done != nil {
			t.Errorf("%s: %+v", path, r.Failure)
		}
		c.rooms.free(t, path)
	}
	for _, path := range []string{"/long", "/unknown", "/packed"} {
		if r := c.Invoke(t.Context(), got(bodies(t, maxAnswer+1), path)); r.Failure == nil || r.Failure.Class != "too_large" || r.Done != nil {
			t.Errorf("%s beyond its bound: %+v", path, r.Failure)
		}
		c.rooms.free(t, path)
	}
	if r := c.Invoke(t.Context(), got(bodies(t, maxAnswer), "/unknown")); r.Failure != nil {
		t.Errorf("at its bound: %+v", r.Failure)
	}
}

// TestCrowded holds that a large answer waits for room no longer than its step lasts, which is not held against its host,
// and that small ones do not wait.
func TestCrowded(t *testing.T) {
	server := bodies(t, 1<<20)
	if unanswering(tooCrowded(t.Context(), &url.URL{Host: "host"}, context.DeadlineExceeded)) {
		t.Error("it is held against the host")
	}
	for _, room := range []string{"reading", "parsing"} {
		c := newClient(t, Config{Allow: loopback})
		of, all := c.rooms.reading, int64(readingRoom)
		if room == "parsing" {
			of, all = c.rooms.parsing, parsingRoom
		}
		if err := of.Acquire(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		ask := func(effect run.Effect, class string) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			call := got(server, "/long")
			call.Effect = effect
			r := c.Invoke(ctx, call)
			if r.Failure == nil || r.Failure.Class != class || !strings.Contains(r.Failure.Message, "too many large answers come in at once") {
				t.Errorf("%s: %+v", room, r.Failure)
			}
		}
		ask(run.Idempotent, "timeout")
		ask(run.Once, "uncertain")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if r := c.Invoke(ctx, got(server, "/unknown")); r.Failure == nil || r.Failure.Class != "cancelled" {
			t.Errorf("%s: %+v", room, r.Failure)
		}
		if r := c.Invoke(t.Context(), got(server, "/short")); r.Failure != nil {
			t.Errorf("%s: a small answer: %+v", room, r.Failure)
		}
		of.Release(all)
		c.rooms.free(t, room)
		if r := c.Invoke(t.Context(), got(server, "/long")); r.Failure != nil {
			t.Errorf("%s: once there is room: %+v", room, r.Failure)
		}
	}
}

// TestManyLarge holds that calls which read more than one large answer each, more of them at once than there is room for,
// come to an end.
func TestManyLarge(t *testing.T) {
	r := &rooms{reading: semaphore.NewWeighted(10), parsing: semaphore.NewWeighted(4), beyond: semaphore.NewWeighted(1)}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			var h held
			defer h.leave(r)
			for range 5 {
				if err := h.take(t.Context(), r, r.reading, &h.reading, 10); err != nil {
					t.Error(err)
				}
				h.fewer(r, 7)
				if err := h.take(t.Context(), r, r.parsing, &h.parsing, 3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if !r.reading.TryAcquire(10) || !r.parsing.TryAcquire(4) || !r.beyond.TryAcquire(1) {
		t.Error("room is still taken")
	}
}
