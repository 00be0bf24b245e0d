package n8n

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

const onlyReads = "It only reads, so it is asked again after a crash."

// apiKey signs in to n8n's own API. Source: https://docs.n8n.io/api/authentication/
func apiKey() actions.Auth {
	return actions.Auth{Method: "api_key", Name: "API key of n8n", BaseURL: "https://{instance}/api/v1", Site: "instance",
		Help: "In n8n under Settings, n8n API. It looks after workflows and executions; a webhook needs none. For an instance without TLS or with a port put its address with /api/v1 under Other address, as http://n8n.local:5678/api/v1.",
		Fields: []actions.Field{{ID: "instance", Label: "Address of n8n", Help: "As myteam.app.n8n.cloud or n8n.example.com.", Type: actions.Text, Required: true, Link: `^https?://([^/:?#]+)`, Example: "n8n.example.com"},
			{ID: "api_key", Label: "API key", Help: "Of somebody who may see the workflows.", Type: actions.Text, Required: true, Secret: true}},
		Apply: []actions.Place{{In: actions.InHeader, Name: "X-N8N-API-KEY", Value: "{api_key}"}}}
}

// apiErrors are those of n8n's API.
func apiErrors() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "n8n does not take the API key: {words}", Remedy: "Make one in n8n under Settings, n8n API, and put it into the connection; keys run out on the day that was chosen. The API is not there in a trial."},
		{Status: 403, Code: "unauthorized", Message: "n8n does not let the API key do this: {words}", Remedy: "Give the key the scope, or take one of somebody who may; on a licence without the feature leave the step out."},
		{Status: 404, Code: "not_found", Message: "n8n does not know it: {words}", Remedy: "Check the id: it stands in the workflow's address, behind /workflow/. Executions are deleted after some time."},
		{Status: 409, Code: "conflict", Message: "n8n cannot do this now: {words}"},
		{Status: 429, Code: "rate_limited", Message: "n8n asks to slow down: {words}"},
		{Status: 400, Code: "invalid_input", Message: "n8n refused: {words}", Remedy: "Check the inputs that it names."},
	}
}

func workflow() map[string]any {
	return map[string]any{"id": "2tUt1wbLX592XDdX", "name": "Deals to CRM", "active": true, "createdAt": "2026-01-01T09:30:00.000Z", "updatedAt": "2026-01-30T09:30:00.000Z", "tags": []any{map[string]any{"id": "1", "name": "production"}}}
}

func execution() map[string]any {
	return map[string]any{"id": "1000", "finished": false, "mode": "trigger", "retryOf": nil, "retrySuccessId": nil, "status": "error", "startedAt": "2026-01-31T09:30:00.000Z", "stoppedAt": "2026-01-31T09:30:02.000Z", "workflowId": "2tUt1wbLX592XDdX", "waitTill": nil}
}

// pages is how lists of n8n go on. Source: https://docs.n8n.io/api/pagination/
func pages() *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/data", Sure: "/data", ID: "/id", Next: "/nextCursor", At: actions.Spot{In: actions.InQuery, Name: "cursor"}, Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}

