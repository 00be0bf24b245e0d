package actions

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// NeedsConnection says that no action of the connector works without one.
func (c *Connector) NeedsConnection() bool {
	return len(c.Auth) > 0 && !slices.ContainsFunc(c.Auth, func(a Auth) bool { return a.Method == "none" })
}

// Unsuited says why an action cannot work with a connection that signs in by a method, or, where named is false, with none;
// empty: it can.
func (c *Connector) Unsuited(a *Action, method string, named bool) string {
	if !named {
		if a.Protocol == "" && len(a.Ways) > 0 && !slices.Contains(a.Ways, "none") {
			return fmt.Sprintf("%s.%s needs a connection that signs in by %s, and none is named.", c.ID, a.ID, strings.Join(c.called(a.Ways), " or "))
		}
		if a.Protocol == "" {
			return ""
		}
		return fmt.Sprintf("%s.%s needs a connection to a server that speaks %s, and none is named.", c.ID, a.ID, strings.ToUpper(a.Protocol))
	}
	auth, ok := c.Way(method)
	if ok && method != "" && len(a.Ways) > 0 && !slices.Contains(a.Ways, auth.Method) {
		return fmt.Sprintf("%s.%s needs a connection that signs in by %s, which this one (%s) does not; name another, or make one for that.", c.ID, a.ID, strings.Join(c.called(a.Ways), " or "), auth.Name)
	}
	if !ok || auth.Protocol == a.Protocol {
		return ""
	}
	if a.Protocol == "" {
		return fmt.Sprintf("The connection is one to a server that speaks %s, which %s.%s does not; name another.", strings.ToUpper(auth.Protocol), c.ID, a.ID)
	}
	return fmt.Sprintf("%s.%s needs a connection to a server that speaks %s, which this one (%s) does not; name another.", c.ID, a.ID, strings.ToUpper(a.Protocol), auth.Name)
}

// Uses says that an action can do something with a connection that signs in by a method. Where each of a connector's needs one, it is
// asked for one that does not call.
func (c *Connector) Uses(a *Action, method string) bool {
	return c.Unsuited(a, method, true) == "" && (c.NeedsConnection() || a.Effect != Pure && !a.Local)
}

// called are the names of ways to sign in.
func (c *Connector) called(methods []string) []string {
	out := slices.Clone(methods)
	for i, method := range methods {
		if auth, ok := c.Way(method); ok {
			out[i] = auth.Name
		}
	}
	return out
}

// Based says that a request of the connector's has an address to stand behind, whichever way it signs in, or by one of them.
func (c *Connector) Based() bool {
	return c.BaseURL != "" || slices.ContainsFunc(c.Auth, func(a Auth) bool { return a.BaseURL != "" })
}

// ErrUntested is the error of a test that nothing could be asked for, as its connection names no URL to ask.
var ErrUntested = errors.New("nothing was asked")

// Tested says whether a connection that signs in by a method can be tested, by the connector's request, a URL of its own or the
// way's own code; and where not, why, for people.
func (c *Connector) Tested(method string) (can bool, why string) {
	switch a, _ := c.Way(method); {
	case a.Try != nil, a.TestAt != "":
		return true, ""
	case a.Untested != "":
		return false, a.Untested
	}
	return c.Test != nil, c.Untested
}

// Way gives the way to sign in of a method. Where none is named it is the first that asks for something.
func (c *Connector) Way(method string) (Auth, bool) {
	for _, a := range c.Auth {
		if a.Method == method || method == "" && a.Method != "none" && c.BaseURL != "" {
			return a, true
		}
	}
	if method == "" && len(c.Auth) == 1 {
		return c.Auth[0], true
	}
	return Auth{}, false
}

// Unproven says that a connection lacks the value that events are verified with.
func (c *Connector) Unproven(method, value string) string {
	auth, _ := c.Way(method)
	return fmt.Sprintf("The connection has no %s, by which events are known to come from %s: every one is refused. Add it to the connection.", auth.Label(value), c.Name)
}

