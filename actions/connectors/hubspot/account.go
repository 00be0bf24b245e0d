package hubspot

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// account are the actions for what records are made of: owners, pipelines, properties.
func account() []actions.Action {
	return []actions.Action{listOwners(), listPipelines(), listStages(), listProperties(), createProperty(), sendEvent()}
}

func listOwners() actions.Action {
	out := actions.Action{
		ID: "list_owners", Name: "List or find owners", Description: "Gives the people that records may belong to, or the one with an address.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "email", Label: "Address", Help: "Only the owner with this mail address.", Type: actions.Text, In: actions.InQuery, Example: "ada@example.com"},
			{ID: "archived", Label: "Deleted ones", Help: "Gives those that left instead.", Type: actions.Boolean, In: actions.InQuery}, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/crm/v3/owners/"}, Page: listPage(),
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"id": "77", "userId": 4711, "email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace", "type": "PERSON", "archived": false,
		"createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z"})
	return out
}

// pipelined is the kind of object that pipelines are of.
func pipelined() actions.Field {
	return actions.Field{ID: "object_type", Label: "Kind of record", Help: "As deals, tickets, or the id of an object of your own.", Type: actions.Text, Required: true, In: actions.InPath, Example: "deals", Choices: schemas("deals", "tickets")}
}

func stage() map[string]any {
	return map[string]any{"id": "closedwon", "label": "Closed won", "displayOrder": 5, "metadata": map[string]any{"isClosed": "true", "probability": "1.0"}, "archived": false,
		"createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z"}
}

func listPipelines() actions.Action {
	out := actions.Action{
		ID: "list_pipelines", Name: "List pipelines", Description: "Gives the pipelines of a kind of record, with their stages.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{pipelined(), actions.LimitField()}, Request: &actions.Request{Method: "GET", Path: "/crm/v3/pipelines/{object_type}"}, Page: &actions.Page{Items: "/results", Sure: "/results"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"id": "default", "label": "Sales", "displayOrder": 0, "stages": []any{stage()}, "archived": false, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z"})
	return out
}

func listStages() actions.Action {
	options := pipelines("{object_type}")
	options.Needs = []actions.Field{{ID: "object_type", Label: "Kind of record", Help: "The kind.", Type: actions.Text, In: actions.InPath}}
	out := actions.Action{
		ID: "list_stages", Name: "List stages of a pipeline", Description: "Gives the stages of one pipeline.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   []actions.Field{pipelined(), {ID: "pipeline", Label: "Pipeline", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "default", Choices: options}, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/crm/v3/pipelines/{object_type}/{pipeline}/stages"}, Page: &actions.Page{Items: "/results", Sure: "/results"},
	}
	out.Output, out.Sample = actions.ListOf(stage())
	return out
}

func property() map[string]any {
	return map[string]any{"name": "plan", "label": "Plan", "type": "enumeration", "fieldType": "select", "description": "", "groupName": "contactinformation", "hasUniqueValue": false, "calculated": false, "hubspotDefined": false,
		"options": []any{map[string]any{"label": "Pro", "value": "pro", "displayOrder": 0, "hidden": false}}, "modificationMetadata": map[string]any{"readOnlyValue": false, "readOnlyDefinition": false, "archivable": true}}
}

func listProperties() actions.Action {
	out := actions.Action{
		ID: "list_properties", Name: "List properties", Description: "Gives the properties of a kind of record, with their types and options.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{objectType(), archived(), actions.LimitField()}, Request: &actions.Request{Method: "GET", Path: "/crm/v3/properties/{object_type}"}, Page: &actions.Page{Items: "/results", Sure: "/results"},
	}
	out.Output, out.Sample = actions.ListOf(property())
	return out
}

