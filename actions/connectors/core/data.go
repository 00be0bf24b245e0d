package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of what a data step takes and gives.
const (
	maxBytes = 10 << 20
	maxNodes = value.MaxNodes
	maxTime  = 20 * time.Second
)

// compute is what a data step does: its validated inputs into its output, and nothing else.
type compute func(ctx context.Context, in actions.Input) (any, error)

// dataStep completes an action that only computes: its inputs and its output are within the bounds, and what its plan says
// of inputs that are written out is said when publishing. plan may be nil; it looks at the inputs of these names alone.
func dataStep(a actions.Action, run compute, plan func(v map[string]any) error, names ...string) actions.Action {
	return dataFileStep(a, func(ctx context.Context, in actions.Input, _ actions.Doer) (any, error) { return run(ctx, in) }, plan, names...)
}

// dataFileStep is a data step that may take a file of the run, which stays as it is.
func dataFileStep(a actions.Action, run func(ctx context.Context, in actions.Input, do actions.Doer) (any, error), plan func(v map[string]any) error, names ...string) actions.Action {
	a.Effect = actions.Pure
	if a.Guarantee == "" {
		a.Guarantee = "Nothing outside changes, so it does not matter how often it runs."
	}
	if plan != nil {
		a.Check = func(with map[string]any, written func(string) bool) []actions.InputIssue {
			return checkPlan(a.Input, with, written, plan, names)
		}
	}
	a.Run = func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		for _, f := range a.Input {
			if err := within("The input "+f.ID, "give it in parts, as with a for_each.", in.Values[f.ID]); err != nil {
				return nil, err
			}
		}
		limited, cancel := context.WithTimeout(ctx, maxTime)
		defer cancel()
		out, err := run(limited, in, do)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return nil, fault.New(fault.TooLarge, "The step takes longer than %.0f seconds; give it less, in parts as with a for_each.", maxTime.Seconds())
		}
		if err != nil {
			return nil, err
		}
		return out, within("The output of core."+a.ID, "take less, as with core.limit or core.filter_list before it.", out)
	}
	return a
}

// checkPlan asks the plan of inputs that are all written out or not given.
func checkPlan(fields []actions.Field, with map[string]any, written func(string) bool, plan func(map[string]any) error, names []string) []actions.InputIssue {
	var asked []actions.Field
	given := map[string]any{}
	for _, f := range fields {
		for _, name := range names {
			if f.ID != name {
				continue
			}
			if with[name] != nil && !written(name) {
				return nil // known at run time only
			}
			f.Required = false
			asked, given[name] = append(asked, f), with[name]
		}
	}
	v, err := actions.Coerce(asked, given)
	if err == nil {
		err = plan(v)
	}
	if err == nil {
		return nil
	}
	field, text, ok := strings.Cut(strings.TrimPrefix(fault.MessageOf(err), "The input "), ": ")
	if !ok || strings.Contains(field, " ") {
		return []actions.InputIssue{{Message: fault.MessageOf(err)}}
	}
	return []actions.InputIssue{{Path: "/" + field, Message: strings.ToUpper(text[:1]) + text[1:]}}
}

// within says whether a value keeps the bounds. remedy is what a person can do.
func within(what, remedy string, v any) error {
	if text, ok := v.(string); ok && len(text) > maxBytes {
		return fault.New(fault.TooLarge, "%s has more than %d MB; %s", what, maxBytes>>20, remedy)
	}
	if n := nodes(v, maxNodes); n > maxNodes {
		return fault.New(fault.TooLarge, "%s holds more than %d values; %s", what, maxNodes, remedy)
	}
	if value.Size(v, maxBytes) > maxBytes {
		return fault.New(fault.TooLarge, "%s has more than %d MB; %s", what, maxBytes>>20, remedy)
	}
	return nil
}

// nodes counts values of every kind, and stops once there are more than most.
func nodes(v any, most int) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if n > most {
				return n
			}
			n += nodes(item, most-n)
		}
	case map[string]any:
		for _, item := range v {
			if n > most {
				return n
			}
			n += nodes(item, most-n)
		}
	}
	return n
}

