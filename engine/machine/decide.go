package machine

import (
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// settle decides everything that can be decided now.
func (m *Machine) settle() Decision {
	m.out.Facts = len(m.out.Entries)
	for {
		for len(m.ready) > 0 {
			n := m.ready[0]
			m.ready[0] = nil // or what the step was given would stay in memory as long as the others wait
			m.ready = m.ready[1:]
			if m.isDue(n) && !m.blocked(n) {
				m.decide(n)
			}
			if len(m.out.Entries) >= mostDecided || len(m.ready) > 0 && m.asked >= mostAsked || len(m.ready) > 0 && len(m.out.Entries) > 0 && m.input.Enough != nil && m.input.Enough() {
				m.out.More = true
				return m.done()
			}
		}
		switch {
		case m.status.Ended() || m.root == nil && m.ending == nil:
			return m.done()
		case m.ending == nil:
			m.rest()
			return m.done()
		case !m.end():
			return m.done()
		}
	}
}

// mostDecided bounds the entries of one decision: a loop of steps that only compute would else never give it.
const mostDecided = 1000

// mostAsked bounds what the calls of one decision are given, in bytes of JSON: the items of a loop that begin together would
// else have all their inputs in memory before the first is made.
const mostAsked = 4 << 20

func (m *Machine) isDue(n *node) bool { return m.nodes[n.path] == n && n.state.due() }

// blocked says that nothing more begins here: the run is ending, or a container around is being emptied.
func (m *Machine) blocked(n *node) bool {
	if n.frame.kind == undoFrame {
		return m.ending == nil || !m.ending.undo
	}
	return m.ending != nil || n.frame.halted() != nil
}

func (m *Machine) decide(n *node) {
	switch n.state {
	case starting:
		m.start(n)
	case failing:
		m.fail(n, n.failure, nil)
	case halting:
		m.empty(n)
	case gathering:
		m.gather(n)
	case rounding:
		m.round(n)
	case closing:
		m.close(n)
	case handled:
		if n.step.onError.stop {
			m.emit(n, run.Entry{Kind: run.StepFailed, Data: run.Data{Attempt: n.attempt, Failure: n.failure}})
			return
		}
		m.emit(n, run.Entry{Kind: run.StepIgnored, Data: run.Data{Attempt: n.attempt, Failure: n.failure, Message: "handled"}})
	case broken:
		m.emit(n, run.Entry{Kind: run.StepFailed, Data: run.Data{Attempt: n.attempt, Failure: n.failure}})
	}
}

// close ends a container whose steps are done.
func (m *Machine) close(n *node) {
	output := n.output()
	if list, ok := output.([]any); ok && n.loop != nil { // what its items gave may be kept apart, each for itself
		for i, item := range list {
			whole, err := m.whole(item)
			if err != nil {
				m.fail(n, n.fault(err), nil)
				return
			}
			list[i] = whole
		}
	}
	m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Output: output}})
}

// whole gives a value that may be kept apart.
func (m *Machine) whole(v any) (any, error) {
	large, ok := v.(value.Large)
	if !ok {
		return v, nil
	}
	if m.input.Load == nil {
		return nil, fault.New(fault.Internal, "A value of %d bytes is kept apart, and nothing here can read it.", large.Bytes)
	}
	return m.input.Load(large)
}

// output is what a container gives when it closes.
func (n *node) output() any {
	switch n.step.kind {
	case "group":
		return n.body.last
	case "router":
		return n.branchesTaken()
	case "repeat":
		return map[string]any{"count": n.loop.begun}
	case "for_each", "each":
		return n.collected()
	}
	return nil // of parallel
}

func (n *node) branchesTaken() any {
	if n.step.all {
		taken := make([]any, len(n.taken))
		for i, id := range n.taken {
			taken[i] = id
		}
		return map[string]any{"branches": taken}
	}
	if len(n.taken) == 0 {
		return nil
	}
	return map[string]any{"branch": n.taken[0]}
}

