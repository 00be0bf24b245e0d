package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func comment() map[string]any {
	return map[string]any{"id": 1, "body": "Me too", "user": account(), "html_url": "https://github.com/octocat/Hello-World/issues/1347#issuecomment-1", "issue_url": "https://api.github.com/repos/octocat/Hello-World/issues/1347",
		"created_at": "2011-04-14T16:00:49Z", "updated_at": "2011-04-14T16:00:49Z", "author_association": "COLLABORATOR"}
}

func commentField() actions.Field {
	return actions.Field{ID: "comment", Label: "Comment", Help: "Its id, as making or listing it gives it.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "comment_id", Example: 1, Link: commentLink}
}

// createComment writes a comment. Source: https://docs.github.com/en/rest/issues/comments
func createComment() actions.Action {
	sample := comment()
	body := bodyField()
	body.Required = true
	return actions.Action{
		ID: "create_comment", Name: "Add a comment", Description: "Writes a comment on an issue or a pull request.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{ownerField(), repoField(), issueField(), body}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/issues/{issue_number}/comments", Body: actions.JSONBody},
	}
}

func updateComment() actions.Action {
	sample := comment()
	body := bodyField()
	body.Required = true
	return actions.Action{
		ID: "update_comment", Name: "Change a comment", Description: "Writes another text into a comment.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{ownerField(), repoField(), commentField(), body}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/repos/{owner}/{repo}/issues/comments/{comment_id}", Body: actions.JSONBody},
	}
}

func deleteComment() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_comment", Name: "Delete a comment", Description: "Deletes a comment; deleted is false where there is none, or the token may not see it.", Effect: actions.Idempotent,
		Guarantee: "A comment that is gone already counts as deleted, so a repeat changes nothing.",
		Input:     []actions.Field{ownerField(), repoField(), commentField()}, Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 404}},
		Request: &actions.Request{Method: "DELETE", Path: "/repos/{owner}/{repo}/issues/comments/{comment_id}", Output: func(resp actions.Response) (any, error) {
			return map[string]any{"deleted": resp.Status != 404}, nil
		}},
	}
}

func listComments() actions.Action {
	a := listing("list_comments", "List comments", "Gives the comments on an issue or a pull request, the oldest first.", "/repos/{owner}/{repo}/issues/{issue_number}/comments", comment(), ownerField(), repoField(), issueField(),
		actions.Field{ID: "since", Label: "Changed since", Help: "Only those that changed from this time on.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"})
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) { return actions.Parts{Query: since(in)}, nil }
	return a
}

func label() map[string]any {
	return map[string]any{"id": 208045946, "name": "bug", "description": "Something isn't working", "color": "f29513", "default": true}
}

// addLabels adds to those that are there, and makes those that the repository lacks.
// Source: https://docs.github.com/en/rest/issues/labels
func addLabels() actions.Action {
	sample := []any{label()}
	labels := labelsField("Put beside those that are there; one that the repository lacks is made.")
	labels.Required = true
	return actions.Action{
		ID: "add_labels", Name: "Add labels", Description: "Puts labels on an issue or a pull request. The output is the list of all its labels.", Effect: actions.Idempotent,
		Guarantee: "A label that is there stays, so a repeat changes nothing.",
		Input:     []actions.Field{ownerField(), repoField(), issueField(), labels}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/issues/{issue_number}/labels", Body: actions.JSONBody},
	}
}

func removeLabel() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "remove_label", Name: "Remove a label", Description: "Takes a label off an issue or a pull request; changed is false where it was not there.", Effect: actions.Idempotent,
		Guarantee: "A label that is gone counts as removed, so a repeat changes nothing.",
		Input: []actions.Field{ownerField(), repoField(), issueField(),
			{ID: "label", Label: "Label", Help: "Its name.", Type: actions.Text, Required: true, In: actions.InPath, Name: "name", Example: "bug", Choices: inRepository("/repos/{owner}/{repo}/labels", "/name", "")}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 404, Pointer: "/message", Equals: "Label does not exist"}},
		Request: &actions.Request{Method: "DELETE", Path: "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", Output: func(resp actions.Response) (any, error) {
			return map[string]any{"changed": resp.Status != 404}, nil
		}},
	}
}

func listIssueLabels() actions.Action {
	return listing("list_issue_labels", "List an issue's labels", "Gives the labels of an issue or a pull request.", "/repos/{owner}/{repo}/issues/{issue_number}/labels", label(), ownerField(), repoField(), issueField())
}

func listLabels() actions.Action {
	return listing("list_labels", "List a repository's labels", "Gives the labels that a repository has.", "/repos/{owner}/{repo}/labels", label(), ownerField(), repoField())
}

func createLabel() actions.Action {
	sample := label()
	return actions.Action{
		ID: "create_label", Name: "Create a label", Description: "Makes a label in a repository.", Effect: actions.Once,
		Guarantee: "A repository has a name once, so no label is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "name", Label: "Name", Help: "An emoji's name between colons is shown as one.", Type: actions.Text, Required: true, Example: "bug"},
			{ID: "color", Label: "Color", Help: "Six hexadecimal digits without #.", Type: actions.Text, Example: "f29513"},
			{ID: "description", Label: "Description", Help: "At most 100 characters.", Type: actions.Text}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/labels", Body: actions.JSONBody},
	}
}

// addAssignees adds to those who are there. Source: https://docs.github.com/en/rest/issues/assignees
func addAssignees() actions.Action {
	sample := issue()
	people := assigneesField()
	people.Required = true
	return actions.Action{
		ID: "add_assignees", Name: "Assign people", Description: "Lets people, at most 10, work on an issue beside those who do. The output is the issue.", Effect: actions.Idempotent,
		Guarantee: "Who is assigned stays so, and a repeat changes nothing.",
		Input:     []actions.Field{ownerField(), repoField(), issueField(), people}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/issues/{issue_number}/assignees", Body: actions.JSONBody},
	}
}

func removeAssignees() actions.Action {
	a := addAssignees()
	a.ID, a.Name, a.Description = "remove_assignees", "Unassign people", "Takes people off an issue; who was not on it does no harm. The output is the issue."
	a.Guarantee = "Who is off the issue stays so, and a repeat changes nothing."
	a.Request = &actions.Request{Method: "DELETE", Path: a.Request.Path, Body: actions.JSONBody}
	return a
}
