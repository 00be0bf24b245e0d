package slack

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// told wraps an event as Slack sends it. Source: https://docs.slack.dev/apis/events-api#callback-field
func told(event map[string]any) map[string]any {
	return map[string]any{"type": "event_callback", "event_id": "Ev123ABC456", "event_time": 1769172798, "team_id": "T1H9RESGL", "api_app_id": "A2H9RFS1A", "event": event}
}

// telling is a trigger for one of Slack's events by the name that people know it by. bot is what is subscribed to at the app.
func telling(id, name, description, topic, bot string, event map[string]any, wants func(with map[string]any, event any) string, input ...actions.Field) actions.Trigger {
	sample := told(event)
	return actions.Trigger{
		ID: id, Name: name, Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample, Input: input,
		Description: description + " Told at once: put the trigger's address into your app at api.slack.com/apps under Event Subscriptions, and subscribe there to the bot event " + bot + ". An app has one such address; for several kinds of events take the trigger Event.",
		Topic:       "/event/type", Only: []string{topic}, DeliveryID: "event_id", Verify: actions.Verification{Preset: "slack", Secret: "signing_secret"}, Wants: wants,
	}
}

// within is an input for the channel that events are wanted of, and says of an event why it is of another one.
func within() actions.Field {
	f := channelIDField("")
	f.Required, f.In, f.Help = false, actions.InNone, "Only of this channel: its id or its link; of all that the bot is in where not given."
	return f
}

func elsewhere(pointer string) func(with map[string]any, event any) string {
	return func(with map[string]any, event any) string {
		if with["channel"] != nil && value.Text(value.At(event, pointer)) != with["channel"] {
			return "it happened in another channel"
		}
		return ""
	}
}

// named are the events that people ask for by their names. Source: https://docs.slack.dev/reference/events
func named() []actions.Trigger {
	message := map[string]any{"type": "message", "channel": "C2147483705", "user": "U061F7AUR", "text": "How many cats did we herd yesterday?", "ts": "1769172798.000016", "event_ts": "1769172798.000016", "channel_type": "channel"}
	mention := map[string]any{"type": "app_mention", "user": "U061F7AUR", "text": "<@U0LAN0Z89> where is the invoice?", "ts": "1769172798.000016", "channel": "C123ABC456", "event_ts": "1769172798.000016"}
	reaction := map[string]any{"type": "reaction_added", "user": "U123ABC456", "reaction": "thumbsup", "item_user": "U222222222", "item": map[string]any{"type": "message", "channel": "C123ABC456", "ts": "1769172700.498405"}, "event_ts": "1769172798.083113"}
	return []actions.Trigger{
		telling("message_posted", "Message posted", "Somebody wrote in a channel, a direct message or a thread that the bot can see; changes and notices of Slack's do not count. message.groups is the event of private channels, message.im of direct messages.", "message", "message.channels", message, posting,
			within(),
			actions.Field{ID: "bots", Label: "Also of bots", Help: "Whether messages of bots and apps count; those that this app writes are among them, so a scenario that answers them answers itself.", Type: actions.Boolean, Default: false, In: actions.InNone},
			actions.Field{ID: "threads", Label: "Also in threads", Help: "Whether answers in threads count.", Type: actions.Boolean, Default: true, In: actions.InNone}),
		telling("mention", "Mention of the bot", "Somebody wrote @ and the bot's name in a channel that it is in.", "app_mention", "app_mention", mention, elsewhere("/event/channel"), within()).Needing("app_mentions:read"),
		telling("reaction", "Reaction added", "Somebody put an emoji on a message.", "reaction_added", "reaction_added", reaction, reacted, within(),
			actions.Field{ID: "emoji", Label: "Emoji", Help: "Only this one: its name, with or without colons.", Type: actions.Text, In: actions.InNone, Link: `^:(.+):$`, Example: "eyes"}),
		telling("channel_made", "Channel created", "A public channel was made.", "channel_created", "channel_created", map[string]any{"type": "channel_created", "channel": map[string]any{"id": "C024BE91L", "name": "fun", "created": 1769172798, "creator": "U024BE7LH"}}, nil),
		telling("member_joined", "Member joined a channel", "Somebody, or the bot itself, came into a channel that the bot is in.", "member_joined_channel", "member_joined_channel",
			map[string]any{"type": "member_joined_channel", "user": "W06GH7XHN", "channel": "C0698JE0H", "channel_type": "C", "team": "T024BE7LD", "inviter": "U123456789", "event_ts": "1769172798.000100"}, elsewhere("/event/channel"), within()),
		telling("file_posted", "File shared", "A file was posted where the bot is. The event has the file's id: Get a file or Download a file reads it.", "file_shared", "file_shared",
			map[string]any{"type": "file_shared", "channel_id": "C123ABC456", "file_id": "F2147483862", "user_id": "U123ABC456", "file": map[string]any{"id": "F2147483862"}, "event_ts": "1769172798.000100"}, elsewhere("/event/channel_id"), within()),
		telling("message_pinned", "Message pinned", "Something was pinned to a channel.", "pin_added", "pin_added",
			map[string]any{"type": "pin_added", "user": "U123ABC456", "channel_id": "C123ABC456", "item": map[string]any{"type": "message", "channel": "C123ABC456", "created": 1769172798, "message": map[string]any{"text": "Read this", "ts": "1769172700.498405"}}, "event_ts": "1769172798.000100"}, elsewhere("/event/channel_id"), within()).Needing("pins:read"),
		telling("emoji_added", "Emoji added", "An emoji of the workspace's own was added.", "emoji_changed", "emoji_changed",
			map[string]any{"type": "emoji_changed", "subtype": "add", "name": "picard_facepalm", "value": "https://emoji.slack-edge.com/T1/picard_facepalm/1.png", "event_ts": "1769172798.000100"}, func(_ map[string]any, event any) string {
				if value.At(event, "/event/subtype") != "add" {
					return "no emoji was added: one was removed or renamed"
				}
				return ""
			}).Needing("emoji:read"),
		telling("person_joined", "Person joined the workspace", "Somebody became a member of the workspace.", "team_join", "team_join", map[string]any{"type": "team_join", "user": person()}, nil),
	}
}

// posting says why a message is none of those that are wanted. Slack tells of changes and of much that it writes itself as of messages,
// with a subtype. Source: https://docs.slack.dev/reference/events/message
func posting(with map[string]any, event any) string {
	subtype := value.Text(value.At(event, "/event/subtype"))
	bot := subtype == "bot_message" || value.At(event, "/event/bot_id") != nil
	parent := value.At(event, "/event/thread_ts")
	switch {
	case subtype != "" && !slices.Contains([]string{"file_share", "thread_broadcast", "me_message", "bot_message"}, subtype):
		return "it is no new message of somebody's but " + subtype
	case bot && with["bots"] != true:
		return "a bot or an app wrote it"
	case with["threads"] == false && parent != nil && parent != value.At(event, "/event/ts") && subtype != "thread_broadcast":
		return "it is an answer in a thread"
	}
	return elsewhere("/event/channel")(with, event)
}

func reacted(with map[string]any, event any) string {
	if with["emoji"] != nil && value.Text(value.At(event, "/event/reaction")) != with["emoji"] {
		return "it is another emoji"
	}
	return elsewhere("/event/item/channel")(with, event)
}
