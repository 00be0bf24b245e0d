package gallery

import (
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// journal writes entries one after the other.
type journal struct {
	at      time.Time
	entries []run.Entry
}

func (j *journal) add(ms int, kind run.Kind, path string, d run.Data) {
	j.at = j.at.Add(time.Duration(ms) * time.Millisecond)
	n := int64(len(j.entries) + 1)
	j.entries = append(j.entries, run.Entry{Seq: n, Pos: 4000 + n, Kind: kind, Path: path, At: j.at, Data: d})
}

func exchange(method, url string, status int, ms int64) *run.Exchange {
	return &run.Exchange{Method: method, URL: url, Status: status, Millis: ms, Connection: "main", RequestID: "req_8f21"}
}

// begin is what all runs of the lead scenario do first.
func begin(at time.Time, branch string) *journal {
	j := &journal{at: at}
	j.add(0, run.RunQueued, "", run.Data{Event: "event-1"})
	j.add(42, run.RunStarted, "", run.Data{Label: "ada@example.com"})
	j.add(2, run.StepStarted, "contact", run.Data{Attempt: 1, Input: map[string]any{"email": "ada@example.com"}})
	j.add(918, run.StepSucceeded, "contact", run.Data{Output: map[string]any{"id": 50912, "employees": 340, "company": "Analytical Engines Ltd"}, Exchange: exchange("PATCH", "https://api.hubapi.com/crm/v3/objects/contacts/50912", 200, 914)})
	j.add(1, run.StepStarted, "size", run.Data{Taken: []string{branch}})
	return j
}

func enterprise(j *journal) {
	j.add(1, run.StepStarted, "size.opportunity", run.Data{Attempt: 1, Input: map[string]any{"type": "Opportunity", "Name": "Analytical Engines Ltd"}})
	j.add(448, run.StepRetrying, "size.opportunity", run.Data{Attempt: 1, Failure: &run.Failure{Class: "unavailable", Message: "Salesforce answered 503: the instance is in maintenance.", Status: 503},
		Exchange: exchange("POST", "https://acme.my.salesforce.com/services/data/v60.0/sobjects/Opportunity", 503, 441), Until: j.at.Add(848 * time.Millisecond)})
	j.add(400, run.StepStarted, "size.opportunity", run.Data{Attempt: 2})
	j.add(426, run.StepSucceeded, "size.opportunity", run.Data{Output: map[string]any{"id": "006Qy00000ABC7Z", "success": true}, Exchange: exchange("POST", "https://acme.my.salesforce.com/services/data/v60.0/sobjects/Opportunity", 201, 420)})
	j.add(9, run.StepStarted, "size.post", run.Data{Attempt: 1, Input: map[string]any{"channel": "#enterprise", "text": "New lead: Analytical Engines Ltd", "blocks": []any{"a", "b", "c"}, "thread_ts": nil}})
}

func liveJournal(at time.Time) []run.Entry {
	j := begin(at, "enterprise")
	enterprise(j)
	return j.entries
}

func doneJournal(at time.Time) []run.Entry {
	j := begin(at, "enterprise")
	enterprise(j)
	j.add(410, run.StepSucceeded, "size.post", run.Data{Output: map[string]any{"ok": true, "ts": "1709561192.0001"}, Exchange: &run.Exchange{Method: "POST", URL: "https://slack.com/api/chat.postMessage", Millis: 2, Sandboxed: true}})
	j.add(0, run.StepSucceeded, "size", run.Data{Output: map[string]any{"branch": "enterprise"}})
	j.add(1, run.StepStarted, "track", run.Data{Attempt: 1, Input: map[string]any{"event": "Lead routed"}})
	j.add(212, run.StepSucceeded, "track", run.Data{Output: map[string]any{"status": 1}, Exchange: exchange("POST", "https://api.mixpanel.com/track", 200, 207)})
	j.add(1, run.RunSucceeded, "", run.Data{Output: map[string]any{"status": 1}})
	return j.entries
}

func failedJournal(at time.Time) []run.Entry {
	j := begin(at, "enterprise")
	enterprise(j)
	f := &run.Failure{Class: "not_found", Message: "Slack does not know the channel #enterprise (channel_not_found).", Step: "post", Path: "size.post", Status: 200, Body: map[string]any{"ok": false, "error": "channel_not_found"}}
	j.add(310, run.StepFailed, "size.post", run.Data{Failure: f, Exchange: exchange("POST", "https://slack.com/api/chat.postMessage", 200, 301)})
	j.add(0, run.StepFailed, "size", run.Data{Failure: f})
	j.add(1, run.RunFailed, "", run.Data{Failure: f})
	return j.entries
}

func waitingJournal(at time.Time) []run.Entry {
	j := begin(at, "other")
	j.add(1, run.StepStarted, "size.lead_db", run.Data{Attempt: 1, Input: map[string]any{"title": "Grace"}})
	j.add(302, run.StepSucceeded, "size.lead_db", run.Data{Output: map[string]any{"id": "b2c1"}, Exchange: exchange("POST", "https://api.notion.com/v1/pages", 200, 296)})
	j.add(1, run.StepStarted, "size.pause", run.Data{Attempt: 1})
	j.add(0, run.StepWaiting, "size.pause", run.Data{Until: j.at.Add(19 * time.Hour)})
	j.add(0, run.RunWaiting, "", run.Data{Until: j.at.Add(19 * time.Hour)})
	return j.entries
}

func loopJournal(at time.Time) []run.Entry {
	j := &journal{at: at}
	j.add(0, run.RunQueued, "", run.Data{Event: "event-1"})
	j.add(5, run.RunStarted, "", run.Data{Label: "Cannot log in"})
	j.add(1, run.StepStarted, "plan", run.Data{Taken: []string{"paying"}})
	j.add(0, run.StepStarted, "plan.files", run.Data{})
	for i, path := range []string{"plan.files[0].bug", "plan.files[1].bug"} {
		j.add(1, run.StepStarted, path, run.Data{Attempt: 1, Input: map[string]any{"project": "SUP", "summary": []string{"log.txt", "screen.png"}[i]}})
		if i == 1 {
			f := &run.Failure{Class: "invalid_input", Message: "Jira: the field summary is too long.", Step: "bug", Path: path, Status: 400}
			j.add(220, run.StepHandling, path, run.Data{Failure: f, Exchange: exchange("POST", "https://acme.atlassian.net/rest/api/3/issue", 400, 211)})
			j.add(1, run.StepStarted, path+".alarm", run.Data{Attempt: 1, Input: map[string]any{"channel": "#support-ops"}})
			j.add(180, run.StepSucceeded, path+".alarm", run.Data{Output: map[string]any{"ok": true}})
			j.add(1, run.StepIgnored, path, run.Data{Failure: f})
			continue
		}
		j.add(310, run.StepSucceeded, path, run.Data{Output: map[string]any{"key": "SUP-101"}, Exchange: exchange("POST", "https://acme.atlassian.net/rest/api/3/issue", 201, 301)})
	}
	j.add(1, run.StepSucceeded, "plan.files", run.Data{Output: []any{"SUP-101", nil}})
	j.add(0, run.StepSucceeded, "plan", run.Data{Output: map[string]any{"branch": "paying"}})
	j.add(1, run.StepStarted, "tell", run.Data{Attempt: 1, Input: map[string]any{"channel": "#urgent"}})
	j.add(190, run.StepSucceeded, "tell", run.Data{Output: map[string]any{"ok": true}})
	j.add(1, run.RunSucceeded, "", run.Data{})
	return j.entries
}
