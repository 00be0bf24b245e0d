package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func comment() map[string]any {
	return map[string]any{"id": "10000", "self": "https://acme.atlassian.net/rest/api/3/issue/10042/comment/10000", "author": map[string]any{"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true},
		"body": document("It works again."), "created": "2026-01-31T09:30:00.000+0000", "updated": "2026-01-31T09:30:00.000+0000"}
}

func commentFields() []actions.Field {
	return []actions.Field{
		{ID: "text", Label: "Text", Help: "An empty line begins a new paragraph.", Type: actions.LongText, Required: true, In: actions.InNone, Example: "It works again."},
		{ID: "role", Label: "Only for the role", Help: "The name of a project role that alone sees it, as Administrators; everybody where not given.", Type: actions.Text, In: actions.InNone},
	}
}

// commentBody writes a comment as Jira's document.
func commentBody(in map[string]any) (actions.Parts, error) {
	body := map[string]any{"body": document(value.Text(in["text"]))}
	if role := value.Text(in["role"]); role != "" {
		body["visibility"] = map[string]any{"type": "role", "value": role}
	}
	return actions.Parts{Body: body}, nil
}

func commentID() actions.Field {
	return actions.Field{ID: "comment", Label: "Comment", Help: "Its id, as adding or listing gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "10000",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}/comment", Query: map[string]string{"orderBy": "-created"}}, Page: offset("/comments", ""),
			Value: "/id", Label: "{/author/displayName}, {/created}", Needs: []actions.Field{issueField()}}}
}

// addComment writes a comment. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/
func addComment() actions.Action {
	sample := comment()
	return actions.Action{
		ID: "add_comment", Name: "Add a comment", Description: "Writes a comment on an issue.", Effect: actions.Once,
		Guarantee: "Jira has no key that would make a repeat harmless: a comment whose answer was lost in a crash is not written again by itself, you are asked.",
		Input:     append([]actions.Field{issueField()}, commentFields()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue/{issue}/comment", Body: actions.JSONBody, Prepare: commentBody},
	}
}

func updateComment() actions.Action {
	sample := comment()
	return actions.Action{
		ID: "update_comment", Name: "Change a comment", Description: "Writes another text into a comment.", Effect: actions.Idempotent, Guarantee: "The comment says the same after a repeat.",
		Input: append([]actions.Field{issueField(), commentID()}, commentFields()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/rest/api/3/issue/{issue}/comment/{comment}", Body: actions.JSONBody, Prepare: commentBody},
	}
}

func deleteComment() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_comment", Name: "Delete a comment", Description: "Deletes a comment for good; deleted is false where there was none.", Effect: actions.Idempotent,
		Guarantee: "A comment that is gone already counts as deleted, so a repeat changes nothing.",
		Input:     []actions.Field{issueField(), commentID()}, Output: value.ShapeOf(sample), Sample: sample, Errors: gone(),
		Request: &actions.Request{Method: "DELETE", Path: "/rest/api/3/issue/{issue}/comment/{comment}", Output: deleted},
	}
}

func listComments() actions.Action {
	page := offset("/comments", "/id")
	shape, sample := actions.ListOf(comment())
	return actions.Action{
		ID: "list_comments", Name: "List comments", Description: "Gives the comments on an issue.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{issueField(),
			{ID: "order", Label: "Order", Help: "Which come first.", Type: actions.Select, Default: "created", In: actions.InQuery, Name: "orderBy", Options: []actions.Option{{Value: "created", Label: "Oldest first"}, {Value: "-created", Label: "Newest first"}}},
			actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}/comment"},
	}
}
