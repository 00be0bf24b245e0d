package machine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// fail decides what follows a failure: another attempt, what on_error says, or the failure of the step; or that it stands for want of a
// connection that is switched off.
func (m *Machine) fail(n *node, f *run.Failure, x *run.Exchange) {
	acts := n.step.kind == "uses" || n.step.kind == "call"
	if acts && f.Parks && !m.blocked(n) && n.frame.kind != undoFrame {
		m.emit(n, run.Entry{Kind: run.StepParked, Data: run.Data{Attempt: n.attempt, Failure: f, Exchange: x}})
		return
	}
	if acts && !m.blocked(n) && (n.early(f, m.now) || n.step.retries(f.Class, n.attempt-n.spent)) {
		m.emit(n, run.Entry{Kind: run.StepRetrying, Data: run.Data{Attempt: n.attempt, Failure: f, Exchange: x, Until: m.now.Add(m.delay(n, f))}})
		return
	}
	m.failForGood(n, f, x)
}

// failForGood decides what follows a failure after which nothing is tried again.
func (m *Machine) failForGood(n *node, f *run.Failure, x *run.Exchange) {
	data := run.Data{Attempt: n.attempt, Failure: f, Exchange: x}
	acts := n.step.kind == "uses" || n.step.kind == "call"
	switch {
	case m.blocked(n):
		m.emit(n, run.Entry{Kind: run.StepFailed, Data: data})
	case acts && f.Class == string(fault.Uncertain) && !n.minded():
		m.emit(n, run.Entry{Kind: run.StepUncertain, Data: data})
	case m.parks(n):
		m.emit(n, run.Entry{Kind: run.StepParked, Data: data})
	default:
		m.direct(n, n.step.onError, data)
	}
}

// minded says that an on_error was written for the step.
func (n *node) minded() bool {
	return n.step.onError != nil || n.step.flat && n.frame.owner.step.onError != nil
}

// parks says whether the first directive that a failure meets on its way outwards is to park: then the step itself keeps
// its place, since going outwards would lose it.
func (m *Machine) parks(n *node) bool {
	if h := n.step.onError; h != nil {
		return h.do == "park"
	}
	for f := n.frame; f != nil && f.owner != nil; f = f.around() {
		switch f.kind {
		case handlerFrame, undoFrame: // an error in a handler goes past the step that it handles
			continue
		case branchFrame:
			if h := f.branch.onError; h != nil && !f.mending {
				return h.do == "park"
			}
		case itemFrame:
			if f.owner.step.loop.skip {
				return false
			}
		}
		if h := f.owner.step.onError; h != nil {
			return h.do == "park"
		}
	}
	return false
}

// direct does what an on_error says; nil: the step fails.
func (m *Machine) direct(n *node, h *handler, data run.Data) {
	if h == nil {
		m.emit(n, run.Entry{Kind: run.StepFailed, Data: data})
		return
	}
	switch h.do {
	case "handle":
		m.emit(n, run.Entry{Kind: run.StepHandling, Data: data})
	case "ignore":
		m.emit(n, run.Entry{Kind: run.StepIgnored, Data: data})
	case "resume":
		v, err := h.output.Eval(with(n.frame.vars, "error", data.Failure.Value()), m.moment(n))
		if err != nil {
			data.Failure = n.fault(at("the output of on_error", err))
			m.emit(n, run.Entry{Kind: run.StepFailed, Data: data})
			return
		}
		data.Output = v
		m.emit(n, run.Entry{Kind: run.StepIgnored, Data: data})
	case "rollback", "commit":
		m.endBy(h.do, data.Failure)
		if h.do == "commit" {
			m.emit(n, run.Entry{Kind: run.StepIgnored, Data: data})
			return
		}
		m.emit(n, run.Entry{Kind: run.StepFailed, Data: data})
	default:
		m.emit(n, run.Entry{Kind: run.StepFailed, Data: data})
	}
}

// endBy ends the run as a directive says.
func (m *Machine) endBy(do string, f *run.Failure) {
	kind := run.RunRollingBack
	if do == "commit" {
		kind = run.RunCommitting
	}
	m.emit(nil, run.Entry{Kind: kind, Data: run.Data{Failure: f}})
}

// maxHeld is how often a call may come before its turn without that being a try. One that is sent away for its turn is told
// when to come, so more often is nobody's queue.
const maxHeld = 100

// early says that a failed attempt was none: its call was held, whatever the policy says; or it was told to come later, and
// nobody wrote how often it is tried. It is repeated, and not more often or longer than that goes on.
func (n *node) early(f *run.Failure, now time.Time) bool {
	if f == nil || n.step.kind != "uses" || n.held >= maxHeld {
		return false
	}
	if !f.Held && (f.HeldFor == 0 || !n.step.retry.patient || !n.step.retries(f.Class, 1)) {
		return false
	}
	return f.HeldFor == 0 || n.since.IsZero() || now.Sub(n.since) < time.Duration(f.HeldFor)*time.Millisecond
}

