package webhook

import (
	"go/ast"
	"go/parser"
	"go/printer"
	tokens "go/token"
	"slices"
	"strings"
	"testing"
)

// compared are the comparisons of two things of which neither is written there, none of which is of a secret or of what is made of one.
// What is, is compared by hmac.Equal alone, whose time says nothing.
var compared = []string{
	"q.Method == s.greets", "s.name == name", "u == milliseconds", "u == either", "token.Name.Space != outbound", // what the request or the trigger is
	"slices.Contains(s.channels, channel)", "slices.Contains(older, version)", "strings.EqualFold(name, kind)",
	"slices.Equal(at, want)", "slices.Equal(at, want[:3])",
}

// TestConstantTime is §2.C 30: nothing that proves a request is compared in a way whose time tells how much of it was right.
func TestConstantTime(t *testing.T) {
	var found []string
	equal := map[string]int{} // calls of hmac.Equal and of same, by the function that makes them
	for _, file := range []string{"handshake.go", "proofs.go", "signature.go", "verify.go"} {
		set := tokens.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		text := func(n ast.Node) string {
			var b strings.Builder
			printer.Fprint(&b, set, n)
			return b.String()
		}
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BinaryExpr:
					if (n.Op == tokens.EQL || n.Op == tokens.NEQ) && !slices.ContainsFunc([]ast.Expr{n.X, n.Y}, written) {
						found = append(found, text(n))
					}
				case *ast.CallExpr:
					switch name := text(n.Fun); name {
					case "hmac.Equal", "same":
						equal[f.Name.Name]++
					case "bytes.Equal", "bytes.Compare", "bytes.EqualFold", "strings.Compare", "strings.EqualFold", "slices.Equal", "slices.Compare", "cmp.Compare", "reflect.DeepEqual", "slices.Contains":
						if !slices.ContainsFunc(n.Args, written) {
							found = append(found, text(n))
						}
					}
				}
				return true
			})
		}
	}
	for _, one := range found {
		if !slices.Contains(compared, one) {
			t.Errorf("%s: where it is of a secret, or made of one, hmac.Equal compares it; where not, name it in this test", one)
		}
	}
	for _, one := range compared {
		if !slices.Contains(found, one) {
			t.Errorf("%s is compared nowhere any more", one)
		}
	}
	for _, f := range []string{"proof", "same", "shared", "graphStates", "salesforceOrg"} {
		if equal[f] != 1 {
			t.Errorf("%s compares %d times in constant time, not once", f, equal[f])
		}
	}
}

// written says that a value stands in the text, as nil, a number or a text, is a length, or what another package calls so.
func written(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	case *ast.SelectorExpr:
		of, ok := e.X.(*ast.Ident)
		return ok && (of.Name == "http" || of.Name == "fault")
	case *ast.CallExpr:
		name, ok := e.Fun.(*ast.Ident)
		return ok && name.Name == "len"
	}
	return false
}
