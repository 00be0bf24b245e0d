package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// deleting is an action that takes a thing away, for which what is not there counts as taken away.
func deleting(id, name, description, thing, path string, input ...actions.Field) actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{ID: id, Name: name, Description: description + " deleted is false where there was none.", Effect: actions.Idempotent, Guarantee: thing + " that is gone already counts as deleted, so a repeat changes nothing.",
		Input: input, Output: value.ShapeOf(sample), Sample: sample, Errors: gone(), Request: &actions.Request{Method: "DELETE", Path: path, Output: deleted}}
}

// removeWatcher. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-watchers/
func removeWatcher() actions.Action {
	sample := done()
	return actions.Action{
		ID: "remove_watcher", Name: "Remove a watcher", Description: "Lets a person no longer be told of what happens to an issue.", Effect: actions.Idempotent, Guarantee: "Who does not watch goes on not to, so a repeat changes nothing.",
		Input: []actions.Field{issueField(),
			{ID: "account", Label: "Person", Help: "The account id.", Type: actions.Text, Required: true, In: actions.InQuery, Name: "accountId", Example: "5b10ac8d82e05b22cc7d4ef5", Choices: assignable("issue", "issueKey"), Link: personLink}},
		Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "DELETE", Path: "/rest/api/3/issue/{issue}/watchers", Output: wasDone},
	}
}

// deleteAttachment. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/
func deleteAttachment() actions.Action {
	return deleting("delete_attachment", "Delete an attachment", "Deletes a file of an issue for good.", "An attachment", "/rest/api/3/attachment/{attachment}",
		actions.Field{ID: "attachment", Label: "Attachment", Help: "Its id, as reading the issue gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "10001"})
}

// unlinkIssues. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/
func unlinkIssues() actions.Action {
	return deleting("unlink_issues", "Unlink two issues", "Takes a link between two issues away.", "A link", "/rest/api/3/issueLink/{link}",
		actions.Field{ID: "link", Label: "Link", Help: "Its id, which reading one of the issues gives under issuelinks.", Type: actions.Text, Required: true, In: actions.InPath, Example: "10001"})
}

// deleteRemoteLink. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/
func deleteRemoteLink() actions.Action {
	return deleting("delete_link", "Delete a web link", "Takes a link to a page elsewhere off an issue.", "A link", "/rest/api/3/issue/{issue}/remotelink/{link}", issueField(),
		actions.Field{ID: "link", Label: "Link", Help: "Its id, as adding or listing it gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "10000"})
}

// deleteWorklog. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/
func deleteWorklog() actions.Action {
	return deleting("delete_worklog", "Delete logged work", "Deletes work that was logged on an issue.", "Work", "/rest/api/3/issue/{issue}/worklog/{worklog}", issueField(),
		actions.Field{ID: "worklog", Label: "Work", Help: "Its id, as logging or listing it gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "100028"},
		actions.Field{ID: "notify", Label: "Tell the watchers", Help: "Whether Jira sends mail about it.", Type: actions.Boolean, Default: true, In: actions.InQuery, Name: "notifyUsers"})
}
