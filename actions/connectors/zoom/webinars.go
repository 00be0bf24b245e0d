package zoom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// doing is an action that Zoom answers without a word, and that may be done twice.
func doing(id, name, description, guarantee, method, path string, input ...actions.Field) actions.Action {
	sample := map[string]any{"done": true}
	a := actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: guarantee, Input: input, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: method, Path: path, Output: done}}
	if method != "DELETE" {
		a.Request.Body = actions.JSONBody
	}
	return a
}

// removing is an action that takes something away; what is gone already, by Zoom's codes, counts as taken away.
func removing(id, name, description, path string, input []actions.Field, codes ...string) actions.Action {
	sample := map[string]any{"deleted": true}
	a := actions.Action{ID: id, Name: name, Description: description + "; deleted is false where there was none.", Effect: actions.Idempotent, Guarantee: "What is gone already counts as deleted, so a repeat changes nothing.",
		Input: input, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "DELETE", Path: path, Output: deleted}}
	for _, code := range codes {
		a.Errors = append(a.Errors, gone(code)...)
	}
	return a
}

func reading(id, name, description, path string, sample any, input ...actions.Field) actions.Action {
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: input, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: path}}
}

// whole are lists that come in one part.
func whole(items, id string) actions.Page { return actions.Page{Items: items, Sure: items, ID: id} }

// webinarDetails are what webinars have of what may be said of a meeting.
func webinarDetails() []actions.Field {
	var out []actions.Field
	for _, f := range details() {
		switch f.ID {
		case "invitees", "waiting_room", "join_before_host", "mute_upon_entry", "participant_video":
		default:
			out = append(out, f)
		}
	}
	return out
}

// createWebinar makes a webinar, which takes a plan that has them.
func createWebinar() actions.Action {
	sample := webinar()
	input := append([]actions.Field{userField(), topicField(), {ID: "kind", Label: "Kind", Help: "When it takes place.", Type: actions.Select, Default: "webinar", In: actions.InNone,
		Options: []actions.Option{{Value: "webinar", Label: "At a time"}, {Value: "webinar_recurring", Label: "Recurring, at no fixed time"}, {Value: "webinar_recurring_fixed", Label: "Recurring, at fixed times"}}}}, webinarDetails()...)
	return actions.Action{
		ID: "create_webinar", Name: "Create a webinar", Description: "Makes a webinar of a person; the account's plan must have them.", Effect: actions.Once, Guarantee: noKey, Input: input, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/users/{user}/webinars", Body: actions.JSONBody, Prepare: arranged},
	}
}

func getWebinar() actions.Action {
	return reading("get_webinar", "Get a webinar", "Reads a webinar by its number.", "/webinars/{webinar}", webinar(), webinarField(), occurrenceField())
}

func updateWebinar() actions.Action {
	topic := topicField()
	topic.Required = false
	a := doing("update_webinar", "Update a webinar", "Changes what is given of a webinar and leaves the rest.", "It says how the webinar is to be, so a repeat changes nothing.", "PATCH", "/webinars/{webinar}",
		append([]actions.Field{webinarField(), occurrenceField(), topic}, webinarDetails()...)...)
	a.Request.Prepare = arranged
	return a
}

func deleteWebinar() actions.Action {
	return removing("delete_webinar", "Delete a webinar", "Cancels a webinar, or one date of a recurring one", "/webinars/{webinar}", []actions.Field{webinarField(), occurrenceField(),
		{ID: "tell_registrants", Label: "Tell people", Help: "Whether registrants and panelists get a mail.", Type: actions.Boolean, In: actions.InQuery, Name: "cancel_webinar_reminder"}}, "3001")
}

func listWebinars() actions.Action {
	return listing("list_webinars", "List webinars", "Gives the webinars of a person.", "/users/{user}/webinars", parts("/webinars", "/uuid"), webinar(), userField())
}

func endWebinar() actions.Action {
	a := endMeeting()
	a.ID, a.Name, a.Description, a.Input = "end_webinar", "End a webinar", "Ends a webinar that is under way.", []actions.Field{webinarField()}
	a.Request.Path = "/webinars/{webinar}/status"
	return a
}

