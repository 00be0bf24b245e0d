package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestDemo: every sample scenario of the demo runs on its sample event, nothing leaves, and every request is kept.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "127.0.0.1:0", "--demo")
	key, said, status := stepmill(t, "keys", "create", "--data", dir, "--name", "mine", "--role", "viewer")
	req, _ := http.NewRequest("GET", s.url+"/api/v1/scenarios/conversation-to-slack", nil)
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(key))
	if answer, err := http.DefaultClient.Do(req); err != nil || answer.StatusCode != 200 || status != 0 || !strings.Contains(said, "the demo") {
		t.Errorf("a key made beside the demo: %d %s, %v %v", status, said, answer, err)
	} else {
		answer.Body.Close()
	}
	var list struct {
		Items []struct{ Slug, Status string }
	}
	s.call("GET", "/api/v1/scenarios", "", 200, &list)
	if len(list.Items) != 4 {
		t.Fatalf("the demo has %+v", list.Items)
	}
	for _, item := range list.Items {
		if item.Status != "live" {
			t.Errorf("%s is %s", item.Slug, item.Status)
		}
		var started struct{ Run string }
		s.call("POST", "/api/v1/scenarios/"+item.Slug+"/test", "", 202, &started)
		var r struct {
			Status string
			Error  *struct{ Message string }
			Steps  []struct{ Path, Status string }
		}
		eventually(t, item.Slug+" runs to its end", func() bool {
			s.call("GET", "/api/v1/runs/"+started.Run, "", 200, &r)
			return r.Status != "queued" && r.Status != "running"
		})
		if r.Status != "succeeded" || len(r.Steps) == 0 {
			t.Errorf("%s: %+v %+v", item.Slug, r, r.Error)
		}
	}
	s.takesSigned("conversation-to-slack")
	resp, err := http.Get(s.url + "/outbox")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"https://slack.com/api/chat.postMessage", ".atlassian.net/rest/api/3/issue", ".api.mailchimp.com/3.0/lists/", "https://sheets.googleapis.com/v4/spreadsheets/"} {
		if !strings.Contains(string(page), address) {
			t.Errorf("the outbox shows no request to %s", address)
		}
	}

	var shown struct {
		Problems []struct{ Path, Message string }
	}
	s.call("DELETE", "/api/v1/connections/slack?force=true", "", 204, nil)
	if s.call("GET", "/api/v1/scenarios/conversation-to-slack", "", 200, &shown); len(shown.Problems) == 0 || !strings.Contains(shown.Problems[0].Message, "slack") {
		t.Errorf("after its connection was deleted a scenario has the problems %+v", shown.Problems)
	}
	s.call("POST", "/api/v1/connections", `{"slug": "slack", "name": "Slack", "connector": "slack", "sandbox": true, "values": {}}`, 201, nil)
	shown.Problems = nil
	if s.call("GET", "/api/v1/scenarios/conversation-to-slack", "", 200, &shown); len(shown.Problems) > 0 {
		t.Errorf("after it was made again it has %+v", shown.Problems)
	}
}

// takesSigned sends a signed event to the trigger URL of a demo's scenario, as the line does that its page shows.
func (s *served) takesSigned(slug string) {
	s.t.Helper()
	var scenario struct {
		Triggers []struct{ URL string }
	}
	s.call("GET", "/api/v1/scenarios/"+slug, "", 200, &scenario)
	body := `{"type":"notification_event","topic":"conversation.user.created","id":"notif_signed","data":{"item":{"type":"conversation","id":"1"}}}`
	mac := hmac.New(sha1.New, []byte("demo"))
	mac.Write([]byte(body))
	for signature, want := range map[string]int{"sha1=" + hex.EncodeToString(mac.Sum(nil)): 200, "sha1=" + strings.Repeat("0", 40): 401} {
		req, err := http.NewRequest("POST", scenario.Triggers[0].URL, strings.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Hub-Signature", signature)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			s.t.Errorf("an event of the demo signed %s is answered %d", signature, resp.StatusCode)
		}
	}
}
