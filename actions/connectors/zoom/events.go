package zoom

import (
	"maps"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// telling is a trigger for one of Zoom's events by the name that people know it by.
func telling(id, name, description, topic string, more map[string]any) actions.Trigger {
	object := map[string]any{"id": "1234567890", "uuid": "4444AAAiAAAAAiAiAiiAii==", "host_id": "x1yCzABCDEfg23HiJKl4mN", "topic": "My Meeting", "type": 2, "start_time": "2026-09-01T10:00:00Z", "duration": 60, "timezone": "Europe/Zurich"}
	maps.Copy(object, more)
	sample := map[string]any{"event": topic, "event_ts": 1739923528000, "payload": map[string]any{"account_id": "AAAAAABBBB", "object": object}}
	return actions.Trigger{
		ID: id, Name: name, Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: description + " Told at once: in your app at marketplace.zoom.us under Features, Access, add an event subscription with the trigger's address, choose the event " + topic + " there, and validate it.",
		Input: []actions.Field{{ID: "number", Label: "Only", Help: "Only of this meeting or webinar: its number, or the link to join; of all where not given.", Type: actions.Integer, Link: joinLink, Example: 85746065},
			{ID: "host", Label: "Only of this host", Help: "The id of the person who holds it; anybody's where not given.", Type: actions.Text, Example: "x1yCzABCDEfg23HiJKl4mN"}},
		Topic: "event", Only: []string{topic}, Identity: []string{""}, Verify: actions.Verification{Preset: "zoom", Secret: "secret_token"},
		Wants: func(with map[string]any, event any) string {
			number := value.At(event, "/payload/object/id")
			if number == nil {
				number = value.At(event, "/payload/object/meeting_id")
			}
			host := value.At(event, "/payload/object/host_id")
			if host == nil {
				host = value.At(event, "/payload/object/meeting_host_id")
			}
			switch {
			case with["number"] != nil && value.Text(number) != value.Text(with["number"]):
				return "it is of another meeting or webinar"
			case value.Text(with["host"]) != "" && value.Text(host) != value.Text(with["host"]):
				return "somebody else is its host"
			}
			return ""
		},
	}
}

// named are the events that people ask for by their names. Source: https://developers.zoom.us/docs/api/meetings/events/
func named() []actions.Trigger {
	joined := map[string]any{"participant": map[string]any{"user_id": "16778240", "user_name": "Ada Lovelace", "id": "D0cJuV7gQ2mgG7c3d8XYyA", "participant_uuid": "55555AAAiAAAAAiAiAiiAii", "join_time": "2026-09-01T10:01:02Z", "email": "ada@example.com"}}
	left := map[string]any{"participant": map[string]any{"user_id": "16778240", "user_name": "Ada Lovelace", "id": "D0cJuV7gQ2mgG7c3d8XYyA", "participant_uuid": "55555AAAiAAAAAiAiAiiAii", "leave_time": "2026-09-01T10:58:02Z", "leave_reason": "left the meeting", "email": "ada@example.com"}}
	registered := map[string]any{"registrant": map[string]any{"id": "U0BBBBBBBBBBfrUz1Q", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "status": "approved", "join_url": "https://zoom.us/w/85746065?tk=abc"}}
	files := map[string]any{"host_email": "user@example.com", "total_size": 3328371, "recording_count": 1, "share_url": "https://zoom.us/rec/share/aaa", "recording_files": []any{map[string]any{"id": "ed6c2f27-2ae7-42f4-b3d0-835b493e4fa8", "meeting_id": "4444AAAiAAAAAiAiAiiAii==",
		"recording_start": "2026-09-01T10:01:02Z", "recording_end": "2026-09-01T10:59:02Z", "file_type": "MP4", "file_size": 3328371, "play_url": "https://zoom.us/rec/play/aaa", "download_url": "https://zoom.us/rec/download/aaa", "status": "completed", "recording_type": "shared_screen_with_speaker_view"}}}
	ended := map[string]any{"end_time": "2026-09-01T11:00:00Z"}
	summary := map[string]any{"meeting_id": 1234567890, "meeting_uuid": "4444AAAiAAAAAiAiAiiAii==", "meeting_host_id": "x1yCzABCDEfg23HiJKl4mN", "meeting_host_email": "user@example.com", "meeting_topic": "My Meeting", "summary_title": "My Meeting", "summary_overview": "The team went through what is open."}
	done := telling("summary_ready", "Meeting summary ready", "AI Companion wrote the summary of a meeting, which Get a meeting's summary reads in full.", "meeting.summary_completed", nil)
	done.Sample = map[string]any{"event": "meeting.summary_completed", "event_ts": 1739923528000, "payload": map[string]any{"account_id": "AAAAAABBBB", "object": summary}}
	done.Output = value.ShapeOf(done.Sample)
	return []actions.Trigger{
		telling("meeting_started", "Meeting started", "A meeting began.", "meeting.started", nil),
		telling("meeting_ended", "Meeting ended", "A meeting ended.", "meeting.ended", ended),
		telling("participant_joined", "Participant joined", "Somebody came into a meeting.", "meeting.participant_joined", joined),
		telling("participant_left", "Participant left", "Somebody left a meeting.", "meeting.participant_left", left),
		telling("person_registered", "Person registered for a meeting", "Somebody registered for a meeting.", "meeting.registration_created", registered),
		telling("recording_ready", "Recording ready", "Zoom has the recording of a meeting or a webinar; Download a recording reads a file of it.", "recording.completed", files),
		telling("transcript_ready", "Transcript ready", "Zoom has the transcript of a recording; Download a recording reads it, with the kind Transcript.", "recording.transcript_completed", files),
		done,
		telling("webinar_started", "Webinar started", "A webinar began.", "webinar.started", nil),
		telling("webinar_ended", "Webinar ended", "A webinar ended.", "webinar.ended", ended),
		telling("webinar_joined", "Participant joined a webinar", "Somebody came into a webinar.", "webinar.participant_joined", joined),
		telling("person_registered_webinar", "Person registered for a webinar", "Somebody registered for a webinar.", "webinar.registration_created", registered),
	}
}
