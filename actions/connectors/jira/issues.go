package jira

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Guarantees that several actions give.
const (
	readsOnly = "It only reads, so it is asked again after a crash."
	noKey     = "Jira has no key that would make a repeat harmless: an issue whose answer was lost in a crash is not made again by itself, you are asked."
	sameAfter = "It says how the issue is to be, so a repeat changes nothing."
)

func made() map[string]any {
	return map[string]any{"id": "10042", "key": "SUP-42", "self": "https://acme.atlassian.net/rest/api/3/issue/10042"}
}

// issue is one as Jira gives it.
func issue() map[string]any {
	out := made()
	out["fields"] = map[string]any{"summary": "The export stops", "created": "2026-01-31T09:30:00.000+0000", "updated": "2026-01-31T09:45:00.000+0000",
		"status": map[string]any{"name": "To Do"}, "issuetype": map[string]any{"name": "Bug"}, "priority": map[string]any{"name": "High"}, "project": map[string]any{"key": "SUP"},
		"labels": []any{"export"}, "assignee": nil, "reporter": map[string]any{"accountId": "5b10ac8d82e05b22cc7d4ef5", "displayName": "Ada Lovelace"}}
	return out
}

// issueField is the input for an issue.
func issueField() actions.Field {
	return actions.Field{ID: "issue", Label: "Issue", Help: "Its key, as SUP-42, or its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "SUP-42", Link: issueLink}
}

// details are what may be said of an issue that is made or changed.
func details() []actions.Field {
	return []actions.Field{
		{ID: "description", Label: "Description", Help: "Text; an empty line begins a new paragraph.", Type: actions.LongText, In: actions.InNone},
		{ID: "priority", Label: "Priority", Help: "As High.", Type: actions.Text, In: actions.InNone, Choices: priorities()},
		{ID: "labels", Label: "Labels", Help: "Words without spaces.", Type: actions.Texts, In: actions.InNone},
		{ID: "due", Label: "Due date", Help: "The day, as 2026-01-31.", Type: actions.Text, In: actions.InNone, Example: "2026-01-31"},
		{ID: "parent", Label: "Parent", Help: "The key of the epic, or of a sub-task's issue.", Type: actions.Text, In: actions.InNone, Example: "SUP-1", Link: issueLink},
		{ID: "fields", Label: "More fields", Help: "As Jira's API takes them, by field id.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"customfield_10010": "x"}},
	}
}

// createFields are the inputs of an issue that is made.
func createFields() []actions.Field {
	return append([]actions.Field{
		{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, Required: true, In: actions.InNone, Example: "SUP", Choices: projects(), Link: projectLink},
		{ID: "issue_type", Label: "Issue type", Help: "As Bug or Task.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Bug", Choices: issueTypes("/name")},
		{ID: "summary", Label: "Summary", Help: "One line, at most 255 characters.", Type: actions.Text, Required: true, In: actions.InNone, Example: "The export stops"},
		{ID: "assignee", Label: "Assignee", Help: "The account id of who works on it; the project's default where not given.", Type: actions.Text, In: actions.InNone, Choices: assignable("project", "project"), Link: personLink},
	}, details()...)
}

// createIssue makes an issue. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
func createIssue() actions.Action {
	sample := made()
	return actions.Action{
		ID: "create_issue", Name: "Create an issue", Description: "Makes an issue in a project.", Effect: actions.Once, Guarantee: noKey,
		Input: createFields(), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue", Body: actions.JSONBody, Prepare: issueFields},
	}
}

// issueFields writes the inputs of a new issue as Jira's fields.
func issueFields(in map[string]any) (actions.Parts, error) {
	fields, err := fieldsOf(in)
	if err != nil {
		return actions.Parts{}, err
	}
	fields["project"] = map[string]any{"key": in["project"]}
	fields["issuetype"] = map[string]any{"name": in["issue_type"]}
	return actions.Parts{Body: map[string]any{"fields": fields}}, nil
}

// fieldsOf writes what is given of an issue as Jira's fields; what is not given is left as it is.
func fieldsOf(in map[string]any) (map[string]any, error) {
	fields := map[string]any{}
	if more, ok := in["fields"].(map[string]any); ok {
		maps.Copy(fields, more)
	}
	if in["summary"] != nil {
		fields["summary"] = strings.Join(strings.Fields(value.Text(in["summary"])), " ")
	}
	if text := value.Text(in["description"]); text != "" {
		fields["description"] = document(text)
	}
	for id, member := range map[string]string{"priority": "name", "parent": "key", "assignee": "accountId"} {
		if in[id] != nil {
			fields[id] = map[string]any{member: in[id]}
		}
	}
	if list, ok := in["labels"].([]any); ok {
		fields["labels"] = words(list)
	}
	if due := value.Text(in["due"]); due != "" {
		day, err := dayOf(due)
		if err != nil {
			return nil, err
		}
		fields["duedate"] = day
	}
	return fields, nil
}

// words are labels: Jira refuses spaces in them.
func words(list []any) []any {
	out := []any{}
	for _, label := range list {
		out = append(out, strings.Join(strings.Fields(value.Text(label)), "-"))
	}
	return out
}

// dayOf is a day as Jira takes it; of a time its day there.
func dayOf(text string) (string, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format(time.DateOnly), nil
		}
	}
	return "", fault.New(fault.InvalidInput, "The input due: %q is no day; write it as 2026-01-31.", fault.Clip(text, 40))
}

