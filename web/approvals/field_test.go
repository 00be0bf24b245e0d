package approvals

import (
	"encoding/json"
	"net/url"
	"reflect"
	"testing"
)

// TestTypes holds each type of field to what it takes and gives.
func TestTypes(t *testing.T) {
	for _, c := range []struct {
		kind, typed string
		want        any // nil: it is not taken
	}{
		{"integer", "12", 12}, {"integer", "-3", -3}, {"integer", "x", nil}, {"integer", "1.5", nil}, {"integer", "99999999999999999999", json.Number("99999999999999999999")},
		{"number", "1.5", 1.5}, {"number", "x", nil},
		{"array", `["a", 2]`, []any{"a", 2}}, {"list", `{}`, nil}, {"list", `a`, nil},
		{"object", `{"a": 2}`, map[string]any{"a": 2}}, {"object", `[]`, nil},
		{"string", "x", "x"}, {"any", "x", "x"}, {"of another release", "x", "x"},
	} {
		f := fieldsOf([]any{map[string]any{"name": "n", "type": c.kind}})[0]
		f.Take(url.Values{"form.n": {c.typed}}, true)
		if c.want == nil && f.Wrong == "" || c.want != nil && (f.Wrong != "" || !reflect.DeepEqual(f.Value, c.want)) {
			t.Errorf("%s %q gives %#v %q, not %#v", c.kind, c.typed, f.Value, f.Wrong, c.want)
		}
	}
}
