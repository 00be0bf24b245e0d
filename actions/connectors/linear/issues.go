package linear

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// issueParts are what is asked of an issue. Its labels are 20 at most, which keeps a list of a hundred within the points that
// Linear gives a request. Source: https://linear.app/developers/rate-limiting
const issueParts = ` { id identifier title description url priority priorityLabel branchName estimate dueDate createdAt updatedAt completedAt canceledAt archivedAt
 state { id name type } team { id key name } assignee { id name email } creator { id name email } project { id name } cycle { id number name } parent { id identifier title }
 labels(first: 20) { nodes { id name } } } `

func person() map[string]any {
	return map[string]any{"id": "5f6b2f0e-6d5c-4c46-9c0a-6f3f8a1d2b11", "name": "Ada Lovelace", "email": "ada@example.com"}
}

func issue() map[string]any {
	return map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "identifier": "ENG-42", "title": "The export stops", "description": "Since this morning.", "url": "https://linear.app/acme/issue/ENG-42/the-export-stops",
		"priority": 2, "priorityLabel": "High", "branchName": "ada/eng-42-the-export-stops", "estimate": nil, "dueDate": "2026-02-06", "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:45:00.000Z",
		"completedAt": nil, "canceledAt": nil, "archivedAt": nil, "state": map[string]any{"id": "c1a2b3d4-0000-4000-8000-000000000001", "name": "In Progress", "type": "started"},
		"team": map[string]any{"id": "b1a2b3d4-0000-4000-8000-000000000002", "key": "ENG", "name": "Engineering"}, "assignee": person(), "creator": person(), "project": nil, "cycle": nil, "parent": nil,
		"labels": map[string]any{"nodes": []any{map[string]any{"id": "d1a2b3d4-0000-4000-8000-000000000003", "name": "Bug"}}}}
}

// in is a field that becomes a variable.
func in(f actions.Field, variable string) actions.Field {
	f.In, f.Name = actions.InNone, variable
	return f
}

func optional(f actions.Field) actions.Field {
	f.Required = false
	return f
}

func issueField(variable string) actions.Field {
	return in(actions.Field{ID: "issue", Label: "Issue", Help: "Its identifier, as ENG-42, its id, or the address of its page.", Type: actions.Text, Required: true, Example: "ENG-42", Choices: issues(), Link: issueLink}, variable)
}

func titleField() actions.Field {
	return in(actions.Field{ID: "title", Label: "Title", Help: "One line.", Type: actions.Text, Required: true, Example: "The export stops"}, "input.title")
}

// details are what may be said of an issue that is made or changed. Where its team is an input, its states, labels and cycles are
// the team's.
func details(state, labels, cycle *actions.Choices) []actions.Field {
	return []actions.Field{
		in(actions.Field{ID: "description", Label: "Description", Help: "In Markdown.", Type: actions.LongText, Example: "Since this morning."}, "input.description"),
		in(actions.Field{ID: "state", Label: "Status", Help: "The id of a status of the issue's team.", Type: actions.Text, Choices: state}, "input.stateId"),
		in(actions.Field{ID: "assignee", Label: "Assignee", Help: "The id of who works on it.", Type: actions.Text, Choices: users()}, "input.assigneeId"),
		priorityField("input.priority"),
		in(actions.Field{ID: "labels", Label: "Labels", Help: "The ids of all its labels.", Type: actions.Texts, Choices: labels}, "input.labelIds"),
		in(actions.Field{ID: "project", Label: "Project", Help: "The id of the project that it belongs to.", Type: actions.Text, Choices: projects()}, "input.projectId"),
		in(actions.Field{ID: "cycle", Label: "Cycle", Help: "The id of the cycle that it is planned for.", Type: actions.Text, Choices: cycle}, "input.cycleId"),
		in(actions.Field{ID: "milestone", Label: "Milestone", Help: "The id of a milestone of its project.", Type: actions.Text}, "input.projectMilestoneId"),
		in(actions.Field{ID: "parent", Label: "Parent", Help: "The issue that it is a part of: its identifier or its id.", Type: actions.Text, Choices: issues(), Link: issueLink}, "input.parentId"),
		in(actions.Field{ID: "estimate", Label: "Estimate", Help: "In the points of the team.", Type: actions.Integer}, "input.estimate"),
		in(actions.Field{ID: "due", Label: "Due date", Help: "The day, as 2026-01-31.", Type: actions.Text, Example: "2026-01-31"}, "input.dueDate"),
	}
}

func priorityField(variable string) actions.Field {
	return in(actions.Field{ID: "priority", Label: "Priority", Help: "How urgent it is.", Type: actions.Select,
		Options: []actions.Option{{Value: "0", Label: "None"}, {Value: "1", Label: "Urgent"}, {Value: "2", Label: "High"}, {Value: "3", Label: "Medium"}, {Value: "4", Label: "Low"}}}, variable)
}

