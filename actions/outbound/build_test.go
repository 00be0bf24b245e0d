package outbound

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestPreparedParameters: what Prepare adds to the parameters stands beside those of the fields, and escaped.
func TestPreparedParameters(t *testing.T) {
	r := &actions.Request{Method: "GET", Path: "/query", Query: map[string]string{"v": "1"}, Prepare: func(in map[string]any) (actions.Parts, error) {
		return actions.Parts{Query: map[string]any{"q": "Name = 'A&B'", "ids": []any{int64(1), int64(2)}}}, nil
	}}
	got, err := build(r, []actions.Field{{ID: "all", Type: actions.Boolean, In: actions.InQuery}}, map[string]any{"all": true})
	if want := "/query?all=true&ids=1&ids=2&q=Name+%3D+%27A%26B%27&v=1"; err != nil || got.URL != want {
		t.Errorf("the request goes to %s (%v), not %s", got.URL, err, want)
	}
}
