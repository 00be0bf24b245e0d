package zoom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func trashField() actions.Field {
	return actions.Field{ID: "action", Label: "How", Help: "What becomes of it.", Type: actions.Select, Default: "trash", In: actions.InQuery, Options: []actions.Option{{Value: "trash", Label: "Into the trash, for 30 days"}, {Value: "delete", Label: "For good"}}}
}

func deleteRecordings() actions.Action {
	a := removing("delete_recordings", "Delete a meeting's recordings", "Deletes all that Zoom recorded of a meeting", "/meetings/{uuid}/recordings", []actions.Field{pastField(), trashField()}, "3301")
	a.Request.Prepare = twice
	return a
}

func deleteRecordingFile() actions.Action {
	a := removing("delete_recording_file", "Delete a file of a recording", "Deletes one of the files that Zoom recorded of a meeting", "/meetings/{uuid}/recordings/{recording}", []actions.Field{pastField(),
		{ID: "recording", Label: "File", Help: "The id of one of the recording_files.", Type: actions.Text, Required: true, In: actions.InPath, Example: "96119skjlfhdshkjf"}, trashField()}, "3301")
	a.Request.Prepare = twice
	return a
}

func recoverRecordings() actions.Action {
	a := doing("recover_recordings", "Bring a meeting's recordings back", "Brings back from the trash what Zoom recorded of a meeting, within 30 days.", "What was brought back stays, so a repeat changes nothing.", "PUT", "/meetings/{uuid}/recordings/status", pastField())
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		parts, err := twice(in)
		parts.Body = map[string]any{"action": "recover"}
		return parts, err
	}
	return a
}

func shareRecordings() actions.Action {
	a := doing("set_recording_settings", "Share a meeting's recordings", "Says who may see what Zoom recorded of a meeting, and how; what is not given stays.", "It says how they are shared, so a repeat changes nothing.", "PATCH", "/meetings/{uuid}/recordings/settings", pastField(),
		actions.Field{ID: "share", Label: "Who sees them", Help: "By their link.", Type: actions.Select, Name: "share_recording", Options: []actions.Option{{Value: "publicly", Label: "Everybody"}, {Value: "internally", Label: "People of the account"}, {Value: "none", Label: "Nobody"}}},
		actions.Field{ID: "download", Label: "May be downloaded", Help: "Whether who sees them may download them.", Type: actions.Boolean, Name: "viewer_download"},
		actions.Field{ID: "password", Label: "Passcode", Help: "Asked of who opens the link.", Type: actions.Text},
		actions.Field{ID: "on_demand", Label: "Registration", Help: "Whether people register before they see them.", Type: actions.Boolean})
	a.Request.Prepare = twice
	return a
}

// getQuestions are what people are asked who register.
func getQuestions() actions.Action {
	sample := map[string]any{"questions": []any{map[string]any{"field_name": "org", "required": true}}, "custom_questions": []any{map[string]any{"title": "What do you hope to learn?", "type": "short", "required": false}}}
	return reading("get_registration_questions", "Get a meeting's registration questions", "Gives what people are asked who register for a meeting: Zoom's own fields and the meeting's questions.", "/meetings/{meeting}/registrants/questions", sample, meetingField())
}