// createProperty makes one. Its name is taken once only, which the second of two equal calls is told.
func createProperty() actions.Action {
	return actions.Action{
		ID: "create_property", Name: "Create a property", Description: "Gives a kind of record a property, as one with unique values to know records of another system by. For contacts it needs the scope crm.schemas.contacts.write, for other kinds theirs.", Scopes: []string{"crm.schemas.contacts.write"}, Effect: actions.Once,
		Guarantee: "HubSpot has no key that would make a repeat harmless: a property whose answer was lost in a crash is not made again by itself, you are asked.",
		Input: []actions.Field{objectType(),
			{ID: "name", Label: "Internal name", Help: "Lower-case letters, digits and _; it cannot be changed later.", Type: actions.Text, Required: true, Example: "external_id"},
			{ID: "label", Label: "Label", Help: "What people read.", Type: actions.Text, Required: true, Example: "External id"},
			{ID: "group", Label: "Group", Help: "The internal name of the group that it stands in.", Type: actions.Text, Required: true, Name: "groupName", Example: "contactinformation"},
			{ID: "type", Label: "Type", Help: "What its values are.", Type: actions.Select, Default: "string", Options: []actions.Option{{Value: "string", Label: "Text"}, {Value: "number", Label: "Number"}, {Value: "date", Label: "Day"}, {Value: "datetime", Label: "Time"}, {Value: "enumeration", Label: "Options"}, {Value: "bool", Label: "Yes or no"}}},
			{ID: "field_type", Label: "Shown as", Help: "How it is filled in; it must suit the type.", Type: actions.Select, Default: "text", Name: "fieldType",
				Options: []actions.Option{{Value: "text", Label: "Line"}, {Value: "textarea", Label: "Several lines"}, {Value: "number", Label: "Number"}, {Value: "date", Label: "Date"}, {Value: "select", Label: "List"}, {Value: "radio", Label: "Radio buttons"}, {Value: "checkbox", Label: "Checkboxes"}, {Value: "booleancheckbox", Label: "One checkbox"}}},
			{ID: "unique", Label: "Unique values", Help: "No two records may have the same; it cannot be changed later.", Type: actions.Boolean, Name: "hasUniqueValue"},
			{ID: "description", Label: "Description", Help: "For the people who fill it in.", Type: actions.Text}},
		Output: value.ShapeOf(property()), Sample: property(), Errors: taken(),
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/properties/{object_type}", Body: actions.JSONBody},
	}
}

// sendEvent tells HubSpot of a custom event. The uuid makes a second one with it the same event.
// Source: https://developers.hubspot.com/docs/api-reference/events-send-event-completions-v3/guide
func sendEvent() actions.Action {
	sample := map[string]any{"sent": true}
	return actions.Action{
		ID: "send_event", Name: "Send a custom event", Description: "Writes that a contact, or another record, did something on its timeline.", Effect: actions.Once,
		Guarantee: "An event whose answer was lost in a crash is not sent again by itself, you are asked.",
		Input: []actions.Field{
			{ID: "event", Label: "Event", Help: "Its full internal name, as pe1234567_signed_up.", Type: actions.Text, Required: true, Name: "eventName", Example: "pe1234567_signed_up"},
			{ID: "email", Label: "Address", Help: "Of the contact; or give its id.", Type: actions.Text, Example: "ada@example.com"},
			{ID: "id", Label: "Record", Help: "The id of the record that did it, or the address of its page.", Type: actions.Text, Name: "objectId", Example: "512", Link: recordLink("")},
			{ID: "at", Label: "Time", Help: "When it happened; not given: now.", Type: actions.DateTime, Days: true, Name: "occurredAt", Example: "2026-01-31T09:30:00Z"},
			{ID: "uuid", Label: "Id of the event", Help: "A UUID of yours that tells it from others.", Type: actions.Text, Example: "018e6f1a-0000-7000-8000-000000000001"},
			{ID: "properties", Label: "Properties", Help: "Of the event, by their internal names.", Type: actions.Object, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/events/v3/send", Body: actions.JSONBody, Prepare: eventProperties, Output: func(actions.Response) (any, error) { return map[string]any{"sent": true}, nil }},
	}.Needing("analytics.behavioral_events.send")
}

func eventProperties(in map[string]any) (actions.Parts, error) {
	if in["properties"] == nil {
		return actions.Parts{}, nil
	}
	body, err := written(nil, in)
	return actions.Parts{Body: body}, err
}
