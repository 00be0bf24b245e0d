package storage

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestParameters holds every SQL text to parameters that first appear in the order of their numbers: SQLite takes $2 for
// a name and binds by order, PostgreSQL by number.
func TestParameters(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	parameter := regexp.MustCompile(`\$(\d+)`)
	texts := 0
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING || !strings.Contains(lit.Value, "$1") {
				return true
			}
			texts++
			next := 1
			for _, m := range parameter.FindAllStringSubmatch(lit.Value, -1) {
				if n, _ := strconv.Atoi(m[1]); n == next {
					next++
				} else if n > next {
					t.Errorf("%s: $%d stands before $%d in %s", file, n, next, lit.Value)
					break
				}
			}
			return true
		})
	}
	if texts < 40 {
		t.Errorf("only %d SQL texts were found", texts)
	}
}

// TestOneWriter is §2.H 54: a transaction is begun by the dialect on the writer's connection, and by nothing else: one that
// began to read on another and then writes fails at once where somebody else writes.
func TestOneWriter(t *testing.T) {
	begun := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			to, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			text := func(n ast.Expr) string {
				var b strings.Builder
				printer.Fprint(&b, token.NewFileSet(), n)
				return b.String()
			}
			switch to.Sel.Name {
			case "BeginTx":
				if in := filepath.ToSlash(path); !strings.HasPrefix(in, "../storage/sqlite/") && !strings.HasPrefix(in, "../actions/") && in != "../cmd/stepmill/bench_load.go" { // actions have other people's databases, and the floor that is measured one of its own
					t.Errorf("%s begins a transaction by itself", path)
				}
			case "Begin":
				if len(call.Args) == 2 && text(call.Args[1]) == "s.cfg.Write" && text(call.Fun) == "s.cfg.Dialect.Begin" {
					begun++
					return true
				}
				t.Errorf("%s begins a transaction by %s", path, text(call))
			case "Exec", "ExecContext":
				if strings.HasSuffix(text(to.X), ".Read") {
					t.Errorf("%s writes by a reader's connection: %s", path, text(call))
				}
			}
			return true
		})
		return nil
	})
	if err != nil || begun < 2 {
		t.Errorf("%d transactions were found: %v", begun, err)
	}
}
