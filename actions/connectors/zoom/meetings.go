package zoom

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Guarantees that several actions give.
const (
	readsOnly = "It only reads, so it is asked again after a crash."
	noKey     = "Zoom has no key that would make a repeat harmless: what was made and whose answer was lost in a crash is not made again by itself, you are asked."
)

func meeting() map[string]any {
	return map[string]any{"uuid": "4444AAAiAAAAAiAiAiiAii==", "id": 85746065, "host_id": "x1yCzABCDEfg23HiJKl4mN", "topic": "Weekly", "type": 2, "status": "waiting", "start_time": "2026-01-31T09:30:00Z", "duration": 30, "timezone": "Europe/Zurich", "agenda": "What is open",
		"created_at": "2026-01-20T08:00:00Z", "start_url": "https://zoom.us/s/85746065?zak=abc", "join_url": "https://zoom.us/j/85746065", "password": "123456", "settings": map[string]any{"waiting_room": true, "approval_type": 2}}
}

func userField() actions.Field {
	return actions.Field{ID: "user", Label: "Person", Help: "The id or the mail address; me is who signed in.", Type: actions.Text, Default: "me", In: actions.InPath, Example: "me",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/users"}, Page: parts("/users", ""), Value: "/id", Label: "{/first_name} {/last_name} ({/email})"}}
}

// joinLink finds a number in what people paste: the link to join or to begin, in Zoom's own pages or in the browser's client.
const joinLink = `^https?://[^/]+/(?:j|w|s|meeting|webinar|wc/join|wc)/(\d+)`

func meetingField() actions.Field {
	return actions.Field{ID: "meeting", Label: "Meeting", Help: "Its number, or the link to join.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 85746065, Link: joinLink,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/users/me/meetings"}, Page: parts("/meetings", ""), Value: "/id", Label: "{/topic} {/start_time}"}}
}

func occurrenceField() actions.Field {
	return actions.Field{ID: "occurrence", Label: "Occurrence", Help: "The id of one date of a recurring meeting.", Type: actions.Text, In: actions.InQuery, Name: "occurrence_id"}
}

// kinds are Zoom's numbers for them.
var kinds = []actions.Option{{Value: "scheduled", Label: "At a time"}, {Value: "instant", Label: "Now"}, {Value: "recurring", Label: "Recurring, at no fixed time"}, {Value: "recurring_fixed", Label: "Recurring, at fixed times"}}

func number(kind string) (int64, bool) {
	n, ok := map[string]int64{"instant": 1, "scheduled": 2, "recurring": 3, "recurring_fixed": 8, "webinar": 5, "webinar_recurring": 6, "webinar_recurring_fixed": 9, "automatic": 0, "manual": 1, "none": 2}[kind]
	return n, ok
}

