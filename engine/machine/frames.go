package machine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// enter begins an attempt of an action, or what is inside a container.
func (m *Machine) enter(e *run.Entry, n *node) {
	m.alarm(n, e.At)
	switch n.step.kind {
	case "uses":
		n.input, _ = e.Input.(map[string]any)
		if n.large = nil; n.input == nil {
			n.large = e.Input
		}
		m.set(n, calling)
	case "call":
		n.input, _ = e.Input.(map[string]any)
		n.called = e.Child
		m.set(n, away)
	case "router", "parallel":
		n.taken = e.Taken
		m.set(n, inside)
		if n.step.together {
			m.enterBranches(n)
		} else {
			m.nextBranch(n)
		}
	case "for_each", "each":
		m.enterLoop(n, e.Input)
	case "repeat":
		n.loop, n.began = &loopState{}, e.Seq
		m.set(n, rounding)
	case "group":
		m.set(n, inside)
		n.body = &frame{kind: bodyFrame, owner: n, path: n.path, steps: n.step.body, vars: n.frame.vars}
		m.next(n.body)
	}
}

// enterBranches begins the branches that run at once, each in a scope of its own.
func (m *Machine) enterBranches(n *node) {
	n.live = len(n.taken)
	if n.live == 0 {
		m.set(n, closing)
		return
	}
	for _, id := range n.taken {
		b := n.step.branchOf(id)
		if b == nil {
			n.live--
			continue
		}
		vars := maps.Clone(n.frame.vars)
		vars["steps"] = maps.Clone(n.frame.vars["steps"].(map[string]any))
		m.next(&frame{kind: branchFrame, owner: n, path: n.path, steps: b.steps, vars: vars, branch: b})
	}
}

func (s *step) branchOf(id string) *branch {
	for _, b := range s.branch {
		if b.id == id {
			return b
		}
	}
	return nil
}

// nextBranch goes into the next branch a router takes, or closes it.
func (m *Machine) nextBranch(n *node) {
	for n.entered < len(n.taken) {
		b := n.step.branchOf(n.taken[n.entered])
		n.entered++
		if b != nil {
			n.body = &frame{kind: bodyFrame, owner: n, path: n.path, steps: b.steps, vars: n.frame.vars}
			m.next(n.body)
			return
		}
	}
	m.set(n, closing)
}

// next makes the node of the frame's next step, or tells what is around the frame that there is none.
func (m *Machine) next(f *frame) {
	if f.next < len(f.steps) && !f.leaving() {
		s := f.steps[f.next]
		f.next++
		m.add(&node{step: s, path: f.pathOf(s), frame: f, state: starting})
		return
	}
	m.ended(f)
}

// ended says that all steps of a frame are done.
func (m *Machine) ended(f *frame) {
	switch n := f.owner; f.kind {
	case rootFrame:
		if m.ending == nil {
			m.ending = &ending{kind: run.RunSucceeded, output: f.last}
		}
	case handlerFrame:
		m.set(n, handled)
	case bodyFrame:
		if n.step.kind == "router" && !f.leaving() {
			m.nextBranch(n)
		} else {
			m.set(n, closing)
		}
	case branchFrame:
		m.branchEnded(f)
	case itemFrame:
		m.itemEnded(f)
	case roundFrame:
		m.set(n, rounding)
	}
}

// branchEnded puts what a branch's steps gave into the scope around, and closes the container after the last one.
func (m *Machine) branchEnded(f *frame) {
	n := f.owner
	if f.mending && f.branch.onError.stop {
		m.stopInside(n, f.failure, "")
		return
	}
	outer, own := n.frame.vars["steps"].(map[string]any), f.vars["steps"].(map[string]any)
	for _, id := range f.branch.ids {
		if v, ok := own[id]; ok {
			outer[id] = v
		} else {
			delete(outer, id)
		}
	}
	if n.live--; n.live == 0 {
		m.set(n, closing)
	}
}

// finish takes a node out of the state and goes on behind it.
func (m *Machine) finish(n *node, output any, ran bool) {
	m.remove(n)
	if !n.step.flat && n.frame.kind != undoFrame {
		if steps := n.frame.vars["steps"].(map[string]any); output != nil {
			steps[n.step.id] = output
		} else {
			delete(steps, n.step.id) // of an earlier round
		}
	}
	if ran {
		n.frame.last = output
	}
	if !m.tellHalted(n) && n.frame.kind != undoFrame {
		m.next(n.frame)
	}
}

