package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func review() map[string]any {
	return map[string]any{"id": 80, "user": account(), "body": "This is close to perfect!", "state": "APPROVED", "commit_id": "ecdd80bb57125d7ba9641ffaa4d7d2c19d3f3091",
		"html_url": "https://github.com/octocat/Hello-World/pull/1347#pullrequestreview-80", "submitted_at": "2019-11-17T17:43:43Z"}
}

func listReviews() actions.Action {
	return listing("list_reviews", "List a pull request's reviews", "Gives the reviews of a pull request, the oldest first.", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", review(), ownerField(), repoField(), pullField())
}

// createReview approves, asks for changes or comments. Source: https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
func createReview() actions.Action {
	sample := review()
	return actions.Action{
		ID: "create_review", Name: "Review a pull request", Description: "Approves a pull request, asks for changes, or comments on it as a whole. Nobody approves their own.", Effect: actions.Once,
		Guarantee: "GitHub has no key that would make a repeat harmless: a review whose answer was lost in a crash is not written again by itself, you are asked.",
		Input: []actions.Field{ownerField(), repoField(), pullField(),
			{ID: "event", Label: "Verdict", Help: "What the review says.", Type: actions.Select, Required: true, Example: "APPROVE", Options: []actions.Option{{Value: "APPROVE", Label: "Approve"}, {Value: "REQUEST_CHANGES", Label: "Ask for changes"}, {Value: "COMMENT", Label: "Only comment"}}},
			{ID: "body", Label: "Text", Help: "In Markdown; needed unless it approves.", Type: actions.LongText, Example: "This is close to perfect!"},
			{ID: "commit", Label: "Of commit", Help: "The commit that was looked at; the latest where not given.", Type: actions.Text, Name: "commit_id"}},
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			if written("event") && with["event"] != "APPROVE" && (with["body"] == nil || with["body"] == "") {
				return []actions.InputIssue{{Path: "/body", Message: "A review that does not approve needs a text."}}
			}
			return nil
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", Body: actions.JSONBody},
	}
}

// requestReviewers asks people and teams. Source: https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
func requestReviewers() actions.Action {
	sample := pull()
	return actions.Action{
		ID: "request_reviewers", Name: "Ask for reviews", Description: "Asks people or teams to review a pull request, beside those who are asked already. Whoever wrote it cannot be asked. The output is the pull request.", Effect: actions.Idempotent,
		Guarantee: "Who is asked stays so, and a repeat changes nothing.",
		Input: []actions.Field{ownerField(), repoField(), pullField(),
			{ID: "people", Label: "People", Help: "Names of accounts.", Type: actions.Texts, Name: "reviewers", Example: []any{"octocat"}, Choices: inRepository("/repos/{owner}/{repo}/collaborators", "/login", "")},
			{ID: "teams", Label: "Teams", Help: "Short names of the organization's teams, as in the addresses of their pages.", Type: actions.Texts, Name: "team_reviewers"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["people"] == nil && in["teams"] == nil {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input people: give people or teams.")
			}
			return actions.Parts{}, nil
		}},
	}
}

// changedFile is a file that a pull request or a comparison changes.
func changedFile() map[string]any {
	return map[string]any{"sha": "bbcd538c8e72b8c175046e27cc8f907076331401", "filename": "file1.txt", "status": "added", "additions": 103, "deletions": 21, "changes": 124,
		"blob_url": "https://github.com/octocat/Hello-World/blob/6dcb09b5/file1.txt", "patch": "@@ -132,7 +132,7 @@ module Test"}
}

func listPullFiles() actions.Action {
	a := listing("list_pull_request_files", "List a pull request's files", "Gives the files that a pull request changes, with what changes in them, at most 3,000.", "/repos/{owner}/{repo}/pulls/{pull_number}/files", changedFile(), ownerField(), repoField(), pullField())
	a.Page.ID = "/filename"
	return a
}

// updateBranch brings what happened on the base into the pull request. Of a branch that is up to date GitHub says so with status 422.
// Source: https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch
func updateBranch() actions.Action {
	sample := map[string]any{"updated": true, "message": "Updating pull request branch.", "url": "https://github.com/repos/octocat/Hello-World/pulls/53"}
	return actions.Action{
		ID: "update_pull_request_branch", Name: "Bring a pull request up to date", Description: "Merges what happened on the base branch into a pull request's branch; updated is false where there was nothing new.", Effect: actions.Idempotent,
		Guarantee: "A branch that is up to date stays as it is, so a repeat merges nothing more.",
		Input: []actions.Field{ownerField(), repoField(), pullField(),
			{ID: "sha", Label: "Only at the commit", Help: "The commit that the branch must stand at, as looked at before.", Type: actions.Text, Name: "expected_head_sha"}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 422, Pointer: "/message", Contains: "no new commits on the base branch"}},
		Request: &actions.Request{Method: "PUT", Path: "/repos/{owner}/{repo}/pulls/{pull_number}/update-branch", Body: actions.JSONBody, Output: func(resp actions.Response) (any, error) {
			return map[string]any{"updated": resp.Status != 422, "message": value.At(resp.Value, "/message"), "url": value.At(resp.Value, "/url")}, nil
		}},
	}
}
