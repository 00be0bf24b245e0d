package scenario

import (
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// fieldTypes are the words for what a field of an approval's form takes: those for inputs, and those that a page knows.
var fieldTypes = map[string]string{"": "text", "any": "text", "text": "text", "string": "text", "long_text": "long_text", "number": "number", "integer": "integer",
	"boolean": "boolean", "list": "list", "array": "list", "object": "object", "select": "select", "multi_select": "multi_select", "email": "email", "date": "date"}

// FieldType gives the type of an approval's field that a word means: text, long_text, number, integer, boolean, list, object,
// select, multi_select, email or date; "": none.
func FieldType(word string) string { return fieldTypes[word] }

var fieldMembers = []string{"name", "label", "type", "required", "default", "options", "description"}

// lintForm holds the fields of an approval's form to what its page can ask. What is a template is known only when it asks.
func (d *decoder) lintForm(form []any, at string) {
	seen := map[string]bool{}
	for i, item := range form {
		here := index(at, i)
		name, bare := item.(string)
		object, ok := item.(map[string]any)
		switch {
		case bare && !templated(name):
			d.lintFieldName(name, here, seen)
		case ok:
			d.lintField(object, here, seen)
		case !bare:
			d.problem(here, "A field must be a name, or an object with a name and a type.")
		}
	}
}

func templated(v any) bool {
	text, ok := v.(string)
	return ok && strings.Contains(text, "{{")
}

func (d *decoder) lintFieldName(name, at string, seen map[string]bool) {
	switch {
	case !isInputName(name):
		d.problem(at, "A field needs a name of letters, digits and _ that begins with a letter.")
	case seen[name]:
		d.problem(at, "There are two fields %s; give each its own name.", quote(name))
	}
	seen[name] = true
}

func (d *decoder) lintField(f map[string]any, at string, seen map[string]bool) {
	if name, has := f["name"]; !has {
		d.problem(at, `"name" is missing: what the decision's form calls it.`)
	} else if text, _ := name.(string); !templated(name) {
		d.lintFieldName(text, at+"/name", seen)
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.Contains(fieldMembers, name) {
			d.problem(at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), "A field has no %s; it has %s.%s", quote(name), strings.Join(fieldMembers, ", "), fault.DidYouMean(name, fieldMembers))
		}
	}
	if required, has := f["required"]; has && !templated(required) {
		if _, ok := required.(bool); !ok {
			d.problem(at+"/required", "required must be true or false.")
		}
	}
	word, text := f["type"].(string)
	if _, has := f["type"]; has && templated(word) {
		return
	} else if kind := FieldType(word); has && !text || kind == "" {
		d.problem(at+"/type", "The type of a field must be text, long_text, number, integer, boolean, list, object, select, multi_select, email, date or any.%s", fault.DidYouMean(word, slices.Sorted(maps.Keys(fieldTypes))))
	} else {
		d.lintFieldKind(f, kind, at)
	}
}

// lintFieldKind holds the options and the default of a field to its type.
func (d *decoder) lintFieldKind(f map[string]any, kind, at string) {
	options, has := f["options"]
	list, isList := options.([]any)
	chooses := kind == "select" || kind == "multi_select"
	switch {
	case has && !chooses:
		d.problem(at+"/options", "Only a field of the type select or multi_select has options.")
	case chooses && !has:
		d.problem(at, `"options" is missing: what can be chosen.`)
	case chooses && !templated(options) && (!isList || len(list) == 0):
		d.problem(at+"/options", "The options must be a list of what can be chosen.")
	}
	given := f["default"]
	want := map[string]string{"number": "number", "integer": "number", "boolean": "boolean", "list": "list", "object": "object"}[kind]
	if given != nil && want != "" && !templated(given) && value.Kind(given) != want {
		d.problem(at+"/default", "The default must be %s, not %s.", value.WithArticle(want), value.AKind(given))
	}
}
