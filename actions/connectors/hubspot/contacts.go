package hubspot

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// contacts are people. An address is the one property by which HubSpot itself knows them.
// Source: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
func contacts() object {
	return object{path: "contacts", id: "contact", one: "contact", many: "contacts", article: "a", unique: "email", find: "email", changed: "lastmodifieddate",
		fields: []actions.Field{
			text("email", "Email address", "The contact's mail address; no two contacts have the same.", "email", "ada@example.com"),
			text("first_name", "First name", "The first name.", "firstname", "Ada"),
			text("last_name", "Last name", "The last name.", "lastname", "Lovelace"),
			text("phone", "Phone", "A phone number.", "phone", "+41 44 668 18 00"),
			text("company", "Company name", "A text on the contact; it makes no company.", "company", "Analytical Engines"),
			text("job_title", "Job title", "What the contact does.", "jobtitle", "Engineer"),
			text("website", "Website", "A web address.", "website", "https://example.com"),
			choice("contacts", "lifecycle_stage", "Lifecycle stage", "How far the contact has come; HubSpot moves it forward only, unless it is cleared first.", "lifecyclestage"),
			choice("contacts", "lead_status", "Lead status", "Where the sale stands.", "hs_lead_status"),
			owner()},
		links: []link{{"company_id", "Company", "The id of the company that the contact belongs to.", 279}},
		props: map[string]any{"email": "ada@example.com", "firstname": "Ada", "lastname": "Lovelace", "phone": "+41 44 668 18 00", "company": "Analytical Engines", "jobtitle": "Engineer",
			"lifecyclestage": "lead", "hubspot_owner_id": "77", "createdate": "2026-01-31T09:30:00.000Z", "lastmodifieddate": "2026-01-31T09:45:00.000Z", "hs_object_id": "512"}}
}

// forget deletes a contact for good, as privacy laws ask for.
// Source: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/post-crm-v3-objects-contacts-gdpr-delete
func forget() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "forget_contact", Name: "Delete a contact for good", Description: "Deletes a contact and what belongs to it so that nothing can bring it back, and keeps the address from coming in again.", Effect: actions.Idempotent,
		Guarantee: "What is deleted for good stays deleted, so a repeat after a crash does no harm.",
		Input: []actions.Field{
			{ID: "id", Label: "Contact", Help: "Its record id, the address of its page, or its mail address where Known by says so.", Type: actions.Text, Required: true, Name: "objectId", Example: "512", Link: recordLink("contact")},
			{ID: "known_by", Label: "Known by", Help: "What the contact is named by.", Type: actions.Select, Default: "id", In: actions.InNone, Options: []actions.Option{{Value: "id", Label: "Record id"}, {Value: "email", Label: "Address"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/contacts/gdpr-delete", Body: actions.JSONBody, Output: deleted, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["known_by"] == "email" {
				return actions.Parts{Body: map[string]any{"idProperty": "email"}}, nil
			}
			return actions.Parts{}, nil
		}},
	}
}
