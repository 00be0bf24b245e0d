package scenario

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepmill/stepmill/engine/value"
)

// field is what a struct's tags say of one member. The decoder and the schema both read it, so they cannot differ.
type field struct {
	name     string
	index    int
	doc      string
	is       string // the name of a rule
	enum     []string
	min, max float64 // zero: none
	required bool
	kind     bool     // it is one of a step's kinds
	with     []string // the kinds it belongs to
	of       string   // the one use of the type that has it
	scope    string   // the use that its own members are of
	typ      reflect.Type
}

type fields []field

// fieldsOf reads the members of a struct; of leaves out those that belong to another use of the type.
func fieldsOf(t reflect.Type, of string) fields {
	out := make(fields, 0, t.NumField())
	for i := range t.NumField() {
		sf := t.Field(i)
		f := field{name: sf.Tag.Get("json"), index: i, doc: sf.Tag.Get("doc"), is: sf.Tag.Get("is"), typ: sf.Type,
			required: sf.Tag.Get("required") != "", kind: sf.Tag.Get("kind") != "", of: sf.Tag.Get("of")}
		if of != "" && f.of != "" && f.of != of {
			continue
		}
		f.enum = split(sf.Tag.Get("enum"))
		f.with = split(sf.Tag.Get("with"))
		f.min, _ = strconv.ParseFloat(sf.Tag.Get("min"), 64)
		f.max, _ = strconv.ParseFloat(sf.Tag.Get("max"), 64)
		if sf.Type == reflect.TypeFor[[]*Branch]() {
			f.scope = strings.ToLower(t.Name())
		}
		out = append(out, f)
	}
	return out
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func (fs fields) byName(name string) (field, bool) {
	for _, f := range fs {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func (fs fields) names() []string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.name
	}
	return names
}

// rule is a form that a text or a value must have: as a check, and as JSON Schema.
type rule struct {
	check  func(string) string // what is wrong with a text; "" nothing
	kinds  []jsontext.Kind     // of a value that may be several kinds
	want   string              // what a value must be, after "Here stands …;"
	schema map[string]any
}

const (
	idPattern       = `^[a-z][a-z0-9_]*$`
	usesPattern     = `^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(@[0-9]+)?$`
	durationPattern = value.DurationPattern
	ratePattern     = `^[1-9][0-9]*/([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$`
	bytesPattern    = `^[1-9][0-9]*(KB|MB|GB|TB)$`
)

// BuiltInTriggers are the triggers that no connector provides.
func BuiltInTriggers() []string {
	return []string{"webhook", "schedule", "manual", "form", "email", "scenario", "failure"}
}

// reserved are the names that no loop variable may take.
func reserved() []string {
	return []string{"trigger", "steps", "vars", "run", "error", "event", "index"}
}

func rules() map[string]rule { return ruleTable }

var (
	idRule   = pattern(idPattern, "an id is lower-case letters, digits and _, beginning with a letter, as send_mail")
	usesRule = pattern(usesPattern, "an action is named app.action, as slack.send_message")
)

// ruleTable is made once and never changes.
var ruleTable = map[string]rule{
	"format":    {schema: map[string]any{"const": Format}},
	"title":     {check: checkName, schema: map[string]any{"minLength": 1, "maxLength": MaxName}},
	"remark":    {check: checkRemark, schema: map[string]any{"maxLength": MaxRemark}},
	"text":      {check: notEmpty, schema: map[string]any{"minLength": 1}},
	"condition": {check: notEmpty, schema: map[string]any{"minLength": 1, "description": "a bare expression, boolean"}},
	"template":  {},
	"zone":      {check: checkZone},
	"id":        {check: checkID, schema: map[string]any{"pattern": idPattern, "maxLength": MaxID}},
	"variable":  {check: checkVariable, schema: map[string]any{"pattern": idPattern, "maxLength": MaxID}},
	"slug":      {check: checkSlug, schema: map[string]any{"pattern": value.SlugPattern}},
	"uses":      usesRule,
	"trigger":   {check: checkTrigger, schema: map[string]any{"anyOf": []any{map[string]any{"enum": BuiltInTriggers()}, map[string]any{"pattern": usesPattern}}}},
	"duration":  {check: checkDuration, schema: map[string]any{"pattern": durationPattern}},
	"limit":     {check: checkLimit, schema: map[string]any{"pattern": durationPattern}},
	"duration_template": {check: checkDurationTemplate,
		schema: map[string]any{"pattern": durationPattern + `|\{\{`}},
	"moment_template": {check: checkMomentTemplate},
	"rate":            {check: checkRate, want: "it must be a text, a number in a time as 100/1m", schema: map[string]any{"pattern": ratePattern}},
	"bytes":           pattern(bytesPattern, "a size is a whole number with KB, MB, GB or TB, as 1GB"),
	"list":            {kinds: []jsontext.Kind{'"', '['}, want: "it must be a list, or a text with a template that gives one", schema: map[string]any{"type": []any{"string", "array"}}},
	"name":            {kinds: []jsontext.Kind{'"', '0'}, want: "it must be a text or a number", schema: map[string]any{"type": []any{"string", "integer"}}},
	"version":         {kinds: []jsontext.Kind{'"', '0'}, want: "it must be a text or a number", schema: map[string]any{"type": []any{"string", "number"}}},
}

func pattern(expr, want string) rule {
	re := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	return rule{schema: map[string]any{"pattern": expr}, check: func(s string) string {
		if re().MatchString(s) {
			return ""
		}
		return quote(s) + " does not fit: " + want + "."
	}}
}

func checkSlug(s string) string {
	if value.IsSlug(s) {
		return ""
	}
	return quote(s) + " does not fit: a slug is at most 63 lower-case letters, digits, - and _, as sales-team."
}

func notEmpty(s string) string {
	if strings.TrimSpace(s) == "" {
		return "This is empty; write something or leave it out."
	}
	return ""
}

func checkZone(s string) string {
	if _, err := Zone(s); err != nil {
		return quote(s) + " is not a time zone; use a name as Europe/Zurich."
	}
	return ""
}

// Zone gives the zone of a scenario's `timezone`: UTC where it is empty. The machine's own zone is none.
func Zone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, &time.ParseError{Value: name, Message: ": the zone of the server is no zone of a scenario"}
	}
	return time.LoadLocation(name)
}

