package slack

import (
	"strconv"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Guarantees that several actions give.
const (
	readsOnly = "It only reads, so it is asked again after a crash."
	noKey     = "Slack has no key that would make a repeat harmless: a message whose answer was lost in a crash is not sent again by itself, you are asked."
)

// message is a message as Slack gives it.
func message() map[string]any {
	return map[string]any{"type": "message", "text": "Hello", "user": "U0123456789", "bot_id": "B0123456789", "ts": "1764000000.000100"}
}

func sent() map[string]any {
	return map[string]any{"ok": true, "channel": "C0123456789", "ts": "1764000000.000100", "message": message()}
}

func textField() actions.Field {
	return actions.Field{ID: "text", Label: "Text", Help: "The message in Slack's mrkdwn; with blocks, what notifications show.", Type: actions.LongText, MaxLen: 40_000, Example: "Hello *you*"}
}

// look is how a message is shown that the bot posts.
func look() []actions.Field {
	return []actions.Field{
		{ID: "username", Label: "Sender's name", Help: "Shown in place of the bot's; needs the scope chat:write.customize.", Type: actions.Text},
		{ID: "icon_emoji", Label: "Sender's emoji", Help: "Shown in place of the bot's picture, as :robot_face:.", Type: actions.Text, Example: ":robot_face:"},
		{ID: "icon_url", Label: "Sender's picture", Help: "The address of one, shown in place of the bot's; needs the scope chat:write.customize too.", Type: actions.Text},
		{ID: "unfurl_links", Label: "Show previews of links", Help: "Whether Slack shows what links lead to.", Type: actions.Boolean},
		{ID: "unfurl_media", Label: "Show previews of media", Help: "Whether Slack shows pictures, sound and films that links lead to.", Type: actions.Boolean},
		{ID: "metadata", Label: "Metadata", Help: "What other programs read with the message: event_type, a name, and event_payload, an object.", Type: actions.Object, Example: map[string]any{"event_type": "order_made", "event_payload": map[string]any{"id": "7"}}},
	}
}

// tsField is the input that names a message, by what Slack calls it there.
func tsField(name string) actions.Field {
	return actions.Field{ID: "ts", Label: "Message", Help: "Its ts, as a trigger or another step gives it, or the message's link.", Type: actions.Text, Required: true, Name: name, Example: "1764000000.000100", Link: tsLink, Join: "."}
}

// threadField is the input for the thread that something is posted to.
func threadField() actions.Field {
	return actions.Field{ID: "thread_ts", Label: "Thread", Help: "The ts of the thread's first message, or its link: what is sent answers there.", Type: actions.Text, Example: "1764000000.000100", Link: threadLink, Join: "."}
}

// sendMessage posts. Source: https://docs.slack.dev/reference/methods/chat.postMessage
func sendMessage() actions.Action {
	sample := sent()
	return actions.Action{
		ID: "send_message", Name: "Send a message", Description: "Posts a message to a channel or a person.", Effect: actions.Once, Guarantee: noKey,
		Input: append([]actions.Field{
			channelField(""),
			textField(), blocksField(), buttonsField(),
			threadField(),
			{ID: "reply_broadcast", Label: "Also to the channel", Help: "Whether an answer in a thread is shown in the channel too.", Type: actions.Boolean},
		}, look()...),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/chat.postMessage", Body: actions.JSONBody, Output: posted, Prepare: composed},
	}
}

// posted takes Slack's word for it only: a page that something in between answered with says nothing about what was done.
func posted(resp actions.Response) (any, error) {
	if answer, ok := resp.Value.(map[string]any); ok && answer["ok"] == true {
		return answer, nil
	}
	return nil, fault.New(fault.Uncertain, "The answer did not come from Slack: it lacks \"ok\". Whether it was carried out is not known; look into Slack, and at what stands between here and there.")
}

// sendDirectMessage posts to a person: Slack takes the person's id for the channel and opens the conversation by itself.
func sendDirectMessage() actions.Action {
	a := sendMessage()
	a.ID, a.Name, a.Description = "send_direct_message", "Send a direct message", "Posts a message to one person, in the conversation with the bot."
	a.Input = append([]actions.Field{userField("channel"), textField(), blocksField(), buttonsField()}, look()...)
	return a
}

// sendEphemeral posts what one person sees. Source: https://docs.slack.dev/reference/methods/chat.postEphemeral
func sendEphemeral() actions.Action {
	sample := map[string]any{"message_ts": "1764000000.000100"}
	return actions.Action{
		ID: "send_ephemeral", Name: "Send a message that one person sees", Description: "Shows a message in a channel to one person only, until the person reloads Slack.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{channelField("channel"), userField("user"), textField(), blocksField(), buttonsField(),
			threadField()},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/chat.postEphemeral", Body: actions.JSONBody, Prepare: composed, Output: func(resp actions.Response) (any, error) {
			answer, err := posted(resp)
			return map[string]any{"message_ts": value.At(answer, "/message_ts")}, err
		}},
	}
}

// scheduleMessage has a message posted later, at most 120 days ahead.
// Source: https://docs.slack.dev/reference/methods/chat.scheduleMessage
func scheduleMessage() actions.Action {
	sample := map[string]any{"ok": true, "channel": "C0123456789", "scheduled_message_id": "Q1298393284", "post_at": 1764090000, "message": map[string]any{"text": "Hello", "bot_id": "B0123456789", "type": "delayed_message"}}
	return actions.Action{
		ID: "schedule_message", Name: "Schedule a message", Description: "Has Slack post a message at a time, at most 120 days ahead.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{channelField("channel"),
			{ID: "at", Label: "Time", Help: "When it is posted.", Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
			textField(), blocksField(), buttonsField(),
			threadField()},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/chat.scheduleMessage", Body: actions.JSONBody, Output: posted, Prepare: func(in map[string]any) (actions.Parts, error) {
			at, err := seconds(in["at"])
			if err != nil {
				return actions.Parts{}, err
			}
			parts, err := composed(in)
			if parts.Body == nil {
				parts.Body = map[string]any{}
			}
			parts.Body["post_at"] = at
			return parts, err
		}},
	}
}

