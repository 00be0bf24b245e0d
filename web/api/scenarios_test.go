package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

func TestScenarioStory(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/scenarios", created(definition))
	trigger := a.body["triggers"].([]any)[0].(map[string]any)
	if a.body["slug"] != "w1" || a.body["name"] != "W1" || a.body["status"] != "draft" || a.body["version"] != 0.0 || a.body["revision"] != 1.0 ||
		fmt.Sprint(a.body["problems"]) != "[]" || trigger["uses"] != "webhook" || !strings.HasPrefix(trigger["url"].(string), "http://stepmill.test/hooks/") || a.header.Get("ETag") != `"1"` {
		t.Errorf("created: %s", a.text)
	}
	id := a.body["id"].(string)
	if a := h.want(409, "POST", "/scenarios", created(definition)); a.body["code"] != "conflict" {
		t.Errorf("the slug twice: %s", a.text)
	}
	if a := h.want(200, "GET", "/scenarios", ""); len(a.body["items"].([]any)) != 1 || a.body["next_cursor"] != nil {
		t.Errorf("listed: %s", a.text)
	}
	for _, ref := range []string{"w1", id} {
		for role, shown := range map[run.Role]bool{run.Viewer: false, run.Operator: true} {
			if a := h.want(200, "GET", "/scenarios/"+ref, "", "Authorization", "Bearer "+h.keys[role]); strings.Contains(a.text, `"url":`) != shown {
				t.Errorf("a %s sees %s", role, a.text)
			}
		}
		if a := h.want(200, "GET", "/scenarios/"+ref, ""); !strings.Contains(a.text, `"definition":{"stepmill":1,`) {
			t.Errorf("shown: %s", a.text)
		}
	}
	if a := h.want(200, "POST", "/scenarios/w1/publish", `{"note": "first"}`); a.body["status"] != "live" || a.body["version"] != 1.0 || a.body["dirty"] != false {
		t.Errorf("published: %s", a.text)
	}
	changed := strings.Replace(definition, `"a": 1`, `"a": 2`, 1)
	if a := h.want(200, "PUT", "/scenarios/w1/draft", `{"definition": `+changed+`}`, "If-Match", `"1"`); a.body["revision"] != 2.0 || a.body["dirty"] != true || a.body["version"] != 1.0 {
		t.Errorf("saved: %s", a.text)
	}
	h.want(412, "PUT", "/scenarios/w1/draft", `{"definition": `+changed+`}`, "If-Match", `"1"`)
	h.want(412, "POST", "/scenarios/w1/publish", "", "If-Match", `W/"1"`)
	h.want(422, "PUT", "/scenarios/w1/draft", `{"definition": `+changed+`}`, "If-Match", `"x"`)
	h.want(200, "POST", "/scenarios/w1/publish", "", "If-Match", "*")
	a = h.want(200, "GET", "/scenarios/w1/versions", "")
	newest := a.body["items"].([]any)[0].(map[string]any)
	if len(a.body["items"].([]any)) != 2 || newest["version"] != 2.0 || newest["published_by"] != "key admin" || newest["definition"] != nil {
		t.Errorf("versions: %s", a.text)
	}
	if a := h.want(200, "GET", "/scenarios/w1/versions/1", ""); a.body["note"] != "first" || !strings.Contains(a.text, `"a":1`) {
		t.Errorf("version 1: %s", a.text)
	}
	h.want(404, "GET", "/scenarios/w1/versions/9", "")
	h.want(422, "GET", "/scenarios/w1/versions/0", "")
	if a := h.want(200, "POST", "/scenarios/w1/versions/1/restore", ""); a.body["revision"] != 3.0 || a.body["version"] != 2.0 {
		t.Errorf("restored: %s", a.text)
	}
	if a := h.want(200, "POST", "/scenarios/w1/pause", ""); a.body["status"] != "paused" {
		t.Errorf("paused: %s", a.text)
	}
	if a := h.want(200, "POST", "/scenarios/w1/resume", ""); a.body["status"] != "live" {
		t.Errorf("resumed: %s", a.text)
	}
	if a := h.want(204, "DELETE", "/scenarios/w1", ""); a.text != "" {
		t.Errorf("deleted: %s", a.text)
	}
	h.want(404, "GET", "/scenarios/w1", "")
	h.want(404, "DELETE", "/scenarios/"+id, "")
}

