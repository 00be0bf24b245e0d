package hubspot

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// activity is a kind of what stands on the timeline of records. What is not given here is done as with any record: they are
// found, changed and deleted by the actions for records, as notes, tasks, calls and meetings.
type activity struct {
	path, id, name, description string
	fields                      []actions.Field
	kinds                       [4]int // of the association to a contact, a company, a deal and a ticket
	props                       map[string]any
}

// activities are the actions that write them. Source: https://developers.hubspot.com/docs/api-reference/crm-notes-v3/guide, and
// beside it those of tasks, calls and meetings; each page has its association types.
func activities() []actions.Action {
	at := func(label, help string) actions.Field {
		return actions.Field{ID: "at", Label: label, Help: help + " Not given: now.", Type: actions.DateTime, Days: true, In: actions.InNone, Name: "hs_timestamp", Example: "2026-01-31T09:30:00Z"}
	}
	list := []activity{
		{path: "notes", id: "create_note", name: "Create a note", description: "Writes a note on the timeline of records.", kinds: [4]int{202, 190, 214, 228},
			fields: []actions.Field{longText("body", "Text", "HTML or text.", "hs_note_body"), at("Time", "Where the note stands on the timeline."), owner()},
			props:  map[string]any{"hs_note_body": "Called back.", "hs_timestamp": "2026-01-31T09:30:00Z", "hubspot_owner_id": "77"}},
		{path: "tasks", id: "create_task", name: "Create a task", description: "Makes a task for somebody to do.", kinds: [4]int{204, 192, 216, 230},
			fields: []actions.Field{need(text("subject", "Title", "What is to be done, in a line.", "hs_task_subject", "Call back")), at("Due", "When it is due."), longText("body", "Text", "HTML or text.", "hs_task_body"),
				{ID: "priority", Label: "Priority", Help: "How urgent it is.", Type: actions.Select, In: actions.InNone, Name: "hs_task_priority", Options: []actions.Option{{Value: "LOW", Label: "Low"}, {Value: "MEDIUM", Label: "Medium"}, {Value: "HIGH", Label: "High"}}},
				{ID: "type", Label: "Type", Help: "What kind of task it is.", Type: actions.Select, Default: "TODO", In: actions.InNone, Name: "hs_task_type", Options: []actions.Option{{Value: "TODO", Label: "To do"}, {Value: "CALL", Label: "Call"}, {Value: "EMAIL", Label: "Email"}}},
				{ID: "status", Label: "Status", Help: "How far it has come.", Type: actions.Select, Default: "NOT_STARTED", In: actions.InNone, Name: "hs_task_status", Options: []actions.Option{{Value: "NOT_STARTED", Label: "Not started"}, {Value: "IN_PROGRESS", Label: "In progress"}, {Value: "WAITING", Label: "Waiting"}, {Value: "DEFERRED", Label: "Deferred"}, {Value: "COMPLETED", Label: "Completed"}}},
				owner()},
			props: map[string]any{"hs_task_subject": "Call back", "hs_task_status": "NOT_STARTED", "hs_task_type": "TODO", "hs_timestamp": "2026-01-31T09:30:00Z"}},
		{path: "calls", id: "log_call", name: "Log a call", description: "Writes down a call on the timeline of records.", kinds: [4]int{194, 182, 206, 220},
			fields: []actions.Field{text("title", "Title", "In a line.", "hs_call_title", "Called Ada"), longText("body", "Notes", "What was said.", "hs_call_body"), at("Time", "When the call was."),
				{ID: "direction", Label: "Direction", Help: "Who called.", Type: actions.Select, In: actions.InNone, Name: "hs_call_direction", Options: []actions.Option{{Value: "INBOUND", Label: "They called"}, {Value: "OUTBOUND", Label: "We called"}}},
				{ID: "status", Label: "Status", Help: "What became of the call.", Type: actions.Select, Default: "COMPLETED", In: actions.InNone, Name: "hs_call_status", Options: []actions.Option{{Value: "COMPLETED", Label: "Completed"}, {Value: "NO_ANSWER", Label: "No answer"}, {Value: "BUSY", Label: "Busy"}, {Value: "FAILED", Label: "Failed"}, {Value: "CANCELED", Label: "Cancelled"}}},
				{ID: "milliseconds", Label: "Duration", Help: "In milliseconds.", Type: actions.Integer, In: actions.InNone, Name: "hs_call_duration", Example: 240000},
				owner()},
			props: map[string]any{"hs_call_title": "Called Ada", "hs_call_status": "COMPLETED", "hs_timestamp": "2026-01-31T09:30:00Z"}},
		{path: "meetings", id: "log_meeting", name: "Log a meeting", description: "Writes down a meeting on the timeline of records.", kinds: [4]int{200, 188, 212, 226},
			fields: []actions.Field{need(text("title", "Title", "In a line.", "hs_meeting_title", "Kick-off")), longText("body", "Text", "What it is about.", "hs_meeting_body"), at("Begins", "When it begins."),
				{ID: "ends", Label: "Ends", Help: "When it ends.", Type: actions.DateTime, Days: true, In: actions.InNone, Name: "hs_meeting_end_time", Example: "2026-01-31T10:30:00Z"},
				text("location", "Place", "Where it is.", "hs_meeting_location", "Room 4"),
				{ID: "outcome", Label: "Outcome", Help: "What became of it.", Type: actions.Select, In: actions.InNone, Name: "hs_meeting_outcome", Options: []actions.Option{{Value: "SCHEDULED", Label: "Scheduled"}, {Value: "COMPLETED", Label: "Completed"}, {Value: "RESCHEDULED", Label: "Moved"}, {Value: "NO_SHOW", Label: "Nobody came"}, {Value: "CANCELED", Label: "Cancelled"}}},
				owner()},
			props: map[string]any{"hs_meeting_title": "Kick-off", "hs_meeting_start_time": "2026-01-31T09:30:00Z", "hs_timestamp": "2026-01-31T09:30:00Z"}},
	}
	list = append(list, activity{path: "emails", id: "log_email", name: "Log an email", description: "Writes down a mail on the timeline of records. It sends nothing.", kinds: [4]int{198, 186, 210, 224},
		fields: []actions.Field{need(text("subject", "Subject", "Of the mail.", "hs_email_subject", "Your question")), at("Time", "When it was sent."), longText("body", "Text", "The plain text.", "hs_email_text"), longText("html", "HTML", "The mail as HTML.", "hs_email_html"),
			{ID: "direction", Label: "Direction", Help: "Who wrote it.", Type: actions.Select, Default: "EMAIL", In: actions.InNone, Name: "hs_email_direction", Options: []actions.Option{{Value: "EMAIL", Label: "We did"}, {Value: "INCOMING_EMAIL", Label: "They did"}, {Value: "FORWARDED_EMAIL", Label: "It was forwarded"}}},
			{ID: "status", Label: "Status", Help: "What became of it.", Type: actions.Select, Default: "SENT", In: actions.InNone, Name: "hs_email_status", Options: []actions.Option{{Value: "SENT", Label: "Sent"}, {Value: "SENDING", Label: "Being sent"}, {Value: "SCHEDULED", Label: "Scheduled"}, {Value: "BOUNCED", Label: "Bounced"}, {Value: "FAILED", Label: "Failed"}}},
			owner()},
		props: map[string]any{"hs_email_subject": "Your question", "hs_email_direction": "EMAIL", "hs_email_status": "SENT", "hs_timestamp": "2026-01-31T09:30:00Z"}})
	out := make([]actions.Action, len(list))
	for i, a := range list {
		out[i] = a.action()
	}
	return out
}

