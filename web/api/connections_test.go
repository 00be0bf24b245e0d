package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestSecretsStaySecret: what was written as a secret comes out of no answer.
func TestSecretsStaySecret(t *testing.T) {
	h := newHouse(t)
	const canary = "kanarienvogel-7"
	var out bytes.Buffer
	keep := func(a answer) answer { out.WriteString(a.text); return a }
	if a := keep(h.want(201, "POST", "/secrets", `{"slug": "hook", "value": "`+canary+`"}`)); a.body["slug"] != "hook" || a.body["id"] == "" || a.body["created_at"] == nil {
		t.Errorf("%s", a.text)
	}
	keep(h.want(409, "POST", "/secrets", `{"slug": "hook", "value": "`+canary+`"}`))
	keep(h.want(200, "PUT", "/secrets/hook", `{"value": "`+canary+`2"}`))
	keep(h.want(404, "PUT", "/secrets/none", `{"value": "`+canary+`"}`))
	keep(h.want(200, "GET", "/secrets", ""))
	if v, err := h.store.SecretValue(t.Context(), run.DefaultWorkspace, "hook"); err != nil || v.Reveal() != canary+"2" {
		t.Errorf("it is kept as %q %v", v.Reveal(), err)
	}
	body := `{"slug": "slack", "connector": "slack", "method": "token", "values": {"token": "` + canary + `"}, "base_url": "http://127.0.0.1:9000", "limits": {"rate": "100/1m"}}`
	a := keep(h.want(201, "POST", "/connections", body))
	if a.body["state"] != "connected" || a.body["slug"] != "slack" || a.body["sandbox"] != false || a.body["base_url"] != "http://127.0.0.1:9000" || a.body["values"] != nil {
		t.Errorf("%s", a.text)
	}
	keep(h.want(409, "POST", "/connections", body))
	keep(h.want(200, "GET", "/connections", ""))
	keep(h.want(200, "GET", "/connections/slack", ""))
	keep(h.want(200, "PUT", "/connections/slack", strings.Replace(body, `"sandbox": false`, `"sandbox": true`, 1)))
	keep(h.want(422, "POST", "/connections", strings.Replace(body, `"token": "`, `"tokn": "`, 1)))
	h.tested = fault.New(fault.Unauthorized, "Slack refuses the token.")
	if a := keep(h.want(200, "POST", "/connections/slack/test", "")); a.body["ok"] != false || a.body["message"] != "Slack refuses the token." {
		t.Errorf("%s", a.text)
	}
	h.tested = nil
	if a := keep(h.want(200, "POST", "/connections/slack/test", "")); a.body["ok"] != true {
		t.Errorf("%s", a.text)
	}
	if strings.Contains(out.String(), canary) {
		t.Errorf("the secret is in %s", out.String())
	}
	h.want(204, "DELETE", "/connections/slack", "")
	h.want(404, "GET", "/connections/slack", "")
	h.want(404, "POST", "/connections/slack/test", "")
	h.want(204, "DELETE", "/secrets/hook", "")
	h.want(404, "DELETE", "/secrets/hook", "")
}

