// Package sim plays lives of an installation: the real engine over a fake disk, a fake network and a fake clock, with
// everything that can go wrong drawn from a seed. A seed gives the same scenarios, events, answers, crashes and faults each
// time; which goroutine goes first, and the ids, are not drawn, so a failure may need its seed played a few times.
//
// In a life events come in, some twice, and people and other systems signal, decide, resume and cancel. Processes die before or
// after a commit or a call, are stopped, or are cut off from their lease and live on beside the next one. Commits fail, or are
// kept and their answer is lost; questions to the disk go unanswered; the disk does not work for a while. In the end whatever
// a run waits for is given to it. What must hold, in every life:
//
//   - An event that was accepted is durable then, and has its run; one with a dedupe key has one, however often it is sent.
//   - A run ends, or stands until somebody acts: it is never held back by nothing, never deaf to what it was told, and never
//     somebody's who does not move it.
//   - A journal is what was committed, numbered from 1 without a gap, takes a signal once, and folds to the stored row.
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

// Live plays the life of a seed over the stores that open makes, and fails the test where something in it must not be. It
// gives the log of what happened.
func Live(t *testing.T, seed uint64, open func(t *testing.T) Store) {
	t.Helper()
	p, err := newPlan(seed)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	l := play(t, p, false, open)
	if len(l.bad) == 0 && p.calm {
		plain := play(t, p, true, open)
		if want, got := plain.outcome(), l.outcome(); got != want || len(plain.bad) > 0 {
			l.bad = append(l.bad, "it ends otherwise than without what went wrong:\n"+differ(want, got))
			l.bad = append(l.bad, plain.bad...)
		}
	}
	if len(l.bad) > 0 {
		t.Errorf("seed %d:\n%s", seed, l.report())
	}
}

// longest is how long a life may take of the time outside: one that takes longer never ends.
const longest = time.Minute

func play(t *testing.T, p *plan, undisturbed bool, open func(t *testing.T) Store) *life {
	l := newLife(p, undisturbed)
	watch := time.AfterFunc(longest, func() { panic(fmt.Sprintf("the life of seed %d does not end:\n%s", p.seed, l.report())) })
	defer watch.Stop()
	synctest.Test(t, func(t *testing.T) { l.live(open(t)) })
	return l
}
