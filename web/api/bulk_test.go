package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

func (h *house) Start(ctx context.Context, a run.Actor, j run.Job) (run.Job, error) {
	h.asked = append(h.asked, fmt.Sprintf("%s %s %v %q %v %d", j.Action, j.Filter.Scenario, j.Filter.Statuses, j.Filter.Query, j.Filter.Since.IsZero(), j.Version))
	if h.fails != nil {
		return j, h.fails
	}
	j.Total = 3
	return h.store.CreateJob(ctx, a, j)
}

func (h *house) Stop(ctx context.Context, a run.Actor, id string) error {
	return h.store.StopJob(ctx, a, id)
}

func (h *house) CountBackfill(_ context.Context, _ run.Actor, j run.Job) (int, int, error) {
	h.asked = append(h.asked, fmt.Sprintf("planned %s %s %s %t", j.Trigger, j.Filter.Since.Format("15:04"), j.Filter.Until.Format("15:04"), j.Again))
	return 3, 1, h.fails
}

func TestBulk(t *testing.T) {
	h := newHouse(t)
	a := h.want(202, "POST", "/runs:bulk", `{"action": "replay", "filter": {"scenario": "w1", "status": "failed,cancelled", "since": "2026-01-01T00:00:00Z", "q": "x"}, "version": "latest"}`)
	if a.body["status"] != "running" || a.body["total"] != 3.0 || a.body["by"] != "key admin" {
		t.Errorf("%s", a.text)
	}
	id := fmt.Sprint(a.body["id"])
	h.want(202, "POST", "/runs:bulk", `{"action": "cancel", "filter": {"all": true}}`)
	if want := []string{`replay w1 [failed cancelled] "x" false 0`, `cancel  [] "" true -1`}; len(h.asked) != 2 || h.asked[0] != want[0] || h.asked[1] != want[1] {
		t.Errorf("asked was %q", h.asked)
	}
	if a := h.want(200, "GET", "/runs:bulk/"+id, ""); a.body["action"] != "replay" || a.body["done"] != 0.0 {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/runs:bulk", ""); len(a.body["items"].([]any)) != 2 {
		t.Errorf("%s", a.text)
	}
	h.want(202, "POST", "/runs:bulk/"+id+"/stop", "")
	h.want(409, "POST", "/runs:bulk/"+id+"/stop", "")
	h.want(404, "POST", "/runs:bulk/none/stop", "")
	h.want(404, "GET", "/runs:bulk/none", "")
	for _, body := range []string{``, `{}`, `{"action": "cancel"}`, `{"action": "delete", "filter": {}}`, `{"action": "cancel", "filter": {"status": "perhaps"}}`, `{"action": "cancel", "filter": {"since": "yesterday"}}`,
		`{"action": "replay", "filter": {"all": true}, "version": "newest"}`, `{"action": "cancel", "filter": {}}`, `{"action": "cancel", "filter": {"scenario": ""}}`, `{"action": "cancel", "filter": {"all": false}}`, `{"action": "cancel", "filter": {"all": true, "scenario": "w1"}}`, `{"action": "cancel", "filter": {"staus": "failed"}}`, `{"action": "cancel", "filter": null}`} {
		if a := h.ask("POST", "/runs:bulk", body); a.status != 400 && a.status != 422 {
			t.Errorf("%s is answered %d %s", body, a.status, a.text)
		}
	}
	for path, body := range map[string]string{"/runs:bulk": `{"action": "cancel", "filter": {}}`, "/events:bulk": `{"action": "replay", "filter": {}}`} {
		if a := h.want(422, "POST", path, body); !strings.Contains(a.text, `\"all\": true`) || !strings.Contains(a.text, `"/filter"`) {
			t.Errorf("%s: %s", path, a.text)
		}
	}
	if len(h.asked) != 2 {
		t.Errorf("asked was %q", h.asked)
	}
}

// TestBulkEvents asks for the events of a filter to be replayed.
func TestBulkEvents(t *testing.T) {
	h := newHouse(t)
	if a := h.want(202, "POST", "/events:bulk", `{"action": "replay", "filter": {"scenario": "w1", "trigger": "t1", "outcome": "filtered", "since": "2026-01-01T00:00:00Z", "q": "x"}}`); a.body["action"] != "replay_events" || a.body["status"] != "running" {
		t.Errorf("%s", a.text)
	}
	h.want(202, "POST", "/events:bulk", `{"action": "replay", "filter": {"all": true}}`)
	if want := []string{`replay_events w1 [] "x" false 0`, `replay_events  [] "" true 0`}; !slices.Equal(h.asked, want) {
		t.Errorf("asked was %q", h.asked)
	}
	if j := h.jobs(); len(j) != 2 || j[1].Trigger != "t1" || j[1].Outcome != run.Filtered {
		t.Errorf("kept are %+v", j)
	}
	for _, body := range []string{``, `{}`, `{"action": "replay"}`, `{"action": "cancel", "filter": {"all": true}}`, `{"action": "replay", "filter": {}}`, `{"action": "replay", "filter": {"all": true, "q": "x"}}`, `{"action": "replay", "filter": {"outcome": "perhaps"}}`,
		`{"action": "replay", "filter": {"until": "yesterday"}}`, `{"action": "replay", "filter": {"outcom": "filtered"}}`, `{"action": "replay", "filter": null}`} {
		if a := h.ask("POST", "/events:bulk", body); a.status != 400 && a.status != 422 {
			t.Errorf("%s is answered %d %s", body, a.status, a.text)
		}
	}
}

// jobs lists what is kept, newest first.
func (h *house) jobs() []run.Job {
	h.t.Helper()
	list, err := h.store.Jobs(h.t.Context(), run.SystemActor(run.DefaultWorkspace), 10)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}
