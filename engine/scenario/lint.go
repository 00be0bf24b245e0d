package scenario

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// MaxNesting bounds how deep containers may stand within one another.
const MaxNesting = 40

// lint finds what the shape alone cannot say: ids that stand twice, kinds that do not go together, directives in the
// wrong place.
func lint(d *decoder) {
	s := d.doc.Scenario
	d.lintTriggers(s)
	d.lintSettings(s)
	ids := map[string]string{}
	s.Walk(func(step *Step, at Place) {
		if len(at.Around) == MaxNesting {
			d.problem(at.Path, "Steps stand within one another more than %d deep; move a part into a scenario that is called.", MaxNesting)
		}
		if first, twice := ids[step.ID]; twice && step.ID != "" {
			d.problem(at.Path+"/id", "The id %s stands already at %s; every step needs its own.", quote(step.ID), first)
		} else {
			ids[step.ID] = at.Path
		}
		d.lintKind(step, at)
		d.lintContainer(step, at)
		d.lintErrors(step, at)
		d.lintStop(step, at)
		for i, path := range step.Mask {
			if _, err := value.ParsePattern(path); err != nil {
				d.problem(index(at.Path+"/mask", i), "%s", fault.MessageOf(err))
			}
		}
	})
}

func (d *decoder) lintTriggers(s *Scenario) {
	if s.Trigger != nil && s.Triggers != nil {
		d.problem("/triggers", `"trigger" and "triggers" stand both; keep one.`)
	}
	seen := map[string]bool{}
	for i, t := range s.AllTriggers() {
		if t == nil {
			continue
		}
		at := s.TriggerPath(i)
		if s.Trigger == nil && t.ID == "" && d.doc.root.find(at).child("id") == nil {
			d.problem(at, `"id" is missing: each of several triggers needs one.`)
		}
		if seen[t.ID] && t.ID != "" {
			d.problem(at+"/id", "Another trigger has the id %s; give each its own.", quote(t.ID))
		}
		seen[t.ID] = true
		if t.Connection != "" && slices.Contains(BuiltInTriggers(), t.Uses) {
			d.problem(at+"/connection", "A %s trigger uses no connection; leave it out.", t.Uses)
		}
		d.lintExpect(t, at)
		d.lintFlow(t, at)
		if t.Batch != nil && t.Batch.Size == 0 && t.Batch.For == "" {
			d.problem(at+"/batch", "A batch needs a size, a time (for), or both.")
		}
	}
}

// lintFlow refuses flow control that means nothing where a run is started by another or by a person, who wait for it or at
// least for its number.
func (d *decoder) lintFlow(t *Trigger, at string) {
	var without map[string]string
	switch t.Uses {
	case "scenario":
		without = map[string]string{
			"if":       "who calls decided already; put the if on the step that calls, or end with a stop",
			"dedupe":   "each call has its own run; let the caller look for what it had already",
			"debounce": "who calls waits for its own run; put the debounce on the trigger of the one that calls",
			"batch":    "who calls waits for its own run; put the batch on the trigger of the one that calls, or give the call a list",
		}
	case "failure":
		without = map[string]string{
			"debounce": "each failed run is told of; use dedupe with a for to be told once in a while",
			"batch":    "each failed run is told of; use dedupe with a for, or throttle",
		}
	case "manual":
		without = map[string]string{
			"debounce": "who starts a run by hand wants that one; use order_by or concurrency",
			"batch":    "who starts a run by hand wants that one; give it a list as its input",
		}
	}
	n := d.doc.root.find(at)
	if t.Debounce != nil && isZero(t.Debounce.For) {
		d.problem(at+"/debounce", "A debounce of %s waits for nothing; give it a time, or leave it out.", quote(t.Debounce.For))
	}
	if t.Dedupe != nil && isZero(t.Dedupe.For) {
		d.problem(at+"/dedupe/for", "Keys that are kept for %s make nothing a duplicate; give a time, or leave it out for 7 days.", quote(t.Dedupe.For))
	}
	if t.Dedupe != nil && t.Dedupe.Key == "" && n.child("dedupe").child("key") != nil {
		d.problem(at+"/dedupe/key", "The key is empty, so nothing is a duplicate; write what is the same in events that are the same, as {{ trigger.body.id }}.")
	}
	if order := n.child("order_by"); order != nil && order.kind == '"' && strings.TrimSpace(t.OrderBy) == "" {
		d.problem(at+"/order_by", "The order_by is empty, so there is nothing to order by; write what is the same in events that must run one after the other, as {{ trigger.body.id }}, or leave it out.")
	}
	for _, name := range slices.Sorted(maps.Keys(without)) {
		if n.child(name) != nil {
			d.problem(at+"/"+name, "A %s trigger has no %s: %s.", t.Uses, name, without[name])
		}
	}
}