// TestPlaces: lines and columns count from the definition's own beginning, exactly as it was written.
func TestPlaces(t *testing.T) {
	h := newHouse(t)
	text := "{\n  \"stepmill\": 1, \"name\": \"x\", \"trigger\": {\"uses\": \"webhook\"},\n  \"steps\": [\n    {\"id\": \"a\", \"uses\": \"slack.nope\"},\n    {\"id\": \"b\", \"uses\": \"core.set\", \"wiht\": {}}\n  ]\n}"
	a := h.want(201, "POST", "/scenarios", "{ \"slug\":\n\n\n \"w1\",     \"definition\":   "+text+"}")
	if len(a.body["problems"].([]any)) < 2 {
		t.Fatalf("the draft has %v", a.body["problems"])
	}
	a = h.want(422, "POST", "/scenarios/w1/publish", `{}`)
	list := a.body["errors"].([]any)
	places := map[string]string{}
	for _, e := range list {
		p := e.(map[string]any)
		places[p["path"].(string)] = fmt.Sprintf("%v:%v", p["line"], p["column"])
	}
	if places["/steps/0/uses"] != "4:25" || places["/steps/1/wiht"] != "5:37" {
		t.Errorf("the faults stand at %v: %s", places, a.text)
	}
	if s, err := h.store.Scenario(t.Context(), run.SystemActor(run.DefaultWorkspace), "w1"); err != nil || string(s.Draft) != text {
		t.Errorf("it is kept as %q %v", s.Draft, err)
	}
}

// TestTwice: a member that stands twice is a fault of the draft where it is the definition's, and of the request elsewhere.
func TestTwice(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/scenarios", created("{\"stepmill\": 1,\n \"name\": \"a\", \"name\": \"b\", \"x\": "+deep(300)+"}"))
	if !strings.Contains(a.text, `"path":"/name","line":2,"column":15`) {
		t.Errorf("%s", a.text)
	}
	h.want(400, "POST", "/scenarios", `{"slug": "w2", "definition": `+definition+`, "definition": `+definition+`}`)
	if a := h.want(400, "POST", "/scenarios", `{"definition": {"stepmill":     1}, "slug": "w2", "slug": "w3"}`); !strings.Contains(a.text, "byte 50") {
		t.Errorf("%s", a.text)
	}
	for _, text := range []string{`{"stepmill": 1,}`, `{"stepmill": 1`, `{"stepmill": 1} x`, ``} {
		h.want(400, "POST", "/scenarios", created(text))
	}
}

func TestNoDefinition(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", `{"slug": "have", "definition": `+definition+`}`)
	for _, text := range []string{`null`, `[]`, `"x"`, `1`, `{}`, `{"stepmill": 2}`, `{"stepmill": "1"}`} {
		h.want(422, "POST", "/scenarios", created(text))
		h.want(422, "PUT", "/scenarios/have/draft", `{"definition": `+text+`}`)
	}
	h.want(404, "GET", "/scenarios/w1", "")
	if a := h.want(200, "GET", "/scenarios/have", ""); a.body["revision"] != 1.0 {
		t.Errorf("%s", a.text)
	}
	h.want(422, "POST", "/scenarios", `{"slug": "w1"}`)
	h.want(422, "POST", "/scenarios", `{"slug": "W 1", "definition": `+definition+`}`)
	big := `{"slug": "w1", "definition": {"stepmill": 1, "name": "` + strings.Repeat("x", scenario.MaxBytes+2<<20) + `"}}`
	h.want(413, "POST", "/scenarios", big)
}

// TestDeleteIfMatch: a scenario that somebody changed meanwhile is not deleted, and no slug hides a page.
func TestDeleteIfMatch(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", created(definition))
	h.want(412, "DELETE", "/scenarios/w1", "", "If-Match", `"9"`)
	h.want(204, "DELETE", "/scenarios/w1", "", "If-Match", `"1"`)
	if a := h.want(422, "POST", "/scenarios", strings.Replace(created(definition), `"w1"`, `"new"`, 1)); a.places() != "/slug" {
		t.Errorf("%s", a.text)
	}
}

// TestAddresses: a trigger says where its events come in: a URL, a page, an address, or nothing.
func TestAddresses(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/scenarios", created(`{"stepmill": 1, "name": "Doors", "triggers": [{"id": "a", "uses": "webhook"}, {"id": "b", "uses": "form"}, {"id": "c", "uses": "form", "with": {"mode": "chat"}},
		{"id": "d", "uses": "email"}, {"id": "e", "uses": "manual"}], "steps": []}`))
	for i, want := range [][2]string{{"http://stepmill.test/hooks/", ""}, {"http://stepmill.test/forms/", ""}, {"http://stepmill.test/chat/", ""}, {"", "@in.stepmill.test"}, {"", ""}} {
		trigger := a.body["triggers"].([]any)[i].(map[string]any)
		url, _ := trigger["url"].(string)
		mail, _ := trigger["address"].(string)
		if !strings.HasPrefix(url, want[0]) || !strings.HasSuffix(mail, want[1]) || (url == "") != (want[0] == "") || (mail == "") != (want[1] == "") {
			t.Errorf("%v says %q and %q", trigger["uses"], url, mail)
		}
	}
}
