package expr

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/value"
)

func listFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "lists", signature, summary, examples}, min: least, max: most, call: call}
	}
	return []entry{
		f("len", "len(value) → number", "How many items of a list, characters of a text or members of an object; 0 of null.", 1, 1, func(a *args) (any, error) {
			switch v := a.list[0].(type) {
			case nil:
				return 0, nil
			case string:
				return utf8.RuneCountInString(v), a.s.read(v)
			case map[string]any:
				return len(v), nil
			}
			return a.gives(len(a.items(0)))
		}, Example{`len([1, 2])`, `2`}, Example{`len("añb")`, `3`}),
		f("first", "first(list) → value", "The first item; null of an empty list.", 1, 1, func(a *args) (any, error) { return at(a, 0) }, Example{`first([1, 2])`, `1`}),
		f("last", "last(list) → value", "The last item; null of an empty list.", 1, 1, func(a *args) (any, error) { return at(a, -1) }, Example{`last([1, 2])`, `2`}),
		f("take", "take(list, count) → list", "The first items.", 2, 2, func(a *args) (any, error) {
			items := a.items(0)
			n := min(max(a.whole(1, 0), 0), len(items))
			return a.gives(orEmpty(items[:n:n]))
		}, Example{`take([1, 2, 3], 2)`, `[1,2]`}),
		f("reverse", "reverse(list) → list", "From the last to the first.", 1, 1, func(a *args) (any, error) {
			items := slices.Clone(a.items(0))
			slices.Reverse(items)
			return a.gives(orEmpty(items))
		}, Example{`reverse([1, 2])`, `[2,1]`}),
		f("sort", "sort(list, [order]) → list", "In order: null, booleans, numbers, texts.", 1, 2, func(a *args) (any, error) {
			return sorted(a, func(v any) any { return v }, a.textOr(1, "asc"))
		}, Example{`sort([3, 1, 2])`, `[1,2,3]`}, Example{`sort(["b", "a"], "desc")`, `["b","a"]`}),
		f("sort_by", "sort_by(list, field, [order]) → list", "In the order of a field, as \"author.name\".", 2, 3, func(a *args) (any, error) {
			return sorted(a, a.path(1).of, a.textOr(2, "asc"))
		}, Example{`sort_by([{"n": 2}, {"n": 1}], "n")`, `[{"n":1},{"n":2}]`}),
		f("unique", "unique(list) → list", "Each item once, the first ones.", 1, 1, func(a *args) (any, error) { return unique(a, func(v any) any { return v }) }, Example{`unique([1, 2, 1])`, `[1,2]`}),
		f("unique_by", "unique_by(list, field) → list", "The first item for each value of a field.", 2, 2, func(a *args) (any, error) {
			return unique(a, a.path(1).of)
		}, Example{`unique_by([{"k": 1, "v": 1}, {"k": 1, "v": 2}], "k")`, `[{"k":1,"v":1}]`}),
		f("group_by", "group_by(list, field) → object", "The items by the value of a field.", 2, 2, func(a *args) (any, error) {
			field := a.path(1)
			items := a.items(0)
			if a.err != nil {
				return nil, a.err
			}
			keyed := make([]keyedItem, len(items))
			for i, item := range items {
				keyed[i] = keyedItem{item, field.of(item)}
			}
			return grouped(a.s, keyed)
		}, Example{`group_by([{"k": "a"}, {"k": "b"}, {"k": "a"}], "k")`, `{"a":[{"k":"a"},{"k":"a"}],"b":[{"k":"b"}]}`}),
		f("chunk", "chunk(list, size) → list", "Lists of that many items.", 2, 2, func(a *args) (any, error) {
			size := a.whole(1, 0)
			if size < 1 {
				return a.fails("the size must be at least 1.")
			}
			out := []any{}
			for part := range slices.Chunk(a.items(0), size) {
				out = append(out, []any(part))
			}
			return a.gives(out)
		}, Example{`chunk([1, 2, 3], 2)`, `[[1,2],[3]]`}),
		f("flatten", "flatten(list) → list", "The items of the lists in a list, at any depth.", 1, 1, func(a *args) (any, error) {
			out := []any{}
			if err := flatten(a, a.items(0), &out, 0); err != nil {
				return nil, err
			}
			return a.gives(out)
		}, Example{`flatten([1, [2, [3]]])`, `[1,2,3]`}),
		f("zip", "zip(list, list) → list", "Pairs of items, as many as the shorter list has.", 2, 2, func(a *args) (any, error) {
			x, y, out := a.items(0), a.items(1), []any{}
			for i := range min(len(x), len(y)) {
				out = append(out, []any{x[i], y[i]})
			}
			return a.gives(out)
		}, Example{`zip([1, 2], ["a", "b"])`, `[[1,"a"],[2,"b"]]`}),
		f("concat", "concat(lists…) → list", "The lists in a row.", 1, -1, func(a *args) (any, error) {
			out := []any{}
			for i := range a.list {
				out = append(out, a.items(i)...)
			}
			return a.gives(out)
		}, Example{`concat([1], [2, 3])`, `[1,2,3]`}),
		f("compact", "compact(list) → list", "Without null and empty texts.", 1, 1, func(a *args) (any, error) {
			out := []any{}
			for _, item := range a.items(0) {
				if item != nil && item != "" {
					out = append(out, item)
				}
			}
			return a.gives(out)
		}, Example{`compact([1, nil, ""])`, `[1]`}),
	}
}

