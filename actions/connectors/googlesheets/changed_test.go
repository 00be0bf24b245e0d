package googlesheets

import (
	"slices"
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

// TestTold: a row is known by what it says, wherever it stands and in whatever order the columns are.
func TestTold(t *testing.T) {
	ids := func(in map[string]any, rows ...any) (out []string) {
		t.Helper()
		for name, v := range map[string]any{"heading_row": 1, "first_row": 2} {
			if in[name] == nil {
				in[name] = v
			}
		}
		items, err := told(in, map[string]any{"values": rows})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			out = append(out, value.Text(value.At(item, "/id")))
		}
		slices.Sort(out)
		return out
	}
	heads, ada, grace := []any{"Name", "Amount"}, []any{"Ada", 120}, []any{"Grace", 7}
	was := ids(map[string]any{}, heads, ada, grace, ada)
	for what, rows := range map[string][]any{
		"sorted":                 {heads, ada, ada, grace},
		"with empty rows":        {heads, []any{}, grace, []any{"", ""}, ada, ada},
		"a column put in":        {[]any{"Name", "", "Amount"}, []any{"Ada", "", 120}, []any{"Grace", "", 7}, []any{"Ada", "", 120}},
		"the columns turned":     {[]any{"Amount", "Name"}, []any{120, "Ada"}, []any{7, "Grace"}, []any{120, "Ada"}},
		"a heading without text": {[]any{"Name", "Amount", "Note"}, ada, grace, ada},
	} {
		if got := ids(map[string]any{}, rows...); !slices.Equal(got, was) {
			t.Errorf("%s: %v, not %v", what, got, was)
		}
	}
	for what, rows := range map[string][]any{"changed": {heads, ada, grace, []any{"Ada", 121}}, "one more": {heads, ada, ada, ada, grace}, "one less": {heads, ada, grace}} {
		if got := ids(map[string]any{}, rows...); slices.Equal(got, was) {
			t.Errorf("%s: nothing tells", what)
		}
	}
	only := map[string]any{"columns": []any{"name"}}
	if a, b := ids(only, heads, ada, grace), ids(only, heads, []any{"Ada", 121}, grace); !slices.Equal(a, b) || len(a) != 2 {
		t.Errorf("a column that is not watched counts: %v, %v", a, b)
	}
	if got := ids(map[string]any{"heading_row": 3, "first_row": 2}, grace, heads, ada); len(got) != 2 {
		t.Errorf("of rows above the headings there are %v", got)
	}
}

// TestRuns: rows that follow each other are read and deleted together.
func TestRuns(t *testing.T) {
	if got := runs([]int{2, 4, 5, 6, 9}); !slices.Equal(got, [][2]int{{2, 2}, {4, 6}, {9, 9}}) {
		t.Error(got)
	}
	if got := runs(nil); len(got) != 0 {
		t.Error(got)
	}
}
