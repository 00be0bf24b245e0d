package engine

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// fetch takes in what the run was told meanwhile.
func (t *task) fetch() {
	t.stayed = time.Time{}
	list, err := t.e.cfg.Store.Signals(t.ctx, t.run.ID)
	if err != nil {
		if t.ctx.Err() == nil {
			t.e.cfg.Log.Error("what a run was told could not be read; it is read again", "run", t.run.ID, "error", err)
			time.AfterFunc(againAfter, func() { t.e.poke(t.run.ID) })
		}
		return
	}
	for _, g := range list {
		t.signalled(g)
	}
}

// signalled tells the machine one thing, once.
func (t *task) signalled(g run.Signal) {
	for _, id := range t.taken {
		if id == g.ID {
			return
		}
	}
	t.taken = append(t.taken, g.ID)
	v, err := value.Decode(g.Data, value.Stored())
	if err != nil {
		t.e.cfg.Log.Error("what a run was told cannot be read and is passed over", "run", t.run.ID, "kind", g.Kind, "error", err)
		return
	}
	object, _ := v.(map[string]any)
	now := t.e.now()
	switch g.Kind {
	case run.SignalEvent:
		t.take(t.m.Signal(now, g.Key, t.light(v)))
	case run.SignalReturned:
		var f *run.Failure
		if failed, ok := object["error"].(map[string]any); ok {
			f = run.FailureFrom(failed)
		}
		hidden := run.HiddenFrom(object["hidden"])
		if hidden != nil && t.veil == nil { // from here on what is hidden is taken out of the values themselves
			t.veil = run.EmptyVeil()
		}
		d := t.m.Returned(now, g.Key, t.light(object["output"]), f)
		hide(d.Entries, hidden)
		t.take(d)
	case run.SignalCancel:
		message, _ := object["message"].(string)
		t.take(t.m.Cancel(now, message, false))
	}
}

// hide says, in the entry that tells how a called run ended, what that hides of what it gave.
func hide(entries []run.Entry, h *run.Hidden) {
	for i := range entries {
		if entries[i].Path != "" {
			entries[i].Hidden = h
			return
		}
	}
}

// cancels says that a run is told to end.
func cancels(g run.Signal) bool { return g.Kind == run.SignalCancel }

// heard answers those who told the run something.
func (t *task) heard(err error) {
	for _, msg := range t.told {
		msg.done <- err
	}
	t.told = nil
}

// call prepares a called run, to be started with the next commit, and tells the machine whether it could be.
func (t *task) call(c *run.Child) {
	start, err := t.child(c, scenarioTrigger)
	if err != nil {
		t.take(t.m.Called(t.e.now(), c.Path, c.Attempt, run.FailureOf(err)))
		return
	}
	t.starts = append(t.starts, start)
	t.take(t.m.Called(t.e.now(), c.Path, c.Attempt, nil))
}

// tellFailure prepares the run of the scenario that is told of this run's failure.
func (t *task) tellFailure(c *run.Child) {
	start, err := t.child(c, failureTrigger)
	if err != nil {
		t.e.cfg.Log.Error("a failed run could not be told of", "run", t.run.ID, "scenario", c.Scenario, "error", err)
		return
	}
	t.starts = append(t.starts, start)
}

