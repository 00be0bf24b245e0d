package api

import (
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

func TestLiveTriggers(t *testing.T) {
	h := newHouse(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	h.health = []run.Health{
		{Seen: run.Seen{ScenarioID: "1", Trigger: "a", At: at, Outcome: run.Accepted, Refused: []run.Refusal{{At: at, Status: 401, Message: "No.", From: "192.0.2.1"}}}, Scenario: "s", Uses: "webhook"},
		{Seen: run.Seen{ScenarioID: "1", Trigger: "b", Error: "Gone.", ErrorAt: at}, Scenario: "s", Uses: "jira.issue_created", Failing: true, Expect: time.Hour, SilentSince: at, Next: at.Add(time.Hour)}}
	a := h.want(200, "GET", "/triggers?limit=1", "")
	for _, name := range []string{"error", "expected_every", "subscription_expires"} {
		if !strings.Contains(a.text, `"`+name+`":null`) {
			t.Errorf("%s is not null: %s", name, a.text)
		}
	}
	first := a.body["items"].([]any)[0].(map[string]any)
	if first["trigger"] != "a" || first["last_event"] != "2026-03-01T09:00:00.000Z" || first["last_outcome"] != "accepted" || first["error_at"] != nil || first["next"] != nil ||
		first["refused"].([]any)[0].(map[string]any)["status"] != 401.0 {
		t.Errorf("%v", first)
	}
	a = h.want(200, "GET", "/triggers?cursor="+a.body["next_cursor"].(string), "")
	second := a.body["items"].([]any)[0].(map[string]any)
	if second["trigger"] != "b" || second["failing"] != true || second["silent_since"] == nil || second["expected_every"] == nil || !strings.Contains(a.text, `"refused":[]`) || a.body["next_cursor"] != nil {
		t.Errorf("%v", second)
	}
	h.want(404, "GET", "/triggers?scenario=none", "")
	h.want(201, "POST", "/scenarios", created(definition))
	h.want(200, "GET", "/triggers?scenario=w1", "")
	if h.healthOf == "" {
		t.Error("the triggers of one scenario were not asked for")
	}
}