// details are what may be said of a meeting.
func details() []actions.Field {
	flag := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Boolean, In: actions.InNone}
	}
	return []actions.Field{
		{ID: "start", Label: "Start", Help: "When it begins: 2026-01-31T09:30:00Z, or without Z and zone, 2026-01-31T09:30, as the clock shows it in the input time zone; where that is not given, in the person's own.", Type: actions.DateTime, In: actions.InNone, Local: true, Example: "2026-01-31T09:30:00Z"},
		{ID: "duration", Label: "Minutes", Help: "How long it takes.", Type: actions.Integer, Example: 30},
		{ID: "timezone", Label: "Time zone", Help: "In which Zoom shows the time, and reads a start without Z, as Europe/Zurich.", Type: actions.Text, Example: "Europe/Zurich"},
		{ID: "agenda", Label: "Agenda", Help: "At most 2,000 characters.", Type: actions.LongText, MaxLen: 8000},
		{ID: "password", Label: "Passcode", Help: "At most 10 characters.", Type: actions.Text},
		{ID: "invitees", Label: "Invited", Help: "The mail addresses of people who are invited.", Type: actions.Texts, In: actions.InNone, Example: []any{"ada@example.com"}},
		{ID: "alternative_hosts", Label: "Other hosts", Help: "The mail addresses of people of the account who may begin it.", Type: actions.Texts, In: actions.InNone},
		{ID: "registration", Label: "Registration", Help: "Whether people register.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "none", Label: "None"}, {Value: "automatic", Label: "Everybody is taken"}, {Value: "manual", Label: "The host decides"}}},
		flag("waiting_room", "Waiting room", "Whether the host lets people in."),
		flag("join_before_host", "Join before the host", "Whether people may begin without the host."),
		flag("mute_upon_entry", "Muted", "Whether people are muted when they come in."),
		flag("host_video", "Host's video", "Whether it is on at the start."),
		flag("participant_video", "People's video", "Whether it is on at the start."),
		{ID: "recording", Label: "Recording", Help: "Whether it is recorded by itself.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "none", Label: "No"}, {Value: "local", Label: "On the host's machine"}, {Value: "cloud", Label: "By Zoom"}}},
		{ID: "recurrence", Label: "Recurrence", Help: "As Zoom's API takes it: type 1 daily, 2 weekly, 3 monthly, repeat_interval, weekly_days, end_times or end_date_time.", Type: actions.Object, Example: map[string]any{"type": 2, "repeat_interval": 1, "weekly_days": "2", "end_times": 10}},
		{ID: "settings", Label: "More settings", Help: "As Zoom's API takes them.", Type: actions.Object, In: actions.InNone},
	}
}

// arranged writes a meeting, or a webinar, as Zoom takes it. A time without Z is read there in the person's time zone, so what has a zone
// is written in UTC. Source: https://developers.zoom.us/docs/api/meetings/
func arranged(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	if kind, ok := number(value.Text(in["kind"])); ok {
		body["type"] = kind
	}
	if in["start"] != nil {
		at, zoned, err := start(in["start"], value.Text(in["timezone"]))
		if err != nil {
			return actions.Parts{}, err
		}
		body["start_time"] = at.Format(localTime)
		if zoned {
			body["start_time"] = at.UTC().Format(localTime + "Z")
		}
	}
	settings := map[string]any{}
	if more, ok := in["settings"].(map[string]any); ok {
		maps.Copy(settings, more)
	}
	for _, name := range []string{"waiting_room", "join_before_host", "mute_upon_entry", "host_video", "participant_video"} {
		if in[name] != nil {
			settings[name] = in[name]
		}
	}
	if list := texts(in["invitees"]); len(list) > 0 {
		invited := []any{}
		for _, email := range list {
			invited = append(invited, map[string]any{"email": email})
		}
		settings["meeting_invitees"] = invited
	}
	if list := texts(in["alternative_hosts"]); len(list) > 0 {
		settings["alternative_hosts"] = strings.Join(list, ";")
	}
	if in["recording"] != nil {
		settings["auto_recording"] = in["recording"]
	}
	if registration, ok := number(value.Text(in["registration"])); ok {
		settings["approval_type"] = registration
	}
	if len(settings) > 0 {
		body["settings"] = settings
	}
	return actions.Parts{Body: body}, nil
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		if text := strings.TrimSpace(value.Text(item)); text != "" {
			out = append(out, text)
		}
	}
	return out
}

const localTime = "2006-01-02T15:04:05"

// start reads when a meeting begins: a time without a zone is one of the zone that is named. zoned says that it is known which one is
// meant, and not left to Zoom.
func start(v any, zone string) (at time.Time, zoned bool, err error) {
	text := value.Text(v)
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at, true, nil
	}
	place := time.UTC
	if zone != "" {
		if place, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			return at, false, fault.New(fault.InvalidInput, "The input timezone: %s is no time zone; write it as Europe/Zurich.", fault.Clip(zone, 60))
		}
	}
	for _, layout := range []string{localTime, "2006-01-02T15:04"} {
		if at, err = time.ParseInLocation(layout, text, place); err == nil {
			return at, zone != "", nil
		}
	}
	return at, false, fault.New(fault.InvalidInput, "The input start: %s is no time; write it as 2026-01-31T09:30:00Z, or as 2026-01-31T09:30 with a time zone.", fault.Clip(text, 60))
}