func (a activity) action() actions.Action {
	sample := map[string]any{"id": "7001", "properties": a.props, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z", "archived": false}
	links := []link{{"contact_id", "Contact", "The id of a contact that it is about.", a.kinds[0]}, {"company_id", "Company", "The id of a company that it is about.", a.kinds[1]},
		{"deal_id", "Deal", "The id of a deal that it is about.", a.kinds[2]}, {"ticket_id", "Ticket", "The id of a ticket that it is about.", a.kinds[3]}}
	out := actions.Action{
		ID: a.id, Name: a.name, Description: a.description, Effect: actions.Once,
		Guarantee: "HubSpot has no key that would make a repeat harmless: what was lost in a crash is not written again by itself, you are asked.",
		Input:     slices.Concat(a.fields, linkFields(links), moreProperties(a.path)), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + a.path, Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body, err := written(a.fields, in)
			if err != nil {
				return actions.Parts{}, err
			}
			if props, _ := body["properties"].(map[string]any); a.path == "meetings" && props["hs_meeting_start_time"] == nil {
				props["hs_meeting_start_time"] = props["hs_timestamp"] // a meeting stands where it begins
			}
			if to := associations(links, in); len(to) > 0 {
				body["associations"] = to
			}
			return actions.Parts{Body: body}, nil
		}},
	}
	described := out
	out.Request, out.Run = nil, func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		with := maps.Clone(in.Values)
		if with["at"] == nil {
			with["at"] = in.Now.UTC().Format(time.RFC3339)
		}
		return do.Ask(ctx, &described, with)
	}
	return out
}

func longText(id, label, help, property string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.LongText, In: actions.InNone, Name: property}
}

func need(f actions.Field) actions.Field {
	f.Required = true
	return f
}
