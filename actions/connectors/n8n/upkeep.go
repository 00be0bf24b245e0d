package n8n

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// upkeep are the actions that make, change and delete. Source: https://docs.n8n.io/api/api-reference/
func upkeep() []actions.Action {
	made := workflow()
	made["active"] = false
	parts := []actions.Field{{ID: "name", Label: "Name", Help: "What it is called.", Type: actions.Text, Required: true, Example: "Deals to CRM"},
		{ID: "nodes", Label: "Nodes", Help: "As an exported workflow or “Get a workflow” has them.", Type: actions.List, Required: true, Example: []any{map[string]any{"id": "1", "name": "Start", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "position": []any{0, 0}, "parameters": map[string]any{}}}},
		{ID: "connections", Label: "Connections", Help: "Which node leads to which, as an exported workflow has it.", Type: actions.Object, Required: true, Example: map[string]any{}},
		{ID: "settings", Label: "Settings", Help: "As an exported workflow has them, as the time zone; n8n's own where not given.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"timezone": "Europe/Berlin"}}}
	set := func(in map[string]any) (actions.Parts, error) { // n8n asks for them
		settings, _ := in["settings"].(map[string]any)
		if settings == nil {
			settings = map[string]any{}
		}
		return actions.Parts{Body: map[string]any{"settings": settings}}, nil
	}
	return []actions.Action{
		{ID: "create_workflow", Name: "Create a workflow", Description: "Makes a workflow, which is not active.", Effect: actions.Once, Guarantee: "n8n takes several of one name: a workflow whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: parts, Output: value.ShapeOf(made), Sample: made, Request: &actions.Request{Method: "POST", Path: "/workflows", Body: actions.JSONBody, Prepare: set}},
		{ID: "update_workflow", Name: "Update a workflow", Description: "Puts other nodes and connections into a workflow in the place of all that are there. An active one stays active.", Effect: actions.Idempotent, Guarantee: "It says how the workflow is to be, so a repeat changes nothing.",
			Input: append([]actions.Field{workflowField(actions.InPath)}, parts...), Output: value.ShapeOf(workflow()), Sample: workflow(), Request: &actions.Request{Method: "PUT", Path: "/workflows/{workflow}", Body: actions.JSONBody, Prepare: set}},
		deleting("delete_workflow", "Delete a workflow", "Deletes a workflow for good.", "A workflow", "/workflows/{workflow}", workflowField(actions.InPath)),
		deleting("delete_execution", "Delete an execution", "Deletes what is kept of an execution.", "An execution", "/executions/{execution}", executionField()),
	}
}

func deleting(id, name, description, thing, path string, input actions.Field) actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{ID: id, Name: name, Description: description + " deleted is false where there was none.", Effect: actions.Idempotent, Guarantee: thing + " that is gone already counts as deleted, so a repeat changes nothing.",
		Input: []actions.Field{input}, Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 404}},
		Request: &actions.Request{Method: "DELETE", Path: path, Output: func(resp actions.Response) (any, error) { return map[string]any{"deleted": resp.Status != 404}, nil }}}
}