func topicField() actions.Field {
	return actions.Field{ID: "topic", Label: "Topic", Help: "One line.", Type: actions.Text, Required: true, Example: "Weekly"}
}

// createMeeting makes a meeting. Zoom takes a hundred a day of one person.
func createMeeting() actions.Action {
	sample := meeting()
	return actions.Action{
		ID: "create_meeting", Name: "Create a meeting", Description: "Makes a meeting of a person; the output has the link to join.", Effect: actions.Once, Guarantee: noKey,
		Input:  append([]actions.Field{userField(), topicField(), {ID: "kind", Label: "Kind", Help: "When it takes place.", Type: actions.Select, Default: "scheduled", In: actions.InNone, Options: kinds}}, details()...),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/users/{user}/meetings", Body: actions.JSONBody, Prepare: arranged},
	}
}

// findOrCreateMeeting looks through what is to come: Zoom has no search.
func findOrCreateMeeting() actions.Action {
	create, list, get := createMeeting(), listMeetings(), getMeeting()
	sample := map[string]any{"found": true, "item": meeting()}
	return actions.Action{
		ID: "find_or_create_meeting", Name: "Find or create a meeting", Description: "Finds a person's coming meeting with the topic, and the start where one is given, or makes it.", Effect: actions.Once,
		Guarantee: "It looks first, so a meeting that is there is not made again. " + actions.AtOnce + " " + noKey,
		Input:     create.Input, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			answer, err := do.Ask(ctx, &list, map[string]any{"user": in.Values["user"], "which": "upcoming", "limit": 1000})
			if err != nil {
				return nil, err
			}
			items, _ := value.At(answer, "/items").([]any)
			for _, item := range items {
				if do.Sandboxed() {
					return sample, nil
				}
				if same(item, in.Values) { // which the list has in parts
					whole, err := do.Ask(ctx, &get, map[string]any{"meeting": value.At(item, "/id")})
					if err != nil {
						return nil, err
					}
					return map[string]any{"found": true, "item": whole}, nil
				}
			}
			item, err := do.Ask(ctx, &create, in.Values)
			return map[string]any{"found": false, "item": item}, err
		},
	}
}

// same says that a meeting has the topic, and the start where one is given.
func same(item any, in map[string]any) bool {
	if value.Text(value.At(item, "/topic")) != strings.TrimSpace(value.Text(in["topic"])) {
		return false
	}
	if in["start"] == nil {
		return true
	}
	there, err := time.Parse(time.RFC3339, value.Text(value.At(item, "/start_time")))
	zone := value.Text(in["timezone"])
	if zone == "" {
		zone = value.Text(value.At(item, "/timezone"))
	}
	wanted, _, failed := start(in["start"], zone)
	return err == nil && failed == nil && there.Equal(wanted)
}

func getMeeting() actions.Action {
	sample := meeting()
	return actions.Action{
		ID: "get_meeting", Name: "Get a meeting", Description: "Reads a meeting by its number.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{meetingField(), occurrenceField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/meetings/{meeting}"},
	}
}

