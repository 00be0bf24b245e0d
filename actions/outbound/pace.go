package outbound

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// maxTurns bounds the calls whose place in a lane is kept while they wait elsewhere.
const maxTurns = 100_000

// lane keeps the requests of one connection to a rate: no stretch of time as long as the window sees more of them begin
// than the rate allows.
type lane struct {
	rate   actions.Rate
	begins []time.Time // of the last requests, as many as the rate allows in a window; zero: not used yet
	oldest int
	turns  map[string]time.Time // what was promised to calls that were sent away, by their keys
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

// keep promises a moment to a call that comes back for it, so that of many that wait each comes back once. What nobody came
// for is forgotten when there is no more room.
func (l *lane) keep(key string, begin, now time.Time) {
	if l.turns == nil {
		l.turns = map[string]time.Time{}
	}
	if len(l.turns) >= maxTurns {
		maps.DeleteFunc(l.turns, func(_ string, t time.Time) bool { return t.Add(time.Hour).Before(now) })
	}
	if len(l.turns) < maxTurns {
		l.take(begin)
		l.turns[key] = begin
	}
}

// pace waits until the connection's next request may begin. A call that has no time for that wait is held at once: it comes
// back for the turn that it is given, and it was no try.
func (d *doing) pace(ctx context.Context, m message) error {
	rate, err := rateOf(d.connector, d.connection)
	if err != nil || rate.Requests == 0 || rate.Window == 0 {
		return err
	}
	c, now, turn := d.client, time.Now(), d.call.Key+"."+strconv.Itoa(d.requests)
	from, patience := c.valves.opening(d.valveKey(m), now), d.patience(ctx)
	c.mu.Lock()
	key := keyOf(d.connection)
	l := c.lanes[key]
	if l == nil || l.rate != rate {
		l = &lane{rate: rate, begins: make([]time.Time, rate.Requests)}
		c.lanes[key] = l
	}
	begin, promised := l.turns[turn]
	if begin.Before(from) {
		if begin = from; !promised {
			begin = l.next(from)
		}
	}
	if d.late(begin, patience, now) {
		if !promised && d.call.Key != "" {
			l.keep(turn, begin, now)
		}
		c.mu.Unlock()
		return &refusal{code: fault.RateLimited, retryAfter: begin.Sub(now), held: true,
			message: "The connection " + strconv.Quote(d.connection.Slug) + " has used up its " + rateText(rate) + "; the call waits for its turn."}
	}
	if delete(l.turns, turn); !promised {
		l.take(begin)
	}
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

// enter waits until one more request of a connection may be under way. A call that has no time left is held and was not
// sent. What it gives is called when the request is done.
func (d *doing) enter(ctx context.Context) (leave func(), err error) {
	c, connection := d.client, d.connection
	if connection.Concurrency <= 0 {
		return func() {}, nil
	}
	c.mu.Lock()
	into := c.doors[keyOf(connection)]
	if into == nil || into.most != connection.Concurrency { // those under way by the old number finish by it
		into = &door{most: connection.Concurrency, room: semaphore.NewWeighted(int64(connection.Concurrency))}
		c.doors[keyOf(connection)] = into
	}
	c.mu.Unlock()
	ctx, cancel := context.WithDeadline(ctx, d.patience(ctx))
	defer cancel()
	if err := into.room.Acquire(ctx, 1); err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		return nil, &refusal{code: fault.RateLimited, retryAfter: time.Second, held: true,
			message: fmt.Sprintf("The connection %q has its %d requests under way; the call waits for its turn.", connection.Slug, into.most)}
	}
	return func() { into.room.Release(1) }, nil
}

// rateOf is the pace that holds for a connection: its own, else the vendor's, which counts at the vendor's address only.
func rateOf(connector *actions.Connector, connection run.Connection) (actions.Rate, error) {
	switch {
	case connection.Rate != "":
		n, window, err := scenario.ParseRate(connection.Rate, run.MaxRate)
		return actions.Rate{Requests: n, Window: window}, err
	case connection.BaseURL != "" || connection.Slug == "" && connection.ID == "":
		return actions.Rate{}, nil
	}
	return connector.Rate, nil
}

func rateText(r actions.Rate) string {
	return strconv.Itoa(r.Requests) + " requests in " + r.Window.String()
}
