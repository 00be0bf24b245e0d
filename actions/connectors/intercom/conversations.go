package intercom

import (
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// conversationActions are for conversations. Their state is open, closed or snoozed: there is no resolved.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations
func conversationActions() []actions.Action {
	snooze := []actions.Field{{ID: "until", Label: "Until", Help: "When it comes back.", Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"}}
	last := actions.Field{ID: "body", Label: "Text", Help: "A last reply, HTML or text.", Type: actions.LongText}
	return []actions.Action{attaching(reply()), attaching(replyAsContact()), downloadAttachment(), createConversation(), getConversation(), searching("conversations", "/conversations", "state", conversation()), updateConversation(),
		managing("close_conversation", "Close a conversation", "Closes a conversation, with a last reply where one is given.", "closed", []actions.Field{last}),
		managing("open_conversation", "Open a conversation", "Opens a conversation that was closed or snoozed.", "open", nil),
		managing("snooze_conversation", "Snooze a conversation", "Puts a conversation away until a time.", "snoozed", snooze),
		managing("assign_conversation", "Assign a conversation", "Gives a conversation to an admin or a team, or takes it from whoever has it.", "assigned", []actions.Field{
			{ID: "assignee", Label: "To the admin", Help: "The id of an admin; neither an admin nor a team: to nobody.", Type: actions.Text, In: actions.InNone, Example: "780", Choices: admins()},
			{ID: "team", Label: "To the team", Help: "The id of a team.", Type: actions.Text, In: actions.InNone, Example: "814865", Choices: teams()}}),
		tag(), untagging("untag_conversation", "Take a tag off a conversation", "conversation", "conversations"), convert()}
}

func conversation() map[string]any {
	return map[string]any{"type": "conversation", "id": "10231", "title": nil, "state": "open", "open": true, "read": false, "priority": "not_priority", "created_at": 1764000000, "updated_at": 1764000300, "waiting_since": nil, "snoozed_until": nil,
		"admin_assignee_id": 780, "team_assignee_id": nil, "source": map[string]any{"type": "conversation", "id": "403918320", "delivered_as": "customer_initiated", "subject": "", "body": "<p>Hello</p>", "author": map[string]any{"type": "user", "id": "65f1c0de9b2e4a0001a1b2c3", "name": "Ada Lovelace", "email": "ada@example.com"}},
		"contacts": map[string]any{"type": "contact.list", "contacts": []any{map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3", "external_id": "70"}}}, "tags": map[string]any{"type": "tag.list", "tags": []any{}}, "custom_attributes": map[string]any{}}
}

func ofConversation() actions.Field { return named("conversation", "Conversation", "10231") }

// createConversation begins one in a contact's name. Intercom answers with the message that begins it.
func createConversation() actions.Action {
	sample := map[string]any{"type": "user_message", "id": "403918330", "created_at": 1764000000, "body": "Hello there", "message_type": "inapp", "conversation_id": "10231"}
	return actions.Action{
		ID: "create_conversation", Name: "Create a conversation", Description: "Begins a conversation in the name of a contact; conversation_id is its id.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{{ID: "contact", Label: "Contact", Help: "Its Intercom id.", Type: actions.Text, Required: true, Name: "from.id", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"},
			{ID: "kind", Label: "The contact is", Help: "A user or a lead.", Type: actions.Select, Default: "user", Name: "from.type", Options: []actions.Option{{Value: "user", Label: "A user"}, {Value: "lead", Label: "A lead"}, {Value: "contact", Label: "Either"}}},
			{ID: "body", Label: "Text", Help: "What the contact writes.", Type: actions.LongText, Required: true}},
		Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/conversations", Body: actions.JSONBody},
	}
}

func getConversation() actions.Action {
	return actions.Action{
		ID: "get_conversation", Name: "Get a conversation", Description: "Reads a conversation with its parts.", Effect: actions.Read, Guarantee: onlyReads,
		Input:  []actions.Field{ofConversation(), {ID: "display_as", Label: "Texts as", Help: "How the texts of its parts come.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "plaintext", Label: "Plain text"}}}},
		Output: value.ShapeOf(conversation()), Sample: conversation(), Request: &actions.Request{Method: "GET", Path: "/conversations/{conversation}"},
	}
}

func updateConversation() actions.Action {
	company := text("company", "Company", "The Intercom id of a company.")
	company.Name, company.Choices, company.Link = "company_id", companies(), companyLink
	return actions.Action{
		ID: "update_conversation", Name: "Update a conversation", Description: "Changes a conversation's title, its attributes, or that it was read.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append([]actions.Field{ofConversation(), text("title", "Title", "What it is called."), {ID: "read", Label: "Read", Help: "Whether it counts as read.", Type: actions.Boolean}, company},
			attributesOf("conversation", "By their names; Intercom has to know them.")...),
		Output: value.ShapeOf(conversation()), Sample: conversation(), Request: &actions.Request{Method: "PUT", Path: "/conversations/{conversation}", Body: actions.JSONBody, Prepare: onlyAttributes},
	}
}

// replyAsContact writes what the contact would.
func replyAsContact() actions.Action {
	return actions.Action{
		ID: "reply_as_contact", Name: "Reply as the contact", Description: "Writes a reply in the name of the contact, as one that came by another way.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{ofConversation(), {ID: "contact", Label: "Contact", Help: "The Intercom id of the contact.", Type: actions.Text, Required: true, Name: "intercom_user_id", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"},
			{ID: "body", Label: "Text", Help: "HTML or text.", Type: actions.LongText, Required: true}},
		Output: value.ShapeOf(conversation()), Sample: conversation(),
		Request: &actions.Request{Method: "POST", Path: "/conversations/{conversation}/reply", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"type": "user", "message_type": "comment"}}, nil
		}},
	}
}

