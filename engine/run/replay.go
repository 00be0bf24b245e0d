package run

import (
	"iter"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// mostTaken bounds what a run takes over of another, in bytes: it stands in the first entry of its journal.
const mostTaken = 64 << 20

// Replayable keeps of a journal, with what is masked in it, what ReplayOf reads. One whose steps gave more than a run may take
// over is TooLarge.
func Replayable(journal iter.Seq2[Entry, error], from string) ([]Entry, error) {
	var out []Entry
	size, begun, cut := 0, map[string]bool{}, false
	for e, err := range journal {
		if err != nil {
			return nil, err
		}
		Uncover(&e)
		e.Input, e.Vars, e.Veiled, e.Sealed = nil, nil, nil, ""
		cut = cut || inside(e.Path, from) && e.Kind != StepKept
		if !cut && e.Kind == StepStarted {
			begun[e.Path] = true
		}
		if cut && !begun[e.Path] {
			e.Output = nil // it is done anew
		}
		if size += value.Size(e.Output, mostTaken); size > mostTaken {
			return nil, fault.New(fault.TooLarge, "What the steps before %q gave is more than %d MB, too much to be taken over; replay the run from its beginning.", fault.Clip(from, 100), mostTaken>>20)
		}
		out = append(out, e)
	}
	return out, nil
}

// ReplayOf gives what a new run takes over of an old one: how every step ended that had ended before the step, or the item
// of a loop, at a path began, what those gave that had begun by then beside it, and how far those around it had come. That step and
// all after it is done anew, and nothing before it is.
func ReplayOf(old Run, entries []Entry, from string) (map[string]any, error) {
	before := entries
	for i, e := range entries {
		if e.Kind == StepUndoing {
			return nil, fault.New(fault.Conflict, "The run %s took back what it had done; it can be replayed from its beginning only.", old.ID)
		}
		if inside(e.Path, from) && e.Kind != StepKept && len(before) == len(entries) {
			before = entries[:i]
		}
	}
	if len(before) == len(entries) {
		return nil, notBegun(old, entries, from)
	}
	around := map[string]bool{} // what stands around other steps
	for _, e := range before {
		mark(around, e.Path)
	}
	mark(around, from)
	steps, were := map[string]any{}, newSpans(entries, len(before))
	for _, s := range Steps(before) {
		switch {
		case around[s.Path] && inside(from, s.Path):
			were.enter(steps, s.Path, from)
		case around[s.Path] && were.within(s.Path): // of a step that acts only its on_error is inside
			if f := were.failed[s.Path]; f != nil && !were.works[s.Path] {
				steps[s.Path] = map[string]any{"status": Handled, "error": f.Value()}
			}
		case !s.EndedAt.IsZero():
			if given := ended(&s); given != nil {
				if steps[s.Path] = given; around[s.Path] {
					were.whole(given, s.Path)
				}
			}
		}
	}
	were.keep(steps)
	for _, s := range Steps(beside(entries, len(before), around, from)) {
		if steps[s.Path] == nil && !s.EndedAt.IsZero() && (s.Status == StepIsSucceeded || s.Status == StepIsIgnored) {
			steps[s.Path] = givenOf(string(s.Status), s.Output)
		}
	}
	hiddenOf(entries, steps)
	return map[string]any{"of": old.ID, "from": from, "steps": steps}, nil
}

// notBegun says that a run has no step at a path: it never had, or no longer has.
func notBegun(old Run, entries []Entry, from string) error {
	for _, e := range entries {
		if e.Kind != LoopMarked || e.Cut == nil {
			continue
		}
		if n, inside := IndexIn(from, e.Path); inside && n < e.Cut.Rounds {
			return fault.New(fault.NotFound, "The run %s went through %s[%d], and its log of that round is no longer kept. Replay it from one of its newest rounds, from %s, or from its beginning.",
				old.ID, fault.Clip(e.Path, 100), n, fault.Clip(e.Path, 100))
		}
	}
	return fault.New(fault.NotFound, "The run %s has no step %q that had begun.", old.ID, fault.Clip(from, 100))
}

// ended is what a new run takes over of a step that ended; nil: it is done anew.
func ended(s *Step) map[string]any {
	switch s.Status {
	case StepIsFailed:
		if s.Failure != nil {
			return map[string]any{"status": string(s.Status), "error": s.Failure.Value()}
		}
	case StepIsSucceeded, StepIsIgnored, StepIsSkipped:
		return givenOf(string(s.Status), s.Output)
	}
	return nil
}

// hiddenOf adds to what is taken over of steps what the runs that they called hide of it.
func hiddenOf(entries []Entry, steps map[string]any) {
	for i := range entries {
		if given, ok := steps[entries[i].Path].(map[string]any); ok && entries[i].Hidden != nil {
			given["hidden"] = entries[i].Hidden.Value()
		}
	}
}

// beside gives the entries of the steps that had begun, but not ended, when the step at from did: in another branch, say. They
// hang on nothing that is done anew.
func beside(entries []Entry, cut int, around map[string]bool, from string) []Entry {
	open := map[string]bool{}
	for _, e := range entries[:cut] {
		open[e.Path] = open[e.Path] || e.Kind == StepStarted
	}
	var out []Entry
	for _, e := range entries {
		if open[e.Path] && !around[e.Path] && !inside(e.Path, from) {
			out = append(out, e)
		}
	}
	return out
}

// givenOf is what a new run takes over of a step. An output that is kept apart stays so.
func givenOf(status string, output any) map[string]any {
	if l, ok := output.(value.Large); ok {
		return map[string]any{"status": status, "output_large": map[string]any{"hash": l.Hash, "bytes": l.Bytes}}
	}
	return map[string]any{"status": status, "output": output}
}

// GivenOutput is the output of a step that a run takes over, as ReplayOf gave it.
func GivenOutput(given map[string]any) any { return part(given, "output") }

// GivenLarges lists what a run takes over that is kept apart.
func GivenLarges(replay any) []value.Large {
	var out []value.Large
	replayed, _ := replay.(map[string]any)
	steps, _ := replayed["steps"].(map[string]any)
	for _, had := range steps {
		given, _ := had.(map[string]any)
		if l, ok := part(given, "output").(value.Large); ok {
			out = append(out, l)
		}
	}
	return out
}

// IndexIn is the item or the round of a loop that a path is, or lies in; false: it is not in that loop.
func IndexIn(path, loop string) (int, bool) {
	rest, in := strings.CutPrefix(path, loop+"[")
	index, _, closed := strings.Cut(rest, "]")
	n, err := strconv.Atoi(index)
	return n, in && closed && err == nil && n >= 0
}

// inside says that a path is another one, or lies in it.
func inside(path, around string) bool {
	rest, ok := strings.CutPrefix(path, around)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// mark notes every path around one.
func mark(around map[string]bool, path string) {
	for i, c := range path {
		if c == '.' || c == '[' {
			around[path[:i]] = true
		}
	}
}
