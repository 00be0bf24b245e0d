package expr

import (
	"errors"
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/stepmill/stepmill/engine/fault"
)

// program is one compiled expression. It never changes.
type program struct {
	src   string
	code  *vm.Program
	reads reads // of what stands in scope
}

// run evaluates the program in an evaluation that has begun.
func (p *program) run(s *state) (any, error) {
	out, err := s.machine.Run(p.code, s.env)
	if err != nil {
		return nil, runError(p.src, err)
	}
	return out, nil
}

// compile makes a program. What is wrong comes all at once, in the order of the text.
func compile(src string, condition bool) (*program, []*problem) {
	t, bad := parse(src)
	if len(bad) > 0 {
		return nil, bad
	}
	if bad := t.types(nature.NatureOf(map[string]any{}), condition); bad != nil {
		return nil, []*problem{bad}
	}
	p, one := t.program()
	if one != nil {
		return nil, []*problem{one}
	}
	return p, nil
}

// tree is an expression that has been read and in which nothing forbidden stands.
type tree struct {
	src    string
	parsed *parser.Tree
	reads  reads
}

// parse reads an expression and refuses what has no place in one, before anything walks the tree that could walk it
// for ever.
func parse(src string) (t *tree, all []*problem) {
	defer func() {
		if recover() != nil {
			t, all = nil, []*problem{unreadable()}
		}
	}()
	if bad := sourceProblem(src); bad != nil {
		return nil, []*problem{bad}
	}
	parsed, err := parser.ParseWithConfig(src, configuration(nature.Nature{}))
	if err != nil {
		return nil, []*problem{compileProblem(src, err)}
	}
	if spread(parsed.Node, map[ast.Node]int{}) > maxSpread {
		return nil, []*problem{tooLargeProblem()}
	}
	w := words{src: src, seen: map[ast.Node]bool{}}
	w.visit(parsed.Node)
	if len(w.bad) > 0 {
		return nil, w.bad
	}
	return &tree{src: src, parsed: parsed, reads: w.reads}, nil
}

// types asks the language's checker whether the kinds of values fit, as far as they are known.
func (t *tree) types(env nature.Nature, condition bool) (bad *problem) {
	defer func() {
		if recover() != nil {
			bad = unreadable()
		}
	}()
	if _, err := checker.Check(t.parsed, configuration(env)); err != nil {
		return compileProblem(t.src, err)
	}
	if known := t.parsed.Node.Nature(); condition && known.Type != nil && known.Kind != reflect.Bool && known.Kind != reflect.Interface {
		return newProblem(0, "A condition must be true or false; this gives %s. Compare it with something.", aKindOfType(known.Type))
	}
	return nil
}

// unreadable is said where the language's own code gives up in a panic.
func unreadable() *problem { return newProblem(0, "The expression cannot be read.") }

// program compiles the tree, which is rewritten by it.
func (t *tree) program() (p *program, bad *problem) {
	defer func() {
		if recover() != nil {
			p, bad = nil, unreadable()
		}
	}()
	g := guard{done: map[ast.Node]ast.Node{}}
	t.parsed.Node = g.node(t.parsed.Node)
	code, err := compiler.Compile(t.parsed, configuration(nature.NatureOf(map[string]any{})))
	if err != nil {
		return nil, compileProblem(t.src, errors.New("it is too unusual"))
	}
	return &program{src: t.src, code: code, reads: t.reads}, nil
}

// configuration is that of every compilation: none of the language's own functions but those that take a predicate,
// which its parser always knows, and nothing that it would compute on its own while compiling.
func configuration(env nature.Nature) *conf.Config {
	return &conf.Config{Env: env, ShortCircuit: true, MaxNodes: maxNodes, Functions: languageTable, Disabled: disabled}
}

// disabled are the language's functions. It never changes.
var disabled = func() map[string]bool {
	out := map[string]bool{}
	for _, f := range builtin.Builtins {
		out[f.Name] = true
	}
	return out
}()

// languageTable is our functions as the language knows them, under names that nobody can write. It never changes.
var languageTable = func() conf.FunctionsTable {
	out := conf.FunctionsTable{}
	for name, f := range functionTable {
		out[innerName(name)] = &builtin.Function{Name: innerName(name), Validate: f.validate, Func: func(args ...any) (any, error) {
			s, ok := args[0].(*state)
			if !ok {
				return nil, fault.New(fault.Internal, "An expression was run without its state.")
			}
			if err := s.charge(1); err != nil {
				return nil, err
			}
			return f.call(s, args[1:])
		}}
	}
	return out
}()

// innerName keeps functions and what stands in scope apart: a loop's item may be called first, and first() still works.
func innerName(name string) string { return "function " + name }
