package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func version() map[string]any {
	return map[string]any{"id": "10100", "self": "https://acme.atlassian.net/rest/api/3/version/10100", "name": "1.4", "description": "The export works", "archived": false, "released": false, "startDate": "2026-01-31", "releaseDate": "2026-02-28", "overdue": false, "projectId": 10000}
}

// manageProjects is what changing versions and components asks for.
const manageProjects = "manage:jira-project"

func versionChoices() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/project/{project}/version"}, Page: offset("/values", ""), Value: "/id", Label: "/name", Needs: []actions.Field{projectField()}}
}

func versionDetails() []actions.Field {
	return []actions.Field{
		{ID: "description", Label: "Description", Help: "What is in it.", Type: actions.Text},
		{ID: "starts", Label: "Start", Help: "The day, as 2026-01-31.", Type: actions.Date, Name: "startDate", Example: "2026-01-31"},
		{ID: "release", Label: "Release", Help: "The day, as 2026-02-28.", Type: actions.Date, Name: "releaseDate", Example: "2026-02-28"},
		{ID: "released", Label: "Released", Help: "Whether it is released.", Type: actions.Boolean},
	}
}

// createVersion makes a version. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
func createVersion() actions.Action {
	sample := version()
	return actions.Action{
		ID: "create_version", Name: "Create a version", Description: "Makes a version of a project, which issues are fixed in.", Effect: actions.Once,
		Guarantee: "A project has a name once, so no version is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: append([]actions.Field{
			{ID: "project", Label: "Project", Help: "Its id, as get_project gives it.", Type: actions.Integer, Required: true, Name: "projectId", Example: 10000,
				Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/project/search"}, Page: offset("/values", ""), Value: "/id", Label: "{/name} ({/key})", Search: actions.Spot{In: actions.InQuery, Name: "query"}}},
			{ID: "name", Label: "Name", Help: "At most 255 characters.", Type: actions.Text, Required: true, Example: "1.4"}}, versionDetails()...),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/version", Body: actions.JSONBody},
	}.Needing(manageProjects)
}

func updateVersion() actions.Action {
	sample := version()
	sample["released"] = true
	chooser := in(projectField(), actions.InNone)
	chooser.Required, chooser.Help = false, "Its key: only the list to choose the version from needs it."
	return actions.Action{
		ID: "update_version", Name: "Update or release a version", Description: "Changes what is given of a version and leaves the rest; released releases it.", Effect: actions.Idempotent, Guarantee: "It says how the version is to be, so a repeat changes nothing.",
		Input: append(append([]actions.Field{
			chooser, {ID: "version", Label: "Version", Help: "Its id, as listing a project's versions gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "10100", Choices: versionChoices(), Link: `/versions/([0-9]+)`},
			{ID: "name", Label: "Name", Help: "Another one.", Type: actions.Text}}, versionDetails()...),
			actions.Field{ID: "archived", Label: "Archived", Help: "Whether it can be chosen no more.", Type: actions.Boolean},
			actions.Field{ID: "move_to", Label: "Move what is open to", Help: "The id of the version that issues go to which are not done when this one is released.", Type: actions.Text, In: actions.InNone, Example: "10101"}),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/rest/api/3/version/{version}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["move_to"] == nil {
				return actions.Parts{}, nil
			}
			return actions.Parts{Body: map[string]any{"moveUnfixedIssuesTo": "/rest/api/3/version/" + value.Text(in["move_to"])}}, nil
		}},
	}.Needing(manageProjects)
}

func listVersions() actions.Action {
	return listing("list_versions", "List a project's versions", "Gives the versions of a project.", "/rest/api/3/project/{project}/version", offset("/values", "/id"), version(), projectField(),
		actions.Field{ID: "status", Label: "Status", Help: "Which are given.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "unreleased", Label: "Not released"}, {Value: "released", Label: "Released"}, {Value: "archived", Label: "Archived"}}},
		actions.Field{ID: "query", Label: "Search", Help: "Part of the name or the description.", Type: actions.Text, In: actions.InQuery})
}

func component() map[string]any {
	return map[string]any{"id": "10000", "self": "https://acme.atlassian.net/rest/api/3/component/10000", "name": "Export", "description": "All that leaves", "project": "SUP", "projectId": 10000, "assigneeType": "PROJECT_DEFAULT"}
}

// listComponents gives a project's components. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-components/
func listComponents() actions.Action {
	return listing("list_components", "List a project's components", "Gives the components that a project's issues belong to.", "/rest/api/3/project/{project}/component", offset("/values", "/id"), component(), projectField(),
		actions.Field{ID: "query", Label: "Search", Help: "Part of the name or the description.", Type: actions.Text, In: actions.InQuery})
}

func createComponent() actions.Action {
	sample := component()
	project := projectField()
	project.In = actions.InBody
	return actions.Action{
		ID: "create_component", Name: "Create a component", Description: "Makes a component of a project.", Effect: actions.Once,
		Guarantee: "A project has a name once, so no component is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{project,
			{ID: "name", Label: "Name", Help: "At most 255 characters.", Type: actions.Text, Required: true, Example: "Export"},
			{ID: "description", Label: "Description", Help: "What belongs to it.", Type: actions.Text},
			{ID: "lead", Label: "Lead", Help: "The account id of who answers for it.", Type: actions.Text, Name: "leadAccountId", Link: personLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/component", Body: actions.JSONBody},
	}.Needing(manageProjects)
}
