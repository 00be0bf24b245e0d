package machine

import (
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// Marks says how often a repeat that goes on and on notes where it stands, so that the rounds long before can be left out of the
// run's journal. The zero value means 1,000 and 10.
type Marks struct {
	Every int // entries between two marks, at least
	Kept  int // marks to which the journal is kept
}

func (k Marks) every(n *node) int64 {
	if k.Every == 0 {
		return int64(max(1000, 10*len(n.step.repeat.ids))) // what a mark says again is little beside what it lets go of
	}
	return int64(k.Every)
}

func (k Marks) kept() int {
	if k.Kept == 0 {
		return 10
	}
	return k.Kept
}

// mark notes, where that was done long ago, where a repeat stands before its next round: how many there were, what later steps
// see of theirs, and which signals no wait has taken. Who folds the journal needs nothing more of the rounds before.
func (m *Machine) mark(n *node) {
	l, last := n.loop, n.began
	if len(l.marks) > 0 {
		last = l.marks[len(l.marks)-1]
	}
	if m.seq-last < m.input.Marks.every(n) || n.step.repeat.whole || m.since.IsZero() || !n.frame.alone() {
		return
	}
	cut := &run.Cut{After: n.began, Rounds: l.begun, Moved: m.moved()}
	if i := len(l.marks) - m.input.Marks.kept(); i >= 0 {
		cut.Before = l.marks[i]
	}
	var seen []run.Entry
	steps := n.frame.vars["steps"].(map[string]any)
	for _, id := range n.step.repeat.ids {
		if output, ok := steps[id]; ok {
			seen = append(seen, run.Entry{Kind: run.StepKept, Path: n.path + "." + id, Data: run.Data{Output: output}})
		}
	}
	m.stands(n, cut, seen)
}

// stands says where a repeat stands and what is to be known there.
func (m *Machine) stands(n *node, cut *run.Cut, seen []run.Entry) {
	signals := m.signals
	m.emit(n, run.Entry{Kind: run.LoopMarked, Data: run.Data{Cut: cut}})
	for _, s := range signals {
		m.emit(nil, run.Entry{Kind: run.RunKept, Data: run.Data{Event: s.id, Output: s.value}})
	}
	for _, e := range seen {
		m.emit(n, e)
	}
}

// moved is for how many milliseconds the run has moved, while it does.
func (m *Machine) moved() int64 { return (m.moving + m.now.Sub(m.since)).Milliseconds() }

// foldMark puts a repeat where its mark says, whatever of the rounds before was folded.
func (m *Machine) foldMark(e *run.Entry, n *node) {
	for path, inside := range m.nodes {
		if n.holds(path) {
			m.remove(inside)
		}
	}
	steps := n.frame.vars["steps"].(map[string]any)
	for _, id := range n.step.repeat.ids {
		delete(steps, id)
	}
	m.signals, m.gone = nil, max(0, e.Cut.Before-e.Cut.After-1)
	m.move(e.At)
	m.moving, m.since = time.Duration(e.Cut.Moved)*time.Millisecond, e.At
	l := n.loop
	l.begun = e.Cut.Rounds
	l.marks = append(l.marks, e.Seq)
	l.marks = l.marks[max(0, len(l.marks)-m.input.Marks.kept()):]
	if n.until = noTime; n.state != rounding {
		m.set(n, rounding)
	}
}

// alone says that nothing goes on beside what is inside the frame, nor has since what is around it began.
func (f *frame) alone() bool {
	for ; f != nil; f = f.around() {
		if f.kind == branchFrame || f.kind == undoFrame || f.kind == itemFrame && f.owner.step.loop.concurrency > 1 {
			return false
		}
	}
	return true
}
