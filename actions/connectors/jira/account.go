package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// offset is how most of Jira's lists come. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#pagination
func offset(items, id string) actions.Page {
	return actions.Page{Kind: actions.Offset, Items: items, Sure: items, ID: id, At: actions.Spot{In: actions.InQuery, Name: "startAt"}, Size: 50, Sizes: actions.Spot{In: actions.InQuery, Name: "maxResults"}}
}

// projects are those that the account sees.
func projects() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/project/search"}, Page: offset("/values", ""), Value: "/key", Label: "{/name} ({/key})", Search: actions.Spot{In: actions.InQuery, Name: "query"}}
}

// issueTypes are those that a project takes, by their name or their id.
func issueTypes(by string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/createmeta/{project}/issuetypes"}, Page: offset("/issueTypes", ""), Value: by, Label: "/name",
		Needs: []actions.Field{{ID: "project", Label: "Project", Help: "Its key.", Type: actions.Text, In: actions.InPath}}}
}

func priorities() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/priority/search"}, Page: offset("/values", ""), Value: "/name"}
}

func statuses() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/status"}, Value: "/name"}
}

// assignable are the people who may work on the issues of a project, or on an issue: Jira lists no others to everybody.
func assignable(input, name string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/user/assignable/search"}, Page: offset("", ""), Value: "/accountId", Label: "/displayName",
		Needs: []actions.Field{{ID: input, Type: actions.Text, In: actions.InQuery, Name: name}}, Search: actions.Spot{In: actions.InQuery, Name: "query"}}
}

func project() map[string]any {
	return map[string]any{"id": "10000", "key": "SUP", "name": "Support", "self": "https://acme.atlassian.net/rest/api/3/project/10000", "projectTypeKey": "software", "simplified": false}
}

func projectField() actions.Field {
	return actions.Field{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, Required: true, In: actions.InPath, Example: "SUP", Choices: projects(), Link: projectLink}
}

// listing is an action that lists what the account has.
func listing(id, name, description, path string, page actions.Page, item any, input ...actions.Field) actions.Action {
	shape, sample := actions.ListOf(item)
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: append(input, actions.LimitField()), Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: path}}
}

func listProjects() actions.Action {
	return listing("list_projects", "List projects", "Gives the projects that the account sees.", "/rest/api/3/project/search", offset("/values", "/id"), project(),
		actions.Field{ID: "query", Label: "Search", Help: "Part of the key or the name.", Type: actions.Text, In: actions.InQuery})
}

func getProject() actions.Action {
	sample := project()
	return actions.Action{
		ID: "get_project", Name: "Get a project", Description: "Reads a project by its key or id.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{projectField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/project/{project}"},
	}
}

func listStatuses() actions.Action {
	return listing("list_statuses", "List a project's statuses", "Gives the statuses that the issues of a project may have, by issue type.", "/rest/api/3/project/{project}/statuses", actions.Page{ID: "/id"},
		map[string]any{"id": "3", "name": "Task", "subtask": false, "statuses": []any{map[string]any{"id": "10000", "name": "In Progress"}}}, projectField())
}

func listIssueTypes() actions.Action {
	return listing("list_issue_types", "List a project's issue types", "Gives the issue types that can be made in a project.", "/rest/api/3/issue/createmeta/{project}/issuetypes", offset("/issueTypes", "/id"),
		map[string]any{"id": "1", "name": "Bug", "description": "An error in the code", "subtask": false}, projectField())
}

func listCreateFields() actions.Action {
	return listing("list_create_fields", "List the fields of an issue type", "Gives the fields that an issue of a type can have when it is made, which of them it must have, and the values they take.", "/rest/api/3/issue/createmeta/{project}/issuetypes/{issue_type}", offset("/fields", "/fieldId"),
		map[string]any{"fieldId": "customfield_10010", "key": "customfield_10010", "name": "Customer", "required": true, "hasDefaultValue": false, "operations": []any{"set"}, "schema": map[string]any{"type": "string"}}, projectField(),
		actions.Field{ID: "issue_type", Label: "Issue type", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "10001", Choices: issueTypes("/id")})
}

func listFields() actions.Action {
	return listing("list_fields", "List all fields", "Gives the fields that issues may have, also the custom ones, with their ids.", "/rest/api/3/field", actions.Page{ID: "/id"},
		map[string]any{"id": "summary", "key": "summary", "name": "Summary", "custom": false, "schema": map[string]any{"type": "string", "system": "summary"}})
}

func listPriorities() actions.Action {
	return listing("list_priorities", "List priorities", "Gives the priorities that issues may have.", "/rest/api/3/priority/search", offset("/values", "/id"),
		map[string]any{"id": "1", "name": "Major", "description": "Major loss of function.", "isDefault": true}).Needing("manage:jira-configuration")
}

func person() map[string]any {
	return map[string]any{"accountId": "5b10a2844c20165700ede21g", "accountType": "atlassian", "displayName": "Mia Krystof", "emailAddress": "mia@example.com", "active": true, "timeZone": "Europe/Zurich"}
}

func getUser() actions.Action {
	sample := person()
	return actions.Action{
		ID: "get_user", Name: "Get a person", Description: "Reads a person by the account id.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{{ID: "account", Label: "Person", Help: "The account id.", Type: actions.Text, Required: true, In: actions.InQuery, Name: "accountId", Example: "5b10a2844c20165700ede21g", Link: personLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/user"},
	}
}

// findUsers finds people. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/
func findUsers() actions.Action {
	return listing("find_users", "Find people", "Finds people by their name or mail address, whom Jira shows as far as they allow it.", "/rest/api/3/user/search", offset("", "/accountId"), person(),
		actions.Field{ID: "query", Label: "Name or address", Help: "The beginning of the name or of the mail address.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "mia@example.com"})
}