func panelist() map[string]any {
	return map[string]any{"id": "Tg2b6GhcQKKbV7nSCbDKug", "name": "Ada Lovelace", "email": "ada@example.com", "join_url": "https://zoom.us/w/95204914252?tk=abc"}
}

func listPanelists() actions.Action {
	return listing("list_panelists", "List panelists", "Gives who speaks at a webinar, each with the person's own link.", "/webinars/{webinar}/panelists", whole("/panelists", "/id"), panelist(), webinarField())
}

// addPanelists invites people to speak. Zoom takes an address once.
func addPanelists() actions.Action {
	sample := map[string]any{"id": "95204914252", "updated_at": "2026-01-20T08:00:00Z"}
	return actions.Action{
		ID: "add_panelists", Name: "Add panelists", Description: "Invites people to speak at a webinar; each gets a mail where the account's settings say so.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{webinarField(), {ID: "panelists", Label: "Panelists", Help: "Who speaks, at most 30 at once.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
			{ID: "name", Label: "Name", Help: "As it is shown.", Type: actions.Text, Required: true, Example: "Ada Lovelace"},
			{ID: "email", Label: "Address", Help: "The person's mail address.", Type: actions.Text, Required: true, Example: "ada@example.com"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/webinars/{webinar}/panelists", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			list, _ := in["panelists"].([]any)
			if len(list) == 0 {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input panelists: it names nobody.")
			}
			return actions.Parts{Body: map[string]any{"panelists": list}}, nil
		}},
	}
}

