package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// searching is a list of GitHub's search, which gives 1,000 at most. Source: https://docs.github.com/en/rest/search/search
func searching(id, name, description, path, help, example string, item any, sorts ...actions.Option) actions.Action {
	fields := []actions.Field{{ID: "query", Label: "Search", Help: help, Type: actions.Text, Required: true, In: actions.InQuery, Name: "q", Example: example}}
	if len(sorts) > 0 {
		fields = append(fields, actions.Field{ID: "sort", Label: "Order", Help: "What it goes by, most first; the best first where not given.", Type: actions.Select, In: actions.InQuery, Options: sorts})
	}
	a := listing(id, name, description+" GitHub gives 1,000 at most.", path, item, fields...)
	a.Page.Items, a.Page.Sure = "/items", "/items"
	return a
}

func searchRepositories() actions.Action {
	return searching("search_repositories", "Search repositories", "Finds repositories; 30 searches a minute are taken.", "/search/repositories", "Words, and conditions as language:go, user:octocat, stars:>100.", "tetris language:go", repository(),
		actions.Option{Value: "stars", Label: "Stars"}, actions.Option{Value: "forks", Label: "Forks"}, actions.Option{Value: "updated", Label: "When it changed"})
}

func searchCode() actions.Action {
	a := searching("search_code", "Search code", "Finds files of less than 384 KB by what they say, on default branches; 10 searches a minute are taken.", "/search/code", "Words, with repo:octocat/Hello-World, user:octocat or org:octo-org, and path:, language: or filename: where wanted.", "addClass repo:octocat/Hello-World",
		map[string]any{"name": "classes.js", "path": "src/attributes/classes.js", "sha": "d7212f9dee2dcc18f084d7df8f417b80846ded5a", "html_url": "https://github.com/octocat/Hello-World/blob/main/src/attributes/classes.js", "repository": map[string]any{"full_name": "octocat/Hello-World"}})
	a.Page.ID = "/html_url"
	return a
}

func searchUsers() actions.Action {
	return searching("search_users", "Search accounts", "Finds people and organizations; 30 searches a minute are taken.", "/search/users", "Words, and conditions as location:Berlin, type:org, or in:email with an address.", "ada in:name", account(),
		actions.Option{Value: "followers", Label: "Followers"}, actions.Option{Value: "repositories", Label: "Repositories"}, actions.Option{Value: "joined", Label: "When they joined"})
}

func getUser() actions.Action {
	sample := account()
	sample["name"], sample["company"], sample["email"], sample["bio"] = "monalisa octocat", "GitHub", "octocat@github.com", "There once was..."
	return actions.Action{
		ID: "get_user", Name: "Get an account", Description: "Reads what a person or an organization shows to all; the address only where it is public.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{{ID: "account", Label: "Account", Help: "Its name, or the address of its page.", Type: actions.Text, Required: true, In: actions.InPath, Name: "username", Example: "octocat", Link: ownerLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/users/{username}"},
	}
}

func listMembers() actions.Action {
	return listing("list_members", "List an organization's members", "Gives the members of an organization; of one that the account is not in, those who say so.", "/orgs/{org}/members", account(), orgField(),
		actions.Field{ID: "role", Label: "Role", Help: "Which are given.", Type: actions.Select, Default: "all", In: actions.InQuery, Options: []actions.Option{{Value: "all", Label: "All"}, {Value: "admin", Label: "Owners"}, {Value: "member", Label: "Others"}}}).Needing("read:org")
}

func listTeams() actions.Action {
	return listing("list_teams", "List an organization's teams", "Gives the teams of an organization that the account can see.", "/orgs/{org}/teams",
		map[string]any{"id": 1, "name": "Justice League", "slug": "justice-league", "description": "A great team.", "privacy": "closed", "permission": "admin", "html_url": "https://github.com/orgs/octo-org/teams/justice-league", "parent": nil}, orgField()).Needing("read:org")
}

// addTeamMember lets somebody in, or invites them. Source: https://docs.github.com/en/rest/teams/members#add-or-update-team-membership-for-a-user
func addTeamMember() actions.Action {
	sample := map[string]any{"url": "https://api.github.com/teams/1", "role": "member", "state": "pending"}
	teams := &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/orgs/{org}/teams"}, Page: parts(), Value: "/slug", Label: "/name", Needs: []actions.Field{{ID: "org", Type: actions.Text, In: actions.InPath}}}
	return actions.Action{
		ID: "add_team_member", Name: "Add a person to a team", Description: "Puts a person into a team of an organization; who is not in the organization is invited, and state is pending until they accept.", Effect: actions.Idempotent,
		Guarantee: "Who is in the team stays so, and a repeat changes nothing.",
		Input: []actions.Field{orgField(),
			{ID: "team", Label: "Team", Help: "Its short name, as in the address of its page.", Type: actions.Text, Required: true, In: actions.InPath, Name: "team_slug", Example: "justice-league", Choices: teams},
			{ID: "account", Label: "Person", Help: "The account's name.", Type: actions.Text, Required: true, In: actions.InPath, Name: "username", Example: "octocat", Link: ownerLink},
			{ID: "role", Label: "Role", Help: "What they may do in it.", Type: actions.Select, Default: "member", Options: []actions.Option{{Value: "member", Label: "Member"}, {Value: "maintainer", Label: "Maintainer"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/orgs/{org}/teams/{team_slug}/memberships/{username}", Body: actions.JSONBody},
	}.Needing("admin:org")
}