func updateMeeting() actions.Action {
	sample := map[string]any{"done": true}
	topic := topicField()
	topic.Required = false
	return actions.Action{
		ID: "update_meeting", Name: "Update a meeting", Description: "Changes what is given of a meeting and leaves the rest.", Effect: actions.Idempotent, Guarantee: "It says how the meeting is to be, so a repeat changes nothing.",
		Input: append([]actions.Field{meetingField(), occurrenceField(), topic}, details()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/meetings/{meeting}", Body: actions.JSONBody, Prepare: arranged, Output: done},
	}
}

// done is the output of what Zoom answers without a word.
func done(actions.Response) (any, error) { return map[string]any{"done": true}, nil }

func deleteMeeting() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_meeting", Name: "Delete a meeting", Description: "Cancels a meeting, or one date of a recurring one; deleted is false where there was none.", Effect: actions.Idempotent,
		Guarantee: "A meeting that is gone already counts as deleted, so a repeat changes nothing.",
		Input: []actions.Field{meetingField(), occurrenceField(),
			{ID: "tell_hosts", Label: "Tell the hosts", Help: "Whether the host and the other hosts get a mail.", Type: actions.Boolean, In: actions.InQuery, Name: "schedule_for_reminder"},
			{ID: "tell_registrants", Label: "Tell the registrants", Help: "Whether those who registered get a mail.", Type: actions.Boolean, In: actions.InQuery, Name: "cancel_meeting_reminder"}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: gone("3001"),
		Request: &actions.Request{Method: "DELETE", Path: "/meetings/{meeting}", Output: deleted},
	}
}

// gone takes what is not there, by Zoom's code, for deleted.
func gone(code string) actions.ErrorTable {
	return actions.ErrorTable{{Pointer: "/code", Equals: code}}
}

func deleted(resp actions.Response) (any, error) {
	return map[string]any{"deleted": resp.Status < 300}, nil
}

// parts is how Zoom's lists come. Source: https://developers.zoom.us/docs/api/using-zoom-apis/#pagination
func parts(items, id string) actions.Page {
	return actions.Page{Kind: actions.NextToken, Items: items, Sure: items, ID: id, Next: "/next_page_token", At: actions.Spot{In: actions.InQuery, Name: "next_page_token"}, Size: 300, Sizes: actions.Spot{In: actions.InQuery, Name: "page_size"}}
}

// listing is an action that lists.
func listing(id, name, description, path string, page actions.Page, item any, input ...actions.Field) actions.Action {
	shape, sample := actions.ListOf(item)
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: append(input, actions.LimitField()), Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: path}}
}

func listMeetings() actions.Action {
	item := meeting()
	for _, name := range []string{"status", "start_url", "password", "settings"} {
		delete(item, name)
	}
	return listing("list_meetings", "List meetings", "Gives the meetings of a person.", "/users/{user}/meetings", parts("/meetings", "/uuid"), item, userField(),
		actions.Field{ID: "which", Label: "Which", Help: "Those that are given.", Type: actions.Select, Default: "scheduled", In: actions.InQuery, Name: "type", Options: []actions.Option{{Value: "scheduled", Label: "All that are planned"}, {Value: "upcoming", Label: "Those to come"}, {Value: "live", Label: "Those under way"}}})
}

func getInvitation() actions.Action {
	sample := map[string]any{"invitation": "Ada is inviting you to a scheduled Zoom meeting.\r\n\r\nTopic: Weekly\r\nJoin Zoom Meeting\r\nhttps://zoom.us/j/85746065"}
	return actions.Action{
		ID: "get_invitation", Name: "Get a meeting's invitation", Description: "Gives the text that invites people to a meeting.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{meetingField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/meetings/{meeting}/invitation"},
	}
}

// standing is an action that ends a meeting or brings it back.
func standing(id, name, description, action string) actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Once, Guarantee: "Zoom refuses it the second time, so what happened in a crash is not known here: it is not done again by itself, you are asked.",
		Input: []actions.Field{meetingField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/meetings/{meeting}/status", Body: actions.JSONBody, Output: done, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"action": action}}, nil
		}}}
}

func endMeeting() actions.Action {
	return standing("end_meeting", "End a meeting", "Ends a meeting that is under way.", "end")
}

func recoverMeeting() actions.Action {
	return standing("recover_meeting", "Bring a meeting back", "Brings back a meeting that was deleted.", "recover")
}
