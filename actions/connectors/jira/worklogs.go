package jira

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func worklog() map[string]any {
	return map[string]any{"id": "100028", "issueId": "10042", "author": map[string]any{"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true},
		"comment": document("Found the cause."), "started": "2026-01-31T09:30:00.000+0000", "timeSpent": "3h 20m", "timeSpentSeconds": 12000, "created": "2026-01-31T13:00:00.000+0000", "updated": "2026-01-31T13:00:00.000+0000"}
}

// addWorklog notes time. Jira wants a time with milliseconds and an offset without a colon.
// Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/
func addWorklog() actions.Action {
	sample := worklog()
	return actions.Action{
		ID: "add_worklog", Name: "Log work", Description: "Notes on an issue how long the account worked on it.", Effect: actions.Once,
		Guarantee: "Jira has no key that would make a repeat harmless: work whose answer was lost in a crash is not logged again by itself, you are asked.",
		Input: []actions.Field{issueField(),
			{ID: "spent", Label: "Time spent", Help: "In weeks, days, hours and minutes, as 3h 20m.", Type: actions.Text, Required: true, Name: "timeSpent", Example: "3h 20m"},
			{ID: "started", Label: "Begun", Help: "When the work began; now where not given.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
			{ID: "text", Label: "Description", Help: "What was done; an empty line begins a new paragraph.", Type: actions.LongText, In: actions.InNone, Example: "Found the cause."},
			{ID: "notify", Label: "Tell the watchers", Help: "Whether Jira sends mail about it.", Type: actions.Boolean, Default: true, In: actions.InQuery, Name: "notifyUsers"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue/{issue}/worklog", Body: actions.JSONBody, Prepare: workBody},
	}
}

func workBody(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	if text := value.Text(in["text"]); text != "" {
		body["comment"] = document(text)
	}
	if text := value.Text(in["started"]); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input started: %q is no time; write it as 2026-01-31T09:30:00Z.", fault.Clip(text, 40))
		}
		body["started"] = at.Format("2006-01-02T15:04:05.000-0700")
	}
	return actions.Parts{Body: body}, nil
}

func listWorklogs() actions.Action {
	return listing("list_worklogs", "List an issue's work", "Gives the work that was logged on an issue, the oldest first.", "/rest/api/3/issue/{issue}/worklog", offset("/worklogs", "/id"), worklog(), issueField())
}
