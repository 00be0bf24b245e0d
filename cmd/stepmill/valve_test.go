package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// TestBrokenPath: a path of a host that answers 503, and one that hangs, hold back their own scenarios and no other's, and
// once they are mended every run goes on and none has failed.
func TestBrokenPath(t *testing.T) {
	var mu sync.Mutex
	broken, asked := true, map[string]int{}
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path]++
		bad := broken && r.URL.Path != "/good"
		mu.Unlock()
		if bad && r.URL.Path == "/hangs" {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}
		if bad {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer sink.Close()
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	hooks := map[string]string{}
	for _, slug := range []string{"bad", "hangs", "good"} {
		hooks[slug] = s.publish(slug, fmt.Sprintf(`{"stepmill": 1, "name": %q, "trigger": {"uses": "webhook"}, "steps": [
			{"id": "post", "uses": "core.http_request", "timeout": "2s", "with": {"method": "POST", "url": "%s/%s"}}]}`, slug, sink.URL, slug))
	}
	happen := func(slug string, n int) {
		t.Helper()
		for range n {
			if status := post(http.DefaultClient, hooks[slug], "1"); status != 200 {
				t.Fatalf("an event is answered %d", status)
			}
		}
	}
	sent := func(path string) int {
		mu.Lock()
		defer mu.Unlock()
		return asked[path]
	}
	happen("hangs", 50)
	happen("bad", 100)
	eventually(t, "both are asked", func() bool { return sent("/bad") >= 10 && sent("/hangs") >= 10 })
	time.Sleep(3 * time.Second) // by now each has failed ten times
	before := sent("/bad") + sent("/hangs")
	for n := range 10 {
		happen("good", 1)
		begun := time.Now()
		eventually(t, "a run beside them succeeds", func() bool { return s.count("good", "succeeded") == n+1 })
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("a run beside them took %s", took)
		}
		time.Sleep(500 * time.Millisecond)
	}
	if n := sent("/bad") + sent("/hangs") - before; n > 8 {
		t.Errorf("what is broken was asked %d times in about five seconds", n)
	}
	if sent("/good") != 10 {
		t.Errorf("the good path was asked %d times", sent("/good"))
	}
	mu.Lock()
	broken = false
	mu.Unlock()
	for slug, runs := range map[string]int{"bad": 100, "hangs": 50} {
		eventually(t, "every run of "+slug+" succeeds", func() bool { return s.count(slug, "succeeded") == runs })
	}
}
