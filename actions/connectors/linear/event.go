package linear

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// event is the trigger for Linear's webhooks, which an administrator's credentials make. Linear names a delivery in a header.
// Source: https://linear.app/developers/webhooks
func event() actions.Trigger {
	sample := map[string]any{
		"action": "update", "type": "Issue", "createdAt": "2026-01-23T12:53:18.084Z", "organizationId": "d1d2d3d4-0000-4000-8000-000000000003",
		"webhookTimestamp": 1769172798084, "webhookId": "000042e3-d123-4980-b49f-8e140eef9329", "url": "https://linear.app/acme/issue/ENG-42", "delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72",
		"actor": map[string]any{"id": "b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba", "name": "Grace Hopper", "email": "grace@example.com", "type": "user"},
		"data": map[string]any{"id": "539068e2-ae88-4d09-bd75-22eb4a59612f", "identifier": "ENG-42", "number": 42, "title": "The export stops", "description": "After ten rows.", "priority": 2, "priorityLabel": "High",
			"state": map[string]any{"id": "a1b2c3d4-0000-4000-8000-000000000009", "name": "Done", "type": "completed"}, "team": map[string]any{"id": "72b2a2dc-6f4f-4423-9d34-24b5bd10634a", "key": "ENG", "name": "Engineering"},
			"labels": []any{map[string]any{"id": "f4a0b5a0-0000-4000-8000-000000000001", "name": "Bug", "color": "#bb87fc"}}, "url": "https://linear.app/acme/issue/ENG-42"},
		"updatedFrom": map[string]any{"updatedAt": "2026-01-22T08:00:00.000Z", "stateId": "a1b2c3d4-0000-4000-8000-000000000002"}}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Something was made, changed or removed, which action says; updatedFrom holds what a change changed. Its webhook is made in Linear when the scenario is published; that needs an administrator's key.",
		Input: []actions.Field{anyTeam(""),
			{ID: "topics", Label: "Of what", Help: "Which kinds of things, as Linear calls them: Issue, Comment, Project.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"Issue"}}},
		Topic: "type", Topics: []string{"Issue", "IssueLabel", "Comment", "Reaction", "Attachment", "Project", "ProjectUpdate", "ProjectLabel", "Cycle", "Initiative", "InitiativeUpdate", "Document", "Customer", "CustomerNeed", "User"},
		Head: map[string]string{"delivery": "Linear-Delivery"}, DeliveryID: "delivery", Verify: actions.Verification{Preset: "linear"},
		Subscribe: &actions.Subscribe{
			Register: &actions.Request{Method: "POST", Path: "/graphql", Body: actions.JSONBody, Prepare: webhook,
				Output: func(resp actions.Response) (any, error) { return took(resp, "/webhookCreate/webhook") }},
			URL: actions.Spot{Name: "variables.input.url"}, Secret: actions.Spot{Name: "variables.input.secret"}, Topics: actions.Spot{Name: "variables.input.resourceTypes"},
			ID:     "/id",
			Remove: &actions.Request{Method: "POST", Path: "/graphql", Body: actions.JSONBody, Prepare: noWebhook},
			List:   asking(`query($first: Int, $after: String) { webhooks(first: $first, after: $after) { nodes { id url }`+rest+`} }`, nil), Page: parts("webhooks"), Sends: "/url", HTTPS: true,
			Sample: map[string]any{"data": map[string]any{"webhookCreate": map[string]any{"success": true, "webhook": map[string]any{"id": "000042e3-d123-4980-b49f-8e140eef9329", "enabled": true, "url": "https://stepmill.example.com/hooks/k"}}}},
		},
	}.Needing("admin")
}

// webhook asks for the events of one team, or of all that everybody sees.
func webhook(in map[string]any) (actions.Parts, error) {
	input := map[string]any{"label": "Stepmill"}
	if team := value.Text(in["team"]); team != "" {
		input["teamId"] = team
	} else {
		input["allPublicTeams"] = true
	}
	return actions.Parts{Body: map[string]any{"query": `mutation($input: WebhookCreateInput!) { webhookCreate(input: $input) { success webhook { id enabled url } } }`, "variables": map[string]any{"input": input}}}, nil
}

func noWebhook(in map[string]any) (actions.Parts, error) {
	return actions.Parts{Body: map[string]any{"query": `mutation($id: String!) { webhookDelete(id: $id) { success } }`, "variables": map[string]any{"id": value.Text(in[actions.SubID])}}}, nil
}
