package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func milestone() map[string]any {
	return map[string]any{"id": 1002604, "number": 1, "title": "v1.0", "description": "Tracking milestone for version 1.0", "state": "open", "open_issues": 4, "closed_issues": 8, "due_on": "2012-10-09T23:39:01Z",
		"html_url": "https://github.com/octocat/Hello-World/milestone/1", "created_at": "2011-04-10T20:09:31Z", "closed_at": nil}
}

func milestoneChoices() *actions.Choices {
	return inRepository("/repos/{owner}/{repo}/milestones", "/number", "/title")
}

func listMilestones() actions.Action {
	return listing("list_milestones", "List milestones", "Gives the milestones of a repository.", "/repos/{owner}/{repo}/milestones", milestone(), ownerField(), repoField(), stateField())
}

// milestoneFields are what may be said of one.
func milestoneFields(title bool) []actions.Field {
	return []actions.Field{
		{ID: "title", Label: "Title", Help: "One line.", Type: actions.Text, Required: title, Example: "v1.0"},
		{ID: "description", Label: "Description", Help: "What it is for.", Type: actions.LongText},
		{ID: "due", Label: "Due", Help: "When it is to be reached; GitHub keeps the day.", Type: actions.DateTime, Name: "due_on", Example: "2026-01-31T09:30:00Z"},
		{ID: "state", Label: "State", Help: "Whether it is still to be reached.", Type: actions.Select, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}}}}
}

// createMilestone makes one. Source: https://docs.github.com/en/rest/issues/milestones#create-a-milestone
func createMilestone() actions.Action {
	sample := milestone()
	return actions.Action{
		ID: "create_milestone", Name: "Create a milestone", Description: "Makes a milestone in a repository.", Effect: actions.Once,
		Guarantee: "A repository has a title once, so no milestone is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input:     append([]actions.Field{ownerField(), repoField()}, milestoneFields(true)...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/milestones", Body: actions.JSONBody},
	}
}

func updateMilestone() actions.Action {
	sample := milestone()
	return actions.Action{
		ID: "update_milestone", Name: "Update a milestone", Description: "Changes what is given of a milestone and leaves the rest.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input:  append([]actions.Field{ownerField(), repoField(), {ID: "milestone", Label: "Milestone", Help: "Its number, or the address of its page.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "milestone_number", Example: 1, Link: numberLink, Choices: milestoneChoices()}}, milestoneFields(false)...),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/repos/{owner}/{repo}/milestones/{milestone_number}", Body: actions.JSONBody},
	}
}

func wasDone(actions.Response) (any, error) { return map[string]any{"done": true}, nil }