// isZero says that a duration is one of no time.
func isZero(text string) bool {
	d, err := ParseDuration(text)
	return err == nil && d == 0
}

// lintExpect holds an expectation to triggers whose events come by themselves, and to what can be noticed.
func (d *decoder) lintExpect(t *Trigger, at string) {
	if t.Expect == nil {
		return
	}
	if t.Uses == "manual" || t.Uses == "scenario" || t.Uses == "failure" {
		d.problem(at+"/expect", "Nobody can expect events of a %s trigger: people, or other scenarios, start it.", t.Uses)
	}
	if every, err := ParseDuration(t.Expect.Every); err == nil && every > 0 && every < time.Minute {
		d.problem(at+"/expect/every", "A silence of %s is not noticed; give a minute or more.", quote(t.Expect.Every))
	}
}

func (d *decoder) lintSettings(s *Scenario) {
	if s.Settings != nil && s.Settings.Retention != nil {
		if r := s.Settings.Retention; r.For == "" && r.Count == 0 && r.Bytes == "" {
			d.problem("/settings/retention", "A retention needs for, count or bytes.")
		}
	}
}

// lintKind holds a step to exactly one kind, and to the members that go with it.
func (d *decoder) lintKind(step *Step, at Place) {
	n := d.doc.root.find(at.Path)
	var kinds []string
	all := knownFields(stepType, "")
	for _, f := range all {
		if f.kind && n.child(f.name) != nil {
			kinds = append(kinds, f.name)
		}
	}
	switch len(kinds) {
	case 0:
		d.problem(at.Path, "The step %s does nothing: it needs one of %s.", quote(step.ID), strings.Join(kindNames(all), ", "))
		return
	case 1:
	default:
		d.problem(at.Path, "The step %s has %s; a step does one thing.", quote(step.ID), strings.Join(kinds, " and "))
		return
	}
	for _, f := range all {
		if len(f.with) > 0 && n.child(f.name) != nil && !slices.Contains(f.with, kinds[0]) {
			d.problem(at.Path+"/"+f.name, "%q goes with %s, not with %s.", f.name, strings.Join(f.with, " and "), kinds[0])
		}
	}
	if step.Retry != nil && kinds[0] != "uses" && kinds[0] != "call" {
		d.problem(at.Path+"/retry", "Only steps with uses or call are tried again; this one has %s.", kinds[0])
	}
	if step.Delivery != "" && kinds[0] != "uses" {
		d.problem(at.Path+"/delivery", "Only steps with uses have a delivery; this one has %s.", kinds[0])
	}
	if at.InUndo && (kinds[0] != "uses" || step.Undo != nil) {
		d.problem(at.Path, "An undo is one action step, without an undo of its own.")
	}
	for _, name := range []string{"on_error", "each"} {
		if at.InUndo && n.child(name) != nil {
			d.problem(at.Path+"/"+name, "An undo has no %s: what it cannot take back is named in the run's error.", name)
		}
	}
}

func kindNames(all fields) []string {
	var names []string
	for _, f := range all {
		if f.kind {
			names = append(names, f.name)
		}
	}
	return names
}

