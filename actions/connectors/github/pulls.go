package github

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func pull() map[string]any {
	return map[string]any{"id": 1, "number": 1347, "state": "open", "title": "Amazing new feature", "body": "Please pull these awesome changes in!", "user": account(), "draft": false, "merged_at": nil, "labels": []any{}, "assignees": []any{},
		"head": map[string]any{"label": "octocat:new-topic", "ref": "new-topic", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}, "base": map[string]any{"label": "octocat:main", "ref": "main", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e"},
		"html_url": "https://github.com/octocat/Hello-World/pull/1347", "created_at": "2011-01-26T19:01:12Z", "updated_at": "2011-01-26T19:01:12Z"}
}

func pullField() actions.Field {
	return actions.Field{ID: "pull", Label: "Pull request", Help: "Its number, or the address of its page.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "pull_number", Example: 1347, Link: numberLink,
		Choices: inRepository("/repos/{owner}/{repo}/pulls", "/number", "#{/number} {/title}")}
}

// createPull makes a pull request. Source: https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request
func createPull() actions.Action {
	sample := pull()
	return actions.Action{
		ID: "create_pull_request", Name: "Create a pull request", Description: "Asks that a branch is merged into another.", Effect: actions.Once,
		Guarantee: "GitHub takes one open pull request for two branches, so none is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{ownerField(), repoField(), titleField(),
			{ID: "head", Label: "From branch", Help: "The branch with the changes; of another account as account:branch.", Type: actions.Text, Required: true, Example: "new-topic"},
			{ID: "base", Label: "Into branch", Help: "The branch that they are to be merged into.", Type: actions.Text, Required: true, Example: "main"},
			bodyField(), {ID: "draft", Label: "Draft", Help: "Whether it is not ready to be merged.", Type: actions.Boolean}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/pulls", Body: actions.JSONBody},
	}
}

// findOrCreatePull looks once more where GitHub says that there is one, as where another run has just made it.
func findOrCreatePull() actions.Action {
	a := actions.FindOrCreate("find_or_create_pull_request", "Find or create a pull request", "Finds the open pull request of a branch into another, or makes it.", listPulls(), createPull(), "/items")
	run := a.Run
	a.Run = func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		out, err := run(ctx, in, do)
		if fault.CodeOf(err) != fault.Conflict {
			return out, err
		}
		list := listPulls()
		with := map[string]any{}
		for _, name := range []string{"owner", "repo", "head", "base"} {
			with[name] = in.Values[name]
		}
		there, lost := do.Ask(ctx, &list, with)
		if item := value.At(there, "/items/0"); lost == nil && item != nil {
			return map[string]any{"found": true, "item": item}, nil
		}
		return nil, err
	}
	return a
}

func getPull() actions.Action {
	sample := pull()
	return actions.Action{
		ID: "get_pull_request", Name: "Get a pull request", Description: "Reads a pull request by its number, also whether it can be merged.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(), pullField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/pulls/{pull_number}"},
	}
}

func updatePull() actions.Action {
	sample := pull()
	title := titleField()
	title.Required = false
	return actions.Action{
		ID: "update_pull_request", Name: "Update a pull request", Description: "Changes what is given of a pull request and leaves the rest. Labels and assignees are those of the issue with its number.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{ownerField(), repoField(), pullField(), title, bodyField(),
			{ID: "state", Label: "State", Help: "Whether it is still asked for.", Type: actions.Select, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}}},
			{ID: "base", Label: "Into branch", Help: "Another branch to merge into.", Type: actions.Text}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/repos/{owner}/{repo}/pulls/{pull_number}", Body: actions.JSONBody},
	}
}

// mergePull merges. Source: https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
func mergePull() actions.Action {
	sample := map[string]any{"sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "merged": true, "message": "Pull Request successfully merged"}
	return actions.Action{
		ID: "merge_pull_request", Name: "Merge a pull request", Description: "Merges a pull request into its branch.", Effect: actions.Once,
		Guarantee: "GitHub merges a pull request once and refuses it then, so what happened in a crash is not known here: it is not merged again by itself, you are asked.",
		Input: []actions.Field{ownerField(), repoField(), pullField(),
			{ID: "method", Label: "How", Help: "What becomes of its commits.", Type: actions.Select, Default: "merge", Name: "merge_method", Options: []actions.Option{{Value: "merge", Label: "A merge commit"}, {Value: "squash", Label: "One commit"}, {Value: "rebase", Label: "Its commits on top"}}},
			{ID: "commit_title", Label: "Title of the commit", Help: "GitHub's own where not given.", Type: actions.Text},
			{ID: "commit_message", Label: "Message of the commit", Help: "Stands below the title.", Type: actions.LongText},
			{ID: "sha", Label: "Only at the commit", Help: "The commit that the branch must stand at, as looked at before.", Type: actions.Text}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/repos/{owner}/{repo}/pulls/{pull_number}/merge", Body: actions.JSONBody},
	}
}

// listPulls gives pull requests. GitHub ignores a branch without its account, so the owner's is meant by one.
func listPulls() actions.Action {
	a := listing("list_pull_requests", "List pull requests", "Gives the pull requests of a repository.", "/repos/{owner}/{repo}/pulls", pull(), ownerField(), repoField(), stateField(),
		actions.Field{ID: "head", Label: "From branch", Help: "The branch with the changes; of another account as account:branch.", Type: actions.Text, In: actions.InNone, Example: "new-topic"},
		actions.Field{ID: "base", Label: "Into branch", Help: "The branch that they are to be merged into.", Type: actions.Text, In: actions.InQuery, Example: "main"})
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		head := value.Text(in["head"])
		if head == "" {
			return actions.Parts{}, nil
		}
		if !strings.Contains(head, ":") {
			head = value.Text(in["owner"]) + ":" + head
		}
		return actions.Parts{Query: map[string]any{"head": head}}, nil
	}
	return a
}
