package core

import (
	"context"
	"math/big"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func summarize() actions.Action {
	values := listField("values", "Values", "What is worked out for each group.")
	values.Example = []any{map[string]any{"function": "sum", "field": "amount"}}
	values.Fields = []actions.Field{
		choice("function", "Function", "What is worked out. Null and empty values are left out; numbers may stand in texts.", "count", "count", "Count", "count_distinct", "Count of different values", "sum", "Sum", "average", "Average",
			"median", "Median", "min", "Least", "max", "Greatest", "first", "First", "last", "Last", "list", "List of all values", "distinct", "List of different values", "concatenate", "One text of all values"),
		field("field", "Field", actions.Text, "As amount or author.name; where it is not given count counts the items.", "amount"),
		field("as", "As", actions.Text, "What the result is called; the function and the field where it is not given, as sum_amount.", "total"),
		field("separator", "Separator", actions.Text, "Of concatenate: what stands between the values; a comma and a space where it is not given.", "; "),
	}
	return dataStep(actions.Action{
		ID: "summarize", Name: "Summarize a list", Description: "Groups a list's items by fields and works out numbers, lists or texts for each group, as a pivot table does.",
		Input: []actions.Field{listField("list", "List", "The items."),
			field("group_by", "Group by", actions.Texts, "The fields that make a group, as country; none: all items are one group.", []any{"country"}), values,
			flag("ignore_case", "Ignore capitals", "CH and ch are one group, named as the first of them.", false)},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"country": "CH", "count": 2, "sum_amount": 30}},
	}, runSummarize, func(v map[string]any) error { _, _, err := planSummarize(v); return err }, "group_by", "values")
}

type figure struct {
	at                      string
	field                   path
	function, as, separator string
}

const maxFigures = 100

func planSummarize(v map[string]any) (by []path, figures []figure, err error) {
	if by, err = pathsOf(v, "group_by"); err != nil {
		return nil, nil, err
	}
	names := map[string]bool{}
	take := func(at, name string) error {
		if names[name] {
			return wrong(at, "two results would be called %s; name one with as.", shown(name))
		}
		names[name] = true
		return nil
	}
	for i, p := range by {
		if err := take(itemName("group_by", i), p.name()); err != nil {
			return nil, nil, err
		}
	}
	list := items(v, "values")
	if len(list) > maxFigures {
		return nil, nil, wrong("values", "there are %d; at most %d are worked out.", len(list), maxFigures)
	}
	for i, item := range list {
		at := itemName("values", i)
		given, _ := item.(map[string]any)
		f := figure{at: at, function: textOf(given, "function"), as: textOf(given, "as"), separator: ", "}
		if f.field, err = pathOf(at+"/field", textOf(given, "field")); err != nil {
			return nil, nil, err
		}
		if separator, ok := given["separator"]; ok {
			f.separator = value.Text(separator)
			if f.function != "concatenate" {
				return nil, nil, wrong(at+"/separator", "it is for concatenate; the function is %s.", f.function)
			}
		}
		if f.as == "" {
			f.as = f.function
			if len(f.field.parts) > 0 {
				f.as += "_" + f.field.name()
			}
		}
		if err := take(at, f.as); err != nil {
			return nil, nil, err
		}
		figures = append(figures, f)
	}
	return by, figures, nil
}

// gathered is what one figure has gathered of one group.
type gathered struct {
	count       int
	values      []any
	seen        map[string]bool
	sum         sum
	best        any
	first, last any
}

func runSummarize(ctx context.Context, in actions.Input) (any, error) {
	by, figures, err := planSummarize(in.Values)
	if err != nil {
		return nil, err
	}
	type group struct {
		first any
		cells []gathered
	}
	var groups []*group
	byKey := map[string]*group{}
	list := items(in.Values, "list")
	if len(by) == 0 {
		g := &group{cells: make([]gathered, len(figures))}
		groups, byKey[""] = append(groups, g), g
	}
	room := &room{most: 8 * maxNodes}
	for i, item := range list {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		key := ""
		if len(by) > 0 {
			key = identity(item, by, isTrue(in.Values, "ignore_case"))
		}
		g := byKey[key]
		if g == nil {
			if err := room.take(1 + len(figures)); err != nil {
				return nil, err
			}
			g = &group{first: item, cells: make([]gathered, len(figures))}
			groups, byKey[key] = append(groups, g), g
		}
		for j := range figures {
			if err := g.cells[j].add(&figures[j], i, item); err != nil {
				return nil, err
			}
		}
	}
	out := []any{}
	for _, g := range groups {
		row := map[string]any{}
		for _, p := range by {
			row[p.name()] = p.get(g.first)
		}
		for j := range figures {
			if row[figures[j].as], err = g.cells[j].result(&figures[j]); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func (c *gathered) add(f *figure, i int, item any) error {
	v := f.field.get(item)
	if f.function == "count" && len(f.field.parts) == 0 {
		c.count++
		return nil
	}
	if emptyValue(v) {
		return nil
	}
	c.count++
	switch f.function {
	case "sum", "average", "median":
		n, ok := numberOf(v)
		if !ok {
			return wrong(f.at, "item %d of the list has %s as %s, which is no number; filter such items out, or mend them.", i, shown(v), shown(f.field.written))
		}
		if f.function == "median" {
			c.values = append(c.values, n)
		} else {
			c.sum.add(n)
		}
	case "min", "max":
		c.extreme(v, f.function == "max")
	case "first", "last":
		if c.count == 1 {
			c.first = v
		}
		c.last = v
	case "list", "concatenate":
		c.values = append(c.values, v)
	case "distinct", "count_distinct":
		if c.seen == nil {
			c.seen = map[string]bool{}
		}
		if key := identity(v, nil, false); !c.seen[key] {
			c.seen[key] = true
			c.values = append(c.values, v)
		}
	}
	return nil
}

// extreme keeps the least or the greatest value. Numbers in texts count as numbers.
func (c *gathered) extreme(v any, most bool) {
	if n, ok := numberOf(v); ok {
		v = n
	}
	if c.best == nil {
		c.best = v
		return
	}
	if d := autoKey(v).compare(autoKey(c.best), false); d < 0 && !most || d > 0 && most {
		c.best = v
	}
}

func (c *gathered) result(f *figure) (any, error) {
	switch f.function {
	case "count":
		return c.count, nil
	case "count_distinct":
		return len(c.values), nil
	case "sum":
		return shortNumber(c.sum.total()), nil
	case "average":
		if c.count == 0 {
			return nil, nil
		}
		return shortNumber(new(big.Rat).Quo(c.sum.total(), big.NewRat(int64(c.count), 1))), nil
	case "median":
		return median(c.values), nil
	case "min", "max":
		return c.best, nil
	case "first":
		return c.first, nil
	case "last":
		return c.last, nil
	case "concatenate":
		return joined(c.values, f.separator)
	}
	if c.values == nil {
		return []any{}, nil
	}
	return c.values, nil
}