// setFunctions compare lists item by item, whatever the items are.
func setFunctions() []entry {
	f := func(name, signature, summary string, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "lists", signature, summary, examples}, min: 2, max: 2, call: call}
	}
	common := func(a *args, keep bool) (any, error) {
		other, err := a.keys(1)
		if err != nil {
			return nil, err
		}
		out := []any{}
		for _, item := range a.items(0) {
			key, err := a.s.encode(item)
			if err != nil {
				return nil, err
			}
			if other[string(key)] == keep {
				out = append(out, item)
			}
		}
		return a.gives(out)
	}
	return []entry{
		f("difference", "difference(list, list) → list", "The items of the first list that the second has not.", func(a *args) (any, error) { return common(a, false) }, Example{`difference([1, 2, 3], [2])`, `[1,3]`}),
		f("intersection", "intersection(list, list) → list", "The items of the first list that the second has too.", func(a *args) (any, error) { return common(a, true) }, Example{`intersection([1, 2, 3], [3, 2])`, `[2,3]`}),
		f("index_by", "index_by(list, field) → object", "The items by the value of a field; the last one for each value.", func(a *args) (any, error) {
			out, field := map[string]any{}, a.path(1)
			for _, item := range a.items(0) {
				name, err := a.s.text(field.of(item))
				if err != nil {
					return nil, err
				}
				out[name] = item
			}
			return a.gives(out)
		}, Example{`index_by([{"id": 7, "n": "a"}], "id")`, `{"7":{"id":7,"n":"a"}}`}),
	}
}

// keys are the items of a list as JSON, to look one up.
func (a *args) keys(i int) (map[string]bool, error) {
	out := map[string]bool{}
	for _, item := range a.items(i) {
		key, err := a.s.encode(item)
		if err != nil {
			return nil, err
		}
		out[string(key)] = true
	}
	return out, a.err
}

func orEmpty(list []any) []any {
	if list == nil {
		return []any{}
	}
	return list
}

func at(a *args, i int) (any, error) {
	items := a.items(0)
	if len(items) == 0 {
		return a.gives(nil)
	}
	if i < 0 {
		i = len(items) - 1
	}
	return a.gives(items[i])
}

func sorted(a *args, by func(any) any, order string) (any, error) {
	items := a.items(0)
	if a.err != nil {
		return nil, a.err
	}
	keyed := make([]keyedItem, len(items))
	for i, item := range items {
		keyed[i] = keyedItem{item, by(item)}
	}
	return ordered(a.s, keyed, order)
}

func unique(a *args, by func(any) any) (any, error) {
	seen, out := map[string]bool{}, []any{}
	for _, item := range a.items(0) {
		key, err := a.s.encode(by(item))
		if err != nil {
			return nil, err
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			out = append(out, item)
		}
	}
	return a.gives(out)
}

func flatten(a *args, items []any, out *[]any, depth int) error {
	if err := a.s.charge(len(items)); err != nil {
		return err
	}
	for _, item := range items {
		if inner, ok := item.([]any); ok && depth < maxDepth {
			if err := flatten(a, inner, out, depth+1); err != nil {
				return err
			}
			continue
		}
		*out = append(*out, item)
	}
	return nil
}

// steps is a path as author.tags[0].name, taken apart.
type steps []string

