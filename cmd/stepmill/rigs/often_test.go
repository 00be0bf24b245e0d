package rigs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestDeliveredOften delivers each event one to five times at once, and each of these again until it is answered 2xx, as
// vendors do, while the program is killed and started again: every event gives one run, with one effect. Half of the events
// are known by their vendor's delivery id, half by what their trigger calls dedupe. STEPMILL_DELIVERIES says how many there are.
func TestDeliveredOften(t *testing.T) {
	p, release := must(t, template), must(t, released)
	events := times("STEPMILL_DELIVERIES", 10_000, 10_000) &^ 1
	o := options{program: release, data: copyOf(t, p, filepath.Join(t.TempDir(), "data"))}
	s, err := start(o)
	if err != nil {
		t.Fatal(err)
	}
	o.addr, s.key = s.addr, p.key
	if err := s.call("POST", "/api/v1/secrets", `{"slug": "hub", "value": "s3cret"}`, nil); err != nil {
		t.Fatal(err)
	}
	byID := s.often(t, "by-id", `{"uses": "webhook", "with": {"verify": {"preset": "github", "secret": "hub"}}}`)
	byKey := s.often(t, "by-key", `{"uses": "webhook", "dedupe": {"key": "{{ trigger.body.n }}"}}`)
	var answered, sent atomic.Int64
	var all sync.WaitGroup
	gate := make(chan struct{}, 8) // events on their way at once
	send := func(n int) {
		defer func() { <-gate }()
		event := fmt.Sprintf("%s-%d", t.Name(), n)
		body := fmt.Sprintf(`{"n": %q}`, event)
		header, url := http.Header{"Content-Type": {"application/json"}}, byKey
		if n%2 == 0 {
			mac := hmac.New(sha256.New, []byte("s3cret"))
			mac.Write([]byte(body))
			header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
			header.Set("X-GitHub-Delivery", event)
			url = byID
		}
		var copies sync.WaitGroup
		for range 1 + rand.IntN(5) {
			copies.Go(func() {
				for !t.Failed() {
					sent.Add(1)
					switch status := deliver(url, header, body); {
					case status >= 200 && status < 300:
						return
					case status != 0 && status < 500:
						t.Errorf("%s is answered %d", event, status)
						return
					}
					time.Sleep(5 * time.Millisecond) // nobody listens, or not yet
				}
			})
		}
		copies.Wait()
		answered.Add(1)
	}
	all.Go(func() {
		for n := range events {
			gate <- struct{}{}
			all.Go(func() { send(n) })
		}
	})
	restarts, begun := 0, time.Now()
	for next := int64(events / 20); next < int64(events); next += int64(events/20 + rand.IntN(events/20)) {
		if !eventually(60*time.Second, func() bool { return answered.Load() >= next || t.Failed() }) || t.Failed() {
			t.Fatalf("%d events of %d were answered", answered.Load(), events)
		}
		s.kill()
		if s, err = start(o); err != nil {
			t.Fatal(err)
		}
		restarts++
	}
	all.Wait()
	s.key = p.key
	defer s.kill()
	for _, slug := range []string{"by-id", "by-key"} {
		var ended, runs struct{ Total int }
		eventually(60*time.Second, func() bool {
			return s.call("GET", "/api/v1/runs?status=succeeded&limit=1&scenario="+slug, "", &ended) == nil && ended.Total >= events/2
		})
		if err := s.call("GET", "/api/v1/runs?limit=1&scenario="+slug, "", &runs); err != nil || runs.Total != events/2 || ended.Total != events/2 {
			t.Errorf("%d events gave %d runs to %s, of which %d succeeded (%v)", events/2, runs.Total, slug, ended.Total, err)
		}
	}
	for n := range events {
		if keys := receiver().effects(fmt.Sprintf("%s-%d", t.Name(), n)); len(keys) != 1 {
			t.Errorf("event %d has the keys %v", n, keys)
		}
	}
	t.Logf("figures: %d events, %d deliveries, %d kills, %v", events, sent.Load(), restarts, time.Since(begun).Round(time.Second))
}

// often makes a live scenario that sends each event on, and gives its trigger URL.
func (s *server) often(t *testing.T, slug, trigger string) string {
	t.Helper()
	var made struct{ Triggers []struct{ URL string } }
	definition := `{"stepmill": 1, "name": "Often", "trigger": ` + trigger + `, "steps": [{"id": "post", "uses": "core.http_request",
		"with": {"method": "POST", "url": "` + receiver().URL + `/x", "json": {"n": "{{ trigger.body.n }}"}}}]}`
	if err := s.call("POST", "/api/v1/scenarios", `{"slug": "`+slug+`", "definition": `+definition+`}`, &made); err != nil {
		t.Fatal(err)
	}
	if err := s.call("POST", "/api/v1/scenarios/"+slug+"/publish", `{"note": ""}`, nil); err != nil {
		t.Fatal(err)
	}
	return made.Triggers[0].URL
}

// deliver sends a body once, and gives the status of the answer; zero: there was none.
func deliver(url string, header http.Header, body string) int {
	req, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header = header.Clone()
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}
