package hubspot

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// searchFields are the inputs of a search. Source: https://developers.hubspot.com/docs/api-reference/search/guide
func searchFields(of *actions.Choices) []actions.Field {
	return []actions.Field{
		{ID: "query", Label: "Text", Help: "Looked for in the properties that HubSpot searches by itself, as names and addresses.", Type: actions.Text, Example: "ada"},
		{ID: "filters", Label: "Conditions", Help: "On properties; at most six.", Type: actions.List, In: actions.InNone, Fields: []actions.Field{
			{ID: "property", Label: "Property", Help: "Its internal name.", Type: actions.Text, Required: true, Example: "email", Choices: of},
			{ID: "operator", Label: "Is", Help: "How it is compared.", Type: actions.Select, Default: "EQ", Options: operators()},
			{ID: "value", Label: "Value", Help: "What it is compared with; times as Unix milliseconds.", Type: actions.Text},
			{ID: "high_value", Label: "To", Help: "The upper end, of between.", Type: actions.Text},
			{ID: "values", Label: "Values", Help: "The list, of one of and none of; texts in lower case.", Type: actions.Texts, Whole: true}}},
		{ID: "match", Label: "Which must hold", Help: "All conditions, or any of them; then at most five are taken.", Type: actions.Select, Default: "all", In: actions.InNone,
			Options: []actions.Option{{Value: "all", Label: "All"}, {Value: "any", Label: "Any"}}},
		{ID: "changed_since", Label: "Changed since", Help: "Only those made or changed from this time on, the earliest first.", Type: actions.DateTime, Days: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		{ID: "created_since", Label: "Made since", Help: "Only those made from this time on.", Type: actions.DateTime, Days: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
	}
}

func operators() []actions.Option {
	return []actions.Option{{Value: "EQ", Label: "Equal to"}, {Value: "NEQ", Label: "Not equal to"}, {Value: "LT", Label: "Less than"}, {Value: "LTE", Label: "At most"},
		{Value: "GT", Label: "Greater than"}, {Value: "GTE", Label: "At least"}, {Value: "BETWEEN", Label: "Between"}, {Value: "IN", Label: "One of"}, {Value: "NOT_IN", Label: "None of"},
		{Value: "HAS_PROPERTY", Label: "Known"}, {Value: "NOT_HAS_PROPERTY", Label: "Unknown"}, {Value: "CONTAINS_TOKEN", Label: "Contains the word"}, {Value: "NOT_CONTAINS_TOKEN", Label: "Does not contain the word"}}
}

// searched writes a search. changed and created are the properties with those times. A time is a condition of every group,
// since groups are alternatives.
func searched(in map[string]any, changed, created string) (actions.Parts, error) {
	var times, each []any
	sort := created
	if since := in["changed_since"]; since != nil {
		times, sort = append(times, filter(changed, "GTE", millis(since))), changed
	}
	if since := in["created_since"]; since != nil {
		times = append(times, filter(created, "GTE", millis(since)))
	}
	list, _ := in["filters"].([]any)
	for i, item := range list {
		one, _ := item.(map[string]any)
		written, err := condition(i, one)
		if err != nil {
			return actions.Parts{}, err
		}
		each = append(each, written)
	}
	body := map[string]any{"sorts": []any{sort}}
	groups := []any{}
	switch {
	case in["match"] == "any" && len(each) > 0:
		for _, one := range each {
			groups = append(groups, group(append([]any{one}, times...)...))
		}
	case len(each)+len(times) > 0:
		groups = append(groups, group(slices.Concat(each, times)...))
	}
	if len(groups) > 0 {
		body["filterGroups"] = groups
	}
	return actions.Parts{Body: body}, nil
}

// condition writes the i-th condition, and asks that it has what its operator needs.
func condition(i int, in map[string]any) (map[string]any, error) {
	operator := value.Text(in["operator"])
	out := map[string]any{"propertyName": in["property"], "operator": operator}
	switch operator {
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
		return out, nil
	case "IN", "NOT_IN":
		if list, _ := in["values"].([]any); len(list) == 0 {
			return nil, fault.New(fault.InvalidInput, "The input filters/%d/values: %s needs a list of values.", i, operator)
		}
		out["values"] = in["values"]
		return out, nil
	case "BETWEEN":
		if in["high_value"] == nil {
			return nil, fault.New(fault.InvalidInput, "The input filters/%d/high_value: BETWEEN needs the upper end too.", i)
		}
		out["highValue"] = in["high_value"]
	}
	if in["value"] == nil {
		return nil, fault.New(fault.InvalidInput, "The input filters/%d/value: %s needs a value.", i, operator)
	}
	out["value"] = in["value"]
	return out, nil
}

func filter(property, operator, text string) map[string]any {
	return map[string]any{"propertyName": property, "operator": operator, "value": text}
}

func group(filters ...any) map[string]any { return map[string]any{"filters": slices.Clone(filters)} }

// searchPage is how a search goes on: in its body, up to 10,000 results.
func searchPage() *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/results", Sure: "/results", ID: "/id", Next: "/paging/next/after", At: actions.Spot{In: actions.InBody, Name: "after"}, Size: 200, Sizes: actions.Spot{In: actions.InBody, Name: "limit"}}
}
