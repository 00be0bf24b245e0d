package scenario

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Form is the page that a `form` trigger shows: a form to fill in, or a chat.
type Form struct {
	Chat        bool
	Title       string // empty: the scenario's name
	Description string
	Fields      []FormField // none of a chat
	Submit      string      // of the button; empty: a word for it
	Thanks      string      // what is shown once the event is on disk; empty: a sentence
	Redirect    string      // where the browser is led then instead: an http or https address
	Ended       bool        // the page waits for what the run answers
	Identity    *Identity   // nil: nobody proves who they are
	Allow       []string    // origins of the pages that may show this one within them
}

// Identity is how a page that embeds or links to a form says who its visitor is: an HMAC-SHA256 of their id.
type Identity struct {
	Secret   string // slug
	Field    string // that holds the id in `trigger` (of a chat it is `user`), and as a parameter of the page's address
	Required bool   // nobody else is let in
}

// FormField is one thing that a form asks for.
type FormField struct {
	Name     string
	Label    string // empty: Name
	Help     string
	Type     string // one of FieldTypes
	Required bool
	Default  any
	Options  []FieldOption // of select and multi_select
}

// FieldOption is one of those a person chooses from.
type FieldOption struct {
	Value any // a text or a number
	Label string
}

// HashParam is the parameter of a form's address that proves the id in the one that Identity.Field names.
const HashParam = "user_hash"

const (
	maxFields   = 100
	maxOptions  = 500
	maxAllow    = 20
	maxFormText = 10_000 // characters
)

// FieldTypes are the types of a form's fields.
func FieldTypes() []string {
	return []string{"text", "long_text", "email", "number", "boolean", "date", "select", "multi_select", "file"}
}

// ReadForm reads the options of a `form` trigger. What is wrong is InvalidInput, each problem with its place in the options.
func ReadForm(with map[string]any) (Form, error) {
	r := formReader{out: Form{Chat: with["mode"] == "chat"}}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if v := with[name]; v != nil {
			r.option(name, v, "/"+name)
		}
	}
	r.together()
	if len(r.problems) > 0 {
		return r.out, fault.Invalid(r.problems[0].Message, r.problems)
	}
	return r.out, nil
}

type formReader struct {
	out      Form
	problems []fault.Problem
}

func (r *formReader) problem(at, format string, args ...any) {
	r.problems = append(r.problems, fault.Problem{Path: at, Message: fmt.Sprintf(format, args...)})
}

func (r *formReader) option(name string, v any, at string) {
	switch name {
	case "mode":
		if v != "form" && v != "chat" {
			r.problem(at, "mode must be form or chat.")
		}
	case "title":
		r.out.Title = r.text(name, v, at, MaxName)
	case "description":
		r.out.Description = r.text(name, v, at, maxFormText)
	case "submit":
		r.out.Submit = r.text(name, v, at, 60)
	case "thanks":
		r.thanks(r.text(name, v, at, maxFormText), at)
	case "respond":
		if v != "accepted" && v != "ended" {
			r.problem(at, "respond must be accepted or ended.")
		}
		r.out.Ended = v == "ended"
	case "fields":
		r.fields(v, at)
	case "identity":
		r.identity(v, at)
	case "allow":
		r.allow(v, at)
	default:
		r.problem(at, "A form has no %q; it takes mode, title, description, fields, submit, thanks, respond, identity and allow.", fault.Clip(name, 60))
	}
}

// text reads a text of at most so many characters.
func (r *formReader) text(name string, v any, at string, most int) string {
	text, ok := v.(string)
	switch {
	case !ok || strings.TrimSpace(text) == "":
		r.problem(at, "%s needs a text.", name)
	case len([]rune(text)) > most:
		r.problem(at, "%s has more than %d characters.", name, most)
	}
	return text
}

// thanks is a text, or the address that the browser is led to.
func (r *formReader) thanks(text, at string) {
	lower := strings.ToLower(text)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		r.out.Thanks = text
		return
	}
	u, err := url.Parse(text)
	if err != nil || !hostText.MatchString(u.Host) || u.User != nil || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune(`;,"'`, c) }) {
		r.problem(at, "%q is no address to lead to; write it as https://example.com/thanks, or write a text.", fault.Clip(text, 60))
		return
	}
	r.out.Redirect = u.String()
}

