package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// of is the trigger for one kind of event in a repository, whose sample is known.
func of(topic, id, name, description string, sample map[string]any) actions.Trigger {
	t := hook("/repos/{owner}/{repo}/hooks")
	t.ID, t.Name, t.Only, t.Topics = id, name, []string{topic}, nil
	t.Description = description + " Its webhook is made on GitHub when the scenario is published; the token needs the right to administer the repository's webhooks."
	t.Input = []actions.Field{ownerField(), repoField()}
	whole := map[string]any{"event": topic, "delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0901", "repository": hookRepository(), "sender": sender()}
	for name, v := range sample {
		whole[name] = v
	}
	t.Output, t.Sample = value.ShapeOf(whole), whole
	return t
}

func sender() map[string]any {
	return map[string]any{"login": "Codertocat", "id": 21031067, "type": "User", "html_url": "https://github.com/Codertocat"}
}

func hookRepository() map[string]any {
	return map[string]any{"id": 186853002, "name": "Hello-World", "full_name": "Codertocat/Hello-World", "private": false, "owner": sender(), "html_url": "https://github.com/Codertocat/Hello-World", "default_branch": "master"}
}

func pushed() actions.Trigger {
	commit := map[string]any{"id": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "message": "Adding a .gitignore file", "timestamp": "2019-05-15T15:20:41Z", "url": "https://github.com/Codertocat/Hello-World/commit/6113728f27ae82c7b1a177c8d03f9e96e0adf246",
		"author": map[string]any{"name": "Codertocat", "email": "21031067+Codertocat@users.noreply.github.com", "username": "Codertocat"}, "added": []any{".gitignore"}, "removed": []any{}, "modified": []any{}}
	return of("push", "push", "Push", "Commits came onto a branch, or a branch or a tag was made or deleted, told at once; ref says where, as refs/heads/main.", map[string]any{
		"ref": "refs/heads/master", "before": "0000000000000000000000000000000000000000", "after": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "created": false, "deleted": false, "forced": false,
		"compare": "https://github.com/Codertocat/Hello-World/compare/master", "commits": []any{commit}, "head_commit": commit, "pusher": map[string]any{"name": "Codertocat", "email": "21031067+Codertocat@users.noreply.github.com"}})
}

func pullEvent() actions.Trigger {
	return of("pull_request", "pull_request", "Pull request", "Something happened to a pull request, told at once; action says what, as opened, synchronize, closed or labeled. One that is closed was merged where pull_request.merged is true.", map[string]any{
		"action": "closed", "number": 2,
		"pull_request": map[string]any{"id": 279147437, "number": 2, "state": "closed", "title": "Update the README with new information.", "body": "This is a pretty simple change that we need to pull into master.", "user": sender(), "draft": false, "merged": true, "merged_at": "2019-05-15T15:20:33Z",
			"labels": []any{}, "assignees": []any{}, "requested_reviewers": []any{}, "additions": 1, "deletions": 1, "changed_files": 1,
			"head": map[string]any{"ref": "changes", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"}, "base": map[string]any{"ref": "master", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"},
			"html_url": "https://github.com/Codertocat/Hello-World/pull/2", "created_at": "2019-05-15T15:20:33Z", "updated_at": "2019-05-15T15:20:33Z"}})
}

func issueEvent() actions.Trigger {
	sample := issueOpened()
	return of("issues", "issue", "Issue", "Something happened to an issue, told at once; action says what, as opened, edited, closed, labeled or assigned.", map[string]any{"action": "opened", "issue": sample["issue"]})
}

func commentEvent() actions.Trigger {
	return of("issue_comment", "issue_comment", "Comment", "Somebody commented on an issue or a pull request, or changed or deleted a comment, told at once. Of a pull request the issue has a member pull_request. Comments on its lines are pull_request_review_comment, of the trigger Event in a repository.", map[string]any{
		"action": "created", "issue": issueOpened()["issue"],
		"comment": map[string]any{"id": 492700400, "user": sender(), "body": "You are totally right! I'll get this fixed right away.", "author_association": "OWNER", "html_url": "https://github.com/Codertocat/Hello-World/issues/1#issuecomment-492700400", "created_at": "2019-05-15T15:20:21Z", "updated_at": "2019-05-15T15:20:21Z"}})
}

func releaseEvent() actions.Trigger {
	return of("release", "release", "Release", "Something happened to a release, told at once; action says what. published comes once for each, also for a draft that is published.", map[string]any{
		"action": "published", "release": map[string]any{"id": 17372790, "tag_name": "0.0.1", "target_commitish": "master", "name": nil, "body": nil, "draft": false, "prerelease": false, "author": sender(), "assets": []any{},
			"html_url": "https://github.com/Codertocat/Hello-World/releases/tag/0.0.1", "created_at": "2019-05-15T15:19:25Z", "published_at": "2019-05-15T15:20:53Z"}})
}

func runEvent() actions.Trigger {
	return of("workflow_run", "workflow_run", "Workflow run", "A run of a workflow was asked for, began or ended, told at once; action says which, and of one that is completed workflow_run.conclusion how it ended.", map[string]any{
		"action": "completed", "workflow": map[string]any{"id": 159038, "name": "Build", "path": ".github/workflows/build.yml", "state": "active"},
		"workflow_run": map[string]any{"id": 30433642, "name": "Build", "display_title": "Fix all the bugs", "run_number": 562, "run_attempt": 1, "event": "push", "status": "completed", "conclusion": "failure", "head_branch": "master", "head_sha": "acb5820ced9479c074f688cc328bf03f341a511d",
			"html_url": "https://github.com/Codertocat/Hello-World/actions/runs/30433642", "actor": sender(), "created_at": "2020-01-22T19:33:08Z", "updated_at": "2020-01-22T19:35:08Z"}})
}

func starEvent() actions.Trigger {
	return of("star", "star", "Star", "Somebody starred a repository, or took the star back, told at once; action is created or deleted.", map[string]any{"action": "created", "starred_at": "2019-05-15T15:20:40Z"})
}