func setQuestions() actions.Action {
	return doing("set_registration_questions", "Set a meeting's registration questions", "Says what people are asked who register for a meeting, beside name and address.", "It says what is asked, so a repeat changes nothing.", "PATCH", "/meetings/{meeting}/registrants/questions", meetingField(),
		actions.Field{ID: "fields", Label: "Fields", Help: "Zoom's own.", Type: actions.List, Name: "questions", Fields: []actions.Field{
			{ID: "field_name", Label: "Field", Help: "Which.", Type: actions.Select, Required: true, Options: []actions.Option{{Value: "last_name", Label: "Last name"}, {Value: "address", Label: "Postal address"}, {Value: "city", Label: "City"}, {Value: "country", Label: "Country"}, {Value: "zip", Label: "Postcode"}, {Value: "state", Label: "State"}, {Value: "phone", Label: "Telephone"},
				{Value: "industry", Label: "Industry"}, {Value: "org", Label: "Organization"}, {Value: "job_title", Label: "Job title"}, {Value: "purchasing_time_frame", Label: "Purchasing time frame"}, {Value: "role_in_purchase_process", Label: "Role in the purchase"}, {Value: "no_of_employees", Label: "Number of employees"}, {Value: "comments", Label: "Comments"}}},
			{ID: "required", Label: "Required", Help: "Whether it must be filled in.", Type: actions.Boolean}}},
		actions.Field{ID: "questions", Label: "Own questions", Help: "Questions of the meeting's own.", Type: actions.List, Name: "custom_questions", Fields: []actions.Field{
			{ID: "title", Label: "Question", Help: "What is asked.", Type: actions.Text, Required: true, Example: "What do you hope to learn?"},
			{ID: "type", Label: "Answer", Help: "How it is answered.", Type: actions.Select, Default: "short", Options: []actions.Option{{Value: "short", Label: "In words"}, {Value: "single", Label: "By a choice of one"}}},
			{ID: "required", Label: "Required", Help: "Whether it must be answered.", Type: actions.Boolean, Default: false},
			{ID: "answers", Label: "Choices", Help: "Of a choice of one: what can be chosen.", Type: actions.Texts, Whole: true}}})
}

// licences are Zoom's numbers for what a person may do.
var licences = []actions.Option{{Value: "1", Label: "Basic"}, {Value: "2", Label: "Licensed"}}

func userDetails() []actions.Field {
	return []actions.Field{
		{ID: "first_name", Label: "First name", Help: "The person's.", Type: actions.Text, In: actions.InNone, Example: "Ada"},
		{ID: "last_name", Label: "Last name", Help: "The person's.", Type: actions.Text, In: actions.InNone, Example: "Lovelace"},
		{ID: "display_name", Label: "Shown name", Help: "As others see it.", Type: actions.Text, In: actions.InNone, Example: "Ada Lovelace"},
	}
}

// licensed writes a person as Zoom takes one: the licence is a number.
func licensed(in map[string]any) map[string]any {
	body := map[string]any{}
	for _, name := range []string{"email", "first_name", "last_name", "display_name", "dept", "job_title", "timezone"} {
		if in[name] != nil {
			body[name] = in[name]
		}
	}
	switch value.Text(in["licence"]) {
	case "1":
		body["type"] = 1
	case "2":
		body["type"] = 2
	}
	return body
}

func createUser() actions.Action {
	sample := map[string]any{"id": "x1yCzABCDEfg23HiJKl4mN", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "type": 2}
	return actions.Action{
		ID: "create_user", Name: "Create a person", Description: "Invites a person to the account by mail; the person is pending until that mail is answered. The app must be allowed to manage people.", Effect: actions.Once,
		Guarantee: "An account takes an address once, so nobody is made twice; whether one whose answer was lost in a crash was invited you are asked.",
		Input: append([]actions.Field{
			{ID: "email", Label: "Address", Help: "The mail address the person signs in with.", Type: actions.Text, Required: true, In: actions.InNone, Example: "ada@example.com"},
			{ID: "licence", Label: "Licence", Help: "What the person may do.", Type: actions.Select, Default: "1", In: actions.InNone, Options: licences}}, userDetails()...),
		Output: value.ShapeOf(sample), Sample: sample,
		Errors: actions.ErrorTable{{Pointer: "/code", Equals: "1005", Code: "conflict", Message: "Zoom refused (code 1005): {/message}", Remedy: "The person is in an account already; find the person first."}},
		Request: &actions.Request{Method: "POST", Path: "/users", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"action": "create", "user_info": licensed(in)}}, nil
		}},
	}
}

