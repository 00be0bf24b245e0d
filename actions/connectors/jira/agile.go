package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Boards and sprints are Jira Software's. Its operations take other scopes than Jira's own, and none of the classic ones.
// Source: https://developer.atlassian.com/cloud/jira/software/scopes-for-oauth-2-3LO-and-forge-apps/
const (
	readBoards   = "read:board-scope:jira-software"
	writeBoards  = "write:board-scope:jira-software"
	readSprints  = "read:sprint:jira-software"
	writeSprints = "write:sprint:jira-software"
	readProjects = "read:project:jira"
)

func boardChoices() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/agile/1.0/board"}, Page: offset("/values", ""), Value: "/id", Label: "{/name} ({/type})", Search: actions.Spot{In: actions.InQuery, Name: "name"}}
}

func boardField() actions.Field {
	return actions.Field{ID: "board", Label: "Board", Help: "Its number, or the address of its page.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 84, Link: boardLink, Choices: boardChoices()}
}

// listBoards gives boards. Source: https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/
func listBoards() actions.Action {
	return listing("list_boards", "List boards", "Gives the boards that the account sees.", "/rest/agile/1.0/board", offset("/values", "/id"),
		map[string]any{"id": 84, "name": "SUP board", "type": "scrum", "self": "https://acme.atlassian.net/rest/agile/1.0/board/84", "location": map[string]any{"projectId": 10000, "projectKey": "SUP", "projectName": "Support"}},
		actions.Field{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, In: actions.InQuery, Name: "projectKeyOrId", Example: "SUP", Choices: projects(), Link: projectLink},
		actions.Field{ID: "type", Label: "Kind", Help: "Which are given.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "scrum", Label: "Scrum"}, {Value: "kanban", Label: "Kanban"}, {Value: "simple", Label: "Of a team-managed project"}}},
		actions.Field{ID: "name", Label: "Name", Help: "Part of it.", Type: actions.Text, In: actions.InQuery}).Needing(readBoards, readProjects)
}

func sprint() map[string]any {
	return map[string]any{"id": 37, "self": "https://acme.atlassian.net/rest/agile/1.0/sprint/37", "state": "active", "name": "SUP Sprint 7", "goal": "The export works", "originBoardId": 84,
		"startDate": "2026-01-26T08:00:00.000Z", "endDate": "2026-02-09T08:00:00.000Z"}
}

func sprintStates() []actions.Option {
	return []actions.Option{{Value: "active", Label: "Active"}, {Value: "future", Label: "Future"}, {Value: "closed", Label: "Closed"}}
}

// listSprints gives a board's sprints. Source: https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/
func listSprints() actions.Action {
	return listing("list_sprints", "List a board's sprints", "Gives the sprints of a Scrum board.", "/rest/agile/1.0/board/{board}/sprint", offset("/values", "/id"), sprint(), boardField(),
		actions.Field{ID: "state", Label: "State", Help: "Which are given; all where not given.", Type: actions.Select, In: actions.InQuery, Example: "active", Options: sprintStates()}).Needing(readSprints)
}

// sprintFields are a sprint, and its board, by which it is chosen.
func sprintFields() []actions.Field {
	board := in(boardField(), actions.InNone)
	board.Required, board.Help = false, "Its number: only the list to choose the sprint from needs it."
	return []actions.Field{board, {ID: "sprint", Label: "Sprint", Help: "Its number, as listing a board's sprints gives it.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 37,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/agile/1.0/board/{board}/sprint", Query: map[string]string{"state": "active,future"}}, Page: offset("/values", ""), Value: "/id", Label: "{/name} ({/state})", Needs: []actions.Field{boardField()}}}}
}

// sprintDetails are what may be said of a sprint.
func sprintDetails() []actions.Field {
	return []actions.Field{
		{ID: "name", Label: "Name", Help: "At most 30 characters.", Type: actions.Text, Example: "SUP Sprint 7"},
		{ID: "goal", Label: "Goal", Help: "What it is for.", Type: actions.Text},
		{ID: "starts", Label: "Start", Help: "When it begins.", Type: actions.DateTime, Name: "startDate", Example: "2026-01-26T08:00:00Z"},
		{ID: "ends", Label: "End", Help: "When it is to end.", Type: actions.DateTime, Name: "endDate", Example: "2026-02-09T08:00:00Z"},
	}
}

