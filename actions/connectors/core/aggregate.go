package core

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func aggregate() actions.Action {
	return dataStep(actions.Action{
		ID: "aggregate", Name: "Aggregate a list", Description: "Makes one value of a list's items: a list for each field, smaller items, the values of a field, an object by a key, or a text.",
		Input: []actions.Field{listField("list", "List", "The items."),
			choice("as", "As", "What is made of them.", "columns", "columns", "An object with a list for each field", "rows", "A list of items with these fields only", "values", "A list of one field's values",
				"object", "An object of items by a key", "text", "One text of a field's values"),
			field("fields", "Fields", actions.Texts, "Which fields are taken, as email or author.name; none: all of the item.", []any{"email"}),
			field("key", "Key", actions.Text, "As an object: the field whose value names each member; the last item with a value stays.", "id"),
			field("separator", "Separator", actions.Text, "As a text: what stands between the values; a comma and a space where it is not given.", "\n"),
			flag("skip_empty", "Leave out empty values", "Keeps null, empty texts, lists and objects out.", false),
			flag("flatten", "Flatten", "Takes the items of values that are lists, one by one.", false)},
		Sample: map[string]any{"email": []any{"ada@example.com", "bob@example.com"}},
	}, runAggregate, func(v map[string]any) error { _, err := planAggregate(v); return err }, "as", "fields", "key", "separator")
}

type aggregating struct {
	as            string
	fields        []path
	key           path
	skip, flatten bool
}

func planAggregate(v map[string]any) (a aggregating, err error) {
	a = aggregating{as: textOf(v, "as"), skip: isTrue(v, "skip_empty"), flatten: isTrue(v, "flatten")}
	if a.fields, err = pathsOf(v, "fields"); err != nil {
		return a, err
	}
	if a.key, err = pathOf("key", textOf(v, "key")); err != nil {
		return a, err
	}
	seen := map[string]string{}
	for i, p := range a.fields {
		if other, twice := seen[p.name()]; twice {
			return a, wrong(itemName("fields", i), "%s and %s would both be called %s; take one of them.", shown(other), shown(p.written), shown(p.name()))
		}
		seen[p.name()] = p.written
	}
	switch {
	case a.as == "columns" && len(a.fields) == 0:
		return a, wrong("fields", "name the fields that become lists, as email.")
	case (a.as == "values" || a.as == "text") && len(a.fields) > 1:
		return a, wrong("fields", "as %s takes one field, not %d.", a.as, len(a.fields))
	case a.as == "object" && len(a.key.parts) == 0:
		return a, wrong("key", "name the field whose value names each member, as id.")
	case a.as != "object" && len(a.key.parts) > 0:
		return a, wrong("key", "it is for as object; the items are made into %s.", a.as)
	case a.as != "text" && v["separator"] != nil:
		return a, wrong("separator", "it is for as text; the items are made into %s.", a.as)
	}
	return a, nil
}

func runAggregate(ctx context.Context, in actions.Input) (any, error) {
	a, err := planAggregate(in.Values)
	if err != nil {
		return nil, err
	}
	list := items(in.Values, "list")
	switch a.as {
	case "columns":
		out := make(map[string]any, len(a.fields))
		for _, p := range a.fields {
			if out[p.name()], err = a.column(ctx, list, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	case "rows":
		out := []any{}
		for i, item := range list {
			if err := tick(ctx, i); err != nil {
				return nil, err
			}
			if row := a.row(item); !a.skip || !emptyValue(row) {
				out = append(out, row)
			}
		}
		return out, nil
	case "object":
		return a.object(list)
	}
	p := path{}
	if len(a.fields) == 1 {
		p = a.fields[0]
	}
	values, err := a.column(ctx, list, p)
	if err != nil || a.as == "values" {
		return values, err
	}
	separator := ", "
	if v, given := in.Values["separator"]; given {
		separator = value.Text(v)
	}
	return joined(values, separator)
}

// row is an item with the asked fields only.
func (a aggregating) row(item any) any {
	if len(a.fields) == 0 {
		return item
	}
	out := map[string]any{}
	for _, p := range a.fields {
		if v := p.get(item); !a.skip || !emptyValue(v) {
			out[p.name()] = v
		}
	}
	return out
}

func (a aggregating) column(ctx context.Context, list []any, p path) ([]any, error) {
	out := []any{}
	for i, item := range list {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		v := p.get(item)
		if inner, ok := v.([]any); ok && a.flatten {
			for _, one := range inner {
				if !a.skip || !emptyValue(one) {
					out = append(out, one)
				}
			}
			continue
		}
		if !a.skip || !emptyValue(v) {
			out = append(out, v)
		}
	}
	return out, nil
}

func (a aggregating) object(list []any) (any, error) {
	out := map[string]any{}
	for i, item := range list {
		key := a.key.get(item)
		switch key.(type) {
		case nil:
			if a.skip {
				continue
			}
			return nil, wrong("list", "item %d has no %s to be named by; leave out empty values, or take another key.", i, shown(a.key.written))
		case []any, map[string]any:
			return nil, wrong("list", "item %d has %s as %s; a name is a text or a number.", i, value.AKind(key), shown(a.key.written))
		}
		row := a.row(item)
		if len(a.fields) == 1 {
			row = a.fields[0].get(item)
		}
		if !a.skip || !emptyValue(row) {
			out[value.Text(key)] = row
		}
	}
	return out, nil
}

// joined is values as one text.
func joined(values []any, separator string) (string, error) {
	room := &room{most: maxBytes}
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(separator)
		}
		text := value.Text(v)
		if room.take(len(text)+len(separator)) != nil {
			return "", tooLong()
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
