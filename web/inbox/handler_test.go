package inbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

var now = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

type post struct {
	list  []run.Event
	asked run.EventFilter
}

func (p *post) Events(_ context.Context, _ run.Actor, f run.EventFilter) (run.EventPage, error) {
	p.asked = f
	return run.EventPage{Events: p.list, NextCursor: "c2"}, nil
}

func (p *post) Event(_ context.Context, _ run.Actor, id string) (run.Event, error) {
	for _, e := range p.list {
		if e.ID == id {
			return e, nil
		}
	}
	return run.Event{}, fault.New(fault.NotFound, "There is no event %s.", id)
}

func (p *post) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{Slug: "orders", Name: "Orders"}}, nil
}

func TestPages(t *testing.T) {
	p := &post{list: []run.Event{
		{ID: "0195e3f0-aaaa-0001", Scenario: "orders", Trigger: "trigger", Outcome: run.Accepted, RunID: "r1", Source: "webhook", At: now.Add(-time.Minute), Value: json.RawMessage(`{"body":{"total":12}}`),
			Raw: []byte(`{"total":12}`), Header: map[string]string{"content-type": "application/json"}},
		{ID: "e2", Scenario: "gone", Outcome: run.Filtered, Source: "schedule", At: now, Raw: []byte(strings.Repeat("x", rawShown+5))}}}
	h := &Handler{Store: p, Actor: func(*http.Request) run.Actor { return run.Actor{} }, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Now: func() time.Time { return now }}
	show := func(f func(http.ResponseWriter, *http.Request) error, path, event string) string {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		r.SetPathValue("event", event)
		w := httptest.NewRecorder()
		if err := f(w, r); err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	uitest.Compare(t, "list", show(h.List, "/inbox?outcome=accepted&scenario=orders", ""))
	if p.asked.Outcome != run.Accepted || p.asked.Scenario != "orders" {
		t.Errorf("the store was asked for %+v", p.asked)
	}
	uitest.Compare(t, "event", show(h.Show, "/inbox/e1", "0195e3f0-aaaa-0001"))
	if page := show(h.Show, "/inbox/e2", "e2"); !strings.Contains(page, "5 bytes more") {
		t.Error("a large body is not cut")
	}
	p.list = nil
	uitest.Compare(t, "list-empty", show(h.List, "/inbox", ""))
	r := httptest.NewRequest("GET", "/inbox/none", nil)
	r.SetPathValue("event", "none")
	if err := h.Show(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown event gives %v", err)
	}
}
