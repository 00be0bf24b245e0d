// Package jira is the connector for Jira Cloud's REST API, version 3.
package jira

import (
	_ "embed"
	"time"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Jira Cloud. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/
func Connector() actions.Connector {
	return actions.Connector{
		ID: "jira", Name: "Jira", Category: "Development", Color: "#0052cc", Monogram: "J", Icon: icon,
		Description: "Issues, comments, sprints, versions and customer requests in Jira Cloud.",
		DocsURL:     "https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/",
		SetUp:       setUp(),
		BaseURL:     "https://{site}.atlassian.net",
		Auth: []actions.Auth{{Method: "basic", Name: "API token",
			Help: "Make a token at id.atlassian.com under Security, API tokens. The issues are made in the name of its account.",
			Fields: []actions.Field{
				{ID: "site", Label: "Site", Help: "What stands before .atlassian.net, as acme; the whole address is taken too. Not needed where the connection has an address of its own.", Type: actions.Text, Required: true, Link: siteLink},
				{ID: "email", Label: "Email address", Help: "The account's.", Type: actions.Text, Required: true, Form: `^\S+@\S+$`},
				{ID: "token", Label: "API token", Help: "The token.", Type: actions.Text, Required: true, Secret: true}, webhookSecret()},
			Site:  "site",
			Apply: []actions.Place{{In: actions.InBasic, Name: "{email}", Value: "{token}"}}}, oauth()},
		Test:   &actions.Request{Method: "GET", Path: "/rest/api/3/myself"},
		Errors: failures(),
		Actions: []actions.Action{createIssue(), createIssues(), findOrCreateIssue(), getIssue(), searchIssues(), countIssues(), updateIssue(), assignIssue(), unassignIssue(), transitionIssue(), listTransitions(), deleteIssue(),
			addComment(), updateComment(), deleteComment(), listComments(), addAttachment(), downloadAttachment(), deleteAttachment(), addWatcher(), removeWatcher(), listWatchers(), linkIssues(), unlinkIssues(), listLinkTypes(), addRemoteLink(), listRemoteLinks(), deleteRemoteLink(), addWorklog(), deleteWorklog(), listWorklogs(),
			listBoards(), listSprints(), createSprint(), updateSprint(), moveToSprint(), moveToBacklog(), listSprintIssues(), listVersions(), createVersion(), updateVersion(), listComponents(), createComponent(),
			createRequest(), commentRequest(), listRequestTypes(), listChanges(),
			listProjects(), getProject(), listStatuses(), listIssueTypes(), listCreateFields(), listFields(), listPriorities(), getUser(), findUsers(),
			actions.APIRequest("Jira", "/rest/api/3/issueLinkType", map[string]any{"issueLinkTypes": []any{map[string]any{"id": "10000", "name": "Blocks"}}})},
		Triggers: []actions.Trigger{event(), issues("created"), issues("updated"), matching("created"), matching("updated"), newProject()},
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
	}, actions.Field{ID: "site", Label: "Site", Help: "What stands before .atlassian.net, as acme; the whole address is taken too. Needed only where the account has several.", Type: actions.Text, Link: siteLink}, webhookSecret())
	a.BaseURL = "https://api.atlassian.com/ex/jira/{cloud_id}"
	return a
}
