// Package machine decides what a run does next. It is a pure function of the program, the journal and what it is told:
// no clock, no goroutine, no I/O.
//
// The journal holds decisions, not only facts from outside: "this branch was taken", "this input was made". So folding a
// journal (Apply) evaluates no expression and gives the same state for ever, and only new decisions (Start, Answer, Wake,
// Cancel, Lost, Settle, Resume, Signal, Advance) are made with this release's rules. Whoever drives the machine appends a
// decision's entries durably first and acts on its commands after.
package machine

import (
	"strconv"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Input is what a run begins with. It never changes.
type Input struct {
	Run       string
	Number    int64
	Scenario  string // slug
	Version   int
	Trigger   string // id of the trigger that fired
	URL       string // of the run's page
	ResumeURL string // where events for its waits come in
	Value     any    // what `trigger` is, or a value.Large
	Depth     int    // how many calls it is inside of
	// Load gives a value that is kept apart; nil: none is.
	Load func(value.Large) (any, error)
	// Marks is how often the repeats of the run are marked; zero: as said at Marks.
	Marks Marks
	// Enough says that a decision has taken long enough: what is left of it is asked for with Advance. nil: it never has. What is
	// decided does not hang on it.
	Enough func() bool
}

// Machine is the state of one run. It is not safe for concurrent use.
type Machine struct {
	program *Program
	input   Input
	vars    expr.Vars // of the outermost scope

	status  run.Status
	seq     int64
	gone    int64 // entries that the last mark let go of
	label   string
	output  any
	failure *run.Failure // of the run, once it failed
	ending  *ending      // set when the run shall end and calls are still in flight

	root    *frame
	nodes   map[string]*node // those that are not done, by path
	counts  [states]int      // of the nodes, by state
	ready   []*node          // those that a decision is due for, oldest first
	timers  timers
	signals []signal        // events that no wait has taken yet
	undos   []undoable      // what rolling back would take back, oldest first
	given   map[string]any  // what steps gave in the run that this one replays a part of, by path
	from    string          // the path where that part begins
	kept    map[string]kept // what steps gave inside containers that park, by path
	calls   int             // runs that were asked for and are not known to have started
	moving  time.Duration
	since   time.Time // when it began to move; zero: it stands
	last    time.Time // of the last entry

	out   Decision  // what is being decided
	asked int       // bytes that the calls of the decision under way are given
	now   time.Time // of the decision being made
}

// ending is how the run will end when its last call in flight has been answered.
type ending struct {
	kind    run.Kind
	failure *run.Failure
	message string
	output  any
	undo    bool // what was done is taken back first
}

// signal is an event for the run's waits.
type signal struct {
	id    string
	value any
}

// kept is the outcome of a step that is not done again.
type kept struct {
	output  any
	ignored bool
	doubt   *run.Failure // its call was cut, and nobody knows what became of it
}

// undoable is a step that succeeded and can be taken back, in the scope it had.
type undoable struct {
	path string
	step *step // the one that takes it back
	vars expr.Vars
}

// Decision is what was decided: the entries to append, already folded into the state, and then the commands to act on.
type Decision struct {
	Entries  []run.Entry
	Facts    int // how many of them, from the first, say what came from outside; the rest would be decided again
	Commands []Command
	More     bool // there is more to decide at once: ask Advance
}

// Command is what the machine asks the engine to do.
type Command struct {
	Invoke *run.Call  // call this action; its answer goes to Answer
	Cut    string     // path: end the call in flight; its answer is not waited for
	Call   *run.Child // start this run; whether it could be goes to Called, its end to Returned
	Drop   string     // id of a called run that is waited for no more: cancel it
	Tell   *run.Child // start this run of the scenario that is told of failures; nothing is waited for
}

// maxDepth bounds how deep runs call one another.
const maxDepth = 16

// New is the state of a run whose journal is empty.
func New(p *Program, in Input) *Machine {
	return &Machine{program: p, input: in, status: run.Queued, nodes: map[string]*node{}}
}

// Program is what the run executes.
func (m *Machine) Program() *Program { return m.program }

// Status is where the run stands.
func (m *Machine) Status() run.Status { return m.status }

// Seq is that of the last entry.
func (m *Machine) Seq() int64 { return m.seq }

// Kept is how many entries of the journal are kept, roughly.
func (m *Machine) Kept() int64 { return m.seq - m.gone }

// Label is what lists call the run; it is known once the run started.
func (m *Machine) Label() string { return m.label }

// Output is what the run gave, once it succeeded.
func (m *Machine) Output() any { return m.output }

// Failure is why the run failed, is uncertain, or is incomplete.
func (m *Machine) Failure() *run.Failure {
	switch m.status {
	case run.Failed, run.Uncertain, run.Incomplete:
		return m.failure
	}
	return nil
}

// Due is when the next timer fires; zero: there is none.
func (m *Machine) Due() time.Time {
	var due time.Time
	if t, ok := m.nextTimer(); ok {
		due = t.at
	}
	if end := m.timeUp(); !end.IsZero() && (due.IsZero() || end.Before(due)) {
		due = end
	}
	return due
}

// timeUp is when the run has moved for as long as it may; zero: it does not move, or nothing bounds it.
func (m *Machine) timeUp() time.Time {
	if m.program.timeout == 0 || m.since.IsZero() || m.ending != nil || m.status.Ended() {
		return time.Time{}
	}
	return m.since.Add(m.program.timeout - m.moving)
}

// Away says how many called runs are waited for.
func (m *Machine) Away() int { return m.counts[away] }

// Asks says that a step waits for a person's decision.
func (m *Machine) Asks() bool { return m.counts[asking] > 0 }

// InFlight says how many calls have not been answered.
func (m *Machine) InFlight() int { return m.counts[calling] }

// Count tells a machine that began before its run was counted what the run's number is. Nothing may have read it: the
// program's ReadsRun is false.
func (m *Machine) Count(number int64) {
	m.input.Number = number
	if about, ok := m.about().(map[string]any); ok {
		about["number"] = int(number)
	}
}

// Queue is the run's first entry.
func (m *Machine) Queue(now time.Time, event string) Decision {
	m.begin(now)
	m.emit(nil, run.Entry{Kind: run.RunQueued, Data: run.Data{Event: event}})
	return m.done()
}

// Start begins the run with the shared variables as they are now.
func (m *Machine) Start(now time.Time, vars map[string]any) Decision {
	m.begin(now)
	m.emit(nil, run.Entry{Kind: run.RunStarted, Data: run.Data{Vars: vars, Label: m.makeLabel(now, vars)}})
	return m.settle()
}

// Refuse fails a run that cannot even begin.
func (m *Machine) Refuse(now time.Time, f *run.Failure) Decision {
	m.begin(now)
	m.emit(nil, run.Entry{Kind: run.RunFailed, Data: run.Data{Failure: f, Message: f.Message}})
	return m.done()
}

// Advance decides what a replayed journal left undecided.
func (m *Machine) Advance(now time.Time) Decision {
	m.begin(now)
	return m.settle()
}

// Answer tells what a call gave. An answer that nobody waits for any more is passed over.
func (m *Machine) Answer(now time.Time, path string, attempt int, r run.Result) Decision {
	m.begin(now)
	n := m.nodes[path]
	if n == nil || n.state != calling || n.attempt != attempt || m.status.Ended() {
		return m.done()
	}
	m.answered(n, r)
	return m.settle()
}

func (m *Machine) answered(n *node, r run.Result) {
	if f := n.frame; r.Failure == nil && f.kind == itemFrame && f.owner.step.kind == "each" {
		if err := f.owner.loop.room(r.Output); err != nil {
			r.Failure = run.FailureOf(err)
		}
	}
	if r.Failure != nil {
		f := *r.Failure
		f.Step, f.Path = n.step.id, n.path
		m.fail(n, &f, r.Exchange)
		return
	}
	if m.program.masks[n.step.id] != nil {
		r.Said = "" // it may have a part of what is masked
	}
	m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Attempt: n.attempt, Output: r.Output, Exchange: r.Exchange, Message: r.Said}})
}

