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
		Description: "Issues, comments, projects, documents and customer requests in Linear.",
		DocsURL:     "https://linear.app/developers/graphql",
		SetUp:       setUp(),
		BaseURL:     "https://api.linear.app",
		Auth: []actions.Auth{{Method: "api_key", Name: "API key",
			Help:   "In Linear under Settings, Security & access, Personal API keys.",
			Fields: []actions.Field{{ID: "api_key", Label: "API key", Help: "The key, which begins with lin_api_.", Type: actions.Text, Required: true, Secret: true, Form: `^lin_api_`}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "{api_key}"}}}, oauth()},
		Test:   &actions.Request{Method: "POST", Path: "/graphql", Body: actions.JSONBody, Prepare: viewer},
		Errors: failures(),
		Actions: []actions.Action{createIssue(), createIssues(), findOrCreateIssue(), getIssue(), getIssueByBranch(), listIssues(), searchIssues(), updateIssue(), updateIssues(), addLabel(), removeLabel(), subscribe(), archiveIssue(), unarchiveIssue(), deleteIssue(),
			createComment(), updateComment(), resolveComment(), deleteComment(), listComments(), addReaction(),
			linkIssues(), unlinkIssues(), listRelations(), listSubIssues(), uploadFile(), linkURL(), linkSlack(), linkIntercom(), linkSalesforce(), listLinks(), findByURL(), deleteLink(),
			createProject(), findOrCreateProject(), getProject(), updateProject(), listProjects(), createProjectUpdate(), createMilestone(), listMilestones(), createDocument(), getDocument(), updateDocument(), upsertCustomer(), createNeed(),
			createLabel(), findOrCreateLabel(), listLabels(), listTeams(), listStates(), listCycles(), listUsers(), findUser(), getMe(),
			actions.APIRequest("Linear", "/graphql", map[string]any{"data": map[string]any{"viewer": map[string]any{"id": "u1"}}})},
		Triggers: []actions.Trigger{event(), newIssue(), changedIssue(), newComment(), newProject()},
	}
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
