package github

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func ownerField() actions.Field {
	return actions.Field{ID: "owner", Label: "Owner", Help: "The account or the organization that the repository belongs to; the repository's address is taken too.", Type: actions.Text, Required: true, In: actions.InPath, Example: "octocat", Link: ownerLink,
		Choices: &actions.Choices{Request: repositories(), Page: parts(), Value: "/owner/login"}}
}

func repoField() actions.Field {
	return actions.Field{ID: "repo", Label: "Repository", Help: "Its name without the owner; its address is taken too.", Type: actions.Text, Required: true, In: actions.InPath, Example: "Hello-World", Link: repoLink,
		Choices: &actions.Choices{Request: repositories(), Page: parts(), Value: "/name", Label: "/full_name"}}
}

func orgField() actions.Field {
	return actions.Field{ID: "org", Label: "Organization", Help: "Its name in the address of its page, or that address.", Type: actions.Text, Required: true, In: actions.InPath, Example: "octo-org", Link: ownerLink,
		Choices: &actions.Choices{Request: repositories(), Page: parts(), Value: "/owner/login"}}
}

func repositories() *actions.Request {
	return &actions.Request{Method: "GET", Path: "/user/repos", Query: map[string]string{"sort": "pushed"}}
}

// inRepository are options that lie in a repository.
func inRepository(path, pointer, label string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: path}, Page: parts(), Value: pointer, Label: label,
		Needs: []actions.Field{{ID: "owner", Type: actions.Text, In: actions.InPath}, {ID: "repo", Type: actions.Text, In: actions.InPath}}}
}

// parts is how GitHub's lists come. Source: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
func parts() actions.Page {
	return actions.Page{Kind: actions.LinkHeader, ID: "/id", Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "per_page"}}
}

// listing is an action that lists.
func listing(id, name, description, path string, item any, input ...actions.Field) actions.Action {
	page := parts()
	shape, sample := actions.ListOf(item)
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: append(input, actions.LimitField()), Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: path}}
}

func stateField() actions.Field {
	return actions.Field{ID: "state", Label: "State", Help: "Which are given.", Type: actions.Select, Default: "open", In: actions.InQuery, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}, {Value: "all", Label: "All"}}}
}

func sortField(values ...string) actions.Field {
	labels := map[string]string{"created": "When it was made", "updated": "When it changed", "comments": "How many comments it has", "pushed": "When something was pushed", "full_name": "Name"}
	f := actions.Field{ID: "sort", Label: "Order", Help: "What it goes by.", Type: actions.Select, Default: values[0], In: actions.InQuery}
	for _, v := range values {
		f.Options = append(f.Options, actions.Option{Value: v, Label: labels[v]})
	}
	return f
}

func directions() []actions.Option {
	return []actions.Option{{Value: "desc", Label: "Newest or most first"}, {Value: "asc", Label: "Oldest or least first"}}
}

func directionField() actions.Field {
	return actions.Field{ID: "direction", Label: "Direction", Help: "Which come first.", Type: actions.Select, Default: "desc", In: actions.InQuery, Options: directions()}
}

// since writes the times that are given as GitHub takes them, in UTC.
func since(in map[string]any) map[string]any {
	query := map[string]any{}
	for _, name := range []string{"since", "until"} {
		if at, err := time.Parse(time.RFC3339, value.Text(in[name])); err == nil {
			query[name] = at.UTC().Format(time.RFC3339)
		}
	}
	return query
}

func repository() map[string]any {
	return map[string]any{"id": 1296269, "name": "Hello-World", "full_name": "octocat/Hello-World", "owner": account(), "private": false, "description": "This your first repo!", "fork": false, "default_branch": "main",
		"html_url": "https://github.com/octocat/Hello-World", "clone_url": "https://github.com/octocat/Hello-World.git", "open_issues_count": 0, "stargazers_count": 80, "archived": false,
		"pushed_at": "2011-01-26T19:06:43Z", "created_at": "2011-01-26T19:01:12Z", "updated_at": "2011-01-26T19:14:43Z"}
}

func getRepository() actions.Action {
	sample := repository()
	return actions.Action{
		ID: "get_repository", Name: "Get a repository", Description: "Reads a repository.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}"},
	}
}

func listRepositories() actions.Action {
	return listing("list_repositories", "List my repositories", "Gives the repositories that the account can see and work on.", "/user/repos", repository(),
		actions.Field{ID: "visibility", Label: "Who sees them", Help: "Which are given.", Type: actions.Select, Default: "all", In: actions.InQuery, Options: []actions.Option{{Value: "all", Label: "All"}, {Value: "public", Label: "Public"}, {Value: "private", Label: "Private"}}},
		sortField("full_name", "created", "updated", "pushed"))
}

