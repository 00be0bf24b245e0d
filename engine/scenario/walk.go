package scenario

import "slices"

// Place is where a step stands: its JSON Pointer, and the containers around it from outside in.
type Place struct {
	Path   string
	Around []*Step
	// Handles says of each of Around whether the step is part of its own on_error, which is outside what it does.
	Handles []bool
	// InHandler and InUndo say that the step is part of the innermost container's on_error or is its undo.
	InHandler, InUndo bool
}

// Walk visits every step, each before what is inside it, in the order they are written.
func (s *Scenario) Walk(visit func(*Step, Place)) {
	walkList(s.Steps, Place{Path: "/steps"}, visit)
}

// Connections are the slugs of the connections that triggers and steps name, each once, as they are come by.
func (s *Scenario) Connections() []string {
	var list []string
	add := func(slug string) {
		if slug != "" && !slices.Contains(list, slug) {
			list = append(list, slug)
		}
	}
	for _, t := range s.AllTriggers() {
		if t != nil {
			add(t.Connection)
		}
	}
	s.Walk(func(step *Step, _ Place) { add(step.Connection) })
	return list
}

func walkList(steps []*Step, at Place, visit func(*Step, Place)) {
	for i, step := range steps {
		if step == nil {
			continue
		}
		here := at
		here.Path = index(at.Path, i)
		walkStep(step, here, visit)
	}
}

func walkStep(step *Step, at Place, visit func(*Step, Place)) {
	visit(step, at)
	inside := Place{Around: append(at.Around[:len(at.Around):len(at.Around)], step)}
	for _, list := range step.Lists() {
		inside.Path, inside.InHandler = at.Path+list.Path, list.Handler
		inside.Handles = append(at.Handles[:len(at.Handles):len(at.Handles)], list.Handler && list.Branch == nil)
		walkList(list.Steps, inside, visit)
	}
	if step.Undo != nil {
		walkStep(step.Undo, Place{Path: at.Path + "/undo", Around: inside.Around, Handles: append(at.Handles[:len(at.Handles):len(at.Handles)], false), InUndo: true}, visit)
	}
}

// Inner is a list of steps inside a step.
type Inner struct {
	Path    string // from the step, as /router/branches/0/steps
	Branch  *Branch
	Handler bool // it is an on_error's
	Steps   []*Step
}

// Lists gives the lists of steps inside a step, handlers last.
func (s *Step) Lists() []Inner {
	var out []Inner
	branches := func(path string, list []*Branch) {
		for i, b := range list {
			if b == nil {
				continue
			}
			at := index(path+"/branches", i)
			out = append(out, Inner{Path: at + "/steps", Branch: b, Steps: b.Steps})
			if b.OnError != nil && b.OnError.Steps != nil {
				out = append(out, Inner{Path: at + "/on_error/steps", Branch: b, Handler: true, Steps: b.OnError.Steps})
			}
		}
	}
	switch {
	case s.Router != nil:
		branches("/router", s.Router.Branches)
	case s.Parallel != nil:
		branches("/parallel", s.Parallel.Branches)
	case s.ForEach != nil:
		out = append(out, Inner{Path: "/for_each/steps", Steps: s.ForEach.Steps})
	case s.Repeat != nil:
		out = append(out, Inner{Path: "/repeat/steps", Steps: s.Repeat.Steps})
	case s.Group != nil:
		out = append(out, Inner{Path: "/group/steps", Steps: s.Group.Steps})
	}
	if s.OnError != nil && s.OnError.Steps != nil {
		out = append(out, Inner{Path: "/on_error/steps", Handler: true, Steps: s.OnError.Steps})
	}
	return out
}
