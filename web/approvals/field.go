package approvals

import (
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/value"
)

// field is one thing that the form asks for.
type field struct {
	Name, Label, Type string // Type is one of kinds
	Required          bool
	Options           []any  // of a select
	Typed             string // what stands in it; of a boolean "true" or nothing
	Value             any    // what was read from Typed
	Wrong             string // why Typed could not be taken; empty: it could
}

// kinds are the types of fields. Any other one is text.
var kinds = map[string]bool{"text": true, "long_text": true, "number": true, "boolean": true, "select": true, "email": true, "date": true}

const mostFields = 100

// fieldsOf reads the form of an approval. A field that is a text alone is one of that name.
func fieldsOf(form any) []field {
	list, _ := form.([]any)
	var out []field
	for _, item := range list {
		object, ok := item.(map[string]any)
		if name, bare := item.(string); bare {
			object, ok = map[string]any{"name": name}, true
		}
		f := field{Name: value.Text(object["name"]), Label: value.Text(object["label"]), Type: value.Text(object["type"]), Typed: value.Text(object["default"])}
		if !ok || f.Name == "" || len(out) == mostFields {
			continue
		}
		f.Required, _ = object["required"].(bool)
		f.Options, _ = object["options"].([]any)
		if f.Label == "" {
			f.Label = f.Name
		}
		if !kinds[f.Type] || f.Type == "select" && len(f.Options) == 0 {
			f.Type = "text"
		}
		if f.Type == "boolean" && f.Typed != "true" {
			f.Typed = ""
		}
		out = append(out, f)
	}
	return out
}

// key is the field's name in the HTML form.
func (f *field) key() string { return "form." + f.Name }

// take reads the field. Who rejects need not fill in what is required.
func (f *field) take(form url.Values, needed bool) {
	f.Typed, f.Value, f.Wrong = text(form.Get(f.key())), nil, ""
	needed = needed && f.Required
	if utf8.RuneCountInString(f.Typed) > mostField {
		f.Wrong = "At most 10,000 characters."
		return
	}
	if f.Type == "boolean" {
		f.tick(form.Has(f.key()), needed)
		return
	}
	if f.Type != "text" && f.Type != "long_text" {
		f.Typed = strings.TrimSpace(f.Typed)
	}
	if strings.TrimSpace(f.Typed) == "" {
		if needed {
			f.Wrong = "This is needed."
		}
		return
	}
	f.Value = f.Typed
	switch f.Type {
	case "number":
		f.number()
	case "email":
		if a, err := mail.ParseAddress(f.Typed); err != nil || a.Address != f.Typed {
			f.Wrong = "Write a mail address, as ada@example.com."
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, f.Typed); err != nil {
			f.Wrong = "Write a date as year, month and day: 2026-03-04."
		}
	case "select":
		f.choose()
	}
}

// tick reads a box, which browsers do not send at all where it is empty.
func (f *field) tick(given, needed bool) {
	switch strings.ToLower(f.Typed) {
	case "on", "true", "yes", "1":
		f.Typed, f.Value = "true", true
	default:
		f.Typed, f.Value = "", false
		if needed && !given {
			f.Wrong = "Tick this to approve."
		}
	}
}

func (f *field) number() {
	v, err := value.Decode([]byte(f.Typed), value.Limits{})
	if value.Kind(v) != "number" || err != nil {
		f.Wrong = "Write a number, as 12 or 12.5."
		return
	}
	f.Value = v
}

// choose finds the option, which keeps its own type.
func (f *field) choose() {
	for _, o := range f.Options {
		if value.Text(o) == f.Typed {
			f.Value = o
			return
		}
	}
	f.Wrong = "Choose one of the list."
}
