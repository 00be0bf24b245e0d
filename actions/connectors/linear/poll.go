package linear

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// looking is a trigger that looks at a list from a time on. Linear shows what is new at once; clocks may differ.
func looking(id, name, description, text, member, clock string, sample any, fields ...actions.Field) actions.Trigger {
	return actions.Trigger{
		ID: id, Name: name, Description: description, Kind: actions.PollKind, Input: fields, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: asking(text, fields), Page: partsOf(text, member), Time: "/" + clock, Changed: clock == "updatedAt", Later: true,
			Since:   actions.Since{Spot: actions.Spot{Name: "variables.filter." + clock + ".gte"}, As: actions.RFC3339},
			Overlap: 2 * time.Minute, Every: 2 * time.Minute, Least: 30 * time.Second,
		},
	}
}

// anyTeam is the input of a trigger that may keep to one team.
func anyTeam(variable string) actions.Field {
	f := optional(teamField(variable))
	f.Help = "Its id; all teams where not given."
	return f
}

func newIssue() actions.Trigger {
	return looking("new_issue", "New issue", "An issue was made.", `query($filter: IssueFilter, $first: Int, $after: String) { issues(filter: $filter, orderBy: createdAt, first: $first, after: $after) { nodes`+issueParts+rest+`} }`, "issues", "createdAt", issue(), anyTeam("filter.team.id.eq"))
}

func changedIssue() actions.Trigger {
	return looking("issue_updated", "Issue made or changed", "An issue was made or changed; of several changes between two looks the last one counts.", `query($filter: IssueFilter, $first: Int, $after: String) { issues(filter: $filter, orderBy: updatedAt, first: $first, after: $after) { nodes`+issueParts+rest+`} }`, "issues", "updatedAt", issue(), anyTeam("filter.team.id.eq"))
}

func newComment() actions.Trigger {
	return looking("new_comment", "New comment", "Somebody wrote a comment.", `query($filter: CommentFilter, $first: Int, $after: String) { comments(filter: $filter, orderBy: createdAt, first: $first, after: $after) { nodes`+commentParts+rest+`} }`, "comments", "createdAt", comment(), anyTeam("filter.issue.team.id.eq"))
}

func newProject() actions.Trigger {
	return looking("new_project", "New project", "A project was made.", `query($filter: ProjectFilter, $first: Int, $after: String) { projects(filter: $filter, orderBy: createdAt, first: $first, after: $after) { nodes`+projectParts+rest+`} }`, "projects", "createdAt", project(), anyTeam("filter.accessibleTeams.some.id.eq"))
}