func updateUser() actions.Action {
	a := doing("update_user", "Update a person", "Changes what is given of a person of the account and leaves the rest.", "It says how the person is to be, so a repeat changes nothing.", "PATCH", "/users/{user}", append([]actions.Field{userField(),
		{ID: "licence", Label: "Licence", Help: "What the person may do.", Type: actions.Select, In: actions.InNone, Options: licences},
		{ID: "dept", Label: "Department", Help: "Where the person works.", Type: actions.Text, In: actions.InNone},
		{ID: "job_title", Label: "Job title", Help: "What the person does there.", Type: actions.Text, In: actions.InNone},
		{ID: "timezone", Label: "Time zone", Help: "The person's, as Europe/Zurich.", Type: actions.Text, In: actions.InNone, Example: "Europe/Zurich"}}, userDetails()...)...)
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) { return actions.Parts{Body: licensed(in)}, nil }
	return a
}

// personField is a person who is to go: nobody by default.
func personField() actions.Field {
	f := userField()
	f.Required, f.Default, f.Help, f.Example = true, nil, "The id or the mail address.", "ada@example.com"
	return f
}

func setUserStatus() actions.Action {
	return doing("set_user_status", "Switch a person on or off", "Lets a person of the account use Zoom, or not; an inactive one needs no licence.", "It says how the person is to be, so a repeat changes nothing.", "PUT", "/users/{user}/status", personField(),
		actions.Field{ID: "action", Label: "What", Help: "What is done.", Type: actions.Select, Required: true, Options: []actions.Option{{Value: "activate", Label: "On"}, {Value: "deactivate", Label: "Off"}}})
}

func deleteUser() actions.Action {
	return removing("delete_user", "Remove a person", "Takes a person out of the account, and gives to another what the person planned and recorded where one is named", "/users/{user}", []actions.Field{personField(),
		{ID: "action", Label: "How", Help: "What becomes of the person.", Type: actions.Select, Default: "disassociate", In: actions.InQuery, Options: []actions.Option{{Value: "disassociate", Label: "Keeps a Zoom account of the person's own"}, {Value: "delete", Label: "Is deleted for good"}}},
		{ID: "transfer_to", Label: "Successor", Help: "The mail address of who gets what is handed over.", Type: actions.Text, In: actions.InQuery, Name: "transfer_email", Example: "bo@example.com"},
		{ID: "transfer_meetings", Label: "Hand over meetings", Help: "Whether the successor gets the meetings to come.", Type: actions.Boolean, In: actions.InQuery, Name: "transfer_meeting"},
		{ID: "transfer_webinars", Label: "Hand over webinars", Help: "Whether the successor gets the webinars to come.", Type: actions.Boolean, In: actions.InQuery, Name: "transfer_webinar"},
		{ID: "transfer_recordings", Label: "Hand over recordings", Help: "Whether the successor gets the recordings.", Type: actions.Boolean, In: actions.InQuery, Name: "transfer_recording"}}, "1001")
}

// sendChatMessage writes in Team Chat. Source: https://developers.zoom.us/docs/api/team-chat/
func sendChatMessage() actions.Action {
	sample := map[string]any{"id": "6c9d7ac5-d2ae-4f30-91ed-7f3e9d4b1a2c"}
	return actions.Action{
		ID: "send_chat_message", Name: "Send a chat message", Description: "Writes a message in Team Chat to a person or in a channel, in the name of who signed in.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "message", Label: "Message", Help: "At most 4,096 characters.", Type: actions.LongText, Required: true, Example: "Hello"},
			{ID: "contact", Label: "Person", Help: "The mail address of a contact.", Type: actions.Text, Name: "to_contact", Example: "ada@example.com"},
			{ID: "channel", Label: "Channel", Help: "A channel's id, in place of a person.", Type: actions.Text, Name: "to_channel"},
			{ID: "answers", Label: "Answers", Help: "The id of the message to answer.", Type: actions.Text, Name: "reply_main_message_id"}},
		Check: func(with map[string]any, _ func(string) bool) []actions.InputIssue {
			if (with["contact"] == nil) == (with["channel"] == nil) {
				return []actions.InputIssue{{Path: "/contact", Message: "Give either a person or a channel."}}
			}
			return nil
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/chat/users/me/messages", Body: actions.JSONBody},
	}
}
