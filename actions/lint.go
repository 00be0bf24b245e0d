package actions

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Lint finds what is wrong with a connector's data: ids, words for people, places that lead nowhere, values that do not
// fit their fields, samples that are missing or have another shape. A connector without problems gives nil.
func Lint(c Connector) []string {
	l := linter{at: c.ID}
	l.id("connector", c.ID)
	l.sentence("description", c.Description)
	l.words("name", c.Name)
	l.words("category", c.Category)
	if c.Icon == "" && (c.Monogram == "" || len(c.Monogram) > 2) {
		l.say("it has neither an icon nor a monogram of one or two letters")
	}
	if c.Icon != "" && !strings.HasPrefix(c.Icon, "<svg") {
		l.say("its icon is no SVG document")
	}
	if !colorForm.MatchString(c.Color) {
		l.say("the color %q is not written as #4a154b", c.Color)
	}
	if c.BaseURL != "" && !strings.HasPrefix(c.BaseURL, "https://") {
		l.say("the base URL does not begin with https://")
	}
	for _, address := range c.Also {
		if !strings.HasPrefix(address, "https://") || strings.ContainsAny(address[8:], "/?#@") {
			l.say("the further address %q is not written as https://files.example.com", address)
		}
	}
	l.signIn(c)
	l.tests(c)
	l.errors(c.Errors)
	if c.Limits != nil {
		l.limits(*c.Limits)
	}
	l.actions(c)
	l.triggers(c)
	l.records(c)
	return l.problems
}

var (
	idForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	colorForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	nameForm  = regexp.MustCompile(`\{([^}]*)\}`)
)

// named gives the names in braces of a text.
func named(text string) []string {
	var out []string
	for _, m := range nameForm.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

type linter struct {
	at       string
	problems []string
}

//go:noinline
func (l *linter) say(format string, args ...any) {
	l.problems = append(l.problems, l.at+": "+fmt.Sprintf(format, args...)+".")
}

func (l *linter) id(what, id string) {
	if !idForm.MatchString(id) {
		l.say("the %s's id %q is not lower-case letters, digits and _", what, id)
	}
}

func (l *linter) words(what, text string) {
	if strings.TrimSpace(text) == "" {
		l.say("the %s is missing", what)
	}
}

func (l *linter) sentence(what, text string) {
	if !strings.HasSuffix(text, ".") {
		l.say("the %s is no sentence", what)
	}
}

// unique says that an id stands once among those of a kind.
func (l *linter) unique(what string, ids []string) {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			l.say("the %s %s stands twice", what, id)
		}
		seen[id] = true
	}
}

// tests says that a connection can be tested, or why it cannot.
func (l *linter) tests(c Connector) {
	if c.Untested != "" || c.Test == nil && len(c.Auth) > 0 {
		l.sentence("reason why there is no test", c.Untested)
	}
	if c.Test != nil && c.Untested != "" {
		l.say("it has a test and says why it has none")
	}
	if c.Test == nil && len(c.TestErrors) > 0 {
		l.say("it has errors of a test that it does not have")
	}
	l.errors(c.TestErrors)
	for _, a := range c.Auth {
		if a.Untested != "" {
			l.sentence("reason why the sign-in "+a.Method+" has no test", a.Untested)
			if a.Try != nil {
				l.say("the sign-in %s has a test and says why it has none", a.Method)
			}
		}
	}
}

func (l *linter) errors(table ErrorTable) {
	for _, r := range table {
		if r.Pointer == "" && r.Contains == "" && r.Status == 0 {
			l.say("a rule of the error table fits every answer")
		}
		if r.Pointer != "" && !strings.HasPrefix(r.Pointer, "/") {
			l.say("%q is no JSON Pointer", r.Pointer)
		}
		if r.Pointer == "" && r.Equals != "" || r.Equals != "" && r.Contains != "" || r.Contains != strings.ToLower(r.Contains) {
			l.say("a rule of the error table asks for the text %q at no place, in two ways, or not in lower case", r.Equals+r.Contains)
		}
		for _, name := range named(r.Message + r.Remedy) {
			if name != "" && name != "words" && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "header:") && !strings.HasPrefix(name, "input:") {
				l.say("a rule of the error table has {%s} in its words, which nothing fills", name)
			}
		}
		if r.Code != "" && !slices.Contains(fault.Codes(), fault.Code(r.Code)) {
			l.say("%q is no class of errors", r.Code)
		}
	}
}