// Wake fires the timers that are due.
func (m *Machine) Wake(now time.Time) Decision {
	m.begin(now)
	if m.status.Ended() {
		return m.done()
	}
	if end := m.timeUp(); !end.IsZero() && !end.After(m.now) {
		m.outOfTime()
		return m.settle()
	}
	for t, ok := m.nextTimer(); ok && !t.at.After(m.now); t, ok = m.nextTimer() {
		m.fire(t)
	}
	return m.settle()
}

func (m *Machine) fire(t timer) {
	n := t.node
	if m.blocked(n) { // it is dropped when the calls in flight have ended
		n.until, n.deadline = time.Time{}, time.Time{}
		return
	}
	m.goOn()
	if t.at.Equal(n.deadline) {
		m.expire(n)
		return
	}
	n.until = time.Time{}
	switch n.step.kind {
	case "wait":
		m.emit(n, run.Entry{Kind: run.StepSucceeded})
	case "repeat":
		n.loop.slept = true
		m.set(n, rounding)
	default:
		m.set(n, starting)
	}
}

// Cancel ends the run: no step begins any more, what waits is dropped, calls in flight are finished and recorded. With
// force these are cut too.
func (m *Machine) Cancel(now time.Time, by string, force bool) Decision {
	m.begin(now)
	if m.status.Ended() {
		return m.done()
	}
	if m.ending == nil || m.ending.kind != run.RunCancelled {
		m.emit(nil, run.Entry{Kind: run.RunCancelling, Data: run.Data{Message: by}})
	}
	if force {
		m.cutAll("Cut: the run was cancelled.")
	}
	return m.settle()
}

