package actions

import (
	"maps"

	"github.com/stepmill/stepmill/engine/value"
)

// SetFields is the input for fields of an account's own that are chosen by their names, beside an input that takes an object of them.
// value says what goes into one.
func SetFields(help, value string, of *Choices, example string) Field {
	return Field{ID: "set", Label: "Set fields", Help: help, Type: List, In: InNone, Fields: []Field{
		{ID: "field", Label: "Field", Help: "What it is called in the system.", Type: Text, Required: true, Example: example, Choices: of},
		{ID: "value", Label: "Value", Help: value, Type: JSON, Example: "pro"}}}
}

// WithSet is the object of an input with what SetFields sets in it; nil: nothing is given.
func WithSet(in map[string]any, object string) map[string]any {
	given, _ := in[object].(map[string]any)
	out := maps.Clone(given)
	list, _ := in["set"].([]any)
	for _, item := range list {
		if out == nil {
			out = map[string]any{}
		}
		out[value.Text(value.At(item, "/field"))] = value.At(item, "/value")
	}
	return out
}
