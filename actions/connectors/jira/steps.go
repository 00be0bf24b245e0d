package jira

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func done() map[string]any { return map[string]any{"done": true} }

// wasDone is the output of what Jira answers without a word.
func wasDone(actions.Response) (any, error) { return done(), nil }

func assignIssue() actions.Action {
	sample := done()
	return actions.Action{
		ID: "assign_issue", Name: "Assign an issue", Description: "Says who works on an issue; it needs the right to assign only.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{issueField(),
			{ID: "account", Label: "Assignee", Help: "The person's account id; -1 for the project's default.", Type: actions.Text, Required: true, Name: "accountId", Example: "5b10ac8d82e05b22cc7d4ef5", Choices: assignable("issue", "issueKey"), Link: personLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/rest/api/3/issue/{issue}/assignee", Body: actions.JSONBody, Output: wasDone},
	}
}

func unassignIssue() actions.Action {
	sample := done()
	return actions.Action{
		ID: "unassign_issue", Name: "Unassign an issue", Description: "Lets nobody be the assignee of an issue.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{issueField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/rest/api/3/issue/{issue}", Body: actions.JSONBody, Output: wasDone, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"fields": map[string]any{"assignee": nil}}}, nil
		}},
	}
}

func transition() map[string]any {
	return map[string]any{"id": "21", "name": "Start work", "isAvailable": true, "to": map[string]any{"id": "3", "name": "In Progress", "statusCategory": map[string]any{"key": "indeterminate", "name": "In Progress"}}}
}

// listTransitions gives where an issue can go from where it is.
func listTransitions() actions.Action {
	shape, sample := actions.ListOf(transition())
	return actions.Action{
		ID: "list_transitions", Name: "List an issue's transitions", Description: "Gives the steps of the workflow that can be taken from the issue's status.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{issueField(), actions.LimitField()}, Output: shape, Sample: sample, Page: &actions.Page{Items: "/transitions", Sure: "/transitions", ID: "/id"},
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}/transitions"},
	}
}

// transitionIssue takes a step of the workflow, named as people know it.
// Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-post
func transitionIssue() actions.Action {
	list, take := listTransitions(), takeTransition()
	sample := map[string]any{"transition": transition()}
	return actions.Action{
		ID: "transition_issue", Name: "Move an issue to a status", Description: "Takes a step of the issue's workflow. The output says which step it was.", Effect: actions.Once,
		Guarantee: "A step can be taken from one status only, so what happened in a crash is not known here: it is not taken again by itself, you are asked.",
		Input: []actions.Field{in(issueField(), actions.InNone),
			{ID: "transition", Label: "To", Help: "The status to reach, as Done, or the step's name or id.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Done",
				Choices: &actions.Choices{Request: list.Request, Page: *list.Page, Value: "/name", Label: "{/name}: to {/to/name}", Needs: []actions.Field{issueField()}}},
			{ID: "fields", Label: "Fields", Help: "Those that the step asks for, by field id, as resolution.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"resolution": map[string]any{"name": "Done"}}},
			{ID: "comment", Label: "Comment", Help: "Written with the step; an empty line begins a new paragraph.", Type: actions.LongText, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			answer, err := do.Ask(ctx, &list, map[string]any{"issue": in.Values["issue"]})
			if err != nil {
				return nil, err
			}
			items, _ := value.At(answer, "/items").([]any)
			step, err := pick(items, value.Text(in.Values["transition"]))
			if do.Sandboxed() {
				step, err = transition(), nil
			}
			if err != nil {
				return nil, err
			}
			values := map[string]any{"issue": in.Values["issue"], "id": value.Text(value.At(step, "/id")), "fields": in.Values["fields"], "comment": in.Values["comment"]}
			_, err = do.Ask(ctx, &take, values)
			return map[string]any{"transition": step}, err
		},
	}
}

// pick finds a step by its id, its name, or the name of the status that it leads to.
func pick(steps []any, wanted string) (any, error) {
	var names []string
	for _, pointer := range []string{"/id", "/name", "/to/name"} {
		for _, step := range steps {
			if strings.EqualFold(value.Text(value.At(step, pointer)), strings.TrimSpace(wanted)) {
				return step, nil
			}
		}
	}
	for _, step := range steps {
		names = append(names, value.Text(value.At(step, "/name"))+" (to "+value.Text(value.At(step, "/to/name"))+")")
	}
	if len(names) == 0 {
		names = []string{"nothing"}
	}
	return nil, fault.New(fault.InvalidInput, "The input transition: the issue cannot go to %q from its status; it can: %s.", fault.Clip(wanted, 60), fault.Clip(strings.Join(names, ", "), 300))
}

// takeTransition is the step itself.
func takeTransition() actions.Action {
	return actions.Action{
		ID: "take_transition", Effect: actions.Once,
		Input: []actions.Field{issueField(), {ID: "id", Type: actions.Text, Required: true, Name: "transition.id"},
			{ID: "fields", Type: actions.Object}, {ID: "comment", Type: actions.LongText, In: actions.InNone}},
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue/{issue}/transitions", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			if value.Text(in["comment"]) == "" {
				return actions.Parts{}, nil
			}
			return actions.Parts{Body: map[string]any{"update": map[string]any{"comment": []any{map[string]any{"add": map[string]any{"body": document(value.Text(in["comment"]))}}}}}}, nil
		}},
	}
}

// in is a field that goes elsewhere.
func in(f actions.Field, place actions.In) actions.Field {
	f.In = place
	return f
}

// addWatcher sends a bare text for the body, which is no object of fields.
// Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-watchers/
func addWatcher() actions.Action {
	sample := done()
	return actions.Action{
		ID: "add_watcher", Name: "Add a watcher", Description: "Lets a person be told of what happens to an issue.", Effect: actions.Idempotent,
		Guarantee: "Who watches already goes on to, so a repeat changes nothing.",
		Input: []actions.Field{in(issueField(), actions.InNone),
			{ID: "account", Label: "Person", Help: "The account id.", Type: actions.Text, Required: true, In: actions.InNone, Example: "5b10ac8d82e05b22cc7d4ef5", Choices: assignable("issue", "issueKey"), Link: personLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			issue := value.Text(in.Values["issue"])
			if strings.Trim(issue, ".") == "" { // it would climb in the address
				return nil, fault.New(fault.InvalidInput, "The input issue: %q is no key.", issue)
			}
			body, err := json.Marshal(value.Text(in.Values["account"]))
			if err != nil {
				return nil, err
			}
			_, err = do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: "/rest/api/3/issue/" + url.PathEscape(issue) + "/watchers",
				Header: http.Header{"Content-Type": {"application/json"}}, Body: bytes.NewReader(body)})
			return done(), err
		},
	}
}

func listWatchers() actions.Action {
	shape, sample := actions.ListOf(map[string]any{"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true})
	return actions.Action{
		ID: "list_watchers", Name: "List watchers", Description: "Gives who is told of what happens to an issue.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{issueField(), actions.LimitField()}, Output: shape, Sample: sample, Page: &actions.Page{Items: "/watchers", Sure: "/watchers", ID: "/accountId"},
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}/watchers"},
	}
}
