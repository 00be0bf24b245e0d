// Package check holds a scenario against a catalogue of connectors: its expressions, the steps they name, the inputs of
// its actions, its connections. It also gives the facts of those actions that publishing freezes. It runs nothing.
package check

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// TriggerOptions says what is wrong with the options of a built-in trigger, or of a connector's that polls.
type TriggerOptions func(*scenario.Trigger, *scenario.Scenario) error

// Checker checks scenarios against one catalogue.
type Checker struct {
	catalogue *actions.Catalogue
	options   map[string]TriggerOptions
}

// New makes a checker. Options are by the name that a built-in trigger's `uses` has, or by a kind of connectors' triggers.
func New(catalogue *actions.Catalogue, options map[string]TriggerOptions) *Checker {
	return &Checker{catalogue: catalogue, options: options}
}

// Workspace is what a scenario may name of the place it stands in.
type Workspace struct {
	Slug        string                    // of the scenario that is checked; empty: not known yet
	Connections map[string]run.Connection // by slug
	Secrets     map[string]bool           // slugs
	BaseURL     string                    // what the server's own addresses begin with; empty: not known
	// Holds says whether a connection has a value; nil: not known.
	Holds func(c run.Connection, value string) bool
	// Unfit says why a secret cannot be what a trigger verifies with; "": it can, or it is not known. nil: of none is.
	Unfit func(t *scenario.Trigger, secret string) string
	// Scenario says whether there is a scenario of a slug; nil: not known. It is asked only of those that are called.
	Scenario func(slug string) bool
}

// Check gives what is wrong beyond what decoding said, without line and column, and the facts of the actions used. A nil
// workspace is not looked at.
func (c *Checker) Check(doc *scenario.Document, place *Workspace) ([]fault.Problem, run.Facts) {
	w := &walk{checker: c, doc: doc, place: place, facts: run.Facts{}, all: map[string]bool{}}
	doc.Walk(func(s *scenario.Step, _ scenario.Place) { w.all[s.ID] = true })
	w.triggers()
	trigger := w.triggerShape()
	roots := map[string]value.Shape{"trigger": trigger, "vars": {Kind: "object"}, "run": runShape()}
	w.settings(roots)
	if f := doc.OnFailure; f != nil {
		w.called(f.Scenario, "/on_failure/scenario")
	}
	w.steps(doc.Steps, "/steps", scope{roots: roots, steps: map[string]value.Shape{}})
	return w.problems, w.facts
}

type walk struct {
	checker  *Checker
	doc      *scenario.Document
	place    *Workspace // nil: not known
	facts    run.Facts
	all      map[string]bool // every step's id
	problems []fault.Problem
}

// scope is what expressions see at a place.
type scope struct {
	roots map[string]value.Shape
	steps map[string]value.Shape
}

// with is the scope with more roots.
func (s scope) with(more map[string]value.Shape) scope {
	roots := maps.Clone(s.roots)
	maps.Copy(roots, more)
	return scope{roots: roots, steps: maps.Clone(s.steps)}
}

func (s scope) clone() scope { return scope{roots: s.roots, steps: maps.Clone(s.steps)} }

