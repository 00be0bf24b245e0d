package machine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

var noTime time.Time

// Apply folds a recorded entry into the state. An entry that cannot follow means a damaged journal.
func (m *Machine) Apply(e run.Entry) error {
	if e.Seq != m.seq+1 && (e.Seq <= m.seq || !e.Cut.Spans(m.seq)) {
		return fault.New(fault.Internal, "The journal of run %s has entry %d where %d should follow.", m.input.Run, e.Seq, m.seq+1)
	}
	if m.status.Ended() {
		return fault.New(fault.Internal, "The journal of run %s goes on after its end.", m.input.Run)
	}
	var n *node
	if e.Path != "" && e.Kind != run.StepUndoing {
		if n = m.nodes[ofItem(e)]; n == nil {
			return fault.New(fault.Internal, "The journal of run %s says %s of the step %q, which had not begun.", m.input.Run, e.Kind, e.Path)
		}
	}
	if e.Kind == run.LoopMarked && (e.Cut == nil || n.loop == nil || n.step.repeat == nil) {
		return fault.New(fault.Internal, "The journal of run %s marks %q, which is no repeat that goes round.", m.input.Run, e.Path)
	}
	m.fold(&e, n)
	for len(m.ready) > 0 && !m.isDue(m.ready[0]) {
		m.ready = m.ready[1:]
	}
	return nil
}

// ofItem is the path of the step that an entry is of: of an item's or a round's the loop's, and of what is kept of a step that of the
// one around it.
func ofItem(e run.Entry) string {
	end := byte('[')
	switch e.Kind {
	case run.StepKept:
		end = '.'
	case run.ItemEnded, run.RoundStarted:
	default:
		return e.Path
	}
	if i := strings.LastIndexByte(e.Path, end); i > 0 {
		return e.Path[:i]
	}
	return e.Path
}

// fold is all that ever changes the state.
func (m *Machine) fold(e *run.Entry, n *node) {
	if e.Kind == run.StepLost && !m.since.IsZero() { // from some time after what is known last, nothing moved: the process was away
		if m.last.After(m.since) {
			m.moving += m.last.Sub(m.since)
		}
		m.since = e.At
	}
	m.seq, m.last = e.Seq, e.At
	if n != nil {
		n.heard = true
		m.foldStep(e, n)
		return
	}
	switch e.Kind {
	case run.RunQueued:
		replayed, _ := e.Input.(map[string]any)
		m.given, _ = replayed["steps"].(map[string]any)
		m.from, _ = replayed["from"].(string)
	case run.RunStarted:
		m.move(e.At)
		m.label = e.Label
		m.vars = m.scope(e.At, e.Vars)
		m.root = &frame{steps: m.program.steps, vars: m.vars}
		m.next(m.root)
	case run.RunWaiting:
		m.stand(run.Waiting, e)
	case run.RunUncertain:
		m.stand(run.Uncertain, e)
	case run.RunIncomplete:
		m.stand(run.Incomplete, e)
	case run.RunResumed:
		m.move(e.At)
	case run.RunSignalled, run.RunKept:
		m.signals = append(m.signals, signal{id: e.Event, value: e.Output})
	case run.StepUndoing:
		m.undo()
	case run.RunSucceeded:
		m.status, m.output = run.Succeeded, e.Output
	case run.RunFailed:
		m.status, m.failure = run.Failed, e.Failure
	case run.RunCancelled:
		m.status = run.Cancelled
	default:
		m.foldEnding(e)
	}
}

// foldEnding takes in that the run shall end.
func (m *Machine) foldEnding(e *run.Entry) {
	switch e.Kind {
	case run.RunCancelling:
		m.ending = &ending{kind: run.RunCancelled, message: e.Message}
	case run.RunRollingBack:
		m.ending = &ending{kind: run.RunFailed, failure: e.Failure, undo: true}
	case run.RunCommitting:
		m.ending = &ending{kind: run.RunSucceeded, output: m.root.last}
	case run.RunExpired:
		m.ending = &ending{kind: run.RunFailed, failure: e.Failure}
	default:
		return
	}
	m.move(e.At)
}

// move and stand say whether the run moves: only then its time counts.
func (m *Machine) move(at time.Time) {
	m.status = run.Running
	if m.since.IsZero() {
		m.since = at
	}
}

func (m *Machine) stand(s run.Status, e *run.Entry) {
	m.status = s
	if e.Failure != nil {
		m.failure = e.Failure
	}
	if !m.since.IsZero() {
		m.moving += e.At.Sub(m.since)
		m.since = noTime
	}
}

