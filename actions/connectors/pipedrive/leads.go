package pipedrive

import (
	"maps"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// leadActions are for what may become deals. They stand in the first version of the API, and are known by UUIDs.
// Source: https://developers.pipedrive.com/docs/api/v1/Leads
func leadActions() []actions.Action {
	find, create, update, get := findLead(), createLead(), updateLead(), getLead()
	update.Input = slices.DeleteFunc(slices.Clone(update.Input), func(f actions.Field) bool { return f.ID == "title" }) // by which it was found
	ensure := actions.Ensure{Get: &get, Found: "/id", Several: true}
	return []actions.Action{create, updateLead(), convertLead(), get, listLeads(), searchLeads(), find, deleteLead(),
		actions.FindOrCreate("find_or_create_lead", "Find or create a lead", "Finds a lead by its title, or makes it.", find, create, "/items/0/item", ensure),
		actions.CreateOrUpdate("upsert_lead", "Create or update a lead", "Changes the lead with this title, or makes it. Where several have it, the first that Pipedrive's search gives is changed, unless several says that it fails.", find, create, update, "/items/0/item", "/id", ensure)}
}

func leads() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/leads"}, Page: *offset(), Value: "/id", Label: "/title"}
}

func lead() map[string]any {
	return map[string]any{"id": "adf21080-0e10-11eb-879b-05d71fb426ec", "title": "Ten engines", "owner_id": 1, "creator_id": 1, "label_ids": []any{"f08b42a0-4e75-11ea-9643-03698ef1cfd6"}, "value": map[string]any{"amount": 1200, "currency": "EUR"},
		"expected_close_date": nil, "person_id": 7, "organization_id": nil, "is_archived": false, "source_name": "API", "was_seen": false, "next_activity_id": nil, "add_time": "2026-01-31T09:30:00.000Z", "update_time": "2026-01-31T09:45:00.000Z", "visible_to": "3"}
}

func leadID() actions.Field {
	return actions.Field{ID: "id", Label: "Lead", Help: "Its id, a UUID, or its address in Pipedrive.", Type: actions.Text, Required: true, In: actions.InPath, Example: "adf21080-0e10-11eb-879b-05d71fb426ec", Choices: leads(), Link: link("lead")}
}

func leadFields() []actions.Field {
	seen := visible()
	seen.In = actions.InBody
	custom := customFields()
	custom.In, custom.Help = actions.InNone, "By their keys of 40 characters; leads have the fields of deals."
	return []actions.Field{
		text("title", "Title", "What it is called.", "Ten engines"),
		ref("person_id", "Person", "The id of the person; a new lead needs one, or an organization.", listed("persons", "/name")),
		ref("organization_id", "Organization", "The id of the organization.", listed("organizations", "/name")),
		{ID: "amount", Label: "Value", Help: "What it may be worth; with its currency.", Type: actions.Number, In: actions.InNone, Example: 1200},
		{ID: "currency", Label: "Currency", Help: "Of the value, three letters.", Type: actions.Text, In: actions.InNone, Example: "EUR", Choices: currencies()},
		{ID: "label_ids", Label: "Labels", Help: "The ids of labels of leads.", Type: actions.Texts, Choices: leadLabels()},
		{ID: "expected_close_date", Label: "Expected close", Help: "A day, as 2026-01-31.", Type: actions.Text, In: actions.InNone, Example: "2026-03-31"},
		ref("owner_id", "Owner", "The id of the user whom it belongs to.", users()),
		{ID: "was_seen", Label: "Seen", Help: "Whether somebody has looked at it.", Type: actions.Boolean}, seen, custom}
}

// leadBody writes the value, which is an amount and its currency together, and the custom fields beside the others.
func leadBody(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	if custom, ok := in["custom_fields"].(map[string]any); ok {
		maps.Copy(body, custom)
	}
	switch {
	case in["amount"] != nil && in["currency"] == nil:
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input currency: a lead's value needs its currency, as EUR.")
	case in["amount"] == nil && in["currency"] != nil:
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input amount: a currency needs the amount too.")
	case in["amount"] != nil:
		body["value"] = map[string]any{"amount": in["amount"], "currency": in["currency"]}
	}
	if in["expected_close_date"] != nil {
		text, err := day(in, "expected_close_date")
		if err != nil {
			return actions.Parts{}, err
		}
		body["expected_close_date"] = text
	}
	return actions.Parts{Body: body}, nil
}