// managing is what closes, opens, snoozes and assigns: a part of the conversation of its own kind.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/manageconversation
func managing(id, name, description, what string, fields []actions.Field) actions.Action {
	return actions.Action{
		ID: id, Name: name, Description: description, Effect: actions.Once, Guarantee: noKey,
		Input: slices.Concat([]actions.Field{ofConversation(), acting()}, fields), Output: value.ShapeOf(conversation()), Sample: conversation(),
		Request: &actions.Request{Method: "POST", Path: "/conversations/{conversation}/parts", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: part(what, in)}, nil
		}},
	}
}

// part writes the members that tell the kinds apart. An assignment to nobody is one to the admin "0".
func part(what string, in map[string]any) map[string]any {
	switch what {
	case "closed":
		return map[string]any{"message_type": "close", "type": "admin"}
	case "snoozed":
		body := map[string]any{"message_type": "snoozed"}
		times := map[string]any{}
		seconds(times, in, "until")
		body["snoozed_until"] = times["until"]
		return body
	case "assigned":
		kind, to := "admin", value.Text(in["assignee"])
		if team := value.Text(in["team"]); to == "" && team != "" {
			kind, to = "team", team
		}
		if to == "" {
			to = "0"
		}
		return map[string]any{"message_type": "assignment", "type": kind, "assignee_id": to}
	}
	return map[string]any{"message_type": "open"}
}

// untagging takes a tag off a conversation or a ticket; Intercom asks in whose name in the body of the DELETE.
func untagging(id, name, one, many string) actions.Action {
	return actions.Action{
		ID: id, Name: name, Description: "Removes a tag from a " + one + ".", Effect: actions.Idempotent, Guarantee: saysSo,
		Input: []actions.Field{named(one, strings.ToUpper(one[:1])+one[1:], "10231"), tagInPath(), acting()}, Output: value.ShapeOf(tagged()), Sample: tagged(),
		Request: &actions.Request{Method: "DELETE", Path: "/" + many + "/{" + one + "}/tags/{tag}", Body: actions.JSONBody},
	}
}

func convert() actions.Action {
	kind := actions.Field{ID: "ticket_type", Label: "Ticket type", Help: "The id of the type.", Type: actions.Text, Required: true, Name: "ticket_type_id", Example: "100", Choices: ticketTypes()}
	return actions.Action{
		ID: "convert_to_ticket", Name: "Make a ticket of a conversation", Description: "Turns a conversation into a ticket.", Effect: actions.Once, Guarantee: noKey,
		Input:  []actions.Field{ofConversation(), kind, {ID: "attributes", Label: "Attributes", Help: "Of the ticket, by their names.", Type: actions.Object, Example: map[string]any{"_default_title_": "The export stops"}}},
		Output: value.ShapeOf(ticket()), Sample: ticket(), Request: &actions.Request{Method: "POST", Path: "/conversations/{conversation}/convert", Body: actions.JSONBody},
	}
}
