package expr

import (
	"reflect"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// The hidden names under which an evaluation keeps what needs its state. No name that people write may begin so.
const (
	nameState = "__state"
	nameAdd   = "__add"
	nameEqual = "__equal"
	nameHas   = "__has"
	nameRange = "__range"
	nameLoop  = "__loop"
	nameMade  = "__made"
	nameMatch = "__match"
	nameFind  = "__find"
	nameKey   = "__key"
)

// The types that the language's machine calls without reflection.
type (
	one    = func(any) any
	two    = func(any, any) any
	asks   = func(any) bool
	asksOf = func(any, any) bool
)

var (
	typeOne, typeTwo     = reflect.TypeFor[one](), reflect.TypeFor[two]()
	typeAsks, typeAsksOf = reflect.TypeFor[asks](), reflect.TypeFor[asksOf]()
)

// operators are ours in place of the language's: they count, they do not wrap around, and they say what is wrong in
// words. It never changes.
var operators = map[string]two{"-": subtract, "*": multiply, "/": divide, "%": remainder, "**": power, "^": power}

var comparisons = map[string]asksOf{"<": less, "<=": lessOrEqual, ">": more, ">=": moreOrEqual, "startsWith": startsWith, "endsWith": endsWith}

// guard rewrites a checked tree so that everything that could grow, loop or fail goes through functions of ours.
type guard struct {
	done map[ast.Node]ast.Node // the parser puts some nodes at two places
}

func (g *guard) node(node ast.Node) ast.Node {
	if node == nil {
		return nil
	}
	if out, ok := g.done[node]; ok {
		return out
	}
	out := g.rewrite(node)
	if out != node {
		out.SetLocation(node.Location())
	}
	g.done[node] = out
	return out
}

func (g *guard) rewrite(node ast.Node) ast.Node {
	if n, ok := node.(*ast.BuiltinNode); ok {
		return g.builtin(n)
	}
	if n, ok := node.(*ast.ArrayNode); ok {
		if fixed, ok := fixedList(n); ok {
			return &ast.ConstantNode{Value: fixed}
		}
	}
	for _, slot := range children(node) {
		if *slot != nil {
			*slot = g.node(*slot)
		}
	}
	switch n := node.(type) {
	case *ast.UnaryNode:
		return prefix(n)
	case *ast.BinaryNode:
		return infix(n)
	case *ast.MemberNode:
		if !n.Optional {
			return fixedCall(typeTwo, two(fetch), n.Node, counted(n.Property))
		}
		if isLiteral(n.Property) { // it stays, since only it can leave a chain; what it reads from is looked at first
			n.Node = fixedCall(typeTwo, two(readable), n.Node, n.Property)
			n.Node.SetLocation(n.Location())
		} else {
			n.Property = counted(n.Property)
		}
	case *ast.SliceNode:
		return hidden("slice", n.Node, orNull(n.From), orNull(n.To))
	case *ast.CallNode:
		return call(n)
	case *ast.ConditionalNode:
		n.Cond = truth(n.Cond)
	case *ast.ArrayNode, *ast.MapNode:
		return stateCall(nameMade, typeOne, node)
	case *ast.PairNode:
		if _, ok := n.Key.(*ast.StringNode); !ok {
			n.Key = fixedCall(typeOne, one(memberName), counted(n.Key))
		}
	}
	return node
}

// counted counts the bytes of a member's name that is not written out: whoever looks it up hashes it.
func counted(n ast.Node) ast.Node {
	if isLiteral(n) {
		return n
	}
	out := stateCall(nameKey, typeOne, n)
	out.SetLocation(n.Location())
	return out
}

func prefix(n *ast.UnaryNode) ast.Node {
	switch n.Operator {
	case "-":
		if i, ok := n.Node.(*ast.IntegerNode); ok {
			return &ast.IntegerNode{Value: -i.Value}
		}
		return fixedCall(typeOne, one(negate), n.Node)
	case "+":
		return fixedCall(typeOne, one(positive), n.Node)
	}
	n.Node = truth(n.Node)
	return n
}

func infix(n *ast.BinaryNode) ast.Node {
	if f, ok := operators[n.Operator]; ok {
		return fixedCall(typeTwo, f, n.Left, n.Right)
	}
	if f, ok := comparisons[n.Operator]; ok {
		if isLiteral(n.Left) || isLiteral(n.Right) { // as short as what people write, so it costs nothing to speak of
			return fixedCall(typeAsksOf, f, n.Left, n.Right)
		}
		return stateCall("__"+n.Operator, typeAsksOf, n.Left, n.Right)
	}
	switch n.Operator {
	case "+":
		return stateCall(nameAdd, typeTwo, n.Left, n.Right)
	case "..":
		return stateCall(nameRange, typeTwo, n.Left, n.Right)
	case "==":
		return equality(n)
	case "!=":
		return &ast.UnaryNode{Operator: "not", Node: equality(n)}
	case "in":
		return stateCall(nameHas, typeAsksOf, n.Left, n.Right)
	case "contains":
		return stateCall(nameFind, typeAsksOf, n.Left, n.Right)
	case "matches":
		p, _ := newPattern(n.Right.(*ast.StringNode).Value) // words has seen that it is a good one
		return stateCall(nameMatch, typeAsksOf, n.Left, &ast.ConstantNode{Value: p})
	case "and", "&&", "or", "||":
		n.Left, n.Right = truth(n.Left), truth(n.Right)
	}
	return n
}

// equality asks less of an evaluation where one side is a plain literal.
func equality(n *ast.BinaryNode) ast.Node {
	var out ast.Node
	if isLiteral(n.Left) || isLiteral(n.Right) {
		out = fixedCall(typeAsksOf, asksOf(sameScalar), n.Left, n.Right)
	} else {
		out = stateCall(nameEqual, typeAsksOf, n.Left, n.Right)
	}
	out.SetLocation(n.Location())
	return out
}

func isLiteral(n ast.Node) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.NilNode:
		return true
	}
	return false
}