func (l *linter) actions(c Connector) {
	var ids []string
	for _, a := range c.Actions {
		ids = append(ids, a.ID)
		l.at = c.ID + "." + a.ID
		l.id("action", a.ID)
		l.words("name", a.Name)
		l.sentence("description", a.Description)
		l.sentence("guarantee", a.Guarantee)
		l.scopes(c, a.Scopes, a.Description)
		l.fields(a.Input)
		l.errors(a.Errors)
		if !slices.Contains([]Effect{Pure, Read, Idempotent, Once}, a.Effect) {
			l.say("the effect %q is none", a.Effect)
		}
		if a.Protocol != "" && (a.Run == nil || !slices.ContainsFunc(c.Auth, func(w Auth) bool { return w.Protocol == a.Protocol })) {
			l.say("it speaks %s, for which there is no code, or no way to sign in", a.Protocol)
		}
		l.ways(c, a.Ways)
		if (a.Run == nil) == (a.Request == nil) {
			l.say("it needs either a request or code")
		}
		l.sample(a.Sample, a.Output)
		if a.Request != nil {
			l.request(a, c)
		}
		l.lists(a)
		l.choices(a.Input, a.Input, c)
	}
	l.at = c.ID
	l.unique("action", ids)
}

// choices holds the options that are loaded to what loading needs.
func (l *linter) choices(fields, all []Field, c Connector) {
	for _, f := range fields {
		l.choices(f.Fields, all, c)
		if f.Choices == nil {
			continue
		}
		if f.Type != Text && f.Type != Integer && f.Type != Texts {
			l.say("the options of the field %s are loaded, so it is a text, a whole number or a list of texts", f.ID)
		}
		if f.Choices.Request == nil && len(f.Choices.Known) > 0 {
			continue
		}
		if f.Choices.Request == nil {
			l.say("the options of the field %s are loaded by no request", f.ID)
			continue
		}
		for _, need := range f.Choices.Needs {
			if FieldAt(all, need.ID) == nil {
				l.say("the options of the field %s depend on %s, which is no input", f.ID, need.ID)
			}
		}
		if (f.Choices.Pick == "") != (f.Choices.Equals == "") || f.Choices.Pick != "" && !strings.HasPrefix(f.Choices.Pick, "/") {
			l.say("the options of the field %s are picked by %q, which is no JSON Pointer, or nothing says by what", f.ID, f.Choices.Pick)
		}
		needs := slices.Clone(f.Choices.Needs)
		for i := range needs {
			needs[i].Required = true
		}
		l.request(Action{Effect: Read, Input: needs, Request: f.Choices.Request}, c)
		l.page(&Poll{Request: f.Choices.Request, Page: f.Choices.Page})
		l.spot(f.Choices.Search, &Poll{Request: f.Choices.Request})
		if f.Choices.Value != "" && !strings.HasPrefix(f.Choices.Value, "/") || f.Choices.Value == "" && f.Choices.Page.ID != "" {
			l.say("nothing says what the options of the field %s are", f.ID)
		}
	}
}

// lists holds an action that lists to what it promises.
func (l *linter) lists(a Action) {
	limited := slices.ContainsFunc(a.Input, func(f Field) bool { return f.ID == LimitField().ID })
	if a.Page == nil {
		return
	}
	if a.Request == nil || a.Request.Output != nil || a.Request.Then != nil {
		l.say("it lists, so it needs a request whose answer is taken apart by its page alone")
		return
	}
	if a.Effect != Read {
		l.say("it lists, so its effect is read")
	}
	if !limited {
		l.say("it lists and has no input limit")
	}
	if items, _ := a.Sample.(map[string]any)["items"].([]any); len(items) == 0 {
		l.say("its sample holds no items")
	}
	l.page(&Poll{Request: a.Request, Page: *a.Page})
}

// request holds a described request to its fields.
func (l *linter) request(a Action, c Connector) {
	r := a.Request
	if !c.Based() {
		l.say("its request has no base URL to stand behind")
	}
	if !strings.HasPrefix(r.Path, "/") {
		l.say("the path %q does not begin with /", r.Path)
	}
	if r.Base != "" && !slices.Contains(c.Also, r.Base) && !strings.Contains(r.Base, "{") { // where that is, Also still has to say
		l.say("the address %q of its request is none of the connector's further ones", r.Base)
	}
	if a.Effect == Read && r.Method != "GET" && r.Method != "POST" || r.Method == "" {
		l.say("the method %q does not suit the effect %s", r.Method, a.Effect)
	}
	filled := map[string]bool{}
	for _, f := range a.Input {
		name := f.Name
		if name == "" {
			name = f.ID
		}
		switch f.In {
		case InPath:
			filled[name] = true
			if !slices.Contains(named(r.Path), name) {
				l.say("the input %s goes into the path, which has no {%s}", f.ID, name)
			}
			if !f.Required && f.Default == nil {
				l.say("the input %s goes into the path and may be missing", f.ID)
			}
		case InBody:
			if r.Body == NoBody {
				l.say("the input %s goes into the body, and there is none", f.ID)
			}
		case InQuery, InHeader, InNone:
		default:
			l.say("the input %s goes into %q, which is no place", f.ID, f.In)
		}
	}
	for _, name := range named(r.Path) {
		if !filled[name] && r.Prepare == nil {
			l.say("the path asks for {%s}, which no input fills", name)
		}
	}
}

