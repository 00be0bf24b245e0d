// Package linear is the connector for the Linear GraphQL API.
package linear

import (
	_ "embed"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Linear. Source: https://linear.app/developers/graphql
func Connector() actions.Connector {
	return actions.Connector{
		ID: "linear", Name: "Linear", Category: "Development", Color: "#5e6ad2", Monogram: "L", Icon: icon,
		Description: "Issues, comments and projects in Linear.",
		DocsURL:     "https://linear.app/developers/graphql",
		SetUp:       setUp(),
		BaseURL:     "https://api.linear.app",
		Auth: []actions.Auth{{Method: "api_key", Name: "API key",
			Help:   "In Linear under Settings, Security & access, Personal API keys.",
			Fields: []actions.Field{{ID: "api_key", Label: "API key", Help: "The key, which begins with lin_api_.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "{api_key}"}}}, oauth()},
		Test: &actions.Request{Method: "POST", Path: "/graphql", Body: actions.JSONBody, Prepare: viewer},
		Errors: actions.ErrorTable{
			{Pointer: "/errors/0/extensions/code", Equals: "RATELIMITED", Code: "rate_limited", Message: "Linear asks to slow down: {/errors/0/message}"},
			{Pointer: "/errors/0/extensions/code", Equals: "AUTHENTICATION_ERROR", Code: "unauthorized", Message: "Linear does not take the credentials: {/errors/0/message}", Remedy: "Sign in again, or put a new key into the connection.", SignIn: true},
			{Status: 401, Code: "unauthorized", Message: "Linear does not take the credentials: {words}", Remedy: "Sign in again, or put a new key into the connection."},
			{Pointer: "/errors/0/extensions/code", Equals: "FORBIDDEN", Code: "unauthorized", Message: "Linear refused: {/errors/0/message}"},
			{Pointer: "/errors/0/extensions/code", Equals: "ENTITY_NOT_FOUND", Code: "not_found", Message: "Linear does not know it: {/errors/0/message}", Remedy: "Check the id, and that the account may see it."},
			notFound("Issue"), notFound("Comment"), notFound("Project"), notFound("Attachment"), notFound("IssueLabel"), notFound("Team"), notFound("User"), notFound("WorkflowState"), notFound("Cycle"),
			{Pointer: "/errors/0/extensions/userPresentableMessage", Code: "invalid_input", Message: "Linear refused: {/errors/0/message}: {}"},
			{Pointer: "/errors/0/message", Code: "invalid_input", Message: "Linear refused: {}"},
		},
		Actions: []actions.Action{createIssue(), createIssues(), findOrCreateIssue(), getIssue(), getIssueByBranch(), listIssues(), searchIssues(), updateIssue(), updateIssues(), addLabel(), removeLabel(), subscribe(), archiveIssue(), unarchiveIssue(), deleteIssue(),
			createComment(), updateComment(), resolveComment(), deleteComment(), listComments(), addReaction(),
			linkIssues(), linkURL(), linkSlack(), linkIntercom(), linkSalesforce(), listLinks(), findByURL(), deleteLink(),
			createProject(), findOrCreateProject(), getProject(), updateProject(), listProjects(), createProjectUpdate(),
			createLabel(), findOrCreateLabel(), listLabels(), listTeams(), listStates(), listCycles(), listUsers(), findUser(), getMe(),
			actions.APIRequest("Linear", "/graphql", map[string]any{"data": map[string]any{"viewer": map[string]any{"id": "u1"}}})},
		Triggers: []actions.Trigger{event(), newIssue(), changedIssue(), newComment(), newProject()},
	}
}

// notFound is how Linear says that a thing of a kind is not there: as a wrong input, named in the message.
func notFound(kind string) actions.ErrorRule {
	return actions.ErrorRule{Pointer: "/errors/0/message", Equals: "Entity not found: " + kind, Code: "not_found", Message: "Linear does not know it: {}", Remedy: "Check the id, and that the account may see it."}
}

// viewer asks who the credentials are of.
func viewer(map[string]any) (actions.Parts, error) {
	return actions.Parts{Body: map[string]any{"query": "{ viewer { id } }"}}, nil
}

// oauth is the sign-in by an app. Source: https://linear.app/developers/oauth-2-0-authentication
func oauth() actions.Auth {
	return actions.OAuthApp("In Linear under Settings, API, OAuth applications: the client ID and secret; add this server's address with /oauth/callback as a callback URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://linear.app/oauth/authorize", Token: "https://api.linear.app/oauth/token", Scopes: []string{"read", "write", "issues:create", "comments:create"}, Separator: ",",
		Extra: map[string]string{"prompt": "consent"}, Client: actions.ClientInBody, PKCE: true, Rotates: true,
	})
}
