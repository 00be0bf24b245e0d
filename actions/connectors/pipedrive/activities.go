package pipedrive

import (
	"fmt"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// activities are calls, meetings, tasks. Source: https://developers.pipedrive.com/docs/api/v1/Activities
func activities() object {
	return object{kind: "activity", path: "activities", id: "activity", one: "activity", many: "activities", a: "an", name: "subject",
		inputs: []actions.Field{
			text("subject", "Subject", "What it is, in a line.", "Call Ada"),
			{ID: "type", Label: "Type", Help: "The key of one of the account's types; not given: the first.", Type: actions.Text, Example: "call", Choices: activityTypes()},
			{ID: "due", Label: "Due", Help: "When it is due, or begins; a day as 2026-01-31 where it is without a time, and else the day's beginning in UTC.", Type: actions.DateTime, Days: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
			{ID: "all_day", Label: "Without a time", Help: "Only the day of what is given as due counts.", Type: actions.Boolean, In: actions.InNone},
			{ID: "minutes", Label: "Minutes", Help: "How long it takes.", Type: actions.Integer, In: actions.InNone, Example: 30},
			{ID: "done", Label: "Done", Help: "Whether it is done.", Type: actions.Boolean}, {ID: "busy", Label: "Busy", Help: "Whether the calendar shows the owner as busy meanwhile.", Type: actions.Boolean},
			{ID: "person_id", Label: "Person", Help: "The id of the person that it is with.", Type: actions.Integer, In: actions.InNone, Example: 7, Choices: listed("persons", "/name"), Link: link("person")},
			ref("org_id", "Organization", "The id of the organization.", listed("organizations", "/name")), ref("deal_id", "Deal", "The id of the deal.", listed("deals", "/title")),
			leadRef("The id of the lead, a UUID."),
			ref("owner_id", "Owner", "The id of the user who does it.", users()), {ID: "note", Label: "Note", Help: "HTML or text, for colleagues.", Type: actions.LongText},
			{ID: "public_description", Label: "Description", Help: "What guests see too.", Type: actions.LongText}, {ID: "location", Label: "Place", Help: "In one line.", Type: actions.Text, Name: "location.value", Example: "Bahnhofstrasse 1, Zurich"}, moreFields()},
		filters: query(actions.Field{ID: "done", Label: "Done", Help: "Only those that are done, or are not.", Type: actions.Boolean}, ref("owner_id", "Owner", "Only those of this user.", users()),
			ref("deal_id", "Deal", "Only those of this deal.", listed("deals", "/title")), ref("person_id", "Person", "Only those with this person.", listed("persons", "/name")), ref("org_id", "Organization", "Only those of this organization.", listed("organizations", "/name")),
			filter("activity")),
		body: activityBody,
		item: map[string]any{"id": 9, "subject": "Call Ada", "type": "call", "owner_id": 1, "creator_user_id": 1, "is_deleted": false, "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:45:00Z", "deal_id": 42, "lead_id": nil,
			"person_id": 7, "org_id": 3, "due_date": "2026-01-31", "due_time": "09:30", "duration": "00:30", "busy": true, "done": false, "note": "", "participants": []any{map[string]any{"person_id": 7, "primary": true}}},
	}
}

// activityBody takes the due time apart: Pipedrive has the day and the time of it in UTC. Whom it is with are participants, the
// first of whom is the main one.
func activityBody(in map[string]any) (map[string]any, error) {
	body, err := common(in)
	if err != nil {
		return nil, err
	}
	if text := value.Text(in["due"]); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, fault.New(fault.InvalidInput, "The input due: %q is no time; write it as 2026-01-31T09:30:00Z.", fault.Clip(text, 40))
		}
		if in["all_day"] == true {
			body["due_date"] = at.Format(time.DateOnly)
		} else {
			body["due_date"], body["due_time"] = at.UTC().Format(time.DateOnly), at.UTC().Format("15:04")
		}
	}
	if minutes, ok := in["minutes"].(int); ok {
		if minutes < 0 || minutes >= 100*60 {
			return nil, fault.New(fault.InvalidInput, "The input minutes: it must be from 0 to 5999, not %d.", minutes)
		}
		body["duration"] = fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
	}
	if person := in["person_id"]; person != nil {
		body["participants"] = []any{map[string]any{"person_id": person, "primary": true}}
	}
	return body, nil
}