func createFields() []actions.Field {
	return append(append([]actions.Field{teamField("input.teamId"), titleField()}, details(states(inTeam()), labels(inTeam()), cycles(inTeam()))...),
		in(actions.Field{ID: "subscribers", Label: "Subscribers", Help: "The ids of people who are told of what happens to it.", Type: actions.Texts, Choices: users()}, "input.subscriberIds"))
}

func plainCreateIssue() actions.Action {
	return changing("create_issue", "Create an issue", "Makes an issue of a team.", noKey, `mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue`+issueParts+`} }`, "/issueCreate/issue", issue(), createFields()...)
}

func createIssue() actions.Action { return keyed(plainCreateIssue(), issueByID(), "input.id") }

// issueByID reads what an id of ours made.
func issueByID() actions.Action {
	return reading("issue_by_id", "", "", `query($id: String!) { issue(id: $id)`+issueParts+`}`, "/issue", issue(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
}

// findOrCreateIssue looks for the latest issue of a team with the very title.
func findOrCreateIssue() actions.Action {
	find := listing("find_issue", "", "", `query($filter: IssueFilter, $first: Int, $after: String) { issues(filter: $filter, first: $first, after: $after, orderBy: createdAt) { nodes`+issueParts+rest+`} }`, "issues", issue(),
		teamField("filter.team.id.eq"), in(titleField(), "filter.title.eqIgnoreCase"))
	return findOrMake("find_or_create_issue", "Find or create an issue", "Finds the latest issue of a team with a title, or makes it.", find, plainCreateIssue(), issueByID(), "input.id")
}

// createIssues makes several at once, or none where one of them is wrong.
func createIssues() actions.Action {
	of := createFields()
	for i := range of {
		of[i].Choices = nil // each item has inputs of its own
	}
	list := actions.Field{ID: "issues", Label: "Issues", Help: "Up to 50, each with the inputs of one that is made alone.", Type: actions.List, Required: true, In: actions.InNone, Fields: of}
	a := changing("create_issues", "Create several issues", "Makes issues at once; where one of them is wrong none is made. The output is the list of them.", noKey, createSeveral, "/issueBatchCreate/issues", []any{issue()}, list)
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		items, _ := in["issues"].([]any)
		if len(items) == 0 || len(items) > 50 {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input issues: there are %d; from 1 to 50 are taken.", len(items))
		}
		inputs := []any{}
		for _, item := range items {
			one, _ := item.(map[string]any)
			vars, err := variables(of, one)
			if err != nil {
				return actions.Parts{}, err
			}
			inputs = append(inputs, vars["input"])
		}
		return actions.Parts{Body: map[string]any{"query": createSeveral, "variables": map[string]any{"input": map[string]any{"issues": inputs}}}}, nil
	}
	return a
}

const createSeveral = `mutation($input: IssueBatchCreateInput!) { issueBatchCreate(input: $input) { success issues` + issueParts + `} }`

func getIssue() actions.Action {
	return reading("get_issue", "Get an issue", "Reads an issue by its identifier or id.", `query($id: String!) { issue(id: $id)`+issueParts+`}`, "/issue", issue(), issueField("id"))
}

func getIssueByBranch() actions.Action {
	return reading("get_issue_by_branch", "Get the issue of a branch", "Finds the issue that a branch of a repository was made for.", `query($branch: String!) { issueVcsBranchSearch(branchName: $branch)`+issueParts+`}`, "/issueVcsBranchSearch", issue(),
		in(actions.Field{ID: "branch", Label: "Branch", Help: "Its name.", Type: actions.Text, Required: true, Example: "ada/eng-42-the-export-stops"}, "branch"))
}

// updateFields are what changes of an issue.
func updateFields() []actions.Field {
	return append(append([]actions.Field{optional(titleField())}, details(states(), labels(), cycles())...),
		in(actions.Field{ID: "add_labels", Label: "Add labels", Help: "The ids of labels put beside those that are there.", Type: actions.Texts, Choices: labels()}, "input.addedLabelIds"),
		in(actions.Field{ID: "remove_labels", Label: "Remove labels", Help: "The ids of labels taken off.", Type: actions.Texts, Choices: labels()}, "input.removedLabelIds"),
		in(actions.Field{ID: "team", Label: "Move to team", Help: "The id of another team.", Type: actions.Text, Choices: teams()}, "input.teamId"),
		clearField("assignee, project, cycle, milestone, parent, estimate, due or description", "assignee"))
}

// clearField is the input for what is emptied. It stands last, after what it names.
func clearField(which, example string) actions.Field {
	return in(actions.Field{ID: "clear", Label: "Empty", Help: "The inputs to empty: " + which + ".", Type: actions.Texts, Example: []any{example}}, "clear")
}

func updateIssue() actions.Action {
	return changing("update_issue", "Update an issue", "Changes what is given of an issue and leaves the rest.", sameAfter, `mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success issue`+issueParts+`} }`, "/issueUpdate/issue", issue(),
		append([]actions.Field{issueField("id")}, updateFields()...)...)
}

func updateIssues() actions.Action {
	a := changing("update_issues", "Update several issues", "Changes the same of up to 50 issues. The output is the list of them.", sameAfter, `mutation($ids: [UUID!]!, $input: IssueUpdateInput!) { issueBatchUpdate(ids: $ids, input: $input) { success issues`+issueParts+`} }`, "/issueBatchUpdate/issues", []any{issue()},
		append([]actions.Field{in(actions.Field{ID: "issues", Label: "Issues", Help: "Their ids, at most 50; identifiers are not taken here.", Type: actions.Texts, Required: true, Example: []any{"9cfb482a-81e3-4154-b5b9-2c805e70a02d"}, Choices: issues()}, "ids")}, updateFields()...)...)
	a.Check = func(with map[string]any, written func(string) bool) []actions.InputIssue {
		if list, _ := with["issues"].([]any); written("issues") && len(list) > 50 {
			return []actions.InputIssue{{Path: "/issues", Message: "At most 50 issues are taken."}}
		}
		return nil
	}
	return a
}

func labelField() actions.Field {
	return in(actions.Field{ID: "label", Label: "Label", Help: "Its id.", Type: actions.Text, Required: true, Example: "d1a2b3d4-0000-4000-8000-000000000003", Choices: labels()}, "label")
}

func addLabel() actions.Action {
	return changing("add_label", "Add a label", "Puts a label on an issue beside those that are there.", "A label that is there stays, so a repeat changes nothing.",
		`mutation($id: String!, $label: String!) { issueAddLabel(id: $id, labelId: $label) { success issue`+issueParts+`} }`, "/issueAddLabel/issue", issue(), issueField("id"), labelField())
}

func removeLabel() actions.Action {
	return changing("remove_label", "Remove a label", "Takes a label off an issue.", "The label is off the issue after a repeat too.",
		`mutation($id: String!, $label: String!) { issueRemoveLabel(id: $id, labelId: $label) { success issue`+issueParts+`} }`, "/issueRemoveLabel/issue", issue(), issueField("id"), labelField())
}

func subscribe() actions.Action {
	return changing("subscribe", "Subscribe a person to an issue", "Lets a person be told of what happens to an issue.", "Who is subscribed stays so, and a repeat changes nothing.",
		`mutation($id: String!, $user: String!) { issueSubscribe(id: $id, userId: $user) { success issue`+issueParts+`} }`, "/issueSubscribe/issue", issue(), issueField("id"),
		in(actions.Field{ID: "user", Label: "Person", Help: "The id.", Type: actions.Text, Required: true, Example: "5f6b2f0e-6d5c-4c46-9c0a-6f3f8a1d2b11", Choices: users()}, "user"))
}

func archiveIssue() actions.Action {
	return changing("archive_issue", "Archive an issue", "Puts an issue away; it can be brought back.", "An archived issue stays so, and a repeat changes nothing.",
		`mutation($id: String!) { issueArchive(id: $id) { success entity`+issueParts+`} }`, "/issueArchive/entity", issue(), issueField("id"))
}

func unarchiveIssue() actions.Action {
	return changing("unarchive_issue", "Bring an issue back", "Takes an issue out of the archive or the trash.", "An issue that is there stays so, and a repeat changes nothing.",
		`mutation($id: String!) { issueUnarchive(id: $id) { success entity`+issueParts+`} }`, "/issueUnarchive/entity", issue(), issueField("id"))
}

// deleteIssue puts the issue into the trash, where Linear keeps it for 30 days.
func deleteIssue() actions.Action {
	return gone(changing("delete_issue", "Delete an issue", "Puts an issue into the trash, where it stays for 30 days.", "An issue that is gone already counts as deleted, so a repeat changes nothing.",
		`mutation($id: String!) { issueDelete(id: $id) { success } }`, "/issueDelete/success", true, issueField("id")), "Issue")
}

// gone makes of an action that deletes one that takes what is not there for deleted.
func gone(a actions.Action, kind string) actions.Action {
	sample := map[string]any{"deleted": true}
	a.Output, a.Sample = value.ShapeOf(sample), sample
	a.Description += " deleted is false where there was none."
	a.Errors = actions.ErrorTable{{Pointer: "/errors/0/message", Equals: "Entity not found: " + kind}}
	inner := a.Request.Output
	a.Request.Output = func(resp actions.Response) (any, error) {
		if value.At(resp.Value, "/errors/0") != nil {
			return map[string]any{"deleted": false}, nil
		}
		if _, err := inner(resp); err != nil {
			return nil, err
		}
		return sample, nil
	}
	return a
}