func checkTrigger(s string) string {
	for _, t := range BuiltInTriggers() {
		if s == t {
			return ""
		}
	}
	if usesRule.check(s) == "" {
		return ""
	}
	return quote(s) + " does not fit: a trigger is one of " + strings.Join(BuiltInTriggers(), ", ") + ", or app.trigger as intercom.event."
}

// MaxID is how many bytes the id of a trigger, a step or a branch may have.
const MaxID = 100

func checkID(s string) string {
	if len(s) > MaxID {
		return "The id has " + strconv.Itoa(len(s)) + " bytes; at most " + strconv.Itoa(MaxID) + " are taken."
	}
	return idRule.check(s)
}

func checkVariable(s string) string {
	if why := checkID(s); why != "" {
		return why
	}
	for _, name := range reserved() {
		if s == name {
			return quote(s) + " is a name that expressions already have; call the item something else."
		}
	}
	return ""
}

// checkRate says it in the words of ParseRate, which who reads the rate says too: one fault is shown once.
func checkRate(s string) string {
	if _, _, err := ParseRate(s, MaxThrottle); err != nil {
		return err.Error()
	}
	return ""
}

func checkDuration(s string) string {
	if _, err := ParseDuration(s); err != nil {
		return err.Error()
	}
	return ""
}

func checkLimit(s string) string {
	d, err := ParseDuration(s)
	switch {
	case err != nil:
		return err.Error()
	case d == 0:
		return "A time of " + quote(s) + " leaves no time at all; give more, or leave it out."
	}
	return ""
}

func checkDurationTemplate(s string) string {
	if strings.Contains(s, "{{") {
		return ""
	}
	return checkDuration(s)
}

func checkMomentTemplate(s string) string {
	if strings.Contains(s, "{{") {
		return ""
	}
	if _, err := ParseTime(s, time.UTC); err != nil {
		return err.Error()
	}
	return ""
}
