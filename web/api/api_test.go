package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// TestStrict is §2.B 20: names are what they are, once, and nothing else is there.
func TestStrict(t *testing.T) {
	h := newHouse(t)
	for body, place := range map[string]string{
		`{"slug": "s", "value": "v", "vlaue": "v"}`: "/vlaue",
		`{"slug": "s", "value": "v", "Slug": "t"}`:  "/Slug",
		`{"slug": "s", "VALUE": "v"}`:               "/value",
		"{\"\u017flug\": \"s\", \"value\": \"v\"}":  "/slug", // the long s folds to s
		`{"slug": "s", "value": "v", "slug": "t"}`:  "",
		`{"slug": "s", "value": "v"} {}`:            "",
		`{"slug": "s", "value": "v"`:                "",
		`{"slug": "s", "value": 1}`:                 "/value",
		`{"slug": "s", "value": null}`:              "/value",
		`{"slug": "s", "value": ""}`:                "/value",
		`{"slug": "S", "value": "v"}`:               "/slug",
		`[]`:                                        "",
		`null`:                                      "",
		``:                                          "",
		`{"slug": "s", "value": "v", "x": ` + deep(1000) + `}`:         "",
		`{"slug": "s", "value": ` + strings.Repeat("9", 1<<20):         "",
		`{"slug": "s", "value": ` + strings.Repeat("9", 1<<20) + `}`:   "",
		`{"slug": "s", "value": 1e400}`:                                "",
		`{"slug": "s", "value": "` + strings.Repeat("v", 65537) + `"}`: "/value",
	} {
		a := h.ask("POST", "/secrets", body)
		if a.status != 422 && a.status != 400 || len(a.text) > 2000 || place != "" && !strings.Contains(" "+a.places()+" ", " "+place+" ") {
			t.Errorf("%.80s is answered %d %s", body, a.status, a.text)
		}
	}
	h.want(415, "POST", "/secrets", `{"slug": "s", "value": "v"}`, "Content-Type", "text/plain")
	if a := h.want(200, "GET", "/secrets", ""); len(a.body["items"].([]any)) != 0 {
		t.Errorf("something was kept: %s", a.text)
	}
	if a := h.want(422, "GET", "/runs?sceanrio=x", ""); !strings.Contains(a.text, "sceanrio") {
		t.Errorf("%s", a.text)
	}
}

// TestFolded is §2.B 20: a name that Go's own reader would fold to a member's is another name, on every kind of body.
func TestFolded(t *testing.T) {
	h := newHouse(t)
	step := "{\"id\": \"a\", \"uses\": \"core.log\", \"with\": {\"message\": \"x\"}, \"mas\u212a\": [\"a\"]}" // the sign of kelvin folds to k
	for _, c := range []struct{ path, body, place string }{
		{"/keys", `{"name": "ci", "role": "viewer", "ROLE": "admin"}`, "/ROLE"},
		{"/keys", `{"naMe": "ci", "role": "viewer"}`, "/naMe"},
		{"/connections", `{"slug": "c", "connector": "slack", "ſandbox": true}`, "/ſandbox"},
		{"/scenarios", created(`{"STEPMILL": 1, "NAME": "x", "steps": []}`), "/stepmill"},
		{"/scenarios", created(`{"stepmill": 1, "name": "x", "trigger": {"uses": "webhook"}, "steps": [` + step + `]}`), "/steps/0/mas\u212a"},
	} {
		a := h.ask("POST", c.path, c.body)
		if a.status == 201 { // a draft may have faults, and says them
			a.body["errors"] = a.body["problems"]
		}
		if a.status != 422 && a.status != 201 || !strings.Contains(" "+a.places()+" ", " "+c.place+" ") {
			t.Errorf("%s is answered %d %s", c.body, a.status, a.text)
		}
	}
	if a := h.want(200, "GET", "/keys", ""); strings.Contains(a.text, `"ci"`) {
		t.Errorf("a key was made: %s", a.text)
	}
}

