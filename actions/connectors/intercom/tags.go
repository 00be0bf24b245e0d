package intercom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func tagged() map[string]any { return map[string]any{"type": "tag", "id": "7", "name": "urgent"} }

func tagID() actions.Field {
	return actions.Field{ID: "tag", Label: "Tag", Help: "The id of a tag that exists.", Type: actions.Text, Required: true, Name: "id", Example: "7", Choices: tags()}
}

func tagInPath() actions.Field {
	f := named("tag", "Tag", "7")
	f.Choices = tags()
	return f
}

// workspace are the actions for what the workspace has: tags, admins, teams, ticket types, attributes, segments.
func workspace() []actions.Action {
	return []actions.Action{createTag(), deleteTag(),
		listed("list_tags", "List tags", "Gives the tags of the workspace.", "/tags", "/data", nil, tagged()),
		listed("list_admins", "List admins", "Gives the people of the workspace.", "/admins", "/admins", nil, map[string]any{"type": "admin", "id": "780", "name": "Grace Hopper", "email": "grace@example.com", "job_title": nil, "away_mode_enabled": false, "away_mode_reassign": false, "has_inbox_seat": true, "team_ids": []any{814865}}),
		listed("list_teams", "List teams", "Gives the teams of the workspace, with their admins.", "/teams", "/teams", nil, map[string]any{"type": "team", "id": "814865", "name": "Support", "admin_ids": []any{780}}),
		listed("list_ticket_types", "List ticket types", "Gives the types that a ticket can have, with their attributes and states.", "/ticket_types", "/data", nil,
			map[string]any{"type": "ticket_type", "id": "100", "category": "Customer", "name": "Bug", "description": "", "icon": "🐛", "archived": false, "created_at": 1764000000, "updated_at": 1764000000,
				"ticket_type_attributes": map[string]any{"type": "list", "data": []any{map[string]any{"type": "ticket_type_attribute", "id": "1012", "name": "Severity", "description": "How bad it is.", "data_type": "list", "input_options": map[string]any{"list_options": []any{map[string]any{"id": "a1", "label": "High"}}}, "order": 2,
					"required_to_create": false, "required_to_create_for_contacts": false, "visible_on_create": true, "visible_to_contacts": true, "default": false, "ticket_type_id": 100, "archived": false, "created_at": 1764000000, "updated_at": 1764000000}}}}),
		listed("list_ticket_states", "List ticket states", "Gives the states that a ticket can have.", "/ticket_states", "/data", nil, map[string]any{"type": "ticket_state", "id": "8577", "category": "submitted", "internal_label": "Submitted", "external_label": "Submitted"}),
		listed("list_attributes", "List attributes", "Gives the attributes that contacts, companies or conversations have, custom ones too.", "/data_attributes", "/data", []actions.Field{
			{ID: "model", Label: "Of", Help: "What they are of; not given: of contacts and companies.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "contact", Label: "Contacts"}, {Value: "company", Label: "Companies"}, {Value: "conversation", Label: "Conversations"}}},
			{ID: "archived", Label: "Archived too", Help: "Whether those that were put away come along.", Type: actions.Boolean, In: actions.InQuery, Name: "include_archived"}},
			map[string]any{"type": "data_attribute", "id": 12, "model": "contact", "name": "plan", "full_name": "custom_attributes.plan", "label": "Plan", "data_type": "string", "options": []any{"pro"}, "api_writable": true, "custom": true, "archived": false}),
		listed("list_segments", "List segments", "Gives the segments of contacts.", "/segments", "/segments", nil, map[string]any{"type": "segment", "id": "6762f2dd1bb69f9f2193bc59", "name": "Active", "created_at": 1764000000, "updated_at": 1764000000, "person_type": "user"}),
		sendEvent()}
}

// createTag gives a tag that is there already too. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/createtag
func createTag() actions.Action {
	return actions.Action{
		ID: "create_tag", Name: "Create a tag", Description: "Makes a tag, or gives the one that has this name.", Effect: actions.Idempotent, Guarantee: "A tag is known by its name, so a repeat after a crash makes no second one.",
		Input:  []actions.Field{{ID: "name", Label: "Name", Help: "What it is called.", Type: actions.Text, Required: true, Example: "urgent"}},
		Output: value.ShapeOf(tagged()), Sample: tagged(), Request: &actions.Request{Method: "POST", Path: "/tags", Body: actions.JSONBody},
	}
}

func deleteTag() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_tag", Name: "Delete a tag", Description: "Deletes a tag that nothing depends on.", Effect: actions.Idempotent, Guarantee: staysGone,
		Input: []actions.Field{tagInPath()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/tags/{tag}", Empty: true, Output: func(actions.Response) (any, error) { return map[string]any{"deleted": true}, nil }},
	}
}