// createIssues makes several. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulk-post
func createIssues() actions.Action {
	sample := map[string]any{"issues": []any{made()}, "errors": []any{}}
	of := createFields()
	for i := range of {
		of[i].Choices = nil // each item has inputs of its own
	}
	return actions.Action{
		ID: "create_issues", Name: "Create several issues", Description: "Makes up to 50 issues at once; errors tells of those that Jira refused.", Effect: actions.Once, Guarantee: noKey,
		Input:  []actions.Field{{ID: "issues", Label: "Issues", Help: "Up to 50, each with the inputs of one that is made alone.", Type: actions.List, Required: true, In: actions.InNone, Fields: of}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue/bulk", Body: actions.JSONBody, Prepare: several},
	}
}

func several(in map[string]any) (actions.Parts, error) {
	list, _ := in["issues"].([]any)
	if len(list) == 0 || len(list) > 50 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input issues: there are %d; from 1 to 50 are taken.", len(list))
	}
	updates := []any{}
	for _, item := range list {
		one, _ := item.(map[string]any)
		parts, err := issueFields(one)
		if err != nil {
			return actions.Parts{}, err
		}
		updates = append(updates, parts.Body)
	}
	return actions.Parts{Body: map[string]any{"issueUpdates": updates}}, nil
}

// getIssue reads an issue by its key.
func getIssue() actions.Action {
	sample := issue()
	return actions.Action{
		ID: "get_issue", Name: "Get an issue", Description: "Reads an issue by its key or id.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{issueField(), wantedFields(actions.InQuery, nil)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}"},
	}
}

// listChanges gives what changed. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
func listChanges() actions.Action {
	return listing("list_changes", "List an issue's changes", "Gives what was changed of an issue, by whom and when, the oldest first.", "/rest/api/3/issue/{issue}/changelog", offset("/values", "/id"),
		map[string]any{"id": "10124", "created": "2026-01-31T09:45:00.000+0000", "author": map[string]any{"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true},
			"items": []any{map[string]any{"field": "status", "fieldtype": "jira", "fieldId": "status", "from": "10000", "fromString": "To Do", "to": "3", "toString": "In Progress"}}}, issueField())
}

// updateIssue changes what is given. With returnIssue Jira answers with the issue as it is then.
func updateIssue() actions.Action {
	sample := issue()
	return actions.Action{
		ID: "update_issue", Name: "Update an issue", Description: "Changes what is given of an issue and leaves the rest. The output is the issue as it is then.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: append(append([]actions.Field{issueField(),
			{ID: "summary", Label: "Summary", Help: "One line, at most 255 characters.", Type: actions.Text, In: actions.InNone},
			{ID: "assignee", Label: "Assignee", Help: "The account id of who works on it.", Type: actions.Text, In: actions.InNone, Choices: assignable("issue", "issueKey"), Link: personLink}}, details()...),
			actions.Field{ID: "add_labels", Label: "Add labels", Help: "Put beside those that are there; not together with labels, which replaces them.", Type: actions.Texts, In: actions.InNone},
			actions.Field{ID: "remove_labels", Label: "Remove labels", Help: "Taken off; those that are not there do no harm.", Type: actions.Texts, In: actions.InNone},
			actions.Field{ID: "notify", Label: "Tell the watchers", Help: "Whether Jira sends mail about it; without only where the account administers the project.", Type: actions.Boolean, Default: true, In: actions.InQuery, Name: "notifyUsers"}),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/rest/api/3/issue/{issue}", Query: map[string]string{"returnIssue": "true"}, Body: actions.JSONBody, Prepare: changes},
	}
}

