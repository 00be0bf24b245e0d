package github

import (
	"context"
	"maps"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// createTag makes a tag where a branch or a commit stands. Source: https://docs.github.com/en/rest/git/refs#create-a-reference
func createTag() actions.Action {
	get, make := getCommit(), makeRef()
	sample := ref()
	make.Sample = sample
	sample["ref"], sample["url"] = "refs/tags/v1.0.0", "https://api.github.com/repos/octocat/Hello-World/git/refs/tags/v1.0.0"
	return actions.Action{
		ID: "create_tag", Name: "Create a tag", Description: "Makes a tag where a branch or a commit stands, without a release.", Effect: actions.Once,
		Guarantee: "A repository has a name once, so no tag is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "tag", Label: "Tag", Help: "The name of the new one.", Type: actions.Text, Required: true, In: actions.InNone, Example: "v1.0.0"},
			{ID: "from", Label: "From", Help: "A branch or a commit; the default branch where not given.", Type: actions.Text, In: actions.InNone, Example: "main", Choices: branchChoices()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			values := map[string]any{"owner": in.Values["owner"], "repo": in.Values["repo"]}
			name := strings.TrimPrefix(strings.TrimSpace(value.Text(in.Values["tag"])), "refs/tags/")
			if name == "" {
				return nil, fault.New(fault.InvalidInput, "The input tag: give a name.")
			}
			look := maps.Clone(values)
			if look["commit"] = in.Values["from"]; look["commit"] == nil {
				look["commit"] = "HEAD"
			}
			there, err := do.Ask(ctx, &get, look)
			if err != nil {
				return nil, err
			}
			if err := actions.Sure("GitHub", there, "/sha"); err != nil {
				return nil, err
			}
			values["ref"], values["sha"] = "refs/tags/"+name, value.At(there, "/sha")
			return do.Ask(ctx, &make, values)
		},
	}
}

// removed is an action that deletes, for which what is not there counts as deleted.
func removed(id, name, description, guarantee, path string, input ...actions.Field) actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{ID: id, Name: name, Description: description + " deleted is false where there is none, or the token may not see it.", Effect: actions.Idempotent, Guarantee: guarantee,
		Input: input, Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 404}},
		Request: &actions.Request{Method: "DELETE", Path: path, Output: func(resp actions.Response) (any, error) { return map[string]any{"deleted": resp.Status != 404}, nil }}}
}

// deleteRelease leaves the tag. Source: https://docs.github.com/en/rest/releases/releases#delete-a-release
func deleteRelease() actions.Action {
	return removed("delete_release", "Delete a release", "Deletes a release with its files; the tag stays.", "A release that is gone already counts as deleted, so a repeat changes nothing.", "/repos/{owner}/{repo}/releases/{release_id}", ownerField(), repoField(), releaseField())
}

// switchWorkflow enables or disables. Source: https://docs.github.com/en/rest/actions/workflows#enable-a-workflow
func switchWorkflow(id, name, description, verb string) actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: "It is on or it is off: a repeat changes nothing.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "workflow", Label: "Workflow", Help: "The name of its file, as deploy.yml, or its id.", Type: actions.Text, Required: true, In: actions.InPath, Name: "workflow_id", Example: "deploy.yml", Choices: workflowChoices()}},
		Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PUT", Path: "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/" + verb, Output: wasDone}}
}

// commentLine comments on a line of what a pull request changes. GitHub asks for the commit that was looked at: the latest is taken.
// Source: https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
func commentLine() actions.Action {
	sample := map[string]any{"id": 10, "path": "file1.txt", "line": 2, "side": "RIGHT", "commit_id": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "body": "Great stuff!", "user": account(), "created_at": "2011-04-14T16:00:49Z",
		"html_url": "https://github.com/octocat/Hello-World/pull/1347#discussion_r10"}
	get := getPull()
	write := &actions.Action{ID: "write_comment", Effect: actions.Once, Sample: sample,
		Input: []actions.Field{ownerField(), repoField(), pullField(), {ID: "body", Type: actions.LongText}, {ID: "commit_id", Type: actions.Text}, {ID: "path", Type: actions.Text},
			{ID: "line", Type: actions.Integer}, {ID: "side", Type: actions.Text}, {ID: "start_line", Type: actions.Integer}, {ID: "start_side", Type: actions.Text}},
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/pulls/{pull_number}/comments", Body: actions.JSONBody}}
	return actions.Action{
		ID: "comment_on_line", Name: "Comment on a line of a pull request", Description: "Writes a comment on a line, or several, of a file that a pull request changes.", Effect: actions.Once,
		Guarantee: "GitHub has no key that would make a repeat harmless: a comment whose answer was lost in a crash is not written again by itself, you are asked.",
		Input: []actions.Field{ownerField(), repoField(), pullField(),
			{ID: "path", Label: "File", Help: "Its path in the repository.", Type: actions.Text, Required: true, Example: "file1.txt"},
			{ID: "line", Label: "Line", Help: "Its number, which must be within what the pull request shows of the file; of several lines the last.", Type: actions.Integer, Required: true, Example: 2},
			{ID: "body", Label: "Text", Help: "In Markdown.", Type: actions.LongText, Required: true, Example: "Great stuff!"},
			{ID: "start_line", Label: "From line", Help: "The first of several lines.", Type: actions.Integer},
			{ID: "side", Label: "Of which version", Help: "Whether the numbers are those of the file as it becomes, or as it was.", Type: actions.Select, Default: "RIGHT", Options: []actions.Option{{Value: "RIGHT", Label: "The new one"}, {Value: "LEFT", Label: "The old one"}}},
			{ID: "commit", Label: "Of commit", Help: "The commit that was looked at; the latest where not given.", Type: actions.Text}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			with := maps.Clone(in.Values)
			delete(with, "commit")
			if with["commit_id"] = in.Values["commit"]; with["commit_id"] == nil {
				there, err := do.Ask(ctx, &get, map[string]any{"owner": in.Values["owner"], "repo": in.Values["repo"], "pull": in.Values["pull"]})
				if err == nil {
					err = actions.Sure("GitHub", there, "/head/sha")
				}
				if err != nil {
					return nil, err
				}
				with["commit_id"] = value.At(there, "/head/sha")
			}
			if with["start_line"] != nil {
				with["start_side"] = with["side"]
			}
			return do.Ask(ctx, write, with)
		},
	}
}