// child makes what starts a run of another scenario's live version, by a trigger of the given kind.
func (t *task) child(c *run.Child, uses string) (*run.Accept, error) {
	var s scenario.Stored
	err := t.patiently(func() (err error) {
		s, err = t.e.cfg.Store.Scenario(t.ctx, run.SystemActor(t.run.Workspace), c.Scenario)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case s.Version == 0:
		return nil, fault.New(fault.NotFound, "The scenario %q was never published.", c.Scenario)
	case s.Status == scenario.Paused:
		return nil, fault.New(fault.Unavailable, "The scenario %q is paused.", c.Scenario)
	}
	again, err := t.again(&s)
	if err != nil {
		return nil, err
	}
	now := t.e.now()
	r := run.Run{ID: c.ID, Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Version: s.Version, EventID: NewID(), Status: run.Queued, Seq: 1,
		CreatedAt: now, Parent: c.Parent, Depth: c.Depth, Waited: c.Waited}
	var program *machine.Program
	if err := t.programOf(&program, &r); err != nil {
		return nil, err
	}
	trigger, v, err := entrance(program, c, uses)
	if err != nil {
		return nil, err
	}
	shown, veiled := t.veil.Shown(v)
	data, err := value.Encode(shown)
	if err != nil {
		return nil, err
	}
	r.Trigger = trigger.Key()
	start := &run.Accept{Again: again}
	wanted := t.admit(start, program, &r, v)
	event := run.Event{ID: r.EventID, Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: r.Trigger, Outcome: run.Accepted, RunID: r.ID,
		Value: data, Veiled: veiled, Source: "run " + c.Parent, At: now}
	if err := t.e.eventApart(t.ctx, t.run.ID, &event); err != nil {
		return nil, err
	}
	if start.Event = event; !wanted {
		start.Event.Outcome, start.Event.Detail, start.Event.RunID = run.Filtered, "the trigger's if does not hold", ""
		return start, nil
	}
	if value.HasFile(v) {
		start.FilesOf = []string{t.run.ID, t.run.EventID}
	}
	start.Run, start.Entries = &r, []run.Entry{{Seq: 1, Kind: run.RunQueued, At: now, Data: run.Data{Event: r.EventID}}}
	return start, nil
}

// again gives the first of the runs that led to this one where a scenario is among theirs, and fails where it was called so too
// often; "": it is not.
func (t *task) again(s *scenario.Stored) (first string, err error) {
	if t.callers.First == "" || slices.Contains(t.callers.Scenarios, s.ID) { // what was counted is not what is
		err := t.patiently(func() (err error) {
			t.callers, err = t.e.cfg.Store.Callers(t.ctx, t.run.ID)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	if !slices.Contains(t.callers.Scenarios, s.ID) {
		return "", nil
	}
	n := t.callers.Again
	for _, start := range t.starts {
		if start.Again != "" {
			n++
		}
	}
	if n >= t.e.cfg.MaxAgain {
		return "", fault.New(fault.TooLarge, "The scenario %q calls itself, by itself or over others, and %d runs have begun so since the first; no more begin. End it with a condition.", s.Slug, n)
	}
	return t.callers.First, nil
}

// admit asks the trigger of a run that this one starts whether it is wanted, which events are the same, and how it begins. A run
// of which it cannot say that fails at once, where people see why.
func (t *task) admit(start *run.Accept, p *machine.Program, r *run.Run, v any) (wanted bool) {
	wanted, key, err := p.Admits(r.Trigger, v, r.CreatedAt, t.load)
	if key != nil {
		start.Dedupe = []run.DedupeKey{*key}
	}
	if failed := p.Flow(r, v, r.CreatedAt, t.load); err == nil {
		err = failed
	}
	if err != nil {
		r.Error = t.veil.Failure(run.FailureOf(err))
	}
	if r.Pace.Most == 0 && t.e.places.full(r) {
		r.Hold = run.BeyondLimit
	}
	return wanted
}

// entrance finds the trigger that a called scenario begins with, and what its event is.
func entrance(p *machine.Program, c *run.Child, uses string) (*scenario.Trigger, any, error) {
	trigger := p.Trigger(uses)
	if trigger == nil {
		return nil, nil, fault.New(fault.InvalidInput, "The scenario %q has no %s trigger, so it cannot be called so.", c.Scenario, uses)
	}
	if uses == failureTrigger {
		return trigger, c.Value, nil
	}
	declared, err := scenario.Inputs(trigger.With)
	if err != nil {
		return nil, nil, err
	}
	v, err := scenario.TakeInputs(declared, c.Value)
	return trigger, v, err
}

// The triggers that other runs start.
const (
	scenarioTrigger = "scenario"
	failureTrigger  = "failure"
)

// returns tells the run that called this one, and waits for it, how it ended.
func (t *task) returns() {
	if !t.run.Status.Ended() || !t.run.Waited || t.run.Parent == "" {
		return
	}
	output, err := t.whole(t.m.Output())
	var f *run.Failure
	switch {
	case t.run.Status == run.Cancelled:
		f = &run.Failure{Class: string(fault.Cancelled), Message: "The called run was cancelled."}
	case t.run.Status != run.Succeeded:
		f = t.m.Failure()
	case err != nil:
		f = run.FailureOf(err)
	}
	if value.HasFile(output) {
		t.filesTo = t.run.Parent
	}
	data := map[string]any{"output": output}
	if f != nil {
		data = map[string]any{"error": f.Value()}
	}
	if h := t.veil.Hides(output, f); h != nil {
		data["hidden"] = h.Value()
	}
	t.others = append(t.others, t.returned(data))
}

// returned is what the calling run is told.
func (t *task) returned(data map[string]any) *run.Signal {
	b, err := value.Encode(data)
	if err != nil {
		b = json.RawMessage(`{"error":{"class":"internal","message":"The called run's output cannot be written."}}`)
	}
	return &run.Signal{Workspace: t.run.Workspace, Run: t.run.Parent, Kind: run.SignalReturned, Key: t.run.ID, Data: b, At: t.e.now()}
}

// tellOthers lets other runs know what is durable now.
func (t *task) tellOthers() {
	for _, g := range t.others {
		t.e.poke(g.Run)
	}
	for _, start := range t.starts {
		t.e.started(start)
	}
	t.starts, t.others, t.taken = nil, nil, nil
}

// started sees to it that a run that another one started moves, now that it is durable.
func (e *Engine) started(a *run.Accept) {
	switch r := a.Run; {
	case r == nil || a.FirstEvent != "":
	case r.Hold == run.BeyondLimit:
		e.places.holds(gateOf(r), r.Limit)
		e.nudge()
	case r.Pace.Most > 0: // it begins when it is its turn
		e.timers.add(run.Wake{ID: r.ID, Scenario: r.ScenarioID, At: r.WakeAt})
	case r.Hold == run.BehindOther: // it moves when the one before it has ended
	default:
		e.behind(r.ScenarioID)
	}
}
