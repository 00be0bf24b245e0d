package linear

import "github.com/stepmill/stepmill/actions"

// listIssues gives the issues that fit a filter. Source: https://linear.app/developers/filtering
func listIssues() actions.Action {
	return listing("list_issues", "List issues", "Gives the issues that fit all conditions that are given, the newest first.",
		`query($filter: IssueFilter, $order: PaginationOrderBy, $archived: Boolean, $first: Int, $after: String) { issues(filter: $filter, orderBy: $order, includeArchived: $archived, first: $first, after: $after) { nodes`+issueParts+rest+`} }`, "issues", issue(),
		optional(teamField("filter.team.id.eq")),
		in(actions.Field{ID: "state", Label: "Status", Help: "The id of a status.", Type: actions.Text, Choices: states()}, "filter.state.id.eq"),
		in(actions.Field{ID: "state_type", Label: "Kind of status", Help: "What the status means, whatever its name.", Type: actions.Select, Options: []actions.Option{{Value: "triage", Label: "To be looked at"}, {Value: "backlog", Label: "Backlog"},
			{Value: "unstarted", Label: "Not started"}, {Value: "started", Label: "Started"}, {Value: "completed", Label: "Done"}, {Value: "canceled", Label: "Canceled"}}}, "filter.state.type.eq"),
		in(actions.Field{ID: "assignee", Label: "Assignee", Help: "The id of who works on it.", Type: actions.Text, Choices: users()}, "filter.assignee.id.eq"),
		in(actions.Field{ID: "labels", Label: "Labels", Help: "The ids of labels, one of which it has.", Type: actions.Texts, Choices: labels()}, "filter.labels.some.id.in"),
		in(actions.Field{ID: "project", Label: "Project", Help: "The id of a project.", Type: actions.Text, Choices: projects()}, "filter.project.id.eq"),
		priorityField("filter.priority.eq"),
		in(actions.Field{ID: "title", Label: "Title", Help: "Words that stand in the title as they are here.", Type: actions.Text, Example: "export"}, "filter.title.containsIgnoreCase"),
		in(actions.Field{ID: "created_from", Label: "Made from", Help: "Only those made from this time on.", Type: actions.DateTime, Example: "2026-01-31T09:30:00Z"}, "filter.createdAt.gte"),
		in(actions.Field{ID: "updated_from", Label: "Changed from", Help: "Only those changed from this time on.", Type: actions.DateTime}, "filter.updatedAt.gte"),
		in(actions.Field{ID: "order", Label: "Order", Help: "What it goes by; the newest come first.", Type: actions.Select, Default: "createdAt", Options: []actions.Option{{Value: "createdAt", Label: "When it was made"}, {Value: "updatedAt", Label: "When it changed"}}}, "order"),
		in(actions.Field{ID: "archived", Label: "Also archived", Help: "Whether archived issues are given too.", Type: actions.Boolean, Default: false}, "archived"))
}

func searchIssues() actions.Action {
	return listing("search_issues", "Search issues", "Finds issues by words in their title, description and, where wanted, comments, the best first.",
		`query($term: String!, $team: String, $comments: Boolean, $first: Int, $after: String) { searchIssues(term: $term, teamId: $team, includeComments: $comments, first: $first, after: $after) { nodes`+issueParts+rest+`} }`, "searchIssues", issue(),
		in(actions.Field{ID: "text", Label: "Text", Help: "Words to look for.", Type: actions.Text, Required: true, Example: "export stops"}, "term"),
		optional(teamField("team")),
		in(actions.Field{ID: "comments", Label: "Also in comments", Help: "Whether comments are searched too.", Type: actions.Boolean, Default: false}, "comments"))
}
