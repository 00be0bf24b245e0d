package outbound

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// TestDoor holds a connection to the requests that it may have under way, and lets others pass it.
func TestDoor(t *testing.T) {
	var now, most atomic.Int32
	hold, arrived := make(chan struct{}), make(chan struct{}, 6)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer free" {
			w.Write([]byte(`{"ok": true}`))
			return
		}
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		arrived <- struct{}{}
		<-hold
		w.Write([]byte(`{"ok": true}`))
	}))
	defer server.Close()
	b := &book{connections: map[string]run.Connection{"two": {Connector: "slack", BaseURL: server.URL, Concurrency: 2}, "free": {Connector: "slack", BaseURL: server.URL}},
		values: map[string]run.Values{"two": {"token": "two"}, "free": {"token": "free"}}}
	c := newClient(t, Config{Connections: b, Allow: loopback})
	send := func(connection string, within time.Duration) run.Result {
		return invoke(t, c, run.Call{Action: "slack.send_message", Connection: connection, Input: map[string]any{"channel": "#x", "text": "x"}, Effect: run.Once, Timeout: within})
	}
	var all sync.WaitGroup
	var done atomic.Int32
	for range 6 {
		all.Go(func() {
			if r := send("two", 20*time.Second); r.Failure == nil {
				done.Add(1)
			} else {
				t.Error(r.Failure.Message)
			}
		})
	}
	for range 2 {
		select {
		case <-arrived:
		case <-time.After(20 * time.Second):
			close(hold)
			t.Fatal("two requests do not come through")
		}
	}
	if r := send("two", 50*time.Millisecond); class(r) != "rate_limited" || r.Failure.RetryAfter == 0 {
		t.Errorf("a call that has no time to wait: %+v", r.Failure)
	}
	if r := send("free", 10*time.Second); r.Failure != nil {
		t.Errorf("another connection waits too: %+v", r.Failure)
	}
	close(hold)
	all.Wait()
	if most.Load() != 2 || done.Load() != 6 {
		t.Errorf("%d at once, %d done", most.Load(), done.Load())
	}
}