func deletePanelist() actions.Action {
	a := removing("delete_panelist", "Remove a panelist", "Takes a person off the panelists of a webinar", "/webinars/{webinar}/panelists/{panelist}", []actions.Field{webinarField(),
		{ID: "panelist", Label: "Panelist", Help: "The id, as listing gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "Tg2b6GhcQKKbV7nSCbDKug",
			Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/webinars/{webinar}/panelists"}, Page: whole("/panelists", ""), Value: "/id", Label: "{/name} ({/email})", Needs: []actions.Field{{ID: "webinar", Type: actions.Integer, In: actions.InPath}}}}})
	a.Errors = actions.ErrorTable{{Pointer: "/code", Equals: "3001", Code: "not_found", Message: "Zoom does not know the webinar: {/message}"}, {Status: 404}}
	return a
}

func addWebinarRegistrant() actions.Action {
	sample := registered("My webinar", 95204914252)
	return actions.Action{
		ID: "add_webinar_registrant", Name: "Register a person for a webinar", Description: "Registers a person for a webinar that people register for; the output has the person's own link.", Effect: actions.Once, Guarantee: noKey,
		Input: append([]actions.Field{webinarField()}, registering()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/webinars/{webinar}/registrants", Body: actions.JSONBody, Prepare: answered},
	}
}

func listWebinarRegistrants() actions.Action {
	return listing("list_webinar_registrants", "List a webinar's registrants", "Gives who registered for a webinar.", "/webinars/{webinar}/registrants", parts("/registrants", "/id"), registrant(), webinarField(), occurrenceField(), statusField())
}

func setWebinarRegistrants() actions.Action {
	a := setRegistrants()
	a.ID, a.Name, a.Description = "decide_webinar_registrants", "Decide on a webinar's registrants", "Takes, refuses or cancels registrants of a webinar."
	a.Input = append([]actions.Field{webinarField()}, a.Input[1:]...)
	a.Request.Path = "/webinars/{webinar}/registrants/status"
	return a
}

func attended() map[string]any {
	return map[string]any{"id": "8b29rgg4bb", "user_id": "16778240", "name": "Ada Lovelace", "user_email": "ada@example.com", "join_time": "2026-01-31T09:30:00Z", "leave_time": "2026-01-31T10:02:00Z", "duration": 1920}
}

func pastField() actions.Field {
	return uuidField("Its UUID, its number for the last time, or its link.")
}

// over is a list of a webinar or a meeting that is over.
func over(id, name, description, path string, page actions.Page, item any, input ...actions.Field) actions.Action {
	a := listing(id, name, description, path, page, item, append([]actions.Field{pastField()}, input...)...)
	a.Request.Prepare = twice
	return a
}

func listWebinarParticipants() actions.Action {
	return over("list_webinar_participants", "List who came to a webinar", "Gives the people who were in a webinar that is over.", "/past_webinars/{uuid}/participants", parts("/participants", ""), map[string]any{"id": "8b29rgg4bb", "name": "Ada Lovelace", "user_email": "ada@example.com"})
}

func listAbsentees() actions.Action {
	return over("list_absentees", "List who did not come to a webinar", "Gives who registered for a webinar that is over and was not there.", "/past_webinars/{uuid}/absentees", parts("/registrants", "/id"), registrant(), occurrenceField())
}

func polled() map[string]any {
	return map[string]any{"name": "Ada Lovelace", "email": "ada@example.com", "question_details": []any{map[string]any{"question": "How was it?", "answer": "Good", "polling_id": "798fGJEWrA", "date_time": "2026-01-31T09:40:00Z"}}}
}

func listWebinarPolls() actions.Action {
	return over("list_webinar_poll_answers", "List a webinar's poll answers", "Gives what people answered to the polls of a webinar that is over.", "/past_webinars/{uuid}/polls", whole("/questions", ""), polled())
}

func listWebinarQuestions() actions.Action {
	item := map[string]any{"name": "Ada Lovelace", "email": "ada@example.com", "question_details": []any{map[string]any{"question": "When is the next one?", "answer": "In May"}}}
	return over("list_webinar_questions", "List a webinar's questions", "Gives what people asked in a webinar that is over (Q&A), and the answers.", "/past_webinars/{uuid}/qa", whole("/questions", ""), item)
}

func listMeetingPolls() actions.Action {
	return over("list_poll_answers", "List a meeting's poll answers", "Gives what people answered to the polls of a meeting that is over.", "/past_meetings/{uuid}/polls", whole("/questions", ""), polled())
}

func listInstances() actions.Action {
	return listing("list_past_instances", "List when a meeting took place", "Gives each time that a meeting took place, with the UUID of that time.", "/past_meetings/{meeting}/instances", whole("/meetings", "/uuid"), map[string]any{"uuid": "4444AAAiAAAAAiAiAiiAii==", "start_time": "2026-01-31T09:30:00Z"}, meetingField())
}

// reportParticipants say who was there how long, which the list of who came does not.
func reportParticipants() actions.Action {
	return over("report_participants", "Report who came and how long", "Gives each person's times in a meeting that ended within the last year and had two people at least; who left and came back stands there twice. The account must have a paid plan, and the app may read reports.", "/report/meetings/{uuid}/participants", parts("/participants", ""), attended())
}

func reportWebinarParticipants() actions.Action {
	return over("report_webinar_participants", "Report who came to a webinar and how long", "Gives each person's times in a webinar that ended within the last year; who left and came back stands there twice. The app may read reports.", "/report/webinars/{uuid}/participants", parts("/participants", ""), attended())
}

// getSummary is what Zoom's AI Companion wrote of a meeting.
func getSummary() actions.Action {
	sample := map[string]any{"meeting_uuid": "4444AAAiAAAAAiAiAiiAii==", "meeting_id": 85746065, "meeting_topic": "Weekly", "meeting_host_email": "ada@example.com", "meeting_start_time": "2026-01-31T09:30:00Z", "meeting_end_time": "2026-01-31T10:02:00Z",
		"summary_title": "Weekly", "summary_overview": "The team went through what is open.", "summary_details": []any{map[string]any{"label": "Invoices", "summary": "Two are late."}}, "next_steps": []any{"Ada writes to the customer"},
		"summary_content": "## Quick recap\n\nThe team went through what is open.\n\n## Next steps\n\n- Ada writes to the customer"}
	a := reading("get_summary", "Get a meeting's summary", "Gives what AI Companion wrote of a meeting that is over: the host's plan and settings must have it, and it takes some minutes. Newer ones stand whole in summary_content, in Markdown.", "/meetings/{uuid}/meeting_summary", sample, pastField())
	a.Request.Prepare = twice
	return a
}
