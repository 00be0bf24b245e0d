package outbound

import (
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// valves are the hosts of which something is known, each by the credential that it is met with, and the steps that they do
// not answer well.
type valves struct {
	mu sync.Mutex
	by map[string]*valve
}

// The valves that a request goes through: what is shut is as narrow as what is known.
const (
	ofHost = iota // what holds for all requests with its credential: the vendor's limits, and that nobody is reached
	ofStep        // what holds for its step there: answers that are no good, or do not come
	valveKinds
)

// pass is one request that its valves let through.
type pass struct {
	keys   [valveKinds]string
	valves [valveKinds]*valve // nil: there is none yet
	probe  [valveKinds]bool   // it finds out whether what is broken is well again
}

// passOf says which valves a request goes through.
func (d *doing) passOf(m message) pass {
	host := d.valveKey(m)
	return pass{keys: [valveKinds]string{host, host + "\x00" + strings.Join([]string{d.call.Workspace, d.call.Scenario, strconv.Itoa(d.call.Version), d.call.Action, stepOf(d.call.Path)}, "\x00")}}
}

// stepOf is a path without the numbers of items and rounds.
func stepOf(path string) string {
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(path, "[")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		_, path, _ = strings.Cut(rest, "]")
	}
}

// valveKey names the host of a request and the credential that it is met with.
func (d *doing) valveKey(m message) string {
	host := m.url.Scheme + "://" + m.url.Host
	if !m.signed {
		return host
	}
	sum := sha256.New()
	for _, p := range d.signIn.places {
		sum.Write([]byte(expand(p.Name, d.signIn.values) + "\x00" + expand(p.Value, d.signIn.values) + "\x00"))
	}
	if own := d.signIn.certificates; own != nil {
		sum.Write(own.sum[:])
	}
	return host + "\x00" + string(sum.Sum(nil))
}

// unbroken refuses a call at once where a valve is broken: it waits in no queue for its turn at what it is not sent to.
func (d *doing) unbroken(m message) error {
	p, now := d.passOf(m), time.Now()
	all := &d.client.valves
	all.mu.Lock()
	defer all.mu.Unlock()
	for i, key := range p.keys {
		if v := all.by[key]; v != nil && v.broken && v.opens.After(now) {
			return d.refusal(v, i, m.url.Host, now)
		}
	}
	return nil
}

// admit lets a request through when its host may be sent one, and waits for that where the call has the time. What it
// refuses was not sent.
func (d *doing) admit(ctx context.Context, m message) (pass, error) {
	p := d.passOf(m)
	all := &d.client.valves
	patience := d.patience(ctx)
	for {
		now := time.Now()
		all.mu.Lock()
		v, which := all.shut(p.keys, now)
		if v == nil {
			for i, key := range p.keys {
				if v := all.by[key]; v != nil {
					p.valves[i], p.probe[i], v.used = v, v.take(now), now
				}
			}
			all.mu.Unlock()
			return p, nil
		}
		begin := v.when(now)
		if v.broken || d.late(begin, patience, now) {
			err := d.refusal(v, which, m.url.Host, now)
			all.mu.Unlock()
			return p, err
		}
		var turn chan struct{}
		if !begin.After(now) {
			turn = make(chan struct{})
			v.queue = append(v.queue, turn)
			begin = patience
		}
		why := d.asked(v, m.url.Host, turnPatience)
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

// shut is the valve that lets no request through now; nil: none.
func (all *valves) shut(keys [valveKinds]string, now time.Time) (*valve, int) {
	for i, key := range keys {
		if v := all.by[key]; v != nil && (v.when(now).After(now) || !v.room()) {
			return v, i
		}
	}
	return nil, 0
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

// opening is when a host's valve lets the next request through, as far as is known. A broken one holds no turn in a lane: it
// refuses by itself.
func (all *valves) opening(key string, now time.Time) time.Time {
	all.mu.Lock()
	defer all.mu.Unlock()
	if v := all.by[key]; v != nil && !v.broken {
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

// late says that a call is sent away from a moment that is known rather than to wait for it: it has not the time, or it acts
// once, and would leave a doubt about what was never sent if the process died meanwhile.
func (d *doing) late(begin, patience, now time.Time) bool {
	return begin.After(patience) || d.call.Effect == run.Once && !d.sent && begin.After(now.Add(turnPatience))
}

// done tells the valves how a request that they let through ended, and makes one where there is something to know.
func (d *doing) done(p pass, e ending) {
	asked := plea{}
	if e.err == nil {
		asked = d.plea(e.resp)
	}
	now := time.Now()
	all := &d.client.valves
	all.mu.Lock()
	var valves [valveKinds]*valve
	for i, key := range p.keys {
		v := p.valves[i]
		if v != nil {
			v.under--
			if p.probe[i] {
				v.probes--
			}
		} else if v = all.by[key]; v == nil {
			v = &valve{}
		}
		valves[i], v.used = v, now
	}
	d.tell(valves, p.probe, e, asked, now)
	for i, key := range p.keys {
		valves[i].turn(now)
		if all.by[key] == nil && !valves[i].quiet(now) {
			all.keep(key, valves[i], now)
		}
	}
	shut, limited := valves[ofHost].when(now), asked.code == fault.RateLimited && !asked.narrow
	all.mu.Unlock()
	if limited {
		d.client.tellLimited(d.connection, shut)
	}
}

// tell gives each valve what it is to know of an ending. A host that answers badly, or not, is there: only its step's valve
// hears of that. One that could not be reached says nothing of any step.
func (d *doing) tell(valves [valveKinds]*valve, probe [valveKinds]bool, e ending, asked plea, now time.Time) {
	host, step := valves[ofHost], valves[ofStep]
	if e.reach == met {
		host.well(probe[ofHost])
	}
	switch {
	case e.reach == unmet:
		host.failed(now)
	case asked.narrow: // it waits, and nothing else does
	case asked.code != "" && asked.step:
		step.heed(asked, now)
	case asked.code != "":
		host.heed(asked, now)
	case unanswering(e.err) || e.err == nil && e.resp.Status >= 500 && e.resp.Status != 501:
		step.failed(now)
	case e.err == nil && redirects(e.resp): // what it leads to tells
		step.half(probe[ofStep])
		host.good(now, probe[ofHost])
	case e.err == nil:
		step.good(now, probe[ofStep])
		host.good(now, probe[ofHost])
	}
	if e.err == nil {
		host.read(d.client.cfg.Connectors.Limits(d.connector.ID).Headers, e.resp, d.client.cfg.Now(), now)
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

// keep remembers a valve. When there are too many those go that say nothing, and of the others those that were not needed
// for the longest.
func (all *valves) keep(key string, v *valve, now time.Time) {
	if len(all.by) >= maxValves {
		maps.DeleteFunc(all.by, func(_ string, old *valve) bool { return old.quiet(now) })
	}
	if len(all.by) >= maxValves {
		var idle []string
		for k, old := range all.by {
			if old.idle() {
				idle = append(idle, k)
			}
		}
		slices.SortFunc(idle, func(a, b string) int { return all.by[a].used.Compare(all.by[b].used) })
		for _, k := range idle[:min(len(idle), maxValves/4)] {
			delete(all.by, k)
		}
	}
	all.by[key] = v
}

// unanswering says that an error means that no answer came, or not all of it.
func unanswering(err error) bool {
	var own *fault.Error
	var full *crowded
	return !errors.As(err, &full) && errors.As(err, &own) && (own.Code == fault.Unavailable || own.Code == fault.Timeout)
}
