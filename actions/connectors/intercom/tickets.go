package intercom

import (
	"maps"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// ticketActions are for tickets. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tickets
func ticketActions() []actions.Action {
	return []actions.Action{createTicket(), updateTicket(), getTicket(), searching("tickets", "/tickets", "ticket_attribute.1", ticket()), replyTicket(), tagTicket(), untagging("untag_ticket", "Take a tag off a ticket", "ticket", "tickets")}
}

func ticket() map[string]any {
	return map[string]any{"type": "ticket", "id": "633", "ticket_id": "40", "category": "Customer", "ticket_attributes": map[string]any{"_default_title_": "The export stops", "_default_description_": "At 3 every night."},
		"ticket_state": map[string]any{"type": "ticket_state", "id": "8577", "category": "submitted", "internal_label": "Submitted", "external_label": "Submitted"}, "ticket_type": map[string]any{"type": "ticket_type", "id": "100", "name": "Bug"},
		"contacts":          map[string]any{"type": "contact.list", "contacts": []any{map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3", "external_id": "70"}}},
		"admin_assignee_id": "0", "team_assignee_id": "0", "created_at": 1764000000, "updated_at": 1764000300, "open": true, "is_shared": true}
}

func ofTicket() actions.Field { return named("ticket", "Ticket", "633") }

// contents are the inputs for what a ticket says. Its title and text are attributes with names of their own.
func contents() []actions.Field {
	title, description := text("title", "Title", "In a line."), actions.Field{ID: "description", Label: "Text", Help: "What happened.", Type: actions.LongText, In: actions.InNone}
	title.In = actions.InNone
	return []actions.Field{title, description, {ID: "attributes", Label: "Attributes", Help: "Further ones of the ticket's type, by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"Severity": "high"}}}
}

func ticketAttributes(in map[string]any) map[string]any {
	out := map[string]any{}
	if more, ok := in["attributes"].(map[string]any); ok {
		maps.Copy(out, more)
	}
	for name, attribute := range map[string]string{"title": "_default_title_", "description": "_default_description_"} {
		if in[name] != nil {
			out[attribute] = in[name]
		}
	}
	return out
}

func createTicket() actions.Action {
	kind := actions.Field{ID: "ticket_type", Label: "Ticket type", Help: "The id of the type.", Type: actions.Text, Required: true, Name: "ticket_type_id", Example: "100", Choices: ticketTypes()}
	fields := append([]actions.Field{kind,
		{ID: "contact", Label: "Contact", Help: "The Intercom id of the contact; or give the address or your own id.", Type: actions.Text, In: actions.InNone, Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"},
		{ID: "email", Label: "Email address", Help: "Of the contact.", Type: actions.Text, In: actions.InNone, Example: "ada@example.com"},
		{ID: "external_id", Label: "External id", Help: "Your own id of the contact.", Type: actions.Text, In: actions.InNone, Example: "u-70"}}, contents()...)
	return actions.Action{
		ID: "create_ticket", Name: "Create a ticket", Description: "Makes a ticket of a type for a contact.", Effect: actions.Once, Guarantee: noKey,
		Input: append(fields, actions.Field{ID: "assignee", Label: "To the admin", Help: "The id of the admin who gets it.", Type: actions.Text, Name: "assignment.admin_assignee_id", Example: "780", Choices: admins()},
			actions.Field{ID: "team", Label: "To the team", Help: "The id of the team that gets it.", Type: actions.Text, Name: "assignment.team_assignee_id", Example: "814865", Choices: teams()},
			actions.Field{ID: "conversation", Label: "Conversation", Help: "The id of a conversation that it belongs to.", Type: actions.Text, Name: "conversation_to_link_id", Link: conversationLink, Example: "10231"}),
		Output: value.ShapeOf(ticket()), Sample: ticket(), Request: &actions.Request{Method: "POST", Path: "/tickets", Body: actions.JSONBody, Prepare: ticketBody},
	}
}

// ticketBody names the one contact that a ticket has, by whichever id is given.
func ticketBody(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	for input, name := range map[string]string{"contact": "id", "email": "email", "external_id": "external_id"} {
		if in[input] == nil {
			continue
		}
		if body["contacts"] != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input contact: one of contact, email and external_id says whose the ticket is, not several.")
		}
		body["contacts"] = []any{map[string]any{name: in[input]}}
	}
	if body["contacts"] == nil {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input contact: a ticket needs a contact, by its Intercom id, its address or your own id.")
	}
	if attributes := ticketAttributes(in); len(attributes) > 0 {
		body["ticket_attributes"] = attributes
	}
	return actions.Parts{Body: body}, nil
}

func updateTicket() actions.Action {
	fields := append([]actions.Field{ofTicket()}, contents()...)
	admin := acting()
	admin.Required, admin.In, admin.Help = false, actions.InNone, "The id of the admin in whose name it is assigned."
	return actions.Action{
		ID: "update_ticket", Name: "Update a ticket", Description: "Changes what is given of a ticket: its state, what it says, who has it.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append(fields, actions.Field{ID: "state", Label: "State", Help: "The id of a state of the ticket's type.", Type: actions.Text, Name: "ticket_state_id", Example: "8577", Choices: ticketStates()},
			actions.Field{ID: "open", Label: "Open", Help: "Whether it is open.", Type: actions.Boolean}, actions.Field{ID: "shared", Label: "Shared", Help: "Whether the contact sees it.", Type: actions.Boolean, Name: "is_shared"},
			moment("snoozed_until", "Snoozed until", "When it comes back."), admin, actions.Field{ID: "assignee", Label: "To", Help: "The id of the admin or the team who gets it, with the admin in whose name.", Type: actions.Text, Name: "assignee_id", Example: "780", Choices: admins()}),
		Output: value.ShapeOf(ticket()), Sample: ticket(), Request: &actions.Request{Method: "PUT", Path: "/tickets/{ticket}", Body: actions.JSONBody, Prepare: ticketChange},
	}
}

// ticketChange writes what changes. Here, unlike elsewhere, the admin's id is a number.
func ticketChange(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	seconds(body, in, "snoozed_until")
	if attributes := ticketAttributes(in); len(attributes) > 0 {
		body["ticket_attributes"] = attributes
	}
	if in["admin"] != nil {
		id, err := number(in, "admin")
		if err != nil {
			return actions.Parts{}, err
		}
		body["admin_id"] = id
	}
	return actions.Parts{Body: body}, nil
}

func getTicket() actions.Action {
	return actions.Action{
		ID: "get_ticket", Name: "Get a ticket", Description: "Reads a ticket by its Intercom id, which is not the ticket_id that people see.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{ofTicket()}, Output: value.ShapeOf(ticket()), Sample: ticket(), Request: &actions.Request{Method: "GET", Path: "/tickets/{ticket}"},
	}
}

func replyTicket() actions.Action {
	sample := map[string]any{"type": "ticket_part", "id": "122", "part_type": "comment", "body": "<p>We look into it.</p>", "created_at": 1764000300, "updated_at": 1764000300, "author": map[string]any{"type": "admin", "id": "780", "name": "Grace", "email": "grace@example.com"}, "attachments": []any{}, "redacted": false}
	return actions.Action{
		ID: "reply_to_ticket", Name: "Reply to a ticket", Description: "Writes a reply or a note at a ticket, as an admin.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{ofTicket(), acting(), {ID: "body", Label: "Text", Help: "HTML or text.", Type: actions.LongText, Required: true},
			{ID: "kind", Label: "Kind", Help: "Whether the contact sees it.", Type: actions.Select, Default: "comment", Name: "message_type", Options: []actions.Option{{Value: "comment", Label: "Reply"}, {Value: "note", Label: "Note for the team"}}}, imagesField()},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/tickets/{ticket}/reply", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"type": "admin"}}, nil
		}},
	}
}

func tagTicket() actions.Action {
	return actions.Action{
		ID: "tag_ticket", Name: "Tag a ticket", Description: "Puts a tag on a ticket.", Effect: actions.Idempotent, Guarantee: isOrNot,
		Input: []actions.Field{ofTicket(), tagID(), acting()}, Output: value.ShapeOf(tagged()), Sample: tagged(), Request: &actions.Request{Method: "POST", Path: "/tickets/{ticket}/tags", Body: actions.JSONBody},
	}
}
