package core

import (
	"context"
	"maps"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func compareLists() actions.Action {
	return dataStep(actions.Action{
		ID: "compare_lists", Name: "Compare two lists", Description: "Tells which items stand in the left list only, in the right one only, in both, and what differs in those that are in both.",
		Input: []actions.Field{listField("left", "Left list", "What is compared, as what was known before."), listField("right", "Right list", "What it is compared with, as what is there now."),
			field("left_key", "Left field", actions.Texts, "By which items are matched, as id or author.email; none: by the whole item.", []any{"id"}),
			field("right_key", "Right field", actions.Texts, "What the right list calls it; the same as the left field where it is not given.", []any{"contact.id"}),
			field("fields", "Compared fields", actions.Texts, "Which fields must be equal; none: all fields of both items.", []any{"email", "name"}),
			field("ignore", "Fields that may differ", actions.Texts, "Which fields are not compared, as updated_at.", []any{"updated_at"}),
			flag("ignore_case", "Ignore capitals", "Ada is equal to ada, in keys and in fields.", false),
			flag("exact", "Exact types", "The number 12 and the text \"12\" differ.", false)},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"only_left": {Kind: "list"}, "only_right": {Kind: "list"}, "both": {Kind: "list"}, "different": {Kind: "list", Item: &value.Shape{Kind: "object",
			Fields: map[string]value.Shape{"key": {}, "left": {}, "right": {}, "changes": {Kind: "list", Item: &value.Shape{Kind: "object", Fields: map[string]value.Shape{"field": {Kind: "text"}, "left": {}, "right": {}}}}}}}}},
		Sample: map[string]any{"only_left": []any{}, "only_right": []any{map[string]any{"id": 2, "name": "Bob"}}, "both": []any{}, "different": []any{map[string]any{"key": 1, "left": map[string]any{"id": 1, "name": "Ada"}, "right": map[string]any{"id": 1, "name": "Ada L."},
			"changes": []any{map[string]any{"field": "name", "left": "Ada", "right": "Ada L."}}}}},
	}, runCompare, func(v map[string]any) error { _, err := planCompare(v); return err }, "left_key", "right_key", "fields", "ignore")
}

type comparing struct {
	left, right, fields, ignore []path
	fold, exact                 bool
}

func planCompare(v map[string]any) (c comparing, err error) {
	c = comparing{fold: isTrue(v, "ignore_case"), exact: isTrue(v, "exact")}
	for _, of := range []struct {
		name string
		into *[]path
	}{{"left_key", &c.left}, {"right_key", &c.right}, {"fields", &c.fields}, {"ignore", &c.ignore}} {
		if *of.into, err = pathsOf(v, of.name); err != nil {
			return c, err
		}
	}
	if len(c.right) == 0 {
		c.right = c.left
	}
	if len(c.left) != len(c.right) {
		return c, wrong("right_key", "it has %d fields, and left_key has %d; each is matched with its partner.", len(c.right), len(c.left))
	}
	if len(c.fields) > 0 && len(c.ignore) > 0 {
		return c, wrong("ignore", "it stands beside fields, which already says what is compared; give one of the two.")
	}
	return c, nil
}

// key matches items; those without a key have no partner.
func (c comparing) key(item any, paths []path) (string, bool) {
	if len(paths) == 0 {
		return identity(item, nil, c.fold), true
	}
	return keyOf(item, paths, c.fold)
}

func runCompare(ctx context.Context, in actions.Input) (any, error) {
	c, err := planCompare(in.Values)
	if err != nil {
		return nil, err
	}
	left, right := items(in.Values, "left"), items(in.Values, "right")
	waiting := map[string][]int{} // of the right list, in its order: each is the partner of one
	for i, item := range right {
		if key, ok := c.key(item, c.right); ok {
			waiting[key] = append(waiting[key], i)
		}
	}
	onlyLeft, onlyRight, both, different := []any{}, []any{}, []any{}, []any{}
	taken := make([]bool, len(right))
	for i, item := range left {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		key, ok := c.key(item, c.left)
		if !ok || len(waiting[key]) == 0 {
			onlyLeft = append(onlyLeft, item)
			continue
		}
		partner := waiting[key][0]
		waiting[key] = waiting[key][1:]
		taken[partner] = true
		if changes := c.changes(item, right[partner]); len(changes) > 0 {
			different = append(different, map[string]any{"key": c.shownKey(item), "left": item, "right": right[partner], "changes": changes})
		} else {
			both = append(both, item)
		}
	}
	for i, item := range right {
		if !taken[i] {
			onlyRight = append(onlyRight, item)
		}
	}
	return map[string]any{"only_left": onlyLeft, "only_right": onlyRight, "both": both, "different": different}, nil
}

// shownKey is what an item was matched by: one value, or a list of several.
func (c comparing) shownKey(item any) any {
	if len(c.left) == 1 {
		return c.left[0].get(item)
	}
	out := make([]any, len(c.left))
	for i, p := range c.left {
		out[i] = p.get(item)
	}
	return out
}

// changes are the fields in which two items differ, in the order of their names or of those that are asked.
func (c comparing) changes(left, right any) []any {
	if len(c.left) == 0 && len(c.fields) == 0 {
		return nil // they were matched as a whole
	}
	fields := c.fields
	if len(fields) == 0 {
		x, isX := left.(map[string]any)
		y, isY := right.(map[string]any)
		if !isX || !isY {
			fields = []path{{}}
		} else {
			fields = c.allFields(merged(x, y))
		}
	}
	var out []any
	for _, p := range fields {
		if x, y := p.get(left), p.get(right); !c.equal(x, y) {
			out = append(out, map[string]any{"field": p.written, "left": x, "right": y})
		}
	}
	return out
}

func (c comparing) allFields(of map[string]any) []path {
	var out []path
	for _, name := range slices.Sorted(maps.Keys(of)) {
		skip := slices.ContainsFunc(append(slices.Clone(c.ignore), append(slices.Clone(c.left), c.right...)...), func(p path) bool { return p.written == name })
		if !skip {
			out = append(out, path{name, []string{name}})
		}
	}
	return out
}

func (c comparing) equal(x, y any) bool {
	if c.exact {
		return identity(x, nil, c.fold) == identity(y, nil, c.fold)
	}
	return same(x, y, c.fold)
}
