package rigs

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load sends events, and keeps the ledger of those that were answered 2xx.
type load struct {
	name  string             // begins each event's
	url   string             // of the trigger
	pause atomic.Int64       // of each sender between two events, as a time.Duration
	acked func(event string) // told before the ledger knows; nil: nobody is

	mu       sync.Mutex
	next     int
	accepted []string
	refused  map[int]int // by status
	bare     int         // refusals of 503 or 507 without Retry-After
	last     time.Time   // of the last acceptance
}

// run sends from some senders at once until stop is closed.
func (l *load) run(senders int, stop <-chan struct{}) (wait func()) {
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if l.send() == 0 {
					time.Sleep(2 * time.Millisecond) // nobody listens
				}
				time.Sleep(time.Duration(l.pause.Load()))
			}
		})
	}
	return all.Wait
}

// send sends one event, and gives the status of the answer; zero: there was none.
func (l *load) send() int {
	l.mu.Lock()
	event := fmt.Sprintf("%s-%d", l.name, l.next)
	l.next++
	l.mu.Unlock()
	req, err := http.NewRequest("POST", l.url, strings.NewReader(fmt.Sprintf(`{"n": %q}`, event)))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	if resp.StatusCode < 300 && err == nil {
		if l.acked != nil {
			l.acked(event)
		}
		l.accepted = append(l.accepted, event)
		l.last = time.Now()
		return resp.StatusCode
	}
	if l.refused == nil {
		l.refused = map[int]int{}
	}
	l.refused[resp.StatusCode]++
	if (resp.StatusCode == 503 || resp.StatusCode == 507) && resp.Header.Get("Retry-After") == "" {
		l.bare++
	}
	return resp.StatusCode
}

// count gives how many events were accepted.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted)
}

// ledger gives the accepted events.
func (l *load) ledger() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.accepted...)
}

// missing gives the accepted events whose effect did not come, and those that came with more than one key.
func (l *load) missing() (none, twice []string) {
	for _, event := range l.ledger() {
		switch n := len(receiver().effects(event)); {
		case n == 0:
			none = append(none, event)
		case n > 1:
			twice = append(twice, event)
		}
	}
	return none, twice
}

// arrived says that every accepted event has its effect.
func (l *load) arrived() bool {
	none, _ := l.missing()
	return len(none) == 0
}