// lockIssue keeps everybody but those who work on the repository from commenting.
// Source: https://docs.github.com/en/rest/issues/issues#lock-an-issue
func lockIssue() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "lock_issue", Name: "Lock a conversation", Description: "Lets only those who work on the repository comment on an issue or a pull request.", Effect: actions.Idempotent, Guarantee: "What is locked stays so, and a repeat changes nothing.",
		Input: []actions.Field{ownerField(), repoField(), issueField(),
			{ID: "reason", Label: "Reason", Help: "What GitHub shows.", Type: actions.Select, Name: "lock_reason", Options: []actions.Option{{Value: "off-topic", Label: "Off topic"}, {Value: "too heated", Label: "Too heated"}, {Value: "resolved", Label: "Resolved"}, {Value: "spam", Label: "Spam"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/repos/{owner}/{repo}/issues/{issue_number}/lock", Body: actions.JSONBody, Output: wasDone},
	}
}

func unlockIssue() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "unlock_issue", Name: "Unlock a conversation", Description: "Lets everybody comment again on an issue or a pull request.", Effect: actions.Idempotent, Guarantee: "What is open stays so, and a repeat changes nothing.",
		Input: []actions.Field{ownerField(), repoField(), issueField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/repos/{owner}/{repo}/issues/{issue_number}/lock", Output: wasDone},
	}
}

// addReaction puts an emoji. Who has reacted so already is answered with the same reaction.
// Source: https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue
func addReaction() actions.Action {
	sample := map[string]any{"id": 1, "content": "heart", "user": account(), "created_at": "2016-05-20T20:09:31Z"}
	return actions.Action{
		ID: "add_reaction", Name: "React to an issue", Description: "Puts an emoji on an issue or a pull request.", Effect: actions.Idempotent, Guarantee: "An account has a reaction once, so a repeat gives the same one.",
		Input: []actions.Field{ownerField(), repoField(), issueField(),
			{ID: "reaction", Label: "Reaction", Help: "Which emoji.", Type: actions.Select, Required: true, Name: "content", Example: "heart", Options: []actions.Option{{Value: "+1", Label: "Thumbs up"}, {Value: "-1", Label: "Thumbs down"}, {Value: "laugh", Label: "Laugh"}, {Value: "confused", Label: "Confused"}, {Value: "heart", Label: "Heart"}, {Value: "hooray", Label: "Hooray"}, {Value: "rocket", Label: "Rocket"}, {Value: "eyes", Label: "Eyes"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/issues/{issue_number}/reactions", Body: actions.JSONBody},
	}
}

// updateRepository changes a repository. Source: https://docs.github.com/en/rest/repos/repos#update-a-repository
func updateRepository() actions.Action {
	sample := repository()
	return actions.Action{
		ID: "update_repository", Name: "Update a repository", Description: "Changes what is given of a repository and leaves the rest.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "description", Label: "Description", Help: "One line.", Type: actions.Text, Example: "My first repository"},
			{ID: "homepage", Label: "Website", Help: "Its address.", Type: actions.Text},
			{ID: "private", Label: "Private", Help: "Whether only those see it who are let in.", Type: actions.Boolean},
			{ID: "has_issues", Label: "Issues", Help: "Whether it has issues.", Type: actions.Boolean},
			{ID: "default_branch", Label: "Default branch", Help: "The name of one that is there.", Type: actions.Text, Choices: branchChoices()},
			{ID: "delete_branch_on_merge", Label: "Delete merged branches", Help: "Whether a pull request's branch is deleted once it is merged.", Type: actions.Boolean},
			{ID: "archived", Label: "Archived", Help: "Whether it can only be read.", Type: actions.Boolean}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/repos/{owner}/{repo}", Body: actions.JSONBody},
	}
}

// addCollaborator lets a person in, who is invited. Source: https://docs.github.com/en/rest/collaborators/collaborators#add-a-repository-collaborator
func addCollaborator() actions.Action {
	sample := map[string]any{"invited": true, "invitation": map[string]any{"id": 1, "permissions": "write", "html_url": "https://github.com/octocat/Hello-World/invitations", "invitee": account()}}
	return actions.Action{
		ID: "add_collaborator", Name: "Invite a person to a repository", Description: "Lets a person work on a repository once they accept; invited is false where they are let in already.", Effect: actions.Idempotent, Guarantee: "Who is let in or invited stays so, and a repeat changes nothing.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "account", Label: "Person", Help: "The account's name.", Type: actions.Text, Required: true, In: actions.InPath, Name: "username", Example: "octocat", Link: ownerLink},
			{ID: "permission", Label: "May", Help: "What they may do; of an account's own repository GitHub takes no other than write.", Type: actions.Select, Default: "push", Options: []actions.Option{{Value: "pull", Label: "Read"}, {Value: "triage", Label: "Triage"}, {Value: "push", Label: "Write"}, {Value: "maintain", Label: "Maintain"}, {Value: "admin", Label: "Administer"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/repos/{owner}/{repo}/collaborators/{username}", Body: actions.JSONBody, Output: func(resp actions.Response) (any, error) {
			if resp.Status == 204 {
				return map[string]any{"invited": false, "invitation": nil}, nil
			}
			return map[string]any{"invited": true, "invitation": resp.Value}, nil
		}},
	}
}