// Force cuts the calls in flight of a run that is ending anyhow.
func (m *Machine) Force(now time.Time) Decision {
	m.begin(now)
	if m.ending != nil {
		m.cutAll("Cut: the run was ending.")
	}
	return m.settle()
}

// Lost tells that the process died: every call in flight may have happened or not. Those that a repeat does not harm are
// made again with the same key; of the others nobody but a person can know.
func (m *Machine) Lost(now time.Time) Decision {
	m.begin(now)
	if m.status.Ended() {
		return m.done()
	}
	for _, n := range m.sorted() {
		if n.state != calling {
			continue
		}
		m.emit(n, run.Entry{Kind: run.StepLost, Data: run.Data{Attempt: n.attempt}})
		switch {
		case m.ending != nil && m.ending.kind == run.RunCancelled:
			m.emit(n, cancelled(n, "The run was being ended when Stepmill stopped.", lostCall))
		case n.step.fact.Effect == run.Once:
			m.fail(n, n.doubt(lostCall), nil)
		default: // also where the run or a container is ending: what was done must be known, as it may have to be taken back
			m.invoke(n)
		}
	}
	return m.settle()
}

// Why it is not known whether a call of effect once happened.
const (
	lostCall = "Stepmill stopped while this call was in flight; whether it happened is not known."
	cutCall  = "The call was cut before its answer came; whether it happened is not known."
)

// begin opens a decision made at a time.
func (m *Machine) begin(now time.Time) {
	m.now = now.UTC().Truncate(time.Millisecond)
	m.out, m.asked = Decision{}, 0
}

// done closes it.
func (m *Machine) done() Decision {
	out := m.out
	m.out = Decision{}
	if out.Facts == 0 && len(out.Commands) == 0 {
		out.Facts = len(out.Entries)
	}
	return out
}

// emit decides an entry: it is folded into the state at once.
func (m *Machine) emit(n *node, e run.Entry) {
	e.At = m.now
	e.Seq = m.seq + 1
	if n != nil && e.Path == "" {
		e.Path = n.path
	}
	m.fold(&e, n)
	m.out.Entries = append(m.out.Entries, e)
}

func (m *Machine) command(c Command) { m.out.Commands = append(m.out.Commands, c) }

func (m *Machine) moment(n *node) expr.Moment {
	at := expr.Moment{Now: m.now, Zone: m.program.zone, Seed: m.input.Run, Load: m.input.Load}
	if n != nil {
		at.Seed = m.input.Run + "\x00" + n.path + "\x00" + strconv.Itoa(n.attempt)
	}
	return at
}

func (m *Machine) makeLabel(now time.Time, vars map[string]any) string {
	if m.program.label == nil {
		return ""
	}
	v, err := m.program.label.Eval(m.scope(now, vars), m.moment(nil))
	if err != nil {
		return ""
	}
	return labelText(v)
}

// Ending says that the run will end as soon as its calls in flight are answered.
func (m *Machine) Ending() bool { return m.ending != nil }

// Answers says whether the step at a path answers the inbound request.
func (m *Machine) Answers(path string) bool {
	n := m.nodes[path]
	return n != nil && n.step.fact.Answers
}