// start begins a step, or the next attempt at it.
func (m *Machine) start(n *node) {
	if m.again(n) {
		return
	}
	if !n.asked && n.step.moves() && m.passed(n) {
		m.emit(n, run.Entry{Kind: run.StepSkipped, Data: run.Data{Message: "it stands before the step that is replayed from, and was not done then"}})
		return
	}
	if !n.asked && !n.holds(m.from) { // what leads to the step that is replayed from is gone through whatever it says now
		if skip, err := m.skipped(n); err != nil {
			m.fail(n, n.fault(err), nil)
			return
		} else if skip != "" {
			m.emit(n, run.Entry{Kind: run.StepSkipped, Data: run.Data{Message: skip}})
			return
		}
	}
	n.asked = true
	var err error
	switch n.step.kind {
	case "uses":
		err = m.startAction(n)
	case "call":
		err = m.startCall(n)
	case "router":
		err = m.startRouter(n)
	case "for_each", "each":
		err = m.startLoop(n)
	case "group", "repeat":
		m.emit(n, run.Entry{Kind: run.StepStarted})
	case "parallel":
		var all []string
		for _, b := range n.step.branch {
			all = append(all, b.id)
		}
		m.emit(n, run.Entry{Kind: run.StepStarted, Data: run.Data{Taken: all}})
	case "wait":
		err = m.startWait(n)
	case "stop":
		err = m.startStop(n)
	}
	if err != nil {
		m.fail(n, n.fault(err), nil)
	}
}

// again gives a step the outcome that it had before the container around it was parked, or in the run that this one replays
// a part of. It is false where there is none.
func (m *Machine) again(n *node) bool {
	if had, ok := m.kept[n.path]; ok && !n.asked {
		kind := run.StepSucceeded
		switch {
		case had.doubt != nil:
			m.emit(n, run.Entry{Kind: run.StepUncertain, Data: run.Data{Attempt: 1, Failure: had.doubt}})
			return true
		case had.ignored:
			kind = run.StepIgnored
		}
		m.emit(n, run.Entry{Kind: kind, Data: run.Data{Output: had.output, Message: "As before it was parked."}})
		return true
	}
	return !n.asked && m.asBefore(n)
}

// skipped says why a step is not done; "" it is.
func (m *Machine) skipped(n *node) (string, error) {
	if n.step.off {
		return "disabled", nil
	}
	if n.step.cond == nil {
		return "", nil
	}
	holds, err := n.step.cond.Eval(n.frame.vars, m.moment(n))
	if err != nil {
		return "", at("if", err)
	}
	if !holds {
		return "its condition does not hold", nil
	}
	return "", nil
}

// inputs evaluates what a step is called with, or takes what a person gave instead.
func (m *Machine) inputs(n *node) (any, error) {
	n.attempt++
	if n.given != nil {
		return n.given, nil
	}
	v, err := n.step.with.Eval(n.frame.vars, m.moment(n))
	if err != nil {
		return nil, at("with", err)
	}
	return v, nil
}

func (m *Machine) startAction(n *node) error {
	v, err := m.inputs(n)
	if err != nil {
		return err
	}
	m.emit(n, run.Entry{Kind: run.StepStarted, Data: run.Data{Attempt: n.attempt, Input: v}})
	m.invoke(n)
	return nil
}

func (m *Machine) invoke(n *node) {
	if n.input == nil {
		v, err := m.whole(n.large)
		if err != nil {
			m.fail(n, n.fault(err), nil)
			return
		}
		n.input, _ = v.(map[string]any)
	}
	m.asked += value.Size(n.input, mostAsked)
	m.command(Command{Invoke: &run.Call{
		Run: m.input.Run, Scenario: m.input.Scenario, Path: n.path, Attempt: n.attempt,
		Action: n.step.action, Connection: n.step.conn, Input: n.input,
		Key: run.Key(m.input.Run, n.path), Effect: n.step.fact.Effect, Timeout: n.step.timeout,
	}})
}

