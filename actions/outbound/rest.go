package outbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// rest is that no new token is asked for, since the last times gave none and it may be better soon. It is of a connection with
// the tokens that it has: who signs in anew, or changes it, begins without one.
type rest struct {
	tokens, since int64
	began         time.Time // when the first of them failed
	until         time.Time
	times         int
	tail          time.Time // when the last call that was sent away comes back
	code          fault.Code
	why           string
}

// resting is the rest that a connection has now; nil: none. c.mu is held.
func (c *Client) resting(connection run.Connection) *rest {
	r := c.rests[keyOf(connection)]
	if r == nil || r.tokens != connection.Tokens || r.since != connection.Since {
		return nil
	}
	return r
}

// awaits is the answer to a call that needs a new token while none is asked for: it is held as one is that waits for a host
// that does not answer. nil: one may be asked for.
func (c *Client) awaits(connection run.Connection) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cfg.Now()
	r := c.resting(connection)
	if r == nil || !r.until.After(now) {
		return nil
	}
	back := r.until
	if next := r.tail.Add(apart); next.After(back) && next.Sub(now) <= longestAway {
		back = next
	}
	r.tail = back
	return &refusal{code: r.code, retryAfter: back.Sub(now), held: true, heldFor: heldFor, token: true,
		message: fmt.Sprintf("There is no new token for the connection %q since %s, and nothing was sent: %s It is asked for again at %s.", connection.Slug, clock(r.began), r.why, clock(r.until))}
}

// restAfter notes that a connection got no new token, and rests until it may be asked for again: as long as the vendor says, else
// some seconds. Where that goes on for as long as a call waits, the connection is marked.
func (c *Client) restAfter(ctx context.Context, connection run.Connection, err error) {
	c.mu.Lock()
	now := c.cfg.Now()
	r := c.resting(connection)
	if r == nil {
		r = &rest{tokens: connection.Tokens, since: connection.Since, began: now}
		c.rests[keyOf(connection)] = r
	}
	wait := longer(&r.times, shortestShut, longestShut)
	if r.code, r.why = fault.Unavailable, sentence(fault.MessageOf(err)); fault.CodeOf(err) == fault.RateLimited {
		r.code = fault.RateLimited
		var said *fault.Error
		if errors.As(err, &said) && said.RetryAfter > 0 {
			wait = said.RetryAfter
		}
	}
	r.until = now.Add(wait)
	long, detail := now.Sub(r.began) >= heldFor, fmt.Sprintf("There is no new token since %s: %s It is asked for again by itself every few minutes, and what waits goes on then.", clock(r.began), r.why)
	c.mu.Unlock()
	if long {
		c.mark(ctx, connection, run.Unrenewed, detail)
	}
}

// rested forgets a rest: there are new tokens, or a person wants to know now. It says whether there was one.
func (c *Client) rested(connection run.Connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.rests[keyOf(connection)]
	delete(c.rests, keyOf(connection))
	return ok
}
