package zoom

import (
	"net/url"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func uuidField(help string) actions.Field {
	return actions.Field{ID: "uuid", Label: "Meeting", Help: help, Type: actions.Text, Required: true, In: actions.InNone, Example: "4444AAAiAAAAAiAiAiiAii==", Link: joinLink}
}

// twice puts a meeting's UUID into the address, and one that begins with a slash, or holds two in a row, encoded twice: Zoom
// asks for that. Source: https://developers.zoom.us/docs/api/using-zoom-apis/#meeting-id-and-uuid
func twice(in map[string]any) (actions.Parts, error) {
	id := strings.TrimSpace(value.Text(in["uuid"]))
	if number := strings.ReplaceAll(id, " ", ""); strings.Trim(number, "0123456789") == "" { // as Zoom shows it, 857 4606 5432
		id = number
	}
	if strings.HasPrefix(id, "/") || strings.Contains(id, "//") {
		id = url.PathEscape(id)
	}
	return actions.Parts{Path: map[string]string{"uuid": id}}, nil
}

func getPastMeeting() actions.Action {
	sample := map[string]any{"uuid": "4444AAAiAAAAAiAiAiiAii==", "id": 85746065, "host_id": "x1yCzABCDEfg23HiJKl4mN", "topic": "Weekly", "type": 2, "user_name": "Ada Lovelace", "user_email": "ada@example.com", "start_time": "2026-01-31T09:30:00Z", "end_time": "2026-01-31T10:02:00Z", "duration": 32, "total_minutes": 120, "participants_count": 4}
	return actions.Action{
		ID: "get_past_meeting", Name: "Get a meeting that is over", Description: "Reads when a meeting took place and how many came.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{uuidField("Its UUID, or its number for the last time.")}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/past_meetings/{uuid}", Prepare: twice},
	}
}

func listParticipants() actions.Action {
	a := listing("list_participants", "List who came", "Gives the people who were in a meeting that is over; the account must have a paid plan.", "/past_meetings/{uuid}/participants", parts("/participants", ""),
		map[string]any{"id": "8b29rgg4bb", "name": "Ada Lovelace", "user_email": "ada@example.com"}, uuidField("Its UUID, or its number for the last time."))
	a.Request.Prepare = twice
	return a
}

func recording() map[string]any {
	return map[string]any{"uuid": "4444AAAiAAAAAiAiAiiAii==", "id": 85746065, "account_id": "EABkdslfBBBdk", "host_id": "x1yCzABCDEfg23HiJKl4mN", "topic": "Weekly", "start_time": "2026-01-31T09:30:00Z", "duration": 32, "total_size": 37285, "recording_count": 1,
		"recording_files": []any{map[string]any{"id": "96119skjlfhdshkjf", "meeting_id": "4444AAAiAAAAAiAiAiiAii==", "file_type": "MP4", "file_size": 37285, "status": "completed", "recording_type": "shared_screen_with_speaker_view", "recording_start": "2026-01-31T09:30:00Z", "recording_end": "2026-01-31T10:02:00Z",
			"play_url": "https://zoom.us/rec/play/96119", "download_url": "https://zoom.us/rec/download/96119"}}}
}

func getRecordings() actions.Action {
	sample := recording()
	return actions.Action{
		ID: "get_recordings", Name: "Get a meeting's recordings", Description: "Gives the recordings that Zoom keeps of a meeting, with the addresses of their files.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{uuidField("Its UUID, or its number for the last time.")}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/meetings/{uuid}/recordings", Prepare: twice},
	}
}

// listRecordings gives those of at most a month, which is what Zoom takes.
func listRecordings() actions.Action {
	a := listing("list_recordings", "List recordings", "Gives the recordings that Zoom keeps of a person's meetings, of at most a month; of today where no day is given.", "/users/{user}/recordings", parts("/meetings", "/uuid"), recording(), userField(),
		actions.Field{ID: "from", Label: "From", Help: "The first day.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-01T00:00:00Z"},
		actions.Field{ID: "to", Label: "To", Help: "The last day.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T00:00:00Z"},
		actions.Field{ID: "trash", Label: "From the trash", Help: "Whether those that were deleted are given.", Type: actions.Boolean, In: actions.InQuery})
	a.Request.Prepare = days
	return a
}

// days writes the days between which recordings are asked for, in UTC as Zoom reads them.
func days(in map[string]any) (actions.Parts, error) {
	query, at := map[string]any{}, map[string]time.Time{}
	for _, name := range []string{"from", "to"} {
		if in[name] == nil {
			continue
		}
		day, err := time.Parse(time.RFC3339, value.Text(in[name]))
		if err != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input %s: %s is no time; write it as 2026-01-31T09:30:00Z.", name, fault.Clip(value.Text(in[name]), 60))
		}
		at[name], query[name] = day, day.UTC().Format(time.DateOnly)
	}
	if !at["from"].IsZero() && !at["to"].IsZero() && at["to"].Before(at["from"]) {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input to: it lies before from.")
	}
	return actions.Parts{Query: query}, nil
}

func person() map[string]any {
	return map[string]any{"id": "x1yCzABCDEfg23HiJKl4mN", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "type": 2, "status": "active", "pmi": 581111112, "timezone": "Europe/Zurich", "dept": "", "created_at": "2026-01-20T08:00:00Z", "last_login_time": "2026-01-30T08:00:00Z"}
}

func getUser() actions.Action {
	sample := person()
	return actions.Action{
		ID: "get_user", Name: "Get a person", Description: "Reads a person of the account by the id or the mail address.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{userField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/users/{user}"},
	}
}

func listUsers() actions.Action {
	return listing("list_users", "List people", "Gives the people of the account; the app must be allowed to see them.", "/users", parts("/users", "/id"), person(),
		actions.Field{ID: "status", Label: "Status", Help: "Which are given.", Type: actions.Select, Default: "active", In: actions.InQuery, Options: []actions.Option{{Value: "active", Label: "Active"}, {Value: "inactive", Label: "Switched off"}, {Value: "pending", Label: "Not come yet"}}})
}
