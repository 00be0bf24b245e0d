package scenarios

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestTemplates: the templates stand by group, what is looked for is found by name, words and apps, and where there are no
// scenarios yet the first ones are shown.
func TestTemplates(t *testing.T) {
	h := handler(newWorkspace())
	templates := []Template{
		{ID: "a", Name: "Orders", Description: "Tells of orders.", Group: "sales", First: true, Definition: []byte(orders)},
		{ID: "b", Name: "Bugs", Description: "Tells of bugs.", Group: "support", Definition: []byte(`{"stepmill": 1, "name": "B", "trigger": {"uses": "schedule", "with": {"every": "1h"}}, "steps": []}`)},
		{ID: "c", Name: "Deals", Description: "Tells of deals.", Group: "sales", Definition: []byte(orders)}}
	h.Templates = func() []Template { return templates }
	for query, want := range map[string][]string{"": {"Your own: Blank, A file", "Sales: Orders, Deals", "Support: Bugs"}, "slack  DEAL": {"Sales: Deals"}, "support": {"Support: Bugs"},
		"schedule": {"Support: Bugs"}, "nothing of it": nil} {
		var got []string
		for _, g := range (beginning{Templates: h.cards(), Query: query}).groups() {
			var names []string
			for _, c := range g.Cards {
				names = append(names, c.Name)
			}
			got = append(got, g.Name+": "+strings.Join(names, ", "))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q", query, got)
		}
	}
	if page := send(t, h.New, get("/scenarios/new?q=bug"), "").Body.String(); !strings.Contains(page, `data-list-src="/scenarios/new?q=bug"`) || !strings.Contains(page, "Tells of bugs") || strings.Contains(page, "Tells of deals") {
		t.Errorf("the page has %s", page)
	}
	r := get("/scenarios/new?q=xyz")
	r.Header = http.Header{"X-Fragment": {"list"}}
	if part := send(t, h.New, r, "").Body.String(); strings.Contains(part, "<html") || !strings.Contains(part, "No template fits") {
		t.Errorf("the part has %s", part)
	}
	var b strings.Builder
	if err := first(listing{Templates: h.cards()}).Render(t.Context(), &b); err != nil || !strings.Contains(b.String(), "Tells of orders") || strings.Contains(b.String(), "Tells of bugs") || !strings.Contains(b.String(), "2 more templates") {
		t.Errorf("at the beginning there is %s %v", b.String(), err)
	}
}
