package api

import (
	"strings"
	"testing"
)

func TestPreview(t *testing.T) {
	h := newHouse(t)
	a := h.want(200, "POST", "/schedules/preview", `{"with": {"cron": "0 9 * * *", "missed": "all"}, "timezone": "Europe/Zurich"}`)
	for _, want := range []string{`"words":"At 09:00 every day"`, `"timezone":"Europe/Zurich"`, `"next":["2026-03-01T08:00:00.000Z"]`, `"choice":{"kind":"daily","at":["09:00"]}`, `"missed":"all"`, `"problems":[]`} {
		if !strings.Contains(a.text, want) {
			t.Errorf("%s is not in %s", want, a.text)
		}
	}
	a = h.want(200, "POST", "/schedules/preview", `{"with": {"every": "1h"}, "choice": {"kind": "daily", "at": ["09:00"]}}`)
	if !strings.Contains(a.text, `"with":{"cron":"0 9 * * *"}`) || !strings.Contains(a.text, `"problems":[]`) {
		t.Errorf("a choice: %s", a.text)
	}
	for body, place := range map[string]string{
		`{"with": {"cron": "0 9"}}`: "/with",
		`{}`:                        "/with",
		`{"choice": {"kind": "minutes", "n": 7}}`: "/choice",
	} {
		if a := h.want(200, "POST", "/schedules/preview", body); !strings.Contains(a.text, `"path":"`+place+`"`) || !strings.Contains(a.text, `"words":""`) {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	h.want(422, "POST", "/schedules/preview", `{"choice": {"kind": "yearly"}}`)
	h.want(401, "POST", "/schedules/preview", `{"with": {}}`, "Authorization", "Bearer no")
}

func TestPlanned(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", `{"slug": "nightly", "definition": {"stepmill": 1, "name": "N", "timezone": "Europe/Zurich", "triggers": [{"id": "odd", "uses": "schedule", "with": {"cron": "0 9"}},
		{"id": "nine", "uses": "schedule", "with": {"cron": "0 9 * * *"}}, {"id": "hook", "uses": "webhook"}], "steps": []}}`)
	a := h.want(200, "GET", "/scenarios/nightly", "")
	said := 0
	for _, item := range a.body["triggers"].([]any) {
		if trigger := item.(map[string]any); trigger["id"] == "nine" {
			if said++; trigger["schedule"] != "At 09:00 every day" || trigger["timezone"] != "Europe/Zurich" || len(trigger["next"].([]any)) != 1 {
				t.Errorf("%v", trigger)
			}
		} else if trigger["schedule"] != nil || trigger["next"] != nil {
			t.Errorf("%v", trigger)
		}
	}
	if said != 1 {
		t.Errorf("%s", a.text)
	}
}

func TestBackfill(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", `{"slug": "nightly", "definition": {"stepmill": 1, "name": "N", "trigger": {"uses": "schedule", "with": {"cron": "0 9 * * *"}}, "steps": []}}`)
	a := h.want(202, "POST", "/scenarios/nightly/backfill", `{"trigger": "trigger", "since": "2026-01-01T08:00:00Z", "until": "2026-01-01T18:00:00Z", "dry_run": true}`)
	if a.body["planned"] != 3.0 || a.body["ran"] != 1.0 || a.body["job"] != nil || len(h.asked) != 1 || h.asked[0] != "planned trigger 08:00 18:00 false" {
		t.Errorf("%s %q", a.text, h.asked)
	}
	a = h.want(202, "POST", "/scenarios/nightly/backfill", `{"since": "2026-01-01T08:00:00Z", "again": true}`)
	if job := a.body["job"].(map[string]any); job["action"] != "backfill" || job["status"] != "running" || len(h.asked) != 3 {
		t.Errorf("%s %q", a.text, h.asked)
	}
	h.want(404, "POST", "/scenarios/none/backfill", `{"since": "2026-01-01T08:00:00Z"}`)
	h.want(422, "POST", "/scenarios/nightly/backfill", `{"since": "yesterday"}`)
	h.want(422, "POST", "/scenarios/nightly/backfill", `{"since": "2026-01-01T08:00:00Z", "until": "tomorrow"}`)
	h.want(422, "POST", "/scenarios/nightly/backfill", `{}`)
}