// seconds is a time as Slack writes it: Unix seconds, as a text.
func seconds(v any) (string, error) {
	at, err := moment(v)
	return strconv.FormatInt(at.Unix(), 10), err
}

func moment(v any) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, value.Text(v))
	if err != nil {
		return at, fault.New(fault.InvalidInput, "%s is no time; write it as 2026-01-31T09:30:00Z.", fault.Clip(value.Text(v), 60))
	}
	return at, nil
}

// updateMessage changes a message. Source: https://docs.slack.dev/reference/methods/chat.update
func updateMessage() actions.Action {
	sample := map[string]any{"ok": true, "channel": "C0123456789", "ts": "1764000000.000100", "text": "Hello again"}
	return actions.Action{
		ID: "update_message", Name: "Change a message", Description: "Writes another text or other blocks into a message of the bot's.", Effect: actions.Idempotent,
		Guarantee: "The message says the same after a repeat.",
		Input:     []actions.Field{channelIDField("channel"), tsField(""), textField(), blocksField(), buttonsField()},
		Output:    value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/chat.update", Body: actions.JSONBody, Output: inside(""), Prepare: composed},
	}
}

// deleteMessage sends a form: as JSON Slack's description has ts as a number, which would lose its last digits.
// Source: https://docs.slack.dev/reference/methods/chat.delete
func deleteMessage() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "delete_message", Name: "Delete a message", Description: "Deletes a message of the bot's; changed is false where it was gone already.", Effect: actions.Idempotent,
		Guarantee: "A message that is gone already counts as deleted, so a repeat changes nothing.",
		Input:     []actions.Field{channelIDField("channel"), tsField("")},
		Output:    value.ShapeOf(sample), Sample: sample, Errors: already("message_not_found"),
		Request: &actions.Request{Method: "POST", Path: "/chat.delete", Body: actions.FormBody, Output: changed},
	}
}

// getMessage reads the latest message up to a time, which is the one of that time where there is one.
// Source: https://docs.slack.dev/messaging/retrieving-messages
func getMessage() actions.Action {
	sample := message()
	return actions.Action{
		ID: "get_message", Name: "Get a message", Description: "Reads a message of a channel by its ts; an answer in a thread is read by listing the thread.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(channelIDField("channel"), actions.InQuery), in(tsField("latest"), actions.InQuery)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/conversations.history", Query: map[string]string{"inclusive": "true", "limit": "1"}, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Query: map[string]any{"oldest": in["ts"]}}, nil
		}, Output: func(resp actions.Response) (any, error) {
			answer, err := said(resp)
			if err != nil {
				return nil, err
			}
			if found := value.At(answer, "/messages/0"); found != nil {
				return found, nil
			}
			return nil, fault.New(fault.NotFound, "The channel has no message with that ts, or it is an answer in a thread.")
		}},
	}
}

// getPermalink gives a message's address. Source: https://docs.slack.dev/reference/methods/chat.getPermalink
func getPermalink() actions.Action {
	sample := map[string]any{"ok": true, "channel": "C0123456789", "permalink": "https://acme.slack.com/archives/C0123456789/p1764000000000100"}
	return actions.Action{
		ID: "get_permalink", Name: "Get a message's link", Description: "Gives the address at which people open a message.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(channelIDField("channel"), actions.InQuery), in(tsField("message_ts"), actions.InQuery)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/chat.getPermalink", Output: inside("")},
	}
}

// listMessages gives the latest messages first. Source: https://docs.slack.dev/reference/methods/conversations.history
func listMessages() actions.Action {
	page := parts("/messages", "/ts")
	shape, sample := actions.ListOf(message())
	return actions.Action{
		ID: "list_messages", Name: "List messages", Description: "Gives the messages of a channel, the latest first, without the answers in threads. An app of your own workspace reads as others do; one that is sold outside Slack's marketplace may ask once a minute, for 15 messages.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{in(channelIDField("channel"), actions.InQuery),
			{ID: "from", Label: "From", Help: "Only messages after this time.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
			{ID: "to", Label: "To", Help: "Only messages before this time.", Type: actions.DateTime, In: actions.InNone},
			actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/conversations.history", Prepare: between},
	}
}

// between writes the times between which messages are asked for.
func between(in map[string]any) (actions.Parts, error) {
	query := map[string]any{}
	for id, name := range map[string]string{"from": "oldest", "to": "latest"} {
		if in[id] == nil {
			continue
		}
		at, err := seconds(in[id])
		if err != nil {
			return actions.Parts{}, err
		}
		query[name] = at
	}
	return actions.Parts{Query: query}, nil
}

// listReplies gives a thread, its first message first. Source: https://docs.slack.dev/reference/methods/conversations.replies
func listReplies() actions.Action {
	page := parts("/messages", "/ts")
	shape, sample := actions.ListOf(message())
	thread := in(tsField(""), actions.InQuery)
	thread.Link = threadLink
	return actions.Action{
		ID: "list_replies", Name: "List a thread", Description: "Gives the messages of a thread, beginning with the one that is answered.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(channelIDField("channel"), actions.InQuery), thread, actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/conversations.replies"},
	}
}
