package api

import (
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

const oauthBody = `{"slug": "gh", "connector": "github", "method": "oauth", "values": {"client_id": "id", "client_secret": "CANARY"}}`

// TestReconnect is the way from a new connection to a vendor's sign-in.
func TestReconnect(t *testing.T) {
	h := newHouse(t)
	a := h.want(201, "POST", "/connections", oauthBody)
	if a.body["state"] != "needs_auth" || a.body["detail"] != "Nobody has signed in yet." || a.body["expires_at"] != nil || strings.Contains(a.text, "CANARY") {
		t.Errorf("%s", a.text)
	}
	a = h.want(200, "POST", "/connections/gh/reconnect", "")
	if a.body["authorize_url"] != "https://vendor.test/gh" || !strings.Contains(a.header.Get("Set-Cookie"), "sign_in=COOKIE; Path=/oauth/callback; HttpOnly") {
		t.Errorf("%s %v", a.text, a.header)
	}
	h.want(404, "POST", "/connections/none/reconnect", "")
	h.tested = fault.New(fault.InvalidInput, "Nobody signs in over it.")
	h.want(422, "POST", "/connections/gh/reconnect", "")
	h.tested = nil
	if a := h.want(201, "POST", "/connections", `{"slug": "box", "connector": "github", "method": "oauth", "sandbox": true}`); a.body["state"] != "connected" {
		t.Errorf("a sandbox needs a sign-in: %s", a.text)
	}
	if a := h.want(422, "POST", "/connections", strings.Replace(strings.Replace(oauthBody, "gh", "g2", 1), `"client_id"`, `"token_url": "x", "client_id"`, 1)); a.places() != "/values" {
		t.Errorf("%s", a.text)
	}
	if a := h.want(422, "POST", "/connections", strings.Replace(strings.Replace(oauthBody, "gh", "g2", 1), `"client_id"`, `"authorize_url": "x", "client_id"`, 1)); a.places() != "/values/authorize_url" {
		t.Errorf("%s", a.text)
	}
	if a := h.want(422, "POST", "/connections", `{"slug": "x", "connector": "github", "method": "oauth", "values": {"client_id": "id", "access_token": "stolen"}}`); !strings.Contains(a.places(), "/values/access_token") {
		t.Errorf("a token can be put in: %s", a.text)
	}
}

// TestPausing switches a connection off and on; what it was before stays.
func TestPausing(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/connections", oauthBody)
	h.want(404, "POST", "/connections/none/pause", "")
	h.want(404, "POST", "/connections/none/resume", "")
	if a := h.want(200, "POST", "/connections/gh/pause", ""); a.body["state"] != "paused" {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "POST", "/connections/gh/resume", ""); a.body["state"] != "needs_auth" {
		t.Errorf("%s", a.text)
	}
}

// TestSignedInStates is what a connection shows once somebody signed in, and what replacing it does.
func TestSignedInStates(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/connections", oauthBody)
	c, err := h.store.Connection(t.Context(), run.SystemActor(run.DefaultWorkspace), "gh")
	if err != nil {
		t.Fatal(err)
	}
	expires := time.Now().Add(time.Minute)
	if err := h.store.EndSignIn(t.Context(), c, run.Tokens{Access: "CANARY", Account: "ada", Scopes: "repo", ExpiresAt: expires, RefreshAt: expires.Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	a := h.want(200, "GET", "/connections/gh", "")
	if a.body["state"] != "expiring" || a.body["account"] != "ada" || a.body["scopes"] != "repo" || a.body["expires_at"] != expires.UTC().Format(run.TimeFormat) || strings.Contains(a.text, "CANARY") {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "PUT", "/connections/gh", strings.Replace(oauthBody, `"method"`, `"name": "Ours", "method"`, 1)); a.body["state"] != "expiring" || a.body["name"] != "Ours" {
		t.Errorf("another name: %s", a.text)
	}
	if a := h.want(200, "PUT", "/connections/gh", strings.Replace(oauthBody, "CANARY", "other", 1)); a.body["state"] != "needs_auth" || a.body["account"] != nil {
		t.Errorf("another app: %s", a.text)
	}
}

// TestConnectionUse is what depends on a connection, and who may use it.
func TestConnectionUse(t *testing.T) {
	h := newHouse(t)
	body := `{"slug": "slack", "connector": "slack", "values": {"token": "xoxb-t"}, "grants": {"scenarios": ["good"], "actions": ["slack.send_message"]}}`
	h.want(201, "POST", "/connections", body)
	if a := h.want(422, "POST", "/connections", strings.Replace(strings.Replace(body, `"slack", "conn`, `"s2", "conn`, 1), "slack.send_message", "jira.create_issue", 1)); a.places() != "/grants/actions/0" {
		t.Errorf("%s", a.text)
	}
	definition := `{"stepmill": 1, "name": "N", "trigger": {"uses": "webhook"}, "steps": [{"id": "a", "uses": "slack.send_message", "connection": "slack", "with": {"channel": "#x", "text": "x"}}]}`
	for _, slug := range []string{"good", "bad"} {
		h.want(201, "POST", "/scenarios", `{"slug": "`+slug+`", "definition": `+definition+`}`)
	}
	h.want(200, "POST", "/scenarios/good/publish", `{"note": ""}`)
	if a := h.want(422, "POST", "/scenarios/bad/publish", `{"note": ""}`); !strings.Contains(a.text, "is not granted to this scenario") {
		t.Errorf("%s", a.text)
	}
	h.want(200, "PUT", "/scenarios/good/draft", `{"definition": `+strings.Replace(definition, `, "connection": "slack"`, "", 1)+`}`)
	a := h.want(200, "GET", "/connections/slack", "")
	list, _ := a.body["scenarios"].([]any)
	if len(list) != 2 || !strings.Contains(a.text, `{"slug":"good","status":"live"}`) || !strings.Contains(a.text, `{"slug":"bad","status":"draft"}`) || a.body["waiting_runs"] != 0.0 {
		t.Errorf("%s", a.text)
	}
}

// TestValuesElsewhere are values that a connection refers to.
func TestValuesElsewhere(t *testing.T) {
	h := newHouse(t)
	body := `{"slug": "slack", "connector": "slack", "values": {"token": {"from": "vault", "name": "apps/slack", "key": "token"}}}`
	if a := h.want(201, "POST", "/connections", body); !strings.Contains(a.text, `"refs":{"token":{"from":"vault","name":"apps/slack","key":"token"}}`) {
		t.Errorf("%s", a.text)
	}
	inAWS := `{"slug": "inaws", "connector": "slack", "values": {"token": {"from": "aws", "name": "app", "key": "token", "stage": "AWSPREVIOUS"}}}`
	if a := h.want(201, "POST", "/connections", inAWS); !strings.Contains(a.text, `"refs":{"token":{"from":"aws","name":"app","key":"token","stage":"AWSPREVIOUS"}}`) {
		t.Errorf("%s", a.text)
	}
	for spoiled, place := range map[string]string{
		strings.Replace(body, "apps/slack", "gone", 1):      "/values/token",
		strings.Replace(body, `"vault"`, `"elsewhere"`, 1):  "/values/token",
		strings.Replace(body, `"key"`, `"kee"`, 1):          "/values/token",
		strings.Replace(body, `"token": {`, `"tokn": {`, 1): "/values/token /values/tokn",
	} {
		if a := h.want(422, "POST", "/connections", strings.Replace(spoiled, `"slug": "slack"`, `"slug": "other"`, 1)); !strings.HasPrefix(a.places(), strings.Fields(place)[0]) {
			t.Errorf("%s: %s", spoiled, a.text)
		}
	}
}
