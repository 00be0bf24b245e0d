package outbound

import (
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// How a gate behaves where the vendor does not say.
const (
	failsInRow   = 10              // of reach, after which nothing is sent for a while
	shortestShut = 5 * time.Second // after failures of reach; twice as long each time the probe fails too
	longestShut  = time.Minute     // of both
	eased        = 64              // requests under way at which a gate that eases is open again
	noticedAfter = 5 * time.Second // a shorter wait does not change the connection's state
	turnPatience = 2 * time.Second // after which a call that found no room comes back
	maxGates     = 4096            // above it those that say nothing any more are let go
)

// gate is what is known of one host as one credential meets it: until when nothing is sent there, and how much is. All
// connections with that credential share it. Its time is that of the client's clock.
type gate struct {
	opens  time.Time  // nothing is sent before
	why    fault.Code // of what is refused meanwhile
	broken bool       // it is shut because of failures of reach, and not because the vendor asked
	shut   int        // how many times in a row it was shut without a time from the vendor
	fails  int        // of reach, in a row
	under  int        // requests that it let through and that are not done
	ease   int        // how many may be under way after it was shut; zero: any number
	counts []budget   // by the place of the limit in the connector's data
	queue  []chan struct{}
}

// budget is how much is left of a limit that the vendor counts.
type budget struct {
	told       bool // the vendor has said so once
	left, most int
	opens      time.Time // until when that holds; zero: the window is a new one, of which no answer has told yet
}

// when is the first moment at which a request may be sent, as far as is known.
func (g *gate) when(now time.Time) time.Time {
	at := g.opens
	for _, b := range g.counts {
		if b.left <= 0 && b.opens.After(at) {
			at = b.opens
		}
	}
	if at.Before(now) {
		return now
	}
	return at
}

// take counts a request that is let through.
func (g *gate) take(now time.Time) {
	g.under++
	for i := range g.counts {
		b := &g.counts[i]
		if over := !b.opens.After(now); over && (!b.opens.IsZero() || b.left <= 0) {
			b.left, b.opens = max(b.most, 1), time.Time{}
		}
		b.left--
	}
}

// room says that a request more may be under way. In a new window no more are than it will have.
func (g *gate) room() bool {
	for _, b := range g.counts {
		if b.told && b.opens.IsZero() && b.left <= 0 && g.under > 0 {
			return false
		}
	}
	return g.ease == 0 || g.under < g.ease
}

// turn lets those that wait go on, as many as there is room for; all where it is shut, who then wait for something else.
func (g *gate) turn(now time.Time) {
	n := len(g.queue)
	if g.ease > 0 && !g.when(now).After(now) {
		n = min(n, max(g.ease-g.under, 0))
	}
	for _, c := range g.queue[:n] {
		close(c)
	}
	if g.queue = g.queue[n:]; len(g.queue) == 0 {
		g.queue = nil
	}
}

// heed does what an answer asks for.
func (g *gate) heed(p plea, now time.Time) {
	if p.wait == 0 {
		p.wait = g.longer(time.Second)
	}
	if until := now.Add(p.wait); until.After(g.opens) {
		g.opens, g.why, g.broken = until, p.code, false
	}
	g.ease = 1
}

// longer is how long to wait where nobody says: twice as long as the last time.
func (g *gate) longer(first time.Duration) time.Duration {
	d := longestShut
	if g.shut < 10 {
		d = min(first<<g.shut, longestShut)
	}
	g.shut++
	return d
}

// failed counts a failure of reach, and shuts the gate after so many of them, or when the probe failed.
func (g *gate) failed(now time.Time) {
	g.fails++
	if g.fails < failsInRow || g.opens.After(now) {
		return
	}
	g.opens, g.why, g.broken, g.ease = now.Add(g.longer(shortestShut)), fault.Unavailable, true, 1
}

// good opens the gate: at once after failures of reach, by and by after a vendor asked to wait. What was sent before it was
// shut says nothing of how it is now.
func (g *gate) good(now time.Time) {
	if g.opens.After(now) {
		return
	}
	g.fails, g.shut = 0, 0
	if g.ease *= 2; g.broken || g.ease > eased {
		g.ease, g.broken = 0, false
	}
}

// note takes in what an answer's headers count.
func (g *gate) note(i int, c count, of int, now time.Time) {
	for len(g.counts) < of {
		g.counts = append(g.counts, budget{})
	}
	b := &g.counts[i]
	opens := now.Add(c.opens)
	if b.opens.After(now) && opens.Sub(b.opens) < time.Second { // the same window: answers may come in another order than they were made
		b.left, b.most = min(b.left, c.left), c.most
		return
	}
	*b = budget{told: true, left: c.left - g.under, most: c.most, opens: opens}
}

// quiet says that nothing is lost when the gate is forgotten.
func (g *gate) quiet(now time.Time) bool {
	for _, b := range g.counts {
		if b.opens.After(now) {
			return false
		}
	}
	return g.under == 0 && len(g.queue) == 0 && g.fails == 0 && g.ease == 0 && !g.opens.After(now)
}
