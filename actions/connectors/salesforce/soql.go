package salesforce

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// A query is text in Salesforce's language. Whatever comes from inputs goes into it as a name that is held to the form of one, or
// as a literal that is escaped here. Source:
// https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm

// quoted is a text as SOQL has it.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`).Replace(text) + "'"
}

// literal is a value as SOQL has it: a text in quotes, a list in brackets, anything else as it is.
func literal(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case string:
		return quoted(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case []any:
		if len(v) == 0 {
			return "", fault.New(fault.InvalidInput, "a list to compare with must not be empty")
		}
		texts := make([]string, len(v))
		for i, item := range v {
			if _, nested := item.([]any); nested {
				return "", fault.New(fault.InvalidInput, "a list to compare with must hold no list")
			}
			text, err := literal(item)
			if err != nil {
				return "", err
			}
			texts[i] = text
		}
		return "(" + strings.Join(texts, ", ") + ")", nil
	}
	if value.Kind(v) == "number" {
		return value.Text(v), nil
	}
	return "", fault.New(fault.InvalidInput, "an object cannot be compared with")
}

// clock is a time as SOQL has it, which is not in quotes.
func clock(text string) (string, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "", fault.New(fault.InvalidInput, "%q is no time; write it as 2026-01-31T09:30:00Z", fault.Clip(text, 40))
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z"), nil
}

// date is a day as SOQL has it, and as fields of days take it.
func date(text string) (string, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.Format(time.DateOnly), nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return "", fault.New(fault.InvalidInput, "%q is no day; write it as 2026-01-31", fault.Clip(text, 40))
	}
	return at.Format(time.DateOnly), nil
}

var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$`)

// name takes nothing but the name of an object or a field, also of one behind a relationship, as Account.Name.
func name(input, text string) (string, error) {
	if !nameForm.MatchString(text) {
		return "", fault.New(fault.InvalidInput, "The input %s: %q is no name of Salesforce's API, as LastName or Account.Name.", input, fault.Clip(text, 60))
	}
	return text, nil
}

// selection is a query that is made of inputs.
type selection struct {
	object string
	fields []any
	where  []string // conditions that are SOQL already
	order  string   // a field's name; empty: none
	limit  int      // zero: none
}

// soql writes a selection. The record's id is always asked for.
func (s selection) soql() (string, error) {
	from, err := name("object", s.object)
	if err != nil {
		return "", err
	}
	names := []string{"Id"}
	for _, f := range s.fields {
		field, err := name("return_fields", value.Text(f))
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(names, func(have string) bool { return strings.EqualFold(have, field) }) {
			names = append(names, field)
		}
	}
	q := "SELECT " + strings.Join(names, ", ") + " FROM " + from
	if len(s.where) > 0 {
		q += " WHERE " + strings.Join(s.where, " AND ")
	}
	if s.order != "" {
		q += " ORDER BY " + s.order + " ASC, Id ASC"
	}
	if s.limit > 0 {
		q += " LIMIT " + strconv.Itoa(s.limit)
	}
	return q, nil
}

func operators() []actions.Option {
	return []actions.Option{{Value: "=", Label: "Equal to"}, {Value: "!=", Label: "Not equal to"}, {Value: "<", Label: "Less than"}, {Value: "<=", Label: "At most"}, {Value: ">", Label: "Greater than"}, {Value: ">=", Label: "At least"},
		{Value: "LIKE", Label: "Like, with % and _"}, {Value: "IN", Label: "One of"}, {Value: "NOT IN", Label: "None of"}, {Value: "INCLUDES", Label: "Has chosen one of"}, {Value: "EXCLUDES", Label: "Has chosen none of"}}
}

// conditions writes the input filters, each as SOQL.
func conditions(in map[string]any) ([]string, error) {
	var out []string
	list, _ := in["filters"].([]any)
	for i, item := range list {
		one, _ := item.(map[string]any)
		at := "filters/" + strconv.Itoa(i)
		field, err := name(at+"/field", value.Text(one["field"]))
		if err != nil {
			return nil, err
		}
		text, err := compared(one)
		if err != nil {
			return nil, fault.New(fault.InvalidInput, "The input %s/value: %s.", at, fault.MessageOf(err))
		}
		out = append(out, field+" "+value.Text(one["operator"])+" "+text)
	}
	if in["match"] == "any" && len(out) > 1 {
		return []string{"(" + strings.Join(out, " OR ") + ")"}, nil
	}
	return out, nil
}

// compared is what a condition compares with.
func compared(one map[string]any) (string, error) {
	v, operator := one["value"], value.Text(one["operator"])
	if slices.Contains([]string{"IN", "NOT IN", "INCLUDES", "EXCLUDES"}, operator) {
		if _, list := v.([]any); !list {
			v = []any{v}
		}
	} else if _, list := v.([]any); list {
		return "", fault.New(fault.InvalidInput, "%s compares with one value, not with a list", operator)
	}
	switch one["as"] {
	case "time":
		return clock(value.Text(v))
	case "day":
		return date(value.Text(v))
	}
	return literal(v)
}

var parameter = regexp.MustCompile(`'(?:\\.|[^'\\])*'|:[A-Za-z_][A-Za-z0-9_]*`)

// bound puts parameters into a query that somebody wrote: :name outside of its texts, as a literal.
func bound(soql string, parameters, times map[string]any) (string, error) {
	var wrong error
	out := parameter.ReplaceAllStringFunc(soql, func(found string) string {
		key, isParameter := strings.CutPrefix(found, ":")
		if !isParameter {
			return found
		}
		text, err := "", error(nil)
		if at, ok := times[key]; ok {
			text, err = clock(value.Text(at))
		} else if v, ok := parameters[key]; ok {
			text, err = literal(v)
		} else {
			err = fault.New(fault.InvalidInput, "the query asks for it, and it is not given")
		}
		if err != nil && wrong == nil {
			wrong = fault.New(fault.InvalidInput, "The input parameters/%s: %s.", key, fault.MessageOf(err))
		}
		return text
	})
	return out, wrong
}
