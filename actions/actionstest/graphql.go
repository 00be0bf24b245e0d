package actionstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// graph is the schema of a vendor whose API is GraphQL, in schema.graphql of its folder; nil: it has none. Of the directives
// those are left out that GraphQL itself has by now. The file added, where there is one, extends it.
func graph(dir, added string) (*ast.Schema, error) {
	text, err := os.ReadFile(filepath.Join(dir, "schema.graphql"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	own := strings.Replace(string(text), "directive @oneOf on INPUT_OBJECT", "", 1)
	sources := []*ast.Source{{Name: dir, Input: own}}
	switch text, err := os.ReadFile(added); {
	case err == nil:
		sources = append(sources, &ast.Source{Name: added, Input: string(text)})
	case !os.IsNotExist(err):
		return nil, err
	}
	return gqlparser.LoadSchema(sources...)
}

// asked reads a request of GraphQL and holds it to the schema: its text, and the variables that it is sent with.
func asked(schema *ast.Schema, method string, u *url.URL, body []byte) (*ast.OperationDefinition, error) {
	if method != http.MethodPost || u.Path != "/graphql" {
		return nil, fmt.Errorf("%s %s: requests go to POST /graphql", method, u.Path)
	}
	var sent struct {
		Query         string
		Variables     map[string]any
		OperationName string
	}
	in := json.NewDecoder(bytes.NewReader(body))
	in.DisallowUnknownFields()
	in.UseNumber()
	if err := in.Decode(&sent); err != nil {
		return nil, err
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema, sent.Query, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, errs
	}
	if len(doc.Operations) != 1 {
		return nil, fmt.Errorf("there are %d operations", len(doc.Operations))
	}
	for name := range sent.Variables {
		if doc.Operations[0].VariableDefinitions.ForName(name) == nil {
			return nil, fmt.Errorf("the variable %s is sent, and the text does not know it", name)
		}
	}
	if _, err := validator.VariableValues(schema, doc.Operations[0], sent.Variables); err != nil {
		return nil, err
	}
	return doc.Operations[0], nil
}

// graphAnswer makes up an answer with everything that was asked for, lists of one item.
func graphAnswer(schema *ast.Schema, op *ast.OperationDefinition) any {
	return map[string]any{"data": selected(schema, op.SelectionSet)}
}

func selected(schema *ast.Schema, set ast.SelectionSet) map[string]any {
	out := map[string]any{}
	for _, one := range set {
		switch s := one.(type) {
		case *ast.Field:
			if s.Definition != nil {
				out[s.Alias] = ofType(schema, s.Definition.Type, s.SelectionSet)
			}
		case *ast.InlineFragment:
			for name, v := range selected(schema, s.SelectionSet) {
				out[name] = v
			}
		case *ast.FragmentSpread:
			for name, v := range selected(schema, s.Definition.SelectionSet) {
				out[name] = v
			}
		}
	}
	return out
}

func ofType(schema *ast.Schema, t *ast.Type, set ast.SelectionSet) any {
	if t.Elem != nil {
		return []any{ofType(schema, t.Elem, set)}
	}
	if len(set) > 0 {
		return selected(schema, set)
	}
	if def := schema.Types[t.NamedType]; def != nil && len(def.EnumValues) > 0 {
		return def.EnumValues[0].Name
	}
	switch t.NamedType {
	case "Boolean":
		return false // as of hasNextPage: the list ends
	case "Int", "Float":
		return 1
	case "DateTime":
		return "2026-01-31T09:30:00.000Z"
	}
	return "text"
}
