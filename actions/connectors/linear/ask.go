package linear

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Guarantees that several actions give.
const (
	readsOnly = "It only reads, so it is asked again after a crash."
	ownID     = "Linear takes an id of the caller's, which is made of the run's key: a repeat finds what was made and makes nothing twice."
	sameAfter = "It says how it is to be, so a repeat changes nothing."
	noKey     = "Linear has no key here that would make a repeat harmless: what was done and whose answer was lost in a crash is not done again by itself, you are asked."
)

// ask is a request of GraphQL. Its text never changes: inputs are variables, at the place that their Name says. pointer is
// where in the data the output stands.
func ask(text string, fields []actions.Field, pointer string) *actions.Request {
	r := asking(text, fields)
	r.Output = func(resp actions.Response) (any, error) { return took(resp, pointer) }
	return r
}

// asking is ask of a list, whose answer the page takes apart.
func asking(text string, fields []actions.Field) *actions.Request {
	return &actions.Request{Method: "POST", Path: "/graphql", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
		vars, err := variables(fields, in)
		if err == nil && vars["input"] == nil && strings.Contains(text, "$input:") {
			err = fault.New(fault.InvalidInput, "Nothing is given that would change it.")
		}
		return actions.Parts{Body: map[string]any{"query": text, "variables": vars}}, err
	}}
}

// variables puts each input where its field's name says. The input clear names what is to be emptied.
func variables(fields []actions.Field, in map[string]any) (map[string]any, error) {
	vars := map[string]any{}
	for _, f := range fields {
		v := in[f.ID]
		if v == nil || f.Name == "" {
			continue
		}
		switch f.ID {
		case "priority":
			n, err := strconv.Atoi(value.Text(v))
			if err != nil {
				return nil, fault.New(fault.InvalidInput, "The input priority: %q is no number from 0 to 4.", fault.Clip(value.Text(v), 20))
			}
			v = int64(n)
		case "due", "starts", "target":
			day, err := dayOf(f.ID, value.Text(v))
			if err != nil {
				return nil, err
			}
			v = day
		case "clear":
			if err := empty(vars, fields, v); err != nil {
				return nil, err
			}
			continue
		}
		actions.Put(vars, f.Name, v)
	}
	return vars, nil
}

// empty writes null for what is to be emptied.
func empty(vars map[string]any, fields []actions.Field, names any) error {
	list, _ := names.([]any)
	for _, name := range list {
		id := value.Text(name)
		f := actions.FieldAt(fields, id)
		if f == nil || !strings.HasPrefix(f.Name, "input.") || f.ID == "title" || f.ID == "name" {
			return fault.New(fault.InvalidInput, "The input clear: %q is no input that can be emptied.", fault.Clip(id, 60))
		}
		actions.Put(vars, f.Name, nil)
	}
	return nil
}

// dayOf is a day as Linear takes it; of a time its day there.
func dayOf(input, text string) (string, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format(time.DateOnly), nil
		}
	}
	return "", fault.New(fault.InvalidInput, "The input %s: %q is no day; write it as 2026-01-31.", input, fault.Clip(text, 40))
}

// took takes the output out of the data. Linear answers a change with success, and with null for what is not there.
func took(resp actions.Response, pointer string) (any, error) {
	data, ok := value.At(resp.Value, "/data").(map[string]any)
	if !ok {
		return nil, fault.New(fault.Unavailable, "The answer did not come from Linear: it lacks data. Look at what stands between here and there.")
	}
	member, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if value.At(data, "/"+member+"/success") == false {
		return nil, fault.New(fault.InvalidInput, "Linear did not do it and does not say why.")
	}
	if _, there := data[member]; !there {
		return nil, fault.New(fault.Unavailable, "The answer did not come from Linear: it lacks %s. Look at what stands between here and there.", member)
	}
	out := value.At(data, pointer)
	if out == nil {
		return nil, fault.New(fault.NotFound, "Linear has no such thing, or the account may not see it.")
	}
	return out, nil
}

// parts is how Linear's lists come: a member of the data, with nodes and pageInfo.
// Source: https://linear.app/developers/pagination
func parts(member string) actions.Page {
	return actions.Page{Kind: actions.NextToken, Items: "/data/" + member + "/nodes", Sure: "/data/" + member + "/nodes", ID: "/id", Next: "/data/" + member + "/pageInfo/endCursor", More: "/data/" + member + "/pageInfo/hasNextPage",
		At: actions.Spot{Name: "variables.after"}, Size: 250, Sizes: actions.Spot{Name: "variables.first"}}
}

