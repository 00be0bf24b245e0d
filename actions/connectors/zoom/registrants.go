package zoom

import (
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func registrant() map[string]any {
	return map[string]any{"id": "fdgsfh2ey82fuh", "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "org": "Acme", "status": "approved", "create_time": "2026-01-20T08:00:00Z", "join_url": "https://zoom.us/w/85746065?tk=abc", "custom_questions": []any{}}
}

func registering() []actions.Field {
	return []actions.Field{
		{ID: "email", Label: "Address", Help: "The person's mail address.", Type: actions.Text, Required: true, Example: "ada@example.com"},
		{ID: "first_name", Label: "First name", Help: "The person's.", Type: actions.Text, Required: true, Example: "Ada"},
		{ID: "last_name", Label: "Last name", Help: "The person's.", Type: actions.Text, Example: "Lovelace"},
		{ID: "organization", Label: "Organization", Help: "Where the person works.", Type: actions.Text, Name: "org"},
		{ID: "job_title", Label: "Job title", Help: "What the person does there.", Type: actions.Text},
		{ID: "phone", Label: "Telephone", Help: "The person's number.", Type: actions.Text},
		{ID: "country", Label: "Country", Help: "Two letters, as CH.", Type: actions.Text, Example: "CH"},
		{ID: "comments", Label: "Comments", Help: "What the person asks or says.", Type: actions.LongText},
		{ID: "answers", Label: "Own questions", Help: "An object: each question's title and the answer.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"What do you hope to learn?": "Everything"}},
	}
}

// answered writes the answers to a meeting's own questions.
func answered(in map[string]any) (actions.Parts, error) {
	given, _ := in["answers"].(map[string]any)
	if len(given) == 0 {
		return actions.Parts{}, nil
	}
	list := []any{}
	for _, title := range slices.Sorted(maps.Keys(given)) {
		list = append(list, map[string]any{"title": title, "value": value.Text(given[title])})
	}
	return actions.Parts{Body: map[string]any{"custom_questions": list}}, nil
}

func registered(topic string, id any) map[string]any {
	return map[string]any{"id": id, "registrant_id": "fdgsfh2ey82fuh", "start_time": "2026-01-31T09:30:00Z", "topic": topic, "join_url": "https://zoom.us/w/85746065?tk=abc"}
}

// addRegistrant registers a person. Source: https://developers.zoom.us/docs/api/meetings/
func addRegistrant() actions.Action {
	sample := registered("Weekly", 85746065)
	return actions.Action{
		ID: "add_registrant", Name: "Register a person", Description: "Registers a person for a meeting that people register for; the output has the person's own link.", Effect: actions.Once, Guarantee: noKey,
		Input: append([]actions.Field{meetingField()}, registering()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/meetings/{meeting}/registrants", Body: actions.JSONBody, Prepare: answered},
	}
}

func statusField() actions.Field {
	return actions.Field{ID: "status", Label: "Status", Help: "Which are given.", Type: actions.Select, Default: "approved", In: actions.InQuery, Options: []actions.Option{{Value: "approved", Label: "Taken"}, {Value: "pending", Label: "To be decided"}, {Value: "denied", Label: "Refused"}}}
}

func listRegistrants() actions.Action {
	return listing("list_registrants", "List registrants", "Gives who registered for a meeting.", "/meetings/{meeting}/registrants", parts("/registrants", "/id"), registrant(), meetingField(), occurrenceField(), statusField())
}

// registrationIDs are registrants as Zoom takes them: by their id, or their address.
func registrationIDs(v any) []any {
	out := []any{}
	for _, text := range texts(v) {
		member := "id"
		if strings.Contains(text, "@") {
			member = "email"
		}
		out = append(out, map[string]any{member: text})
	}
	return out
}

// setRegistrants decides on registrants.
func setRegistrants() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "decide_registrants", Name: "Decide on registrants", Description: "Takes, refuses or cancels registrants of a meeting.", Effect: actions.Idempotent, Guarantee: "It says how they are to stand, so a repeat changes nothing.",
		Input: []actions.Field{meetingField(), occurrenceField(),
			{ID: "action", Label: "Decision", Help: "What becomes of them.", Type: actions.Select, Required: true, Options: []actions.Option{{Value: "approve", Label: "Take"}, {Value: "deny", Label: "Refuse"}, {Value: "cancel", Label: "Cancel"}}},
			{ID: "registrants", Label: "Registrants", Help: "Their ids or mail addresses.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"ada@example.com"}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/meetings/{meeting}/registrants/status", Body: actions.JSONBody, Output: done, Prepare: func(in map[string]any) (actions.Parts, error) {
			list := registrationIDs(in["registrants"])
			if len(list) == 0 {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input registrants: it names nobody.")
			}
			return actions.Parts{Body: map[string]any{"registrants": list}}, nil
		}},
	}
}

func deleteRegistrant() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_registrant", Name: "Delete a registrant", Description: "Takes a person off a meeting's list; deleted is false where the person was not on it.", Effect: actions.Idempotent,
		Guarantee: "Who is off the list already counts as deleted, so a repeat changes nothing.",
		Input: []actions.Field{meetingField(), occurrenceField(),
			{ID: "registrant", Label: "Registrant", Help: "The id, as listing gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "fdgsfh2ey82fuh",
				Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/meetings/{meeting}/registrants"}, Page: parts("/registrants", ""), Value: "/id", Label: "{/first_name} {/last_name} ({/email})",
					Needs: []actions.Field{{ID: "meeting", Type: actions.Integer, In: actions.InPath}}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Errors:  actions.ErrorTable{{Pointer: "/code", Equals: "3001", Code: "not_found", Message: "Zoom does not know the meeting: {/message}"}, {Status: 404}},
		Request: &actions.Request{Method: "DELETE", Path: "/meetings/{meeting}/registrants/{registrant}", Output: deleted},
	}
}

func webinarField() actions.Field {
	return actions.Field{ID: "webinar", Label: "Webinar", Help: "Its number, or the link to join.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 95204914252, Link: joinLink,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/users/me/webinars"}, Page: parts("/webinars", ""), Value: "/id", Label: "{/topic} {/start_time}"}}
}

func webinar() map[string]any {
	return map[string]any{"uuid": "dsghfkhaewfds", "id": 95204914252, "host_id": "x1yCzABCDEfg23HiJKl4mN", "topic": "My webinar", "type": 5, "start_time": "2026-01-31T09:30:00Z", "duration": 60, "timezone": "Europe/Zurich", "agenda": "Learn more", "created_at": "2026-01-20T08:00:00Z", "join_url": "https://zoom.us/j/95204914252"}
}
