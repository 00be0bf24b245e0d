package pipedrive

import "github.com/stepmill/stepmill/actions"

// accountActions are for what things are made of: users, pipelines, stages, fields.
func accountActions() []actions.Action {
	stage := map[string]any{"id": 3, "order_nr": 2, "name": "Offer", "is_deleted": false, "deal_probability": 60, "pipeline_id": 1, "is_deal_rot_enabled": false, "days_to_rotten": nil, "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:30:00Z"}
	field := listedFieldSample()
	activityType := map[string]any{"id": 1, "name": "Call", "key_string": "call", "icon_key": "call", "order_nr": 1, "color": "FFFFFF", "active_flag": true, "is_custom_flag": false, "add_time": "2026-01-31 09:30:00", "update_time": "2026-01-31 09:30:00"}
	label := map[string]any{"id": "f08b42a0-4e75-11ea-9643-03698ef1cfd6", "name": "Hot", "color": "red", "add_time": "2026-01-31T09:30:00.000Z", "update_time": "2026-01-31T09:30:00.000Z"}
	return []actions.Action{searchEverything(), listFilters(),
		reading("list_users", "List users", "Gives the users of the account.", "/v1/users", nil, whole(), user()), findUser(),
		reading("list_pipelines", "List pipelines", "Gives the pipelines.", "/api/v2/pipelines", nil, cursor("/data", "/id"),
			map[string]any{"id": 1, "name": "Sales", "order_nr": 1, "is_deleted": false, "is_deal_probability_enabled": true, "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:30:00Z"}),
		reading("list_stages", "List stages", "Gives the stages of all pipelines, or of one.", "/api/v2/stages", query(ref("pipeline_id", "Pipeline", "Only stages of this one.", listed("pipelines", "/name"))), cursor("/data", "/id"), stage),
		reading("list_person_fields", "List fields of people", "Gives the fields that people have, custom ones too, with their keys and options.", "/api/v2/personFields", nil, cursor("/data", "/field_code"), field),
		reading("list_organization_fields", "List fields of organizations", "Gives the fields that organizations have, custom ones too, with their keys and options.", "/api/v2/organizationFields", nil, cursor("/data", "/field_code"), field),
		reading("list_deal_fields", "List fields of deals", "Gives the fields that deals and leads have, custom ones too, with their keys and options.", "/api/v2/dealFields", nil, cursor("/data", "/field_code"), field),
		reading("list_activity_types", "List types of activities", "Gives the types that an activity can have, with their keys.", "/v1/activityTypes", nil, whole(), activityType),
		reading("list_lead_labels", "List labels of leads", "Gives the labels that leads can have.", "/v1/leadLabels", nil, whole(), label),
		reading("list_currencies", "List currencies", "Gives the currencies that the account has.", "/v1/currencies", []actions.Field{{ID: "term", Label: "Text", Help: "Only those with it in name or code.", Type: actions.Text, In: actions.InQuery, Example: "EUR"}}, whole(),
			map[string]any{"id": 2, "code": "EUR", "name": "Euro", "decimal_points": 2, "symbol": "€", "active_flag": true, "is_custom_flag": false})}
}

func listedFieldSample() map[string]any {
	return map[string]any{"field_name": "Plan", "field_code": "d6c9f8e1a2b3c4d5e6f708192a3b4c5d6e7f8091", "field_type": "enum", "is_custom_field": true, "is_optional_response_field": false, "options": []any{map[string]any{"id": 1, "label": "Pro"}}}
}

func listFilters() actions.Action {
	kinds := []actions.Option{{Value: "deals", Label: "Deals"}, {Value: "leads", Label: "Leads"}, {Value: "people", Label: "People"}, {Value: "org", Label: "Organizations"}, {Value: "products", Label: "Products"}, {Value: "activity", Label: "Activities"}}
	return reading("list_filters", "List filters", "Gives the filters that the user sees; what lists and triggers take as Filter is the id of one.", "/v1/filters", []actions.Field{{ID: "type", Label: "Of", Help: "What they are for; not given: all.", Type: actions.Select, In: actions.InQuery, Options: kinds}}, whole(),
		map[string]any{"id": 12, "name": "Deals of this month", "active_flag": true, "type": "deals", "user_id": 1, "add_time": "2026-01-31 09:30:00", "update_time": "2026-01-31 09:30:00", "visible_to": 3, "custom_view_id": nil})
}

func whole() *actions.Page { return &actions.Page{Items: "/data", Sure: "/success"} }

func user() map[string]any {
	return map[string]any{"id": 1, "name": "Grace Hopper", "email": "grace@example.com", "active_flag": true, "is_you": true, "lang": 1, "locale": "en_US", "timezone_name": "Europe/Zurich", "default_currency": "EUR", "role_id": 1}
}

// reading is an action that gives a list.
func reading(id, name, description, path string, fields []actions.Field, page *actions.Page, item map[string]any) actions.Action {
	out := actions.Action{
		ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: onlyReads, Input: append(fields, actions.LimitField()),
		Request: &actions.Request{Method: "GET", Path: path}, Page: page,
	}
	out.Output, out.Sample = actions.ListOf(item)
	return out
}

func findUser() actions.Action {
	out := reading("find_user", "Find a user", "Gives the users whose name, or whose address, a text is part of.", "/v1/users/find", []actions.Field{
		{ID: "term", Label: "Text", Help: "A part of the name, or of the address.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "grace@example.com"},
		{ID: "by", Label: "Looked for in", Help: "Where the text is looked for.", Type: actions.Select, Default: "1", In: actions.InQuery, Name: "search_by_email", Options: []actions.Option{{Value: "1", Label: "Addresses"}, {Value: "0", Label: "Names"}}}}, whole(), user())
	return out
}

// searchEverything looks into all kinds of things, products and files too. Source: https://developers.pipedrive.com/docs/api/v1/ItemSearch
func searchEverything() actions.Action {
	kinds := []actions.Option{{Value: "deal", Label: "Deals"}, {Value: "person", Label: "People"}, {Value: "organization", Label: "Organizations"}, {Value: "product", Label: "Products"}, {Value: "lead", Label: "Leads"}, {Value: "file", Label: "Files"}, {Value: "mail_attachment", Label: "Attachments of mail"}, {Value: "project", Label: "Projects"}}
	fields := termFields([]actions.Option{{Value: "custom_fields", Label: "Custom fields"}, {Value: "email", Label: "Addresses"}, {Value: "name", Label: "Name"}, {Value: "title", Label: "Title"}, {Value: "code", Label: "Code"}, {Value: "notes", Label: "Notes"}, {Value: "phone", Label: "Phones"}})
	fields = append(fields, actions.Field{ID: "kind", Label: "What", Help: "One kind of thing; not given: all.", Type: actions.Select, In: actions.InQuery, Name: "item_types", Options: kinds})
	return reading("search", "Search everything", "Gives the things of every kind in which a text stands, the best first, each as item beside its result_score.", "/api/v2/itemSearch", fields, cursor(hits, ""),
		map[string]any{"result_score": 0.72, "item": map[string]any{"id": 8, "type": "product", "name": "An engine", "code": "E-1", "visible_to": 3, "owner": map[string]any{"id": 1}, "custom_fields": []any{}}})
}
