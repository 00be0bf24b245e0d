package runs

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/run"
)

// The page of a long run has the first and the last entries of its journal. What is said here of a step whose end may stand
// between them is never that it still moves; src/gap.ts says the same.

// unknown is the status of a step whose end is not among what is shown; notShown says so.
const (
	unknown  = "unknown"
	notShown = "not shown here"
)

// gap notes that entries are left out before e. What moved then is over, unless more is heard of it.
func (v *View) gap(e *run.Entry) {
	if in := v.repeats(e.Path); !v.Gap {
		v.GapIn = in
	} else if v.GapIn != in { // there was another one, elsewhere
		v.GapIn = ""
	}
	v.Gap = true
	for i := range v.Steps {
		s := &v.Steps[i]
		if s.Ended != "" || s.Status == unknown {
			continue
		}
		v.cut = append(v.cut, i)
		if moves(s.Status) || s.Status == "waiting" && s.Until != "" && parse(s.Until).Before(e.At) {
			s.was, s.Status = s.Status, unknown
		}
	}
}

// repeats gives the key of the repeat that what came last and what comes now are inside of, if it was marked: so is all between them.
func (v *View) repeats(path string) string {
	for at := path; at != ""; at = outward(at) {
		if v.marked[at] && (v.last == at || strings.HasPrefix(v.last, at+"[") || strings.HasPrefix(v.last, at+".")) {
			return Key(at)
		}
	}
	return ""
}

// outward is the path around a path; empty: there is none.
func outward(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// lacks says that something may have been heard of the step at a key that is not shown.
func (v *View) lacks(key string) bool {
	return v.Gap && (v.GapIn == "" || strings.HasPrefix(key, v.GapIn+"."))
}

// heard takes a step, and those around it, for what they were before the gap: something is heard of it behind it.
func (v *View) heard(path string) {
	for ; path != ""; path = outward(path) {
		if i, ok := v.byPath[path]; ok && v.Steps[i].Status == unknown {
			v.Steps[i].Status = v.Steps[i].was
		}
	}
}

// over says of what was open before the gap that it is so no more: the step around it has ended. An empty path is the run.
func (v *View) over(path string) {
	v.cut = slices.DeleteFunc(v.cut, func(i int) bool {
		s := &v.Steps[i]
		inside := path == "" || strings.HasPrefix(s.Path, path+".") || strings.HasPrefix(s.Path, path+"[")
		if inside && s.Ended == "" {
			s.Status = unknown
		}
		return inside || s.Ended != ""
	})
	if path != "" || !v.Gap {
		return
	}
	for i := range v.Steps { // in a run that ended nothing moves
		if s := &v.Steps[i]; s.Ended == "" && (moves(s.Status) || s.Status == "waiting") {
			s.Status = unknown
		}
	}
}

// moves says that a step with the status ends, or is tried again, by itself.
func moves(status string) bool {
	return status == "running" || status == "retrying" || status == "undoing"
}

// rounds leaves out of a node's steps the one that is all its rounds together, as an action with each is.
func rounds(steps []*StepView) []*StepView {
	whole := map[string]bool{}
	for _, s := range steps {
		if strings.HasSuffix(s.Path, "]") {
			whole[s.Path[:strings.LastIndexByte(s.Path, '[')]] = true
		}
	}
	if len(whole) == 0 {
		return steps
	}
	var out []*StepView
	for _, s := range steps {
		if !whole[s.Path] {
			out = append(out, s)
		}
	}
	return out
}

// countRounds is how many rounds a node had. Where some are not shown, the highest number tells.
func countRounds(list []*StepView, gap bool) int {
	n := len(list)
	for _, s := range list {
		from, to := strings.LastIndexByte(s.Path, '['), strings.LastIndexByte(s.Path, ']')
		if !gap || from < 0 || to < from {
			continue
		}
		if i, err := strconv.Atoi(s.Path[from+1 : to]); err == nil {
			n = max(n, i+1)
		}
	}
	return n
}

// startless says that a step of which such an entry is the first that is heard began before.
func startless(k run.Kind) bool {
	switch k {
	case run.StepSucceeded, run.StepFailed, run.StepIgnored, run.StepHandling, run.StepRetrying, run.StepParked, run.StepUncertain, run.StepLost:
		return true
	}
	return false
}
