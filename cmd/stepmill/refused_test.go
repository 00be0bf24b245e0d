package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRefusedStory is a trigger whose secret is deleted and made again, and a server that is killed meanwhile: the page of
// triggers says what is so now, and what was refused before.
func TestRefusedStory(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/secrets", `{"slug": "hook", "value": "s3cret"}`, 201, nil)
	url := s.publish("w1", `{"stepmill": 1, "name": "W1", "trigger": {"uses": "webhook", "with": {"verify": {"preset": "hmac", "secret": "hook"}}}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}`)
	send := func() int {
		t.Helper()
		resp, err := http.Post(url, "application/json", strings.NewReader(`{"password": "hidden"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	type one struct {
		URL      string
		Failing  bool
		Refusing bool
		Error    string
		ErrorAt  time.Time `json:"error_at"`
		Refused  []struct {
			At      time.Time
			Status  int
			Message string
		}
	}
	look := func() one {
		t.Helper()
		var live struct{ Items []one }
		if s.call("GET", "/api/v1/triggers?scenario=w1", "", 200, &live); len(live.Items) != 1 {
			t.Fatalf("%+v", live)
		}
		return live.Items[0]
	}
	if status := send(); status != 401 || look().Failing || !look().Refusing {
		t.Errorf("an unsigned request is answered %d, and the trigger is %+v", status, look())
	}
	if mine, theirs := s.triggersOf("admin", data), s.triggersOf("viewer", data); !strings.Contains(mine, look().URL) || strings.Contains(theirs, look().URL) || !strings.Contains(theirs, "Refusing requests") || !strings.Contains(theirs, "1 trigger needs you") {
		t.Errorf("who may start runs sees %s, who may look %s", mine, theirs)
	}
	s.call("DELETE", "/api/v1/secrets/hook?force=true", "", 204, nil)
	gone := look() // before anything was refused for it
	if !gone.Failing || !strings.Contains(gone.Error, "secret is missing") || gone.ErrorAt.IsZero() || !look().ErrorAt.Equal(gone.ErrorAt) {
		t.Errorf("without its secret the trigger is %+v", gone)
	}
	if status := send(); status != 503 {
		t.Errorf("a request that cannot be checked is answered %d", status)
	}
	before := look()
	time.Sleep(1500 * time.Millisecond) // longer than it takes until it is kept
	s.kill()
	s = serve(t, data, "127.0.0.1:0")
	s.key = key
	eventually(t, "what was kept is read", func() bool { return len(look().Refused) > 0 })
	after := look()
	if !after.Failing || after.Error != before.Error || !after.ErrorAt.Equal(before.ErrorAt) || len(after.Refused) != 2 || after.Refused[0] != before.Refused[0] || after.Refused[1].Status != 401 {
		t.Errorf("before the crash %+v, after it %+v", before, after)
	}
	s.call("POST", "/api/v1/secrets", `{"slug": "hook", "value": "s3cret"}`, 201, nil)
	if well := look(); well.Failing || len(well.Refused) != 2 {
		t.Errorf("with its secret the trigger is %+v", well)
	}
}

// TestUnprovenStory: an app's trigger whose connection lacks what its events are verified with is not published, since every one
// would be refused. One that goes live for samples, on a sandbox, says so where its health is shown, until the value is there.
func TestUnprovenStory(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	const definition = `{"stepmill": 1, "name": "In", "trigger": {"uses": "intercom.event", "connection": "intercom", "with": {"topics": ["conversation.user.created"]}}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}`
	s.call("POST", "/api/v1/connections", `{"slug": "intercom", "name": "I", "connector": "intercom", "method": "token", "values": {"token": "t"}}`, 201, nil)
	s.call("POST", "/api/v1/scenarios", `{"slug": "in", "definition": `+definition+`}`, 201, nil)
	type problems []struct{ Path, Message, Severity, App, Connection string }
	var refused struct{ Errors problems }
	s.call("POST", "/api/v1/scenarios/in/publish", "", 422, &refused)
	const says = "The connection has no Client secret, by which events are known to come from Intercom: every one is refused. Add it to the connection."
	if len(refused.Errors) != 1 || refused.Errors[0].Path != "/trigger/connection" || refused.Errors[0].Message != says || refused.Errors[0].Connection != "intercom" || refused.Errors[0].App != "" {
		t.Fatalf("%+v", refused)
	}
	s.call("PUT", "/api/v1/connections/intercom", `{"slug": "intercom", "name": "I", "connector": "intercom", "method": "token", "sandbox": true}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/in/publish", "", 200, nil)
	var draft struct{ Problems problems }
	s.call("GET", "/api/v1/scenarios/in", "", 200, &draft)
	if len(draft.Problems) != 1 || draft.Problems[0].Severity != "warning" || draft.Problems[0].Message != says {
		t.Errorf("%+v", draft)
	}
	failing := func() string {
		t.Helper()
		var live struct {
			Items []struct {
				Failing bool
				Error   string
			}
		}
		if s.call("GET", "/api/v1/triggers?scenario=in", "", 200, &live); len(live.Items) != 1 {
			t.Fatalf("%+v", live)
		}
		if !live.Items[0].Failing {
			return ""
		}
		return live.Items[0].Error
	}
	if got := failing(); got != says {
		t.Errorf("the trigger's health says %q", got)
	}
	s.call("PUT", "/api/v1/connections/intercom", `{"slug": "intercom", "name": "I", "connector": "intercom", "method": "token", "sandbox": true, "values": {"client_secret": "s"}}`, 200, nil)
	if got := failing(); got != "" {
		t.Errorf("with its secret the trigger's health says %q", got)
	}
	s.call("PUT", "/api/v1/connections/intercom", `{"slug": "intercom", "name": "I", "connector": "intercom", "method": "token"}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/in/publish", "", 200, nil)
}

// TestUnfitStory: a secret with which nothing can be verified keeps a trigger from being published; of one that can, the page of
// triggers says what was wrong with a request, which the sender is not told.
func TestUnfitStory(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/secrets", `{"slug": "pass", "value": "pass"}`, 201, nil)
	var made struct{ Triggers []struct{ URL string } }
	s.call("POST", "/api/v1/scenarios", `{"slug": "w1", "definition": {"stepmill": 1, "name": "W1", "trigger": {"uses": "webhook", "with": {"verify": {"preset": "basic", "secret": "pass"}}}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}}`, 201, &made)
	var refused struct {
		Errors []struct{ Path, Message string }
	}
	s.call("POST", "/api/v1/scenarios/w1/publish", "", 422, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Path != "/trigger/with/verify/secret" || !strings.Contains(refused.Errors[0].Message, "no colon") {
		t.Fatalf("%+v", refused)
	}
	s.call("PUT", "/api/v1/secrets/pass", `{"value": "ada:pass"}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/w1/publish", "", 200, nil)
	req, err := http.NewRequest("POST", made.Triggers[0].URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ada", "other")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 401 || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") || strings.Contains(string(answer), "password") {
		t.Errorf("the sender is told %d %v %s %v", resp.StatusCode, resp.Header, answer, err)
	}
	var live struct {
		Items []struct{ Refused []struct{ Message string } }
	}
	if s.call("GET", "/api/v1/triggers?scenario=w1", "", 200, &live); len(live.Items) != 1 || len(live.Items[0].Refused) != 1 || !strings.Contains(live.Items[0].Refused[0].Message, "the password is another") {
		t.Errorf("%+v", live)
	}
}

// triggersOf is the screen of triggers as somebody of a role sees it.
func (s *served) triggersOf(role, data string) string {
	s.t.Helper()
	key, _, _ := stepmill(s.t, "keys", "create", "--data", data, "--name", role, "--role", role)
	req, err := http.NewRequest("GET", s.url+"/triggers", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(key))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		s.t.Errorf("the page of a %s: %d %v", role, resp.StatusCode, err)
	}
	return string(text)
}
