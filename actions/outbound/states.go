package outbound

import (
	"context"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// Limited keeps, for people to see, until when a connection sends nothing because its vendor asked for that.
type Limited interface {
	Limited(ctx context.Context, c run.Connection, until time.Time) error
}

// tellWithin is how long telling may take.
const tellWithin = 5 * time.Second

// states is until when connections were said to wait.
type states struct {
	mu    sync.Mutex
	until map[string]time.Time // by keyOf
}

// tellLimited says that a connection waits for its vendor, unless that was said already, or nearly.
func (c *Client) tellLimited(connection run.Connection, until time.Time) {
	wait := time.Until(until)
	if c.cfg.Limited == nil || connection.ID == "" || wait < noticedAfter {
		return
	}
	s, key := &c.states, keyOf(connection)
	s.mu.Lock()
	known := until.Before(s.until[key].Add(noticedAfter))
	if !known {
		if s.until == nil || len(s.until) >= maxValves { // those of deleted connections are in it too
			s.until = map[string]time.Time{}
		}
		s.until[key] = until
	}
	s.mu.Unlock()
	if known {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	if err := c.cfg.Limited.Limited(ctx, connection, c.cfg.Now().Add(wait)); err != nil {
		c.cfg.Logger.Warn("a connection's limit could not be noted", "connection", connection.Slug, "error", err)
	}
}