func createLead() actions.Action {
	fields := leadFields()
	fields[0].Required = true
	return actions.Action{
		ID: "create_lead", Name: "Create a lead", Description: "Makes a lead of a person or an organization.", Effect: actions.Once, Guarantee: noKey, Input: fields, Output: value.ShapeOf(lead()), Sample: lead(),
		Request: &actions.Request{Method: "POST", Path: "/v1/leads", Body: actions.JSONBody, Output: data, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["person_id"] == nil && in["organization_id"] == nil {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input person_id: a lead needs a person or an organization.")
			}
			return leadBody(in)
		}},
	}
}

func updateLead() actions.Action {
	archived := actions.Field{ID: "is_archived", Label: "Archived", Help: "Whether it is put away.", Type: actions.Boolean}
	return actions.Action{
		ID: "update_lead", Name: "Update a lead", Description: "Changes what is given of a lead, or puts it away.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: slices.Concat([]actions.Field{leadID()}, leadFields(), []actions.Field{archived}), Output: value.ShapeOf(lead()), Sample: lead(),
		Request: &actions.Request{Method: "PATCH", Path: "/v1/leads/{id}", Body: actions.JSONBody, Prepare: leadBody, Output: data},
	}
}

func getLead() actions.Action {
	return actions.Action{
		ID: "get_lead", Name: "Get a lead", Description: "Reads a lead by its id.", Effect: actions.Read, Guarantee: onlyReads, Input: []actions.Field{leadID()}, Output: value.ShapeOf(lead()), Sample: lead(),
		Request: &actions.Request{Method: "GET", Path: "/v1/leads/{id}", Output: data},
	}
}

func listLeads() actions.Action {
	out := actions.Action{
		ID: "list_leads", Name: "List leads", Description: "Gives the leads that are not archived, also only those that changed since a time, the earliest change first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: append(query(ref("owner_id", "Owner", "Only leads of this user.", users()), ref("person_id", "Person", "Only leads of this person.", listed("persons", "/name")), ref("organization_id", "Organization", "Only leads of this organization.", listed("organizations", "/name")),
			sinceFields()[0]), actions.LimitField()),
		Request: &actions.Request{Method: "GET", Path: "/v1/leads", Query: map[string]string{"sort": "update_time ASC"}}, Page: offset(),
	}
	out.Output, out.Sample = actions.ListOf(lead())
	return out
}

func leadHit() map[string]any {
	return map[string]any{"result_score": 0.72, "item": map[string]any{"id": "adf21080-0e10-11eb-879b-05d71fb426ec", "type": "lead", "title": "Ten engines", "owner": map[string]any{"id": 1}, "person": map[string]any{"id": 7, "name": "Ada Lovelace"},
		"organization": nil, "phones": []any{}, "emails": []any{"ada@example.com"}, "custom_fields": []any{}, "notes": []any{}, "value": 1200, "currency": "EUR", "visible_to": 3, "is_archived": false}}
}

func searchLeads() actions.Action {
	out := actions.Action{
		ID: "search_leads", Name: "Search leads", Description: "Gives the leads in which a text stands, the best first, each as item beside its result_score.", Effect: actions.Read, Guarantee: onlyReads,
		Input: append(termFields([]actions.Option{{Value: "title", Label: "Title"}, {Value: "notes", Label: "Notes"}, {Value: "custom_fields", Label: "Custom fields"}}),
			append(query(ref("person_id", "Person", "Only leads of this person.", listed("persons", "/name")), ref("organization_id", "Organization", "Only leads of this organization.", listed("organizations", "/name"))), actions.LimitField())...),
		Request: &actions.Request{Method: "GET", Path: "/api/v2/leads/search"}, Page: cursor(hits, "/item/id"),
	}
	out.Output, out.Sample = actions.ListOf(leadHit())
	return out
}

func findLead() actions.Action {
	out := searchLeads()
	out.ID, out.Name, out.Description = "find_lead", "Find a lead by title", "Gives the leads that have exactly this title, each as item beside its result_score."
	out.Input = []actions.Field{{ID: "title", Label: "Title", Help: "The whole title.", Type: actions.Text, Required: true, In: actions.InQuery, Name: "term", Example: "Ten engines"}, actions.LimitField()}
	out.Request = &actions.Request{Method: "GET", Path: "/api/v2/leads/search", Query: map[string]string{"fields": "title", "exact_match": "true"}}
	return out
}

func deleteLead() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_lead", Name: "Delete a lead", Description: "Deletes a lead for good.", Effect: actions.Idempotent, Guarantee: staysDeleted,
		Input: []actions.Field{leadID()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/v1/leads/{id}", Output: gone},
	}
}