func (a *args) path(i int) steps {
	return strings.FieldsFunc(a.short(i, maxPath), func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

// of follows the path; what is missing on the way is null. An index may count from the end.
func (p steps) of(v any) any {
	for _, name := range p {
		switch have := v.(type) {
		case map[string]any:
			v = have[name]
		case []any:
			i, err := strconv.Atoi(name)
			if i < 0 {
				i += len(have)
			}
			if err != nil || i < 0 || i >= len(have) {
				return nil
			}
			v = have[i]
		default:
			return nil
		}
	}
	return v
}

func objectFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "objects", signature, summary, examples}, min: least, max: most, call: call}
	}
	names := func(a *args) map[string]bool {
		out := map[string]bool{}
		for i := range a.list[1:] {
			if _, ok := a.list[i+1].([]any); ok {
				for _, name := range a.items(i + 1) {
					if text, ok := name.(string); ok && a.pay(a.s.read(text)) {
						out[text] = true
					}
				}
				continue
			}
			out[a.text(i+1)] = true
		}
		return out
	}
	part := func(a *args, keep bool) (any, error) {
		out, listed := map[string]any{}, names(a)
		for name, v := range a.members(0) {
			if listed[name] == keep {
				out[name] = v
			}
		}
		return a.gives(out)
	}
	return []entry{
		f("get", "get(value, path, [other]) → value", "What stands at a path as \"a.b[0]\", or the other value where nothing does.", 2, 3, func(a *args) (any, error) {
			v := a.path(1).of(a.list[0])
			if v == nil && len(a.list) == 3 {
				v = a.list[2]
			}
			return a.gives(v)
		}, Example{`get({"a": {"b": [5]}}, "a.b[0]")`, `5`}, Example{`get({}, "a.b", "none")`, `"none"`}),
		f("has", "has(value, path) → boolean", "Whether something other than null stands at a path as \"a.b[0]\".", 2, 2, func(a *args) (any, error) {
			return a.gives(a.path(1).of(a.list[0]) != nil)
		}, Example{`has({"a": {"b": 0}}, "a.b")`, `true`}, Example{`has({"a": nil}, "a")`, `false`}),
		f("keys", "keys(object) → list", "The names of its members, sorted.", 1, 1, func(a *args) (any, error) {
			out := []any{}
			for _, name := range sortedNames(a.members(0)) {
				out = append(out, name)
			}
			return a.gives(out)
		}, Example{`keys({"b": 1, "a": 2})`, `["a","b"]`}),
		f("values", "values(object) → list", "Its values, in the order of the names.", 1, 1, func(a *args) (any, error) {
			out, members := []any{}, a.members(0)
			for _, name := range sortedNames(members) {
				out = append(out, members[name])
			}
			return a.gives(out)
		}, Example{`values({"b": 1, "a": 2})`, `[2,1]`}),
		f("entries", "entries(object) → list", "A list of {key, value}, in the order of the names.", 1, 1, func(a *args) (any, error) {
			out, members := []any{}, a.members(0)
			for _, name := range sortedNames(members) {
				out = append(out, map[string]any{"key": name, "value": members[name]})
			}
			return a.gives(out)
		}, Example{`entries({"a": 1})`, `[{"key":"a","value":1}]`}),
		f("from_entries", "from_entries(list) → object", "The object of a list of {key, value}.", 1, 1, func(a *args) (any, error) {
			out := map[string]any{}
			for _, item := range a.items(0) {
				pair, _ := item.(map[string]any)
				name, err := a.s.text(pair["key"])
				if err != nil {
					return nil, err
				}
				out[name] = pair["value"]
			}
			return a.gives(out)
		}, Example{`from_entries([{"key": "a", "value": 1}])`, `{"a":1}`}),
		f("pick", "pick(object, names…) → object", "Only those members.", 2, -1, func(a *args) (any, error) { return part(a, true) }, Example{`pick({"a": 1, "b": 2}, "a")`, `{"a":1}`}),
		f("omit", "omit(object, names…) → object", "Without those members.", 2, -1, func(a *args) (any, error) { return part(a, false) }, Example{`omit({"a": 1, "b": 2}, "a")`, `{"b":2}`}),
		f("merge", "merge(objects…) → object", "One object; later members win.", 1, -1, func(a *args) (any, error) {
			out := map[string]any{}
			for i := range a.list {
				for name, v := range a.members(i) {
					out[name] = v
				}
			}
			return a.gives(out)
		}, Example{`merge({"a": 1, "b": 1}, {"b": 2})`, `{"a":1,"b":2}`}),
		f("coalesce", "coalesce(values…) → value", "The first that is neither null nor an empty text.", 1, -1, func(a *args) (any, error) {
			for _, v := range a.list {
				if v != nil && v != "" {
					return v, nil
				}
			}
			return nil, nil
		}, Example{`coalesce(nil, "", "x")`, `"x"`}),
		f("type", "type(value) → text", "Its kind: null, boolean, number, text, list or object.", 1, 1, func(a *args) (any, error) { return value.Kind(a.list[0]), nil }, Example{`type([])`, `"list"`}),
		f("string", "string(value) → text", "As text: nothing for null, compact JSON for lists and objects.", 1, 1, func(a *args) (any, error) { return a.s.text(a.list[0]) }, Example{`string({"a": 1})`, `"{\"a\":1}"`}, Example{`string(9007199254740993)`, `"9007199254740993"`}),
	}
}