func workflowField(in actions.In) actions.Field {
	f := actions.Field{ID: "workflow", Label: "Workflow", Help: "Its id, or its address in n8n.", Type: actions.Text, Required: in == actions.InPath, In: in, Link: `/workflow/([A-Za-z0-9]+)`, Example: "2tUt1wbLX592XDdX",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/workflows"}, Page: *pages(), Value: "/id", Label: "/name"}}
	if in == actions.InQuery {
		f.Name, f.Help = "workflowId", "Its id, or its address in n8n; all where none is given."
	}
	return f
}

func executionField() actions.Field {
	return actions.Field{ID: "execution", Label: "Execution", Help: "Its id, or its address in n8n.", Type: actions.Text, Required: true, In: actions.InPath, Link: `/executions/([0-9]+)`, Example: "1000"}
}

// apiActions are what n8n's API does. Source: https://docs.n8n.io/api/api-reference/
func apiActions() []actions.Action {
	workflows := actions.Action{
		ID: "list_workflows", Name: "List workflows", Description: "Gives the workflows of the instance that the key may see.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "active", Label: "Active", Help: "Only those that are active, or that are not.", Type: actions.Boolean, In: actions.InQuery},
			{ID: "name", Label: "Name", Help: "Only those of this name.", Type: actions.Text, In: actions.InQuery, Example: "Deals to CRM"},
			{ID: "tags", Label: "Tags", Help: "Names of tags, with commas between them.", Type: actions.Text, In: actions.InQuery, Example: "production"}, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/workflows"}, Page: pages()}
	workflows.Output, workflows.Sample = actions.ListOf(workflow())
	executions := actions.Action{
		ID: "list_executions", Name: "List executions", Description: "Gives the executions, the latest first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{workflowField(actions.InQuery), {ID: "status", Label: "Which", Help: "How they ended; all where none is given.", Type: actions.Select, In: actions.InQuery,
			Options: []actions.Option{{Value: "success", Label: "Succeeded"}, {Value: "error", Label: "Failed"}, {Value: "waiting", Label: "Waiting"}}}, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/executions"}, Page: pages()}
	executions.Output, executions.Sample = actions.ListOf(execution())
	retried := execution()
	retried["id"], retried["status"], retried["mode"], retried["retryOf"], retried["finished"] = "1001", "success", "retry", "1000", true
	out := []actions.Action{
		workflows,
		{ID: "get_workflow", Name: "Get a workflow", Description: "Reads a workflow with its nodes.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{workflowField(actions.InPath)}, Output: value.ShapeOf(workflow()), Sample: workflow(), Request: &actions.Request{Method: "GET", Path: "/workflows/{workflow}"}},
		switching("activate_workflow", "Activate a workflow", "Switches a workflow on, so that its triggers start it.", "activate", true),
		switching("deactivate_workflow", "Deactivate a workflow", "Switches a workflow off.", "deactivate", false),
		executions,
		{ID: "get_execution", Name: "Get an execution", Description: "Reads an execution, with what each node gave where that is asked for.", Effect: actions.Read, Guarantee: onlyReads,
			Input:  []actions.Field{executionField(), {ID: "data", Label: "With data", Help: "Whether what the nodes gave comes along, which can be much.", Type: actions.Boolean, Default: false, In: actions.InQuery, Name: "includeData"}},
			Output: value.ShapeOf(execution()), Sample: execution(), Request: &actions.Request{Method: "GET", Path: "/executions/{execution}"}},
		{ID: "retry_execution", Name: "Retry an execution", Description: "Tries a failed execution again from the node that failed, and waits until it has ended, at most five minutes.", Effect: actions.Once, Timeout: 5 * time.Minute, Errors: unretried(),
			Guarantee: "n8n starts it for every call: one whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     []actions.Field{executionField(), {ID: "current", Label: "With the workflow of today", Help: "Whether the workflow counts as it is now, and not as it was when the execution began.", Type: actions.Boolean, Default: false, Name: "loadWorkflow"}},
			Output:    value.ShapeOf(retried), Sample: retried, Request: &actions.Request{Method: "POST", Path: "/executions/{execution}/retry", Body: actions.JSONBody}},
	}
	out = append(out, append(upkeep(), actions.APIRequest("n8n", "/workflows", map[string]any{"data": []any{workflow()}, "nextCursor": nil}))...)
	for i := range out {
		out[i].Ways = []string{"api_key"}
	}
	return out
}

func switching(id, name, description, verb string, on bool) actions.Action {
	sample := workflow()
	sample["active"] = on
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: "It is on or it is off: a repeat after a crash changes nothing.",
		Input: []actions.Field{workflowField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample, Errors: unswitched(), Request: &actions.Request{Method: "POST", Path: "/workflows/{workflow}/" + verb}}
}

// unswitched are the errors of a workflow that cannot be switched.
func unswitched() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 400, Code: "invalid_input", Message: "n8n refused: {words}", Remedy: "A workflow is activated only where it has a trigger that can be switched on, and no node lacks what it needs."},
		{Status: 409, Code: "conflict", Message: "n8n cannot switch the workflow: {words}", Remedy: "Look whether another active workflow has a webhook with the same path, and whether a review of this one is open."},
	}
}

// unretried are the errors of an execution that is not tried again.
func unretried() actions.ErrorTable {
	const remedy = "Look at the execution in n8n: one that succeeded, that waits to begin, or that ended before it began, is not tried again."
	return actions.ErrorTable{{Status: 400, Code: "conflict", Message: "n8n does not try it again: {words}", Remedy: remedy}, {Status: 409, Code: "conflict", Message: "n8n does not try it again: {words}", Remedy: remedy}}
}

// executionFailed is the trigger for executions that failed. The list has the latest first, by when they began, and shows one when it has ended.
func executionFailed() actions.Trigger {
	return actions.Trigger{
		ID: "execution_failed", Name: "Execution failed", Description: "An execution of a workflow failed, of all workflows or of one.", Kind: actions.PollKind, Ways: []string{"api_key"},
		Input: []actions.Field{workflowField(actions.InQuery)}, Output: value.ShapeOf(execution()), Sample: execution(),
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/executions", Query: map[string]string{"status": "error"}}, Page: *pages(), Time: "/startedAt", Order: actions.NewestFirst,
			Overlap: time.Hour, Every: 5 * time.Minute, Least: time.Minute},
	}
}