// maxRetryAfter is the longest time for which a remote's Retry-After is obeyed.
const maxRetryAfter = 24 * time.Hour

// delay is how long the next attempt waits: what the remote asked for, else initial × factor^(attempts-1) up to max,
// and up to a fifth longer by a chance that the run and the attempt decide.
func (m *Machine) delay(n *node, f *run.Failure) time.Duration {
	if f.RetryAfter > 0 {
		return min(time.Duration(f.RetryAfter)*time.Millisecond, maxRetryAfter)
	}
	d := float64(n.step.retry.initial)
	for range n.attempt - n.spent - 1 {
		if d *= n.step.retry.factor; d >= float64(n.step.retry.max) {
			break
		}
	}
	d = min(d, float64(n.step.retry.max))
	sum := sha256.Sum256([]byte(m.input.Run + "\x00" + n.path + "\x00" + strconv.Itoa(n.attempt)))
	chance := float64(binary.BigEndian.Uint32(sum[:4])) / (1 << 32)
	return time.Duration(d * (1 + chance/5)).Round(time.Millisecond)
}

// expire ends a step whose time is up, and everything inside it.
func (m *Machine) expire(n *node) {
	n.deadline, n.until = time.Time{}, time.Time{}
	m.drop(n, true, "The step around it ran out of time.")
	message := "The step " + n.step.title + " did not end within " + n.step.timeout.String() + "."
	switch w := n.step.wait; {
	case w != nil && w.event && n.step.timeout == 0:
		message = m.unheard(n)
	case w != nil && w.ask != nil && n.step.timeout == 0:
		message = "Nobody decided within " + w.limit.String() + "."
	}
	if n.state == away {
		m.command(Command{Drop: n.called})
	}
	m.failForGood(n, &run.Failure{Class: string(fault.Timeout), Step: n.step.id, Path: n.path, Message: message}, nil)
}

// unheard says that a wait's time is up, and of the events that came and were not for it how many there were and why.
func (m *Machine) unheard(n *node) string {
	message := "No event came within " + n.step.wait.limit.String()
	if len(m.signals) == 0 || n.step.wait.match == nil {
		return message + "."
	}
	message += fmt.Sprintf(" that its match holds for; %s came.", countOf(len(m.signals), "other"))
	last := m.signals[len(m.signals)-1]
	if _, err := n.step.wait.match.Eval(with(n.frame.vars, "event", last.value), m.moment(n)); err != nil {
		message += " Of the last one it could not be asked: " + fault.MessageOf(err)
	}
	return message
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// outOfTime ends a run that has moved for as long as it may.
func (m *Machine) outOfTime() {
	f := &run.Failure{Class: string(fault.Timeout), Message: "The run did not end within " + m.program.timeout.String() + " of active time."}
	m.emit(nil, run.Entry{Kind: run.RunExpired, Data: run.Data{Failure: f}})
}

// drop takes the begun steps inside a node out, inner ones first; nil means those of the whole run. Calls in flight are cut
// where cut says so; else they and what stands around them stay. It says whether any stayed.
func (m *Machine) drop(around *node, cut bool, why string) (stays bool) {
	var paths []string // of calls that stay
	list := m.sorted()
	if !cut && m.counts[calling] > 0 {
		for _, n := range list {
			if n.state == calling && (around == nil || around.holds(n.path)) {
				paths = append(paths, n.path)
			}
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		n := list[i]
		if around != nil && !around.holds(n.path) || n.frame.kind == undoFrame && m.ending != nil && m.ending.undo || n.needed(paths) {
			continue
		}
		switch n.state {
		case calling:
			m.command(Command{Cut: n.path})
		case away:
			m.command(Command{Drop: n.called})
		}
		if !n.heard {
			m.remove(n)
			continue
		}
		m.emit(n, cancelled(n, why, cutCall))
	}
	return len(paths) > 0
}

// cancelled is the entry of a step that is taken out. Of a call of effect once that was in flight nobody knows what became,
// and doubt says why.
func cancelled(n *node, why, doubt string) run.Entry {
	data := run.Data{Attempt: n.attempt, Message: why}
	if n.state == calling && n.step.fact.Effect == run.Once {
		data.Failure = n.doubt(doubt)
	}
	return run.Entry{Kind: run.StepCancelled, Data: data}
}

func (n *node) doubt(why string) *run.Failure {
	return &run.Failure{Class: string(fault.Uncertain), Step: n.step.id, Path: n.path, Message: why}
}

// needed says that the node is a call that stays, or stands around one.
func (n *node) needed(calls []string) bool {
	for _, path := range calls {
		if path == n.path || n.holds(path) {
			return true
		}
	}
	return false
}

// cutAll ends the calls in flight, but for those that take back what was done while the run rolls back.
func (m *Machine) cutAll(why string) {
	for _, n := range m.sorted() {
		if n.state == calling && (n.frame.kind != undoFrame || m.ending == nil || !m.ending.undo) {
			m.command(Command{Cut: n.path})
			m.emit(n, cancelled(n, why, cutCall))
		}
	}
}

// empty takes everything out of a container whose branch or item failed or left it, and lets it fail or close when the
// calls in flight there have ended.
func (m *Machine) empty(n *node) {
	why := "The loop around it was left."
	if n.halt.failure != nil {
		why = "Another branch or item of " + n.step.title + " failed."
	}
	if m.drop(n, false, why) {
		m.set(n, inside)
		return
	}
	if n.halt.failure == nil {
		m.gather(n) // what was ended before; it may fail
	}
	switch h := n.halt; {
	case h.failure == nil:
		m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Output: n.output()}})
	case h.do != "":
		m.endBy(h.do, h.failure)
		m.emit(n, run.Entry{Kind: run.StepFailed, Data: run.Data{Failure: h.failure}})
	default:
		m.fail(n, h.failure, nil)
	}
}

