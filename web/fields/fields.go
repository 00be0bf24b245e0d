// Package fields holds the fields of forms that people fill in: how each is shown, and what is read out of what they typed. What
// a form is for is not known here.
package fields

import (
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/value"
)

// Field is one thing that a form asks for.
type Field struct {
	Key         string // its name in the HTML form
	Name, Label string
	Help        string
	Type        string // one of kinds; any other one is text
	Required    bool
	Options     []Option // of a select and of a multi_select
	Typed       string   // what stands in it; of a boolean "true" or nothing
	Chosen      []string // of a multi_select: the options
	Value       any      // what was read from Typed or Chosen
	Wrong       string   // why that could not be taken; empty: it could
}

// Option is one of those a person chooses from. Its value keeps its type.
type Option struct {
	Value any
	Label string
}

// Most is the most that is taken of a field, in characters.
const Most = 10_000

// Kinds are the types of fields.
func Kinds() []string {
	return []string{"text", "long_text", "number", "integer", "boolean", "list", "object", "select", "multi_select", "email", "date", "file"}
}

// Fill puts in what a field begins with: a default, or what its page's address says.
func (f *Field) Fill(v any) {
	switch list, _ := v.([]any); {
	case f.Type == "multi_select" && list != nil:
		f.Chosen = nil
		for _, one := range list {
			f.Chosen = append(f.Chosen, value.Text(one))
		}
	case f.Type == "multi_select" && v != nil:
		f.Chosen = []string{value.Text(v)}
	case f.Type == "boolean" && !isTrue(value.Text(v)), f.Type == "file":
		f.Typed = ""
	case f.Type == "boolean":
		f.Typed = "true"
	default:
		f.Typed = value.Text(v)
	}
}

// Take reads the field from a form that was sent. needed says that what is required has to be there.
func (f *Field) Take(form url.Values, needed bool) {
	f.Typed, f.Value, f.Wrong = Text(form.Get(f.Key)), nil, ""
	needed = needed && f.Required
	if utf8.RuneCountInString(f.Typed) > Most {
		f.Wrong = "At most 10,000 characters."
		return
	}
	switch f.Type {
	case "boolean":
		f.tick(form.Has(f.Key), needed)
		return
	case "multi_select":
		f.chooseMany(form[f.Key], needed)
		return
	case "text", "long_text":
	default:
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
	case "number", "integer":
		f.number()
	case "list", "object":
		f.json()
	case "email":
		if a, err := mail.ParseAddress(f.Typed); err != nil || a.Address != f.Typed || len(f.Typed) > 254 {
			f.Wrong = "Write a mail address, as ada@example.com."
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, f.Typed); err != nil {
			f.Wrong = "Write a date as year, month and day: 2026-03-04."
		}
	case "select":
		if f.Value = f.option(f.Typed); f.Value == nil {
			f.Wrong = "Choose one of the list."
		}
	}
}

func isTrue(text string) bool {
	switch strings.ToLower(text) {
	case "on", "true", "yes", "1":
		return true
	}
	return false
}

// tick reads a box, which browsers do not send at all where it is empty.
func (f *Field) tick(given, needed bool) {
	if f.Value = isTrue(f.Typed); f.Value == true {
		f.Typed = "true"
		return
	}
	if f.Typed = ""; needed && !given {
		f.Wrong = "This has to be ticked."
	}
}

func (f *Field) number() {
	v, err := value.Decode([]byte(f.Typed), value.Limits{})
	if value.Kind(v) != "number" || err != nil {
		f.Wrong = "Write a number, as 12 or 12.5."
		return
	}
	if f.Type == "integer" && strings.Trim(value.Text(v), "-0123456789") != "" {
		f.Wrong = "Write a whole number, as 12."
		return
	}
	f.Value = v
}

func (f *Field) json() {
	v, err := value.Decode([]byte(f.Typed), value.Limits{})
	if err != nil || value.Kind(v) != f.Type {
		f.Wrong = map[string]string{"list": `Write a list in JSON, as ["a", 2].`, "object": `Write an object in JSON, as {"a": 2}.`}[f.Type]
		return
	}
	f.Value = v
}

// inputType is what a browser calls the type.
func (f *Field) inputType() string {
	if f.Type == "integer" {
		return "number"
	}
	return f.Type
}

// step is by which a number goes.
func (f *Field) step() string {
	if f.Type == "integer" {
		return "1"
	}
	return "any"
}

// option finds an option, which keeps its own type; nil: there is none.
func (f *Field) option(text string) any {
	for _, o := range f.Options {
		if value.Text(o.Value) == text {
			return o.Value
		}
	}
	return nil
}

// chooseMany reads the options that are ticked, in the order of the list, each once.
func (f *Field) chooseMany(given []string, needed bool) {
	f.Typed, f.Chosen = "", nil
	ticked := map[string]bool{}
	for _, text := range given {
		if f.option(text) == nil {
			f.Wrong = "Choose from the list."
			continue
		}
		ticked[text] = true
	}
	list := []any{}
	for _, o := range f.Options {
		if text := value.Text(o.Value); ticked[text] {
			f.Chosen, list = append(f.Chosen, text), append(list, o.Value)
		}
	}
	if f.Value = list; needed && len(list) == 0 && f.Wrong == "" {
		f.Wrong = "Choose at least one."
	}
}

// Text is what a browser sends of a text, as it was typed. What no text can hold is marked.
func Text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"), "\x00", "\uFFFD")
}
