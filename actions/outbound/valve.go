package outbound

import (
	"cmp"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// How a valve behaves where the vendor does not say.
const (
	failsInRow   = 10                    // after which nothing is sent for a while
	shortestShut = 5 * time.Second       // until one request finds out; twice as long each time it does not answer well
	longestShut  = 20 * time.Second      // of that: what is mended is found to be so soon
	longestWait  = time.Minute           // where the vendor asks to wait again and again and never says how long
	heldFor      = 10 * time.Minute      // that a call waits for a broken valve, from the first time on; then each time is a try
	eased        = 64                    // requests under way at which a valve that eases is open again
	easedFast    = 8                     // and up to which it opens with each good answer, at least
	noticedAfter = 5 * time.Second       // a shorter wait does not change the connection's state
	turnPatience = 2 * time.Second       // after which a call that found no room comes back
	apart        = 20 * time.Millisecond // between calls that come back: many at once would slow everybody
	longestAway  = 10 * time.Minute      // that a call stays away from a broken valve
	maxValves    = 4096                  // above it those that were not needed for the longest are let go
)

// valve is what is known of one host as one credential meets it, or of how it answers one step: until when nothing is sent
// there, and how much is. Its time is that of the client's clock.
type valve struct {
	opens time.Time  // nothing is sent before
	why   fault.Code // of what is refused meanwhile
	asked int        // how many times in a row the vendor asked to wait and did not say how long
	away  int        // calls that were sent away since it did
	under int        // requests that it let through and that are not done
	ease  int        // how many may be under way after it was shut; zero: any number
	fast  int        // up to which ease grows with each good answer: half of what was too much the last time
	goods int        // good answers since ease grew last

	broken bool      // it is shut because of failures, and not because the vendor asked: from opens on one request finds out
	fails  int       // in a row
	since  time.Time // of the first of them
	shut   int       // how many times in a row it was shut for them
	probes int       // requests under way that find out
	probed time.Time // when the last of them began
	tail   time.Time // when the last call that was sent away from it broken comes back

	counts []budget // by the place of the limit in the connector's data
	queue  []chan struct{}
	used   time.Time // when something was told of it last
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

// take counts a request that is let through. Where the valve is broken that one finds out, and the next one that does so is
// not kept waiting for its answer, which may never come.
func (v *valve) take(now time.Time) (probe bool) {
	v.under++
	if v.broken {
		v.probes++
		v.probed, v.opens, probe = now, now.Add(longer(&v.shut, shortestShut, longestShut)), true
	}
	for i := range v.counts {
		b := &v.counts[i]
		if over := !b.opens.After(now); over && (!b.opens.IsZero() || b.left <= 0) {
			b.left, b.opens = max(b.most, 1), time.Time{}
		}
		b.left--
	}
	return probe
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
		p.wait = longer(&v.asked, time.Second, longestWait)
	}
	if until := now.Add(p.wait); until.After(v.opens) {
		v.opens, v.why, v.broken, v.away = until, p.code, false, 0
	}
	if !v.broken {
		if v.ease != 1 {
			v.fast = max(min(v.under, cmp.Or(v.ease, eased))/2, easedFast)
		}
		v.ease, v.goods = 1, 0
	}
}

// longer is how long to wait where nobody says: twice as long as the last time.
func longer(times *int, first, most time.Duration) time.Duration {
	d := most
	if *times < 10 {
		d = min(first<<*times, most)
	}
	*times++
	return d
}

// failed counts a failure, and breaks the valve after so many of them.
func (v *valve) failed(now time.Time) {
	if v.fails++; v.fails == 1 {
		v.since = now
	}
	if v.broken || v.fails < failsInRow || v.opens.After(now) {
		return
	}
	v.broken, v.why, v.ease, v.opens = true, fault.Unavailable, 0, now.Add(longer(&v.shut, shortestShut, longestShut))
}

// well ends a row of failures. Where the valve is broken only what went out to find out does: what was sent before says
// nothing of how it is now.
func (v *valve) well(probe bool) {
	if v.broken && !probe {
		return
	}
	if v.broken {
		v.broken, v.opens = false, time.Time{}
	}
	v.fails, v.shut, v.since = 0, 0, time.Time{}
}

// half lets what went out to find out go on to where it is sent: the next failure breaks the valve again, and a row of them
// is not ended.
func (v *valve) half(probe bool) {
	if v.broken && probe {
		v.broken, v.opens, v.fails = false, time.Time{}, failsInRow-1
	}
}

// good opens the valve: at once after failures, by and by after a vendor asked to wait.
func (v *valve) good(now time.Time, probe bool) {
	v.well(probe)
	if v.opens.After(now) {
		return
	}
	v.asked = 0
	if v.ease == 0 {
		return
	}
	if v.goods++; v.ease < v.fast || v.goods >= v.ease {
		v.ease, v.goods = v.ease+1, 0
	}
	if v.ease > eased {
		v.ease = 0
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
	return v.idle() && v.fails == 0 && v.ease == 0 && !v.opens.After(now)
}

// idle says that no call is at it.
func (v *valve) idle() bool { return v.under == 0 && len(v.queue) == 0 }
