package outbound

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// told is what people are told of connections' limits.
type told struct {
	mu   sync.Mutex
	list []string
}

func (l *told) Limited(_ context.Context, c run.Connection, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, c.ID+" "+time.Until(until).Round(time.Second).String())
	return nil
}

func (l *told) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	said := strings.Join(l.list, ", ")
	l.list = nil
	return said
}

// TestTold: that a connection must wait is said, once.
func TestTold(t *testing.T) {
	wait := "60"
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", wait)
		w.WriteHeader(429)
	}
	l := &told{}
	virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1"}), Limited: l}, answer, func(t *testing.T, c *Client, p *pipes) {
		want := func(want string) {
			t.Helper()
			synctest.Wait()
			if got := l.take(); got != want {
				t.Errorf("told is %q, not %q", got, want)
			}
		}
		invoke(t, c, act("acme", "a"))
		want("a 1m0s")
		time.Sleep(30 * time.Second)
		invoke(t, c, act("acme", "a"))
		want("")
		time.Sleep(31 * time.Second)
		wait = "2"
		invoke(t, c, act("acme", "a"))
		time.Sleep(3 * time.Second)
		want("") // so short a wait is nothing to look at
		wait = "3600"
		invoke(t, c, act("acme", "a"))
		want("a 1h0m0s")
	})
}
