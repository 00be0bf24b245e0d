package api

import (
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// TestDeleteInUse: what published scenarios use is deleted only by who says so; what only drafts name is not held back.
func TestDeleteInUse(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/secrets", `{"slug": "hook", "value": "s3cret"}`)
	h.want(201, "POST", "/connections", `{"slug": "slack", "connector": "slack", "method": "token", "values": {"token": "xoxb-t"}}`)
	definition := func(secret, connection string) string {
		return `{"definition": {"stepmill": 1, "name": "One", "trigger": {"uses": "webhook", "with": {"verify": {"preset": "hmac", "header": "X-Sign", "secret": ["` + secret + `"]}}},
			"steps": [{"id": "g", "group": {"steps": [{"id": "tell", "uses": "slack.send_message", "connection": "` + connection + `", "with": {"channel": "c", "text": "x"}}]}}]}}`
	}
	h.want(201, "POST", "/scenarios", `{"slug": "one", `+definition("hook", "slack")[1:])
	publish := func() { h.want(200, "POST", "/scenarios/one/publish", `{}`) }
	refused := func(path string) {
		t.Helper()
		a := h.want(409, "DELETE", path, "")
		if detail, _ := a.body["detail"].(string); !strings.Contains(detail, "1 published scenario: one") || !strings.Contains(detail, "force") {
			t.Errorf("%s", a.text)
		}
	}
	publish()
	refused("/secrets/hook")
	refused("/connections/slack")
	h.want(200, "PUT", "/scenarios/one/draft", definition("other", "another"))
	refused("/secrets/hook") // what runs still uses it
	refused("/connections/slack")
	h.want(201, "POST", "/secrets", `{"slug": "other", "value": "s3cret"}`)
	h.want(201, "POST", "/connections", `{"slug": "another", "connector": "slack", "method": "token", "values": {"token": "xoxb-t"}}`)
	publish()
	h.want(204, "DELETE", "/secrets/hook", "")
	h.want(204, "DELETE", "/connections/slack", "")
	h.want(200, "PUT", "/scenarios/one/draft", definition("hook", "slack"))
	h.want(201, "POST", "/secrets", `{"slug": "hook", "value": "s3cret"}`)
	h.want(204, "DELETE", "/secrets/hook", "") // a draft alone
	h.want(204, "DELETE", "/secrets/other?force=true", "")
	h.want(204, "DELETE", "/connections/another?force=true", "")
	h.want(404, "DELETE", "/connections/another", "")
}

// TestDeleteWaited: a scenario whose events wait is deleted only by who says so.
func TestDeleteWaited(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/scenarios", `{"slug": "one", "definition": {"stepmill": 1, "name": "One", "trigger": {"uses": "webhook"}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}}`)
	h.want(200, "POST", "/scenarios/one/publish", `{}`)
	h.want(200, "POST", "/scenarios/one/pause", "")
	held := &run.Accept{Event: run.Event{ID: "0195e3f0-aaaa-7000-8000-000000000001", Workspace: run.DefaultWorkspace, ScenarioID: a.body["id"].(string), Scenario: "one", Trigger: "trigger", Outcome: run.Held, Value: []byte("{}"), At: time.Now()}}
	if errs := h.store.Commit(t.Context(), []*run.Write{{Accept: held}}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if a := h.want(409, "DELETE", "/scenarios/one", ""); !strings.Contains(a.text, "force") {
		t.Errorf("%s", a.text)
	}
	h.want(200, "GET", "/scenarios/one", "")
	h.want(204, "DELETE", "/scenarios/one?force=true", "")
	h.want(404, "DELETE", "/scenarios/one", "")
}

// TestAllFaults: whoever publishes is told of every fault at once.
func TestAllFaults(t *testing.T) {
	h := newHouse(t)
	steps := strings.TrimSuffix(strings.Repeat(`{"uses": "core.none"}, `, 120), ", ")
	h.want(201, "POST", "/scenarios", `{"slug": "one", "definition": {"stepmill": 1, "name": "One", "trigger": {"uses": "webhook"}, "steps": [`+steps+`]}}`)
	a := h.want(422, "POST", "/scenarios/one/publish", `{}`)
	if list, _ := a.body["errors"].([]any); len(list) < 120 {
		t.Errorf("%d of 120 are told: %s", len(list), a.text)
	}
}

// TestLongNote: a note that would be cut off is refused.
func TestLongNote(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", `{"slug": "one", "definition": {"stepmill": 1, "name": "One", "trigger": {"uses": "webhook"}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}}`)
	if a := h.want(422, "POST", "/scenarios/one/publish", `{"note": "`+strings.Repeat("x", 501)+`"}`); !strings.Contains(a.text, "/note") {
		t.Errorf("%s", a.text)
	}
	h.want(200, "POST", "/scenarios/one/publish", `{"note": "`+strings.Repeat("x", 500)+`"}`)
}

// TestBlankSecret: a secret that is nothing but white space is none, when it is made as when it is replaced.
func TestBlankSecret(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/secrets", `{"slug": "s", "value": " s3cret"}`)
	for _, value := range []string{"   ", `\n`, `\t \u00a0`} {
		made, changed := h.want(422, "POST", "/secrets", `{"slug": "blank", "value": "`+value+`"}`), h.want(422, "PUT", "/secrets/s", `{"value": "`+value+`"}`)
		for _, a := range []answer{made, changed} {
			if !strings.Contains(a.text, "nothing but white space") {
				t.Errorf("%q: %s", value, a.text)
			}
		}
	}
}