// TestUntested: a connection whose vendor has nothing that tests it says why, and is not called broken.
func TestUntested(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/connections", `{"slug": "amp", "connector": "amplitude", "values": {"api_key": "k"}}`)
	why, _ := a.body["untested"].(string)
	if !strings.HasPrefix(why, "An API key of Amplitude takes events in and gives nothing out") {
		t.Errorf("%s", a.text)
	}
	h.tested = fault.New(fault.InvalidInput, "This connection cannot be tested. %s", why)
	if a := h.want(200, "POST", "/connections/amp/test", ""); a.body["tested"] != false || a.body["ok"] != false || a.body["message"] != "This connection cannot be tested. "+why {
		t.Errorf("%s", a.text)
	}
	h.want(201, "POST", "/connections", `{"slug": "bare", "connector": "core", "method": "bearer", "values": {"token": "t", "hosts": "api.example.com"}}`)
	h.tested = actions.Auth{}.Unasked()
	if a := h.want(200, "POST", "/connections/bare/test", ""); a.body["tested"] != false || a.body["ok"] != false || !strings.HasPrefix(a.body["message"].(string), "Nothing was asked") {
		t.Errorf("%s", a.text)
	}
	h.tested = nil
	for _, body := range []string{
		`{"slug": "box", "connector": "amplitude", "sandbox": true}`,
		`{"slug": "ga", "connector": "google_analytics", "method": "oauth", "values": {"client_id": "i", "client_secret": "s"}}`,
	} {
		if a := h.want(201, "POST", "/connections", body); a.body["untested"] != nil {
			t.Errorf("%s", a.text)
		}
	}
	if a := h.want(200, "POST", "/connections/ga/test", ""); a.body["tested"] != true || a.body["ok"] != true {
		t.Errorf("%s", a.text)
	}
	if a := h.want(201, "POST", "/connections", `{"slug": "mp", "connector": "google_analytics", "method": "measurement", "values": {"measurement_id": "G-1", "api_secret": "s"}}`); !strings.Contains(a.text, "Measurement Protocol answers 204 to everything") {
		t.Errorf("%s", a.text)
	}
}

