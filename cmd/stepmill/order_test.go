package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// order is a receiver that keeps in which order numbers come.
type order struct {
	*httptest.Server
	mu  sync.Mutex
	got []int
}

func newOrder(t *testing.T) *order {
	o := &order{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ N int }
		json.NewDecoder(r.Body).Decode(&body)
		o.mu.Lock()
		o.got = append(o.got, body.N)
		o.mu.Unlock()
		io.WriteString(w, `{"ok": true}`)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *order) list() []int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.got)
}

// TestOrderOverPause: events with an equal key run in order though their scenario was paused while some of them came in.
func TestOrderOverPause(t *testing.T) {
	data := t.TempDir()
	o := newOrder(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook", "order_by": "k"}, "steps": `+fmt.Sprintf(postN, o.URL)+`}`)
	send := func(from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			if status := post(http.DefaultClient, hook, fmt.Sprintf(`{"n": %d}`, n)); status != 200 {
				t.Fatalf("event %d is answered %d", n, status)
			}
		}
	}
	send(0, 5)
	s.call("POST", "/api/v1/scenarios/w/pause", "", 200, nil)
	send(5, 150)
	s.call("POST", "/api/v1/scenarios/w/resume", "", 200, nil)
	send(150, 170)
	eventually(t, "every run ends", func() bool { return s.count("w", "succeeded") == 170 })
	if got := o.list(); len(got) != 170 || !slices.IsSorted(got) {
		t.Errorf("they came as %v", got)
	}
}

// TestOrderWhileSwitched: the order holds for a sender that does not stop while its scenario is paused and resumed, and while
// the process dies in the middle of what a resume began.
func TestOrderWhileSwitched(t *testing.T) {
	data := t.TempDir()
	o := newOrder(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook", "order_by": "k"}, "steps": `+fmt.Sprintf(postN, o.URL)+`}`)
	sent, stop, done := 0, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if status := post(http.DefaultClient, hook, fmt.Sprintf(`{"n": %d}`, sent)); status != 200 {
				t.Errorf("event %d is answered %d", sent, status)
				return
			}
			sent++
		}
	}()
	for range 5 {
		s.call("POST", "/api/v1/scenarios/w/pause", "", 200, nil)
		time.Sleep(200 * time.Millisecond)
		s.call("POST", "/api/v1/scenarios/w/resume", "", 200, nil)
		time.Sleep(100 * time.Millisecond)
	}
	close(stop)
	<-done
	eventually(t, "every run ends", func() bool { return s.count("w", "succeeded") == sent })
	if got := o.list(); len(got) != sent || !slices.IsSorted(got) {
		t.Errorf("of %d they came as %v", sent, got)
	}
}

// TestReplayBatches: replaying all events of a scenario that gathers them replays each batch as a whole, and nothing twice.
func TestReplayBatches(t *testing.T) {
	data := t.TempDir()
	o := newOrder(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook", "batch": {"size": 3, "for": "1h"}, "if": "trigger.body.n < 6"}, "steps": [{"id": "post", "uses": "core.http_request",
		"with": {"method": "POST", "url": "`+o.URL+`/x", "json": {"n": "{{ len(trigger.events) }}"}}}]}`)
	for n := range 8 { // two batches, and two that the trigger does not want
		if status := post(http.DefaultClient, hook, fmt.Sprintf(`{"n": %d}`, n)); status != 200 {
			t.Fatalf("event %d is answered %d", n, status)
		}
	}
	eventually(t, "the batches run", func() bool { return s.count("w", "succeeded") == 2 })
	var job struct {
		ID, Status           string
		Total, Done, Skipped int
	}
	replay := func(filter string, runs int) {
		t.Helper()
		s.call("POST", "/api/v1/events:bulk", `{"action": "replay", "filter": `+filter+`}`, 202, &job)
		eventually(t, "the job ends", func() bool {
			s.call("GET", "/api/v1/runs:bulk/"+job.ID, "", 200, &job)
			return job.Status == "done"
		})
		eventually(t, "the replays run", func() bool { return s.count("w", "succeeded") == runs })
	}
	replay(`{"scenario": "w"}`, 4)
	if job.Total != 10 || job.Done != 2 || job.Skipped != 8 {
		t.Errorf("%+v", job)
	}
	if got := o.list(); !slices.Equal(got, []int{3, 3, 3, 3}) {
		t.Errorf("batches of %v were carried out", got)
	}
	replay(`{"scenario": "w", "outcome": "filtered"}`, 6)
	if job.Done != 2 {
		t.Errorf("%+v", job)
	}
}
