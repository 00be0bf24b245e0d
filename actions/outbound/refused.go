package outbound

import (
	"fmt"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// refusal is the answer to a call that is not sent. It is held and no try of the step's; where a valve is broken that holds
// for a while only, so that a run does not wait for ever.
func (d *doing) refusal(v *valve, which int, host string, now time.Time) *refusal {
	if v.broken {
		return d.broken(v, which, host, now)
	}
	wait := v.when(now).Sub(now)
	r := d.asked(v, host, wait)
	r.retryAfter += v.later(wait)
	return r
}

// asked is the answer where the vendor asked to wait.
func (d *doing) asked(v *valve, host string, wait time.Duration) *refusal {
	r := &refusal{code: fault.RateLimited, retryAfter: max(wait, turnPatience), held: true,
		message: fault.Clip(host, 100) + " takes no more requests for now; the call waits for its turn and was not sent."}
	if v.why == fault.Unavailable {
		r.code = v.why
		r.message = fmt.Sprintf("%s asked to be left alone until %s; the call waits until then and was not sent.", fault.Clip(host, 100), d.clock(wait))
	}
	if d.testing { // which does not wait
		r.message = fmt.Sprintf("%s asked to be left alone until %s, so nothing was sent. Test it then.", fault.Clip(host, 100), d.clock(r.retryAfter))
	}
	return r
}

// broken is the answer where a valve is. One of which something was sent already is a try.
func (d *doing) broken(v *valve, which int, host string, now time.Time) *refusal {
	what, whom, whose := "could not be reached", "Nothing", ", by this step or others"
	if which == ofStep {
		kind := "step"
		switch {
		case d.trigger:
			kind = "trigger"
		case d.call.Path == "":
			kind = "request"
		}
		what, whom, whose = "did not answer this "+kind+" well", "Nothing of this "+kind, ""
	}
	return &refusal{code: fault.Unavailable, retryAfter: v.back(now).Sub(now), held: !d.sent, heldFor: heldFor,
		message: fmt.Sprintf("%s %s %d times in a row since %s%s. %s is sent to it until %s, and this call was not. A run that fails by that can be replayed once it is well.",
			fault.Clip(host, 100), what, v.fails, d.clock(v.since.Sub(now)), whose, whom, d.clock(v.opens.Sub(now)))}
}

// clock is a moment for people, so far from now.
func (d *doing) clock(from time.Duration) string {
	return clock(d.client.cfg.Now().Add(from))
}

func clock(t time.Time) string { return t.UTC().Format("2 Jan 15:04:05 UTC") }

// later is how much longer than it must the next call stays away that is sent away because the vendor asked to wait, so that
// not all come back at once: a small part of that wait.
func (v *valve) later(wait time.Duration) time.Duration {
	d := time.Duration(v.away) * apart
	v.away++
	return min(d, wait/20+turnPatience)
}

// back is when the next call that is sent away from a broken valve comes back: when one finds out again, behind those that
// were sent away before it; and soon where one has just gone to find out. What one lap does not hold begins another.
func (v *valve) back(now time.Time) time.Time {
	first := v.opens
	if soon := v.probed.Add(shortestShut); v.probes > 0 && soon.After(now) && soon.Before(first) {
		first = soon
	}
	if !first.After(now) { // there is no room for one that finds out
		first = now.Add(turnPatience)
	}
	at := first
	if next := v.tail.Add(apart); next.After(at) && next.Sub(now) <= longestAway {
		at = next
	}
	v.tail = at
	return at
}
