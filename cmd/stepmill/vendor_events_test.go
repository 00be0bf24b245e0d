package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestVendorEvents: what Slack, Jira and Zoom send at a trigger's URL is told by its kind, held to the connection's secret, and
// carried out once however often it comes; their questions at the address are answered.
func TestVendorEvents(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	mac := func(text string) string {
		sum := hmac.New(sha256.New, []byte("a signing secret"))
		sum.Write([]byte(text))
		return hex.EncodeToString(sum.Sum(nil))
	}
	now := fmt.Sprint(time.Now().Unix())
	for _, c := range []struct {
		app, connection, topic          string
		wanted, other, question, answer string
		sign                            func(body string) map[string]string
		quiet                           bool // it is told nothing but 200: it would show people what it is told
	}{
		{"slack", `"values": {"token": "xoxb-1", "signing_secret": "a signing secret"}`, "app_mention",
			`{"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention", "text": "hello"}}`, `{"type": "event_callback", "event_id": "Ev2", "event": {"type": "reaction_added"}}`,
			`{"type": "url_verification", "challenge": "3eZbrw1a"}`, "3eZbrw1a",
			func(body string) map[string]string {
				return map[string]string{"X-Slack-Request-Timestamp": now, "X-Slack-Signature": "v0=" + mac("v0:"+now+":"+body)}
			}, true},
		{"jira", `"values": {"site": "acme", "email": "a@example.com", "token": "t", "webhook_secret": "a signing secret"}`, "jira:issue_updated",
			`{"webhookEvent": "jira:issue_updated", "issue": {"key": "ED-1"}}`, `{"webhookEvent": "comment_created", "comment": {"id": "1"}}`, "", "",
			func(body string) map[string]string {
				return map[string]string{"X-Hub-Signature": "sha256=" + mac(body), "X-Atlassian-Webhook-Identifier": mac(body)[:10]}
			}, false},
		{"zoom", `"method": "server", "values": {"client_id": "a", "client_secret": "b", "account_id": "c", "secret_token": "a signing secret"}`, "meeting.ended",
			`{"event": "meeting.ended", "event_ts": 1739923528000, "payload": {"object": {"id": "1", "uuid": "u1"}}}`, `{"event": "meeting.started", "event_ts": 1739923528001, "payload": {"object": {"id": "1"}}}`,
			`{"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZ"}}`, mac("qgg8vlvZ"),
			func(body string) map[string]string {
				return map[string]string{"X-Zm-Request-Timestamp": now, "X-Zm-Signature": "v0=" + mac("v0:"+now+":"+body)}
			}, false},
	} {
		t.Run(c.app, func(t *testing.T) {
			s.call("POST", "/api/v1/connections", `{"slug": "`+c.app+`", "connector": "`+c.app+`", `+c.connection+`}`, 201, nil)
			url := s.publish(c.app, `{"stepmill": 1, "name": "N", "trigger": {"uses": "`+c.app+`.event", "connection": "`+c.app+`", "with": {"topics": ["`+c.topic+`"]}},
				"steps": [{"id": "a", "uses": "core.set", "with": {"values": {"all": "{{ trigger }}"}}}]}`)
			send := func(body string, header map[string]string) (int, string) {
				req, err := http.NewRequest("POST", url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				for name, text := range header {
					req.Header.Set(name, text)
				}
				status, _, answer := s.got(req)
				return status, answer
			}
			forged := c.sign(c.other)
			for _, step := range []struct {
				body   string
				header map[string]string
				status int
				want   string
			}{
				{c.wanted, c.sign(c.wanted), 200, `"accepted"`},
				{c.wanted, c.sign(c.wanted), 200, `"duplicate"`},
				{c.other, c.sign(c.other), 200, `"filtered"`},
				{c.wanted, forged, 401, "does not match"},
				{c.wanted, nil, 401, "refused"},
				{c.question, c.sign(c.question), 200, c.answer},
			} {
				if step.body == "" {
					continue
				}
				status, answer := send(step.body, step.header)
				if c.quiet && status == 200 && step.body != c.question {
					if step.want = ""; answer != "" {
						t.Errorf("%s is told %q", step.body, answer)
					}
				}
				if status != step.status || !strings.Contains(answer, step.want) {
					t.Errorf("%s is answered %d %s, not %d %s", step.body, status, answer, step.status, step.want)
				}
			}
			if runs := s.runsOf(c.app); len(runs) != 1 {
				t.Errorf("%d runs: %v", len(runs), runs)
			}
		})
	}
}
