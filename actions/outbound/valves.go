package outbound

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// valves are the hosts of which something is known, each by the credential that it is met with.
type valves struct {
	mu sync.Mutex
	by map[string]*valve
}

// pass is one request that a valve let through; nil: there is no valve yet.
type pass struct {
	valve *valve
	key   string
}

// valveKey says which valve a request goes through.
func (d *doing) valveKey(m message) string {
	host := m.url.Scheme + "://" + m.url.Host
	if !m.signed {
		return host
	}
	sum := sha256.New()
	for _, p := range d.signIn.places {
		sum.Write([]byte(expand(p.Name, d.signIn.values) + "\x00" + expand(p.Value, d.signIn.values) + "\x00"))
	}
	return host + "\x00" + string(sum.Sum(nil))
}

// admit lets a request through when its host may be sent one, and waits for that where the call has the time. What it
// refuses was not sent.
func (d *doing) admit(ctx context.Context, m message) (pass, error) {
	p := pass{key: d.valveKey(m)}
	all := &d.client.valves
	patience := d.patience(ctx)
	for {
		now := time.Now()
		all.mu.Lock()
		v := all.by[p.key]
		if v == nil {
			all.mu.Unlock()
			return p, nil
		}
		begin := v.when(now)
		if !begin.After(now) && v.room() {
			v.take(now)
			all.mu.Unlock()
			p.valve = v
			return p, nil
		}
		if v.broken || begin.After(patience) {
			err := v.refusal(m.url.Host, begin.Sub(now))
			err.retryAfter += v.later(begin.Sub(now))
			all.mu.Unlock()
			return p, err
		}
		var turn chan struct{}
		if !begin.After(now) {
			turn = make(chan struct{})
			v.queue = append(v.queue, turn)
			begin = patience
		}
		why := v.refusal(m.url.Host, turnPatience)
		all.mu.Unlock()
		err := waitFor(ctx, turn, begin.Sub(now))
		waited := turn != nil && all.leave(v, turn, err != nil)
		if err == nil && waited {
			err = why
		}
		if err != nil {
			return p, err
		}
	}
}

// leave takes one that waits out of the queue; false: its turn had come, which goes to the next where it is not taken.
func (all *valves) leave(v *valve, turn chan struct{}, lost bool) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	i := slices.Index(v.queue, turn)
	if i >= 0 {
		v.queue = slices.Delete(v.queue, i, i+1)
	} else if lost {
		v.turn(time.Now())
	}
	return i >= 0
}

// opening is when a valve lets the next request through, as far as is known.
func (all *valves) opening(key string, now time.Time) time.Time {
	all.mu.Lock()
	defer all.mu.Unlock()
	if v := all.by[key]; v != nil {
		return v.when(now)
	}
	return now
}

// waitFor ends when the turn has come or the time is up.
func waitFor(ctx context.Context, turn <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-turn:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// patience is until when a call may wait to be sent: the half of its time, so that the answer has the other. One of which
// something was sent already gives all of it, since trying it again would send that twice.
func (d *doing) patience(ctx context.Context) time.Time {
	now := time.Now()
	deadline, ok := ctx.Deadline()
	switch {
	case !ok:
		return now.Add(defaultWithin / 2)
	case d.sent:
		return deadline
	}
	return now.Add(deadline.Sub(now) / 2)
}

// refusal is the answer to a call that is not sent. What waits for its turn is held and no try of the step's; what a broken
// host answers for is one, so that a run does not wait for ever.
func (v *valve) refusal(host string, wait time.Duration) *refusal {
	r := &refusal{code: v.why, retryAfter: max(wait, turnPatience), held: !v.broken}
	switch {
	case v.broken:
		r.retryAfter = max(wait, shortestShut)
		r.message = host + " has not answered well " + strconv.Itoa(v.fails) + " times in a row; nothing is sent to it for a while."
	case v.why == fault.Unavailable:
		r.message = host + " asked to be left alone for a while; the call waits until then and was not sent."
	default:
		r.code = fault.RateLimited
		r.message = host + " takes no more requests for now; the call waits for its turn and was not sent."
	}
	r.message = fault.Clip(r.message, 300)
	return r
}

// later is how much longer than it must the next call that is sent away stays there, so that not all come back at once. Where
// a vendor asked to wait it is a small part of that.
func (v *valve) later(wait time.Duration) time.Duration {
	d := time.Duration(v.away) * apart
	v.away++
	if v.broken {
		return min(d, longestAway)
	}
	return min(d, wait/20+turnPatience)
}

// done tells the valve how a request that it let through ended, and makes one where there is something to know.
func (d *doing) done(p pass, resp actions.Response, err error) {
	asked := plea{}
	if err == nil {
		asked = d.plea(resp)
	}
	limits := d.client.limits[d.connector.ID]
	now := time.Now()
	all := &d.client.valves
	all.mu.Lock()
	v := p.valve
	if v != nil {
		v.under--
	} else if v = all.by[p.key]; v == nil {
		v = &valve{}
	}
	bad := unreached(err) || err == nil && resp.Status >= 500 && resp.Status != 501
	switch {
	case asked.code != "" && !asked.narrow:
		v.heed(asked, now)
	case bad:
		v.failed(now)
	case err == nil && asked.code == "":
		v.good(now)
	}
	if err == nil {
		v.read(limits.Headers, resp, d.client.cfg.Now(), now)
	}
	v.turn(now)
	shut, limited := v.when(now), asked.code == fault.RateLimited && !asked.narrow
	if all.by[p.key] == nil && !v.quiet(now) {
		all.keep(p.key, v, now)
	}
	all.mu.Unlock()
	if limited {
		d.client.tellLimited(d.connection, shut)
	}
}

// read takes in what the headers of an answer count.
func (v *valve) read(limits []actions.Limit, resp actions.Response, clock, now time.Time) {
	for i, l := range limits {
		if l.Late {
			continue
		}
		if c, ok := countOf(l, resp.Header, clock); ok && c.opens > 0 {
			v.note(i, c, len(limits), now)
		}
	}
}

func (all *valves) keep(key string, v *valve, now time.Time) {
	if len(all.by) >= maxValves {
		for k, old := range all.by {
			if old.quiet(now) {
				delete(all.by, k)
			}
		}
	}
	all.by[key] = v
}

// unreached says that an error means that the host could not be reached, or did not answer.
func unreached(err error) bool {
	var own *fault.Error
	var full *crowded
	return !errors.As(err, &full) && errors.As(err, &own) && (own.Code == fault.Unavailable || own.Code == fault.Timeout)
}
