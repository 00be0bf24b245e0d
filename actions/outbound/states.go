package outbound

import (
	"context"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// Limited keeps what is known of a connection's limit for people to see.
type Limited interface {
	// LimitConnection says that nothing is sent with the connection until a moment; zero: it is open again.
	LimitConnection(ctx context.Context, workspace, id string, until time.Time) error
}

// tellWithin is how long telling may take.
const tellWithin = 5 * time.Second

// states is which connections were said to be limited, and until when.
type states struct {
	mu     sync.Mutex
	closed bool
	until  map[string]time.Time // by keyOf
	timers map[string]*time.Timer
	under  sync.WaitGroup
}

// tellLimited says that a connection waits for its vendor, and when that is over says so too.
func (c *Client) tellLimited(connection run.Connection, until time.Time) {
	wait := time.Until(until)
	if c.cfg.Limited == nil || connection.ID == "" || wait < noticedAfter {
		return
	}
	s, key := &c.states, keyOf(connection)
	s.mu.Lock()
	if s.closed || until.Before(s.until[key].Add(noticedAfter)) { // it was said already, or nearly
		s.mu.Unlock()
		return
	}
	if s.until == nil {
		s.until, s.timers = map[string]time.Time{}, map[string]*time.Timer{}
	}
	if t := s.timers[key]; t != nil && t.Stop() {
		s.under.Done()
	}
	s.until[key] = until
	s.under.Add(2)
	s.timers[key] = time.AfterFunc(wait, func() { c.tellOpen(connection, until) })
	s.mu.Unlock()
	defer s.under.Done()
	c.tell(connection, c.cfg.Now().Add(wait))
}

// tellOpen says that a connection is open again, unless it was shut for longer meanwhile.
func (c *Client) tellOpen(connection run.Connection, until time.Time) {
	s, key := &c.states, keyOf(connection)
	defer s.under.Done()
	s.mu.Lock()
	last := s.until[key].Equal(until)
	if last {
		delete(s.until, key)
		delete(s.timers, key)
	}
	s.mu.Unlock()
	if last {
		c.tell(connection, time.Time{})
	}
}

func (c *Client) tell(connection run.Connection, until time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	if err := c.cfg.Limited.LimitConnection(ctx, connection.Workspace, connection.ID, until); err != nil {
		c.cfg.Logger.Warn("a connection's limit could not be noted", "connection", connection.Slug, "error", err)
	}
}

// stale puts right what an earlier process left: a connection that is said to be limited, of which nothing is known here.
func (c *Client) stale(connection run.Connection) {
	if connection.State != run.RateLimited || c.cfg.Limited == nil {
		return
	}
	c.states.mu.Lock()
	_, known := c.states.until[keyOf(connection)]
	closed := c.states.closed
	c.states.mu.Unlock()
	if !known && !closed {
		c.tell(connection, time.Time{})
	}
}

// close ends what is to be told, and waits for what is being told.
func (s *states) close() {
	s.mu.Lock()
	s.closed = true
	for _, t := range s.timers {
		if t.Stop() {
			s.under.Done()
		}
	}
	clear(s.timers)
	s.mu.Unlock()
	s.under.Wait()
}
