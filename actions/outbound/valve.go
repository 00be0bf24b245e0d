package outbound

import (
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// How a valve behaves where the vendor does not say.
const (
	failsInRow   = 10                    // of reach, after which nothing is sent for a while
	shortestShut = 5 * time.Second       // after failures of reach; twice as long each time the probe fails too
	longestShut  = time.Minute           // of both
	eased        = 64                    // requests under way at which a valve that eases is open again
	noticedAfter = 5 * time.Second       // a shorter wait does not change the connection's state
	turnPatience = 2 * time.Second       // after which a call that found no room comes back
	apart        = 20 * time.Millisecond // between calls that come back: many at once would slow everybody
	longestAway  = 10 * time.Minute      // that a call stays away on top of what it must
	maxValves    = 4096                  // above it those that say nothing any more are let go
)

// valve is what is known of one host as one credential meets it: until when nothing is sent there, and how much is. All
// connections with that credential share it. Its time is that of the client's clock.
type valve struct {
	opens  time.Time  // nothing is sent before
	why    fault.Code // of what is refused meanwhile
	broken bool       // it is shut because of failures of reach, and not because the vendor asked
	shut   int        // how many times in a row it was shut without a time from the vendor
	fails  int        // of reach, in a row
	away   int        // calls that were sent away since it was shut
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
func (v *valve) when(now time.Time) time.Time {
	at := v.opens
	for _, b := range v.counts {
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
func (v *valve) take(now time.Time) {
	v.under++
	for i := range v.counts {
		b := &v.counts[i]
		if over := !b.opens.After(now); over && (!b.opens.IsZero() || b.left <= 0) {
			b.left, b.opens = max(b.most, 1), time.Time{}
		}
		b.left--
	}
}

// room says that a request more may be under way. In a new window no more are than it will have.
func (v *valve) room() bool {
	for _, b := range v.counts {
		if b.told && b.opens.IsZero() && b.left <= 0 && v.under > 0 {
			return false
		}
	}
	return v.ease == 0 || v.under < v.ease
}

// turn lets those that wait go on, as many as there is room for; all where it is shut, who then wait for something else.
func (v *valve) turn(now time.Time) {
	n := len(v.queue)
	if v.ease > 0 && !v.when(now).After(now) {
		n = min(n, max(v.ease-v.under, 0))
	}
	for _, c := range v.queue[:n] {
		close(c)
	}
	if v.queue = v.queue[n:]; len(v.queue) == 0 {
		v.queue = nil
	}
}

// heed does what an answer asks for.
func (v *valve) heed(p plea, now time.Time) {
	if p.wait == 0 {
		p.wait = v.longer(time.Second)
	}
	if until := now.Add(p.wait); until.After(v.opens) {
		v.opens, v.why, v.broken, v.away = until, p.code, false, 0
	}
	v.ease = 1
}

// longer is how long to wait where nobody says: twice as long as the last time.
func (v *valve) longer(first time.Duration) time.Duration {
	d := longestShut
	if v.shut < 10 {
		d = min(first<<v.shut, longestShut)
	}
	v.shut++
	return d
}

// failed counts a failure of reach, and shuts the valve after so many of them, or when the probe failed.
func (v *valve) failed(now time.Time) {
	v.fails++
	if v.fails < failsInRow || v.opens.After(now) {
		return
	}
	v.opens, v.why, v.broken, v.ease, v.away = now.Add(v.longer(shortestShut)), fault.Unavailable, true, 1, 0
}

// good opens the valve: at once after failures of reach, by and by after a vendor asked to wait. What was sent before it was
// shut says nothing of how it is now.
func (v *valve) good(now time.Time) {
	if v.opens.After(now) {
		return
	}
	v.fails, v.shut = 0, 0
	if v.ease *= 2; v.broken || v.ease > eased {
		v.ease, v.broken = 0, false
	}
}

// note takes in what an answer's headers count.
func (v *valve) note(i int, c count, of int, now time.Time) {
	for len(v.counts) < of {
		v.counts = append(v.counts, budget{})
	}
	b := &v.counts[i]
	opens := now.Add(c.opens)
	if b.opens.After(now) && opens.Sub(b.opens) < time.Second { // the same window: answers may come in another order than they were made
		b.left, b.most = min(b.left, c.left), c.most
		return
	}
	*b = budget{told: true, left: c.left - v.under, most: c.most, opens: opens}
}

// quiet says that nothing is lost when the valve is forgotten.
func (v *valve) quiet(now time.Time) bool {
	for _, b := range v.counts {
		if b.opens.After(now) {
			return false
		}
	}
	return v.under == 0 && len(v.queue) == 0 && v.fails == 0 && v.ease == 0 && !v.opens.After(now)
}
