package slack

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// What Slack lets a person do and no bot.
const byPerson = " Slack lets people do that and no bots: it needs a connection whose token is a person's, which begins with xoxp- and has the scope "

// setStatus writes a person's status. Source: https://docs.slack.dev/reference/methods/users.profile.set
func setStatus() actions.Action {
	sample := map[string]any{"status_text": "On holiday", "status_emoji": ":palm_tree:", "status_expiration": 1764090000}
	return actions.Action{
		ID: "set_status", Name: "Set my status", Description: "Writes the status of the person whose token it is; without a text and an emoji it clears it." + byPerson + "users.profile:write.", Effect: actions.Idempotent,
		Guarantee: "The status is the same after a repeat.",
		Input: []actions.Field{
			{ID: "text", Label: "Text", Help: "At most 100 characters.", Type: actions.Text, In: actions.InNone, Example: "On holiday"},
			{ID: "emoji", Label: "Emoji", Help: "Its name, with or without colons; a speech balloon where only a text is given.", Type: actions.Text, In: actions.InNone, Example: ":palm_tree:"},
			{ID: "until", Label: "Until", Help: "When it is cleared; not given: it stays.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T18:00:00Z"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/users.profile.set", Body: actions.JSONBody, Output: inside("/profile"), Prepare: status},
	}
}

func status(in map[string]any) (actions.Parts, error) {
	profile := map[string]any{"status_text": value.Text(in["text"]), "status_emoji": "", "status_expiration": 0}
	if name := strings.Trim(strings.TrimSpace(value.Text(in["emoji"])), ":"); name != "" {
		profile["status_emoji"] = ":" + name + ":"
	}
	if in["until"] != nil {
		at, err := moment(in["until"])
		if err != nil {
			return actions.Parts{}, err
		}
		profile["status_expiration"] = at.Unix()
	}
	return actions.Parts{Body: map[string]any{"profile": profile}}, nil
}

// getPresence says whether a person is there. Source: https://docs.slack.dev/reference/methods/users.getPresence
func getPresence() actions.Action {
	sample := map[string]any{"ok": true, "presence": "active"}
	return actions.Action{
		ID: "get_presence", Name: "Get a person's presence", Description: "Says whether a person is active or away just now.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{in(userField(""), actions.InQuery)}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/users.getPresence", Output: inside("")},
	}
}

// addReminder has Slack remind the person whose token it is: since 2023 nobody else can be.
// Source: https://docs.slack.dev/reference/methods/reminders.add
func addReminder() actions.Action {
	sample := map[string]any{"id": "Rm0123456789", "creator": "U0123456789", "user": "U0123456789", "text": "Send the invoice", "recurring": false, "time": 1764090000, "complete_ts": 0}
	return actions.Action{
		ID: "add_reminder", Name: "Add a reminder", Description: "Has Slack remind the person whose token it is; others cannot be reminded, schedule a message to them instead." + byPerson + "reminders:write. The output is the reminder, without Slack's envelope.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "text", Label: "Text", Help: "What is to be done.", Type: actions.Text, Required: true, Example: "Send the invoice"},
			{ID: "time", Label: "Time", Help: "A time as 2026-01-31T09:30:00Z, or in English words as Slack reads them: in 20 minutes, every Thursday.", Type: actions.Text, Required: true, In: actions.InNone, Example: "in 20 minutes"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/reminders.add", Body: actions.FormBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			when := value.Text(in["time"])
			if at, err := seconds(when); err == nil {
				when = at
			}
			return actions.Parts{Body: map[string]any{"time": when}}, nil
		}, Output: func(resp actions.Response) (any, error) {
			answer, err := posted(resp)
			return value.At(answer, "/reminder"), err
		}},
	}
}

