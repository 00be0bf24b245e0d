package expr

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// The bounds of one expression. Each stands against a short input that would otherwise end the process.
const (
	maxSource   = 4096      // bytes, before anything reads it: the parser recurses
	maxNesting  = 200       // brackets in one another, and signs before one value
	maxNodes    = 500       // of the syntax tree
	maxSpread   = 2000      // nodes when those that stand at two places are counted twice
	maxSteps    = 1_000_000 // items looked at and work done in functions: about 250 ms
	maxElements = 1_000_000 // of lists made
	maxText     = 1 << 20   // bytes of a text made
	maxRange    = 10_000    // numbers of a..b
	maxPattern  = 200       // bytes of a regular expression
	maxProgram  = 400       // instructions of one
	maxScopes   = 32        // loops whose scopes are worth keeping
	loopSteps   = 3         // of beginning a loop: about 160 bytes are kept of each
	maxMark     = 20        // bytes of what separates thousands
	maxForm     = 200       // bytes of a date's form
	maxPath     = 1000      // bytes of a path into a value
	maxTrimmed  = 100       // bytes of the characters that are trimmed
	maxSubject  = 64 << 10  // bytes it is matched against
	maxCells    = 100_000   // of a CSV that is read
	maxMarkdown = 64 << 10  // bytes of a Markdown that is read
	maxDepth    = 256       // levels of a value that is compared, written out or given
	maxResult   = 500_000   // values in what a template gives
	maxBytes    = 32 << 20  // bytes of the texts in it
)

func sourceProblem(src string) *problem {
	if len(src) > maxSource {
		return newProblem(0, "The expression has %d bytes; at most %d are taken.", len(src), maxSource)
	}
	if strings.TrimSpace(src) == "" {
		return newProblem(0, "The expression is empty.")
	}
	if i := strings.IndexByte(src, 0); i >= 0 {
		return newProblem(i, "The expression holds a NUL byte.")
	}
	if !utf8.ValidString(src) {
		return newProblem(0, "The expression is not UTF-8.")
	}
	if _, depth := scan(src, false); depth > maxNesting {
		return newProblem(0, "The expression is nested deeper than %d levels.", maxNesting)
	}
	return nil
}

// children gives the slots of the nodes right below one.
func children(node ast.Node) []*ast.Node {
	switch n := node.(type) {
	case *ast.UnaryNode:
		return []*ast.Node{&n.Node}
	case *ast.BinaryNode:
		return []*ast.Node{&n.Left, &n.Right}
	case *ast.ChainNode:
		return []*ast.Node{&n.Node}
	case *ast.MemberNode:
		return []*ast.Node{&n.Node, &n.Property}
	case *ast.SliceNode:
		return []*ast.Node{&n.Node, &n.From, &n.To}
	case *ast.CallNode:
		return slots(n.Arguments)
	case *ast.BuiltinNode:
		return slots(n.Arguments)
	case *ast.PredicateNode:
		return []*ast.Node{&n.Node}
	case *ast.VariableDeclaratorNode:
		return []*ast.Node{&n.Value, &n.Expr}
	case *ast.SequenceNode:
		return slots(n.Nodes)
	case *ast.ConditionalNode:
		return []*ast.Node{&n.Cond, &n.Exp1, &n.Exp2}
	case *ast.ArrayNode:
		return slots(n.Nodes)
	case *ast.MapNode:
		return slots(n.Pairs)
	case *ast.PairNode:
		return []*ast.Node{&n.Key, &n.Value}
	}
	return nil
}

func slots(nodes []ast.Node) []*ast.Node {
	out := make([]*ast.Node, len(nodes))
	for i := range nodes {
		out[i] = &nodes[i]
	}
	return out
}

// spread is the number of nodes that whoever walks the tree comes by. The parser puts one node at two places (in a < b < c
// and a ?: b), and places within places double it each time: forty levels of that would be walked for ever.
func spread(node ast.Node, known map[ast.Node]int) int {
	if node == nil {
		return 0
	}
	if n, ok := known[node]; ok {
		return n
	}
	n := 1
	for _, child := range children(node) {
		n = min(n+spread(*child, known), maxSpread+1)
	}
	known[node] = n
	return n
}

