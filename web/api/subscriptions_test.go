package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// stood is a subscription of the trigger "issues", whatever the scenario.
type stood struct{}

func (stood) Of(string, string) map[string]scenario.Subscribed {
	return map[string]scenario.Subscribed{"issues": {State: "live", ExpiresAt: time.Date(2026, 9, 4, 10, 0, 0, 0, time.UTC), Error: "GitHub is away."}}
}

func (stood) Replace(_ context.Context, _ run.Actor, _, trigger string) error {
	if trigger != "issues" {
		return fault.New(fault.NotFound, "It has no subscription.")
	}
	return nil
}

// TestSubscription: a trigger that subscribes says where that stands, others say nothing of it, and it is made anew on request.
func TestSubscription(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", `{"slug": "s", "definition": {"stepmill": 1, "name": "N", "triggers": [{"id": "issues", "uses": "github.event"}, {"id": "hook", "uses": "webhook"}], "steps": []}}`)
	a := h.want(200, "GET", "/scenarios/s", "")
	if want := `"subscription":{"state":"live","expires_at":"2026-09-04T10:00:00.000Z","renewed_at":null,"error":"GitHub is away."}`; strings.Count(a.text, want) != 1 || strings.Count(a.text, `"subscription"`) != 1 {
		t.Errorf("%s", a.text)
	}
	h.want(202, "POST", "/scenarios/s/triggers/issues/resubscribe", "")
	h.want(404, "POST", "/scenarios/s/triggers/hook/resubscribe", "")
	h.want(404, "POST", "/scenarios/none/triggers/issues/resubscribe", "")
	h.want(401, "POST", "/scenarios/s/triggers/issues/resubscribe", "", "Authorization", "Bearer no")
}
