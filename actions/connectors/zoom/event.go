package zoom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// secretToken is what the app signs its events with, and answers Zoom's question at the address with.
func secretToken() actions.Field {
	return actions.Field{ID: "secret_token", Label: "Secret token", Help: "Of your app, under Features, Access: signs the events from Zoom; without it no event is taken.", Type: actions.Text, Secret: true}
}

// event is the trigger for Zoom's event subscriptions, whose address a person enters at the app. Zoom names no delivery, and
// sends again letter for letter.
// Source: https://developers.zoom.us/docs/api/webhooks/
func event() actions.Trigger {
	sample := map[string]any{"event": "meeting.ended", "event_ts": 1739923528000, "payload": map[string]any{"account_id": "AAAAAABBBB", "object": map[string]any{"id": "1234567890", "uuid": "4444AAAiAAAAAiAiAiiAii==", "host_id": "x1yCzABCDEfg23HiJKl4mN",
		"topic": "My Meeting", "type": 2, "duration": 60, "timezone": "Europe/Zurich", "start_time": "2026-09-01T10:00:00Z", "end_time": "2026-09-01T11:00:00Z"}}}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Something happened, told at once: a meeting began or ended, somebody joined or registered, a recording is ready. Put the trigger's address into your app at marketplace.zoom.us under Features, Access, Event subscription, choose the events there, and validate it.",
		Input:       []actions.Field{{ID: "topics", Label: "Events", Help: "Which events, as Zoom calls them: meeting.ended, recording.completed. All that the app sends where none is given.", Type: actions.Texts, Example: []any{"meeting.ended"}}},
		Topic:       "event", Identity: []string{""}, Verify: actions.Verification{Preset: "zoom", Secret: "secret_token"},
		Topics: []string{"meeting.created", "meeting.updated", "meeting.deleted", "meeting.started", "meeting.ended", "meeting.alert", "meeting.participant_joined", "meeting.participant_left", "meeting.participant_joined_waiting_room", "meeting.registration_created",
			"meeting.registration_approved", "meeting.registration_cancelled", "meeting.registration_denied", "meeting.summary_completed", "recording.started", "recording.stopped", "recording.completed", "recording.deleted", "recording.trashed", "recording.transcript_completed",
			"recording.registration_created", "webinar.created", "webinar.updated", "webinar.deleted", "webinar.started", "webinar.ended", "webinar.participant_joined", "webinar.participant_left", "webinar.registration_created", "webinar.registration_approved",
			"webinar.registration_cancelled", "user.created", "user.updated", "user.deleted", "user.activated", "user.deactivated", "user.signed_in", "user.signed_out", "phone.callee_ended", "phone.caller_ended", "phone.recording_completed", "phone.voicemail_received"},
	}
}
