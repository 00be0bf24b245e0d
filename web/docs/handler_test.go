package docs

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

func TestPages(t *testing.T) {
	h := &Handler{Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Guides: []actions.Guide{
		{Preset: "acme", Name: "Acme <b>", Secret: "In Acme's settings.", Steps: []string{"Open it."}, Checks: []string{"The header must fit."}, Handshake: "It asks.", Delivery: "By its id.",
			Options: []actions.GuideOption{{Name: "allow", Help: "Addresses."}}, Example: map[string]any{"preset": "acme", "secret": "acme-secret"}, DocsURL: "https://acme.example/docs"},
		{Preset: "plain", Name: "Plain", Secret: "A text.", Checks: []string{"It must be there."}, Delivery: "Never."}}}
	show := func(f func(http.ResponseWriter, *http.Request) error, preset string) (string, error) {
		r := httptest.NewRequest("GET", "/docs/webhooks", nil)
		r.SetPathValue("preset", preset)
		w := httptest.NewRecorder()
		err := f(w, r)
		return w.Body.String(), err
	}
	for name, f := range map[string]func() (string, error){
		"list":  func() (string, error) { return show(h.List, "") },
		"guide": func() (string, error) { return show(h.Show, "acme") },
		"plain": func() (string, error) { return show(h.Show, "plain") },
	} {
		page, err := f()
		if err != nil {
			t.Fatal(err)
		}
		uitest.Compare(t, name, page)
	}
	if _, err := show(h.Show, "none"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown preset gives %v", err)
	}
}

// The functions stand by group, found by words.
func TestFunctions(t *testing.T) {
	var asked string
	h := &Handler{Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Functions: func(query string) []Function {
		if asked = query; query == "none" {
			return nil
		}
		return []Function{{"add", "dates", "add(date, amount) → text", "Later.", []Example{{`add("x", 1)`, `"y"`}}}, {"all", "language", "all(list, condition) → boolean", "<b>", nil}, {"any", "language", "any(list, condition) → boolean", "Some.", nil}}
	}}
	for name, query := range map[string]string{"functions": "", "none": "none"} {
		w := httptest.NewRecorder()
		if err := h.FunctionList(w, httptest.NewRequest("GET", "/docs/functions?q="+query, nil)); err != nil || asked != query {
			t.Fatalf("%q is asked: %v", asked, err)
		}
		uitest.Compare(t, name, w.Body.String())
	}
}