func (m *Machine) foldStep(e *run.Entry, n *node) {
	n.asked = true // its `if` was answered before anything is said of it
	switch e.Kind {
	case run.StepHandling, run.StepParked, run.StepRetrying, run.StepIgnored, run.StepFailed, run.StepCancelled:
		m.prune(n)
	case run.StepSucceeded:
		if n.halt != nil {
			m.prune(n)
		}
	}
	switch e.Kind {
	case run.StepStarted:
		n.attempt, n.until = e.Attempt, noTime
		m.enter(e, n)
	case run.StepWaiting:
		m.foldWaiting(e, n)
	case run.StepRetrying:
		n.attempt, n.failure = e.Attempt, e.Failure
		if n.early(e.Failure, e.At) {
			n.held++
			n.spent++
			if e.Failure.HeldFor > 0 && n.since.IsZero() {
				n.since = e.At
			}
		}
		m.set(n, sleeping)
		m.sleep(n, e.Until)
	case run.StepHandling:
		n.failure, n.until, n.deadline, n.halt = e.Failure, noTime, noTime, nil
		m.set(n, handling)
		for _, s := range n.step.onError.steps { // a second failure is handled anew
			m.forget(n.path + "." + s.id)
		}
		n.body = &frame{kind: handlerFrame, owner: n, path: n.path, steps: n.step.onError.steps, vars: with(n.frame.vars, "error", e.Failure.Value())}
		m.next(n.body)
	case run.StepUncertain:
		n.failure, n.attempt = e.Failure, e.Attempt
		m.set(n, doubtful)
	case run.StepParked:
		n.failure, n.attempt, n.until, n.deadline, n.halt = e.Failure, e.Attempt, noTime, noTime, nil
		m.set(n, parked)
	case run.StepResumed:
		n.spent, n.held, n.since, n.loop, n.live, n.entered = n.attempt, 0, noTime, nil, 0, 0
		if e.Input != nil { // it stays for every attempt from here on
			n.given = e.Input
		}
		m.set(n, starting)
	case run.ItemEnded:
		m.foldItem(e, n)
	case run.RoundStarted:
		m.foldRound(e, n)
	case run.LoopMarked:
		m.foldMark(e, n)
	case run.StepKept:
		n.frame.vars["steps"].(map[string]any)[e.Path[strings.LastIndexByte(e.Path, '.')+1:]] = e.Output
	case run.StepSucceeded:
		m.foldSucceeded(e, n)
	case run.StepIgnored:
		m.keep(n, kept{output: e.Output, ignored: true})
		m.finish(n, e.Output, true)
	case run.StepSkipped:
		m.finish(n, nil, false)
	case run.StepCancelled:
		if e.Failure != nil {
			m.keep(n, kept{doubt: e.Failure})
		}
		m.remove(n)
		m.tellHalted(n)
	case run.StepFailed:
		m.failed(n, e.Failure)
	}
}

// prune takes out what is left inside a node that failed or was left: steps that nothing was said of, for which there is no
// entry. Whoever decided took them out before; a journal that is folded does it here.
func (m *Machine) prune(around *node) {
	if m.ending != nil { // nothing begins any more, and all of it is taken out in the end
		return
	}
	switch around.step.kind {
	case "uses", "call", "wait", "stop":
		if around.state != handled && around.state != handling { // else its handler is inside
			return
		}
	}
	for path, n := range m.nodes {
		if n.frame.kind != undoFrame && around.holds(path) {
			m.remove(n)
		}
	}
}

func (m *Machine) foldWaiting(e *run.Entry, n *node) {
	switch w := n.step.wait; {
	case w == nil: // a repeat, between two rounds
		m.set(n, sleeping)
		m.sleep(n, e.Until)
		return
	case w.event:
		m.set(n, listening)
		n.deadline = e.Until
	case w.ask != nil:
		m.set(n, asking)
		n.deadline = e.Until
		n.input, _ = e.Input.(map[string]any)
	default:
		m.set(n, sleeping)
		m.sleep(n, e.Until)
	}
	limit := n.deadline
	m.alarm(n, e.At)
	if !limit.IsZero() && (n.deadline.IsZero() || limit.Before(n.deadline)) {
		n.deadline = limit
	}
	m.clock(n, n.deadline)
}

func (m *Machine) foldSucceeded(e *run.Entry, n *node) {
	switch {
	case n.step.kind == "stop":
		m.stop(e, n)
	case e.Event != "": // an event that a wait has taken
		m.signals = slices.DeleteFunc(m.signals, func(s signal) bool { return s.id == e.Event })
	}
	if _, had := m.kept[n.path]; n.step.undo != nil && !had {
		vars := maps.Clone(n.frame.vars)
		steps := maps.Clone(n.frame.vars["steps"].(map[string]any))
		steps[n.step.id], vars["steps"] = e.Output, steps
		m.undos = append(m.undos, undoable{path: n.path, step: n.step.undo, vars: vars})
	}
	m.keep(n, kept{output: e.Output})
	m.finish(n, e.Output, true)
}

// keep remembers what a step gave, for the case that a container around it is parked and then done again.
func (m *Machine) keep(n *node, gave kept) {
	if !n.step.kept || n.frame.kind == undoFrame {
		return
	}
	if m.kept == nil {
		m.kept = map[string]kept{}
	}
	m.kept[n.path] = gave
}

// forget lets go of what was kept at a path and inside it.
func (m *Machine) forget(path string) {
	for at := range m.kept {
		if inside, ok := strings.CutPrefix(at, path); ok && (inside == "" || inside[0] == '.' || inside[0] == '[') {
			delete(m.kept, at)
		}
	}
}
