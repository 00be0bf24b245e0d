package gallery

import (
	"fmt"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/triggers"
	"github.com/stepmill/stepmill/web/ui"
)

// watched are the screens of triggers: one of each state, and more than a page holds.
func watched(handle func(string, func(http.ResponseWriter, *http.Request) error), store *Store, apps *ui.Apps, actor func(*http.Request) run.Actor, chrome func(*http.Request) ui.Chrome, now func() time.Time) {
	t := triggers.Handler{Store: store, Apps: apps, Actor: actor, Chrome: chrome, Now: now, Health: func(ctx, run.Actor, string) []run.Health {
		at := now()
		away := "The connection \"jira\" needs a new sign-in, so nothing was sent. Jira answered 403: Unknown or invalid refresh token."
		list := []run.Health{
			{Seen: run.Seen{Trigger: "trigger", At: at.Add(-time.Minute), Outcome: run.Accepted, Error: "The signature does not fit.", ErrorAt: at.Add(-time.Hour),
				Refused: []run.Refusal{{At: at.Add(-time.Hour), Status: 401, Message: "The signature does not fit.", From: "192.0.2.1"}, {At: at.Add(-2 * time.Hour), Status: 413, Message: "The body is larger than 10 MB.", From: "2001:db8::17"}}},
				Scenario: "lead-routing", Uses: "webhook", URL: "https://stepmill.example.com/hooks/wh_6kQ2mR8vT1xZ4bN7cP3dF9gH"},
			{Seen: run.Seen{Trigger: "paid", At: at.Add(-26 * time.Hour), Outcome: run.Accepted, Error: "The request is not signed: X-Hub-Signature-256 is needed once.", ErrorAt: at.Add(-time.Minute),
				Refused: []run.Refusal{{At: at.Add(-time.Minute), Status: 401, Message: "The request is not signed: X-Hub-Signature-256 is needed once.", From: "192.0.2.1"}}},
				Scenario: "lead-routing", Uses: "webhook", URL: "https://stepmill.example.com/hooks/wh_0aB1cD2eF3gH4iJ5kL6mN7oP", Refusing: true},
			{Seen: run.Seen{Trigger: "trigger"}, Scenario: "nightly-export", Uses: "schedule", Next: at.Add(19 * time.Hour)},
			{Seen: run.Seen{Trigger: "orders", At: at.Add(-3 * time.Hour), Outcome: run.Duplicate, Error: "The JSON is not valid at byte 1 (the top): invalid character 'b' at start of value.", ErrorAt: at.Add(-time.Minute)}, Scenario: "lead-routing", Uses: "webhook", Expect: time.Hour, SilentSince: at.Add(-3 * time.Hour)},
			{Seen: run.Seen{Trigger: "issues", Error: away, ErrorAt: at.Add(-14 * time.Second)}, Scenario: "escalations", Uses: "jira.issue_created", Failing: true, Looked: at.Add(-14 * time.Second), Next: at.Add(time.Minute)},
			{Seen: run.Seen{Trigger: "hook", At: at.Add(-time.Hour), Outcome: run.Accepted}, Scenario: "escalations", Uses: "intercom.event", Expires: at.Add(49 * time.Hour)},
			{Seen: run.Seen{Trigger: "mail"}, Scenario: "new-user", Uses: "email", Paused: true, Mail: "new-user.6kq2mr8vt1xz4bn7@in.stepmill.example.com"},
		}
		for i := range 60 {
			list = append(list, run.Health{Seen: run.Seen{Trigger: "trigger", At: at.Add(-time.Duration(i+1) * time.Minute), Outcome: run.Accepted}, Scenario: fmt.Sprintf("shop-%02d", i+1), Uses: "webhook"})
		}
		return list
	}}
	handle("GET /triggers", t.List)
}
