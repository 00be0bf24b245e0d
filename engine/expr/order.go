package expr

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// loops are the language's own functions that take a predicate. They stay, since no function of ours can take one; the
// guard makes them count.
func loops() []string {
	return []string{"all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "findLastIndex", "count", "sum", "reduce", "groupBy", "sortBy"}
}

// hiddenFunctions are those that only the guard calls.
func hiddenFunctions() map[string]*function {
	return map[string]*function{
		"__slice": {call: slice},
		"__sum":   {call: func(_ *state, a []any) (any, error) { return sumAll(a[0]) }},
		"__group": {call: func(s *state, a []any) (any, error) { return grouped(s, keyed(a[0])) }},
		"__order": {call: func(s *state, a []any) (any, error) {
			order, _ := a[1].(string)
			return ordered(s, keyed(a[0]), order)
		}},
	}
}

// sumAll adds up numbers; of none it is 0.
func sumAll(v any) (any, error) {
	items, _ := v.([]any)
	total := any(0)
	for i, item := range items {
		if _, ok := finite(item); !ok {
			return nil, fault.New(fault.InvalidInput, "sum adds numbers, and item %d is %s; write ?? 0 behind one that may be missing.", i, kindOf(item))
		}
		total = sumOf(total, item)
	}
	return total, nil
}

// keyedItem is an item of a list with what it is sorted or grouped by.
type keyedItem struct{ item, key any }

// keyed reads the pairs that the guard lets the language make.
func keyed(v any) []keyedItem {
	pairs, _ := v.([]any)
	out := make([]keyedItem, len(pairs))
	for i, p := range pairs {
		if two, ok := p.([]any); ok && len(two) == 2 {
			out[i] = keyedItem{two[0], two[1]}
		}
	}
	return out
}

// grouped gives the items by their keys as texts.
func grouped(s *state, items []keyedItem) (any, error) {
	out := map[string]any{}
	for _, k := range items {
		name, err := s.text(k.key)
		if err != nil {
			return nil, err
		}
		have, ok := out[name].([]any)
		if !ok {
			if err := s.charge(4); err != nil {
				return nil, err
			}
		}
		out[name] = append(have, k.item)
	}
	return out, nil
}

// sortKey is a key made ready to be compared: null, booleans, numbers, texts, then the rest by its JSON.
type sortKey struct {
	rank int
	num  any
	text string
	item any
}

func (s *state) sortKey(k keyedItem) (sortKey, error) {
	switch v := k.key.(type) {
	case nil:
		return sortKey{item: k.item}, nil
	case bool:
		out := sortKey{rank: 1, num: 0, item: k.item}
		if v {
			out.num = 1
		}
		return out, nil
	case int, float64, json.Number:
		return sortKey{rank: 2, num: v, item: k.item}, nil
	case string:
		return sortKey{rank: 3, text: v, item: k.item}, s.read(v)
	}
	b, err := s.encode(k.key)
	return sortKey{rank: 4, text: string(b), item: k.item}, err
}

func (a sortKey) compare(b sortKey) int {
	if d := cmp.Compare(a.rank, b.rank); d != 0 {
		return d
	}
	if a.num != nil && b.num != nil {
		d, _ := value.CompareNumbers(a.num, b.num)
		return d
	}
	return strings.Compare(a.text, b.text)
}

// ordered sorts; equal items stay in their order, also from the greatest to the least.
func ordered(s *state, items []keyedItem, order string) (any, error) {
	sign := 1
	switch order {
	case "asc", "":
	case "desc":
		sign = -1
	default:
		return nil, fault.New(fault.InvalidInput, `The order is "asc" or "desc", not %s.`, quote(order))
	}
	keys := make([]sortKey, len(items))
	for i, k := range items {
		var err error
		if keys[i], err = s.sortKey(k); err != nil {
			return nil, err
		}
	}
	if err := s.charge(2 * len(keys)); err != nil {
		return nil, err
	}
	slices.SortStableFunc(keys, func(x, y sortKey) int { return sign * x.compare(y) })
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = k.item
	}
	return out, nil
}