// partsOf is parts of a text that lists things. Those that hold a list themselves come in smaller parts, for the points that Linear
// gives a request. Source: https://linear.app/developers/rate-limiting
func partsOf(text, member string) actions.Page {
	page := parts(member)
	if strings.Contains(text, "(first: 20)") {
		page.Size = 100
	}
	return page
}

// rest is what every list asks for beside its items.
const rest = " pageInfo { hasNextPage endCursor } "

// reading, listing and changing are actions made of a text: one that reads a thing, one that lists, one that changes.
func reading(id, name, description, text, pointer string, sample any, fields ...actions.Field) actions.Action {
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: fields, Output: value.ShapeOf(sample), Sample: sample, Request: ask(text, fields, pointer)}
}

func listing(id, name, description, text, member string, item any, fields ...actions.Field) actions.Action {
	page := partsOf(text, member)
	shape, sample := actions.ListOf(item)
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: append(fields, actions.LimitField()), Output: shape, Sample: sample, Page: &page, Request: asking(text, fields)}
}

func changing(id, name, description, guarantee, text, pointer string, sample any, fields ...actions.Field) actions.Action {
	effect := actions.Idempotent
	if guarantee == noKey {
		effect = actions.Once
	}
	return actions.Action{ID: id, Name: name, Description: description, Effect: effect, Guarantee: guarantee, Input: fields, Output: value.ShapeOf(sample), Sample: sample, Request: ask(text, fields, pointer)}
}

// choosing are options that are asked for by a text.
func choosing(text, member, label string, needs ...actions.Field) *actions.Choices {
	return &actions.Choices{Request: asking(text, needs), Page: parts(member), Value: "/id", Label: label, Needs: needs}
}

// keyed makes of an action that makes a thing one that may be repeated: it gives the thing an id of the run's key, and where
// Linear refuses looks whether it is there already. at is the variable that the id goes to.
// Source: https://linear.app/developers/graphql, where create mutations take an id.
func keyed(create, get actions.Action, at string) actions.Action {
	out := create
	out.Request, out.Effect, out.Guarantee = nil, actions.Idempotent, ownID
	out.Run = func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		return makeOnce(ctx, create, get, at, in, do)
	}
	return out
}

func makeOnce(ctx context.Context, create, get actions.Action, at string, in actions.Input, do actions.Doer) (any, error) {
	id := uuid(in.Key)
	with := create
	with.Request = again(create.Request, at, id)
	made, err := do.Ask(ctx, &with, only(create.Input, in.Values))
	if code := fault.CodeOf(err); err == nil || code != fault.InvalidInput && code != fault.Conflict {
		return made, err
	}
	if there, lost := do.Ask(ctx, &get, map[string]any{"id": id}); lost == nil {
		return there, nil
	}
	return nil, err
}

// again is a request with an id beside its other variables.
func again(r *actions.Request, at, id string) *actions.Request {
	with := *r
	with.Prepare = func(in map[string]any) (actions.Parts, error) {
		made, err := r.Prepare(in)
		if vars, ok := made.Body["variables"].(map[string]any); ok {
			actions.Put(vars, at, id)
		}
		return made, err
	}
	return &with
}

// findOrMake looks for a thing by a list, and makes it where there is none.
func findOrMake(id, name, description string, find, create, get actions.Action, at string) actions.Action {
	sample := map[string]any{"found": true, "item": create.Sample}
	return actions.Action{
		ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: "It looks first, so what is there is not made again. " + ownID + " " + actions.AtOnce,
		Input: create.Input, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			answer, err := do.Ask(ctx, &find, only(find.Input, in.Values))
			if err != nil {
				return nil, err
			}
			if item := value.At(answer, "/items/0"); item != nil {
				return map[string]any{"found": true, "item": item}, nil
			}
			made, err := makeOnce(ctx, create, get, at, in, do)
			return map[string]any{"found": false, "item": made}, err
		},
	}
}

// only are the values of some fields.
func only(fields []actions.Field, values map[string]any) map[string]any {
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(name string, _ any) bool { return actions.FieldAt(fields, name) == nil })
	return out
}

// uuid makes of a key an id in the form that Linear asks for, version 4; the same key gives the same id.
func uuid(key string) string {
	b := sha256.Sum256([]byte("linear " + key))
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
