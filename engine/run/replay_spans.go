package run

import (
	"slices"
	"strconv"
	"strings"
)

// What ReplayOf gives of steps around others, beside how they ended.
const (
	Kept    = "kept"    // the status of a step inside one that is taken over as a whole, at KeptAt: later steps see its output
	InRound = "round"   // the status of a repeat around the step that is replayed from, and the name of the round's number
	Entered = "entered" // the status of a router around it, with the "branches" that it took
	Handled = "handled" // the status of a step in whose on_error it is, and the name of the failure that was handled
)

// KeptAt is the path at which ReplayOf gives what a step inside another gave: none that a step has.
func KeptAt(around, id string) string { return around + "[*]." + id }

// spans is what a journal says of steps around others.
type spans struct {
	entries []Entry
	rounds  map[string]bool     // by the path of the round
	taken   map[string][]string // the branches of a router
	failed  map[string]*Failure // what was handled
	works   map[string]bool     // other steps are inside, and not its on_error's alone
	wholes  map[string]bool     // it is taken over as a whole
	kept    map[string]int      // of which steps what is inside is kept, as so many entries say
}

// newSpans reads the first n entries, and of the one behind them whether a round begins with it.
func newSpans(all []Entry, n int) *spans {
	entries := all[:n]
	s := &spans{entries: entries, rounds: map[string]bool{}, taken: map[string][]string{}, failed: map[string]*Failure{}, works: map[string]bool{}, wholes: map[string]bool{}, kept: map[string]int{}}
	for i := range entries {
		switch e := &entries[i]; e.Kind {
		case RoundStarted:
			s.rounds[e.Path] = true
		case StepStarted:
			if e.Taken != nil {
				s.taken[e.Path] = e.Taken
			}
			s.works[e.Path] = e.Attempt == 0
			delete(s.failed, e.Path)
		case StepHandling:
			s.failed[e.Path] = e.Failure
		}
	}
	if n < len(all) && all[n].Kind == RoundStarted {
		s.rounds[all[n].Path] = true
	}
	return s
}

// enter adds how far a step around the one that is replayed from had come when that began: so that it is met again, whatever the
// conditions around it say by now.
func (s *spans) enter(steps map[string]any, path, from string) {
	n, in := IndexIn(from, path)
	round := path + "[" + strconv.Itoa(n) + "]"
	switch {
	case s.failed[path] != nil:
		steps[path] = map[string]any{"status": Handled, "error": s.failed[path].Value()}
		s.kept[path] = len(s.entries)
	case in && s.rounds[round]:
		steps[path] = map[string]any{"status": InRound, InRound: n}
		if s.kept[path] = slices.IndexFunc(s.entries, func(e Entry) bool { return e.Kind == RoundStarted && e.Path == round }); s.kept[path] < 0 {
			s.kept[path] = len(s.entries)
		}
	case s.taken[path] != nil:
		branches := make([]any, len(s.taken[path]))
		for i, id := range s.taken[path] {
			branches[i] = id
		}
		steps[path] = map[string]any{"status": Entered, "branches": branches}
	}
}

// whole takes a step over that ended, with all that is inside. given is how it ended.
func (s *spans) whole(given map[string]any, path string) {
	s.kept[path], s.wholes[path] = len(s.entries), true
	if f := s.failed[path]; f != nil {
		given[Handled] = f.Value()
	}
}

// within says that a step lies in one that is taken over as a whole.
func (s *spans) within(path string) bool {
	for i := range path {
		if s.wholes[path[:i]] && (path[i] == '.' || path[i] == '[') {
			return true
		}
	}
	return false
}

// keep adds what steps behind those that are taken over see of those inside them.
func (s *spans) keep(steps map[string]any) {
	if len(s.kept) == 0 {
		return
	}
	for i := range s.entries {
		e := &s.entries[i]
		if n, ok := s.kept[e.Path]; ok && i < n && e.Kind == LoopMarked { // it says all that counts
			for at := range steps {
				if strings.HasPrefix(at, KeptAt(e.Path, "")) {
					delete(steps, at)
				}
			}
		}
		for cut := range e.Path {
			around := e.Path[:cut]
			if n, ok := s.kept[around]; ok && i < n && (e.Path[cut] == '.' || e.Path[cut] == '[') {
				s.see(steps, around, e)
			}
		}
	}
}

// see notes what an entry says of a step inside another.
func (s *spans) see(steps map[string]any, around string, e *Entry) {
	at := KeptAt(around, stepID(e.Path))
	switch {
	case e.Kind == StepSkipped:
		delete(steps, at)
	case (e.Kind == StepKept || e.Kind == StepSucceeded || e.Kind == StepIgnored) && s.shows(e.Path, around):
		if delete(steps, at); e.Output == nil {
			return
		}
		given := givenOf(Kept, e.Output)
		if e.Hidden != nil {
			given["hidden"] = e.Hidden.Value()
		}
		steps[at] = given
	}
}

// shows says that a step inside another stands in no loop there but repeats: what those inside give is seen after them.
func (s *spans) shows(path, around string) bool {
	for i := len(around); i < len(path); i++ {
		if path[i] == ']' && !s.rounds[path[:i+1]] {
			return false
		}
	}
	return true
}
