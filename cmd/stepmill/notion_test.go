package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/triggers/webhook"
)

// TestNotionGuide goes through Notion's guide to the letter, with a sender that signs as Notion does.
func TestNotionGuide(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	guides := webhook.Guides()
	verify := guides[slices.IndexFunc(guides, func(g actions.Guide) bool { return g.Preset == "notion" })].Example
	definition := func() string {
		t.Helper()
		text, err := json.Marshal(verify)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"stepmill": 1, "name": "Pages", "trigger": {"uses": "webhook", "with": {"verify": %s}}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}`, text)
	}
	url := s.publish("pages", definition())
	send := func(body, token string) (status int, said string) {
		t.Helper()
		req, err := http.NewRequest("POST", url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if token != "" {
			mac := hmac.New(sha256.New, []byte(token))
			mac.Write([]byte(body))
			req.Header.Set("X-Notion-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer struct{ Status string }
		json.NewDecoder(resp.Body).Decode(&answer)
		return resp.StatusCode, answer.Status
	}
	const token = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
	if status, said := send(`{"verification_token": "`+token+`"}`, ""); status != 200 {
		t.Fatalf("the first request is answered %d %s", status, said)
	}
	if status, _ := send(`{"id": "1", "type": "page.created"}`, token); status != 401 {
		t.Errorf("without a secret an event is answered %d", status)
	}
	var inbox struct {
		Items []struct{ ID, Outcome string }
	}
	if s.call("GET", "/api/v1/events?scenario=pages", "", 200, &inbox); len(inbox.Items) != 1 || inbox.Items[0].Outcome != "captured" {
		t.Fatalf("the inbox has %+v", inbox)
	}
	var event struct {
		Value struct{ Body map[string]any }
	}
	s.call("GET", "/api/v1/events/"+inbox.Items[0].ID, "", 200, &event)
	if event.Value.Body["verification_token"] != token {
		t.Fatalf("its event is %+v", event)
	}
	s.call("POST", "/api/v1/secrets", `{"slug": "notion-secret", "value": "`+token+`"}`, 201, nil)
	verify["secret"] = "notion-secret"
	s.call("PUT", "/api/v1/scenarios/pages/draft", `{"definition": `+definition()+`}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/pages/publish", `{"note": ""}`, 200, nil)
	if status, said := send(`{"id": "2", "type": "page.created"}`, token); status != 200 || said != "accepted" {
		t.Errorf("a signed event is answered %d %s", status, said)
	}
	if status, _ := send(`{"id": "3", "type": "page.created"}`, "wrong"); status != 401 {
		t.Errorf("a forged event is answered %d", status)
	}
}
