package expr

import (
	"maps"
	"slices"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// stepsRoot is the name under which the outputs of steps stand in scope.
const stepsRoot = "steps"

// reads is what an expression reads of its scope.
type reads struct {
	roots []string
	steps []string // whose outputs, where each is named
	all   bool     // any step's output may be read
}

func (r *reads) root(name string) {
	r.roots = including(r.roots, name)
	r.all = r.all || name == stepsRoot
}

func (r *reads) step(id string) {
	r.roots, r.steps = including(r.roots, stepsRoot), including(r.steps, id)
}

func (r *reads) add(other reads) {
	for _, name := range other.roots {
		r.roots = including(r.roots, name)
	}
	for _, id := range other.steps {
		r.steps = including(r.steps, id)
	}
	r.all = r.all || other.all
}

func including(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// whole gives what stands under a root with the values in it that are kept apart and may be read.
func (r *reads) whole(name string, v any, load func(value.Large) (any, error)) (any, error) {
	if large, ok := v.(value.Large); ok {
		return loaded(large, load)
	}
	steps, ok := v.(map[string]any)
	if !ok || name != stepsRoot {
		return v, nil
	}
	ids := r.steps
	if r.all {
		ids = slices.Sorted(maps.Keys(steps))
	}
	var out map[string]any
	for _, id := range ids {
		large, ok := steps[id].(value.Large)
		if !ok {
			continue
		}
		if out == nil {
			out = maps.Clone(steps)
		}
		whole, err := loaded(large, load)
		if err != nil {
			return nil, err
		}
		out[id] = whole
	}
	if out != nil {
		return out, nil
	}
	return v, nil
}

func loaded(large value.Large, load func(value.Large) (any, error)) (any, error) {
	if load == nil {
		return nil, fault.New(fault.Internal, "A value of %d bytes is kept apart, and nothing here can read it.", large.Bytes)
	}
	return load(large)
}

// Reads says whether the condition reads a name of the scope.
func (c *Condition) Reads(name string) bool { return slices.Contains(c.p.reads.roots, name) }

// Reads says whether an expression of the template reads a name of the scope.
func (t *Template) Reads(name string) bool { return slices.Contains(t.reads.roots, name) }