// tick asks, now and then in a long loop, whether the work is still wanted.
func tick(ctx context.Context, i int) error {
	if i&1023 == 0 {
		return ctx.Err()
	}
	return nil
}

// items gives an input's list.
func items(v map[string]any, name string) []any {
	list, _ := v[name].([]any)
	return list
}

func textOf(v map[string]any, name string) string {
	text, _ := v[name].(string)
	return text
}

func isTrue(v map[string]any, name string) bool { return v[name] == true }

// textsOf are the texts of a list input.
func textsOf(v map[string]any, name string) []string {
	var out []string
	for _, item := range items(v, name) {
		out = append(out, value.Text(item))
	}
	return out
}

// wholeOf gives a whole number within bounds.
func wholeOf(v map[string]any, name string, otherwise, least, most int) (int, error) {
	switch n := v[name].(type) {
	case nil:
		return otherwise, nil
	case int:
		if n >= least && n <= most {
			return n, nil
		}
		return 0, wrong(name, "it is from %d to %d, not %d.", least, most, n)
	}
	return 0, wrong(name, "it is from %d to %d, not %s.", least, most, shown(v[name]))
}

// shown is a value as messages repeat it.
func shown(v any) string {
	if v == nil {
		return "null"
	}
	if text, ok := v.(string); ok {
		return strconv.Quote(fault.Clip(text, 60))
	}
	return fault.Clip(value.Text(v), 60)
}

// emptyValue says that a value is null, an empty text, an empty list or an empty object.
func emptyValue(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// numberOf reads a number, also one that stands in a text as JSON writes it: tables are full of those.
func numberOf(v any) (any, bool) {
	switch n := v.(type) {
	case int, float64, json.Number:
		return n, true
	case string:
		text := strings.TrimSpace(n)
		if !jsonNumber(text) {
			return nil, false
		}
		got, err := value.Number(text)
		return got, err == nil
	}
	return nil, false
}

// jsonNumber says that a text is written as JSON writes numbers.
func jsonNumber(text string) bool {
	if text == "" || len(text) > 1000 || strings.Trim(text, "0123456789+-.eE") != "" {
		return false
	}
	return json.Valid([]byte(text))
}

// dateOf reads a date as machines write them, for comparing.
func dateOf(v any) (time.Time, bool) {
	text, ok := v.(string)
	if !ok || len(text) < 8 {
		return time.Time{}, false
	}
	return value.ReadDate(text, time.UTC)
}

// momentOf is dateOf where a date is meant: seconds or milliseconds since 1970 are one too.
func momentOf(v any) (time.Time, bool) {
	switch n := v.(type) {
	case int, float64:
		t, err := (dating{}).read("", n)
		return t, err == nil
	case string:
		if allDigits.MatchString(strings.TrimSpace(n)) {
			t, err := (dating{}).read("", n)
			return t, err == nil
		}
	}
	return dateOf(v)
}

// Constructors of the fields that many actions have.

func listField(id, label, help string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.List, Required: true, Blank: true, In: actions.InNone}
}

func field(id, label string, kind actions.Type, help string, example any) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: kind, Example: example, In: actions.InNone}
}

// inOne keeps a text that is given in place of a list one item.
func inOne(f actions.Field) actions.Field {
	f.Whole = true
	return f
}

func choice(id, label, help, otherwise string, options ...string) actions.Field {
	f := actions.Field{ID: id, Label: label, Help: help, Type: actions.Select, In: actions.InNone}
	if otherwise != "" {
		f.Default = otherwise
	}
	for i := 0; i+1 < len(options); i += 2 {
		f.Options = append(f.Options, actions.Option{Value: options[i], Label: options[i+1]})
	}
	return f
}

func flag(id, label, help string, otherwise bool) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Boolean, Default: otherwise, In: actions.InNone}
}

func itemName(name string, i int) string { return fmt.Sprintf("%s/%d", name, i) }

// tooLong is the error of a text that an output would have.
func tooLong() error {
	return fault.New(fault.TooLarge, "The output would have more than %d MB; take less, as with core.limit or core.filter_list before it.", maxBytes>>20)
}
