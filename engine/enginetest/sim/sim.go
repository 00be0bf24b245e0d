// Package sim plays lives of an installation: the real engine over a fake disk, a fake network and a fake clock, with
// everything that can go wrong drawn from a seed. A seed gives the same scenarios, events, answers, crashes and faults each
// time; which goroutine goes first of those that could at one moment, and the ids, are not drawn, since Go draws them anew each
// time, so a failure may need its seed played a few times.
//
// In a life events come in, some twice, and people and other systems signal, decide, resume and cancel. Processes die before or
// after a commit or a call, are stopped, or are cut off from their lease and live on beside the next one. Commits fail, or are
// kept and their answer is lost; questions to the disk go unanswered; the disk does not work for a while. In the end whatever
// a run waits for is given to it. What must hold, in every life:
//
//   - An event that was accepted is durable then, and has its run; one with a dedupe key has one, however often it is sent.
//   - A run ends, or stands until somebody acts: it is never held back by nothing, never deaf to what it was told, and never
//     somebody's who does not move it.
//   - A journal is what was committed, numbered from 1 without a gap but for what a mark let go of, takes a signal once, and folds to the stored row.
//   - A call that changes something is made only when its intent is durable, with the one key of its run and path.
//   - A call of effect once whose outcome nobody knows is not made again unless a person has spoken on it.
//   - Of a line each run begins when the one before has ended; no more runs of a trigger move at once than its concurrency.
//   - The feed is told of growing positions; the engine never asks for the time without end.
//   - A life in which nothing depends on time ends as it does when nothing goes wrong.
package sim

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// World is what some lives have in common: their scenarios, and in a calm one, where nothing depends on time, their events. It
// is drawn from a number below 2^32. Its lives are numbered from 0 to PerWorld-1, and all else is drawn for each. A seed names
// both: the world in its lower half, the life in its upper half.
type World struct {
	number   uint64
	plan     *plan // of its first life
	programs map[string]compiled
	plain    string   // of a calm one, when it was asked for: how a life ends in which nothing goes wrong
	bad      []string // what was wrong in that
}

// PerWorld is how many lives a world has: its scenarios are compiled once, and what is expected of a calm one is played once.
const PerWorld = 16

// NewWorld draws a world.
func NewWorld(number uint64) (*World, error) {
	w := &World{number: number}
	var err error
	if w.plan, err = newPlan(number, nil); err != nil {
		return nil, err
	}
	w.programs, err = w.plan.compile()
	return w, err
}

// Seed gives the seed of one of its lives.
func (w *World) Seed(n uint64) uint64 { return w.number | n<<32 }

// planOf gives what is drawn of one of its lives.
func (w *World) planOf(n uint64) (*plan, error) {
	if n == 0 {
		return w.plan, nil
	}
	return newPlan(w.Seed(n), w.plan)
}

// Live plays the life of a seed over the stores that open makes, and fails the test where something in it must not be.
func Live(t *testing.T, seed uint64, open func(t *testing.T) Store) {
	t.Helper()
	w, err := NewWorld(seed & lower)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	w.Live(t, seed>>32, open)
}

// Live plays one of its lives, as the function of the same name does.
func (w *World) Live(t *testing.T, n uint64, open func(t *testing.T) Store) {
	t.Helper()
	p, err := w.planOf(n)
	if err != nil {
		t.Fatalf("seed %d: %v", w.Seed(n), err)
	}
	l := w.play(t, p, open)
	if len(l.bad) == 0 && p.calm {
		if w.plain == "" {
			plain := w.play(t, w.plan.undisturbed(), open)
			w.plain, w.bad = plain.outcome(), plain.bad
		}
		if got := l.outcome(); got != w.plain || len(w.bad) > 0 {
			l.bad = append(l.bad, "it ends otherwise than without what went wrong:\n"+differ(w.plain, got))
			l.bad = append(l.bad, w.bad...)
		}
	}
	if len(l.bad) > 0 {
		t.Errorf("seed %d:\n%s", p.seed, l.report())
	}
}

// longest is how long a life may take of the time outside: one that takes longer never ends.
const longest = time.Minute

func (w *World) play(t *testing.T, p *plan, open func(t *testing.T) Store) *life {
	l := newLife(p, w.programs)
	watch := time.AfterFunc(longest, func() { panic(fmt.Sprintf("the life of seed %d does not end:\n%s", p.seed, l.report())) })
	defer watch.Stop()
	synctest.Test(t, func(t *testing.T) { l.live(open(t)) })
	return l
}