// Unasked is the error of a test whose connection leaves out the URL to ask.
func (a Auth) Unasked() error {
	return fault.Wrap(ErrUntested, fault.InvalidInput, "Nothing was asked: the connection has no %s. Put one in under New values: the URL of something there that only those who sign in can read.", a.Label(a.TestAt))
}

// Label is what people know a field by.
func (a Auth) Label(id string) string {
	for _, f := range a.Fields {
		if f.ID == id {
			return f.Label
		}
	}
	return id
}

// Asked gives the fields as a connection is asked for them. The credentials of one with a base URL go there, so it may
// leave the hosts out, and what the connector's own base URL is made of; of what form they are is that server's to say.
func (a Auth) Asked(baseURL string) []Field {
	fields := slices.Clone(a.Fields)
	for i := range fields {
		fields[i].Required = fields[i].Required && (baseURL == "" || fields[i].ID != a.Hosts && fields[i].ID != a.Site)
		if baseURL != "" {
			fields[i].Form = ""
		}
	}
	return fields
}

// InputIssue is one thing wrong with an action's inputs.
type InputIssue struct {
	Path    string // JSON Pointer inside the inputs
	Message string
}

// CheckInput finds what is wrong with inputs before they are known: names, what is required, the types of fixed values.
// dynamic says that a value is a template, of which nothing is known yet.
func CheckInput(fields []Field, with map[string]any, dynamic func(any) bool) []InputIssue {
	c := coercion{dynamic: dynamic}
	c.object(fields, with, "")
	return c.issues
}

// Coerce gives the inputs as an action gets them: each in its field's type, defaults filled in, null left out where a field takes it. The error
// is InvalidInput and names the first field that is wrong.
func Coerce(fields []Field, with map[string]any) (map[string]any, error) {
	c := coercion{dynamic: func(any) bool { return false }}
	out := c.object(fields, with, "")
	if len(c.issues) > 0 {
		first := c.issues[0]
		return nil, fault.New(fault.InvalidInput, "The input %s: %s", strings.TrimPrefix(first.Path, "/"), first.Message)
	}
	return out, nil
}

type coercion struct {
	dynamic func(any) bool
	issues  []InputIssue
}

func (c *coercion) issue(path, format string, args ...any) {
	c.issues = append(c.issues, InputIssue{path, fault.Clip(fmt.Sprintf(format, args...), 300)})
}

func (c *coercion) object(fields []Field, in map[string]any, path string) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.ID == name })
		if i < 0 {
			c.issue(path+"/"+Pointer(name), "There is no input %q.%s", fault.Clip(name, 60), instead(name, fields))
			continue
		}
		switch v := in[name]; {
		case v == nil && fields[i].NotNull:
			c.issue(path+"/"+Pointer(name), "It is null, as where an expression reads what is not there. Leave the input out where it is not meant to be given. %s", fields[i].Help)
		case v != nil:
			if got := c.value(fields[i], v, path+"/"+Pointer(name)); got != nil {
				out[name] = got
			}
		}
	}
	for _, f := range fields {
		if out[f.ID] != nil {
			continue
		}
		switch {
		case f.Default != nil:
			out[f.ID] = f.Default
		case f.Required && in[f.ID] == nil:
			c.issue(path+"/"+f.ID, "%s", f.required())
		}
	}
	return out
}

func (f Field) required() string {
	return strings.TrimSpace(cmp.Or(f.Label, f.ID) + " is required. " + f.Help)
}

func (f Field) empty() string {
	return strings.TrimSpace(cmp.Or(f.Label, f.ID) + " is required and is empty. " + f.Help)
}

// Pointer is a name as it stands in a JSON Pointer.
func Pointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// instead tells who wrote a name that no field has which one they may have meant.
func instead(name string, fields []Field) string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.ID
	}
	switch hint := fault.DidYouMean(name, list); {
	case hint != "":
		return hint
	case len(list) == 0:
		return " There are none."
	}
	return " There are " + strings.Join(list, ", ") + "."
}

