package run

import (
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// StepStatus is where a step of a run stands.
type StepStatus string

const (
	StepIsWaiting   StepStatus = "waiting"
	StepIsRunning   StepStatus = "running"
	StepIsRetrying  StepStatus = "retrying"
	StepIsSucceeded StepStatus = "succeeded"
	StepIsFailed    StepStatus = "failed"
	StepIsIgnored   StepStatus = "ignored"
	StepIsSkipped   StepStatus = "skipped"
	StepIsUncertain StepStatus = "uncertain"
	StepIsCancelled StepStatus = "cancelled"
	StepIsUnknown   StepStatus = "unknown" // it began, and what became of it stands in a part of the journal that was left out
)

// Step is what a journal says of one step.
type Step struct {
	Path      string
	Status    StepStatus
	Attempts  int // the calls that were made, also those that a crash made again, without those that were held and not sent
	Input     any
	Output    any
	Failure   *Failure
	Exchange  *Exchange
	StartedAt time.Time // zero: it never began
	EndedAt   time.Time // zero: it has not ended
	Until     time.Time // when it goes on by itself, of one that waits or is tried again; zero: nothing is known of that

	lost   bool // its call was in flight when the process died, and nothing was heard of it since
	held   int  // how many of its attempts were, and sent nothing
	repeat int  // how many of its calls were made again for that, beyond its numbered attempts

	was StepStatus // of one that is unknown: what it was when it was last heard of
}

// Steps folds a journal into its steps, in the order they were first heard of. Where entries are left out between the first and
// the last, a step that moved before them is unknown, unless it or a step inside it is heard of again.
func Steps(entries []Entry) []Step {
	var out []Step
	place, cut := map[string]int{}, false
	for i := range entries {
		e := &entries[i]
		if e.Kind == StepKept { // it says nothing new
			continue
		}
		gap := i > 0 && e.Seq > entries[i-1].Seq+1
		if cut = cut || gap; gap {
			lose(out, false)
		}
		if cut {
			find(out, place, e.Path)
		}
		if cut && (e.Kind == RunSucceeded || e.Kind == RunFailed || e.Kind == RunCancelled) {
			lose(out, true)
		}
		if e.Path == "" || e.Kind == ItemEnded || e.Kind == RoundStarted || e.Kind == LoopMarked || e.Kind == StepUndoing {
			continue
		}
		at, known := place[e.Path]
		if !known {
			at = len(out)
			place[e.Path] = at
			out = append(out, Step{Path: e.Path})
		}
		out[at].take(e)
	}
	for i := range out {
		out[i].again(nil)
		out[i].Attempts = max(0, out[i].Attempts+out[i].repeat-out[i].held)
	}
	return out
}

// lose makes the steps unknown that have no end, where entries are left out or, for all of them, where the run ended after that:
// till then one that waits for somebody or something may still do so.
func lose(steps []Step, all bool) {
	for i := range steps {
		s := &steps[i]
		if s.EndedAt.IsZero() && s.Status != StepIsUnknown && (all || s.Status == StepIsRunning || s.Status == StepIsRetrying) {
			s.was, s.Status, s.Until = s.Status, StepIsUnknown, time.Time{}
		}
	}
}

// find takes a step, and those around it, for what they were before entries were left out: more is heard of it.
func find(steps []Step, place map[string]int, path string) {
	for ; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if at, ok := place[path]; ok && steps[at].Status == StepIsUnknown {
			steps[at].Status = steps[at].was
		}
	}
}

// again counts a call that was lost with the process, when the next is heard of its step: it was made again, unless the step was
// ended for it. nil: nothing was heard yet, and it is in flight.
func (s *Step) again(e *Entry) {
	if s.lost && (e == nil || e.Kind != StepCancelled && e.Kind != StepStarted && (e.Failure == nil || e.Failure.Class != string(fault.Uncertain))) {
		s.repeat++
	}
	s.lost = false
}

func (s *Step) take(e *Entry) {
	s.again(e)
	s.lost = e.Kind == StepLost
	if e.Attempt > s.Attempts {
		s.Attempts = e.Attempt
	}
	if e.Failure != nil {
		s.Failure = e.Failure
		if e.Failure.Held {
			s.held++
		}
	}
	if e.Exchange != nil {
		s.Exchange = e.Exchange
	}
	s.Until = time.Time{}
	if (e.Kind == StepWaiting || e.Kind == StepRetrying) && !e.Until.Equal(Never()) {
		s.Until = e.Until
	}
	status, ended := statusAfter(e.Kind)
	if status != "" {
		s.Status = status
	}
	if ended {
		s.EndedAt, s.Output = e.At, e.Output
		if status == StepIsSucceeded {
			s.Failure = nil
		}
		return
	}
	s.EndedAt = time.Time{}
	if s.StartedAt.IsZero() {
		s.StartedAt = e.At
	}
	if e.Kind == StepStarted && e.Input != nil {
		s.Input = e.Input
	}
}

// statusAfter is where a step stands after an entry of a kind, and whether that is its end.
func statusAfter(k Kind) (status StepStatus, ended bool) {
	switch k {
	case StepStarted, StepHandling, StepLost, StepResumed:
		return StepIsRunning, false
	case StepWaiting:
		return StepIsWaiting, false
	case StepRetrying:
		return StepIsRetrying, false
	case StepParked:
		return StepIsFailed, false
	case StepUncertain:
		return StepIsUncertain, false
	case StepSucceeded:
		return StepIsSucceeded, true
	case StepFailed:
		return StepIsFailed, true
	case StepIgnored:
		return StepIsIgnored, true
	case StepSkipped:
		return StepIsSkipped, true
	case StepCancelled:
		return StepIsCancelled, true
	}
	return "", false
}