func (r *formReader) identity(v any, at string) {
	object, ok := v.(map[string]any)
	if !ok {
		r.problem(at, `identity needs an object, as {"secret": "SLUG", "field": "user_id"}.`)
		return
	}
	id := &Identity{Field: "user_id", Required: !r.out.Chat}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at, v := at+"/"+name, object[name]
		switch name {
		case "secret":
			id.Secret, _ = v.(string)
		case "field":
			if id.Field, ok = v.(string); !ok || !isInputName(id.Field) || id.Field == HashParam {
				r.problem(at, "field needs a name of letters, digits and _ that begins with a letter, as user_id.")
			}
		case "required":
			if id.Required, ok = v.(bool); !ok {
				r.problem(at, "required must be true or false.")
			}
		default:
			r.problem(at, "identity has no %q; it takes secret, field and required.", fault.Clip(name, 60))
		}
	}
	if !value.IsSlug(id.Secret) {
		r.problem(at, "identity needs the slug of the secret that ids are signed with.")
	}
	r.out.Identity = id
}

func (r *formReader) allow(v any, at string) {
	list, ok := v.([]any)
	if !ok || len(list) > maxAllow {
		r.problem(at, `allow needs a list of at most %d origins, as ["https://www.example.com"].`, maxAllow)
		return
	}
	for i, item := range list {
		text, _ := item.(string)
		origin, ok := originOf(text)
		if !ok {
			r.problem(fmt.Sprintf("%s/%d", at, i), "%q is no origin; write it as https://www.example.com, without a path.", fault.Clip(text, 60))
			continue
		}
		r.out.Allow = append(r.out.Allow, origin)
	}
}

var hostText = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)

// originOf reads an origin as a browser's policy names it: no path, no wildcard, nothing that would end the policy's part.
func originOf(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" || !hostText.MatchString(u.Host) {
		return "", false
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), true
}

// together asks that the options fit one another.
func (r *formReader) together() {
	f := &r.out
	if f.Chat {
		if len(f.Fields) > 0 {
			r.problem("/fields", "A chat has no fields: each message is an event with message, conversation and user.")
		}
		if f.Thanks != "" || f.Redirect != "" {
			r.problem("/thanks", "A chat shows what the run answers; leave thanks out.")
		}
		f.Ended = true
		return
	}
	if f.Redirect != "" && f.Ended {
		r.problem("/thanks", "The page cannot both lead elsewhere and show what the run answers; leave out respond, or write a text.")
	}
	if f.Identity == nil {
		return
	}
	for i, field := range f.Fields {
		if field.Name == f.Identity.Field || field.Name == HashParam {
			r.problem(fmt.Sprintf("/fields/%d/name", i), "%q is the identity's; call the field something else.", field.Name)
		}
	}
}

func (r *formReader) fields(v any, at string) {
	list, ok := v.([]any)
	if !ok || len(list) > maxFields {
		r.problem(at, `fields needs a list of at most %d objects, as [{"name": "email", "type": "email", "required": true}].`, maxFields)
		return
	}
	for i, item := range list {
		at := fmt.Sprintf("%s/%d", at, i)
		object, ok := item.(map[string]any)
		if !ok {
			r.problem(at, `A field must be an object, as {"name": "email", "type": "email"}.`)
			continue
		}
		r.field(object, at)
	}
}

