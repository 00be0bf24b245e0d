package outbound

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// mostChoices is how many options of an input are given at most.
const mostChoices = 500

// Choices loads the options of an input from the account of a connection.
func (c *Client) Choices(ctx context.Context, q run.Choosing) (out run.Chosen, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Logger.Error("loading choices panicked", "uses", q.Uses, "field", q.Field, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "The options of %s failed to load inside Stepmill; the server's log has the details.", fault.Clip(q.Field, 60))
		}
	}()
	d, spec, err := c.choosing(q)
	if err != nil {
		return out, err
	}
	search := strings.TrimSpace(q.Search)
	for _, o := range spec.Known {
		if one := (run.Choice{Value: o.Value, Label: o.Label}); sought(one, strings.ToLower(search)) {
			out.Choices = append(out.Choices, one)
		}
	}
	if spec.Request == nil || q.Connection == "" && len(spec.Known) > 0 {
		out.More = spec.Request != nil
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, defaultWithin)
	defer cancel()
	defer func() { d.held.leave(c.rooms) }()
	if err := c.open(ctx, d); err != nil {
		return run.Chosen{}, d.fault(err)
	}
	if d.sandbox {
		out.Sandboxed = true
		return out, nil
	}
	w := &walk{d: d, request: spec.Request, page: &spec.Page}
	if search != "" && spec.Search.Name != "" {
		w.fixed = append(w.fixed, placed{spec.Search, search})
		search = ""
	}
	search = strings.ToLower(search)
	seen := map[string]bool{} // what several items have, as the owner of repositories, is one option
	for _, one := range out.Choices {
		seen[one.Value] = true
	}
	whole, err := w.pages(ctx, func(items []any, _ int64) (bool, error) {
		for _, item := range items {
			if !spec.Takes(item) {
				continue
			}
			one := run.Choice{Value: value.Text(value.At(item, spec.Value)), Label: fault.Clip(spec.LabelOf(item), 200)}
			if one.Label == "" {
				one.Label = one.Value
			}
			if one.Value == "" || seen[one.Value] || !sought(one, search) {
				continue
			}
			if len(out.Choices) == mostChoices {
				out.More = true
				return false, nil
			}
			out.Choices, seen[one.Value] = append(out.Choices, one), true
		}
		return true, nil
	})
	if refused := fault.CodeOf(err); refused == fault.Unauthorized && len(out.Choices) > 0 { // the known ones are there without a right to the others
		out.More = true
		return out, nil
	}
	out.More = out.More || err == nil && !whole
	return out, d.fault(err)
}

// sought says that an option has what people search for, in lower case, in what they read or in its value.
func sought(one run.Choice, search string) bool {
	return search == "" || strings.Contains(strings.ToLower(one.Label+" "+one.Value), search)
}

// choosing finds what an input's options are loaded with.
func (c *Client) choosing(q run.Choosing) (*doing, *actions.Choices, error) {
	name, _, _ := strings.Cut(q.Uses, "@")
	_, id, _ := strings.Cut(name, ".")
	d := &doing{client: c, connector: c.cfg.Connectors.Of(name)}
	var fields []actions.Field
	var ways []string
	if a := c.cfg.Connectors.Action(name); a != nil {
		fields, ways = a.Input, a.Ways
	} else if t := c.cfg.Connectors.Trigger(name); t != nil {
		fields, ways, d.trigger = t.Input, t.Ways, true
	} else {
		return nil, nil, fault.New(fault.InvalidInput, "There is no action or trigger %q.", fault.Clip(q.Uses, 80))
	}
	f := actions.FieldAt(fields, q.Field)
	if f == nil || f.Choices == nil {
		return nil, nil, fault.New(fault.InvalidInput, "The input %q of %s has no options to load.", fault.Clip(q.Field, 60), q.Uses)
	}
	input := map[string]any{}
	for _, need := range f.Choices.Needs {
		v := q.Input[need.ID]
		text, isText := v.(string)
		if v == nil || isText && (text == "" || strings.Contains(text, "{{")) {
			return nil, nil, fault.New(fault.InvalidInput, "Fill in %s first, with a fixed value: the options depend on it.", labelOf(fields, need))
		}
		if of := actions.FieldAt(fields, need.ID); isText && of != nil {
			v = of.Tidy(text)
		}
		input[need.ID] = v
	}
	d.call = run.Call{Workspace: q.Workspace, Scenario: q.Scenario, Action: name, Connection: q.Connection, Input: input, Effect: run.Read, Attempt: 1}
	d.action = &actions.Action{ID: id, Effect: actions.Read, Ways: ways, Input: f.Choices.Needs, Request: f.Choices.Request}
	return d, f.Choices, nil
}

func labelOf(fields []actions.Field, need actions.Field) string {
	if f := actions.FieldAt(fields, need.ID); f != nil {
		return f.Label
	}
	return need.ID
}
