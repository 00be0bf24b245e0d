package github

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// runWorkflow starts a workflow, and asks for the run that it is.
// Source: https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
func runWorkflow() actions.Action {
	sample := map[string]any{"workflow_run_id": 1, "run_url": "https://api.github.com/repos/octocat/Hello-World/actions/runs/1", "html_url": "https://github.com/octocat/Hello-World/actions/runs/1"}
	return actions.Action{
		ID: "run_workflow", Name: "Run a workflow", Description: "Starts a workflow of GitHub Actions that has the trigger workflow_dispatch.", Effect: actions.Once,
		Guarantee: "GitHub has no key that would make a repeat harmless: a run whose answer was lost in a crash is not started again by itself, you are asked.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "workflow", Label: "Workflow", Help: "The name of its file, as deploy.yml, or its id.", Type: actions.Text, Required: true, In: actions.InPath, Name: "workflow_id", Example: "deploy.yml", Choices: workflowChoices()},
			{ID: "ref", Label: "Branch", Help: "The branch or tag that it runs on.", Type: actions.Text, Required: true, Example: "main", Choices: branchChoices()},
			{ID: "inputs", Label: "Inputs", Help: "An object of those that the workflow asks for, at most 25.", Type: actions.Object, Example: map[string]any{"environment": "production"}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"return_run_details": true}}, nil
		}},
	}
}

// dispatchEvent tells a repository's workflows of an event. Source: https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
func dispatchEvent() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "dispatch_event", Name: "Tell a repository of an event", Description: "Starts the workflows of a repository that wait for repository_dispatch with this kind of event.", Effect: actions.Once,
		Guarantee: "GitHub has no key that would make a repeat harmless: an event whose answer was lost in a crash is not sent again by itself, you are asked.",
		Input: []actions.Field{ownerField(), repoField(),
			{ID: "event", Label: "Kind of event", Help: "A name of your own, at most 100 characters.", Type: actions.Text, Required: true, Name: "event_type", Example: "order-paid"},
			{ID: "payload", Label: "Data", Help: "An object of at most 10 members.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"order": 1042}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/repos/{owner}/{repo}/dispatches", Body: actions.JSONBody, Prepare: payload,
			Output: wasDone},
	}
}

func payload(in map[string]any) (actions.Parts, error) {
	data, _ := in["payload"].(map[string]any)
	if len(data) > 10 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input payload: it has %d members; GitHub takes 10 at most. Put them into one object.", len(data))
	}
	if data == nil {
		return actions.Parts{}, nil
	}
	return actions.Parts{Body: map[string]any{"client_payload": data}}, nil
}
