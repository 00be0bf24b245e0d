package engine

import (
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// compute makes the calls that have no effect outside, and lets the machine decide what follows. It is false when the run
// is no longer this process's.
func (t *task) compute() bool {
	began := time.Now()
	for len(t.local) > 0 || t.more && !t.crowded() {
		if len(t.local) == 0 {
			t.more = false
			t.take(t.m.Advance(t.e.now()))
		} else {
			call := t.local[0]
			t.local[0] = nil
			t.local = t.local[1:]
			t.complete(call)
			t.answered(call.Path, call.Attempt, t.invoke(t.ctx, call, t.light))
		}
		if len(t.buffer) < mostBuffered && t.heavy < mostHeavy && time.Since(began) < computesFor {
			continue
		}
		if began = time.Now(); len(t.held) > 0 {
			return true // the commit that they need comes first
		}
		if !t.commit(false) {
			return false
		}
		t.listen()
		if t.draining() {
			break
		}
	}
	return true
}

// lingers says that a run that waits stays in memory a little: taking it in again folds its whole journal, so the longer that is the
// longer it stays.
func (t *task) lingers() bool {
	if t.draining() || t.m.Status() != run.Waiting || t.run.Limit > 0 || !t.e.places.plenty() {
		return false
	}
	now, worth := t.e.now(), min(time.Duration(t.m.Kept())*lingersEach, lingersMost)
	if due := t.m.Due(); !due.IsZero() && due.Sub(now) <= max(worth, lingersFor) {
		return true
	}
	if t.m.Away() == 0 && worth < lingersFor {
		t.stayed = time.Time{}
		return false
	}
	if t.stayed.IsZero() {
		t.stayed = now.Add(max(worth, lingersFor))
	}
	return now.Before(t.stayed)
}

const (
	aheadFor    = 5 * time.Millisecond   // of computing, while a sender waits
	computesFor = 100 * time.Millisecond // without a look at what others say
	lingersFor  = time.Second
	lingersEach = time.Millisecond // for each entry of its journal: some hundred times what it takes to fold it
	lingersMost = 10 * time.Minute
)

// mostBuffered bounds what a run that only computes keeps in memory, and how long nobody sees of it.
const mostBuffered = 2000

// mostHeavy bounds it in bytes: values that are not large enough to be kept apart, many of them.
const mostHeavy = 8 << 20

// weigh adds up what entries hold, of a run that computes on and on.
func (t *task) weigh(entries []run.Entry) {
	if len(t.buffer) < 32 {
		return
	}
	for i := range entries {
		t.heavy += value.Size(entries[i].Input, apartFrom) + value.Size(entries[i].Output, apartFrom)
	}
}

// drive moves the run until it ends, waits, or is abandoned.
func (t *task) drive() {
	for {
		if !t.compute() {
			return
		}
		// What was decided after the last word from outside is decided again; a call that was decided before it is made.
		if t.draining() && len(t.calls) == 0 && (len(t.held) == 0 || t.heldAt >= t.safe) {
			t.leaveOff()
			return
		}
		t.ending()
		computes := len(t.local) > 0 || t.more && !t.crowded()
		idle := len(t.calls) == 0 && len(t.held) == 0 && !computes
		if idle && t.lingers() {
			if !t.commit(false) || t.lingers() && !t.wait() { // the commit may have taken longer than it stays
				return
			}
			continue
		}
		if len(t.held) > 0 || idle {
			if !t.commit(idle) || idle {
				return
			}
			for _, call := range t.held {
				t.start(call)
			}
			t.held = t.held[:0]
		}
		if computes {
			t.listen()
		} else if !t.wait() {
			return
		}
	}
}

// listen hears what others tell a run that only computes.
func (t *task) listen() {
	select {
	case msg := <-t.inbox:
		t.tell(msg)
	case <-t.poke:
		t.fetch()
	case r := <-t.reply:
		t.replied(r)
	default:
	}
	if due := t.m.Due(); !due.IsZero() && !due.After(t.e.now()) {
		t.take(t.m.Wake(t.e.now()))
	}
}

// draining says that no further effect may begin.
func (t *task) draining() bool {
	select {
	case <-t.e.stop:
		return !t.m.Status().Ended()
	default:
		return false
	}
}

// leaveOff keeps what stands on something from outside and gives the run up; what else was decided is decided again
// when it is taken in next.
func (t *task) leaveOff() {
	if len(t.held) > 0 {
		t.buffer = t.buffer[:min(t.safe, len(t.buffer))]
		t.starts, t.others = t.starts[:min(t.safeStarts, len(t.starts))], t.others[:min(t.safeOthers, len(t.others))]
	}
	t.commit(true)
}

// wait blocks until something happens to the run. It is false when the run is abandoned.
func (t *task) wait() bool {
	t.unload()
	timer := time.NewTimer(t.nextTimer())
	defer timer.Stop()
	select {
	case r := <-t.reply:
		t.replied(r)
		for { // what else has come in meanwhile shares the commit
			select {
			case r := <-t.reply:
				t.replied(r)
				continue
			default:
			}
			return true
		}
	case msg := <-t.inbox:
		t.tell(msg)
		return t.commit(false)
	case <-t.poke:
		t.fetch()
	case <-timer.C:
		return t.timer()
	case <-t.e.stopFor(t):
	case <-t.ctx.Done():
		return false
	}
	return true
}

// stopFor is the engine's stop signal as long as the run has not taken notice.
func (e *Engine) stopFor(t *task) <-chan struct{} {
	if t.draining() {
		return nil
	}
	return e.stop
}

// nextTimer is how long nothing will happen by itself.
func (t *task) nextTimer() time.Duration {
	next := time.Hour
	now := t.e.now()
	if due := t.m.Due(); !due.IsZero() {
		next = min(next, due.Sub(now))
	}
	if !t.cutAt.IsZero() {
		next = min(next, t.cutAt.Sub(now))
	}
	if len(t.buffer) > 0 {
		next = min(next, showAfter)
	}
	if now.Before(t.stayed) {
		next = min(next, t.stayed.Sub(now))
	}
	return max(next, 0)
}

func (t *task) timer() bool {
	now := t.e.now()
	if !t.cutAt.IsZero() && !now.Before(t.cutAt) {
		t.cutAt = time.Time{}
		t.take(t.m.Force(now))
		return true
	}
	if due := t.m.Due(); !due.IsZero() && !due.After(now) {
		t.take(t.m.Wake(now))
		return true
	}
	if len(t.buffer) > 0 { // a read is slow: show that it runs
		return t.commit(false)
	}
	return true
}