// value turns a value into its field's type where nothing is lost; nil: it is wrong, or not known yet.
func (c *coercion) value(f Field, v any, path string) any {
	if c.dynamic(v) {
		return nil
	}
	switch f.Type {
	case Text, LongText:
		return c.text(f, v, path)
	case DateTime:
		return c.moment(f, v, path)
	case Date:
		if _, err := time.Parse(time.DateOnly, value.Text(v)); err != nil {
			c.issue(path, "%s is no day; write it as 2026-01-31.", show(v))
			return nil
		}
		return value.Text(v)
	case Select:
		text := value.Text(v)
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == text }) {
			c.issue(path, "%s is not one of %s.", show(v), options(f))
			return nil
		}
		return text
	case Number, Integer:
		return c.number(f, v, path)
	case Boolean:
		switch v {
		case true, "true":
			return true
		case false, "false":
			return false
		}
		c.issue(path, "%s is neither true nor false.", show(v))
		return nil
	case Texts:
		return c.texts(f, v, path)
	case List:
		return c.list(f, v, path)
	case Object, Group:
		return c.members(f, v, path)
	}
	return v
}

func (c *coercion) text(f Field, v any, path string) any {
	switch v.(type) {
	case []any, map[string]any:
		if _, file := value.FileOf(v); file {
			c.issue(path, "A text is needed, and this is a file; core.text_file reads the text of one.")
			return nil
		}
		c.issue(path, "A text is needed, not %s.", value.AKind(v))
		return nil
	}
	text := f.Tidy(value.Text(v))
	if f.NoURL != "" && strings.Contains(text, "://") {
		c.issue(path, "%s is an address. %s", show(text), f.NoURL)
		return nil
	}
	if text == "" && f.Required && !f.Blank {
		c.issue(path, "%s", f.empty())
		return nil
	}
	if f.Form != "" && text != "" && !pattern(f.Form).MatchString(text) {
		c.issue(path, "%s is not of the kind that is needed. %s", show(text), f.Help)
		return nil
	}
	if f.MaxLen > 0 && len(text) > f.MaxLen {
		c.issue(path, "The text has %d bytes; at most %d are taken.", len(text), f.MaxLen)
		return nil
	}
	return text
}

// patterns are the expressions of Link and Form, which are as many as there are fields.
var patterns sync.Map

func pattern(text string) *regexp.Regexp {
	have, ok := patterns.Load(text)
	if !ok {
		have, _ = patterns.LoadOrStore(text, regexp.MustCompile(text))
	}
	return have.(*regexp.Regexp)
}

// Tidy is a text as the field takes it: out of the URL that people paste, and without space around it, where the field has a Link.
func (f Field) Tidy(text string) string {
	if f.Link == "" {
		return text
	}
	text = strings.TrimSpace(text)
	groups := pattern(f.Link).FindStringSubmatch(text)
	found := slices.DeleteFunc(groups[min(1, len(groups)):], func(group string) bool { return group == "" })
	if len(found) == 0 {
		return text
	}
	if f.Join != "" {
		return strings.Join(found, f.Join)
	}
	if plain, err := url.PathUnescape(found[0]); err == nil && strings.Contains(text, "://") {
		return plain
	}
	return found[0]
}

// moment takes times in RFC 3339 as they are, and makes that of those that systems write otherwise.
func (c *coercion) moment(f Field, v any, path string) any {
	text, _ := v.(string)
	if day := strings.TrimSpace(text); f.Days && len(day) == len(time.DateOnly) {
		text = day + "T00:00:00Z"
	}
	forms := []string{time.RFC3339}
	if f.Local {
		forms = append(forms, "2006-01-02T15:04:05", "2006-01-02T15:04")
	}
	for _, form := range forms {
		if _, err := time.Parse(form, text); err == nil {
			return text
		}
	}
	if at, ok := value.Instant(v); ok {
		return at.Format(time.RFC3339Nano)
	}
	if _, ok := value.ReadDate(strings.TrimSpace(text), time.UTC); ok {
		c.issue(path, "%s names no time of day or no zone; write it as 2026-01-31T09:30:00Z.", show(v))
		return nil
	}
	c.issue(path, "%s is no time; write it as 2026-01-31T09:30:00Z.", show(v))
	return nil
}

