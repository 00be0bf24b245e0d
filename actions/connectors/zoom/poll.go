package zoom

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func looking(id, name, description, path string, page actions.Page, clock string, sample any, fields ...actions.Field) actions.Trigger {
	return actions.Trigger{
		ID: id, Name: name, Description: description, Kind: actions.PollKind, Input: fields, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: path}, Page: page, Time: clock, Overlap: 10 * time.Minute, Every: 5 * time.Minute, Least: time.Minute},
	}
}

// newMeeting is the trigger for meetings that were planned; each date of a recurring one does not count by itself.
func newMeeting() actions.Trigger {
	t := looking("new_meeting", "New meeting", "A person planned a meeting; a recurring one counts once.", "/users/{user}/meetings", parts("/meetings", "/id"), "/created_at", listMeetings().Sample.(map[string]any)["items"].([]any)[0], userField())
	t.Poll.Request.Query = map[string]string{"type": "scheduled"}
	return t
}

func newRegistrant() actions.Trigger {
	return looking("new_registrant", "New registrant", "Somebody registered for a meeting.", "/meetings/{meeting}/registrants", parts("/registrants", "/id"), "/create_time", registrant(), meetingField(), statusField())
}

func newWebinarRegistrant() actions.Trigger {
	return looking("new_webinar_registrant", "New registrant of a webinar", "Somebody registered for a webinar.", "/webinars/{webinar}/registrants", parts("/registrants", "/id"), "/create_time", registrant(), webinarField(), statusField())
}

// newRecording is the trigger for recordings. They appear when the meeting is over and Zoom is done with them, which may take
// as long as two meetings, and are listed by the day of the start. Zoom gives a month at most.
func newRecording() actions.Trigger {
	t := looking("new_recording", "New recording", "Zoom has a recording of a person's meeting, as much of it as is ready then.", "/users/{user}/recordings", parts("/meetings", "/uuid"), "/start_time", recording(), userField())
	t.Poll.Request.Prepare = func(in map[string]any) (actions.Parts, error) { return days(map[string]any{"from": in["since"]}) }
	t.Poll.Since, t.Poll.Overlap = actions.Since{As: actions.RFC3339}, 72*time.Hour
	return t
}