// end writes the run's end once no call is in flight and what was done is taken back. It says whether there is more to
// decide before.
func (m *Machine) end() (more bool) {
	if m.InFlight() > 0 {
		return false
	}
	m.drop(nil, false, "The run ended.")
	if len(m.nodes) > 0 { // a step that takes another back waits to be tried again
		m.rest()
		return false
	}
	if m.ending.undo && len(m.undos) > 0 {
		last := m.undos[len(m.undos)-1]
		m.emit(nil, run.Entry{Kind: run.StepUndoing, Path: last.path})
		return true
	}
	e := run.Entry{Kind: m.ending.kind, Data: run.Data{Message: m.ending.message, Output: m.ending.output, Failure: m.ending.failure}}
	f := m.ending.failure
	if f != nil && e.Message == "" {
		e.Message = f.Message
	}
	m.emit(nil, e)
	if e.Kind == run.RunFailed && m.program.onFailure != "" && m.input.Depth < maxDepth {
		m.command(Command{Tell: &run.Child{ID: run.ChildID(m.now, m.input.Run, "on_failure", 0), Parent: m.input.Run, Scenario: m.program.onFailure, Depth: m.input.Depth + 1,
			Value: map[string]any{"run": m.about(), "error": f.Value(), "trigger": m.input.Value}}})
	}
	return false
}

// about is what `run` is in expressions.
func (m *Machine) about() any { return m.vars[runRoot] }

// rest says why a run in which nothing can move stands still.
func (m *Machine) rest() {
	if m.InFlight() > 0 || m.calls > 0 {
		return
	}
	var due time.Time
	if t, ok := m.nextTimer(); ok {
		due = t.at
	}
	switch {
	case m.counts[doubtful] > 0:
		if m.status != run.Uncertain {
			f := m.first(doubtful)
			m.emit(nil, run.Entry{Kind: run.RunUncertain, Data: run.Data{Failure: f, Message: f.Message}})
		}
	case m.counts[parked] > 0:
		if m.status != run.Incomplete {
			f := m.first(parked)
			m.emit(nil, run.Entry{Kind: run.RunIncomplete, Data: run.Data{Failure: f, Message: f.Message}})
		}
	case m.status != run.Waiting && (!due.IsZero() || m.counts[listening]+m.counts[asking]+m.counts[away] > 0):
		m.emit(nil, run.Entry{Kind: run.RunWaiting, Data: run.Data{Until: due}})
	}
}

// first gives the failure of the first node, by path, that is in a state.
func (m *Machine) first(s state) *run.Failure {
	for _, n := range m.sorted() {
		if n.state == s {
			return n.failure
		}
	}
	return nil
}

// with is a scope with one more name.
func with(vars expr.Vars, name string, v any) expr.Vars {
	out := make(expr.Vars, len(vars)+1)
	for have, value := range vars {
		out[have] = value
	}
	out[name] = v
	return out
}

// fault makes a failure of this step from an error of an expression.
func (n *node) fault(err error) *run.Failure {
	f := run.FailureOf(err)
	f.Step, f.Path = n.step.id, n.path
	return f
}

// at says which of a step's expressions failed.
func at(where string, err error) error {
	return fault.Wrap(err, fault.CodeOf(err), "In %s: %s", where, fault.MessageOf(err))
}

// labelText is a run's label: one line of at most 200 bytes.
func labelText(v any) string {
	return fault.Clip(strings.Join(strings.Fields(value.Text(v)), " "), 200)
}