// tellHalted lets the container around that is being emptied look whether it is empty now. It is false when there is none.
func (m *Machine) tellHalted(n *node) bool {
	h := n.frame.halted()
	if h == nil {
		return false
	}
	if h.state != halting {
		m.set(h, halting)
	}
	return true
}

// failed takes a failed node out and hands its failure to what is around it.
func (m *Machine) failed(n *node, f *run.Failure) {
	m.remove(n)
	if m.tellHalted(n) {
		return
	}
	switch owner := n.frame.owner; n.frame.kind {
	case rootFrame:
		if m.ending == nil {
			m.ending = &ending{kind: run.RunFailed, failure: f}
		}
	case undoFrame:
		if m.ending == nil || m.ending.failure == nil { // cancelled meanwhile
			return
		}
		told := *m.ending.failure
		told.Message += " Taking back " + strings.TrimSuffix(n.path, "."+n.step.id) + " failed: " + f.Message
		m.ending.failure = &told
	case handlerFrame:
		owner.failure = f
		m.set(owner, broken)
	case branchFrame:
		m.branchFailed(n.frame, f)
	case itemFrame:
		if owner.step.loop.skip {
			m.gave(owner, n.frame.index, nil)
		} else {
			m.stopInside(owner, f, "")
		}
	default:
		owner.failure = f
		m.set(owner, failing)
	}
}

// branchFailed does what a branch's own on_error says.
func (m *Machine) branchFailed(f *frame, failure *run.Failure) {
	h := f.branch.onError
	switch {
	case h == nil || f.mending || h.do == "stop" || h.do == "park":
		m.stopInside(f.owner, failure, "")
	case h.do == "ignore" || h.do == "resume":
		m.branchEnded(f)
	case h.do == "handle":
		f.mending, f.failure, f.steps, f.next, f.vars = true, failure, h.steps, 0, with(f.vars, "error", failure.Value())
		m.next(f)
	default:
		m.stopInside(f.owner, failure, h.do)
	}
}

// stopInside lets nothing more begin inside a container, because a branch or an item failed; do is a branch's rollback or
// commit. The first failure counts.
func (m *Machine) stopInside(n *node, f *run.Failure, do string) {
	switch {
	case n.halt == nil:
		n.halt = &halt{failure: f, do: do}
	case n.halt.failure == nil:
		n.halt.failure, n.halt.do = f, do
	}
	m.set(n, halting)
}

// stop remembers how a stop step ends the run or leaves the loop.
func (m *Machine) stop(e *run.Entry, n *node) {
	if m.ending != nil {
		return
	}
	switch n.step.stopAs {
	case "succeeded":
		m.ending = &ending{kind: run.RunSucceeded, message: e.Message, output: m.root.last}
	case "failed":
		m.ending = &ending{kind: run.RunFailed, failure: &run.Failure{Class: string(fault.Stopped), Message: e.Message, Step: n.step.id, Path: n.path}}
	case "continue":
		n.frame.loopAround().leave = true
	case "break":
		f := n.frame.loopAround()
		f.owner.halt, f.owner.loop.left = &halt{}, f.index+1
		if f.owner.step.loop != nil && f.owner.step.loop.collect != nil {
			f.owner.loop.done = append(f.owner.loop.done, f)
		}
	}
}

// undo begins the step that takes the last one back.
func (m *Machine) undo() {
	last := m.undos[len(m.undos)-1]
	m.undos = m.undos[:len(m.undos)-1]
	m.add(&node{step: last.step, path: last.path + "." + last.step.id, state: starting, frame: &frame{kind: undoFrame, path: last.path, vars: last.vars}})
}

// scope is what stands in scope outside every container.
func (m *Machine) scope(started time.Time, vars map[string]any) expr.Vars {
	if vars == nil {
		vars = map[string]any{}
	}
	about := map[string]any{
		"id": m.input.Run, "number": int(m.input.Number), "url": m.input.URL, "scenario": m.input.Scenario,
		"version": m.input.Version, "trigger": m.input.Trigger, "started_at": started.UTC().Format(run.TimeFormat),
	}
	if m.input.ResumeURL != "" {
		about["resume_url"] = m.input.ResumeURL
	}
	return expr.Vars{"trigger": m.input.Value, "vars": vars, "steps": map[string]any{}, runRoot: about}
}

// runRoot is the name under which what is known about the run stands in scope.
const runRoot = "run"

// sorted gives the nodes by path, outer ones before those inside them.
func (m *Machine) sorted() []*node {
	nodes := slices.Collect(maps.Values(m.nodes))
	slices.SortFunc(nodes, func(a, b *node) int { return comparePaths(a.path, b.path) })
	return nodes
}
