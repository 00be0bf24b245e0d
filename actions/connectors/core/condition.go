package core

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// operators are what a condition asks, as values and labels. Those of unary take no value.
func operatorOptions() []string {
	return []string{"equals", "is equal to", "not_equals", "is not equal to", "contains", "contains", "not_contains", "does not contain",
		"starts_with", "starts with", "ends_with", "ends with", "matches", "matches the regular expression", "not_matches", "does not match the regular expression",
		"greater", "is greater than", "greater_or_equal", "is greater than or equal to", "less", "is less than", "less_or_equal", "is less than or equal to",
		"before", "is before the date", "after", "is after the date", "in", "is one of", "not_in", "is none of",
		"empty", "is empty", "not_empty", "is not empty", "exists", "exists", "not_exists", "does not exist", "is_true", "is true", "is_false", "is false"}
}

var unary = []string{"empty", "not_empty", "exists", "not_exists", "is_true", "is_false"}

// test is one condition made ready, or several of which all or any must hold.
type test struct {
	at       string // where it stands in the inputs
	field    path
	operator string
	value    any
	fold     bool
	pattern  *pattern
	inner    []test
	any      bool
}

const maxGroups = 8

func conditionFields() []actions.Field {
	return []actions.Field{
		field("field", "Field", actions.Text, "Which field of the item is asked, as status or author.name; the item itself where it is not given.", "status"),
		choice("operator", "Operator", "What is asked of it. Numbers that stand in texts are compared as numbers.", "equals", operatorOptions()...),
		field("value", "Value", actions.JSON, "What it is compared with; of in and not_in a list.", "open"),
		field("all", "All of these", actions.List, "In place of a field: further conditions, which must all hold.", nil),
		field("any", "Any of these", actions.List, "In place of a field: further conditions, of which one must hold.", nil),
	}
}