func (w *walk) problem(path, format string, args ...any) {
	w.problems = append(w.problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// expression turns the issues of an expression into problems. A known step that is out of scope is told so.
func (w *walk) expression(path string, s scope, issues func(expr.Scope) []expr.Issue) {
	for _, i := range issues(expr.Scope{Roots: s.roots, Steps: s.steps, Hidden: w.all}) {
		message := i.Message
		if i.Column > 1 {
			message = fmt.Sprintf("%s (at column %d of the text)", strings.TrimSuffix(message, "."), i.Column)
		}
		w.problems = append(w.problems, fault.Problem{Path: path + i.Path, Severity: i.Severity, Message: message})
	}
}

func (w *walk) condition(src, path string, s scope) {
	if src != "" {
		w.expression(path, s, func(es expr.Scope) []expr.Issue { return expr.CheckCondition(src, es) })
	}
}

func (w *walk) template(v any, path string, s scope) {
	if v != nil && v != "" {
		w.expression(path, s, func(es expr.Scope) []expr.Issue { return expr.CheckTemplate(v, es) })
	}
}

func (w *walk) settings(roots map[string]value.Shape) {
	if set := w.doc.Settings; set != nil {
		w.template(set.Label, "/settings/label", scope{roots: roots})
	}
}

// steps checks a list and leaves in s what is in scope after it. It gives the shape of the last step's output.
func (w *walk) steps(list []*scenario.Step, path string, s scope) value.Shape {
	last := value.Shape{}
	for i, step := range list {
		last = w.step(step, fmt.Sprintf("%s/%d", path, i), s)
		s.steps[step.ID] = last
	}
	return last
}

// step checks one step; what is inside it and stays visible after it goes into s.
func (w *walk) step(step *scenario.Step, path string, s scope) value.Shape {
	w.condition(step.If, path+"/if", s)
	shape := value.Shape{}
	switch {
	case step.Router != nil:
		shape = w.branches(step.Router.Branches, path+"/router", s)
		if step.Router.Mode == "all" {
			shape = value.Shape{Kind: "object", Fields: map[string]value.Shape{"branches": {Kind: "list"}}}
		}
	case step.Parallel != nil:
		w.branches(step.Parallel.Branches, path+"/parallel", s)
	case step.Group != nil:
		shape = w.steps(step.Group.Steps, path+"/group/steps", s)
	case step.ForEach != nil:
		shape = w.forEach(step.ForEach, path+"/for_each", s)
	case step.Repeat != nil:
		foresee(step.Repeat.Steps, s)
		w.condition(step.Repeat.While, path+"/repeat/while", s)
		w.steps(step.Repeat.Steps, path+"/repeat/steps", s)
		w.condition(step.Repeat.Until, path+"/repeat/until", s)
		shape = value.Shape{Kind: "object", Fields: map[string]value.Shape{"count": {Kind: "number"}}}
	case step.Wait != nil:
		w.wait(step.Wait, path+"/wait", s)
	case step.Stop != nil:
		w.template(step.Stop.Message, path+"/stop/message", s)
	case step.Call != nil:
		w.called(step.Call.Scenario, path+"/call/scenario")
		w.template(step.With, path+"/with", w.each(step, path, s))
	default:
		shape = w.action(step, path, w.each(step, path, s))
	}
	one := shape
	if step.Each != nil {
		shape = value.Shape{Kind: "list", Item: &one}
	}
	w.onError(step.OnError, path+"/on_error", s)
	if e := step.OnError; e != nil && e.Do == "resume" && e.Output.Given {
		shape = value.Union(shape, writtenShape(e.Output.V))
	}
	if step.Undo != nil {
		inner := s.clone()
		if step.Each != nil { // it is the item's
			inner = s.with(loopVars(step.Each.As))
		}
		inner.steps[step.ID] = one
		w.step(step.Undo, path+"/undo", inner)
	}
	return shape
}

// called warns of a scenario that is not there: it may be made later, but a slip in its slug is found only when it fails.
func (w *walk) called(slug, path string) {
	if slug != "" && w.place != nil && w.place.Scenario != nil && !w.place.Scenario(slug) {
		w.problems = append(w.problems, fault.Problem{Path: path, Severity: fault.Warning,
			Message: fmt.Sprintf("There is no scenario %q yet; the call fails until there is, and it is published.", slug)})
	}
}

// foresee puts the steps of a repeat in scope before they are checked: each round sees those of the round before, and the
// first sees null.
func foresee(list []*scenario.Step, s scope) {
	for _, step := range list {
		s.steps[step.ID] = value.Shape{}
		switch {
		case step.Group != nil:
			foresee(step.Group.Steps, s)
		case step.Repeat != nil:
			foresee(step.Repeat.Steps, s)
		case step.Router != nil:
			foreseeBranches(step.Router.Branches, s)
		case step.Parallel != nil:
			foreseeBranches(step.Parallel.Branches, s)
		}
		if step.OnError != nil {
			foresee(step.OnError.Steps, s)
		}
	}
}

func foreseeBranches(list []*scenario.Branch, s scope) {
	for _, b := range list {
		foresee(b.Steps, s)
		if b.OnError != nil {
			foresee(b.OnError.Steps, s)
		}
	}
}

// branches checks each branch in the scope before them all, and then puts every branch's steps into scope.
func (w *walk) branches(list []*scenario.Branch, path string, s scope) value.Shape {
	before := s.clone()
	for i, b := range list {
		at := fmt.Sprintf("%s/branches/%d", path, i)
		w.condition(b.If, at+"/if", before)
		inner := before.clone()
		w.steps(b.Steps, at+"/steps", inner)
		w.onError(b.OnError, at+"/on_error", inner)
		maps.Copy(s.steps, inner.steps)
	}
	return value.Shape{Kind: "object", Fields: map[string]value.Shape{"branch": {Kind: "text"}}}
}

func (w *walk) forEach(f *scenario.ForEach, path string, s scope) value.Shape {
	w.template(f.Items, path+"/items", s)
	inner := s.with(loopVars(f.As))
	w.steps(f.Steps, path+"/steps", inner)
	w.template(f.Collect.V, path+"/collect", inner)
	return value.Shape{Kind: "list"}
}

func loopVars(as string) map[string]value.Shape {
	if as == "" {
		as = "item"
	}
	return map[string]value.Shape{as: {}, "index": {Kind: "number"}}
}

// each checks the list of a step's `each` and gives the scope of its inputs.
func (w *walk) each(step *scenario.Step, path string, s scope) scope {
	if step.Each == nil {
		return s
	}
	w.template(step.Each.Items, path+"/each", s)
	return s.with(loopVars(step.Each.As))
}

func (w *walk) wait(wait *scenario.Wait, path string, s scope) {
	w.template(wait.For, path+"/for", s)
	w.template(wait.Until, path+"/until", s)
	if e := wait.Event; e != nil {
		w.condition(e.Match, path+"/event/match", s.with(map[string]value.Shape{"event": {}}))
	}
	if a := wait.Approval; a != nil {
		for i, to := range a.To {
			w.asked(to, fmt.Sprintf("%s/approval/to/%d", path, i), s)
		}
		w.template(a.Form, path+"/approval/form", s)
		w.template(a.Message, path+"/approval/message", s)
	}
}

// asked checks who is asked: an empty entry asks nobody, and what is no mail address may be one that was mistyped.
func (w *walk) asked(to, path string, s scope) {
	w.template(to, path, s)
	switch address, err := mail.ParseAddress(to); {
	case strings.TrimSpace(to) == "":
		w.problem(path, "Say who is asked, as ada@example.com.")
	case !strings.Contains(to, "{{") && (err != nil || address.Address == ""):
		w.problems = append(w.problems, fault.Problem{Path: path, Severity: fault.Warning, Message: fmt.Sprintf("%q is no mail address; the link has to be passed on to them by hand.", fault.Clip(to, 60))})
	}
}

// writtenShape is what is known of a value with templates in it.
func writtenShape(v any) value.Shape {
	switch v := v.(type) {
	case string:
		return value.Shape{} // a template may give anything
	case map[string]any:
		s := value.Shape{Kind: "object", Fields: make(map[string]value.Shape, len(v))}
		for name, member := range v {
			s.Fields[name] = writtenShape(member)
		}
		return s
	case []any:
		return value.Shape{Kind: "list"}
	}
	return value.ShapeOf(v)
}

func (w *walk) onError(e *scenario.OnError, path string, s scope) {
	if e == nil {
		return
	}
	inner := s.with(map[string]value.Shape{"error": errorShape()})
	w.template(e.Output.V, path+"/output", inner)
	w.steps(e.Steps, path+"/steps", inner)
	for id := range inner.steps { // a handler's steps are in scope after it
		if _, ok := s.steps[id]; !ok {
			s.steps[id] = inner.steps[id]
		}
	}
}

func errorShape() value.Shape {
	return value.Shape{Kind: "object", Fields: map[string]value.Shape{"class": {Kind: "text"}, "message": {Kind: "text"},
		"step": {Kind: "text"}, "path": {Kind: "text"}, "status": {Kind: "number"}, "body": {}, "run": {Kind: "text"}, "retry_after_ms": {Kind: "number"},
		"connection": {Kind: "text"}, "connection_since": {Kind: "number"}}}
}

func runShape() value.Shape {
	text := value.Shape{Kind: "text"}
	return value.Shape{Kind: "object", Fields: map[string]value.Shape{"id": text, "number": {Kind: "number"}, "url": text, "resume_url": text,
		"started_at": text, "scenario": text, "version": {Kind: "number"}, "trigger": text}}
}

// names gives the sorted names of a map, for suggestions.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
