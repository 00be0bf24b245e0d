package jira

import (
	"fmt"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// issues is the trigger for the issues of a project that were created, or updated: field is Jira's name of that time.
// Jira's search shows an issue some seconds after it was made, as a rule. Source:
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
func issues(field string) actions.Trigger {
	sample := map[string]any{"id": "10042", "key": "SUP-42", "self": "https://acme.atlassian.net/rest/api/3/issue/10042",
		"fields": map[string]any{"summary": "The export stops", "created": "2026-01-31T09:30:00.000+0000", "updated": "2026-01-31T09:45:00.000+0000",
			"status": map[string]any{"name": "To Do"}, "issuetype": map[string]any{"name": "Bug"}, "priority": map[string]any{"name": "High"}, "project": map[string]any{"key": "SUP"},
			"labels": []any{"export"}, "assignee": nil, "reporter": map[string]any{"accountId": "5b10ac8d82e05b22cc7d4ef5", "displayName": "Ada Lovelace"}}}
	name, description := "New issue", "An issue was made in a project."
	if field == "updated" {
		name, description = "Issue made or changed", "An issue of a project was made or changed; of several changes between two looks the last one counts."
	}
	return actions.Trigger{
		ID: "issue_" + field, Name: name, Description: description, Kind: actions.PollKind,
		Input: []actions.Field{
			{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, Required: true, In: actions.InNone, Example: "SUP"},
			{ID: "jql", Label: "Only those", Help: "A condition in JQL, without ORDER BY, as priority = High.", Type: actions.Text, In: actions.InNone, Example: "priority = High"},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "POST", Path: "/rest/api/3/search/jql", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				return search(field, in)
			}},
			Page: actions.Page{Kind: actions.NextToken, Items: "/issues", ID: "/id", Next: "/nextPageToken", At: actions.Spot{In: actions.InBody, Name: "nextPageToken"},
				Size: 100, Sizes: actions.Spot{In: actions.InBody, Name: "maxResults"}},
			Time: "/fields/" + field, Changed: field == "updated", Order: actions.OldestFirst,
			Since: actions.Since{As: actions.MinutesAgo}, Overlap: 5 * time.Minute, Every: 2 * time.Minute, Least: 30 * time.Second,
		},
	}
}

// search writes the query. Times in JQL are of the account's zone, so it is asked by minutes before now.
func search(field string, in map[string]any) (actions.Parts, error) {
	terms := []string{"project = " + quoted(value.Text(in["project"]))}
	if jql := strings.TrimSpace(value.Text(in["jql"])); jql != "" {
		if strings.Contains(strings.ToUpper(jql), "ORDER BY") {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input jql: leave ORDER BY out; the order is the trigger's to choose.")
		}
		terms = append(terms, "("+jql+")")
	}
	if minutes := in["since"]; minutes != nil {
		terms = append(terms, fmt.Sprintf(`%s >= "-%sm"`, field, value.Text(minutes)))
	}
	return actions.Parts{Body: map[string]any{"jql": strings.Join(terms, " AND ") + " ORDER BY " + field + " ASC, key ASC", "fields": []any{"*navigable"}}}, nil
}

// quoted is a text as JQL has it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
