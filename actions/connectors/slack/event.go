package slack

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// signingSecret is what the app signs its events with.
func signingSecret() actions.Field {
	return actions.Field{ID: "signing_secret", Label: "Signing secret", Help: "Of your app, under Basic Information: signs the events from Slack; without it no event is taken.", Type: actions.Text, Secret: true}
}

// event is the trigger for Slack's Events API, whose address a person enters at the app.
// Source: https://docs.slack.dev/apis/events-api
func event() actions.Trigger {
	sample := map[string]any{
		"type": "event_callback", "event_id": "Ev123ABC456", "event_time": 1769172798, "team_id": "T1H9RESGL", "api_app_id": "A2H9RFS1A",
		"event": map[string]any{"type": "app_mention", "user": "U061F7AUR", "text": "<@U0LAN0Z89> where is the invoice?", "ts": "1769172798.000016", "channel": "C123ABC456", "event_ts": "1769172798.000016"}}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Something happened, told at once: the app was mentioned, a message was written, a reaction was added. Put the trigger's address into your app at api.slack.com/apps under Event Subscriptions, and subscribe there to the bot events. An app has one such address, so one scenario takes all its events; two scenarios need two apps.",
		Input: []actions.Field{{ID: "topics", Label: "Events", Help: "Which events, as Slack calls them: app_mention, reaction_added. A message that the app itself writes is one too, so look at event.bot_id before you answer messages. All where none is given.",
			Type: actions.Texts, Example: []any{"app_mention"}}},
		Topic: "/event/type", DeliveryID: "event_id", Verify: actions.Verification{Preset: "slack", Secret: "signing_secret"},
		Topics: []string{"app_home_opened", "app_mention", "app_uninstalled", "assistant_thread_started", "channel_archive", "channel_created", "channel_deleted", "channel_rename", "channel_unarchive", "emoji_changed", "file_change", "file_created",
			"file_deleted", "file_public", "file_shared", "group_archive", "group_rename", "link_shared", "member_joined_channel", "member_left_channel", "message", "pin_added", "pin_removed", "reaction_added", "reaction_removed", "subteam_created",
			"subteam_updated", "team_join", "team_rename", "tokens_revoked", "user_change", "user_profile_changed"},
	}
}
