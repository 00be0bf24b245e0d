package subscribe

import (
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// step is what is done next for a trigger.
type step int

const (
	nothing  step = iota
	create        // keep that one is wanted
	register      // ask the vendor for it
	renew         // ask the vendor to let it last
	check         // see whether it stands
	drop          // the vendor has it no more
	note          // keep what the vendor told
	remove        // ask the vendor to forget it
	forget        // let go of what is kept of it
)

// task is a step for a trigger, about one of its subscriptions but for create.
type task struct {
	step step
	sub  run.Subscription
	at   place
	want *want // nil: the trigger is gone
}

func (t task) app() string {
	uses := t.sub.Uses
	if t.want != nil {
		uses = t.want.trigger.Uses
	}
	app, _, _ := strings.Cut(uses, ".")
	return app
}

// decide says what is done next for a trigger, of which w is wanted and these subscriptions are kept, and if nothing is,
// when to look again. At most one stands for what is wanted; a new one stands before an old one goes, except where the
// vendor takes one only.
func decide(w *want, rows []run.Subscription, now time.Time) (task, time.Time) {
	p := plan{now: now}
	var current *run.Subscription
	var others []run.Subscription
	for i := range rows {
		s := &rows[i]
		switch {
		case s.State == run.Left:
			if p.due(s.NextAt) {
				return task{step: forget, sub: *s}, time.Time{}
			}
		case current == nil && w.fits(s, now):
			current = s
		default:
			others = append(others, *s)
		}
	}
	switch {
	case w == nil || w.sandbox:
	case w.hinder != nil && (current == nil || current.State == run.Wanted): // what stood goes on as long as it can
		return task{}, p.next
	case current == nil || current.State == run.Wanted:
		if w.spec.Alone {
			if t := p.first(others, w); t.step != nothing || p.blocked {
				return t, p.next
			}
		}
		if current == nil {
			return task{step: create}, time.Time{}
		}
		if p.due(current.NextAt) || mended(current, w) {
			return task{step: register, sub: *current}, time.Time{}
		}
		return task{}, p.next
	}
	for _, s := range others {
		if p.due(removal(&s)) || mended(&s, w) {
			return task{step: remove, sub: s}, time.Time{}
		}
	}
	if current != nil {
		if t := p.keep(current, w); t.step != nothing {
			return t, time.Time{}
		}
	}
	return task{}, p.next
}

// plan gathers when to look again.
type plan struct {
	now     time.Time
	next    time.Time // zero: there is nothing to wait for
	blocked bool      // something that must go first is waited for
}

// due says that a time has come; one that has not is looked at again then.
func (p *plan) due(at time.Time) bool {
	if at.After(p.now) {
		if p.next.IsZero() || at.Before(p.next) {
			p.next = at
		}
		return false
	}
	return true
}

// patience is how often a vendor is asked to remove what stands in the way of a new one, before that is tried all the same.
const patience = 3

// first removes what the vendor does not take a second of.
func (p *plan) first(others []run.Subscription, w *want) task {
	for _, s := range others {
		if s.State == run.Leaving && s.Attempts >= patience {
			continue
		}
		p.blocked = true
		if p.due(removal(&s)) || mended(&s, w) {
			return task{step: remove, sub: s}
		}
	}
	return task{}
}

// removal is when a subscription's removal is tried: at once, or when the last try says.
func removal(s *run.Subscription) time.Time {
	if s.State == run.Leaving {
		return s.NextAt
	}
	return time.Time{}
}

// keep says what a subscription needs that stands.
func (p *plan) keep(s *run.Subscription, w *want) task {
	ended := !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(p.now.Add(shortly))
	switch {
	case s.Told == run.ToldRemoved || ended:
		return task{step: drop, sub: *s}
	case s.Told == run.ToldMissed:
		return task{step: note, sub: *s}
	case s.Told == "" && !p.due(s.NextAt) && !mended(s, w):
		return task{}
	case !s.ExpiresAt.IsZero():
		return task{step: renew, sub: *s}
	}
	return task{step: check, sub: *s}
}

// mended says that a connection was mended after it failed a subscription.
func mended(s *run.Subscription, w *want) bool {
	return w != nil && s.Class != "" && s.Connection == w.connection.Slug && w.connection.Since > s.TriedAt.UnixMilli()
}

// fits says that a subscription is for what is wanted. One that cannot be renewed makes way before it ends.
func (w *want) fits(s *run.Subscription, now time.Time) bool {
	if w == nil || w.sandbox || s.State == run.Leaving || s.Told == run.ToldReplace || s.Purpose != w.purpose {
		return false
	}
	return s.State != run.SubscriptionLive || s.ExpiresAt.IsZero() || w.spec.Renew != nil || s.NextAt.After(now)
}

// look is when a subscription that stands is seen to next: before it ends, or every so often.
func look(s *run.Subscription, spec *actions.Subscribe, now time.Time) time.Time {
	if s.ExpiresAt.IsZero() {
		return now.Add(checkEach - spread(s.ID, checkEach/4))
	}
	at := s.ExpiresAt.Add(-spec.Before - spread(s.ID, spec.Before/4))
	if !at.After(now) { // the vendor gave it less time than it was asked for
		at = now.Add(max(s.ExpiresAt.Sub(now)/2, 0))
	}
	return at
}

// spread is a time that each subscription has for itself, below a bound.
func spread(id string, below time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(id))
	return time.Duration(h.Sum64() % uint64(max(below, 1)))
}

// pause is how long to wait after tries that failed.
func pause(attempts int, err error) time.Duration {
	wait := mostFail
	if attempts < 10 {
		wait = min(afterFail<<(attempts-1), mostFail)
	}
	var told *fault.Error
	if errors.As(err, &told) {
		wait = max(wait, told.RetryAfter)
	}
	return wait
}
