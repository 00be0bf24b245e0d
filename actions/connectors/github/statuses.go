package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func commitStatus() map[string]any {
	return map[string]any{"id": 1, "state": "success", "context": "acme/checks", "description": "All is well", "target_url": "https://example.com/builds/1", "created_at": "2012-07-20T01:19:13Z", "updated_at": "2012-07-20T01:19:13Z", "creator": account()}
}

// setStatus says how a commit did elsewhere. The latest of a context counts.
// Source: https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
func setStatus() actions.Action {
	sample := commitStatus()
	return actions.Action{
		ID: "set_commit_status", Name: "Set a commit's status", Description: "Says on a commit, and on its pull request, how a check elsewhere went. The latest of a name counts.", Effect: actions.Idempotent,
		Guarantee: "The latest status of a name counts, so a repeat says the same again; a commit takes 1,000 of a name.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "commit", Label: "Commit", Help: "Its full name.", Type: actions.Text, Required: true, In: actions.InPath, Name: "sha", Example: "6dcb09b5b57875f334f61aebed695e2e4193db5e", Link: `/commit/([0-9a-f]{40})`},
			{ID: "state", Label: "State", Help: "How it went.", Type: actions.Select, Required: true, Example: "success", Options: []actions.Option{{Value: "success", Label: "Succeeded"}, {Value: "failure", Label: "Failed"}, {Value: "pending", Label: "Goes on"}, {Value: "error", Label: "Could not be told"}}},
			{ID: "context", Label: "Name", Help: "Of the check, as acme/checks.", Type: actions.Text, Default: "stepmill", Example: "acme/checks"},
			{ID: "description", Label: "Description", Help: "A few words, at most 140 characters.", Type: actions.Text},
			{ID: "url", Label: "Address", Help: "Where the details are.", Type: actions.Text, Name: "target_url", Example: "https://example.com/builds/1"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/statuses/{sha}", Body: actions.JSONBody},
	}
}

func commitField() actions.Field {
	return actions.Field{ID: "commit", Label: "Commit", Help: "Its name, or a branch or a tag.", Type: actions.Text, Required: true, In: actions.InPath, Name: "ref", Example: "main", Choices: branchChoices(), Link: `/commit/([0-9a-f]{7,40})`}
}

func getStatus() actions.Action {
	one := commitStatus()
	delete(one, "creator") // who set it is told only as it is set
	sample := map[string]any{"state": "success", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "total_count": 1, "statuses": []any{one}}
	return actions.Action{
		ID: "get_commit_status", Name: "Get a commit's status", Description: "Says how the checks that set a status on a commit went, all together and each. Those of GitHub Actions are check runs.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(), commitField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/commits/{ref}/status"},
	}
}

func listCheckRuns() actions.Action {
	a := listing("list_check_runs", "List a commit's check runs", "Gives the checks of GitHub Actions and of apps on a commit, and how each ended.", "/repos/{owner}/{repo}/commits/{ref}/check-runs",
		map[string]any{"id": 4, "name": "build", "status": "completed", "conclusion": "neutral", "head_sha": "ce587453ced02b1526dfb4cb910479d431683101", "started_at": "2018-05-04T01:14:52Z", "completed_at": "2018-05-04T01:14:52Z", "html_url": "https://github.com/octocat/Hello-World/runs/4",
			"app": map[string]any{"slug": "github-actions", "name": "GitHub Actions"}}, ownerField(), repoField(), commitField())
	a.Page.Items, a.Page.Sure = "/check_runs", "/check_runs"
	return a
}

func deployment() map[string]any {
	return map[string]any{"id": 1, "ref": "main", "sha": "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d", "task": "deploy", "environment": "production", "description": "Deploy of v1.0.0", "creator": account(), "created_at": "2012-07-20T01:19:13Z", "updated_at": "2012-07-20T01:19:13Z"}
}

// createDeployment asks for a deployment, which what listens for it carries out.
// Source: https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
func createDeployment() actions.Action {
	sample := deployment()
	return actions.Action{
		ID: "create_deployment", Name: "Create a deployment", Description: "Asks that a branch, a tag or a commit is deployed; whatever waits for GitHub's event deployment carries it out.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "ref", Label: "What", Help: "A branch, a tag or a commit.", Type: actions.Text, Required: true, Example: "main", Choices: branchChoices()},
			{ID: "environment", Label: "Where", Help: "The name of the environment.", Type: actions.Text, Default: "production", Example: "production"},
			{ID: "description", Label: "Description", Help: "A few words.", Type: actions.Text},
			{ID: "payload", Label: "Data", Help: "An object for whatever carries it out.", Type: actions.Object},
			{ID: "auto_merge", Label: "Merge the default branch first", Help: "Whether GitHub merges it where the branch is behind; it then answers that it merged, and deploys nothing.", Type: actions.Boolean, Default: false},
			{ID: "contexts", Label: "Checks that must have passed", Help: "Names of statuses; all where not given, an empty list for none.", Type: actions.Texts, Whole: true, Name: "required_contexts"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/deployments", Body: actions.JSONBody},
	}
}

func listDeployments() actions.Action {
	return listing("list_deployments", "List deployments", "Gives the deployments of a repository, the latest first.", "/repos/{owner}/{repo}/deployments", deployment(), ownerField(), repoField(),
		actions.Field{ID: "environment", Label: "Where", Help: "The name of an environment.", Type: actions.Text, In: actions.InQuery, Example: "production"},
		actions.Field{ID: "ref", Label: "What", Help: "A branch, a tag or a commit.", Type: actions.Text, In: actions.InQuery})
}

func setDeploymentStatus() actions.Action {
	sample := map[string]any{"id": 1, "state": "success", "description": "Deployed.", "environment": "production", "environment_url": "https://example.com", "log_url": "", "creator": account(), "created_at": "2012-07-20T01:19:13Z"}
	return actions.Action{
		ID: "set_deployment_status", Name: "Set a deployment's status", Description: "Says how far a deployment is, or how it ended.", Effect: actions.Idempotent,
		Guarantee: "The latest status counts, so a repeat says the same again.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "deployment", Label: "Deployment", Help: "Its id, as making or listing it gives it.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "deployment_id", Example: 1, Choices: inRepository("/repos/{owner}/{repo}/deployments", "/id", "{/environment}: {/ref} {/created_at}")},
			{ID: "state", Label: "State", Help: "How it is.", Type: actions.Select, Required: true, Example: "success", Options: []actions.Option{{Value: "success", Label: "Succeeded"}, {Value: "failure", Label: "Failed"}, {Value: "error", Label: "Broke"}, {Value: "queued", Label: "Waiting"}, {Value: "in_progress", Label: "Running"}, {Value: "pending", Label: "Pending"}, {Value: "inactive", Label: "No longer there"}}},
			{ID: "description", Label: "Description", Help: "A few words, at most 140 characters.", Type: actions.Text},
			{ID: "url", Label: "Address", Help: "Where what was deployed is seen.", Type: actions.Text, Name: "environment_url", Example: "https://example.com"},
			{ID: "log", Label: "Log", Help: "Where its log is read.", Type: actions.Text, Name: "log_url"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", Body: actions.JSONBody},
	}
}