// startCall asks for a run of another scenario. Its id follows from this run, the path and the attempt, so that it is
// started once however often the machine is asked.
func (m *Machine) startCall(n *node) error {
	v, err := m.inputs(n)
	if err != nil {
		return err
	}
	if m.input.Depth >= maxDepth {
		return fault.New(fault.TooLarge, "Scenarios call one another more than %d deep; end the circle with a condition, or let one of them take a list.", maxDepth)
	}
	child := run.ChildID(m.now, m.input.Run, n.path, n.attempt)
	m.emit(n, run.Entry{Kind: run.StepStarted, Data: run.Data{Attempt: n.attempt, Input: v, Child: child}})
	m.calls++
	m.command(Command{Call: &run.Child{ID: child, Parent: m.input.Run, Path: n.path, Attempt: n.attempt, Scenario: n.step.call.scenario,
		Value: v, Depth: m.input.Depth + 1, Waited: !n.step.call.async}})
	return nil
}

func (m *Machine) startRouter(n *node) error {
	taken, err := m.branchesGiven(n)
	if err != nil {
		return err
	}
	if taken != nil {
		m.emit(n, run.Entry{Kind: run.StepStarted, Data: run.Data{Taken: taken}})
		return nil
	}
	for _, b := range n.step.branch {
		holds := b.cond == nil
		if b.cond != nil {
			var err error
			if holds, err = b.cond.Eval(n.frame.vars, m.moment(n)); err != nil {
				return at("the if of branch "+b.id, err)
			}
		}
		if holds {
			taken = append(taken, b.id)
			if !n.step.all {
				break
			}
		}
	}
	m.emit(n, run.Entry{Kind: run.StepStarted, Data: run.Data{Taken: taken}})
	return nil
}

func (m *Machine) startStop(n *node) error {
	v, err := n.step.message.Eval(n.frame.vars, m.moment(n))
	if err != nil {
		return at("message", err)
	}
	m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Message: value.Text(v)}})
	return nil
}

func (m *Machine) startWait(n *node) error {
	w := n.step.wait
	var end time.Time
	if w.limit > 0 {
		end = m.now.Add(w.limit)
	}
	switch {
	case w.event:
		m.emit(n, run.Entry{Kind: run.StepWaiting, Data: run.Data{Until: end}})
		m.listen(n)
		return nil
	case w.ask != nil:
		asked, err := w.ask.Eval(n.frame.vars, m.moment(n))
		if err != nil {
			return at("wait", err)
		}
		m.emit(n, run.Entry{Kind: run.StepWaiting, Data: run.Data{Until: end, Input: asked}})
		return nil
	}
	v, err := w.at.Eval(n.frame.vars, m.moment(n))
	if err != nil {
		return at("wait", err)
	}
	until, err := m.waitEnd(n.step, v)
	if err != nil {
		return at("wait", err)
	}
	m.emit(n, run.Entry{Kind: run.StepWaiting, Data: run.Data{Until: until}})
	if !until.After(m.now) {
		m.emit(n, run.Entry{Kind: run.StepSucceeded})
	}
	return nil
}

// listen gives a wait the first buffered event that it is for.
func (m *Machine) listen(n *node) {
	for _, s := range m.signals {
		if n.step.wait.match != nil {
			vars := with(n.frame.vars, "event", s.value)
			holds, err := n.step.wait.match.Eval(vars, m.moment(n))
			switch {
			case fault.CodeOf(err) == fault.InvalidInput: // it is no event of that kind: whoever knows the address can send anything
				continue
			case err != nil:
				m.fail(n, n.fault(at("match", err)), nil)
				return
			case !holds:
				continue
			}
		}
		m.goOn()
		m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Event: s.id, Output: s.value}})
		return
	}
}

// waitEnd reads what a wait's template gave: a duration, or a time.
func (m *Machine) waitEnd(s *step, v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, fault.New(fault.InvalidInput, "It gave %s; a text is needed, as 2h or 2026-01-31T09:00:00Z.", value.AKind(v))
	}
	if !s.wait.until {
		d, err := scenario.ParseDuration(text)
		return m.now.Add(d), err
	}
	t, err := scenario.ParseTime(text, m.program.zone)
	switch {
	case err != nil:
		return t, err
	case t.After(m.now.Add(scenario.MaxDuration)):
		return t, fault.New(fault.InvalidInput, "%s is more than ten years from now.", text)
	}
	return t.UTC().Truncate(time.Millisecond), nil
}
