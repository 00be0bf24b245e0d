package hubspot

import "github.com/stepmill/stepmill/actions"

// deals stand in a stage of a pipeline. Source: https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide
func deals() object {
	return object{path: "deals", id: "deal", one: "deal", many: "deals", article: "a", find: "name", changed: "hs_lastmodifieddate",
		fields: []actions.Field{
			text("name", "Name", "The deal's name.", "dealname", "Ten engines"),
			staged("pipeline", "Pipeline", "Not given: the account's first.", "pipeline", "default", pipelines("deals")),
			staged("stage", "Stage", "The id of a stage of that pipeline.", "dealstage", "closedwon", stages("deals")),
			{ID: "amount", Label: "Amount", Help: "What the deal is worth.", Type: actions.Number, In: actions.InNone, Example: 1200},
			{ID: "close_date", Label: "Close date", Help: "When it was closed, or is expected to be: a day, as 2026-03-31, or a time.", Type: actions.DateTime, Days: true, In: actions.InNone, Name: "closedate", Example: "2026-03-31"},
			choice("deals", "type", "Type", "New or existing business.", "dealtype"),
			text("description", "Description", "A few sentences.", "description", ""),
			owner()},
		links: []link{{"contact_id", "Contact", "The id of the contact that it is about.", 3}, {"company_id", "Company", "The id of the company that it is about.", 341}},
		props: map[string]any{"dealname": "Ten engines", "pipeline": "default", "dealstage": "closedwon", "amount": "1200", "closedate": "2026-03-31T00:00:00Z", "hubspot_owner_id": "77",
			"createdate": "2026-01-31T09:30:00.000Z", "hs_lastmodifieddate": "2026-01-31T09:45:00.000Z", "hs_object_id": "512"}}
}

func staged(id, label, help, property, example string, options *actions.Choices) actions.Field {
	f := text(id, label, help, property, example)
	f.Choices = options
	return f
}
