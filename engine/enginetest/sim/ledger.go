package sim

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
)

// ledger is what the simulator knows to be durable, noted beside the store: the store is held to it in the end, and the
// network while it goes on.
type ledger struct {
	mu      sync.Mutex
	stories map[string]*story
	order   []string // of the runs, as they became durable
	commits int      // that changed anything
}

// story is what a run has durably been through.
type story struct {
	run     run.Run // as it was when it was accepted
	label   string  // tells the runs of a life apart, the same in every world: "2", "2>s3#1"
	entries []run.Entry
	started map[attempt]bool // the intent of a call is durable
	answers map[attempt]bool // what became of the call is known
	ended   bool
	short   bool             // its stored journal was shortened
	end     *machine.Machine // where its stored journal leaves it; nil before the end
}

// attempt is one call of a step.
type attempt struct {
	path string
	n    int
}

func newLedger() *ledger { return &ledger{stories: map[string]*story{}} }

// note takes in what a commit kept.
func (l *ledger) note(writes []*run.Write, errs []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, w := range writes {
		switch {
		case errs[i] != nil:
		case w.Accept != nil:
			l.accept(w.Accept)
		case w.Intake != nil:
			for _, a := range w.Intake.Accepts {
				l.accept(a)
			}
		case w.Append != nil:
			l.append(w.Append)
		default:
			l.commits++
		}
	}
}

func (l *ledger) accept(a *run.Accept) {
	if a.Run == nil || a.FirstEvent != "" {
		return
	}
	l.commits++
	s := &story{run: *a.Run, started: map[attempt]bool{}, answers: map[attempt]bool{}}
	if parent := l.stories[a.Run.Parent]; parent != nil {
		s.label = parent.label + ">" + parent.calls(a.Run.ID)
	} else {
		s.label = strings.TrimPrefix(a.Event.Source, "event ")
	}
	s.add(a.Entries)
	l.stories[a.Run.ID] = s
	l.order = append(l.order, a.Run.ID)
}

// calls names the step and the attempt that called a run.
func (s *story) calls(child string) string {
	for _, e := range s.entries {
		if e.Child == child {
			return try(e.Path, e.Attempt)
		}
	}
	return "on_failure"
}

func try(path string, n int) string { return path + "#" + strconv.Itoa(n) }

func (l *ledger) append(a *run.Append) {
	s := l.stories[a.Run.ID]
	l.commits += len(a.Entries)
	s.add(a.Entries)
	s.ended = s.ended || a.Run.Status.Ended()
	for _, start := range a.Starts {
		l.accept(start)
	}
}

func (s *story) add(entries []run.Entry) {
	if s.entries == nil {
		s.entries = make([]run.Entry, 0, 16)
	}
	s.entries = append(s.entries, entries...)
	for i := range entries {
		switch e := &entries[i]; e.Kind {
		case run.StepStarted:
			s.started[attempt{e.Path, e.Attempt}] = true
		case run.StepSucceeded, run.StepFailed, run.StepIgnored, run.StepRetrying, run.StepHandling, run.StepParked:
			if e.Failure == nil || e.Failure.Class != string(fault.Uncertain) {
				s.answers[attempt{e.Path, e.Attempt}] = true
			}
		}
	}
}

// kept gives entries of a run that were committed as they stand here, where nobody changes them.
func (l *ledger) kept(id string, entries []run.Entry) []run.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.stories[id]; s != nil && len(entries) > 0 {
		if from, to := entries[0].Seq-1, entries[len(entries)-1].Seq; from >= 0 && from <= to && to <= int64(len(s.entries)) {
			return s.entries[from:to:to]
		}
	}
	return slices.Clone(entries)
}

// label names a run; "" where it is not known.
func (l *ledger) label(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.stories[id]; s != nil {
		return s.label
	}
	return ""
}

// intends says that the intent of a call is durable, and knows that its answer is.
func (l *ledger) intends(id, path string, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stories[id]
	return s != nil && s.started[attempt{path, n}]
}

func (l *ledger) knows(id, path string, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stories[id]
	return s != nil && s.answers[attempt{path, n}]
}

// runs lists the runs, in the order they became durable; open ones only where it says so.
func (l *ledger) runs(open bool) []*story {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*story
	for _, id := range l.order {
		if s := l.stories[id]; !open || !s.ended {
			out = append(out, s)
		}
	}
	return out
}

// story gives what is known of a run.
func (l *ledger) story(id string) (story, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.stories[id]
	if !ok {
		return story{}, false
	}
	out := *s
	out.entries = slices.Clip(s.entries) // more may come, and none of these changes
	return out, true
}

func (l *ledger) progress() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.commits
}
