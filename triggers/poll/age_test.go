package poll

import (
	"slices"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestByAge: what one look finds is put into the order in which it was made, as far as the list tells it.
func TestByAge(t *testing.T) {
	const early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
	type items = [][2]any // id and what tells its age, as listed
	page := actions.Page{ID: "/id"}
	for name, c := range map[string]struct {
		spec actions.Poll
		list items
		want []string
	}{
		"times":                      {actions.Poll{Page: page, Time: "/at"}, items{{"a", late}, {"b", early}}, []string{"b", "a"}},
		"one time":                   {actions.Poll{Page: page, Time: "/at"}, items{{"a", early}, {"b", early}}, []string{"a", "b"}},
		"one time, later ones first": {actions.Poll{Page: page, Time: "/at", Later: true}, items{{"c", late}, {"b", early}, {"a", early}}, []string{"a", "b", "c"}},
		"newest first":               {actions.Poll{Page: page, Order: actions.NewestFirst}, items{{"b", nil}, {"a", nil}}, []string{"a", "b"}},
		"numbers":                    {actions.Poll{Page: page, Rises: "/at"}, items{{"c", 100}, {"b", "20"}, {"a", 3}}, []string{"a", "b", "c"}},
		"times that rise":            {actions.Poll{Page: page, Rises: "/at"}, items{{"b", late}, {"a", early}}, []string{"a", "b"}},
		"without what tells, they come as they are": {actions.Poll{Page: page, Rises: "/at"}, items{{"b", "?"}, {"a", nil}}, []string{"b", "a"}},
	} {
		l := &look{spec: &c.spec}
		var list []found
		for _, one := range c.list {
			f, err := tell(l.spec, map[string]any{"id": one[0], "at": one[1]})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, f)
		}
		var got []string
		for _, f := range l.byAge(list) {
			got = append(got, value.Text(value.At(f.item, "/id")))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}
