package mailchimp

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// tags is the request that puts tags on the member; nil: there are none.
func tags(in map[string]any) *actions.Request {
	list, _ := in["tags"].([]any)
	if len(list) == 0 {
		return nil
	}
	return &actions.Request{Method: "POST", Path: "/lists/{list}/members/{hash}/tags", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
		switched := []any{}
		for _, name := range list {
			switched = append(switched, map[string]any{"name": name, "status": "active"})
		}
		email := strings.TrimSpace(value.Text(in["email"]))
		return actions.Parts{Path: map[string]string{"hash": hash(email)}, Body: map[string]any{"tags": switched}}, nil
	}}
}

// tagsAndNotes are the actions of what hangs on a member.
// Sources: https://mailchimp.com/developer/marketing/api/list-member-tags/, https://mailchimp.com/developer/marketing/api/list-member-events/
func tagsAndNotes() []actions.Action {
	shape, list := actions.ListOf(map[string]any{"id": 49377, "name": "customer", "date_added": "2026-01-31T09:30:00+00:00"})
	note := map[string]any{"id": 42, "created_at": "2026-01-31T09:30:00+00:00", "created_by": "Ada", "updated_at": "2026-01-31T09:30:00+00:00", "note": "Asked for the export.", "list_id": "a1b2c3d4e5", "email_id": "852aaa9532cb36adfb5e9fef7a4206a9"}
	member := []actions.Field{listField(actions.InPath), emailField()}
	tagList := actions.Field{ID: "tags", Label: "Tags", Help: "Their names. One that is not there yet is made.", Type: actions.Texts, Required: true, In: actions.InNone, Choices: tagChoices(), Example: []any{"customer"}}
	return []actions.Action{
		{ID: "add_tags", Name: "Tag a member", Description: "Puts tags on a member; those that are there stay.", Effect: actions.Idempotent, Guarantee: "A tag that is on stays on, so a repeat changes nothing.", Errors: noMember(),
			Input: append(member[:2:2], tagList), Output: value.ShapeOf(doneSample), Sample: doneSample, Request: switched("active")},
		{ID: "remove_tags", Name: "Take tags off a member", Description: "Takes tags off a member; the others stay.", Effect: actions.Idempotent, Guarantee: "A tag that is off stays off, so a repeat changes nothing.", Errors: noMember(),
			Input: append(member[:2:2], tagList), Output: value.ShapeOf(doneSample), Sample: doneSample, Request: switched("inactive")},
		{ID: "list_member_tags", Name: "List a member's tags", Description: "Lists the tags on a member.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noMember(),
			Input: append(member[:2:2], actions.LimitField()), Output: shape, Sample: list, Request: &actions.Request{Method: "GET", Path: memberPath + "/tags", Query: map[string]string{"exclude_fields": "_links"}, Prepare: named}, Page: parts("tags")},
		{ID: "add_note", Name: "Note on a member", Description: "Writes a note on a member.", Effect: actions.Once, Guarantee: "Mailchimp has no key that would make a repeat harmless: a note whose answer was lost in a crash is not written again by itself, you are asked.", Errors: noMember(),
			Input:  append(member[:2:2], actions.Field{ID: "note", Label: "Note", Help: "Up to 1,000 characters.", Type: actions.LongText, Required: true, MaxLen: 4000, Example: "Asked for the export."}),
			Output: value.ShapeOf(note), Sample: note, Request: &actions.Request{Method: "POST", Path: memberPath + "/notes", Body: actions.JSONBody, Prepare: named}},
		{ID: "add_event", Name: "Record an event of a member", Description: "Records that a member did something, on which customer journeys can begin.", Effect: actions.Once, Errors: noMember(),
			Guarantee: "Mailchimp has no key that would make a repeat harmless: an event whose answer was lost in a crash is not recorded again by itself, you are asked.",
			Input: append(member[:2:2], actions.Field{ID: "name", Label: "Event", Help: "What happened, from 2 to 30 letters, digits and _.", Type: actions.Text, Required: true, Example: "deal_won"},
				actions.Field{ID: "properties", Label: "Properties", Help: "Texts by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"plan": "pro"}},
				actions.Field{ID: "at", Label: "When", Help: "When it happened; now where not given.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
				actions.Field{ID: "syncing", Label: "Past events", Help: "true for events that are filled in later, on which no journey begins.", Type: actions.Boolean, Name: "is_syncing"}),
			Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: memberPath + "/events", Body: actions.JSONBody, Prepare: event, Output: done}},
	}
}

// switched is the request that switches tags.
func switched(status string) *actions.Request {
	return &actions.Request{Method: "POST", Path: memberPath + "/tags", Body: actions.JSONBody, Output: done, Prepare: func(in map[string]any) (actions.Parts, error) {
		parts, err := named(in)
		list, _ := in["tags"].([]any)
		tags := []any{}
		for _, name := range list {
			tags = append(tags, map[string]any{"name": name, "status": status})
		}
		parts.Body = map[string]any{"tags": tags}
		return parts, err
	}}
}

// event writes an event, whose properties are texts.
func event(in map[string]any) (actions.Parts, error) {
	parts, err := named(in)
	parts.Body = map[string]any{}
	if given, _ := in["properties"].(map[string]any); len(given) > 0 {
		texts := map[string]any{}
		for name, v := range given {
			texts[name] = value.Text(v)
		}
		parts.Body["properties"] = texts
	}
	if at := utc(in["at"]); at != nil {
		parts.Body["occurred_at"] = at
	}
	return parts, err
}
