package jira

import (
	"fmt"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// issues is the trigger for the issues of a project that were created, or updated: field is Jira's name of that time.
// Jira's search shows an issue some seconds after it was made, as a rule. Source:
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
func issues(field string) actions.Trigger {
	sample := issue()
	name, description := "New issue", "An issue was made in a project."
	if field == "updated" {
		name, description = "Issue made or changed", "An issue of a project was made or changed; of several changes between two looks the last one counts."
	}
	return actions.Trigger{
		ID: "issue_" + field, Name: name, Description: description, Kind: actions.PollKind,
		Input: []actions.Field{
			{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, Required: true, In: actions.InNone, Example: "SUP", Choices: projects(), Link: projectLink},
			{ID: "jql", Label: "Only those", Help: "A condition in JQL, without ORDER BY, as priority = High.", Type: actions.Text, In: actions.InNone, Example: "priority = High"},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "POST", Path: "/rest/api/3/search/jql", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				return search(field, in)
			}},
			Page: *found(),
			Time: "/fields/" + field, Changed: field == "updated", Order: actions.OldestFirst,
			Since: actions.Since{As: actions.MinutesAgo}, Overlap: 5 * time.Minute, Every: 2 * time.Minute, Least: 30 * time.Second,
		},
	}
}

// matching is the trigger for the issues of any project that fit a condition.
func matching(field string) actions.Trigger {
	t := issues(field)
	t.ID, t.Name, t.Description = "issue_matching_"+field, "New issue by JQL", "An issue was made that fits a condition, in any project."
	if field == "updated" {
		t.Name, t.Description = "Changed issue by JQL", "An issue was made or changed and fits a condition, in any project; of several changes between two looks the last one counts."
	}
	t.Input = []actions.Field{{ID: "jql", Label: "Condition", Help: "In JQL, without ORDER BY, as project in (SUP, ENG) AND priority = High.", Type: actions.Text, Required: true, In: actions.InNone, Example: "project in (SUP, ENG) AND priority = High"}}
	return t
}

// search writes the query. Times in JQL are of the account's zone, so it is asked by minutes before now.
func search(field string, in map[string]any) (actions.Parts, error) {
	var terms []string
	if in["project"] != nil {
		terms = append(terms, "project = "+quoted(value.Text(in["project"])))
	}
	jql, err := condition(in["jql"])
	if err != nil {
		return actions.Parts{}, err
	}
	if jql != "" {
		terms = append(terms, jql)
	}
	if minutes := in["since"]; minutes != nil {
		terms = append(terms, fmt.Sprintf(`%s >= "-%sm"`, field, value.Text(minutes)))
	}
	return actions.Parts{Body: map[string]any{"jql": strings.Join(terms, " AND ") + " ORDER BY " + field + " ASC, key ASC", "fields": []any{"*navigable"}}}, nil
}

// newProject is the trigger for projects. Jira does not say when one was made, so they are told apart by their ids.
func newProject() actions.Trigger {
	sample := project()
	return actions.Trigger{
		ID: "new_project", Name: "New project", Description: "A project was made that the account sees.", Kind: actions.PollKind, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/project/search"}, Page: offset("/values", "/id"), Rises: "/id", Every: 10 * time.Minute, Least: time.Minute},
	}
}