func listOrganizationRepositories() actions.Action {
	return listing("list_organization_repositories", "List an organization's repositories", "Gives the repositories of an organization that the account can see.", "/orgs/{org}/repos", repository(),
		orgField(),
		sortField("created", "updated", "pushed", "full_name"))
}

// createRepository makes a repository. Source: https://docs.github.com/en/rest/repos/repos#create-a-repository-for-the-authenticated-user
func createRepository() actions.Action {
	sample := repository()
	return actions.Action{
		ID: "create_repository", Name: "Create a repository", Description: "Makes a repository of the account's own.", Effect: actions.Once,
		Guarantee: "An account has a name once, so no repository is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{
			{ID: "name", Label: "Name", Help: "Letters, digits, -, _ and dots.", Type: actions.Text, Required: true, Example: "Hello-World"},
			{ID: "description", Label: "Description", Help: "One line.", Type: actions.Text},
			{ID: "private", Label: "Private", Help: "Whether only those see it who are let in.", Type: actions.Boolean, Default: true},
			{ID: "auto_init", Label: "With a first commit", Help: "Whether it begins with a README.", Type: actions.Boolean, Default: false}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/user/repos", Body: actions.JSONBody},
	}
}

func commit() map[string]any {
	who := map[string]any{"name": "Monalisa Octocat", "email": "support@github.com", "date": "2011-04-14T16:00:49Z"}
	return map[string]any{"sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "html_url": "https://github.com/octocat/Hello-World/commit/6dcb09b5b57875f334f61aebed695e2e4193db5e",
		"commit": map[string]any{"author": who, "committer": who, "message": "Fix all the bugs"}, "author": account(), "committer": account()}
}

func listCommits() actions.Action {
	a := listing("list_commits", "List commits", "Gives the commits of a branch, the latest first.", "/repos/{owner}/{repo}/commits", commit(), ownerField(), repoField(),
		actions.Field{ID: "branch", Label: "Branch", Help: "Or a tag or a commit to begin with; the default branch where not given.", Type: actions.Text, In: actions.InQuery, Name: "sha", Example: "main"},
		actions.Field{ID: "path", Label: "File", Help: "Only commits that touched this file or folder.", Type: actions.Text, In: actions.InQuery},
		actions.Field{ID: "author", Label: "Author", Help: "An account's name or a mail address.", Type: actions.Text, In: actions.InQuery},
		actions.Field{ID: "since", Label: "From", Help: "Only commits from this time on.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		actions.Field{ID: "until", Label: "To", Help: "Only commits up to this time.", Type: actions.DateTime, In: actions.InNone})
	a.Page.ID = "/sha"
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) { return actions.Parts{Query: since(in)}, nil }
	return a
}

func release() map[string]any {
	return map[string]any{"id": 1, "tag_name": "v1.0.0", "target_commitish": "main", "name": "v1.0.0", "body": "Description of the release", "draft": false, "prerelease": false, "author": account(), "assets": []any{},
		"html_url": "https://github.com/octocat/Hello-World/releases/v1.0.0", "created_at": "2013-02-27T19:35:32Z", "published_at": "2013-02-27T19:35:32Z"}
}

// createRelease publishes a release. Source: https://docs.github.com/en/rest/releases/releases#create-a-release
func createRelease() actions.Action {
	sample := release()
	return actions.Action{
		ID: "create_release", Name: "Create a release", Description: "Publishes a release of a repository, and makes its tag where there is none.", Effect: actions.Once,
		Guarantee: "A tag has one release, so none is published twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "tag", Label: "Tag", Help: "The tag of the release.", Type: actions.Text, Required: true, Name: "tag_name", Example: "v1.0.0"},
			{ID: "target", Label: "Of branch or commit", Help: "What a new tag is put on; the default branch where not given.", Type: actions.Text, Name: "target_commitish"},
			{ID: "name", Label: "Title", Help: "One line.", Type: actions.Text}, bodyField(),
			{ID: "draft", Label: "Draft", Help: "Whether it is not published yet.", Type: actions.Boolean},
			{ID: "prerelease", Label: "Not for production", Help: "Whether it is a pre-release.", Type: actions.Boolean},
			{ID: "generate_release_notes", Label: "Write the notes", Help: "Whether GitHub writes them from the pull requests.", Type: actions.Boolean}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/releases", Body: actions.JSONBody},
	}
}

func listReleases() actions.Action {
	return listing("list_releases", "List releases", "Gives the releases of a repository; drafts only to who may write to it.", "/repos/{owner}/{repo}/releases", release(), ownerField(), repoField())
}

func getMe() actions.Action {
	sample := account()
	sample["name"], sample["email"] = "monalisa octocat", "octocat@github.com"
	return actions.Action{
		ID: "get_me", Name: "Get my account", Description: "Reads the account that the connection signs in as.", Effect: actions.Read, Guarantee: readsOnly, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/user"},
	}
}
