package intercom

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// sendMessage writes to a contact of the workspace's own accord.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/messages/createmessage
func sendMessage() actions.Action {
	sample := map[string]any{"type": "admin_message", "id": "403918396", "created_at": 1764000000, "subject": "Thanks", "body": "Hello there", "message_type": "in_app", "conversation_id": "10231"}
	return actions.Action{
		ID: "send_message", Name: "Send a message", Description: "Sends a message in the app, or a mail, to a contact.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "kind", Label: "Kind", Help: "How it is sent.", Type: actions.Select, Default: "in_app", Name: "message_type", Options: []actions.Option{{Value: "in_app", Label: "In the app"}, {Value: "email", Label: "Mail"}}},
			{ID: "admin", Label: "From", Help: "The id of the admin in whose name it is sent.", Type: actions.Text, Required: true, In: actions.InNone, Example: "780", Choices: admins()},
			{ID: "contact", Label: "To", Help: "The Intercom id of the contact.", Type: actions.Text, Required: true, Name: "to.id", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"},
			{ID: "role", Label: "The contact is", Help: "A user or a lead.", Type: actions.Select, Default: "user", Name: "to.type", Options: []actions.Option{{Value: "user", Label: "A user"}, {Value: "lead", Label: "A lead"}}},
			{ID: "subject", Label: "Subject", Help: "Of a mail, which needs one.", Type: actions.Text, Example: "Thanks"},
			{ID: "body", Label: "Text", Help: "HTML or text.", Type: actions.LongText, Required: true},
			{ID: "template", Label: "Style", Help: "Of a mail.", Type: actions.Select, Default: "plain", In: actions.InNone, Options: []actions.Option{{Value: "plain", Label: "Plain"}, {Value: "personal", Label: "Personal"}}},
			{ID: "conversation", Label: "Open a conversation", Help: "Also without a reply of the contact.", Type: actions.Boolean, Name: "create_conversation_without_contact_reply"}},
		Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/messages", Body: actions.JSONBody, Prepare: message},
	}
}

// message names the sender, whose id is a number here, and gives a mail its style.
func message(in map[string]any) (actions.Parts, error) {
	id, err := number(in, "admin")
	if err != nil {
		return actions.Parts{}, err
	}
	body := map[string]any{"from": map[string]any{"type": "admin", "id": id}}
	if in["kind"] == "email" {
		if in["subject"] == nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input subject: a mail needs one.")
		}
		body["template"] = in["template"]
	}
	return actions.Parts{Body: body}, nil
}

// sendEvent tells of what a user did. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-events/createdataevent
func sendEvent() actions.Action {
	sample := map[string]any{"sent": true}
	return actions.Action{
		ID: "send_event", Name: "Send an event", Description: "Writes that a user did something in your product.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "event", Label: "Event", Help: "Its name, a verb and a noun, as invited-friend.", Type: actions.Text, Required: true, Name: "event_name", Example: "invited-friend"},
			{ID: "at", Label: "Time", Help: "When it happened.", Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
			{ID: "user_id", Label: "External id", Help: "Your own id of the user; or give the address or the contact.", Type: actions.Text, Example: "u-70"},
			{ID: "email", Label: "Email address", Help: "Of the user.", Type: actions.Text, Example: "ada@example.com"},
			{ID: "contact", Label: "Contact", Help: "The Intercom id of the contact.", Type: actions.Text, Name: "id", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"},
			{ID: "metadata", Label: "Details", Help: "Of the event, by names.", Type: actions.Object, Example: map[string]any{"friends": 3}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/events", Body: actions.JSONBody, Prepare: dataEvent, Output: func(actions.Response) (any, error) { return map[string]any{"sent": true}, nil }},
	}
}

func dataEvent(in map[string]any) (actions.Parts, error) {
	if in["user_id"] == nil && in["email"] == nil && in["contact"] == nil {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input user_id: an event needs a user, by your own id, the address or the contact.")
	}
	at, err := time.Parse(time.RFC3339, value.Text(in["at"]))
	if err != nil {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input at: %q is no time; write it as 2026-01-31T09:30:00Z.", fault.Clip(value.Text(in["at"]), 40))
	}
	return actions.Parts{Body: map[string]any{"created_at": at.Unix()}}, nil
}
