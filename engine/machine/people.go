package machine

import (
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Outcome is what a person says of an uncertain call.
type Outcome string

const (
	Happened     Outcome = "happened"       // its output is given
	DidNotHappen Outcome = "did_not_happen" // it is made now
	Skip         Outcome = "skip"           // the run goes on without it
)

// Settle takes a person's word on an uncertain step; path "" means the only one.
func (m *Machine) Settle(now time.Time, path string, outcome Outcome, output any) (Decision, error) {
	m.begin(now)
	n := m.standing(path, doubtful)
	if n == nil || n.state != doubtful || m.blocked(n) {
		return Decision{}, m.notStanding(path, doubtful, "uncertain")
	}
	if outcome != Happened && outcome != Skip && outcome != DidNotHappen {
		return Decision{}, fault.New(fault.InvalidInput, "%q is no outcome; say happened, did_not_happen or skip.", outcome)
	}
	m.goOn()
	switch outcome {
	case Happened:
		m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Attempt: n.attempt, Output: output, Message: "A person said that it happened."}})
	case Skip:
		m.emit(n, run.Entry{Kind: run.StepIgnored, Data: run.Data{Attempt: n.attempt, Failure: n.failure, Message: "A person skipped it."}})
	case DidNotHappen:
		m.emit(n, run.Entry{Kind: run.StepResumed, Data: run.Data{Attempt: n.attempt, Message: "A person said that it did not happen."}})
	}
	return m.settle(), nil
}

// Resume goes on with a parked step: it is tried again, with another input where one is given. path "" means the only
// one that is parked.
func (m *Machine) Resume(now time.Time, path string, input map[string]any, by string) (Decision, error) {
	m.begin(now)
	n := m.standing(path, parked)
	if path == "" && n == nil && m.counts[parked] == 0 {
		n = m.standing(path, doubtful)
	}
	switch {
	case n != nil && n.state == doubtful:
		return Decision{}, fault.New(fault.Conflict, "Nobody knows whether the step %q of this run happened: say so with an outcome, happened, did_not_happen or skip.", n.path)
	case n == nil || n.state != parked || m.blocked(n):
		return Decision{}, m.notStanding(path, parked, "parked")
	case input != nil && n.step.kind != "uses" && n.step.kind != "call":
		return Decision{}, fault.New(fault.InvalidInput, "The step %q takes no input; only those with uses or call do.", n.path)
	}
	m.goOn()
	data := run.Data{Attempt: n.attempt, Message: by}
	if input != nil {
		data.Input = input
	}
	m.emit(n, run.Entry{Kind: run.StepResumed, Data: data})
	return m.settle(), nil
}

// InputOf gives what a step is called with that waits, or stands until a person acts; path "" means the only one parked.
func (m *Machine) InputOf(path string) map[string]any {
	n := m.standing(path, parked)
	if n == nil {
		return nil
	}
	if n.input == nil {
		v, _ := m.whole(n.large) // one that cannot be read is as none
		n.input, _ = v.(map[string]any)
	}
	return n.input
}

// standing finds the node at a path, or for "" the only one that is in a state.
func (m *Machine) standing(path string, in state) *node {
	if path == "" && m.counts[in] == 1 {
		for _, one := range m.nodes {
			if one.state == in {
				return one
			}
		}
	}
	return m.nodes[path]
}

// notStanding says which steps a person can mean where the one at a path does not stand so.
func (m *Machine) notStanding(path string, in state, so string) error {
	var list []string
	for _, n := range m.sorted() {
		if n.state == in && !m.blocked(n) {
			list = append(list, n.path)
		}
	}
	switch {
	case path != "":
		return fault.New(fault.Conflict, "The step %q of this run is not %s.", path, so)
	case len(list) == 0:
		return fault.New(fault.Conflict, "No step of this run is %s.", so)
	}
	return fault.New(fault.Conflict, "Several steps of this run are %s; say which by its path: %s.", so, fault.Clip(strings.Join(list, ", "), 500))
}

