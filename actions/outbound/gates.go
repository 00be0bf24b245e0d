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

// gates are the hosts of which something is known, each by the credential that it is met with.
type gates struct {
	mu sync.Mutex
	by map[string]*gate
}

// pass is one request that a gate let through; nil: there is no gate yet.
type pass struct {
	gate *gate
	key  string
}

// gateKey says which gate a request goes through.
func (d *doing) gateKey(m message) string {
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
	p := pass{key: d.gateKey(m)}
	all := &d.client.gates
	patience := d.patience(ctx)
	for {
		now := time.Now()
		all.mu.Lock()
		g := all.by[p.key]
		if g == nil {
			all.mu.Unlock()
			return p, nil
		}
		begin := g.when(now)
		if !begin.After(now) && g.room() {
			g.take(now)
			all.mu.Unlock()
			p.gate = g
			return p, nil
		}
		if g.broken || begin.After(patience) {
			err := g.refusal(m.url.Host, begin.Sub(now))
			all.mu.Unlock()
			return p, err
		}
		var turn chan struct{}
		if !begin.After(now) {
			turn = make(chan struct{})
			g.queue = append(g.queue, turn)
			begin = patience
		}
		why := g.refusal(m.url.Host, turnPatience)
		all.mu.Unlock()
		err := waitFor(ctx, turn, begin.Sub(now))
		waited := turn != nil && all.leave(g, turn, err != nil)
		if err == nil && waited {
			err = why
		}
		if err != nil {
			return p, err
		}
	}
}

// leave takes one that waits out of the queue; false: its turn had come, which goes to the next where it is not taken.
func (all *gates) leave(g *gate, turn chan struct{}, lost bool) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	i := slices.Index(g.queue, turn)
	if i >= 0 {
		g.queue = slices.Delete(g.queue, i, i+1)
	} else if lost {
		g.turn(time.Now())
	}
	return i >= 0
}

// opening is when a gate lets the next request through, as far as is known.
func (all *gates) opening(key string, now time.Time) time.Time {
	all.mu.Lock()
	defer all.mu.Unlock()
	if g := all.by[key]; g != nil {
		return g.when(now)
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
func (g *gate) refusal(host string, wait time.Duration) *refusal {
	r := &refusal{code: g.why, retryAfter: max(wait, turnPatience), held: !g.broken}
	switch {
	case g.broken:
		r.retryAfter = max(wait, shortestShut)
		r.message = host + " has not answered well " + strconv.Itoa(g.fails) + " times in a row; nothing is sent to it for a while."
	case g.why == fault.Unavailable:
		r.message = host + " asked to be left alone for a while; the call waits until then and was not sent."
	default:
		r.code = fault.RateLimited
		r.message = host + " takes no more requests for now; the call waits for its turn and was not sent."
	}
	r.message = fault.Clip(r.message, 300)
	return r
}

// done tells the gate how a request that it let through ended, and makes one where there is something to know.
func (d *doing) done(p pass, resp actions.Response, err error) {
	asked := plea{}
	if err == nil {
		asked = d.plea(resp)
	}
	limits := d.client.limits[d.connector.ID]
	now := time.Now()
	all := &d.client.gates
	all.mu.Lock()
	g := p.gate
	if g != nil {
		g.under--
	} else if g = all.by[p.key]; g == nil {
		g = &gate{}
	}
	bad := unreached(err) || err == nil && resp.Status >= 500 && resp.Status != 501
	switch {
	case asked.code != "" && !asked.narrow:
		g.heed(asked, now)
	case bad:
		g.failed(now)
	case err == nil && asked.code == "":
		g.good(now)
	}
	if err == nil {
		g.read(limits.Headers, resp, d.client.cfg.Now(), now)
	}
	g.turn(now)
	shut, limited := g.when(now), asked.code == fault.RateLimited && !asked.narrow
	if all.by[p.key] == nil && !g.quiet(now) {
		all.keep(p.key, g, now)
	}
	all.mu.Unlock()
	if limited {
		d.client.tellLimited(d.connection, shut)
	}
}

// read takes in what the headers of an answer count.
func (g *gate) read(limits []actions.Limit, resp actions.Response, clock, now time.Time) {
	for i, l := range limits {
		if l.Late {
			continue
		}
		if c, ok := countOf(l, resp.Header, clock); ok && c.opens > 0 {
			g.note(i, c, len(limits), now)
		}
	}
}

func (all *gates) keep(key string, g *gate, now time.Time) {
	if len(all.by) >= maxGates {
		for k, old := range all.by {
			if old.quiet(now) {
				delete(all.by, k)
			}
		}
	}
	all.by[key] = g
}

// unreached says that an error means that the host could not be reached, or did not answer.
func unreached(err error) bool {
	var own *fault.Error
	return errors.As(err, &own) && (own.Code == fault.Unavailable || own.Code == fault.Timeout)
}
