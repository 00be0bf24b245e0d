package pipedrive

import "github.com/stepmill/stepmill/actions"

// persons are people. Source: https://developers.pipedrive.com/docs/api/v1/Persons
func persons() object {
	return object{kind: "people", path: "persons", id: "person", one: "person", many: "people", a: "a", name: "name",
		inputs: []actions.Field{
			text("name", "Name", "The whole name.", "Ada Lovelace"),
			{ID: "email", Label: "Email address", Help: "The main one; it replaces those that are there. Several go into emails.", Type: actions.Text, In: actions.InNone, Example: "ada@example.com"},
			{ID: "emails", Label: "Email addresses", Help: "All of them, the main one first.", Type: actions.Texts, In: actions.InNone},
			{ID: "phone", Label: "Phone", Help: "The main one; it replaces those that are there. Several go into phones.", Type: actions.Text, In: actions.InNone, Example: "+41 44 668 18 00"},
			{ID: "phones", Label: "Phones", Help: "All of them, the main one first.", Type: actions.Texts, In: actions.InNone},
			ref("org_id", "Organization", "The id of the organization that the person belongs to.", listed("organizations", "/name")),
			ref("owner_id", "Owner", "The id of the user whom it belongs to.", users()),
			text("job_title", "Job title", "What the person does.", "Engineer"), labels(), visible(), chosenFields("personFields"), customFields(), moreFields()},
		filters: query(ref("org_id", "Organization", "Only people of this organization.", listed("organizations", "/name")), ref("deal_id", "Deal", "Only people of this deal.", listed("deals", "/title")),
			ref("owner_id", "Owner", "Only people of this user.", users()), filter("people")),
		body: personBody,
		item: map[string]any{"id": 7, "name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace", "owner_id": 1, "org_id": 3, "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:45:00Z",
			"emails": []any{map[string]any{"value": "ada@example.com", "primary": true, "label": "work"}}, "phones": []any{map[string]any{"value": "+41 44 668 18 00", "primary": true, "label": "work"}},
			"is_deleted": false, "visible_to": 3, "label_ids": []any{5}, "job_title": "Engineer", "custom_fields": map[string]any{}},
	}
}

func personBody(in map[string]any) (map[string]any, error) {
	body, err := common(in)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"email", "phone"} {
		if one := in[name]; one != nil {
			body[name+"s"] = entries(one)
		}
		if all := in[name+"s"]; all != nil {
			body[name+"s"] = entries(all)
		}
	}
	return body, nil
}

func personActions() []actions.Action {
	o := persons()
	hit := map[string]any{"id": 7, "type": "person", "name": "Ada Lovelace", "phones": []any{"+41 44 668 18 00"}, "emails": []any{"ada@example.com"}, "visible_to": 3,
		"owner": map[string]any{"id": 1}, "organization": map[string]any{"id": 3, "name": "Analytical Engines"}, "custom_fields": []any{}, "notes": []any{}}
	find := o.find(text("email", "Email address", "The mail address.", "ada@example.com"), "email", hit)
	search := o.search([]actions.Option{{Value: "email", Label: "Addresses"}, {Value: "phone", Label: "Phones"}, {Value: "name", Label: "Name"}, {Value: "notes", Label: "Notes"}, {Value: "custom_fields", Label: "Custom fields"}},
		query(ref("organization_id", "Organization", "Only people of this organization.", listed("organizations", "/name"))), hit)
	return append(o.actions(), append([]actions.Action{find, search}, o.ensured(find)...)...)
}
