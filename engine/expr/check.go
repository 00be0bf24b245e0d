package expr

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Scope is what is known at a place in a scenario before it runs.
type Scope struct {
	Roots  map[string]value.Shape // names in scope beside steps
	Steps  map[string]value.Shape // steps in scope, by id; each may also be null
	Hidden map[string]bool        // every step that exists; those that are not in Steps are out of scope
}

// Issue is one thing wrong with an expression, found without running it.
type Issue struct {
	Path     string // JSON Pointer inside the value that was checked; "" for the text itself
	Column   int    // from 1, in characters of that text
	Severity fault.Severity
	Message  string
}

// CheckCondition finds what is wrong with a bare boolean expression.
func CheckCondition(src string, scope Scope) []Issue {
	if p := braced(src); p != nil {
		return []Issue{p.issue()}
	}
	issues := checkSource(src, scope, true)
	for i := range issues {
		issues[i].Column = characters(src, issues[i].Column)
	}
	return issues
}

// CheckTemplate finds what is wrong with the expressions of a value.
func CheckTemplate(v any, scope Scope) []Issue {
	var out []Issue
	switch v := v.(type) {
	case string:
		parts, bad := split(v)
		if bad != nil {
			issue := bad.issue()
			issue.Column = characters(v, issue.Column)
			return []Issue{issue}
		}
		for _, part := range parts {
			if part.code {
				for _, issue := range checkSource(part.text, scope, false) {
					issue.Column = characters(v, issue.Column+part.offset)
					out = append(out, issue)
				}
			}
		}
	case map[string]any:
		for _, name := range sortedNames(v) {
			out = append(out, inside("/"+escapePointer(name), CheckTemplate(v[name], scope))...)
		}
	case []any:
		for i, item := range v {
			out = append(out, inside("/"+itoa(i), CheckTemplate(item, scope))...)
		}
	}
	return out
}

func inside(path string, issues []Issue) []Issue {
	for i := range issues {
		issues[i].Path = path + issues[i].Path
	}
	return issues
}

func (p *problem) issue() Issue { return Issue{Column: p.column + 1, Message: p.message} }

// checkSource gives columns in bytes.
func checkSource(src string, scope Scope, condition bool) []Issue {
	t, bad := parse(src)
	if len(bad) > 0 {
		out := make([]Issue, len(bad))
		for i, p := range bad {
			out[i] = p.issue()
		}
		return out
	}
	w := &namesWalk{scope: scope, src: src, known: map[ast.Node]value.Shape{}, named: map[string]bool{}}
	w.shape(t.parsed.Node)
	for _, issue := range w.issues {
		if issue.Severity == fault.Fault {
			return w.issues
		}
	}
	if bad := t.types(environment(scope, w.named).Nature(), condition); bad != nil {
		return append(w.issues, bad.issue())
	}
	if _, bad := t.program(); bad != nil {
		return append(w.issues, bad.issue())
	}
	return w.issues
}

// environment is what is known, as the language's checker has types: of the steps those that are named, for a scenario may
// have thousands.
func environment(scope Scope, named map[string]bool) types.Map {
	env, known := types.Map{types.Extra: types.Any}, types.Map{types.Extra: types.Any}
	for name, shape := range scope.Roots {
		env[name] = typeOf(shape)
	}
	for id := range named {
		known[id] = typeOf(scope.Steps[id])
	}
	env["steps"] = known
	return env
}

// typeOf is a shape as the language's checker has types. A number may be whole or not: as a whole one it fits wherever
// any number does. Whatever is known may still be null or lack fields.
func typeOf(s value.Shape) types.Type {
	switch s.Kind {
	case "text":
		return types.String
	case "boolean":
		return types.Bool
	case "number":
		return types.Int
	case "list":
		if s.Item == nil {
			return types.Array(types.Any)
		}
		return types.Array(typeOf(*s.Item))
	case "object":
		m := types.Map{types.Extra: types.Any}
		for name, shape := range s.Fields {
			m[name] = typeOf(shape)
		}
		return m
	}
	return types.Any
}

// namesWalk follows every chain of names to what is known of it. A shape without a kind is one of which nothing is known.
type namesWalk struct {
	scope  Scope
	src    string
	issues []Issue
	known  map[ast.Node]value.Shape // the parser puts some nodes at two places
	named  map[string]bool          // the steps in scope that it reads
	locals []local
	items  []value.Shape // of the lists around: what # is
}

type local struct {
	name  string
	shape value.Shape
}

func (w *namesWalk) issue(n ast.Node, severity fault.Severity, format string, args ...any) {
	w.issues = append(w.issues, Issue{Column: byteOffset(w.src, n.Location().From) + 1, Severity: severity, Message: fault.Clip(fmt.Sprintf(format, args...), maxMessage)})
}

