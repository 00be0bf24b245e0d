package actions

import (
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// Choices are options of a field that lie in the account, or that are known of every account. They are loaded for a person who fills the
// field in; what a step has there need not be one of them.
type Choices struct {
	Known   []Option // of every account, before those that are loaded
	Request *Request // nil: there are none but the known ones
	Page    Page
	Value   string  // JSON Pointer into an item: what the input becomes; empty: the item itself, where a list holds texts
	Label   string  // what people read: a JSON Pointer into an item, or a text with several in braces, as "{/key}: {/name}"; empty: Value
	Needs   []Field // inputs that the request is made of, by their ids, and where they go in it: they are filled in before
	Search  Spot    // where a text goes that people search for; zero: it is looked for in what came
	// Pick is a JSON Pointer into each item: only those are options in which Equals is there. Empty: all are.
	Pick   string
	Or     string // another such pointer: those are options too in which Equals is at this one
	Equals string
}

// KnownNames are options that every account has, by names that say what they are.
func KnownNames(names ...string) *Choices {
	out := &Choices{Known: make([]Option, len(names))}
	for i, name := range names {
		out.Known[i] = Option{Value: name, Label: name}
	}
	return out
}

// Takes says that an item is an option.
func (c *Choices) Takes(item any) bool {
	return c.Pick == "" || value.Text(value.At(item, c.Pick)) == c.Equals || c.Or != "" && value.Text(value.At(item, c.Or)) == c.Equals
}

// LabelOf is what people read of an item.
func (c *Choices) LabelOf(item any) string {
	switch {
	case c.Label == "":
		return value.Text(value.At(item, c.Value))
	case !strings.Contains(c.Label, "{"):
		return value.Text(value.At(item, c.Label))
	}
	var b strings.Builder
	for rest := c.Label; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			break
		}
		pointer, left, _ := strings.Cut(after, "}")
		b.WriteString(value.Text(value.At(item, pointer)))
		rest = left
	}
	return b.String()
}

// FieldAt finds a field by its id, of one within a group by "group.field".
func FieldAt(fields []Field, path string) *Field {
	id, inner, nested := strings.Cut(path, ".")
	for i := range fields {
		if fields[i].ID != id {
			continue
		}
		if nested {
			return FieldAt(fields[i].Fields, inner)
		}
		return &fields[i]
	}
	return nil
}
