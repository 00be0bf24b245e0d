package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// event is the trigger for what happens in a repository, and organizationEvent for what happens in an organization.
// Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads and https://docs.github.com/en/rest/repos/webhooks
func event() actions.Trigger {
	t := hook("/repos/{owner}/{repo}/hooks")
	t.ID, t.Name = "event", "Event in a repository"
	t.Description = "Something happened in a repository: an issue, a pull request, a push. Its webhook is made on GitHub when the scenario is published; the token needs the right to administer the repository's webhooks."
	t.Input = []actions.Field{
		ownerField(), repoField(),
		wanted()}
	return t
}

func organizationEvent() actions.Trigger {
	t := hook("/orgs/{org}/hooks")
	t.ID, t.Name = "organization_event", "Event in an organization"
	t.Description = "Something happened in any repository of an organization, or in the organization itself. Its webhook is made on GitHub when the scenario is published; the token must be an owner's."
	t.Input = []actions.Field{
		orgField(),
		wanted()}
	return t.Needing("admin:org_hook")
}

func wanted() actions.Field {
	return actions.Field{ID: "topics", Label: "Events", Help: "Which events, as GitHub calls them: issues, pull_request, push.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"issues", "pull_request"}}
}

// hook is what the two have in common: a webhook below a path. GitHub names the event in a header, which stands beside the
// body's members, and does not send again by itself.
func hook(path string) actions.Trigger {
	return actions.Trigger{
		Kind: actions.EventKind, Output: value.Shape{Kind: "object"}, Sample: issueOpened(), Topic: "event", Topics: topics(),
		Head: map[string]string{"event": "X-GitHub-Event", "delivery": "X-GitHub-Delivery"}, Verify: actions.Verification{Preset: "github"},
		Subscribe: &actions.Subscribe{
			Register: &actions.Request{Method: "POST", Path: path, Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"name": "web", "active": true, "config": map[string]any{"content_type": "json", "insecure_ssl": "0"}}}, nil
			}},
			URL: actions.Spot{Name: "config.url"}, Secret: actions.Spot{Name: "config.secret"}, Topics: actions.Spot{Name: "events"},
			ID: "/id", Remove: &actions.Request{Method: "DELETE", Path: path + "/{subscription}"},
			List: &actions.Request{Method: "GET", Path: path, Query: map[string]string{"per_page": "100"}}, Page: actions.Page{Kind: actions.LinkHeader, ID: "/id"}, Sends: "/config/url",
			Sample: map[string]any{"type": "Repository", "id": 12345678, "name": "web", "active": true, "events": []any{"issues"},
				"config": map[string]any{"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": "https://stepmill.example.com/hooks/k"},
				"url":    "https://api.github.com/repos/octocat/Hello-World/hooks/12345678", "created_at": "2019-06-03T00:57:16Z", "updated_at": "2019-06-03T00:57:16Z"},
		},
	}
}

// issueOpened is an event as GitHub sends it, shortened.
func issueOpened() map[string]any {
	person := map[string]any{"login": "Codertocat", "id": 21031067, "type": "User", "html_url": "https://github.com/Codertocat"}
	return map[string]any{
		"event": "issues", "delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0901", "action": "opened",
		"issue": map[string]any{"id": 444500041, "number": 1, "title": "Spelling error in the README file", "state": "open", "locked": false, "comments": 0, "user": person,
			"labels": []any{map[string]any{"id": 1362934389, "name": "bug", "color": "d73a4a"}}, "body": "It looks like you accidently spelled 'commit' with two 't's.",
			"html_url": "https://github.com/Codertocat/Hello-World/issues/1", "created_at": "2019-05-15T15:20:18Z", "updated_at": "2019-05-15T15:20:18Z"},
		"repository": map[string]any{"id": 186853002, "name": "Hello-World", "full_name": "Codertocat/Hello-World", "private": false, "owner": person, "html_url": "https://github.com/Codertocat/Hello-World"},
		"sender":     person,
	}
}

// topics are the names that GitHub has for events.
func topics() []string {
	return []string{"branch_protection_configuration", "branch_protection_rule", "check_run", "check_suite", "code_scanning_alert", "commit_comment", "create",
		"custom_property", "custom_property_values", "delete", "dependabot_alert", "deploy_key", "deployment", "deployment_protection_rule", "deployment_review", "deployment_status",
		"discussion", "discussion_comment", "fork", "gollum", "issue_comment", "issue_dependencies", "issues", "label", "member", "membership", "merge_group", "meta", "milestone",
		"org_block", "organization", "package", "page_build", "personal_access_token_request", "project_card", "project_column", "project", "projects_v2", "projects_v2_item", "public",
		"pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread", "push", "registry_package", "release", "repository", "repository_advisory",
		"repository_import", "repository_ruleset", "repository_vulnerability_alert", "secret_scanning_alert", "secret_scanning_alert_location", "security_and_analysis", "star", "status",
		"sub_issues", "team", "team_add", "watch", "workflow_dispatch", "workflow_job", "workflow_run"}
}