func (d *decoder) lintContainer(step *Step, at Place) {
	switch {
	case step.Router != nil:
		d.lintRouter(step.Router, at.Path+"/router")
	case step.Parallel != nil:
		d.lintBranchIDs(step.Parallel.Branches, at.Path+"/parallel")
	case step.Repeat != nil:
		if (step.Repeat.While == "") == (step.Repeat.Until == "") {
			d.problem(at.Path+"/repeat", "A repeat needs either while or until.")
		}
	case step.Wait != nil:
		n := 0
		for _, given := range []bool{step.Wait.For != "", step.Wait.Until != "", step.Wait.Event != nil, step.Wait.Approval != nil} {
			if given {
				n++
			}
		}
		if n != 1 {
			d.problem(at.Path+"/wait", "A wait needs exactly one of for, until, event and approval.")
		}
		if step.Wait.Approval != nil {
			d.lintForm(step.Wait.Approval.Form, at.Path+"/wait/approval/form")
		}
	}
}

func (d *decoder) lintRouter(r *Router, at string) {
	d.lintBranchIDs(r.Branches, at)
	if r.Parallel && r.Mode != "all" {
		d.problem(at+"/parallel", `Only a router of mode "all" takes branches at once.`)
	}
	for i, b := range r.Branches {
		if b == nil || b.If != "" || r.Mode != "first" || i == len(r.Branches)-1 {
			continue
		}
		if d.doc.root.find(index(at+"/branches", i)).child("if") == nil {
			d.problem(index(at+"/branches", i), "The branch %s has no if, so the branches after it are never taken; make it the last.", quote(b.ID))
		}
	}
}

func (d *decoder) lintBranchIDs(branches []*Branch, at string) {
	seen := map[string]bool{}
	for i, b := range branches {
		if b == nil || b.ID == "" {
			continue
		}
		if seen[b.ID] {
			d.problem(index(at+"/branches", i)+"/id", "Another branch has the id %s; give each its own.", quote(b.ID))
		}
		seen[b.ID] = true
	}
}

func (d *decoder) lintErrors(step *Step, at Place) {
	if step.OnError != nil {
		d.lintOnError(step.OnError, at.Path+"/on_error")
	}
	if step.Parallel != nil {
		for i, b := range step.Parallel.Branches {
			if b != nil && b.OnError != nil {
				d.lintOnError(b.OnError, index(at.Path+"/parallel/branches", i)+"/on_error")
			}
		}
	}
}

func (d *decoder) lintOnError(e *OnError, at string) {
	n := d.doc.root.find(at)
	if e.Do == "handle" && n.child("steps") == nil {
		d.problem(at, `"steps" is missing: what is done to handle the error.`)
	}
	if e.Do == "resume" && !e.Output.Given {
		d.problem(at, `"output" is missing: what the run goes on with.`)
	}
	for _, name := range []string{"steps", "then"} {
		if e.Do != "handle" && n.child(name) != nil {
			d.problem(at+"/"+name, `%q goes with "handle", not with %s.`, name, quote(e.Do))
		}
	}
	if e.Do != "resume" && e.Output.Given {
		d.problem(at+"/output", `"output" goes with "resume", not with %s.`, quote(e.Do))
	}
}

// lintStop holds break and continue inside a loop, with nothing parallel between.
func (d *decoder) lintStop(step *Step, at Place) {
	if step.Stop == nil || step.Stop.As != "break" && step.Stop.As != "continue" {
		return
	}
	for i := len(at.Around) - 1; i >= 0; i-- {
		switch around := at.Around[i]; {
		case at.Handles[i]:
		case around.ForEach != nil, around.Repeat != nil:
			return
		case around.Parallel != nil, around.Router != nil && around.Router.Parallel:
			d.problem(at.Path+"/stop/as", "A %s cannot leave the parallel step %s; put the loop inside it.", step.Stop.As, quote(around.ID))
			return
		}
	}
	d.problem(at.Path+"/stop/as", "There is no loop around this step for a %s to mean.", step.Stop.As)
}
