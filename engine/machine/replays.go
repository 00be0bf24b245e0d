package machine

import (
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// asBefore gives a step the outcome that it had in the run that this one replays a part of: with all that is inside, unless that can
// be taken back, which must be known step by step. It is false where the step is done anew, or what is inside is worked through.
func (m *Machine) asBefore(n *node) bool {
	given, ok := m.given[n.path].(map[string]any)
	if !ok {
		return false
	}
	status, _ := given["status"].(string)
	acts := n.step.kind == "uses" || n.step.kind == "call"
	switch {
	case status == run.InRound:
		return n.step.repeat != nil && !n.step.undoes && m.goesOnIn(n, given)
	case status == run.Entered, status == run.Kept, n.step.undoes && !acts:
		return false
	case n.step.undoes && given[run.Handled] != nil: // the steps of its on_error are given one by one
		status, given = run.Handled, map[string]any{"error": given[run.Handled]}
	case !n.step.undoes:
		m.keepGiven(n)
	}
	data := run.Data{Output: run.GivenOutput(given), Message: "As in the run that is replayed."}
	kind := run.StepSucceeded
	switch status {
	case run.Handled, string(run.StepIsFailed):
		object, _ := given["error"].(map[string]any)
		kind, data = run.StepFailed, run.Data{Failure: run.FailureFrom(object)}
		if status == run.Handled && n.step.onError != nil && n.step.onError.do == "handle" {
			kind = run.StepHandling
		}
	case string(run.StepIsSkipped):
		kind = run.StepSkipped
	case string(run.StepIsIgnored):
		kind = run.StepIgnored
	}
	m.emit(n, run.Entry{Kind: kind, Data: data})
	return true
}

// keepGiven says what later steps see of those inside a step that this run takes over.
func (m *Machine) keepGiven(n *node) {
	for _, e := range m.seenGiven(n) {
		m.emit(n, e)
	}
}

func (m *Machine) seenGiven(n *node) []run.Entry {
	var out []run.Entry
	for _, path := range slices.Sorted(maps.Keys(m.given)) {
		if id, direct := strings.CutPrefix(path, run.KeptAt(n.path, "")); direct {
			had, _ := m.given[path].(map[string]any)
			out = append(out, run.Entry{Kind: run.StepKept, Path: n.path + "." + id, Data: run.Data{Output: run.GivenOutput(had)}})
		}
	}
	return out
}

// goesOnIn begins a repeat in the round that this run replays from.
func (m *Machine) goesOnIn(n *node, given map[string]any) bool {
	round, ok := given[run.InRound].(int)
	if !ok {
		return false
	}
	m.emit(n, run.Entry{Kind: run.StepStarted})
	m.stands(n, &run.Cut{After: n.began, Rounds: round, Moved: m.moved()}, m.seenGiven(n))
	m.emit(n, run.Entry{Kind: run.RoundStarted, Path: itemPath(n.path, round)})
	return true
}

// branchesGiven are those that a router around the step that this run replays from took; nil: it decides.
func (m *Machine) branchesGiven(n *node) ([]string, error) {
	given, _ := m.given[n.path].(map[string]any)
	list, _ := given["branches"].([]any)
	if given["status"] != run.Entered || len(list) == 0 {
		return nil, nil
	}
	var out []string
	for _, v := range list {
		if id, _ := v.(string); n.step.branchOf(id) != nil {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.InvalidInput, "This run replays another from %s on, and the branches of %s that led there are not in this version. Replay it from %s.", fault.Clip(m.from, 100), n.step.title, n.path)
	}
	return out, nil
}

// passed says that a step stands before the one that this run replays from: what it does outside is not done now, whatever leads
// there this time.
func (m *Machine) passed(n *node) bool {
	if m.from == "" {
		return false
	}
	for ; n != nil; n = n.frame.owner {
		f := n.frame
		switch {
		case f.kind == undoFrame:
			return false
		case n.path == m.from || n.holds(m.from):
			return false
		case m.leads(f, f.steps[f.next:]):
			return true
		case f.kind == itemFrame && f.owner.step.loop.concurrency <= 1 || f.kind == roundFrame:
			if to, in := run.IndexIn(m.from, f.owner.path); in {
				return f.index < to
			}
		case f.kind == bodyFrame && f.owner.step.kind == "router":
			for _, id := range f.owner.taken[min(f.owner.entered, len(f.owner.taken)):] {
				if b := f.owner.step.branchOf(id); b != nil && m.leads(f, b.steps) {
					return true
				}
			}
		}
	}
	return false
}

// leads says that the step that this run replays from is one of a list, or inside of one.
func (m *Machine) leads(f *frame, steps []*step) bool {
	return slices.ContainsFunc(steps, func(s *step) bool {
		rest, in := strings.CutPrefix(m.from, f.pathOf(s))
		return in && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// moves says that a step does something outside, or waits for it.
func (s *step) moves() bool {
	switch s.kind {
	case "uses":
		return s.fact.Effect != run.Pure && s.fact.Effect != run.Read
	case "call", "wait", "stop":
		return true
	}
	return false
}