// fixedList makes a list of literals once, when it is compiled.
func fixedList(n *ast.ArrayNode) ([]any, bool) {
	out := make([]any, len(n.Nodes))
	for i, item := range n.Nodes {
		switch item := item.(type) {
		case *ast.IntegerNode:
			out[i] = item.Value
		case *ast.FloatNode:
			out[i] = item.Value
		case *ast.StringNode:
			out[i] = item.Value
		case *ast.BoolNode:
			out[i] = item.Value
		case *ast.NilNode:
		default:
			return nil, false
		}
	}
	return out, true
}

// call gives a function of ours the evaluation's state, and a pattern made once.
func call(n *ast.CallNode) ast.Node {
	callee := n.Callee.(*ast.IdentifierNode).Value
	args := append([]ast.Node{&ast.IdentifierNode{Value: nameState}}, n.Arguments...)
	f := functionTable[strings.TrimPrefix(callee, innerName(""))]
	if at := f.pattern + 1; f.pattern > 0 && at < len(args) {
		p, _ := newPattern(args[at].(*ast.StringNode).Value)
		args[at] = &ast.ConstantNode{Value: p}
	}
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: callee}, Arguments: args}
}

// truth asks for a boolean; null counts as false.
func truth(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.BoolNode:
		return n
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return n
		}
	case *ast.BinaryNode:
		if n.Operator != "??" {
			return n // and, or: nothing else of it is left
		}
	case *ast.CallNode:
		if n.Nature().Kind == reflect.Bool {
			return n
		}
	}
	out := fixedCall(typeAsks, asks(holds), n)
	out.SetLocation(n.Location())
	return out
}

// builtin makes every loop of the language count its items before it begins, weighed by what is done with each. Sorting,
// grouping and adding up are ours: the language maps, and we do the rest.
func (g *guard) builtin(n *ast.BuiltinNode) ast.Node {
	weight := 1
	for _, arg := range n.Arguments[1:] {
		weight += spread(arg, map[ast.Node]int{}) / 10
	}
	for i, arg := range n.Arguments {
		n.Arguments[i] = g.node(arg)
	}
	loop := stateCall(nameLoop, typeTwo, n.Arguments[0], &ast.IntegerNode{Value: weight})
	loop.SetLocation(n.Location())
	n.Arguments[0] = loop
	switch n.Name {
	case "all", "any", "none", "one", "filter", "find", "findIndex", "findLast", "findLastIndex", "count":
		if len(n.Arguments) == 1 {
			n.Arguments = append(n.Arguments, &ast.PredicateNode{Node: &ast.PointerNode{}})
		}
		p := n.Arguments[1].(*ast.PredicateNode)
		p.Node = truth(p.Node)
	case "sum":
		if len(n.Arguments) == 1 {
			return hidden("sum", loop)
		}
		n.Name = "map"
		return hidden("sum", n)
	case "groupBy":
		return hidden("group", withKeys(n))
	case "sortBy":
		order := ast.Node(&ast.StringNode{Value: "asc"})
		if len(n.Arguments) == 3 {
			order = n.Arguments[2]
		}
		return hidden("order", withKeys(n), order)
	}
	return n
}

// withKeys turns a loop into a list of pairs: the item, and what the expression gives for it.
func withKeys(n *ast.BuiltinNode) ast.Node {
	p := n.Arguments[1].(*ast.PredicateNode)
	p.Node = pair(&ast.PointerNode{}, p.Node)
	out := &ast.BuiltinNode{Name: "map", Arguments: n.Arguments[:2]}
	out.SetLocation(n.Location())
	return out
}

func pair(a, b ast.Node) ast.Node { return &ast.ArrayNode{Nodes: []ast.Node{a, b}} }

func orNull(n ast.Node) ast.Node {
	if n == nil {
		return &ast.NilNode{}
	}
	return n
}

// hidden calls one of our functions that people cannot call, with the evaluation's state.
func hidden(name string, args ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: innerName("__" + name)}, Arguments: append([]ast.Node{&ast.IdentifierNode{Value: nameState}}, args...)}
}

// fixedCall calls a function that needs no state; it stands in the program as a constant.
func fixedCall(t reflect.Type, f any, args ...ast.Node) ast.Node {
	return typed(t, &ast.ConstantNode{Value: f}, args)
}

// stateCall calls a function that the evaluation keeps under a hidden name.
func stateCall(name string, t reflect.Type, args ...ast.Node) ast.Node {
	return typed(t, &ast.IdentifierNode{Value: name}, args)
}

func typed(t reflect.Type, callee ast.Node, args []ast.Node) ast.Node {
	callee.SetType(t)
	out := &ast.CallNode{Callee: callee, Arguments: args}
	if t.Out(0).Kind() == reflect.Bool {
		out.SetType(t.Out(0))
	}
	return out
}
