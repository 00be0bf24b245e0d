package outbound

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// maxRate bounds what a connection's lane remembers.
const maxRate = 100_000

// lane keeps the requests of one connection to a rate: no stretch of time as long as the window sees more of them begin
// than the rate allows.
type lane struct {
	rate   actions.Rate
	begins []time.Time // of the last requests, as many as the rate allows in a window; zero: not used yet
	oldest int
}

// next says when the next request may begin.
func (l *lane) next(now time.Time) time.Time {
	if before := l.begins[l.oldest]; !before.IsZero() && before.Add(l.rate.Window).After(now) {
		return before.Add(l.rate.Window)
	}
	return now
}

// take reserves that moment.
func (l *lane) take(begin time.Time) {
	l.begins[l.oldest] = begin
	l.oldest = (l.oldest + 1) % len(l.begins)
}

// pace waits until the connection's next request may begin. A wait that the call has no time for is RateLimited at once
// and takes nobody's place.
func (c *Client) pace(ctx context.Context, connector *actions.Connector, connection run.Connection) error {
	rate, err := rateOf(connector, connection)
	if err != nil || rate.Requests == 0 || rate.Window == 0 {
		return err
	}
	now := time.Now()
	c.mu.Lock()
	key := keyOf(connection)
	l := c.lanes[key]
	if l == nil || l.rate != rate {
		l = &lane{rate: rate, begins: make([]time.Time, rate.Requests)}
		c.lanes[key] = l
	}
	begin := l.next(now)
	if deadline, ok := ctx.Deadline(); ok && begin.After(deadline) {
		c.mu.Unlock()
		return &refusal{code: fault.RateLimited, retryAfter: begin.Sub(now),
			message: "The connection " + strconv.Quote(connection.Slug) + " has used up its " + rateText(rate) + "; the call waits for its turn."}
	}
	l.take(begin)
	c.mu.Unlock()
	if !begin.After(now) {
		return nil
	}
	return wait(ctx, begin.Sub(now))
}

func keyOf(c run.Connection) string { return c.Workspace + "/" + c.ID + "/" + c.Slug }

// door lets so many requests of a connection be under way at once.
type door struct {
	most int
	room *semaphore.Weighted
}

// enter waits until one more request of a connection may be under way. A call that has no time left is RateLimited and was
// not sent. What it gives is called when the request is done.
func (c *Client) enter(ctx context.Context, connection run.Connection) (leave func(), err error) {
	if connection.Concurrency <= 0 {
		return func() {}, nil
	}
	c.mu.Lock()
	d := c.doors[keyOf(connection)]
	if d == nil || d.most != connection.Concurrency { // those under way by the old number finish by it
		d = &door{most: connection.Concurrency, room: semaphore.NewWeighted(int64(connection.Concurrency))}
		c.doors[keyOf(connection)] = d
	}
	c.mu.Unlock()
	if err := d.room.Acquire(ctx, 1); err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		return nil, &refusal{code: fault.RateLimited, retryAfter: time.Second,
			message: fmt.Sprintf("The connection %q has its %d requests under way; the call waits for its turn.", connection.Slug, d.most)}
	}
	return func() { d.room.Release(1) }, nil
}

// rateOf is the pace that holds for a connection: its own, else the vendor's, which counts at the vendor's address only.
func rateOf(connector *actions.Connector, connection run.Connection) (actions.Rate, error) {
	switch {
	case connection.Rate != "":
		return ParseRate(connection.Rate)
	case connection.BaseURL != "" || connection.Slug == "" && connection.ID == "":
		return actions.Rate{}, nil
	}
	return connector.Rate, nil
}

func rateText(r actions.Rate) string {
	return strconv.Itoa(r.Requests) + " requests in " + r.Window.String()
}

// ParseRate reads a number of requests in a time, as 100/1m.
func ParseRate(text string) (actions.Rate, error) {
	count, window, ok := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 1 || n > maxRate {
		return actions.Rate{}, fault.New(fault.InvalidInput, "%q is no rate; write it as 100/1m.", fault.Clip(text, 40))
	}
	d, err := scenario.ParseDuration(window)
	if err != nil || d <= 0 {
		return actions.Rate{}, fault.New(fault.InvalidInput, "%q is no rate; write it as 100/1m.", fault.Clip(text, 40))
	}
	return actions.Rate{Requests: n, Window: d}, nil
}
