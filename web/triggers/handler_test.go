package triggers

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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

type shelf struct{}

func (shelf) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{Slug: "orders", Name: "Large orders"}, {Slug: "night", Name: "Nightly"}}, nil
}

func TestPages(t *testing.T) {
	var list []run.Health
	h := &Handler{Store: shelf{}, Apps: tree.AppsOf(actions.CatalogueOf(actions.Connector{ID: "jira", Name: "Jira", Monogram: "J"})), Actor: func(*http.Request) run.Actor { return run.Actor{} },
		Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Now: func() time.Time { return now },
		Health: func(context.Context, run.Actor, string) []run.Health { return list }}
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
	show("empty", "/triggers", false)
	list = []run.Health{
		{Seen: run.Seen{Trigger: "trigger", At: now.Add(-time.Minute), Outcome: run.Accepted, Error: "The signature does not fit <b>.", ErrorAt: now.Add(-time.Hour),
			Refused: []run.Refusal{{At: now.Add(-time.Hour), Status: 401, Message: "The signature does not fit.", From: "192.0.2.1"}, {At: now.Add(-2 * time.Hour), Status: 413, Message: "Too large.", From: "192.0.2.2"}}},
			Scenario: "orders", Uses: "webhook", URL: "https://stepmill.test/hooks/k"},
		{Seen: run.Seen{Trigger: "sealed", At: now.Add(-time.Hour), Outcome: run.Accepted, Error: "The signature does not fit.", ErrorAt: now.Add(-time.Minute),
			Refused: []run.Refusal{{At: now.Add(-time.Minute), Status: 401, Message: "The signature does not fit.", From: "192.0.2.1"}}}, Scenario: "orders", Uses: "webhook", Refusing: true},
		{Seen: run.Seen{Trigger: "trigger"}, Scenario: "night", Uses: "schedule", Next: now.Add(time.Hour)},
		{Seen: run.Seen{Trigger: "late", At: now.Add(-3 * time.Hour), Outcome: run.Filtered}, Scenario: "orders", Uses: "form", Expect: time.Hour, SilentSince: now.Add(-3 * time.Hour)},
		{Seen: run.Seen{Trigger: "never"}, Scenario: "orders", Uses: "webhook", Expect: time.Hour, SilentSince: now.Add(-3 * time.Hour)},
		{Seen: run.Seen{Trigger: "new", Error: "Jira does not take the token.", ErrorAt: now}, Scenario: "gone", Uses: "jira.issue_created", Failing: true, Looked: now, Next: now.Add(time.Minute)},
		{Seen: run.Seen{Trigger: "hook", At: now}, Scenario: "orders", Uses: "email", Paused: true, Mail: "k@in.stepmill.test", Expires: now.Add(48 * time.Hour)}}
	show("list", "/triggers", false)
	show("fragment", "/triggers", true)
	show("fits", "/triggers?q=jira+gone&state=wrong&from=50", true)
	show("refusing", "/triggers?state=refusing", true)
	show("none", "/triggers?q=jira&state=ok", false)
	show("unknown", "/triggers?state=odd&q=nightly", false)
	list = nil
	for i := range 120 {
		list = append(list, run.Health{Seen: run.Seen{Trigger: "trigger"}, Scenario: fmt.Sprintf("s%03d", i), Uses: "webhook"})
	}
	for path, want := range map[string]string{"/triggers": "1 to 50 of 120", "/triggers?q=request&from=50": "51 to 100 of 120", "/triggers?from=9999": "101 to 120 of 120", "/triggers?from=-7": "1 to 50 of 120"} {
		r := httptest.NewRequest("GET", path, nil)
		w := httptest.NewRecorder()
		if err := h.List(w, r); err != nil || !strings.Contains(w.Body.String(), want) || strings.Count(w.Body.String(), "<tr data-id") > 50 {
			t.Errorf("%s does not say %q (%v)", path, want, err)
		}
	}
}
