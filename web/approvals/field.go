package approvals

import (
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/fields"
)

const mostFields = 100

// fieldsOf reads the form of an approval. A field that is a text alone is one of that name; one of a type that is not known is
// text.
func fieldsOf(form any) []fields.Field {
	list, _ := form.([]any)
	var out []fields.Field
	for _, item := range list {
		object, ok := item.(map[string]any)
		if name, bare := item.(string); bare {
			object, ok = map[string]any{"name": name}, true
		}
		f := fields.Field{Name: value.Text(object["name"]), Label: value.Text(object["label"]), Type: scenario.FieldType(value.Text(object["type"]))}
		if !ok || f.Name == "" || len(out) == mostFields {
			continue
		}
		f.Key = "form." + f.Name
		f.Required, _ = object["required"].(bool)
		options, _ := object["options"].([]any)
		for _, o := range options {
			f.Options = append(f.Options, fields.Option{Value: o, Label: value.Text(o)})
		}
		if f.Label == "" {
			f.Label = f.Name
		}
		chooses := f.Type == "select" || f.Type == "multi_select"
		if f.Type == "" || chooses && len(f.Options) == 0 { // of what was published before it was looked at
			f.Type = "text"
		}
		f.Fill(object["default"])
		out = append(out, f)
	}
	return out
}
