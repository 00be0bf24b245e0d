package core

import (
	"context"
	"maps"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func merge() actions.Action {
	return dataStep(actions.Action{
		ID: "merge", Name: "Merge two lists", Description: "Makes one list of two: one behind the other, side by side, by a field that both have, or every pair.",
		Input: []actions.Field{
			choice("mode", "Mode", "How the two lists come together.", "append",
				"append", "One behind the other", "by_position", "Side by side: first with first, second with second", "by_field", "By a field that both have, as a database joins",
				"cross", "Every item of one with every item of the other", "first", "The first list that is not empty"),
			listField("left", "Left list", "Its order is that of the output."),
			listField("right", "Right list", "Where both have a field, its value is taken."),
			field("left_key", "Left field", actions.Texts, "By which items are matched, as email or author.id; several are matched together. 12 and \"12\" are the same; an empty field matches nothing.", []any{"email"}),
			field("right_key", "Right field", actions.Texts, "What the right list calls it; the same as the left field where it is not given.", []any{"contact.email"}),
			choice("join", "Keep", "By field and by position: which items stay.", "inner", "inner", "Only those that have a partner", "left", "All of the left list", "outer", "All of both lists"),
			choice("matches", "Several partners", "By field, where an item has several partners.", "all", "all", "One output item for each partner", "first", "Only the first partner"),
			flag("ignore_case", "Ignore capitals", "By field: Ada@example.com matches ada@example.com.", false),
		},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"email": "ada@example.com", "name": "Ada", "plan": "pro"}},
	}, runMerge, func(v map[string]any) error { _, err := planMerge(v); return err }, "mode", "left_key", "right_key", "join")
}

type merging struct {
	mode, join  string
	left, right []path
	fold, once  bool
}

func planMerge(v map[string]any) (m merging, err error) {
	m = merging{mode: textOf(v, "mode"), join: textOf(v, "join"), fold: isTrue(v, "ignore_case"), once: textOf(v, "matches") == "first"}
	if m.left, err = pathsOf(v, "left_key"); err != nil {
		return m, err
	}
	if m.right, err = pathsOf(v, "right_key"); err != nil {
		return m, err
	}
	if m.mode != "by_field" {
		if len(m.left)+len(m.right) > 0 {
			return m, wrong("left_key", "it is for the mode by_field; the mode is %s.", m.mode)
		}
		return m, nil
	}
	if len(m.right) == 0 {
		m.right = m.left
	}
	switch {
	case len(m.left) == 0:
		return m, wrong("left_key", "the mode by_field needs the field by which items are matched, as email.")
	case len(m.left) != len(m.right):
		return m, wrong("right_key", "it has %d fields, and left_key has %d; each is matched with its partner.", len(m.right), len(m.left))
	}
	return m, nil
}

func runMerge(ctx context.Context, in actions.Input) (any, error) {
	m, err := planMerge(in.Values)
	if err != nil {
		return nil, err
	}
	left, right := items(in.Values, "left"), items(in.Values, "right")
	switch m.mode {
	case "first":
		if len(left) > 0 {
			return left, nil
		}
		return right, nil
	case "by_position":
		return m.byPosition(left, right)
	case "by_field":
		return m.byField(ctx, left, right)
	case "cross":
		return cross(ctx, left, right)
	}
	return append(append(make([]any, 0, len(left)+len(right)), left...), right...), nil
}

// merged is a new object of both, the right one's fields winning.
func merged(left, right map[string]any) map[string]any {
	out := make(map[string]any, len(left)+len(right))
	maps.Copy(out, left)
	maps.Copy(out, right)
	return out
}

func (m merging) byPosition(left, right []any) (any, error) {
	out := make([]any, 0, max(len(left), len(right)))
	for i := range max(len(left), len(right)) {
		switch {
		case i >= len(left):
			if m.join == "outer" {
				out = append(out, right[i])
			}
		case i >= len(right):
			if m.join != "inner" {
				out = append(out, left[i])
			}
		default:
			x, err := object("left", i, left[i])
			if err != nil {
				return nil, err
			}
			y, err := object("right", i, right[i])
			if err != nil {
				return nil, err
			}
			out = append(out, merged(x, y))
		}
	}
	return out, nil
}

func (m merging) byField(ctx context.Context, left, right []any) (any, error) {
	byKey := map[string][]int{}
	for i, item := range right {
		if _, err := object("right", i, item); err != nil {
			return nil, err
		}
		if key, ok := keyOf(item, m.right, m.fold); ok && !(m.once && len(byKey[key]) > 0) {
			byKey[key] = append(byKey[key], i)
		}
	}
	room := &room{most: maxNodes}
	taken := make([]bool, len(right))
	out := []any{}
	for i, item := range left {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		x, err := object("left", i, item)
		if err != nil {
			return nil, err
		}
		var partners []int
		if key, ok := keyOf(item, m.left, m.fold); ok {
			partners = byKey[key]
		}
		for _, p := range partners {
			taken[p] = true
			pair := merged(x, right[p].(map[string]any))
			if err := room.take(len(pair) + 1); err != nil {
				return nil, err
			}
			out = append(out, pair)
		}
		if len(partners) == 0 && m.join != "inner" {
			out = append(out, item)
		}
	}
	if m.join == "outer" {
		for i, item := range right {
			if key, ok := keyOf(item, m.right, m.fold); !taken[i] && !(m.once && ok && taken[firstOf(byKey[key], i)]) {
				out = append(out, item)
			}
		}
	}
	return out, nil
}

// firstOf is the first of a key's items, or one's own place.
func firstOf(list []int, own int) int {
	if len(list) == 0 {
		return own
	}
	return list[0]
}

func cross(ctx context.Context, left, right []any) (any, error) {
	room := &room{most: maxNodes}
	out := []any{}
	for i, a := range left {
		x, err := object("left", i, a)
		if err != nil {
			return nil, err
		}
		for j, b := range right {
			y, err := object("right", j, b)
			if err != nil {
				return nil, err
			}
			pair := merged(x, y)
			if err := room.take(len(pair) + 1); err != nil {
				return nil, err
			}
			out = append(out, pair)
		}
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// room is what an output that grows may still hold, so that it is refused before it is made.
type room struct{ most, taken int }

func (r *room) take(n int) error {
	if r.taken += n; r.taken > r.most {
		return fault.New(fault.TooLarge, "The output would hold more than %d values; take fewer items, or keep fewer fields of each.", r.most)
	}
	return nil
}
