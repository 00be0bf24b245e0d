// Package jira is the connector for Jira Cloud's REST API, version 3.
package jira

import (
	_ "embed"
	"maps"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes Jira Cloud. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/
func Connector() actions.Connector {
	return actions.Connector{
		ID: "jira", Name: "Jira", Category: "Development", Color: "#0052cc", Monogram: "J", Icon: icon,
		Description: "Issues in Jira Cloud.",
		DocsURL:     "https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/",
		BaseURL:     "https://{site}.atlassian.net",
		Auth: []actions.Auth{{Method: "basic", Name: "API token",
			Help: "Make a token at id.atlassian.com under Security, API tokens. The issues are made in the name of its account.",
			Fields: []actions.Field{
				{ID: "site", Label: "Site", Help: "What stands before .atlassian.net, as acme.", Type: actions.Text, Required: true},
				{ID: "email", Label: "Address", Help: "The account's mail address.", Type: actions.Text, Required: true},
				{ID: "token", Label: "API token", Help: "The token.", Type: actions.Text, Required: true, Secret: true}},
			Apply: []actions.Place{{In: actions.InBasic, Name: "{email}", Value: "{token}"}}}, oauth()},
		Test: &actions.Request{Method: "GET", Path: "/rest/api/3/myself"},
		Errors: actions.ErrorTable{
			{Status: 401, Code: "unauthorized", Message: "Jira does not take the address and the token.", Remedy: "Put a new API token into the connection."},
			{Status: 429, Code: "rate_limited", Message: "Jira asks to slow down: {words}"},
			{Status: 403, Code: "unauthorized", Message: "Jira refused: {words}", Remedy: "The token's account may not do this; ask for the permission in the project's settings."},
			{Status: 400, Code: "invalid_input", Message: "Jira refused: {words}", Remedy: "Compare the inputs with the fields that the project's screen for this issue type has."},
		},
		Actions:  []actions.Action{createIssue()},
		Triggers: []actions.Trigger{issues("created"), issues("updated")},
	}
}

// oauth is the sign-in by an app. Its requests go to one address for all sites, and name the site by its id.
// Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
func oauth() actions.Auth {
	a := actions.OAuthApp("At developer.atlassian.com/console, your app: Settings has the client ID and secret; under Authorization add this server's address with /oauth/callback, under Permissions the Jira API.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://auth.atlassian.com/authorize", Token: "https://auth.atlassian.com/oauth/token", JSON: true,
		Scopes: []string{"read:jira-work", "write:jira-work", "read:jira-user", "manage:jira-webhook", "offline_access"},
		Extra:  map[string]string{"audience": "api.atlassian.com", "prompt": "consent"}, Client: actions.ClientInBody, Rotates: true, Lives: time.Hour,
		After: &actions.TokenStep{URL: "https://api.atlassian.com/oauth/token/accessible-resources", Pick: "/url", Equals: "https://{site}.atlassian.net", Choose: "site",
			Values: []actions.TokenValue{{Name: "cloud_id", Pointer: "/id"}}, Account: "/url"},
	}, actions.Field{ID: "site", Label: "Site", Help: "What stands before .atlassian.net, as acme. Needed only where the account has several.", Type: actions.Text})
	a.BaseURL = "https://api.atlassian.com/ex/jira/{cloud_id}"
	return a
}

func createIssue() actions.Action {
	sample := map[string]any{"id": "10042", "key": "SUP-42", "self": "https://acme.atlassian.net/rest/api/3/issue/10042"}
	return actions.Action{
		ID: "create_issue", Name: "Create an issue", Description: "Makes an issue in a project.", Effect: actions.Once,
		Guarantee: "Jira has no key that would make a repeat harmless: an issue whose answer was lost in a crash is not made again by itself, you are asked.",
		Input: []actions.Field{
			{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, Required: true, In: actions.InNone, Example: "SUP"},
			{ID: "issue_type", Label: "Issue type", Help: "As Bug or Task.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Bug"},
			{ID: "summary", Label: "Summary", Help: "One line, at most 255 characters.", Type: actions.Text, Required: true, In: actions.InNone},
			{ID: "description", Label: "Description", Help: "Text; an empty line begins a new paragraph.", Type: actions.LongText, In: actions.InNone},
			{ID: "priority", Label: "Priority", Help: "As High.", Type: actions.Text, In: actions.InNone},
			{ID: "labels", Label: "Labels", Help: "Words without spaces.", Type: actions.Texts, In: actions.InNone},
			{ID: "fields", Label: "More fields", Help: "As Jira's API takes them, by field id.", Type: actions.Object, In: actions.InNone},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue", Body: actions.JSONBody, Prepare: issueFields},
	}
}

// issueFields writes the inputs as Jira's fields.
func issueFields(in map[string]any) (actions.Parts, error) {
	fields := map[string]any{}
	if more, ok := in["fields"].(map[string]any); ok {
		maps.Copy(fields, more)
	}
	fields["project"] = map[string]any{"key": in["project"]}
	fields["issuetype"] = map[string]any{"name": in["issue_type"]}
	fields["summary"] = strings.Join(strings.Fields(value.Text(in["summary"])), " ")
	if text := value.Text(in["description"]); text != "" {
		fields["description"] = document(text)
	}
	if in["priority"] != nil {
		fields["priority"] = map[string]any{"name": in["priority"]}
	}
	if labels, ok := in["labels"].([]any); ok {
		list := []any{}
		for _, label := range labels {
			list = append(list, strings.Join(strings.Fields(value.Text(label)), "-")) // Jira refuses spaces
		}
		fields["labels"] = list
	}
	return actions.Parts{Body: map[string]any{"fields": fields}}, nil
}

// document is text in the Atlassian Document Format: paragraphs, and line breaks within them.
func document(text string) map[string]any {
	content := []any{}
	for _, paragraph := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		inline := []any{}
		for i, line := range strings.Split(paragraph, "\n") {
			if i > 0 {
				inline = append(inline, map[string]any{"type": "hardBreak"})
			}
			if line != "" {
				inline = append(inline, map[string]any{"type": "text", "text": line})
			}
		}
		content = append(content, map[string]any{"type": "paragraph", "content": inline})
	}
	return map[string]any{"type": "doc", "version": 1, "content": content}
}
