package expr

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Function is one function as people read of it. The reference page and the builder's palette are made from these, and
// a test runs every example.
type Function struct {
	Name      string
	Group     string // "text", "dates", "numbers", "lists", "objects", "coding", "crypto", "language"
	Signature string // "truncate(text, length, [end]) → text"; what may be left out stands in [ ]
	Summary   string
	Examples  []Example
}

// Example is an expression and the JSON of what it gives, at 2026-01-31T09:30:00Z.
type Example struct{ Expr, Result string }

// entry is a function with its implementation.
type entry struct {
	Function
	min, max, pattern int
	call              func(*args) (any, error)
}

// Functions lists every function that expressions may call, by group and name.
func Functions() []Function {
	var out []Function
	for _, e := range library() {
		out = append(out, e.Function)
	}
	slices.SortStableFunc(out, func(a, b Function) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func library() []entry {
	own := slices.Concat(textFunctions(), dateFunctions(), numberFunctions(), bitFunctions(), listFunctions(), setFunctions(), objectFunctions(), pairFunctions(),
		codingFunctions(), cryptoFunctions(), languageFunctions())
	return append(own, aliased(own)...)
}

// functionTable is made once and never changes: what may be called, by name, with what the guard puts in.
var functionTable = makeTable()

func makeTable() map[string]*function {
	table := hiddenFunctions()
	for _, e := range library() {
		if e.call == nil {
			continue // the language's own
		}
		table[e.Name] = &function{signature: e.Signature, min: e.min, max: e.max, pattern: e.pattern, validate: validator(e.Name, e.Signature), call: func(s *state, list []any) (any, error) {
			return e.call(&args{s: s, name: e.Name, list: list})
		}}
	}
	return table
}

// Find gives the functions whose name, group, signature or summary has every word of a query, in the order of Functions.
func Find(query string) []Function {
	words := strings.Fields(strings.ToLower(query))
	return slices.DeleteFunc(Functions(), func(f Function) bool {
		said := strings.ToLower(f.Group + " " + f.Signature + " " + f.Summary)
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(said, word) })
	})
}

func nearestFunction(name string) string {
	var names []string
	for _, e := range library() {
		names = append(names, e.Name)
	}
	return fault.DidYouMean(name, names)
}

// languageFunctions documents what expr-lang itself provides: the functions that take a condition.
func languageFunctions() []entry {
	doc := func(name, signature, summary string, examples ...Example) entry {
		return entry{Function: Function{name, "language", signature, summary, examples}}
	}
	return []entry{
		doc("all", "all(list, condition) → boolean", "Whether the condition holds for every item; # is the item.", Example{`all([1, 2], # > 0)`, `true`}),
		doc("any", "any(list, condition) → boolean", "Whether it holds for some item.", Example{`any([{"name": "urgent"}], .name == "urgent")`, `true`}),
		doc("none", "none(list, condition) → boolean", "Whether it holds for no item.", Example{`none([1, 2], # > 2)`, `true`}),
		doc("one", "one(list, condition) → boolean", "Whether it holds for exactly one item.", Example{`one([1, 2], # > 1)`, `true`}),
		doc("filter", "filter(list, condition) → list", "The items for which it holds.", Example{`filter([1, 2, 3], # > 1)`, `[2,3]`}),
		doc("map", "map(list, expression) → list", "The list of what the expression gives for each item.", Example{`map([1, 2], # * 2)`, `[2,4]`}),
		doc("find", "find(list, condition) → value", "The first item for which it holds, else null.", Example{`find([1, 2, 3], # > 1)`, `2`}),
		doc("findIndex", "findIndex(list, condition) → number", "Where that item stands, from 0; null where there is none.", Example{`findIndex([1, 2, 3], # > 1)`, `1`}, Example{`findIndex([1], # > 1)`, `null`}),
		doc("findLast", "findLast(list, condition) → value", "The last item for which it holds, else null.", Example{`findLast([1, 2, 3], # < 3)`, `2`}),
		doc("findLastIndex", "findLastIndex(list, condition) → number", "Where that item stands, from 0; null where there is none.", Example{`findLastIndex([1, 2, 3], # < 3)`, `1`}),
		doc("count", "count(list, [condition]) → number", "For how many items it holds.", Example{`count([1, 2, 3], # > 1)`, `2`}),
		doc("sum", "sum(list, [expression]) → number", "The sum of the items, or of what the expression gives for each.", Example{`sum([{"n": 1}, {"n": 2}], .n)`, `3`}),
		doc("reduce", "reduce(list, expression, [start]) → value", "One value made of all items; #acc is what there is so far.", Example{`reduce([1, 2, 3], #acc * #, 1)`, `6`}),
		doc("groupBy", "groupBy(list, expression) → object", "The items by what the expression gives for each, as a text.", Example{`groupBy([1, 2, 3], # > 1 ? "big" : "small")`, `{"big":[2,3],"small":[1]}`}),
		doc("sortBy", "sortBy(list, expression, [order]) → list", "The items in the order of what the expression gives: null, booleans, numbers, texts; equal ones stay as they are.", Example{`sortBy([3, 1, 2], #)`, `[1,2,3]`}),
	}
}
