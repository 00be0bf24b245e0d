package core

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func sortList() actions.Action {
	by := field("by", "By", actions.List, "The fields that decide, the first one first; none: the items themselves.", []any{map[string]any{"field": "price", "order": "desc"}})
	by.Fields = []actions.Field{
		field("field", "Field", actions.Text, "As price or author.name; the item itself where it is not given.", "price"),
		choice("order", "Order", "From the least to the greatest, or the other way.", "asc", "asc", "Ascending", "desc", "Descending"),
		choice("as", "As", "What the values are compared as.", "auto", "auto", "What they are: numbers, then texts", "number", "Numbers", "text", "Texts: file2 before file10, ä beside a", "date", "Dates"),
	}
	return dataStep(actions.Action{
		ID: "sort", Name: "Sort a list", Description: "Puts a list in the order of one or several fields. Empty values come last, and equal items stay in their order.",
		Input: []actions.Field{listField("list", "List", "The items that are sorted."), by,
			flag("reverse", "Reverse", "Turns the list around at the end, also where nothing is sorted by.", false)},
		Output: value.Shape{Kind: "list"},
		Sample: []any{map[string]any{"name": "Tea", "price": 12}, map[string]any{"name": "Cup", "price": 4}},
	}, runSort, func(v map[string]any) error { _, err := planSort(v); return err }, "by")
}

type sortBy struct {
	at         string
	field      path
	descending bool
	as         string
}

func planSort(v map[string]any) ([]sortBy, error) {
	list := items(v, "by")
	if len(list) > 20 {
		return nil, wrong("by", "there are %d fields; at most 20 are taken.", len(list))
	}
	var out []sortBy
	for i, item := range list {
		at := itemName("by", i)
		given, _ := item.(map[string]any)
		p, err := pathOf(at+"/field", textOf(given, "field"))
		if err != nil {
			return nil, err
		}
		out = append(out, sortBy{at, p, textOf(given, "order") == "desc", textOf(given, "as")})
	}
	return out, nil
}

func runSort(ctx context.Context, in actions.Input) (any, error) {
	by, err := planSort(in.Values)
	if err != nil {
		return nil, err
	}
	list := items(in.Values, "list")
	if len(by) == 0 && !isTrue(in.Values, "reverse") {
		by = []sortBy{{at: "by", as: "auto"}}
	}
	type keyed struct {
		item any
		keys []sortKey
	}
	rows := make([]keyed, len(list))
	for i, item := range list {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		rows[i] = keyed{item, make([]sortKey, len(by))}
		for j, b := range by {
			if rows[i].keys[j], err = b.key(i, item); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(rows, func(x, y keyed) int {
		for j, b := range by {
			if d := x.keys[j].compare(y.keys[j], b.descending); d != 0 {
				return d
			}
		}
		return 0
	})
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = row.item
	}
	if isTrue(in.Values, "reverse") {
		slices.Reverse(out)
	}
	return out, nil
}

// sortKey is a value made ready to be compared: dates, booleans, numbers, texts, then the rest by its JSON, and what is
// empty at the end.
type sortKey struct {
	rank int
	num  any
	when time.Time
	text string // folded
	raw  string // decides between texts that differ in capitals only
}

const rankEmpty = 9

func (b sortBy) key(i int, item any) (sortKey, error) {
	v := b.field.get(item)
	if emptyValue(v) {
		return sortKey{rank: rankEmpty}, nil
	}
	switch b.as {
	case "number":
		n, ok := numberOf(v)
		if !ok {
			return sortKey{}, wrong("list", "item %d has %s as %s, which is no number; sort it as text, or mend it.", i, shown(v), b.name())
		}
		return sortKey{rank: 2, num: n}, nil
	case "date":
		t, ok := momentOf(v)
		if !ok {
			return sortKey{}, wrong("list", "item %d has %s as %s, which is no date as 2026-01-31; core.date reads other forms.", i, shown(v), b.name())
		}
		return sortKey{rank: 0, when: t}, nil
	case "text":
		return textKey(3, value.Text(v)), nil
	}
	return autoKey(v), nil
}

func (b sortBy) name() string {
	if b.field.written == "" {
		return "its value"
	}
	return b.field.written
}

// autoKey is the key of a value as what it is.
func autoKey(v any) sortKey {
	switch have := v.(type) {
	case nil:
		return sortKey{rank: rankEmpty}
	case bool:
		if have {
			return sortKey{rank: 1, num: 1}
		}
		return sortKey{rank: 1, num: 0}
	case string:
		return textKey(3, have)
	case []any, map[string]any:
		return textKey(4, value.Text(have))
	}
	return sortKey{rank: 2, num: v}
}

func textKey(rank int, text string) sortKey {
	return sortKey{rank: rank, text: foldText(text), raw: text}
}

// foldText leaves out what people do not sort by: capitals and accents.
func foldText(text string) string {
	ascii := true
	for i := range len(text) {
		ascii = ascii && text[i] < 0x80
	}
	if ascii {
		return strings.ToLower(text)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

func (a sortKey) compare(b sortKey, descending bool) int {
	if (a.rank == rankEmpty) != (b.rank == rankEmpty) {
		return cmp.Compare(a.rank, b.rank) // what is empty is last both ways
	}
	d := cmp.Compare(a.rank, b.rank)
	if d == 0 {
		switch {
		case a.num != nil:
			d, _ = value.CompareNumbers(a.num, b.num)
		case a.rank == 0:
			d = a.when.Compare(b.when)
		default:
			d = cmp.Or(natural(a.text, b.text), strings.Compare(a.raw, b.raw))
		}
	}
	if descending {
		return -d
	}
	return d
}

// natural compares texts so that the numbers in them count: file2 comes before file10.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			m, n := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if d := cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n)); d != 0 {
				return d
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits is how many a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
