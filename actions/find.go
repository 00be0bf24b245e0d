package actions

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// FindOrCreate joins two actions into one that makes a thing only where it is not there yet. find reads: the thing is what
// stands at the JSON Pointer at of its output, of a list its first item; nothing there, or NotFound, is none. The inputs of
// both that have one id are one input. Its output is {"found": bool, "item": the thing}.
//
// Two runs at once may both find nothing and both make it: the guarantee says so to people.
func FindOrCreate(id, name, description string, find, create Action, at string) Action {
	sample := map[string]any{"found": false, "item": create.Sample}
	out := Action{
		ID: id, Name: name, Description: description, Effect: create.Effect, Errors: slices.Concat(create.Errors, find.Errors),
		Guarantee: "It looks first, so what is there already is not made again. " + create.Guarantee,
		Input:     both(find.Input, create.Input), Output: value.ShapeOf(sample), Sample: sample,
	}
	out.Run = func(ctx context.Context, in Input, do Doer) (any, error) {
		answer, err := do.Ask(ctx, &find, only(find.Input, in.Values))
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return nil, err
		}
		if err == nil {
			if err := shows(answer, at); err != nil {
				return nil, err
			}
		}
		if item := firstOf(value.At(answer, at)); err == nil && item != nil && !do.Sandboxed() {
			return map[string]any{"found": true, "item": item}, nil
		}
		made, err := do.Ask(ctx, &create, only(create.Input, in.Values))
		if err != nil {
			return nil, err
		}
		return map[string]any{"found": false, "item": made}, nil
	}
	return out
}

// CreateOrUpdate joins three actions into one that changes a thing where it is there, and makes it where it is not, for systems
// that have no such call themselves. find and at are as of FindOrCreate; the JSON Pointer key into the thing is what update's input
// id becomes. Its output is {"created": bool, "item": what create or update gave}.
func CreateOrUpdate(id, name, description string, find, create, update Action, at, key string) Action {
	sample := map[string]any{"created": true, "item": create.Sample}
	changes := slices.DeleteFunc(slices.Clone(update.Input), func(f Field) bool { return f.ID == "id" })
	out := Action{
		ID: id, Name: name, Description: description, Effect: create.Effect, Errors: slices.Concat(create.Errors, update.Errors, find.Errors),
		Guarantee: "It looks first, so what is there already is changed and not made again. " + create.Guarantee,
		Input:     both(both(find.Input, create.Input), changes), Output: value.ShapeOf(sample), Sample: sample,
	}
	out.Run = func(ctx context.Context, in Input, do Doer) (any, error) {
		answer, err := do.Ask(ctx, &find, only(find.Input, in.Values))
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return nil, err
		}
		if err == nil {
			if err := shows(answer, at); err != nil {
				return nil, err
			}
		}
		item := firstOf(value.At(answer, at))
		if err != nil || item == nil || do.Sandboxed() {
			made, err := do.Ask(ctx, &create, only(create.Input, in.Values))
			if err != nil {
				return nil, err
			}
			return map[string]any{"created": true, "item": made}, nil
		}
		with := only(changes, in.Values)
		if err := Sure(asked, item, key); err != nil {
			return nil, err
		}
		with["id"] = value.At(item, key)
		changed, err := do.Ask(ctx, &update, with)
		if err != nil {
			return nil, err
		}
		return map[string]any{"created": false, "item": changed}, nil
	}
	return out
}

// asked is what a system is called where its name is not known.
const asked = "the system that was asked"

// shows refuses an answer of a look that lacks the member in which things are found: nothing is made because of it.
func shows(answer any, at string) error {
	member, _, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/")
	if member != "" {
		member = "/" + member
	}
	return Sure(asked, answer, member)
}

// both are the fields of two actions, each once: what one of them requires is required.
func both(a, b []Field) []Field {
	out := slices.Clone(a)
	for _, f := range b {
		if i := slices.IndexFunc(out, func(have Field) bool { return have.ID == f.ID }); i >= 0 {
			out[i].Required = out[i].Required || f.Required
			continue
		}
		out = append(out, f)
	}
	out = slices.DeleteFunc(out, func(f Field) bool { return f.ID == LimitField().ID })
	for i := range out {
		out[i].In = InNone // each part sends its own
	}
	return out
}

// only are the values of some fields.
func only(fields []Field, values map[string]any) map[string]any {
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(name string, _ any) bool {
		return !slices.ContainsFunc(fields, func(f Field) bool { return f.ID == name })
	})
	return out
}

func firstOf(v any) any {
	if list, ok := v.([]any); ok {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	return v
}
