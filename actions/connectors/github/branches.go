package github

import (
	"context"
	"maps"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func branchChoices() *actions.Choices {
	return inRepository("/repos/{owner}/{repo}/branches", "/name", "")
}

func listBranches() actions.Action {
	a := listing("list_branches", "List branches", "Gives the branches of a repository, with the commit that each stands at.", "/repos/{owner}/{repo}/branches",
		map[string]any{"name": "main", "commit": map[string]any{"sha": "c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc", "url": "https://api.github.com/repos/octocat/Hello-World/commits/c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc"}, "protected": true},
		ownerField(), repoField(), actions.Field{ID: "protected", Label: "Protected", Help: "Only those that are protected, or that are not; all where not given.", Type: actions.Boolean, In: actions.InQuery})
	a.Page.ID = "/name"
	return a
}

func ref() map[string]any {
	return map[string]any{"ref": "refs/heads/new-topic", "url": "https://api.github.com/repos/octocat/Hello-World/git/refs/heads/new-topic",
		"object": map[string]any{"type": "commit", "sha": "aa218f56b14c9653891f9e74264a383fa43fefbd", "url": "https://api.github.com/repos/octocat/Hello-World/git/commits/aa218f56b14c9653891f9e74264a383fa43fefbd"}}
}

// branchName is a branch's name without what git says before it.
func branchName(v any) string {
	return strings.TrimPrefix(strings.TrimSpace(value.Text(v)), "refs/heads/")
}

// createBranch looks where the other branch stands, and makes one there. Source: https://docs.github.com/en/rest/git/refs#create-a-reference
func createBranch() actions.Action {
	get, make := getCommit(), makeRef()
	sample := ref()
	return actions.Action{
		ID: "create_branch", Name: "Create a branch", Description: "Makes a branch where another one, a tag or a commit stands.", Effect: actions.Once,
		Guarantee: "A repository has a name once, so no branch is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "branch", Label: "Branch", Help: "The name of the new one.", Type: actions.Text, Required: true, In: actions.InNone, Example: "new-topic"},
			{ID: "from", Label: "From", Help: "A branch, a tag or a commit; the default branch where not given.", Type: actions.Text, In: actions.InNone, Example: "main", Choices: branchChoices()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			values := map[string]any{"owner": in.Values["owner"], "repo": in.Values["repo"]}
			look := maps.Clone(values)
			if look["commit"] = in.Values["from"]; look["commit"] == nil {
				look["commit"] = "HEAD"
			}
			there, err := do.Ask(ctx, &get, look)
			if err != nil {
				return nil, err
			}
			values["ref"], values["sha"] = "refs/heads/"+branchName(in.Values["branch"]), value.At(there, "/sha")
			if value.Text(values["sha"]) == "" {
				return nil, fault.New(fault.Unavailable, "The answer did not come from GitHub: it lacks the sha of the commit that the input from names. Look at what stands between here and there.")
			}
			return do.Ask(ctx, &make, values)
		},
	}
}

func makeRef() actions.Action {
	return actions.Action{ID: "make_ref", Effect: actions.Once, Sample: ref(),
		Input:   []actions.Field{ownerField(), repoField(), {ID: "ref", Type: actions.Text, Required: true}, {ID: "sha", Type: actions.Text, Required: true}},
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/git/refs", Body: actions.JSONBody}}
}

// deleteBranch deletes. GitHub says of one that is not there that the reference does not exist, with status 422.
func deleteBranch() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_branch", Name: "Delete a branch", Description: "Deletes a branch; deleted is false where there is none.", Effect: actions.Idempotent,
		Guarantee: "A branch that is gone already counts as deleted, so a repeat changes nothing.",
		Input:     []actions.Field{ownerField(), repoField(), {ID: "branch", Label: "Branch", Help: "Its name.", Type: actions.Text, Required: true, In: actions.InNone, Example: "new-topic", Choices: branchChoices()}},
		Output:    value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 422, Pointer: "/message", Contains: "reference does not exist"}},
		Request: &actions.Request{Method: "DELETE", Path: "/repos/{owner}/{repo}/git/refs/{ref}", Prepare: func(in map[string]any) (actions.Parts, error) {
			name := branchName(in["branch"])
			if name == "" || strings.Trim(name, "./") == "" {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input branch: %q is no name of a branch.", fault.Clip(name, 60))
			}
			return actions.Parts{Path: map[string]string{"ref": "heads/" + name}}, nil
		}, Output: func(resp actions.Response) (any, error) { return map[string]any{"deleted": resp.Status != 422}, nil }},
	}
}

func getCommit() actions.Action {
	sample := commit()
	sample["stats"], sample["files"] = map[string]any{"additions": 104, "deletions": 4, "total": 108}, []any{changedFile()}
	return actions.Action{
		ID: "get_commit", Name: "Get a commit", Description: "Reads a commit with the files that it changed, by its name, or the latest of a branch.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "commit", Label: "Commit", Help: "Its name, or a branch or a tag.", Type: actions.Text, Required: true, In: actions.InPath, Name: "ref", Example: "main", Choices: branchChoices()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/commits/{ref}"},
	}
}

// compareCommits says what lies between two. Source: https://docs.github.com/en/rest/commits/commits#compare-two-commits
func compareCommits() actions.Action {
	sample := map[string]any{"status": "ahead", "ahead_by": 1, "behind_by": 0, "total_commits": 1, "html_url": "https://github.com/octocat/Hello-World/compare/v1.0.0...main", "commits": []any{commit()}, "files": []any{changedFile()}}
	return actions.Action{
		ID: "compare_commits", Name: "Compare two branches", Description: "Says which commits and files lie between two branches, tags or commits, as for release notes: the first 250 commits and 300 files.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "base", Label: "From", Help: "A branch, a tag or a commit.", Type: actions.Text, Required: true, In: actions.InNone, Example: "v1.0.0"},
			{ID: "head", Label: "To", Help: "A branch, a tag or a commit.", Type: actions.Text, Required: true, In: actions.InNone, Example: "main", Choices: branchChoices()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/compare/{basehead}", Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Path: map[string]string{"basehead": value.Text(in["base"]) + "..." + value.Text(in["head"])}}, nil
		}},
	}
}