// TestValuesThatCannotWork: what could never be sent, and what a connector can say at once, is refused when it is written.
func TestValuesThatCannotWork(t *testing.T) {
	h := newHouse(t)
	for body, path := range map[string]string{
		`{"slug": "a", "connector": "slack", "method": "token", "values": {"token": "x\r\ny"}}`:                                                "/values/token",
		`{"slug": "a", "connector": "slack", "method": "token", "values": {"token": "x\u0000"}}`:                                               "/values/token",
		`{"slug": "a", "connector": "jira", "method": "basic", "values": {"email": "a@example.com", "token": "t"}}`:                            "/values/site",
		`{"slug": "a", "connector": "mailchimp", "values": {"api_key": "without"}}`:                                                            "/values",
		`{"slug": "a", "connector": "core", "method": "bearer", "values": {"token": "t"}}`:                                                     "/values/hosts",
		`{"slug": "a", "connector": "intercom", "values": {"token": "t", "region": "mars"}}`:                                                   "/values/region",
		`{"slug": "a", "connector": "core", "method": "bearer", "values": {"token": "t", "hosts": 7}}`:                                         "/values/hosts",
		`{"slug": "a", "connector": "core", "method": "bearer", "values": {"token": "t", "hosts": "a@b"}}`:                                     "/values/hosts",
		`{"slug": "a", "connector": "core", "method": "bearer", "values": {"token": "t", "hosts": "a.example", "test_url": "me"}}`:             "/values/test_url",
		`{"slug": "a", "connector": "jira", "method": "basic", "values": {"email": "a@example.com", "token": "t", "site": "evil.com/#"}}`:      "/values/site",
		`{"slug": "a", "connector": "slack", "method": "token", "values": {"token": "xoxb-x"}, "base_url": "http://x:99999"}`:                  "/base_url",
		`{"slug": "a", "connector": "slack", "method": "token", "values": {"token": "xoxb-x"}, "limits": {"rate": "99999999999999999999/1s"}}`: "/limits/rate",
		`{"slug": "a", "connector": "slack", "method": "token", "values": {"token": "xoxb-x"}, "limits": {"rate": "5/0s"}}`:                    "/limits/rate",
		`{"slug": "a", "connector": "core", "method": "smtp", "values": {"host": "http://x", "from": "a@b.c"}}`:                                "/values/host",
		`{"slug": "a", "connector": "core", "method": "smtp", "values": {"host": "x", "port": "99999"}}`:                                       "/values/port",
		`{"slug": "a", "connector": "slack", "method": "token", "values": {"token": "xoxb-x"}, "grants": {"scenarios": ["<b>"]}}`:              "/grants/scenarios/0",
	} {
		if a := h.want(422, "POST", "/connections", body); a.places() != path {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	h.want(201, "POST", "/connections", `{"slug": "j", "connector": "jira", "method": "basic", "values": {"email": "a@b.c", "token": "t"}, "base_url": "https://jira.example.com"}`)
	h.want(201, "POST", "/connections", `{"slug": "b", "connector": "core", "method": "bearer", "values": {"token": "t"}, "base_url": "https://api.example.com"}`)
	h.want(201, "POST", "/connections", `{"slug": "m", "connector": "mailchimp", "sandbox": true}`)
}

// TestValuesOfAnotherKind: what is no text is told what is expected in its place, and is not repeated.
func TestValuesOfAnotherKind(t *testing.T) {
	h := newHouse(t)
	for given, says := range map[string]string{
		`777123`:                            "Here stands a value of the kind number; it must be a text, or where the value lies: {",
		`null`:                              "of the kind null",
		`true`:                              "of the kind boolean",
		`["x"]`:                             "of the kind list",
		`{}`:                                `needs "from"`,
		`{"from": "vault"}`:                 `needs "name"`,
		`{"from": "cloud", "name": "x"}`:    "must be env-file, vault or aws",
		`{"from": "vault", "name": 777123}`: `"name" must be a text, not of the kind number`,
		`{"from": "vault", "name": "x", "path": "y"}`: `has no "path"`,
	} {
		a := h.want(422, "POST", "/connections", `{"slug": "a", "connector": "slack", "values": {"token": `+given+`}}`)
		list, _ := a.body["errors"].([]any)
		if a.places() != "/values/token" || len(list) != 1 || !strings.Contains(list[0].(map[string]any)["message"].(string), says) || strings.Contains(a.text, "777123") {
			t.Errorf("%s: %s", given, a.text)
		}
	}
}

func TestConnectionFaults(t *testing.T) {
	h := newHouse(t)
	good := map[string]any{"slug": "slack", "connector": "slack", "method": "token", "values": map[string]any{"token": "xoxb-t"}}
	for _, c := range []struct {
		name, member string
		value        any
		place        string
	}{
		{"no such connector", "connector", "slak", "/connector"},
		{"no such way to sign in", "method", "oauth9", "/method"},
		{"a value that is missing", "values", map[string]any{}, "/values/token"},
		{"a value that is not asked for", "values", map[string]any{"token": "xoxb-t", "color": "red"}, "/values/color"},
		{"a value that is too long", "values", map[string]any{"token": strings.Repeat("t", 17<<10)}, "/values/token"},
		{"no address", "base_url", "example.com", "/base_url"},
		{"another scheme", "base_url", "file:///etc/passwd", "/base_url"},
		{"an address with a user", "base_url", "https://u:p@example.com", "/base_url"},
		{"an address with a query", "base_url", "https://example.com?x", "/base_url"},
		{"no rate", "limits", map[string]any{"rate": "fast"}, "/limits/rate"},
		{"a rate of nothing", "limits", map[string]any{"rate": "0/1m"}, "/limits/rate"},
		{"a slug that is none", "slug", "../x", "/slug"},
		{"a name that turns what stands behind it", "name", "abc\u202egnp", "/name"},
	} {
		body := map[string]any{c.member: c.value}
		for name, v := range good {
			if _, ok := body[name]; !ok {
				body[name] = v
			}
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if a := h.want(422, "POST", "/connections", string(text)); a.places() != c.place {
			t.Errorf("%s: %s", c.name, a.text)
		}
	}
	h.want(201, "POST", "/connections", `{"slug": "dry", "connector": "slack", "sandbox": true}`)
	if a := h.want(200, "POST", "/connections/dry/test", ""); a.body["ok"] != true || a.body["tested"] != false || !strings.Contains(a.text, "nothing to test") {
		t.Errorf("%s", a.text)
	}
	h.want(422, "PUT", "/connections/dry", `{"slug": "dry", "connector": "jira", "sandbox": true}`)
}

func TestConnectors(t *testing.T) {
	h := newHouse(t)
	a := h.want(200, "GET", "/connectors", "")
	if len(a.body["items"].([]any)) != len(connectors.Catalogue.IDs()) {
		t.Errorf("%s", a.text)
	}
	a = h.want(200, "GET", "/connectors/slack", "")
	action := a.body["actions"].([]any)[0].(map[string]any)
	if a.body["id"] != "slack" || action["id"] == "" || action["effect"] == "" || len(a.body["auth"].([]any)) == 0 {
		t.Errorf("%s", a.text)
	}
	h.want(404, "GET", "/connectors/slak", "")
}

func TestKeys(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/keys", `{"name": "ci", "role": "viewer", "expires": "1h"}`)
	plain := a.body["key"].(string)
	if !strings.HasPrefix(plain, "smk_") || a.body["prefix"] != plain[:10] || a.body["role"] != "viewer" || a.body["expires_at"] == nil || a.body["last_used_at"] != nil {
		t.Errorf("%s", a.text)
	}
	h.want(200, "GET", "/runs", "", "Authorization", "Bearer "+plain)
	if a := h.want(200, "GET", "/keys", ""); strings.Contains(a.text, plain) || !strings.Contains(a.text, `"name":"ci"`) {
		t.Errorf("%s", a.text)
	}
	h.want(204, "DELETE", "/keys/"+a.body["id"].(string), "")
	if a := h.want(401, "GET", "/runs", "", "Authorization", "Bearer "+plain); a.header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(a.text, "revoked") {
		t.Errorf("a revoked key: %v %s", a.header, a.text)
	}
	h.want(404, "DELETE", "/keys/"+a.body["id"].(string), "")
	for _, body := range []string{`{"name": "x", "role": "owner"}`, `{"name": "x", "role": "king"}`, `{"name": "", "role": "admin"}`, `{"name": "x"}`,
		`{"name": "x", "role": "admin", "expires": "soon"}`, `{"name": "x", "role": "admin", "expires": "-1h"}`} {
		h.want(422, "POST", "/keys", body)
	}
	if a := h.want(422, "POST", "/keys", `{"name": "x", "role": "admin", "expires": "8000d"}`); !strings.Contains(a.text, "longer than ten years; at most 3660d") {
		t.Errorf("%s", a.text)
	}
	if a := h.want(201, "POST", "/keys", `{"name": "ever", "role": "admin", "expires": "never"}`); a.body["expires_at"] != nil {
		t.Errorf("%s", a.text)
	}
	if a := h.want(201, "POST", "/keys", `{"name": "usual", "role": "admin"}`); a.body["expires_at"] == nil {
		t.Errorf("%s", a.text)
	}
}

// TestNewIsTaken: nothing is called as the page that makes it.
func TestNewIsTaken(t *testing.T) {
	h := newHouse(t)
	for path, body := range map[string]string{"/secrets": `{"slug": "new", "value": "v"}`, "/connections": `{"slug": "new", "connector": "core", "method": "bearer", "values": {"token": "t", "hosts": "a.example"}}`,
		"/scenarios": strings.Replace(created(definition), `"w1"`, `"new"`, 1)} {
		if a := h.want(422, "POST", path, body); !strings.Contains(a.text, `choose another slug`) {
			t.Errorf("%s: %s", path, a.text)
		}
	}
}

// TestTriggersSayWhere: the list of triggers says where events come in, to who may start runs.
func TestTriggersSayWhere(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", created(definition))
	a := h.want(200, "POST", "/scenarios/w1/publish", "")
	url := a.body["triggers"].([]any)[0].(map[string]any)["url"].(string)
	if a := h.want(200, "POST", "/scenarios/w1/publish", ""); a.body["unchanged"] != true || a.body["version"] != float64(1) {
		t.Errorf("published again: %s", a.text)
	}
	h.health = []run.Health{{Seen: run.Seen{ScenarioID: a.body["id"].(string), Trigger: "trigger"}, Scenario: "w1", Uses: "webhook"}}
	if a := h.want(200, "GET", "/triggers", ""); url == "" || !strings.Contains(a.text, url) {
		t.Errorf("%s does not say %s", a.text, url)
	}
}
