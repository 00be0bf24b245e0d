package storage

import (
	"go/ast"
	"go/parser"
	"go/token"
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
