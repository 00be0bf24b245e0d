package value

import (
	"encoding/json"
	"fmt"
)

// AKind is Kind with its article, as sentences have it: an object.
func AKind(v any) string { return WithArticle(Kind(v)) }

// WithArticle is a kind's name with its article; null has none.
func WithArticle(kind string) string {
	switch kind {
	case "null":
		return kind
	case "object", "integer":
		return "an " + kind
	}
	return "a " + kind
}

// Kind names a value's type as the screens and messages do.
func Kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case int, int64, float64, json.Number:
		return "number"
	case string:
		return "text"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	}
	return fmt.Sprintf("%T", v)
}
