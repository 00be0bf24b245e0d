package run

import (
	"iter"
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
// of a loop, at a path began, and what those gave that had begun by then beside it. That step and all after it is done anew.
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
		return nil, fault.New(fault.NotFound, "The run %s has no step %q that had begun.", old.ID, fault.Clip(from, 100))
	}
	short, err := shortened(old, entries, from)
	if err != nil {
		return nil, err
	}
	whole := before
	before = short.rest(before)
	around := map[string]bool{} // what stands around other steps is worked through anew, and takes over what is inside
	for _, e := range before {
		mark(around, e.Path)
	}
	mark(around, from)
	worked, handled := map[string]bool{}, map[string]*Failure{}
	for _, e := range before {
		switch {
		case e.Kind == StepStarted && e.Attempt == 0:
			worked[e.Path] = true
		case e.Kind == StepHandling:
			handled[e.Path] = e.Failure
		}
	}
	steps := map[string]any{}
	for _, s := range Steps(before) {
		switch {
		case around[s.Path]: // of a step that acts only its on_error is inside
			if f := handled[s.Path]; f != nil && !worked[s.Path] {
				steps[s.Path] = map[string]any{"status": "handled", "error": f.Value()}
			}
		case s.EndedAt.IsZero():
		case s.Status == StepIsFailed && s.Failure != nil:
			steps[s.Path] = map[string]any{"status": string(s.Status), "error": s.Failure.Value()}
		case s.Status == StepIsSucceeded, s.Status == StepIsIgnored, s.Status == StepIsSkipped:
			steps[s.Path] = givenOf(string(s.Status), s.Output)
		}
	}
	for _, s := range Steps(beside(short.rest(entries), len(before), around, from)) {
		if steps[s.Path] == nil && !s.EndedAt.IsZero() && (s.Status == StepIsSucceeded || s.Status == StepIsIgnored) {
			steps[s.Path] = givenOf(string(s.Status), s.Output)
		}
	}
	hiddenOf(entries, steps)
	for _, loop := range short {
		if !short.hides(loop.path) {
			loop.give(steps, whole)
		}
	}
	return map[string]any{"of": old.ID, "from": from, "steps": steps}, nil
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
