package schedule

import (
	"container/heap"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/triggers"
)

// planned is a live schedule and where it stands.
type planned struct {
	trigger *triggers.Trigger
	plan    *Plan
	place
	next time.Time // when it is looked at again; zero: never
}

// place is how far a schedule has come. What fired lies at or before top and not within the hole, so a clock that is set
// back, by however much, fires nothing again, and that does not hang on how long dedupe keys are kept.
//
// The hole is what a clock that was far ahead leaves behind: nothing within it has fired. So when the clock is put right the
// schedule goes on there, and does not wait until it gets to where the wrong clock was.
type place struct {
	stands time.Time // the last planned time dealt with
	top    time.Time // the latest that fired, or from when on it counts
	hole   hole
}

// hole lies between two planned times that fired; in it none did.
type hole struct{ from, to time.Time }

func (h hole) has(at time.Time) bool { return at.After(h.from) && at.Before(h.to) }

// fired says that a planned time may have fired already.
func (p place) fired(at time.Time) bool { return !at.After(p.top) && !p.hole.has(at) }

// reach is the place after a planned time has fired that had not.
func (p place) reach(plan *Plan, at time.Time) place {
	switch {
	case p.hole.has(at):
		p.hole.from = at
	case plan.Next(p.top).Before(at):
		p.hole = hole{p.top, at}
	}
	p.stands, p.top = at, later(p.top, at)
	return p
}

// begin leaves out what was planned before a time.
func (p *place) begin(since time.Time) {
	p.stands, p.top = later(p.stands, since), later(p.top, since)
}

// resume says when the schedule is looked at next. Where the clock stands in the hole again it goes on there: what is behind
// it in the hole was missed, as anything else at which Stepmill was not running.
func (p *planned) resume(now time.Time) {
	if p.stands.After(now) && !now.Before(p.hole.from) && now.Before(p.hole.to) {
		p.stands = later(p.hole.from, p.trigger.Since)
	}
	p.next = p.plan.Next(p.stands)
}

// String is the place as it is kept: top, and the ends of the hole where there is one.
func (p place) String() string {
	text := p.top.Format(time.RFC3339Nano)
	if !p.hole.to.IsZero() {
		text += " " + p.hole.from.Format(time.RFC3339Nano) + " " + p.hole.to.Format(time.RFC3339Nano)
	}
	return text
}

func readPlace(text string) (p place, err error) {
	parts := strings.Fields(text)
	if len(parts) != 1 && len(parts) != 3 {
		return p, fault.New(fault.Internal, "%q is no place of a schedule.", fault.Clip(text, 100))
	}
	var times [3]time.Time
	for i, part := range parts {
		if times[i], err = time.Parse(time.RFC3339, part); err != nil {
			return p, err
		}
	}
	return place{stands: times[0], top: times[0], hole: hole{times[1], times[2]}}, nil
}

// queue is a heap of schedules by when they are looked at again.
type queue []*planned

func queueOf(table map[string]*planned) queue {
	q := make(queue, 0, len(table))
	for _, p := range table {
		if !p.next.IsZero() {
			q = append(q, p)
		}
	}
	heap.Init(&q)
	return q
}

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].next.Before(q[j].next) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*planned)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return last
}
