package jira

import (
	"regexp"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func jqlField() actions.Field {
	return actions.Field{ID: "jql", Label: "Condition", Help: "In JQL, without ORDER BY, as priority = High. Texts from elsewhere go into the inputs beside it, which are escaped.", Type: actions.Text, In: actions.InNone, Example: "priority = High"}
}

func wantedFields(in actions.In, otherwise any) actions.Field {
	return actions.Field{ID: "fields", Label: "Fields", Help: "Which are given, by their ids; *navigable are those of lists, *all all.", Type: actions.Texts, In: in, Default: otherwise, Example: []any{"summary", "status"},
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/field"}, Value: "/id", Label: "/name"}}
}

// filters are conditions that people fill in; what stands in them is escaped.
func filters() []actions.Field {
	return []actions.Field{
		{ID: "project", Label: "Project", Help: "Its key, as SUP.", Type: actions.Text, In: actions.InNone, Example: "SUP", Choices: projects(), Link: projectLink},
		{ID: "issue_type", Label: "Issue type", Help: "As Bug.", Type: actions.Text, In: actions.InNone, Example: "Bug", Choices: issueTypes("/name")},
		{ID: "status", Label: "Status", Help: "As In Progress.", Type: actions.Text, In: actions.InNone, Choices: statuses()},
		{ID: "assignee", Label: "Assignee", Help: "The account id of who works on it.", Type: actions.Text, In: actions.InNone, Choices: assignable("project", "project"), Link: personLink},
		{ID: "labels", Label: "Labels", Help: "All of them stand on the issue.", Type: actions.Texts, In: actions.InNone},
		{ID: "text", Label: "Text", Help: "Words that stand in the summary, the description or a comment.", Type: actions.Text, In: actions.InNone, Example: "export stops"},
		jqlField(),
	}
}

// searchIssues finds issues. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
func searchIssues() actions.Action {
	shape, sample := actions.ListOf(issue())
	return actions.Action{
		ID: "search_issues", Name: "Search issues", Description: "Finds issues that fit all conditions that are given. Jira's search shows a change after some seconds.", Effect: actions.Read, Guarantee: readsOnly,
		Input: append(filters(),
			actions.Field{ID: "order", Label: "Order", Help: "Which come first.", Type: actions.Select, Default: "created DESC", In: actions.InNone, Options: []actions.Option{
				{Value: "created DESC", Label: "Newest first"}, {Value: "created ASC", Label: "Oldest first"}, {Value: "updated DESC", Label: "Latest changed first"}, {Value: "priority DESC", Label: "Most urgent first"}, {Value: "duedate ASC", Label: "Due soonest first"}}},
			wantedFields(actions.InBody, []any{"*navigable"}), actions.LimitField()),
		Output: shape, Sample: sample, Page: found(),
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/search/jql", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			jql, err := conditions(in)
			return actions.Parts{Body: map[string]any{"jql": jql + " ORDER BY " + value.Text(in["order"])}}, err
		}},
	}
}

// found is how the search's answer comes in parts.
func found() *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/issues", Sure: "/issues", ID: "/id", Next: "/nextPageToken", At: actions.Spot{In: actions.InBody, Name: "nextPageToken"},
		Size: 100, Sizes: actions.Spot{In: actions.InBody, Name: "maxResults"}}
}

func countIssues() actions.Action {
	sample := map[string]any{"count": 42}
	return actions.Action{
		ID: "count_issues", Name: "Count issues", Description: "Says how many issues fit all conditions that are given; Jira's number may lag a little.", Effect: actions.Read, Guarantee: readsOnly,
		Input: filters(), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/search/approximate-count", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			jql, err := conditions(in)
			return actions.Parts{Body: map[string]any{"jql": jql}}, err
		}},
	}
}

// conditions writes the query. Jira refuses one without any condition.
func conditions(in map[string]any) (string, error) {
	var terms []string
	for _, c := range []struct{ id, name string }{{"project", "project"}, {"issue_type", "issuetype"}, {"status", "status"}, {"assignee", "assignee"}} {
		if text := value.Text(in[c.id]); text != "" {
			terms = append(terms, c.name+" = "+quoted(text))
		}
	}
	labels, _ := in["labels"].([]any)
	for _, label := range labels {
		terms = append(terms, "labels = "+quoted(value.Text(label)))
	}
	if text := strings.TrimSpace(value.Text(in["text"])); text != "" {
		terms = append(terms, "text ~ "+quoted(plain(text)))
	}
	jql, err := condition(in["jql"])
	if err != nil {
		return "", err
	}
	if jql != "" {
		terms = append(terms, jql)
	}
	if len(terms) == 0 {
		return "", fault.New(fault.InvalidInput, "Give a condition: Jira gives no list of all issues there are.")
	}
	return strings.Join(terms, " AND "), nil
}

var (
	textForm  = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'`)
	orderForm = regexp.MustCompile(`(?i)\border\s+by\b`)
)

// condition is a person's own JQL, in brackets; empty: there is none. What would end the brackets, and with them the other
// conditions, is refused, and so is an order.
func condition(v any) (string, error) {
	jql := strings.TrimSpace(value.Text(v))
	if jql == "" {
		return "", nil
	}
	bare := textForm.ReplaceAllString(jql, " ")
	if orderForm.MatchString(bare) {
		return "", fault.New(fault.InvalidInput, "The input jql: leave ORDER BY out; the order is chosen beside it.")
	}
	depth := 0
	for _, c := range bare {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case '"', '\'':
			return "", fault.New(fault.InvalidInput, "The input jql: a quotation mark has no other one; write one that belongs to a text as \\\".")
		}
		if depth < 0 {
			return "", fault.New(fault.InvalidInput, "The input jql: its brackets do not go together.")
		}
	}
	if depth != 0 {
		return "", fault.New(fault.InvalidInput, "The input jql: its brackets do not go together.")
	}
	return "(" + jql + ")", nil
}

// quoted is a text as JQL has it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(text) + `"`
}

// plain takes the meaning from the signs that Jira's text search reads as operators.
// Source: https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/
func plain(text string) string {
	var b strings.Builder
	for _, c := range text {
		if strings.ContainsRune(`+-&|!(){}[]^~*?\:"`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
