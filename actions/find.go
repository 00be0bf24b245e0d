package actions

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// AtOnce is what the guarantee of an action that looks first and then makes says of two runs.
const AtOnce = "Two runs at once may both find nothing and both make it; order_by of the trigger, with what it is looked for by, has them run one after the other."

// Ensure is how FindOrCreate and CreateOrUpdate look, and what they give, where find and create alone do not say it. The zero value adds nothing.
type Ensure struct {
	// Else looks in place of find where an input that find requires is not given, and has the thing at the JSON Pointer ElseAt.
	Else   *Action
	ElseAt string
	// Get reads a whole thing by its input id. Found is a JSON Pointer to that id in what a look gives of a thing, Made in what create
	// gives; empty: it is whole as it comes.
	Get         *Action
	Found, Made string
	// Existing finds the id of what is there in the message of create's error conflict: a regular expression, whose first group it is. It is
	// about what is looked for, which with Else is what that looks for. Empty, or none found: it is looked for once more.
	Existing string
	// Several is for looks that give lists: the input several says what becomes of more than one, and the output's matches is how
	// many there were.
	Several bool
}

// ensuring is an Ensure with what it is of.
type ensuring struct {
	Ensure
	find, create Action
	at           string
	existing     *regexp.Regexp // nil: there is none
}

func ensured(find, create Action, at string, more []Ensure) *ensuring {
	e := &ensuring{find: find, create: create, at: at}
	for _, one := range more {
		e.Ensure = one
	}
	if e.Existing != "" {
		e.existing = regexp.MustCompile(e.Existing)
	}
	return e
}

// FindOrCreate joins two actions into one that makes a thing only where it is not there yet. find reads: the thing is what
// stands at the JSON Pointer at of its output, of a list its first item; nothing there, or NotFound, is none. The inputs of
// both that have one id are one input. Its output is {"found": bool, "item": the thing}.
//
// Two runs at once may both find nothing and both make it: the guarantee says so to people. Where the system refuses the second, by
// the error conflict, what is there is given as found.
func FindOrCreate(id, name, description string, find, create Action, at string, more ...Ensure) Action {
	e := ensured(find, create, at, more)
	out := Action{
		ID: id, Name: name, Description: description, Effect: create.Effect,
		Guarantee: "It looks first, so what is there already is not made again. " + AtOnce + " " + create.Guarantee, Input: e.input(nil),
	}
	e.shape(&out, "found", false)
	out.Run = func(ctx context.Context, in Input, do Doer) (any, error) {
		item, matches, err := e.look(ctx, in, do)
		if err != nil {
			return nil, err
		}
		found := item != nil
		if found {
			item, err = e.whole(ctx, in, do, item, e.Found)
		} else if item, err = do.Ask(ctx, &e.create, only(e.create.Input, in.Values)); err == nil {
			item = e.made(ctx, in, do, item)
		} else if fault.CodeOf(err) == fault.Conflict {
			found, matches = true, 1
			item, err = e.there(ctx, in, do, err)
		}
		if err != nil {
			return nil, err
		}
		return e.output(matches, "found", found, item), nil
	}
	return out
}

// CreateOrUpdate joins three actions into one that changes a thing where it is there, and makes it where it is not, for systems
// that have no such call themselves. find and at are as of FindOrCreate; the JSON Pointer key into the thing, as a look and Get give it, is
// what update's input id becomes. Its output is {"created": bool, "item": what create or update gave}, and with Made what Get gives then.
func CreateOrUpdate(id, name, description string, find, create, update Action, at, key string, more ...Ensure) Action {
	e := ensured(find, create, at, more)
	changes := slices.DeleteFunc(slices.Clone(update.Input), func(f Field) bool { return f.ID == "id" })
	out := Action{
		ID: id, Name: name, Description: description, Effect: create.Effect,
		Guarantee: "It looks first, so what is there already is changed and not made again. " + AtOnce + " " + create.Guarantee, Input: e.input(changes),
	}
	e.shape(&out, "created", true)
	out.Run = func(ctx context.Context, in Input, do Doer) (any, error) {
		item, matches, err := e.look(ctx, in, do)
		if err != nil {
			return nil, err
		}
		if item == nil {
			made, err := do.Ask(ctx, &e.create, only(e.create.Input, in.Values))
			if err == nil {
				return e.output(matches, "created", true, e.made(ctx, in, do, made)), nil
			}
			if fault.CodeOf(err) != fault.Conflict {
				return nil, err
			}
			if item, err = e.there(ctx, in, do, err); err != nil {
				return nil, err
			}
			matches = 1
		}
		if err := Sure(asked, item, key); err != nil {
			return nil, err
		}
		with := only(changes, in.Values)
		with["id"] = value.At(item, key)
		changed, err := do.Ask(ctx, &update, with)
		if err != nil {
			return nil, err
		}
		if e.Made != "" {
			changed = e.read(ctx, in, do, with["id"], changed)
		}
		return e.output(matches, "created", false, changed), nil
	}
	return out
}