// number takes numbers and texts that are written as JSON writes numbers. Whole numbers of any size keep every digit.
func (c *coercion) number(f Field, v any, path string) any {
	if text, ok := v.(string); ok {
		if f.Link != "" {
			text = strings.Join(strings.Fields(f.Tidy(text)), "")
		}
		n, err := value.Decode([]byte(strings.TrimSpace(text)), value.Limits{})
		if err != nil || value.Kind(n) != "number" {
			c.issue(path, "%s is not a number.", show(v))
			return nil
		}
		v = n
	}
	if value.Kind(v) != "number" {
		c.issue(path, "A number is needed, not %s.", value.AKind(v))
		return nil
	}
	n, err := value.Normalize(v)
	if err != nil {
		c.issue(path, "%s", fault.MessageOf(err))
		return nil
	}
	if _, broken := n.(float64); broken && f.Type == Integer {
		c.issue(path, "%s is not a whole number.", show(v))
		return nil
	}
	return n
}

func (c *coercion) texts(f Field, v any, path string) any {
	list, ok := v.([]any)
	if !ok {
		if _, object := v.(map[string]any); object {
			c.issue(path, "A list of texts is needed, not %s.", value.AKind(v))
			return nil
		}
		if list = f.items(value.Text(v)); len(list) == 0 { // of nothing comes nothing, and no list that empties what is there
			if f.Required {
				c.issue(path, "%s", f.required())
			}
			return nil
		}
	}
	if f.Required && !slices.ContainsFunc(list, func(item any) bool { return item != nil && item != "" }) {
		c.issue(path, "%s", f.empty())
		return nil
	}
	out := make([]any, 0, len(list))
	for i, item := range list {
		if item == nil {
			continue // not given
		}
		if got := c.value(Field{Type: Text, Link: f.Link, Join: f.Join}, item, path+"/"+strconv.Itoa(i)); got != nil {
			out = append(out, got)
		}
	}
	return out
}

// items are those of a text that is given in place of a list.
func (f Field) items(text string) []any {
	parts := []string{text}
	if !f.Whole {
		parts = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' })
	}
	var list []any
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func (c *coercion) list(f Field, v any, path string) any {
	list, ok := v.([]any)
	if !ok {
		c.issue(path, "A list is needed, not %s.", value.AKind(v))
		return nil
	}
	if f.Required && !f.Blank && len(list) == 0 {
		c.issue(path, "%s", f.empty())
		return nil
	}
	if f.Fields == nil {
		return list
	}
	out := make([]any, 0, len(list))
	for i, item := range list {
		if got := c.members(f, item, path+"/"+strconv.Itoa(i)); got != nil {
			out = append(out, got)
		}
	}
	return out
}

func (c *coercion) members(f Field, v any, path string) any {
	object, ok := v.(map[string]any)
	if !ok {
		c.issue(path, "An object is needed, not %s.", value.AKind(v))
		return nil
	}
	if f.Fields == nil {
		return object
	}
	return c.object(f.Fields, object, path)
}

func options(f Field) string {
	list := make([]string, len(f.Options))
	for i, o := range f.Options {
		list[i] = o.Value
	}
	return strings.Join(list, ", ")
}

func show(v any) string { return fault.Clip(strconv.Quote(value.Text(v)), 60) }

// Put sets a member of an object. Dots in its name nest, as in "fields.summary": objects on the way are made where there are none.
func Put(object map[string]any, name string, v any) {
	for {
		outer, inner, nested := strings.Cut(name, ".")
		if !nested {
			object[name] = v
			return
		}
		next, ok := object[outer].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[outer] = next
		}
		object, name = next, inner
	}
}
