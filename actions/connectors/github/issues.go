package github

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Guarantees that several actions give.
const (
	readsOnly = "It only reads, so it is asked again after a crash."
	noKey     = "GitHub has no key that would make a repeat harmless: what was made and whose answer was lost in a crash is not made again by itself, you are asked."
	sameAfter = "It says how it is to be, so a repeat changes nothing."
)

func account() map[string]any {
	return map[string]any{"login": "octocat", "id": 1, "type": "User", "html_url": "https://github.com/octocat"}
}

func issue() map[string]any {
	return map[string]any{"id": 1, "number": 1347, "title": "Found a bug", "body": "I'm having a problem with this.", "state": "open", "user": account(), "assignees": []any{account()},
		"labels": []any{map[string]any{"id": 208045946, "name": "bug", "color": "f29513", "description": "Something isn't working"}}, "milestone": nil, "comments": 0,
		"html_url": "https://github.com/octocat/Hello-World/issues/1347", "created_at": "2011-04-22T13:33:48Z", "updated_at": "2011-04-22T13:33:48Z", "closed_at": nil}
}

// issueField is the input for an issue. GitHub counts issues and pull requests together, and most calls take either.
func issueField() actions.Field {
	return actions.Field{ID: "issue", Label: "Issue", Help: "Its number, or the address of its page; a pull request's does too.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "issue_number", Example: 1347, Link: numberLink,
		Choices: inRepository("/repos/{owner}/{repo}/issues", "/number", "#{/number} {/title}")}
}

func labelsField(help string) actions.Field {
	return actions.Field{ID: "labels", Label: "Labels", Help: help, Type: actions.Texts, Example: []any{"bug"}, Choices: inRepository("/repos/{owner}/{repo}/labels", "/name", "")}
}

func assigneesField() actions.Field {
	return actions.Field{ID: "assignees", Label: "Assignees", Help: "The names of their accounts; whoever has no access to the repository is left out without a word.", Type: actions.Texts, Example: []any{"octocat"}}
}

func titleField() actions.Field {
	return actions.Field{ID: "title", Label: "Title", Help: "One line.", Type: actions.Text, Required: true, Example: "Found a bug"}
}

func bodyField() actions.Field {
	return actions.Field{ID: "body", Label: "Text", Help: "In GitHub's Markdown.", Type: actions.LongText, Example: "I'm having a problem with this."}
}

// createIssue makes an issue. Source: https://docs.github.com/en/rest/issues/issues#create-an-issue
func createIssue() actions.Action {
	sample := issue()
	return actions.Action{
		ID: "create_issue", Name: "Create an issue", Description: "Makes an issue in a repository.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{ownerField(), repoField(), titleField(), bodyField(), labelsField("Put on the issue; only who may write to the repository can set them."), assigneesField(),
			{ID: "milestone", Label: "Milestone", Help: "Its number, or the address of its page.", Type: actions.Integer, Link: numberLink, Choices: milestoneChoices()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/issues", Body: actions.JSONBody},
	}
}

func getIssue() actions.Action {
	sample := issue()
	return actions.Action{
		ID: "get_issue", Name: "Get an issue", Description: "Reads an issue by its number.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(), issueField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/issues/{issue_number}"},
	}
}

// updateIssue changes what is given. Source: https://docs.github.com/en/rest/issues/issues#update-an-issue
func updateIssue() actions.Action {
	sample := issue()
	title := titleField()
	title.Required = false
	return actions.Action{
		ID: "update_issue", Name: "Update an issue", Description: "Changes what is given of an issue and leaves the rest; also closes it or opens it again.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{ownerField(), repoField(), issueField(), title, bodyField(),
			{ID: "state", Label: "State", Help: "Whether it is to be done.", Type: actions.Select, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}}},
			{ID: "state_reason", Label: "Why", Help: "Goes with the state.", Type: actions.Select, Options: []actions.Option{{Value: "completed", Label: "Done"}, {Value: "not_planned", Label: "Not planned"}, {Value: "duplicate", Label: "Duplicate"}, {Value: "reopened", Label: "Opened again"}}},
			labelsField("In place of those that are there; an empty list takes all off."), assigneesField(),
			{ID: "milestone", Label: "Milestone", Help: "Its number, or the address of its page.", Type: actions.Integer, Link: numberLink, Choices: milestoneChoices()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/repos/{owner}/{repo}/issues/{issue_number}", Body: actions.JSONBody},
	}
}