// look finds the thing; nil: there is none. In a sandbox nothing is found.
func (e *ensuring) look(ctx context.Context, in Input, do Doer) (item any, matches int, err error) {
	find, at, err := e.by(in.Values)
	if err != nil {
		return nil, 0, err
	}
	answer, err := do.Ask(ctx, find, only(find.Input, in.Values))
	if fault.CodeOf(err) == fault.NotFound {
		return nil, 0, nil
	}
	if err == nil {
		err = shows(answer, at)
	}
	if err != nil || do.Sandboxed() {
		return nil, 0, err
	}
	if matches = count(answer, at); matches > 1 && in.Values[severalField().ID] == "fail" {
		return nil, 0, fault.New(fault.Conflict, "%d of them fit, and the step is to fail then. Look for it by something that one alone has, or name it by its id with another action.", matches)
	}
	return firstOf(value.At(answer, at)), matches, nil
}

// by is the look that the inputs are given for.
func (e *ensuring) by(values map[string]any) (find *Action, at string, err error) {
	missing := func(a Action) string {
		for _, f := range a.Input {
			if f.Required && values[f.ID] == nil {
				return f.ID
			}
		}
		return ""
	}
	first := missing(e.find)
	if e.Else == nil || first == "" {
		return &e.find, e.at, nil
	}
	if second := missing(*e.Else); second != "" {
		return nil, "", fault.New(fault.InvalidInput, "The input %s: it is looked for by this, or by %s; give one of them.", first, second)
	}
	return e.Else, e.ElseAt, nil
}

// there is the thing that create was refused for, by the error that is given: one that a look does not give yet, or that another run has just
// made. Where it is not found either, the error stays.
func (e *ensuring) there(ctx context.Context, in Input, do Doer, refused error) (any, error) {
	find, _, _ := e.by(in.Values) // which the look before create has found
	if e.existing != nil && (e.Else == nil || find == e.Else) {
		if found := e.existing.FindStringSubmatch(fault.MessageOf(refused)); len(found) > 1 {
			item, err := do.Ask(ctx, e.Get, e.named(in, found[1]))
			if fault.CodeOf(err) == fault.NotFound {
				return nil, refused
			}
			return item, err
		}
	}
	item, _, err := e.look(ctx, in, do)
	if err != nil || item == nil {
		return nil, refused
	}
	return e.whole(ctx, in, do, item, e.Found)
}

// whole is all of a thing that was found.
func (e *ensuring) whole(ctx context.Context, in Input, do Doer, thing any, pointer string) (any, error) {
	if pointer == "" {
		return thing, nil
	}
	if err := Sure(asked, thing, pointer); err != nil {
		return nil, err
	}
	return do.Ask(ctx, e.Get, e.named(in, value.At(thing, pointer)))
}

// made is all of a thing that was made.
func (e *ensuring) made(ctx context.Context, in Input, do Doer, thing any) any {
	if e.Made == "" {
		return thing
	}
	return e.read(ctx, in, do, value.At(thing, e.Made), thing)
}

// read reads what was written. Where it cannot be read, what writing it gave has to do: it is not written again for that.
func (e *ensuring) read(ctx context.Context, in Input, do Doer, id, otherwise any) any {
	if do.Sandboxed() {
		return e.Get.Sample
	}
	item, err := do.Ask(ctx, e.Get, e.named(in, id))
	if err != nil {
		do.Log("It is written, and cannot be read: " + fault.MessageOf(err))
		return otherwise
	}
	return item
}

// named are the inputs of Get for the thing with an id.
func (e *ensuring) named(in Input, id any) map[string]any {
	with := only(e.Get.Input, in.Values)
	with["id"] = id
	return with
}

// input are the inputs of all parts. What the looks alone require is required where there is one look.
func (e *ensuring) input(changes []Field) []Field {
	fields := e.find.Input
	if e.Else != nil {
		fields = slices.Clone(both(e.find.Input, e.Else.Input))
		for i := range fields {
			fields[i].Required = false
		}
	}
	fields = both(both(fields, e.create.Input), changes)
	if e.Several {
		fields = append(fields, severalField())
	}
	return fields
}

// shape writes the output: flag, as it is in a sandbox, and the thing.
func (e *ensuring) shape(out *Action, flag string, is bool) {
	item := e.create.Sample
	if e.Made != "" {
		item = e.Get.Sample
	}
	out.Sample = e.output(0, flag, is, item)
	out.Output = value.ShapeOf(out.Sample)
}

func (e *ensuring) output(matches int, flag string, is bool, item any) map[string]any {
	out := map[string]any{flag: is, "item": item}
	if e.Several {
		out["matches"] = matches
	}
	return out
}

// severalField is the input for what becomes of several things that fit.
func severalField() Field {
	return Field{ID: "several", Label: "Where several fit", Help: "Takes the first that comes, or changes nothing and fails as conflict. matches in the output says how many fit.", Type: Select, Default: "first", In: InNone,
		Options: []Option{{Value: "first", Label: "Take the first"}, {Value: "fail", Label: "Fail"}}}
}

// count is how many things stand where the thing is taken from.
func count(answer any, at string) int {
	before, _, _ := strings.Cut(at+"/", "/0/")
	switch v := value.At(answer, strings.TrimSuffix(before, "/")).(type) {
	case nil:
		return 0
	case []any:
		return len(v)
	}
	return 1
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
