package hubspot

import "github.com/stepmill/stepmill/actions"

// tickets stand in a stage of a pipeline, which HubSpot calls a status.
// Source: https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide
func tickets() object {
	return object{path: "tickets", id: "ticket", one: "ticket", many: "tickets", article: "a", find: "subject", changed: "hs_lastmodifieddate",
		fields: []actions.Field{
			text("subject", "Subject", "What it is about, in a line.", "subject", "The export stops"),
			{ID: "content", Label: "Text", Help: "What happened.", Type: actions.LongText, In: actions.InNone},
			staged("pipeline", "Pipeline", "Not given: the account's first.", "hs_pipeline", "0", pipelines("tickets")),
			staged("stage", "Status", "The id of a status of that pipeline; a new ticket needs one.", "hs_pipeline_stage", "1", stages("tickets")),
			{ID: "priority", Label: "Priority", Help: "How urgent it is.", Type: actions.Select, In: actions.InNone, Name: "hs_ticket_priority",
				Options: []actions.Option{{Value: "LOW", Label: "Low"}, {Value: "MEDIUM", Label: "Medium"}, {Value: "HIGH", Label: "High"}, {Value: "URGENT", Label: "Urgent"}}},
			choice("tickets", "category", "Category", "What kind of ticket it is.", "hs_ticket_category"),
			owner()},
		links: []link{{"contact_id", "Contact", "The id of the contact who asked.", 16}, {"company_id", "Company", "The id of the contact's company.", 339}},
		props: map[string]any{"subject": "The export stops", "content": "At 3 every night.", "hs_pipeline": "0", "hs_pipeline_stage": "1", "hs_ticket_priority": "HIGH", "hubspot_owner_id": "77",
			"createdate": "2026-01-31T09:30:00.000Z", "hs_lastmodifieddate": "2026-01-31T09:45:00.000Z", "hs_object_id": "512"}}
}