func (l *linter) triggers(c Connector) {
	var ids []string
	for _, t := range c.Triggers {
		ids = append(ids, t.ID)
		l.at = c.ID + "." + t.ID
		l.id("trigger", t.ID)
		l.words("name", t.Name)
		l.sentence("description", t.Description)
		l.scopes(c, t.Scopes, t.Description)
		l.ways(c, t.Ways)
		l.fields(t.Input)
		l.choices(t.Input, t.Input, c)
		l.sample(t.Sample, t.Output)
		switch {
		case t.Kind == EventKind && t.Verify.Preset == "":
			l.say("its events are not verified")
		case t.Kind == PollKind && t.Poll == nil, t.Kind == EventKind && t.Poll != nil, t.Kind != PollKind && t.Kind != EventKind:
			l.say("the kind %q does not say how its events come", t.Kind)
		case t.Poll != nil:
			l.poll(t, c)
		}
		if chosen := slices.ContainsFunc(t.Input, func(f Field) bool { return f.ID == "topics" }); len(t.Only) > 0 && (chosen || t.Topic == "") {
			l.say("it tells of topics of its own: either people choose them too, or nothing says where the topic stands")
		}
		if t.Subscribe != nil {
			l.subscribe(t, c)
		}
		if t.Verify.Secret != "" && !slices.ContainsFunc(c.Auth, func(a Auth) bool {
			return slices.ContainsFunc(a.Fields, func(f Field) bool { return f.ID == t.Verify.Secret && f.Secret })
		}) {
			l.say("its events are verified by %s, which no way to sign in asks for as a secret", t.Verify.Secret)
		}
	}
	l.at = c.ID
	l.unique("trigger", ids)
}

// sample holds a sample to the shape that stands beside it.
func (l *linter) sample(sample any, shape value.Shape) {
	if sample == nil {
		l.say("it has no sample")
		return
	}
	if where := misfit(value.ShapeOf(sample), shape, ""); where != "" {
		l.say("the sample does not fit the output's shape at %q", where)
	}
}

// misfit is where a shape says something else than another one; empty: nowhere.
func misfit(have, want value.Shape, at string) string {
	if have.Kind != want.Kind && have.Kind != "" && want.Kind != "" {
		return at + "/"
	}
	for name, inner := range have.Fields {
		other, ok := want.Fields[name]
		if !ok && want.Fields != nil {
			return at + "/" + name
		}
		if where := misfit(inner, other, at+"/"+name); where != "" {
			return where
		}
	}
	if have.Item != nil && want.Item != nil {
		return misfit(*have.Item, *want.Item, at+"/0")
	}
	return ""
}

func (l *linter) fields(fields []Field) {
	var ids []string
	for _, f := range fields {
		ids = append(ids, f.ID)
		l.id("field", f.ID)
		l.words("label of the field "+f.ID, f.Label)
		l.sentence("help of the field "+f.ID, f.Help)
		if f.Type == Select && len(f.Options) == 0 {
			l.say("the field %s has nothing to choose from", f.ID)
		}
		if !slices.Contains(Types(), f.Type) {
			l.say("the field %s has no type that there is, but %q", f.ID, f.Type)
		}
		if _, err := regexp.Compile(f.Form); err != nil || f.Form != "" && f.Type != Text {
			l.say("the field %s has the form %q, which is no expression, or it is no text", f.ID, f.Form)
		}
		if f.Days && f.Type != DateTime {
			l.say("the field %s takes days, and is no time", f.ID)
		}
		if pattern, err := regexp.Compile(f.Link); err != nil || f.Link != "" && (pattern.NumSubexp() == 0 || !slices.Contains([]Type{Text, Texts, Integer}, f.Type)) {
			l.say("the field %s finds its value in a URL by %q, which has no group or is no expression, or it is neither a text nor a whole number", f.ID, f.Link)
			continue
		}
		for what, v := range map[string]any{"default": f.Default, "example": f.Example} {
			if v == nil {
				continue
			}
			c := coercion{dynamic: func(any) bool { return false }}
			if c.value(f, v, ""); len(c.issues) > 0 {
				l.say("the %s of the field %s does not fit: %s", what, f.ID, strings.TrimSuffix(c.issues[0].Message, "."))
			}
		}
		if f.Required && f.Default != nil {
			l.say("the field %s is required and has a default", f.ID)
		}
		l.fields(f.Fields)
	}
	l.unique("field", ids)
}