// tests reads conditions. Inner ones are no coerced fields yet, since a field cannot hold itself.
func tests(at string, list []any, fold bool, depth int) ([]test, error) {
	if depth > maxGroups {
		return nil, wrong(at, "conditions stand within one another more than %d deep.", maxGroups)
	}
	var out []test
	for i, item := range list {
		at := itemName(at, i)
		given, ok := item.(map[string]any)
		if !ok {
			return nil, wrong(at, "a condition is an object with field, operator and value, not %s.", value.AKind(item))
		}
		if depth > 0 {
			var err error
			if given, err = actions.Coerce(conditionFields(), given); err != nil {
				_, text, _ := strings.Cut(fault.MessageOf(err), ": ")
				return nil, wrong(at, "%s", text)
			}
		}
		t, err := testOf(at, given, fold, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func testOf(at string, given map[string]any, fold bool, depth int) (t test, err error) {
	all, isAll := given["all"].([]any)
	some, isAny := given["any"].([]any)
	if isAll || isAny {
		if isAll && isAny || given["field"] != nil || given["value"] != nil {
			return t, wrong(at, "it has all or any, and something else beside it; give one.")
		}
		t = test{at: at, any: isAny}
		t.inner, err = tests(at, append(all, some...), fold, depth+1)
		return t, err
	}
	t = test{at: at, operator: textOf(given, "operator"), value: given["value"], fold: fold}
	if t.field, err = pathOf(at+"/field", textOf(given, "field")); err != nil {
		return t, err
	}
	binary := !slices.Contains(unary, t.operator)
	switch _, isList := t.value.([]any); {
	case !binary && t.value != nil:
		return t, wrong(at+"/value", "%s takes no value; leave it out.", t.operator)
	case (t.operator == "in" || t.operator == "not_in") && !isList:
		return t, wrong(at+"/value", "%s needs a list, as [\"open\", \"new\"].", t.operator)
	case t.operator == "before" || t.operator == "after":
		if _, ok := momentOf(t.value); !ok {
			return t, wrong(at+"/value", "%s is no date; write it as 2026-01-31 or 2026-01-31T09:30:00Z, or in seconds since 1970.", shown(t.value))
		}
	case strings.HasSuffix(t.operator, "matches"):
		t.pattern, err = patternOf(at+"/value", value.Text(t.value), fold)
	}
	return t, err
}

// holds says whether an item meets a condition.
func (t *test) holds(item any) (bool, error) {
	if t.inner != nil || t.operator == "" {
		for i := range t.inner {
			ok, err := t.inner[i].holds(item)
			if err != nil || ok == t.any {
				return ok, err
			}
		}
		return !t.any, nil
	}
	have, there := t.field.of(item)
	if operator, negated := strings.CutPrefix(t.operator, "not_"); negated {
		ok, err := t.asks(operator, have, there)
		return !ok, err
	}
	return t.asks(t.operator, have, there)
}

func (t *test) asks(operator string, have any, there bool) (bool, error) {
	switch operator {
	case "exists":
		return there, nil
	case "empty":
		return emptyValue(have), nil
	case "is_true":
		return have == true || have == "true", nil
	case "is_false":
		return have == false || have == "false", nil
	case "equals":
		return same(have, t.value, t.fold), nil
	case "in":
		list, _ := t.value.([]any)
		return slices.ContainsFunc(list, func(v any) bool { return same(have, v, t.fold) }), nil
	case "contains":
		return t.contains(have), nil
	case "starts_with":
		return strings.HasPrefix(t.folded(value.Text(have)), t.folded(value.Text(t.value))), nil
	case "ends_with":
		return strings.HasSuffix(t.folded(value.Text(have)), t.folded(value.Text(t.value))), nil
	case "matches":
		return t.pattern.in(value.Text(have))
	}
	return t.compares(operator, have), nil
}

func (t *test) folded(text string) string {
	if t.fold {
		return strings.ToLower(text)
	}
	return text
}

// contains asks a text for a part, a list for an item, an object for a name.
func (t *test) contains(have any) bool {
	switch have := have.(type) {
	case []any:
		return slices.ContainsFunc(have, func(v any) bool { return same(v, t.value, t.fold) })
	case map[string]any:
		_, ok := have[value.Text(t.value)]
		return ok
	case nil:
		return false
	}
	return strings.Contains(t.folded(value.Text(have)), t.folded(value.Text(t.value)))
}

// compares orders two numbers, two dates or two texts. What is missing is neither greater nor less than anything.
func (t *test) compares(operator string, have any) bool {
	if emptyValue(have) || emptyValue(t.value) {
		return false
	}
	d := 0
	if operator == "before" || operator == "after" {
		x, ok := momentOf(have)
		y, _ := momentOf(t.value)
		return ok && (operator == "before" && x.Before(y) || operator == "after" && x.After(y))
	}
	x, okX := dateOf(have)
	y, okY := dateOf(t.value)
	if a, ok := numberOf(have); ok {
		b, ok := numberOf(t.value)
		if !ok {
			return false
		}
		d, _ = value.CompareNumbers(a, b)
	} else if okX && okY {
		d = x.Compare(y)
	} else if _, isNumber := numberOf(t.value); isNumber {
		return false
	} else {
		d = strings.Compare(t.folded(value.Text(have)), t.folded(value.Text(t.value)))
	}
	switch operator {
	case "greater":
		return d > 0
	case "greater_or_equal":
		return d >= 0
	case "less":
		return d < 0
	}
	return d <= 0
}

// same says whether two values are equal. A number and a text that is written as that number are, as in a table.
func same(a, b any, fold bool) bool {
	x, isX := a.(string)
	y, isY := b.(string)
	switch {
	case isX && isY:
		return x == y || fold && strings.EqualFold(x, y)
	case a == nil || b == nil:
		return a == nil && b == nil
	}
	if m, ok := numberOf(a); ok {
		n, ok := numberOf(b)
		if !ok {
			return false
		}
		d, _ := value.CompareNumbers(m, n)
		return d == 0
	}
	left, right := value.Text(a), value.Text(b)
	return left == right || fold && strings.EqualFold(left, right)
}

// pattern is a regular expression whose work is bounded: each has as many states as the engine may look at for every byte.
type pattern struct {
	re   *regexp.Regexp
	size int
	left int // work
	at   string
}

const (
	maxPattern = 500       // bytes
	maxStates  = 2000      // of the program
	maxLook    = 64 << 10  // bytes of one text
	maxWork    = 300 << 20 // bytes times states
)

func patternOf(input, text string, fold bool) (*pattern, error) {
	if text == "" || len(text) > maxPattern {
		return nil, wrong(input, "a regular expression of 1 to %d bytes is needed.", maxPattern)
	}
	flags := syntax.Perl
	if fold {
		flags |= syntax.FoldCase
		text = "(?i)" + text
	}
	tree, err := syntax.Parse(text, flags)
	if look := lookaround(text); err != nil && look != "" {
		return nil, wrong(input, "%s looks around by %s, which this kind of regular expression (RE2) does not have. Match what stands around too, and put a group around what is wanted.", shown(text), look)
	}
	if err != nil {
		return nil, wrong(input, "%s is no regular expression: %s.", shown(text), fault.Clip(strings.TrimPrefix(err.Error(), "error parsing regexp: "), 150))
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil || len(program.Inst) > maxStates {
		return nil, wrong(input, "the regular expression repeats too much; write smaller numbers in braces.")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, wrong(input, "%s is no regular expression.", shown(text))
	}
	return &pattern{re, len(program.Inst), maxWork, input}, nil
}

// lookaround is how a pattern asks for what stands around a match, as other kinds of regular expressions can; empty: it does not.
func lookaround(text string) string {
	for _, sign := range []string{"(?<=", "(?<!", "(?=", "(?!"} {
		if strings.Contains(text, sign) {
			return sign
		}
	}
	return ""
}

// charge counts a look at a text.
func (p *pattern) charge(text string) error {
	if p.left -= (len(text) + 16) * p.size; p.left < 0 {
		return fault.New(fault.TooLarge, "The input %s: looking for it takes too long in so much text; write a simpler regular expression, or ask fewer items.", p.at)
	}
	return nil
}

func (p *pattern) in(text string) (bool, error) {
	if len(text) > maxLook {
		return false, fault.New(fault.TooLarge, "The input %s: a text of %d characters is too long for a regular expression; at most %d kB are looked at.", p.at, utf8.RuneCountInString(text), maxLook>>10)
	}
	if err := p.charge(text); err != nil {
		return false, err
	}
	return p.re.MatchString(text), nil
}