// goOn says that a run that stood moves again.
func (m *Machine) goOn() {
	if m.status != run.Running {
		m.emit(nil, run.Entry{Kind: run.RunResumed})
	}
}

// Signal tells of an event for the run's waits. It is kept until a wait takes it. One that is known already is passed over.
func (m *Machine) Signal(now time.Time, id string, value any) Decision {
	m.begin(now)
	if m.status.Ended() || m.ending != nil {
		return m.done()
	}
	for _, s := range m.signals {
		if s.id == id {
			return m.done()
		}
	}
	m.emit(nil, run.Entry{Kind: run.RunSignalled, Data: run.Data{Event: id, Output: value}})
	if m.counts[listening] > 0 {
		for _, n := range m.sorted() {
			if n.state == listening && !m.blocked(n) {
				m.listen(n)
			}
		}
	}
	return m.settle()
}

// Wants says what the run waits for from outside: whether for an event, and the paths of its approvals, in order.
func (m *Machine) Wants() (event bool, approvals []string) {
	if m.counts[listening]+m.counts[asking] == 0 {
		return false, nil
	}
	for _, n := range m.sorted() {
		switch {
		case m.blocked(n):
		case n.state == listening:
			event = true
		case n.state == asking:
			approvals = append(approvals, n.path)
		}
	}
	return event, approvals
}

// Standing says that nothing moves the run but a person, an event or a called run, and at most that their time is up.
func (m *Machine) Standing() bool {
	return m.counts[calling]+m.counts[sleeping]+m.calls == 0
}

// Verdict is a person's decision on an approval.
type Verdict struct {
	Approved bool
	By       string
	Comment  string
	Form     map[string]any
}

// Decide takes a person's decision on an approval. A rejection is no failure.
func (m *Machine) Decide(now time.Time, path string, v Verdict) (Decision, error) {
	m.begin(now)
	n := m.nodes[path]
	if n == nil || n.state != asking || m.blocked(n) {
		return Decision{}, fault.New(fault.Conflict, "The step %q of this run does not wait for a decision.", path)
	}
	decision := "rejected"
	if v.Approved {
		decision = "approved"
	}
	form := any(nil)
	if v.Form != nil {
		form = v.Form
	}
	m.goOn()
	m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Output: map[string]any{"decision": decision, "by": v.By, "at": m.now.Format(run.TimeFormat), "comment": v.Comment, "form": form}}})
	return m.settle(), nil
}

// Called tells whether the run that a step calls could be started; nil: it was.
func (m *Machine) Called(now time.Time, path string, attempt int, f *run.Failure) Decision {
	m.begin(now)
	m.calls = max(m.calls-1, 0)
	n := m.nodes[path]
	if n == nil || n.state != away || n.attempt != attempt || m.status.Ended() {
		return m.settle()
	}
	switch {
	case f != nil:
		failure := *f
		failure.Step, failure.Path = n.step.id, n.path
		m.fail(n, &failure, nil)
	case n.step.call.async:
		m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Attempt: n.attempt, Output: map[string]any{"run": n.called}}})
	}
	d := m.settle()
	d.Facts = 0 // nothing came from outside: it would be decided again, and the run started then
	return d
}

// Returned tells how a called run ended. One that nobody waits for any more is passed over.
func (m *Machine) Returned(now time.Time, child string, output any, f *run.Failure) Decision {
	m.begin(now)
	if m.status.Ended() || m.counts[away] == 0 {
		return m.done()
	}
	for _, n := range m.sorted() {
		if n.state != away || n.called != child {
			continue
		}
		if !m.blocked(n) {
			m.goOn()
		}
		if f == nil {
			m.answered(n, run.Result{Output: output})
			break
		}
		failure := *f
		failure.Step, failure.Path, failure.Run = n.step.id, n.path, child
		m.fail(n, &failure, nil)
		break
	}
	return m.settle()
}