// createSprint makes a sprint that has not begun. Source: https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/
func createSprint() actions.Action {
	sample := sprint()
	sample["state"] = "future"
	board := boardField()
	board.In, board.Name = actions.InBody, "originBoardId"
	fields := append([]actions.Field{board}, sprintDetails()...)
	fields[1].Required = true
	return actions.Action{
		ID: "create_sprint", Name: "Create a sprint", Description: "Makes a sprint on a Scrum board, which has not begun.", Effect: actions.Once,
		Guarantee: "Jira has no key that would make a repeat harmless: a sprint whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     fields, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/agile/1.0/sprint", Body: actions.JSONBody},
	}.Needing(writeSprints)
}

// updateSprint changes what is given: a POST there leaves the rest, a PUT does not.
func updateSprint() actions.Action {
	sample := sprint()
	return actions.Action{
		ID: "update_sprint", Name: "Update a sprint", Description: "Changes what is given of a sprint and leaves the rest; state begins or ends it. One that begins needs a start and an end.", Effect: actions.Idempotent,
		Guarantee: "It says how the sprint is to be, so a repeat changes nothing.",
		Input: append(sprintFields(), append(sprintDetails(),
			actions.Field{ID: "state", Label: "State", Help: "active begins it, closed ends it.", Type: actions.Select, Options: sprintStates()})...),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/agile/1.0/sprint/{sprint}", Body: actions.JSONBody},
	}.Needing(writeSprints)
}

// movedField are the issues that are moved.
func movedField() actions.Field {
	return actions.Field{ID: "issues", Label: "Issues", Help: "Their keys or ids, at most 50.", Type: actions.Texts, Required: true, Example: []any{"SUP-42", "SUP-43"}, Link: issueLink}
}

// moving is an action that puts issues somewhere, 50 at most. Jira answers without a word.
func moving(id, name, description, path string, input ...actions.Field) actions.Action {
	sample := done()
	return actions.Action{
		ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: "Issues that are there already stay, so a repeat changes nothing.",
		Input: append(input, movedField()), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: path, Body: actions.JSONBody, Output: wasDone, Prepare: func(in map[string]any) (actions.Parts, error) {
			if list, _ := in["issues"].([]any); len(list) == 0 || len(list) > 50 {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input issues: there are %d; from 1 to 50 are taken.", len(list))
			}
			return actions.Parts{}, nil
		}},
	}
}

func moveToSprint() actions.Action {
	return moving("move_to_sprint", "Move issues to a sprint", "Puts issues into a sprint that is active or to come.", "/rest/agile/1.0/sprint/{sprint}/issue", sprintFields()...).Needing(writeSprints)
}

// moveToBacklog takes issues out of sprints. Source: https://developer.atlassian.com/cloud/jira/software/rest/api-group-backlog/
func moveToBacklog() actions.Action {
	return moving("move_to_backlog", "Move issues to the backlog", "Takes issues out of their sprints that are active or to come.", "/rest/agile/1.0/backlog/issue").Needing(writeBoards)
}

// listSprintIssues searches by JQL: Jira Software's own list of a sprint's issues is described no longer at its old address.
// Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/#Sprint
func listSprintIssues() actions.Action {
	a := searchIssues()
	fields := sprintFields()
	fields[1].In = actions.InNone
	a.ID, a.Name, a.Description = "list_sprint_issues", "List a sprint's issues", "Gives the issues of a sprint in the order of the board. Jira's search shows a change after some seconds."
	a.Input = append(fields, actions.Field{ID: "jql", Label: "Only those", Help: "A condition in JQL, as status != Done.", Type: actions.Text, In: actions.InNone, Example: "status != Done"},
		wantedFields(actions.InBody, []any{"*navigable"}), actions.LimitField())
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		jql, err := condition(in["jql"])
		if jql != "" {
			jql = " AND " + jql
		}
		return actions.Parts{Body: map[string]any{"jql": "sprint = " + value.Text(in["sprint"]) + jql + " ORDER BY rank ASC"}}, err
	}
	return a
}
