package pipedrive

import "github.com/stepmill/stepmill/actions"

// organizations are companies. Source: https://developers.pipedrive.com/docs/api/v1/Organizations
func organizations() object {
	return object{kind: "org", path: "organizations", id: "organization", one: "organization", many: "organizations", a: "an", name: "name",
		inputs: []actions.Field{
			text("name", "Name", "What it is called.", "Analytical Engines"), ref("owner_id", "Owner", "The id of the user whom it belongs to.", users()),
			{ID: "address", Label: "Address", Help: "In one line; Pipedrive takes it apart.", Type: actions.Text, Name: "address.value", Example: "Bahnhofstrasse 1, Zurich"},
			text("website", "Website", "A web address.", "https://example.com"),
			{ID: "employees", Label: "Employees", Help: "How many people work there.", Type: actions.Integer, Name: "employee_count", Example: 120},
			{ID: "revenue", Label: "Annual revenue", Help: "A number.", Type: actions.Number, Name: "annual_revenue", Example: 1200000}, labels(), visible(), chosenFields("organizationFields"), customFields(), moreFields()},
		filters: query(ref("owner_id", "Owner", "Only those of this user.", users()), filter("org")),
		body:    common,
		item: map[string]any{"id": 3, "name": "Analytical Engines", "owner_id": 1, "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:45:00Z", "is_deleted": false, "visible_to": 3,
			"address": map[string]any{"value": "Bahnhofstrasse 1, Zurich", "country": "Switzerland", "locality": "Zurich"}, "label_ids": []any{5}, "website": "https://example.com", "employee_count": 120, "annual_revenue": 1200000, "custom_fields": map[string]any{}},
	}
}

func organizationActions() []actions.Action {
	o := organizations()
	hit := map[string]any{"id": 3, "type": "organization", "name": "Analytical Engines", "address": "Bahnhofstrasse 1, Zurich", "visible_to": 3, "owner": map[string]any{"id": 1}, "custom_fields": []any{}, "notes": []any{}}
	find := o.find(text("name", "Name", "The whole name.", "Analytical Engines"), "name", hit)
	search := o.search([]actions.Option{{Value: "name", Label: "Name"}, {Value: "address", Label: "Address"}, {Value: "notes", Label: "Notes"}, {Value: "custom_fields", Label: "Custom fields"}}, nil, hit)
	return append(o.actions(), append([]actions.Action{find, search}, o.ensured(find)...)...)
}