// TestQueries is §2.B 23: a query that is not read whole finds nothing, least of all what it would have filtered out, and an id is one
// whatever stands in it.
func TestQueries(t *testing.T) {
	h := newHouse(t)
	r := h.newRun()
	for query, says := range map[string]string{
		"status=queued&x=%zz": "cannot be read", "status=%zz": "cannot be read", "status=queued;limit=1": "cannot be read", strings.Repeat("a=1&", 100_000) + "status=queued": "cannot be read",
		"status=queued&status=failed": "twice", strings.Repeat("limit=1&", 5000): "twice", "status=%00": "no status", "status[]=queued": "no such parameter", "status" + strings.Repeat("[b]", 10_000) + "=queued": "no such parameter",
	} {
		if a := h.want(422, "GET", "/runs?"+query, ""); !strings.Contains(a.text, says) || strings.Contains(a.text, r.ID) {
			t.Errorf("%.40s is answered %s", query, a.text)
		}
	}
	if a := h.want(200, "GET", "/runs?status=failed&limit=1", ""); !strings.Contains(a.text, r.ID) {
		t.Errorf("%s", a.text)
	}
	for _, id := range []string{"..%2f..%2fmaster.key", "%2e%2e%2Fmaster.key", "%2e%2e", r.ID + "%2F..%2F" + r.ID, r.ID + "%2Fjournal", "%00", r.ID + "%00"} {
		for _, path := range []string{"/runs/" + id, "/runs/" + id + "/journal", "/events/" + id, "/events/" + r.EventID + "/files/" + id, "/scenarios/" + id, "/connections/" + id} {
			if a := h.ask("GET", path, ""); a.status != 404 && a.status != 422 {
				t.Errorf("%s is answered %d %s", path, a.status, a.text)
			}
		}
	}
	h.want(422, "GET", "/runs/"+strings.Repeat("r", 8<<10), "")
}

// TestShortRefusals is §2.B 20: whatever is wrong, and however often, a refusal says it in little, and soon.
func TestShortRefusals(t *testing.T) {
	h := newHouse(t)
	long, digits := strings.Repeat("n", 1<<20), strings.Repeat("9", 1<<20)
	var members strings.Builder
	for i := range 20_000 { // to write out for each of them what is wrong took minutes
		fmt.Fprintf(&members, `, "m%d": "v"`, i)
	}
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/secrets", `{"slug": "s", "value": "v", "` + long + `": 1}`},
		{"POST", "/secrets", `{"slug": "s", "value": "v", "` + long + `": 1, "` + long + `": 2}`},
		{"POST", "/secrets", `{"slug": "` + long + `", "value": "v"}`},
		{"POST", "/secrets", `{"slug": "s", "value": ` + digits + `}`},
		{"POST", "/secrets", `{"slug": "s", "value": "v"` + members.String() + `}`},
		{"POST", "/connections", `{"slug": "c", "connector": "` + long + `"}`},
		{"POST", "/connections", `{"slug": "c", "connector": "slack", "values": {"` + long + `": "v"}}`},
		{"POST", "/connections", `{"slug": "c", "connector": "slack", "values": {"token": "xoxb-x"` + members.String() + `}}`},
		{"POST", "/scenarios", created(`{"stepmill": ` + digits + `}`)},
		{"POST", "/scenarios", created(`{"stepmill": 1e400}`)},
		{"GET", "/runs?" + long[:30_000] + "=x", ""},
		{"GET", "/runs/" + long[:30_000], ""},
	} {
		a := h.ask(c.method, c.path, c.body)
		list, _ := a.body["errors"].([]any)
		texts := []string{fmt.Sprint(a.body["detail"])}
		for _, e := range list {
			texts = append(texts, fmt.Sprint(e.(map[string]any)["path"]), fmt.Sprint(e.(map[string]any)["message"]))
		}
		if a.status != 422 && a.status != 400 || a.body["code"] != "invalid_input" || len(list) > mostPlaces || strings.Contains(a.text, "Go value") {
			t.Errorf("%s %.60s %.60s is answered %d with %d places: %.300s", c.method, c.path, c.body, a.status, len(list), a.text)
		}
		for _, text := range texts {
			if len(strings.TrimPrefix(text, "The request is not right: ")) > mostText+len("….") {
				t.Errorf("%s %.60s %.60s: it says %d bytes: %.300s", c.method, c.path, c.body, len(text), text)
			}
		}
	}
}

