package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// webhookSecret is what Jira signs its events with.
func webhookSecret() actions.Field {
	return actions.Field{ID: "webhook_secret", Label: "Webhook secret", Help: "Of the webhook in Jira's settings: signs the events from Jira; without it no event is taken.", Type: actions.Text, Secret: true}
}

// event is the trigger for webhooks that an administrator of Jira makes. Those that an app registers carry no signature.
// Source: https://developer.atlassian.com/cloud/jira/platform/webhooks/
func event() actions.Trigger {
	sample := map[string]any{
		"webhookEvent": "jira:issue_updated", "timestamp": 1769172798084, "issue_event_type_name": "issue_generic",
		"user": map[string]any{"accountId": "5b10a2844c20165700ede21g", "displayName": "Grace Hopper"},
		"issue": map[string]any{"id": "10002", "key": "ED-1", "self": "https://acme.atlassian.net/rest/api/2/issue/10002", "fields": map[string]any{"summary": "The export stops", "status": map[string]any{"id": "3", "name": "In Progress"},
			"issuetype": map[string]any{"id": "10001", "name": "Bug"}, "project": map[string]any{"id": "10000", "key": "ED", "name": "Education"}, "priority": map[string]any{"id": "2", "name": "High"}, "labels": []any{"export"}}},
		"changelog": map[string]any{"id": "10124", "items": []any{map[string]any{"field": "status", "fieldtype": "jira", "fieldId": "status", "from": "10000", "fromString": "To Do", "to": "3", "toString": "In Progress"}}}}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Something happened, told at once: an issue, a comment, a worklog, a sprint; changelog holds what a change changed. In Jira's settings under System, WebHooks, make a webhook with the trigger's address, a secret and the events.",
		Input:       []actions.Field{{ID: "topics", Label: "Events", Help: "Which events, as Jira calls them: jira:issue_created, comment_created. All that the webhook sends where none is given.", Type: actions.Texts, Example: []any{"jira:issue_updated"}}},
		Topic:       "webhookEvent", Verify: actions.Verification{Preset: "jira", Secret: "webhook_secret"},
		Topics: []string{"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated", "comment_deleted", "worklog_created", "worklog_updated", "worklog_deleted", "attachment_created", "attachment_deleted",
			"issuelink_created", "issuelink_deleted", "issue_property_set", "issue_property_deleted", "jira:version_released", "jira:version_unreleased", "jira:version_created", "jira:version_moved", "jira:version_updated", "jira:version_deleted",
			"project_created", "project_updated", "project_deleted", "project_archived", "project_restored_archived", "user_created", "user_updated", "user_deleted", "sprint_created", "sprint_deleted", "sprint_updated", "sprint_started", "sprint_closed",
			"board_created", "board_updated", "board_deleted", "board_configuration_changed"},
	}
}
