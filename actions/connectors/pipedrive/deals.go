package pipedrive

import (
	"github.com/stepmill/stepmill/actions"
)

// deals stand in a stage of a pipeline. Source: https://developers.pipedrive.com/docs/api/v1/Deals
func deals() object {
	return object{kind: "deals", path: "deals", id: "deal", one: "deal", many: "deals", a: "a", name: "title",
		inputs: []actions.Field{
			text("title", "Title", "What it is called.", "Ten engines"), {ID: "value", Label: "Value", Help: "What it is worth.", Type: actions.Number, Example: 1200},
			{ID: "currency", Label: "Currency", Help: "Three letters; not given: that of the user.", Type: actions.Text, Example: "EUR", Choices: currencies()},
			ref("person_id", "Person", "The id of the person that it is about.", listed("persons", "/name")), ref("org_id", "Organization", "The id of the organization that it is about.", listed("organizations", "/name")),
			ref("pipeline_id", "Pipeline", "Not given: that of the stage, or the first.", listed("pipelines", "/name")), ref("stage_id", "Stage", "The id of a stage of that pipeline.", stages()), status(),
			text("lost_reason", "Why it was lost", "Taken where the status is lost.", "Too late"),
			{ID: "probability", Label: "Probability", Help: "In per cent, where the pipeline has it.", Type: actions.Number, Example: 60},
			{ID: "expected_close_date", Label: "Expected close", Help: "A day, as 2026-01-31.", Type: actions.Text, In: actions.InNone, Example: "2026-03-31"},
			ref("owner_id", "Owner", "The id of the user whom it belongs to.", users()), labels(), visible(), chosenFields("dealFields"), customFields(), moreFields()},
		filters: query(ref("person_id", "Person", "Only deals of this person.", listed("persons", "/name")), ref("org_id", "Organization", "Only deals of this organization.", listed("organizations", "/name")),
			ref("pipeline_id", "Pipeline", "Only deals of this pipeline.", listed("pipelines", "/name")), ref("stage_id", "Stage", "Only deals in this stage.", stages()),
			actions.Field{ID: "status", Label: "Status", Help: "Only deals of this status; not given: all that are not deleted.", Type: actions.Select,
				Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "won", Label: "Won"}, {Value: "lost", Label: "Lost"}, {Value: "deleted", Label: "Deleted"}}},
			ref("owner_id", "Owner", "Only deals of this user.", users()), filter("deals")),
		body: dealBody,
		item: map[string]any{"id": 42, "title": "Ten engines", "owner_id": 1, "person_id": 7, "org_id": 3, "pipeline_id": 1, "stage_id": 3, "value": 1200, "currency": "EUR", "add_time": "2026-01-31T09:30:00Z",
			"update_time": "2026-01-31T09:45:00Z", "stage_change_time": "2026-01-31T09:45:00Z", "is_deleted": false, "is_archived": false, "status": "open", "probability": nil, "lost_reason": nil, "visible_to": 3, "close_time": nil,
			"won_time": nil, "lost_time": nil, "expected_close_date": "2026-03-31", "label_ids": []any{5}, "custom_fields": map[string]any{}},
	}
}

func status() actions.Field {
	return actions.Field{ID: "status", Label: "Status", Help: "Where it stands.", Type: actions.Select, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "won", Label: "Won"}, {Value: "lost", Label: "Lost"}}}
}

func dealBody(in map[string]any) (map[string]any, error) {
	body, err := common(in)
	if err == nil && in["expected_close_date"] != nil {
		body["expected_close_date"], err = day(in, "expected_close_date")
	}
	return body, err
}

func dealActions() []actions.Action {
	o := deals()
	hit := map[string]any{"id": 42, "type": "deal", "title": "Ten engines", "value": 1200, "currency": "EUR", "status": "open", "visible_to": 3, "owner": map[string]any{"id": 1}, "stage": map[string]any{"id": 3, "name": "Offer"},
		"person": map[string]any{"id": 7, "name": "Ada Lovelace"}, "organization": map[string]any{"id": 3, "name": "Analytical Engines"}, "custom_fields": []any{}, "notes": []any{}, "is_archived": false}
	find := o.find(text("title", "Title", "The whole title.", "Ten engines"), "title", hit)
	search := o.search([]actions.Option{{Value: "title", Label: "Title"}, {Value: "notes", Label: "Notes"}, {Value: "custom_fields", Label: "Custom fields"}},
		query(ref("person_id", "Person", "Only deals of this person.", listed("persons", "/name")), ref("organization_id", "Organization", "Only deals of this organization.", listed("organizations", "/name")), status()), hit)
	return append(o.actions(), append([]actions.Action{find, search}, o.ensured(find)...)...)
}