// TestWorkspaces: a key of one workspace finds nothing of another's.
func TestWorkspaces(t *testing.T) {
	h := newHouse(t)
	r := h.newRun()
	h.want(201, "POST", "/secrets", `{"slug": "hook", "value": "v"}`)
	h.want(201, "POST", "/connections", `{"slug": "dry", "connector": "slack", "sandbox": true}`)
	key := h.want(201, "POST", "/keys", `{"name": "ci", "role": "viewer"}`).body["id"].(string)
	plain, stranger, err := access.MakeKey(access.NewKey{Name: "stranger", Role: run.Admin})
	if err == nil {
		_, err = h.store.CreateKey(t.Context(), run.SystemActor("other"), stranger)
	}
	if err != nil {
		t.Fatal(err)
	}
	as := []string{"Authorization", "Bearer " + plain}
	for _, path := range []string{"/scenarios", "/runs", "/events", "/connections", "/secrets"} {
		if a := h.want(200, "GET", path, "", as...); fmt.Sprint(a.body["items"]) != "[]" {
			t.Errorf("%s: %s", path, a.text)
		}
	}
	for _, call := range []string{"GET /scenarios/w1", "DELETE /scenarios/w1", "POST /scenarios/w1/publish", "POST /scenarios/w1/pause", "POST /scenarios/w1/resume", "POST /scenarios/w1/triggers/t/resubscribe", "GET /scenarios/w1/versions", "GET /scenarios/w1/versions/1",
		"POST /scenarios/w1/versions/1/restore", "GET /runs/" + r.ID, "GET /runs/" + r.ID + "/journal", "POST /runs/" + r.ID + "/cancel", "GET /events/" + r.EventID,
		"GET /connections/dry", "POST /connections/dry/test", "DELETE /connections/dry", "DELETE /secrets/hook", "DELETE /keys/" + key} {
		method, path, _ := strings.Cut(call, " ")
		h.want(404, method, path, "", as...)
	}
	if a := h.want(200, "GET", "/runs?scenario="+r.ScenarioID, "", as...); a.body["total"] != 0.0 {
		t.Errorf("%s", a.text)
	}
}

// TestDocument: the OpenAPI document names every route, and every route is one of its operations.
func TestDocument(t *testing.T) {
	h := newHouse(t)
	a := h.want(200, "GET", "/openapi.json", "")
	if version := a.body["openapi"].(string); !strings.HasPrefix(version, "3.1") {
		t.Errorf("it is of version %s", version)
	}
	described, ids := map[string]bool{}, map[string]bool{}
	for path, item := range a.body["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			described[strings.ToUpper(method)+" "+path] = true
			id := op.(map[string]any)["operationId"].(string)
			if ids[id] {
				t.Errorf("two operations are called %s", id)
			}
			ids[id] = true
			responses := op.(map[string]any)["responses"].(map[string]any)
			if _, ok := responses["422"].(map[string]any)["content"].(map[string]any)["application/problem+json"]; !ok {
				t.Errorf("%s %s does not say what its errors are", method, path)
			}
		}
	}
	own := map[string]bool{"GET /api/v1/openapi.json": true, "GET /api/v1/schema/scenario.json": true}
	for _, route := range h.router.(*access.Router).Routes() {
		if name := route.Method + " " + route.Pattern; described[name] == own[name] {
			t.Errorf("%s: described %v", name, described[name])
		}
		delete(described, route.Method+" "+route.Pattern)
	}
	if len(described) != 0 {
		t.Errorf("described and not there: %v", described)
	}
	if a := h.want(200, "GET", "/schema/scenario.json", ""); a.body["$schema"] == nil {
		t.Errorf("%.200s", a.text)
	}
}

// TestRoles walks every route as every role: what a role may not do is refused before anything is looked at.
func TestRoles(t *testing.T) {
	h := newHouse(t)
	ranks := []run.Role{run.Viewer, run.Operator, run.Editor, run.Admin}
	routes := h.router.(*access.Router).Routes()
	counts := map[access.Permission]int{}
	for _, route := range routes {
		counts[route.Needs]++
		path := strings.NewReplacer("{scenario}", "none", "{id}", "none", "{n}", "1", "{connection}", "none", "{connector}", "none", "{slug}", "none").Replace(strings.TrimPrefix(route.Pattern, "/api/v1"))
		for i, role := range ranks {
			a := h.ask(route.Method, path, "", "Authorization", "Bearer "+h.keys[role])
			if may := access.Read+access.Permission(i) >= route.Needs; may == (a.status == 403) || a.status == 401 {
				t.Errorf("%s %s as %s is answered %d %s", route.Method, path, role, a.status, a.text)
			}
		}
		if a := h.ask(route.Method, path, "", "Authorization", ""); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s by nobody is answered %d", route.Method, path, a.status)
		}
		if route.Needs == access.Public || route.Method != "GET" && route.Needs == access.Read && path != "/schedules/preview" { // which keeps nothing
			t.Errorf("%s %s needs only %d", route.Method, path, route.Needs)
		}
	}
	if counts[access.Read] < 10 || counts[access.Operate] < 4 || counts[access.Edit] < 7 || counts[access.Administer] < 9 {
		t.Errorf("the routes need %v", counts)
	}
}