// listIssues gives pull requests too, which GitHub counts as issues.
// Source: https://docs.github.com/en/rest/issues/issues#list-repository-issues
func listIssues() actions.Action {
	a := listing("list_issues", "List issues", "Gives the issues of a repository, and its pull requests with them: those have the member pull_request. Searching tells them apart.", "/repos/{owner}/{repo}/issues", issue(),
		ownerField(), repoField(), stateField(),
		actions.Field{ID: "labels", Label: "Labels", Help: "All of them stand on the issue.", Type: actions.Texts, In: actions.InNone, Choices: inRepository("/repos/{owner}/{repo}/labels", "/name", "")},
		actions.Field{ID: "assignee", Label: "Assignee", Help: "An account's name; none or * also.", Type: actions.Text, In: actions.InQuery, Example: "octocat"},
		actions.Field{ID: "since", Label: "Changed since", Help: "Only those that changed from this time on.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		sortField("created", "updated", "comments"), directionField())
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		query := since(in)
		if list, _ := in["labels"].([]any); len(list) > 0 {
			names := make([]string, len(list))
			for i, name := range list {
				names[i] = value.Text(name)
			}
			query["labels"] = strings.Join(names, ",")
		}
		return actions.Parts{Query: query}, nil
	}
	return a
}

// findOrCreateIssue looks for an open or closed issue of the very title: the search finds words only.
func findOrCreateIssue() actions.Action {
	create, find := createIssue(), searchIssues()
	sample := map[string]any{"found": true, "item": issue()}
	return actions.Action{
		ID: "find_or_create_issue", Name: "Find or create an issue", Description: "Finds the latest issue of a repository with a title, open or closed, or makes it.", Effect: actions.Once,
		Guarantee: "It looks first, so an issue that is there is not made again; GitHub's search shows a new one after a while, so two at once may both be made. " + noKey,
		Input:     create.Input, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			title := value.Text(in.Values["title"])
			answer, err := do.Ask(ctx, &find, map[string]any{"owner": in.Values["owner"], "repo": in.Values["repo"], "text": title, "within": "title", "limit": 100})
			if err != nil {
				return nil, err
			}
			items, _ := value.At(answer, "/items").([]any)
			for _, item := range items {
				if do.Sandboxed() || strings.EqualFold(value.Text(value.At(item, "/title")), strings.TrimSpace(title)) {
					return map[string]any{"found": true, "item": item}, nil
				}
			}
			item, err := do.Ask(ctx, &create, in.Values)
			return map[string]any{"found": false, "item": item}, err
		},
	}
}

// searchIssues finds issues and pull requests. Source: https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests
func searchIssues() actions.Action {
	optional := func(f actions.Field) actions.Field {
		f.Required, f.In = false, actions.InNone
		return f
	}
	a := listing("search_issues", "Search issues and pull requests", "Finds issues or pull requests that fit all conditions that are given, at most 1,000. GitHub's search shows a change after a while.", "/search/issues", issue(),
		optional(ownerField()), optional(repoField()),
		actions.Field{ID: "text", Label: "Text", Help: "Words that are all in it.", Type: actions.Text, In: actions.InNone, Example: "export stops"},
		actions.Field{ID: "within", Label: "Where", Help: "Where the words stand.", Type: actions.Select, Default: "any", In: actions.InNone, Options: []actions.Option{{Value: "any", Label: "Anywhere"}, {Value: "title", Label: "In the title"}, {Value: "body", Label: "In the text"}, {Value: "comments", Label: "In the comments"}}},
		actions.Field{ID: "kind", Label: "What", Help: "Issues or pull requests.", Type: actions.Select, Default: "issue", In: actions.InNone, Options: []actions.Option{{Value: "issue", Label: "Issues"}, {Value: "pr", Label: "Pull requests"}}},
		actions.Field{ID: "state", Label: "State", Help: "Which.", Type: actions.Select, Default: "all", In: actions.InNone, Options: []actions.Option{{Value: "all", Label: "All"}, {Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}}},
		actions.Field{ID: "labels", Label: "Labels", Help: "All of them stand on it.", Type: actions.Texts, In: actions.InNone},
		actions.Field{ID: "assignee", Label: "Assignee", Help: "An account's name.", Type: actions.Text, In: actions.InNone, Example: "octocat"},
		actions.Field{ID: "author", Label: "Author", Help: "An account's name.", Type: actions.Text, In: actions.InNone, Example: "octocat"},
		actions.Field{ID: "query", Label: "Further conditions", Help: "In GitHub's search syntax, as milestone:v2. Texts from elsewhere go into the inputs beside it, which are escaped.", Type: actions.Text, In: actions.InNone, Example: "milestone:v2"},
		sortField("created", "updated", "comments"), actions.Field{ID: "direction", Label: "Direction", Help: "Which come first.", Type: actions.Select, Default: "desc", In: actions.InQuery, Name: "order", Options: directions()})
	a.Page.Items, a.Page.Sure = "/items", "/items"
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		q, err := search(in)
		return actions.Parts{Query: map[string]any{"q": q}}, err
	}
	return a
}

// search writes the conditions in GitHub's syntax. Texts stand in quotation marks, where no word is an operator.
// Source: https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests
func search(in map[string]any) (string, error) {
	owner, repo := value.Text(in["owner"]), value.Text(in["repo"])
	terms := []string{"is:" + value.Text(in["kind"])}
	switch {
	case repo != "" && owner == "":
		return "", fault.New(fault.InvalidInput, "The input owner: a repository goes with its owner.")
	case repo != "":
		terms = append(terms, "repo:"+quoted(owner+"/"+repo))
	case owner != "":
		terms = append(terms, "user:"+quoted(owner))
	}
	for _, word := range strings.Fields(value.Text(in["text"])) {
		terms = append(terms, quoted(word))
	}
	if where := value.Text(in["within"]); where != "any" && where != "" {
		terms = append(terms, "in:"+where)
	}
	if state := value.Text(in["state"]); state != "all" && state != "" {
		terms = append(terms, "state:"+state)
	}
	labels, _ := in["labels"].([]any)
	for _, label := range labels {
		terms = append(terms, "label:"+quoted(value.Text(label)))
	}
	for _, name := range []string{"assignee", "author"} {
		if text := value.Text(in[name]); text != "" {
			terms = append(terms, name+":"+quoted(text))
		}
	}
	if more := strings.TrimSpace(value.Text(in["query"])); more != "" {
		terms = append(terms, more)
	}
	return strings.Join(terms, " "), nil
}

// quoted is a text in quotation marks, as GitHub's search has it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
