package outbound

import (
	"context"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

const (
	ailingMost = 1000            // connections at a time
	askSeldom  = 5 * time.Minute // how long at most a connection that ails is left alone
)

// left is when a connection that ails is asked next, and how long it was left alone before.
type left struct {
	next time.Time
	wait time.Duration
}

// keepAsking asks connections whose ailment may pass by itself, each one less and less often, until ctx ends.
func (c *Client) keepAsking(ctx context.Context) {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	known := map[string]left{}
	for {
		known = c.askAgain(ctx, known)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// askAgain asks those whose turn it is, and gives when their next turn is.
func (c *Client) askAgain(ctx context.Context, known map[string]left) map[string]left {
	list, err := c.cfg.Tokens.Ailing(ctx, ailingMost)
	if err != nil {
		if ctx.Err() == nil {
			c.cfg.Logger.Error("the connections that may be good again could not be listed; it is tried again", "error", err)
		}
		return known
	}
	next := make(map[string]left, len(list))
	for _, connection := range list {
		key := keyOf(connection)
		a, now := known[key], c.cfg.Now()
		if !now.Before(a.next) {
			if c.passed(ctx, connection); ctx.Err() != nil {
				return known
			}
			a.wait = min(max(2*a.wait, renewEvery), askSeldom)
			a.next = now.Add(a.wait)
		}
		next[key] = a
	}
	return next
}

// passed asks one connection. To read the values that lie elsewhere is to ask one whose could not be read.
func (c *Client) passed(ctx context.Context, connection run.Connection) {
	connection, values, err := c.Credentials(ctx, connection.Workspace, connection.Slug)
	unrenewed := connection.Ails == run.Unrenewed
	if err != nil || connection.Ails != run.Doubted && !unrenewed || connection.Sandbox {
		return
	}
	have, err := c.fresh(ctx, opens{connection, values}, unrenewed)
	if err == nil && !unrenewed {
		err = c.test(ctx, have, true)
	}
	if err == nil {
		err = c.cfg.Tokens.Mended(ctx, connection)
	}
	if err != nil && ctx.Err() == nil {
		c.cfg.Logger.Warn("a connection is still good for nothing", "connection", connection.Slug, "error", err)
	}
}
