package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// TestLimitedConnection: runs that meet a vendor's limit all succeed once it is over; meanwhile the connection is said to be limited,
// and afterwards connected by itself.
func TestLimitedConnection(t *testing.T) {
	var mu sync.Mutex
	var opens time.Time
	refused := 0
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if opens.IsZero() {
			opens = now.Add(6 * time.Second)
		}
		if now.Before(opens) {
			refused++
			w.Header().Set("Retry-After", "6")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		io.WriteString(w, `{"ok": true}`)
	}))
	defer sink.Close()
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	s.call("POST", "/api/v1/connections", `{"slug": "c", "connector": "slack", "method": "token", "values": {"token": "xoxb-s3cret"}, "base_url": "`+sink.URL+`"}`, 201, nil)
	url := s.publish("limited", `{"stepmill": 1, "name": "limited", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "a", "uses": "slack.send_message", "connection": "c", "with": {"channel": "#x", "text": "x"}, "timeout": "10s", "retry": {"attempts": 2}}]}`)
	const runs = 40
	for range runs {
		if status := post(http.DefaultClient, url, "1"); status != 200 {
			t.Fatalf("an event is answered %d", status)
		}
	}
	state := func() string {
		var c struct{ State string }
		s.call("GET", "/api/v1/connections/c", "", 200, &c)
		return c.State
	}
	eventually(t, "the connection is said to be limited", func() bool { return state() == "rate_limited" })
	eventually(t, "every run succeeds", func() bool { return s.count("limited", "succeeded") == runs })
	eventually(t, "the connection is connected again", func() bool { return state() == "connected" })
	mu.Lock()
	defer mu.Unlock()
	if refused == 0 {
		t.Error("no request was refused")
	}
}
