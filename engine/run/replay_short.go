package run

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// What ReplayOf gives of a repeat whose journal was shortened, beside how it and the steps of its newest round ended.
const (
	Kept    = "kept"  // the status of a step inside it whose output later ones see
	InRound = "round" // the status of the repeat that the replay begins inside of, and the name of the round's number
)

// shortLoop is a repeat of whose rounds a journal has the newest only, or none: a replay cannot go through the others again.
type shortLoop struct {
	path  string
	round string // the path of the round that the replay begins in; "": it takes the repeat over as a whole
}

type shortLoops []shortLoop

// shortened lists them. A replay that would begin in what such a repeat does when it fails is refused.
func shortened(old Run, entries []Entry, from string) (shortLoops, error) {
	var out shortLoops
	begun, rounds := map[string]bool{}, map[string]int{}
	for _, e := range entries {
		path := ""
		switch around := e.Path[:max(0, strings.LastIndexByte(e.Path, '['))]; e.Kind {
		case StepStarted:
			begun[e.Path] = true
		case RoundStarted:
			rounds[around]++
		case LoopMarked:
			if e.Cut != nil && e.Cut.Rounds > rounds[e.Path] {
				path = e.Path
			}
		case StepKept:
			if !begun[around] { // the run took it over as a whole
				path = around
			}
		}
		if path == "" || slices.ContainsFunc(out, func(l shortLoop) bool { return l.path == path }) {
			continue
		}
		loop := shortLoop{path: path}
		if rest, within := strings.CutPrefix(from, path); within && rest != "" && inside(from, path) {
			end := strings.IndexByte(rest, ']')
			if rest[0] != '[' || end < 0 {
				return nil, fault.New(fault.Conflict, "The log of the run %s has only the newest rounds of %s, so it cannot be replayed from what that does when it fails. Replay it from %s, or from its beginning.",
					old.ID, fault.Clip(path, 100), fault.Clip(path, 100))
			}
			loop.round = path + rest[:end+1]
		}
		out = append(out, loop)
	}
	return out, nil
}

// hides says that a path lies in rounds that are not gone through again.
func (s shortLoops) hides(path string) bool {
	return slices.ContainsFunc(s, func(l shortLoop) bool {
		return path != l.path && inside(path, l.path) && (l.round == "" || !inside(path, l.round))
	})
}

// rest leaves out what is in rounds that are not gone through again.
func (s shortLoops) rest(entries []Entry) []Entry {
	if len(s) == 0 {
		return entries
	}
	var out []Entry
	for _, e := range entries {
		if !s.hides(e.Path) {
			out = append(out, e)
		}
	}
	return out
}

// give adds to what is taken over what later steps see of those inside the repeat and, where the replay begins in one of its
// rounds, which that is.
func (l shortLoop) give(steps map[string]any, entries []Entry) {
	if l.round != "" {
		n, _ := strconv.Atoi(l.round[len(l.path)+1 : len(l.round)-1])
		steps[l.path] = map[string]any{"status": InRound, InRound: n}
		for i, e := range entries {
			if e.Kind == RoundStarted && e.Path == l.round {
				entries = entries[:i]
				break
			}
		}
	}
	seen, rounds := map[string]any{}, map[string]bool{}
	for i := range entries {
		e := &entries[i]
		switch at := l.path + "[0]." + stepID(e.Path); {
		case e.Path == l.path && e.Kind == LoopMarked:
			clear(seen)
		case e.Path == l.path || !inside(e.Path, l.path):
		case e.Kind == RoundStarted:
			rounds[e.Path] = true
		case e.Kind == StepSkipped:
			delete(seen, at)
		case e.Kind == StepKept, (e.Kind == StepSucceeded || e.Kind == StepIgnored) && l.shows(e.Path, rounds):
			if delete(seen, at); e.Output == nil {
				continue
			}
			given := givenOf(Kept, e.Output)
			if e.Hidden != nil {
				given["hidden"] = e.Hidden.Value()
			}
			seen[at] = given
		}
	}
	for path, given := range seen {
		steps[path] = given
	}
}

// shows says that a step inside the repeat stands in no other loop there than a repeat: later steps see what it gave.
func (l shortLoop) shows(path string, rounds map[string]bool) bool {
	for i := len(l.path); i < len(path); i++ {
		if path[i] == ']' && !rounds[path[:i+1]] {
			return false
		}
	}
	return true
}
