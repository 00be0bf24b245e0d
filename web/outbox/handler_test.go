package outbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

var now = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

type box struct{ list []run.Recorded }

func (b *box) Outbox(_ context.Context, _ run.Actor, limit int, before string) ([]run.Recorded, error) {
	return b.list, nil
}
func (b *box) ClearOutbox(context.Context, run.Actor) error { b.list = nil; return nil }

func (b *box) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{Slug: "orders", Name: "Large orders"}}, nil
}

func handler(b *box) *Handler {
	return &Handler{Store: b, Apps: tree.AppsOf(actions.CatalogueOf(actions.Connector{ID: "slack", Name: "Slack", Monogram: "S"})), Actor: func(*http.Request) run.Actor { return run.Actor{} },
		Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Now: func() time.Time { return now }}
}

func TestPages(t *testing.T) {
	b := &box{list: []run.Recorded{
		{ID: "o1", Run: "r1", Scenario: "orders", Path: "tell", Connector: "slack", Method: "POST", URL: "https://slack.com/api/chat.postMessage?x=1", Header: map[string]string{"B": "2", "A": "1"}, Body: `{"text":"<b>"}`, At: now.Add(-time.Minute)},
		{ID: "o2", Run: "r1", Scenario: "gone", Path: "save", Connector: "acme", Method: "GET", URL: "%", Body: "a=1&b=2", At: now},
		{ID: "o3", Method: "DELETE", URL: "https://example.com/x", At: now}}}
	h := handler(b)
	show := func(name, path string, fragment bool) {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		if fragment {
			r.Header.Set("X-Fragment", "list")
		}
		w := httptest.NewRecorder()
		if err := h.List(w, r); err != nil {
			t.Fatal(err)
		}
		uitest.Compare(t, name, w.Body.String())
	}
	show("list", "/outbox", false)
	show("list-fragment", "/outbox", true)
	w := httptest.NewRecorder()
	if err := h.Clear(w, uitest.Form("/outbox/clear")); err != nil || w.Code != http.StatusSeeOther {
		t.Fatal(err, w.Code)
	}
	show("list-empty", w.Header().Get("Location"), false)
}

func TestBodyOf(t *testing.T) {
	for text, want := range map[string]any{"": nil, "a=1": "a=1", "7": 7, `"x"`: "x"} {
		got, given := bodyOf(text)
		if got != want || given != (text != "") {
			t.Errorf("the body %q is %v", text, got)
		}
	}
}