// changes writes what is to be changed: fields that are set, and labels that are put on and taken off.
func changes(in map[string]any) (actions.Parts, error) {
	fields, err := fieldsOf(in)
	if err != nil {
		return actions.Parts{}, err
	}
	labels := []any{}
	for _, verb := range []string{"add", "remove"} {
		list, _ := in[verb+"_labels"].([]any)
		for _, label := range words(list) {
			labels = append(labels, map[string]any{verb: label})
		}
	}
	body := map[string]any{}
	if len(fields) > 0 {
		body["fields"] = fields
	}
	switch {
	case len(labels) > 0 && fields["labels"] != nil:
		return actions.Parts{}, fault.New(fault.InvalidInput, "The inputs labels and add_labels or remove_labels: give either what replaces the labels or what changes them.")
	case len(labels) > 0:
		body["update"] = map[string]any{"labels": labels}
	case len(fields) == 0:
		return actions.Parts{}, fault.New(fault.InvalidInput, "Nothing is given that would change the issue.")
	}
	return actions.Parts{Body: body}, nil
}

// deleteIssue deletes for good.
func deleteIssue() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_issue", Name: "Delete an issue", Description: "Deletes an issue for good; deleted is false where there was none.", Effect: actions.Idempotent,
		Guarantee: "An issue that is gone already counts as deleted, so a repeat changes nothing.",
		Input:     []actions.Field{issueField(), {ID: "subtasks", Label: "With its sub-tasks", Help: "Whether its sub-tasks are deleted too; without it Jira refuses where there are some.", Type: actions.Boolean, Default: false, In: actions.InQuery, Name: "deleteSubtasks"}},
		Output:    value.ShapeOf(sample), Sample: sample, Errors: gone(),
		Request: &actions.Request{Method: "DELETE", Path: "/rest/api/3/issue/{issue}", Output: deleted},
	}
}

// gone says that what is not there counts as deleted.
func gone() actions.ErrorTable { return actions.ErrorTable{{Status: 404}} }

func deleted(resp actions.Response) (any, error) {
	return map[string]any{"deleted": resp.Status != 404}, nil
}

// findOrCreateIssue looks by a condition, or by a label that marks what was made, which is the way that Jira has to tell
// things again. Its search shows an issue some seconds after it was made.
func findOrCreateIssue() actions.Action {
	create, find, get := createIssue(), searchIssues(), getIssue()
	sample := map[string]any{"found": true, "item": issue()}
	return actions.Action{
		ID: "find_or_create_issue", Name: "Find or create an issue", Description: "Finds the latest issue of a project that has a label or fits a condition, or makes it. What is made gets the label.", Effect: actions.Once,
		Guarantee: "It looks first, so an issue that is there is not made again; Jira's search shows a new one after some seconds. " + actions.AtOnce + " " + noKey,
		Input: append(createFields(),
			actions.Field{ID: "mark", Label: "Label that tells it", Help: "A word of your own for this one thing, as order-1042: it is looked for, and put on what is made.", Type: actions.Text, In: actions.InNone, Example: "order-1042"},
			jqlField()),
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			look, makes, err := marked(in.Values)
			if err != nil {
				return nil, err
			}
			answer, err := do.Ask(ctx, &find, look)
			if err != nil {
				return nil, err
			}
			if item := value.At(answer, "/items/0"); item != nil {
				return map[string]any{"found": true, "item": item}, nil
			}
			item, err := do.Ask(ctx, &create, makes)
			if err != nil {
				return nil, err
			}
			if whole, lost := do.Ask(ctx, &get, map[string]any{"issue": value.At(item, "/id")}); lost == nil && !do.Sandboxed() { // Jira answers with its id alone
				item = whole
			}
			return map[string]any{"found": false, "item": item}, nil
		},
	}
}

// marked takes the inputs apart: what is looked for, and what is made.
func marked(in map[string]any) (look, makes map[string]any, err error) {
	makes = maps.Clone(in)
	delete(makes, "mark")
	delete(makes, "jql")
	look = map[string]any{"project": in["project"], "limit": 1}
	mark := strings.Join(strings.Fields(value.Text(in["mark"])), "-")
	if mark == "" && in["jql"] == nil {
		return nil, nil, fault.New(fault.InvalidInput, "Give the input mark or jql: without one of them any issue of the project would be the one.")
	}
	if in["jql"] != nil {
		look["jql"] = in["jql"]
	}
	if mark != "" {
		look["labels"] = []any{mark}
		labels, _ := in["labels"].([]any)
		makes["labels"] = append(labels[:len(labels):len(labels)], mark)
	}
	return look, makes, nil
}
