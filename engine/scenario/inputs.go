package scenario

import (
	"regexp"
	"slices"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Input is one of the values that a scenario with a `scenario` trigger is called with.
type Input struct {
	Name     string
	Kind     string // as value.Kind names it; empty: anything
	Required bool
	Default  any
}

// kinds are the words for an input's type, those of JSON Schema among them.
var kinds = map[string]string{"": "", "any": "", "text": "text", "string": "text", "number": "number", "integer": "number", "boolean": "boolean",
	"list": "list", "array": "list", "object": "object"}

var inputForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// isInputName tells whether an input, or a field of a form, can be called so.
func isInputName(s string) bool { return len(s) <= 63 && inputForm.MatchString(s) }

// Inputs reads a trigger's `inputs`: a list of objects with name, type, required and default. None means that anything goes.
func Inputs(with map[string]any) ([]Input, error) {
	given, has := with["inputs"]
	if !has || given == nil {
		return nil, nil
	}
	list, ok := given.([]any)
	if !ok {
		return nil, fault.New(fault.InvalidInput, "inputs must be a list of objects with name, type, required and default.")
	}
	out := make([]Input, 0, len(list))
	for i, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, fault.New(fault.InvalidInput, "The input at %d of inputs must be an object with name, type, required and default.", i)
		}
		in := Input{Default: object["default"]}
		if in.Name, _ = object["name"].(string); !isInputName(in.Name) {
			return nil, fault.New(fault.InvalidInput, "The input at %d of inputs needs a name of letters, digits and _ that begins with a letter.", i)
		}
		if slices.ContainsFunc(out, func(other Input) bool { return other.Name == in.Name }) {
			return nil, fault.New(fault.InvalidInput, "There are two inputs %q.", in.Name)
		}
		word, text := object["type"].(string)
		kind, known := kinds[word]
		if _, has := object["type"]; has && !text || !known {
			return nil, fault.New(fault.InvalidInput, "The type of the input %q must be text, number, boolean, list, object or any.", in.Name)
		}
		in.Kind = kind
		if required, has := object["required"]; has {
			if in.Required, ok = required.(bool); !ok {
				return nil, fault.New(fault.InvalidInput, "required of the input %q must be true or false.", in.Name)
			}
		}
		if in.Default != nil && kind != "" && value.Kind(in.Default) != kind {
			return nil, fault.New(fault.InvalidInput, "The default of the input %q must be %s, not %s.", in.Name, value.WithArticle(kind), value.AKind(in.Default))
		}
		for name := range object {
			if !slices.Contains([]string{"name", "type", "required", "default", "description"}, name) {
				return nil, fault.New(fault.InvalidInput, "An input has no %q; it has name, type, required, default and description.", fault.Clip(name, 60))
			}
		}
		out = append(out, in)
	}
	return out, nil
}

// TakeInputs holds what a scenario is called with to its inputs, and fills in the defaults.
func TakeInputs(declared []Input, v any) (any, error) {
	if len(declared) == 0 {
		return v, nil
	}
	given, _ := v.(map[string]any)
	names := make([]string, len(declared))
	for i, in := range declared {
		names[i] = in.Name
	}
	for name := range given {
		if !slices.Contains(names, name) {
			return nil, fault.New(fault.InvalidInput, "The called scenario has no input %q.%s", fault.Clip(name, 60), fault.DidYouMean(name, names))
		}
	}
	out := make(map[string]any, len(declared))
	for _, in := range declared {
		got := fitting(in.Kind, given[in.Name])
		if got == nil {
			got = in.Default
		}
		switch {
		case got == nil && in.Required:
			return nil, fault.New(fault.InvalidInput, "The called scenario needs the input %q.", in.Name)
		case got != nil && in.Kind != "" && value.Kind(got) != in.Kind:
			return nil, fault.New(fault.InvalidInput, "The called scenario's input %q must be %s, not %s.", in.Name, value.WithArticle(in.Kind), value.AKind(got))
		}
		out[in.Name] = got
	}
	return out, nil
}

// fitting turns a value into a kind where nothing is lost: "12" is 12 where a number is asked for, and 12 is "12".
func fitting(kind string, v any) any {
	have := value.Kind(v)
	switch text, _ := v.(string); {
	case kind == "text" && (have == "number" || have == "boolean"):
		return value.Text(v)
	case kind == "boolean" && (text == "true" || text == "false"):
		return text == "true"
	case kind == "number" && have == "text":
		if n, err := value.Decode([]byte(text), value.Limits{}); err == nil && value.Kind(n) == "number" && value.Text(n) == text {
			return n
		}
	}
	return v
}
