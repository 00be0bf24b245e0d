// Package github is the connector for the GitHub REST API.
package github

import (
	_ "embed"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes GitHub. Source: https://docs.github.com/en/rest
func Connector() actions.Connector {
	return actions.Connector{
		ID: "github", Name: "GitHub", Category: "Development", Color: "#24292f", Monogram: "GH", Icon: icon,
		Description: "Issues, pull requests, files and workflows on GitHub.",
		DocsURL:     "https://docs.github.com/en/rest",
		SetUp:       setUp(),
		BaseURL:     "https://api.github.com",
		Also:        []string{uploads},
		Headers:     map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
		Auth: []actions.Auth{{Method: "token", Name: "Personal access token",
			Help:   "On GitHub under Settings, Developer settings, Personal access tokens, with access to the repositories that your actions work on.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The token.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:   &actions.Request{Method: "GET", Path: "/user"},
		Errors: failures(),
		Actions: []actions.Action{createIssue(), findOrCreateIssue(), getIssue(), updateIssue(), listIssues(), searchIssues(),
			createComment(), updateComment(), deleteComment(), listComments(), addLabels(), removeLabel(), listIssueLabels(), addAssignees(), removeAssignees(), createLabel(), listLabels(),
			lockIssue(), unlockIssue(), addReaction(), listMilestones(), createMilestone(), updateMilestone(),
			createPull(), findOrCreatePull(), getPull(), updatePull(), mergePull(), listPulls(), listPullFiles(), createReview(), listReviews(), commentLine(), requestReviewers(), updateBranch(),
			getRepository(), listRepositories(), listOrganizationRepositories(), searchRepositories(), createRepository(), updateRepository(), addCollaborator(),
			listBranches(), createBranch(), createTag(), deleteBranch(), listCommits(), getCommit(), compareCommits(), setStatus(), getStatus(), listCheckRuns(),
			createRelease(), updateRelease(), deleteRelease(), getLatestRelease(), getReleaseByTag(), listReleases(), uploadAsset(), createDeployment(), setDeploymentStatus(), listDeployments(),
			getFile(), upsertFile(), uploadFile(), downloadFile(), deleteFile(), listFolder(), searchCode(),
			runWorkflow(), switchWorkflow("enable_workflow", "Enable a workflow", "Switches a workflow of GitHub Actions on.", "enable"), switchWorkflow("disable_workflow", "Disable a workflow", "Switches a workflow of GitHub Actions off, so that nothing starts it.", "disable"), listWorkflows(), listRuns(), getRun(), listJobs(), rerun(), cancelRun(), downloadLogs(), dispatchEvent(),
			createGist(), getGist(), updateGist(), listGists(), getMe(), getUser(), searchUsers(), listMembers(), listTeams(), addTeamMember(),
			actions.APIRequest("GitHub", "/user/emails", map[string]any{"id": 1, "number": 1347, "title": "Found a bug", "state": "open"})},
		Triggers: []actions.Trigger{event(), organizationEvent(), pushed(), pullEvent(), issueEvent(), commentEvent(), releaseEvent(), runEvent(), starEvent(), newIssue(), newPull(), newRelease(), newCommit()},
	}
}

// oauth is the sign-in by an OAuth app, whose tokens do not expire, or by a GitHub App, whose tokens do. Errors come with
// status 200. Source: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
func oauth() actions.Auth {
	return actions.OAuthApp("On GitHub under Settings, Developer settings, OAuth Apps: the client ID and a client secret; set this server's address with /oauth/callback as the callback URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://github.com/login/oauth/authorize", Token: "https://github.com/login/oauth/access_token", Scopes: []string{"repo", "gist", "admin:repo_hook"},
		Client: actions.ClientInBody, PKCE: true, Rotates: true, Dead: []string{"bad_refresh_token", "bad_verification_code"},
		After: &actions.TokenStep{URL: "https://api.github.com/user", Account: "/login"},
	})
}
