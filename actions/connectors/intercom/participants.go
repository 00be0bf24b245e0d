package intercom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// participants are the actions for who takes part in a conversation, and for taking words back.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/attachcontacttoconversation
func participants() []actions.Action {
	sample := map[string]any{"customers": []any{map[string]any{"type": "user", "id": "65f1c0de9b2e4a0001a1b2c3"}}}
	admin := acting()
	admin.Required = false
	add := append([]actions.Field{ofConversation()}, who("customer.", actions.InBody)...)
	gone := map[string]any{"id": "10231", "object": "conversation", "deleted": true}
	return []actions.Action{
		{ID: "add_participant", Name: "Add a contact to a conversation", Description: "Lets one more contact take part in a conversation, by the contact's Intercom id, address or your own id.", Effect: actions.Idempotent, Guarantee: saysSo,
			Input: append(add, admin), Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "POST", Path: "/conversations/{conversation}/customers", Body: actions.JSONBody, Prepare: oneUser}},
		{ID: "remove_participant", Name: "Take a contact out of a conversation", Description: "Takes a contact out of a conversation that several take part in; the last one stays.", Effect: actions.Idempotent, Guarantee: saysSo,
			Input: []actions.Field{ofConversation(), atContact(), acting()}, Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "DELETE", Path: "/conversations/{conversation}/customers/{contact}", Body: actions.JSONBody}},
		{ID: "redact_message", Name: "Redact a message of a conversation", Description: "Blanks out what a message of a conversation said, with its files. It cannot be undone.", Effect: actions.Idempotent, Guarantee: "What is blanked out stays so: a repeat after a crash changes nothing.",
			Input: []actions.Field{inBody(ofConversation(), "conversation_id"),
				{ID: "part", Label: "Part", Help: "The id of the part of the conversation; or give the first message.", Type: actions.Text, Name: "conversation_part_id", Example: "467"},
				{ID: "message", Label: "First message", Help: "The id of the message that began it, which is source/id of the conversation.", Type: actions.Text, Name: "source_id", Example: "403918320"}},
			Output: value.ShapeOf(conversation()), Sample: conversation(), Request: &actions.Request{Method: "POST", Path: "/conversations/redact", Body: actions.JSONBody, Prepare: redaction}},
		{ID: "delete_conversation", Name: "Delete a conversation", Description: "Deletes a conversation with all that was written in it, for good; reports keep its numbers.", Effect: actions.Idempotent, Guarantee: staysGone,
			Input: []actions.Field{ofConversation()}, Output: value.ShapeOf(gone), Sample: gone, Request: &actions.Request{Method: "DELETE", Path: "/conversations/{conversation}"}},
	}
}

// inBody puts a field of the path into the body.
func inBody(f actions.Field, name string) actions.Field {
	f.In, f.Name = actions.InBody, name
	return f
}

// who are the inputs for a contact where Intercom takes any of its ids.
func who(prefix string, in actions.In) []actions.Field {
	return []actions.Field{
		{ID: "contact", Label: "Contact", Help: "Its Intercom id, or the address of its page in Intercom; or give the mail address or your own id.", Type: actions.Text, In: in, Name: prefix + "intercom_user_id", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"},
		{ID: "email", Label: "Email address", Help: "Of the contact.", Type: actions.Text, In: in, Name: prefix + "email", Example: "ada@example.com"},
		{ID: "external_id", Label: "External id", Help: "Your own id of the contact.", Type: actions.Text, In: in, Name: prefix + "user_id", Example: "u-70"}}
}

// oneUser asks for one of the ids.
func oneUser(in map[string]any) (actions.Parts, error) {
	given := 0
	for _, name := range []string{"contact", "email", "external_id"} {
		if in[name] != nil {
			given++
		}
	}
	switch given {
	case 0:
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input contact: none is given; give the contact's Intercom id, its address or your own id.")
	case 1:
		return actions.Parts{}, nil
	}
	return actions.Parts{}, fault.New(fault.InvalidInput, "The input contact: give one of the contact's Intercom id, its address and your own id, not %d of them.", given)
}

// redaction says which of the two kinds of messages is meant.
func redaction(in map[string]any) (actions.Parts, error) {
	switch {
	case in["part"] != nil && in["message"] == nil:
		return actions.Parts{Body: map[string]any{"type": "conversation_part"}}, nil
	case in["part"] == nil && in["message"] != nil:
		return actions.Parts{Body: map[string]any{"type": "source"}}, nil
	}
	return actions.Parts{}, fault.New(fault.InvalidInput, "The input part: give the id of a part, or that of the first message, and not both.")
}
