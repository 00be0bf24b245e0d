package core

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func filterList() actions.Action {
	conditions := listField("conditions", "Conditions", "What is asked of each item; none: every item is kept.")
	conditions.Fields = conditionFields()
	conditions.Example = []any{map[string]any{"field": "status", "operator": "equals", "value": "open"}}
	return dataStep(actions.Action{
		ID: "filter_list", Name: "Filter a list", Description: "Keeps the items of a list that meet conditions.",
		Input: []actions.Field{
			listField("list", "List", "The items that are asked."), conditions,
			choice("match", "Match", "Whether all conditions must hold, or one.", "all", "all", "All conditions (and)", "any", "Any condition (or)"),
			choice("keep", "Keep", "Which items the output has.", "matching", "matching", "Those that match", "others", "Those that do not match"),
			flag("ignore_case", "Ignore capitals", "Ada is equal to ada.", false),
		},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"id": 1, "status": "open"}},
	}, func(ctx context.Context, in actions.Input) (any, error) {
		t, err := planFilter(in.Values)
		if err != nil {
			return nil, err
		}
		keep := textOf(in.Values, "keep") != "others"
		out := []any{}
		for i, item := range items(in.Values, "list") {
			if err := tick(ctx, i); err != nil {
				return nil, err
			}
			ok, err := t.holds(item)
			if err != nil {
				return nil, err
			}
			if ok == keep {
				out = append(out, item)
			}
		}
		return out, nil
	}, func(v map[string]any) error { _, err := planFilter(v); return err }, "conditions", "match", "ignore_case")
}

func planFilter(v map[string]any) (test, error) {
	list := items(v, "conditions")
	if len(list) > 200 {
		return test{}, wrong("conditions", "there are %d; at most 200 are taken.", len(list))
	}
	inner, err := tests("conditions", list, isTrue(v, "ignore_case"), 0)
	return test{inner: inner, any: textOf(v, "match") == "any" && len(inner) > 0}, err
}