// shape walks a node and gives what is known of its value.
func (w *namesWalk) shape(node ast.Node) value.Shape {
	if node == nil {
		return value.Shape{}
	}
	if s, ok := w.known[node]; ok {
		return s
	}
	s := w.find(node)
	w.known[node] = s
	return s
}

func (w *namesWalk) find(node ast.Node) value.Shape {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return w.root(n)
	case *ast.MemberNode:
		return w.member(n)
	case *ast.ChainNode:
		return w.shape(n.Node)
	case *ast.SliceNode:
		w.shape(n.From)
		w.shape(n.To)
		return w.shape(n.Node)
	case *ast.PointerNode:
		if n.Name == "" && len(w.items) > 0 {
			return w.items[len(w.items)-1]
		}
		return value.Shape{}
	case *ast.VariableDeclaratorNode:
		w.locals = append(w.locals, local{n.Name, w.shape(n.Value)})
		s := w.shape(n.Expr)
		w.locals = w.locals[:len(w.locals)-1]
		return s
	case *ast.SequenceNode:
		s := value.Shape{}
		for _, one := range n.Nodes {
			s = w.shape(one)
		}
		return s
	case *ast.BuiltinNode:
		return w.loop(n)
	}
	for _, child := range children(node) {
		w.shape(*child)
	}
	return value.Shape{}
}

// loop gives what a function with a predicate makes of its list.
func (w *namesWalk) loop(n *ast.BuiltinNode) value.Shape {
	list, item := w.shape(n.Arguments[0]), value.Shape{}
	if list.Item != nil {
		item = *list.Item
	}
	w.items = append(w.items, item)
	inner := value.Shape{}
	if len(n.Arguments) > 1 {
		if p, ok := n.Arguments[1].(*ast.PredicateNode); ok {
			inner = w.shape(p.Node)
		}
	}
	w.items = w.items[:len(w.items)-1]
	if len(n.Arguments) > 2 {
		w.shape(n.Arguments[2])
	}
	switch n.Name {
	case "filter", "sortBy":
		return list
	case "find", "findLast":
		return item
	case "map":
		return value.Shape{Kind: "list", Item: &inner}
	}
	return value.Shape{}
}

func (w *namesWalk) root(n *ast.IdentifierNode) value.Shape {
	for i := len(w.locals) - 1; i >= 0; i-- {
		if w.locals[i].name == n.Value {
			return w.locals[i].shape
		}
	}
	if n.Value == "steps" {
		return value.Shape{}
	}
	if s, ok := w.scope.Roots[n.Value]; ok {
		return s
	}
	candidates := append(sortedNames(w.scope.Roots), "steps")
	if functionTable[n.Value] != nil || strings.Contains(" "+strings.Join(loops(), " ")+" ", " "+n.Value+" ") {
		w.issue(n, fault.Fault, "%s is a function; write %s(…).", n.Value, n.Value)
	} else if n.Value == "null" || n.Value == "None" || n.Value == "undefined" {
		w.issue(n, fault.Fault, "There is no %q here; nothing is written nil.", n.Value)
	} else {
		w.issue(n, fault.Fault, "There is no %q here; what can be named is %s.%s", n.Value, strings.Join(candidates, ", "), fault.DidYouMean(n.Value, candidates))
	}
	return value.Shape{}
}

func (w *namesWalk) member(n *ast.MemberNode) value.Shape {
	name, isName := n.Property.(*ast.StringNode)
	if root, ok := n.Node.(*ast.IdentifierNode); ok && root.Value == "steps" && isName {
		return w.step(n, name.Value)
	}
	parent := w.shape(n.Node)
	if !isName {
		w.shape(n.Property)
		if parent.Item != nil {
			return *parent.Item
		}
		return value.Shape{}
	}
	if parent.Kind != "object" || parent.Fields == nil {
		return value.Shape{}
	}
	s, ok := parent.Fields[name.Value]
	if !ok {
		w.issue(n.Property, fault.Warning, "%q is not among the known fields here.%s", name.Value, fault.DidYouMean(name.Value, sortedNames(parent.Fields)))
	}
	return s
}

func (w *namesWalk) step(n *ast.MemberNode, id string) value.Shape {
	if s, ok := w.scope.Steps[id]; ok {
		w.named[id] = true
		return s
	}
	if w.scope.Hidden[id] {
		w.issue(n.Property, fault.Fault, "The step %q cannot be seen from here: it does not run before this place, or runs in another branch or inside a loop.", id)
	} else {
		w.issue(n.Property, fault.Fault, "There is no step %q.%s", id, fault.DidYouMean(id, sortedNames(w.scope.Steps)))
	}
	return value.Shape{}
}
