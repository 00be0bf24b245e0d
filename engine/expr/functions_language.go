package expr

// These are functions that the language has under names of its own. People who know it write them, so they work, as ours
// do: bounded, in a fixed order, on values of a scenario only.

// aliased are the language's names for functions that we have too.
func aliased(library []entry) []entry {
	var out []entry
	for _, name := range []struct {
		own, ours string
		example   Example
	}{
		{"uniq", "unique", Example{`uniq([1, 2, 1])`, `[1,2]`}},
		{"toJSON", "json", Example{`toJSON({"a": 1})`, `"{\"a\":1}"`}},
		{"fromJSON", "parse_json", Example{`fromJSON("[1]")`, `[1]`}},
		{"toBase64", "base64", Example{`toBase64("hi?")`, `"aGk/"`}},
		{"fromBase64", "base64_decode", Example{`fromBase64("aGk/")`, `"hi?"`}},
	} {
		for _, e := range library {
			if e.Name == name.ours {
				e.Signature = name.own + e.Signature[len(e.Name):]
				e.Name, e.Summary, e.Examples = name.own, "The same as "+name.ours+".", []Example{name.example}
				out = append(out, e)
			}
		}
	}
	return out
}

func pairFunctions() []entry {
	f := func(name, signature, summary string, call func(*args) (any, error), example Example) entry {
		return entry{Function: Function{name, "objects", signature, summary, []Example{example}}, min: 1, max: 1, call: call}
	}
	return []entry{
		f("toPairs", "toPairs(object) → list", "A list of [name, value], in the order of the names.", func(a *args) (any, error) {
			members := a.members(0)
			out := make([]any, 0, len(members))
			for _, name := range sortedNames(members) {
				out = append(out, []any{name, members[name]})
			}
			return a.gives(out)
		}, Example{`toPairs({"b": 1, "a": 2})`, `[["a",2],["b",1]]`}),
		f("fromPairs", "fromPairs(list) → object", "The object of a list of [name, value].", func(a *args) (any, error) {
			out := map[string]any{}
			for i, item := range a.items(0) {
				pair, _ := item.([]any)
				if len(pair) != 2 {
					return a.fails("item %d is not a list of a name and a value.", i)
				}
				name, err := a.s.text(pair[0])
				if err != nil {
					return nil, err
				}
				out[name] = pair[1]
			}
			return a.gives(out)
		}, Example{`fromPairs([["a", 1]])`, `{"a":1}`}),
	}
}

func bitFunctions() []entry {
	f := func(name, summary string, do func(x, y int) int, example Example) entry {
		return entry{Function: Function{name, "numbers", name + "(number, number) → number", summary, []Example{example}}, min: 2, max: 2, call: func(a *args) (any, error) {
			x, y := a.whole(0, 0), a.whole(1, 0)
			return a.gives(do(x, y))
		}}
	}
	shift := func(name, summary string, do func(x, by int) int, example Example) entry {
		return entry{Function: Function{name, "numbers", name + "(number, count) → number", summary, []Example{example}}, min: 2, max: 2, call: func(a *args) (any, error) {
			x, by := a.whole(0, 0), a.whole(1, 0)
			if by < 0 {
				return a.fails("bits are not shifted by a negative count.")
			}
			return a.gives(do(x, by))
		}}
	}
	return []entry{
		f("bitand", "The bits that both have.", func(x, y int) int { return x & y }, Example{`bitand(6, 3)`, `2`}),
		f("bitor", "The bits that one of them has.", func(x, y int) int { return x | y }, Example{`bitor(6, 3)`, `7`}),
		f("bitxor", "The bits that only one of them has.", func(x, y int) int { return x ^ y }, Example{`bitxor(6, 3)`, `5`}),
		f("bitnand", "The bits of the first that the second has not.", func(x, y int) int { return x &^ y }, Example{`bitnand(6, 3)`, `4`}),
		shift("bitshl", "Its bits moved up.", func(x, by int) int { return x << by }, Example{`bitshl(1, 4)`, `16`}),
		shift("bitshr", "Its bits moved down, the sign kept.", func(x, by int) int { return x >> by }, Example{`bitshr(-8, 1)`, `-4`}),
		shift("bitushr", "Its bits moved down, the sign with them.", func(x, by int) int { return int(uint(x) >> by) }, Example{`bitushr(8, 1)`, `4`}),
		{Function: Function{"bitnot", "numbers", "bitnot(number) → number", "Every bit turned around.", []Example{{`bitnot(5)`, `-6`}}}, min: 1, max: 1, call: func(a *args) (any, error) {
			return a.gives(^a.whole(0, 0))
		}},
	}
}