func (r *formReader) field(object map[string]any, at string) {
	f := FormField{Type: "text", Default: object["default"]}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		v, at := object[name], at+"/"+name
		switch name {
		case "name":
			f.Name, _ = v.(string)
		case "label":
			f.Label = r.text(name, v, at, 200)
		case "help":
			f.Help = r.text(name, v, at, 1000)
		case "type":
			f.Type, _ = v.(string)
			if !slices.Contains(FieldTypes(), f.Type) {
				r.problem(at, "The type of a field must be one of %s.%s", strings.Join(FieldTypes(), ", "), fault.DidYouMean(f.Type, FieldTypes()))
			}
		case "required":
			var ok bool
			if f.Required, ok = v.(bool); !ok {
				r.problem(at, "required must be true or false.")
			}
		case "options":
			f.Options = r.options(v, at)
		case "default":
		default:
			r.problem(at, "A field has no %q; it takes name, label, help, type, required, default and options.", fault.Clip(name, 60))
		}
	}
	switch {
	case !isInputName(f.Name):
		r.problem(at, "A field needs a name of letters, digits and _ that begins with a letter.")
	case slices.ContainsFunc(r.out.Fields, func(other FormField) bool { return other.Name == f.Name }):
		r.problem(at+"/name", "There are two fields %q.", f.Name)
	}
	chooses := f.Type == "select" || f.Type == "multi_select"
	if chooses && object["options"] == nil {
		r.problem(at, "The field %q needs options to choose from.", f.Name)
	}
	if !chooses && object["options"] != nil {
		r.problem(at+"/options", "Only select and multi_select have options.")
	}
	if f.Default != nil && !f.takes(f.Default) {
		r.problem(at+"/default", "The default does not fit the field: %s.", f.wants())
	}
	r.out.Fields = append(r.out.Fields, f)
}

func (r *formReader) options(v any, at string) []FieldOption {
	list, ok := v.([]any)
	if !ok || len(list) == 0 || len(list) > maxOptions {
		r.problem(at, `options needs a list of 1 to %d texts, or objects as {"value": "b", "label": "Bug"}.`, maxOptions)
		return nil
	}
	var out []FieldOption
	for i, item := range list {
		o := FieldOption{Value: item}
		if object, ok := item.(map[string]any); ok {
			o.Value, o.Label = object["value"], value.Text(object["label"])
		}
		if kind := value.Kind(o.Value); kind != "text" && kind != "number" || value.Text(o.Value) == "" {
			r.problem(fmt.Sprintf("%s/%d", at, i), "An option must be a text or a number that is not empty.")
			continue
		}
		if slices.ContainsFunc(out, func(other FieldOption) bool { return value.Text(other.Value) == value.Text(o.Value) }) {
			r.problem(fmt.Sprintf("%s/%d", at, i), "There are two options %q.", fault.Clip(value.Text(o.Value), 60))
			continue
		}
		if o.Label == "" {
			o.Label = value.Text(o.Value)
		}
		out = append(out, o)
	}
	return out
}

// takes says that a default fits the field.
func (f *FormField) takes(v any) bool {
	option := func(v any) bool {
		return slices.ContainsFunc(f.Options, func(o FieldOption) bool { return value.Text(o.Value) == value.Text(v) })
	}
	switch f.Type {
	case "number", "boolean":
		return value.Kind(v) == f.Type
	case "select":
		return option(v)
	case "multi_select":
		list, ok := v.([]any)
		return ok && !slices.ContainsFunc(list, func(v any) bool { return !option(v) })
	case "file":
		return false
	}
	return value.Kind(v) == "text"
}

func (f *FormField) wants() string {
	switch f.Type {
	case "number", "boolean":
		return "it must be a " + f.Type
	case "select":
		return "it must be one of the options"
	case "multi_select":
		return "it must be a list of some of the options"
	case "file":
		return "a file has none"
	}
	return "it must be a text"
}

// Shape is what `trigger` is in the runs of a form.
func (f *Form) Shape() value.Shape {
	text := value.Shape{Kind: "text"}
	out := value.Shape{Kind: "object", Fields: map[string]value.Shape{}}
	if f.Chat {
		out.Fields = map[string]value.Shape{"message": text, "conversation": text, "user": {}}
		return out
	}
	if f.Identity != nil {
		out.Fields[f.Identity.Field] = value.Shape{}
	}
	for _, field := range f.Fields {
		out.Fields[field.Name] = value.Shape{}
		switch field.Type {
		case "boolean":
			out.Fields[field.Name] = value.Shape{Kind: "boolean"}
		case "multi_select":
			out.Fields[field.Name] = value.Shape{Kind: "list", Item: &value.Shape{}}
		}
	}
	return out
}