// searchMessages looks through all that a person can read. Source: https://docs.slack.dev/reference/methods/search.messages
func searchMessages() actions.Action {
	page := actions.Page{Kind: actions.Numbered, Items: "/messages/matches", Sure: "/messages/matches", ID: "/iid", At: actions.Spot{In: actions.InQuery, Name: "page"}, Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}}
	shape, sample := actions.ListOf(map[string]any{"iid": "cb64bdaa-c1e8-4631-8a91-0f78080113e9", "type": "message", "user": "U0123456789", "username": "ada", "ts": "1764000000.000100", "text": "Where is the invoice?",
		"channel": map[string]any{"id": "C0123456789", "name": "support"}, "permalink": "https://acme.slack.com/archives/C0123456789/p1764000000000100"})
	return actions.Action{
		ID: "search_messages", Name: "Search messages", Description: "Finds messages in all that a person can read, the best first or the latest." + byPerson + "search:read.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{
			{ID: "query", Label: "Search", Help: "As in Slack's search: words, in:#support, from:@ada, after:2026-01-31, has::eyes:.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "invoice in:#support"},
			{ID: "sort", Label: "Order", Help: "Which come first.", Type: actions.Select, Default: "timestamp", In: actions.InQuery, Options: []actions.Option{{Value: "timestamp", Label: "The latest"}, {Value: "score", Label: "The best"}}},
			actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/search.messages"},
	}
}

// listScheduled gives what waits to be posted. Source: https://docs.slack.dev/reference/methods/chat.scheduledMessages.list
func listScheduled() actions.Action {
	page := parts("/scheduled_messages", "/id")
	page.Size = 100
	shape, sample := actions.ListOf(map[string]any{"id": "Q1298393284", "channel_id": "C0123456789", "post_at": 1764090000, "date_created": 1764000000, "text": "Hello"})
	f := in(channelIDField(""), actions.InQuery)
	f.Required, f.Help = false, "Its id or its link; all where not given."
	return actions.Action{
		ID: "list_scheduled_messages", Name: "List scheduled messages", Description: "Gives the messages of the bot's that wait to be posted.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{f, actions.LimitField()}, Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/chat.scheduledMessages.list"},
	}
}

// deleteScheduled stops one. Source: https://docs.slack.dev/reference/methods/chat.deleteScheduledMessage
func deleteScheduled() actions.Action {
	return changing("delete_scheduled_message", "Delete a scheduled message", "Keeps a scheduled message from being posted; changed is false where there is none any more. One that is due within a minute cannot be stopped.",
		"A message that is stopped stays so, and a repeat changes nothing.", "/chat.deleteScheduledMessage", "invalid_scheduled_message_id", channelIDField(""),
		actions.Field{ID: "message", Label: "Message", Help: "Its scheduled_message_id, as Schedule a message gives it, or id, as listing does.", Type: actions.Text, Required: true, Name: "scheduled_message_id", Example: "Q1298393284"})
}

// listFiles goes by numbered parts. Source: https://docs.slack.dev/reference/methods/files.list
func listFiles() actions.Action {
	page := actions.Page{Kind: actions.Numbered, Items: "/files", Sure: "/files", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "page"}, Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}}
	shape, sample := actions.ListOf(fileSample())
	where, who := in(channelIDField(""), actions.InQuery), in(userField(""), actions.InQuery)
	where.Required, where.Help = false, "Only files that were posted there: its id or its link."
	who.Required, who.Help = false, "Only files of this person: the id."
	return actions.Action{
		ID: "list_files", Name: "List files", Description: "Gives the files that the bot can see, the latest first.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{where, who,
			{ID: "types", Label: "Kinds", Help: "Which, with commas between: images, pdfs, gdocs, zips, snippets; all where not given.", Type: actions.Text, In: actions.InQuery, Example: "images,pdfs"},
			actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/files.list"},
	}
}

// getFile reads what is known of a file. Source: https://docs.slack.dev/reference/methods/files.info
func getFile() actions.Action {
	sample := fileSample()
	return actions.Action{
		ID: "get_file", Name: "Get a file", Description: "Reads what Slack knows of a file, without its content. The output comes without Slack's envelope.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{in(fileField(), actions.InQuery)}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/files.info", Output: inside("/file")},
	}
}

// deleteFile removes one. Source: https://docs.slack.dev/reference/methods/files.delete
func deleteFile() actions.Action {
	a := changing("delete_file", "Delete a file", "Deletes a file of the bot's; changed is false where it was gone already.", "A file that is gone already counts as deleted, so a repeat changes nothing.", "/files.delete", "file_deleted", fileField())
	a.Errors = append(a.Errors, already("file_not_found")...)
	return a
}
