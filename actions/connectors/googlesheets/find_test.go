package googlesheets

import (
	"context"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// sheet is a Doer that answers what is asked of it in turn, and keeps the inputs.
type sheet struct {
	actions.Doer
	answers []string
	asked   []string
}

func (s *sheet) Sandboxed() bool { return false }

func (s *sheet) Ask(_ context.Context, a *actions.Action, values map[string]any) (any, error) {
	s.asked = append(s.asked, a.ID+" "+value.Text(any(values)))
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return value.Decode([]byte(answer), value.Limits{})
}

// TestFound: where the row is there it is given, or written, and none is added.
func TestFound(t *testing.T) {
	heads := `{"valueRanges":[{"values":[["Name","Email","Amount"]]}]}`
	column := `{"valueRanges":[{"values":[["g@example.com"],[],["a@example.com"],["a@example.com"]]}]}`
	row := `{"valueRanges":[{"values":[["Ada","a@example.com",120]]}]}`
	in := func(last bool) actions.Input {
		return actions.Input{Values: map[string]any{"spreadsheet": "1", "sheet": "S", "heading_row": 1, "column": "email", "value": "a@example.com", "last": last, "values": map[string]any{"Amount": 7}}}
	}
	s := &sheet{answers: []string{heads, column, row}}
	got, err := findOrAppend(t.Context(), in(false), s)
	if text := value.Text(got); err != nil || text != `{"found":true,"row":4,"values":{"Amount":120,"Email":"a@example.com","Name":"Ada"}}` {
		t.Errorf("%s %v by %v", text, err, s.asked)
	}
	s = &sheet{answers: []string{heads, column, `{}`}}
	got, err = upsertRow(t.Context(), in(true), s)
	if text := value.Text(got); err != nil || text != `{"found":true,"row":5}` {
		t.Errorf("%s %v", text, err)
	}
	if want := `set {"data":[{"majorDimension":"ROWS","range":"'S'!C5","values":[[7]]}],"spreadsheet":"1","value_input":null}`; s.asked[2] != want {
		t.Errorf("it writes %s, not %s", s.asked[2], want)
	}
}

// TestSearched: a new row holds what was searched for, unless it is given something else there.
func TestSearched(t *testing.T) {
	s := spot{table: table{"", "Email", "Name"}}
	for _, c := range []struct {
		values any
		want   string
	}{
		{map[string]any{"Name": "N"}, `{"Email":"new@example.com","Name":"N"}`},
		{map[string]any{"EMAIL": nil}, `{"Email":"new@example.com"}`},
		{map[string]any{"EMAIL": "other@example.com"}, `{"EMAIL":"other@example.com"}`},
		{[]any{}, `[null,"new@example.com"]`},
		{[]any{1, nil, "N"}, `[1,"new@example.com","N"]`},
		{[]any{1, "", "N"}, `[1,"","N"]`},
	} {
		if got, err := s.searched(map[string]any{"column": "email", "value": "new@example.com", "values": c.values}); err != nil || value.Text(got) != c.want {
			t.Errorf("%v: %v %v", c.values, value.Text(got), err)
		}
	}
}