// words looks at every name of an expression: it refuses what has no place in one, finds the functions, and gathers
// what is read of the scope.
type words struct {
	src    string
	seen   map[ast.Node]bool
	locals []string
	reads  reads
	bad    []*problem
}

func (w *words) refuse(n ast.Node, format string, args ...any) {
	w.bad = inOrder(append(w.bad, newProblem(byteOffset(w.src, n.Location().From), format, args...)))
}

func (w *words) visit(node ast.Node) {
	if node == nil || w.seen[node] {
		return
	}
	w.seen[node] = true
	switch n := node.(type) {
	case *ast.IdentifierNode:
		w.name(n, n.Value)
		if !w.local(n.Value) {
			w.reads.root(n.Value)
		}
	case *ast.MemberNode:
		if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == stepsRoot && !w.local(id.Value) {
			if name, ok := n.Property.(*ast.StringNode); ok {
				w.reads.step(name.Value)
				return
			}
		}
	case *ast.VariableDeclaratorNode:
		w.name(n, n.Name)
		w.visit(n.Value)
		w.locals = append(w.locals, n.Name)
		w.visit(n.Expr)
		w.locals = w.locals[:len(w.locals)-1]
		return
	case *ast.BytesNode:
		w.refuse(n, "Bytes are no value of a scenario; write a text.")
	case *ast.BinaryNode:
		if n.Operator == "matches" {
			w.pattern(n.Right, "matches")
		}
	case *ast.CallNode:
		w.call(n)
	}
	for _, child := range children(node) {
		w.visit(*child)
	}
}

func (w *words) local(name string) bool {
	for _, have := range w.locals {
		if have == name {
			return true
		}
	}
	return false
}

func (w *words) name(n ast.Node, name string) {
	switch {
	case name == "$env":
		w.refuse(n, "$env cannot be read; name what you need.")
	case strings.HasPrefix(name, "__"):
		w.refuse(n, "Names that begin with __ are Stepmill's own.")
	}
}

func (w *words) pattern(n ast.Node, function string) {
	text, ok := n.(*ast.StringNode)
	if !ok {
		w.refuse(n, "The pattern of %s must be a fixed text.", function)
		return
	}
	if _, why := newPattern(text.Value); why != "" {
		w.refuse(n, "%s", why)
	}
}

// call lets only our functions be called.
func (w *words) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		w.refuse(n, "A value has no functions of its own; write f(value).")
		return
	}
	if strings.HasPrefix(callee.Value, "__") || callee.Value == "$env" {
		w.name(n, callee.Value)
		return
	}
	f := functionTable[callee.Value]
	if f == nil {
		w.refuse(n, "There is no function %s.%s", callee.Value, nearestFunction(callee.Value))
		return
	}
	if len(n.Arguments) < f.min || f.max >= 0 && len(n.Arguments) > f.max {
		w.refuse(n, "%s takes %s, not %d: %s.", callee.Value, f.arity(), len(n.Arguments), f.signature)
		return
	}
	if f.pattern > 0 && len(n.Arguments) > f.pattern {
		w.pattern(n.Arguments[f.pattern], callee.Value)
	}
	callee.Value = innerName(callee.Value)
}

// pattern is a regular expression that was written into an expression.
type pattern struct {
	re   *regexp.Regexp
	size int // of its program, which says what it costs to match
}

// newPattern makes a pattern, or says why it is not taken.
func newPattern(text string) (*pattern, string) {
	if len(text) > maxPattern {
		return nil, "The pattern is longer than 200 bytes."
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, "The pattern is not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ") + "."
	}
	code, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(code.Inst) > maxProgram {
		return nil, "The pattern repeats too much; make it simpler."
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, "The pattern is not a regular expression."
	}
	return &pattern{re, len(code.Inst)}, ""
}
