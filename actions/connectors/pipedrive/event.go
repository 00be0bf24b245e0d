package pipedrive

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// event is the trigger for Pipedrive's webhooks, which are registered with credentials of their own for HTTP Basic.
// Source: https://pipedrive.readme.io/docs/guide-for-webhooks-v2
func event() actions.Trigger {
	sample := map[string]any{
		"meta": map[string]any{"action": "change", "entity": "deal", "entity_id": "42", "id": "6f1b6b0a-5c3f-4a8e-8f2f-1a2b3c4d5e6f", "attempt": 1, "change_source": "app", "company_id": "5555", "correlation_id": "c7e1b9c0-2a6d-4b2f-9a3a-1b0a6a1d2f10",
			"host": "example.pipedrive.com", "is_bulk_edit": false, "permitted_user_ids": []any{"1", "2"}, "timestamp": "2026-01-05T10:00:00.000Z", "type": "general", "user_id": "1", "version": "2.0", "webhook_id": "99", "webhook_owner_id": "1"},
		"data": map[string]any{"id": 42, "title": "Deal A", "value": 1500, "currency": "EUR", "status": "open", "stage_id": 3, "pipeline_id": 1, "person_id": 7, "org_id": 3, "owner_id": 1, "label_ids": []any{5}, "custom_fields": map[string]any{},
			"add_time": "2026-01-01T10:00:00Z", "update_time": "2026-01-05T10:00:00Z"},
		"previous": map[string]any{"stage_id": 2, "update_time": "2026-01-04T10:00:00Z"}}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Something was made, changed or deleted; previous holds what a change changed, as the stage of a deal. Of what was deleted data is null: meta has its id (entity_id), and previous how it was. Its webhook is made in Pipedrive when the scenario is published.",
		Input: []actions.Field{
			{ID: "object", Label: "What", Help: "The kind of thing.", Type: actions.Select, Required: true, In: actions.InBody, Name: "event_object", Example: "deal",
				Options: []actions.Option{{Value: "deal", Label: "Deals"}, {Value: "person", Label: "People"}, {Value: "organization", Label: "Organizations"}, {Value: "lead", Label: "Leads"}, {Value: "activity", Label: "Activities"}, {Value: "note", Label: "Notes"},
					{Value: "product", Label: "Products"}, {Value: "pipeline", Label: "Pipelines"}, {Value: "stage", Label: "Stages"}, {Value: "user", Label: "Users"}, {Value: "*", Label: "Everything"}}},
			{ID: "action", Label: "What happened", Help: "To it.", Type: actions.Select, Default: "*", In: actions.InBody, Name: "event_action",
				Options: []actions.Option{{Value: "*", Label: "Anything"}, {Value: "create", Label: "It was made"}, {Value: "change", Label: "It was changed"}, {Value: "delete", Label: "It was deleted"}}}},
		Identity: []string{"/meta/id"}, Verify: actions.Verification{Preset: "pipedrive"},
		Subscribe: &actions.Subscribe{
			Register: &actions.Request{Method: "POST", Path: "/v1/webhooks", Body: actions.JSONBody, Prepare: webhook, Output: data}, URL: actions.Spot{Name: "subscription_url"},
			ID: "/id", Remove: &actions.Request{Method: "DELETE", Path: "/v1/webhooks/{subscription}"},
			List: &actions.Request{Method: "GET", Path: "/v1/webhooks"}, Page: actions.Page{Items: "/data", ID: "/id"}, Sends: "/subscription_url", HTTPS: true,
			Sample: map[string]any{"success": true, "status": "ok", "data": map[string]any{"id": 99, "company_id": 5555, "owner_id": 1, "user_id": 1, "event_action": "change", "event_object": "deal", "subscription_url": "https://stepmill.example.com/hooks/k", "version": "2.0", "is_active": 1, "name": "Stepmill"}},
		},
	}
}

// webhook takes the secret apart, and gives the webhook the name that people read in Pipedrive.
func webhook(in map[string]any) (actions.Parts, error) {
	user, password, ok := strings.Cut(value.Text(in[actions.SubSecret]), ":")
	if !ok {
		return actions.Parts{}, fault.New(fault.Internal, "The secret of a Pipedrive webhook is made of a user and a password.")
	}
	body := map[string]any{"name": "Stepmill", "version": "2.0", "http_auth_user": user, "http_auth_password": password}
	if in["action"] == nil {
		body["event_action"] = "*"
	}
	return actions.Parts{Body: body}, nil
}
