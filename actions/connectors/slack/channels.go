package slack

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func channel() map[string]any {
	return map[string]any{"id": "C0123456789", "name": "support", "created": 1764000000, "creator": "U0123456789", "is_archived": false, "is_private": false, "is_member": true, "num_members": 4,
		"topic": map[string]any{"value": "Questions of customers", "creator": "U0123456789", "last_set": 1764000000}, "purpose": map[string]any{"value": "", "creator": "", "last_set": 0}}
}

// channels are those that the bot can see. Source: https://docs.slack.dev/reference/methods/conversations.list
func channels() *actions.Choices {
	page := parts("/channels", "")
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/conversations.list", Query: map[string]string{"exclude_archived": "true", "types": "public_channel,private_channel"}},
		Page: page, Value: "/id", Label: "#{/name}"}
}

// What people paste: the link of a channel, of a message in it or of its tab in the browser, or as Slack writes a channel in a text; that
// of a message; that of a thread, which the link of an answer names; a person's; a file's.
const (
	channelLink = `^https?://[^/]+\.slack\.com/(?:archives|client/\w+)/(\w+)|^<#(\w+)`
	tsLink      = `^(?:https?://[^/]+\.slack\.com/archives/\w+/)?p?(\d{10})(\d{6})(?:$|\?)`
	threadLink  = `^https?://[^/]+\.slack\.com/archives/\w+/p\d+\?(?:.*&)?thread_ts=(\d{10})\.(\d{6})|` + tsLink
	userLink    = `^https?://[^/]+\.slack\.com/(?:team|client/\w+/(?:user_profile|dms))/(\w+)|^<@(\w+)`
	fileLink    = `^https?://[^/]+\.slack\.com/(?:files|files-pri)/[^/]+[/-](F\w+)`
)

// channelForm is that of an id. Slack's methods look for a name as if it were one, and say that there is no such channel.
const channelForm = `^[CDGUW][A-Z0-9]+$`

// channelField is the input for a channel where Slack takes names too; channelIDField where it takes ids only.
func channelField(name string) actions.Field {
	return actions.Field{ID: "channel", Label: "Channel", Help: "A name as #support, an id or the channel's link.", Type: actions.Text, Required: true, Name: name, Example: "#support", Link: channelLink, Choices: channels()}
}

func channelIDField(name string) actions.Field {
	return actions.Field{ID: "channel", Label: "Channel", Help: "The channel's id, as C0123456789, or its link; “Find a channel” gives it by the name.", Type: actions.Text, Required: true, Name: name, Example: "C0123456789", Link: channelLink, Form: channelForm, Choices: channels()}
}

// in is a field that goes elsewhere than into the body.
func in(f actions.Field, place actions.In) actions.Field {
	f.In = place
	return f
}

// createChannel makes a channel. Source: https://docs.slack.dev/reference/methods/conversations.create
func createChannel() actions.Action {
	sample := channel()
	return actions.Action{
		ID: "create_channel", Name: "Create a channel", Description: "Makes a public or a private channel, with the bot in it. The output is the channel, without Slack's envelope.", Effect: actions.Once,
		Guarantee: "A name is taken once, so no channel is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{
			{ID: "name", Label: "Name", Help: "Lower-case letters, digits, - and _, at most 80; a # before it is left out.", Type: actions.Text, Required: true, In: actions.InNone, Example: "project-apollo"},
			{ID: "is_private", Label: "Private", Help: "Whether only its members see it.", Type: actions.Boolean, Default: false}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations.create", Body: actions.JSONBody, Output: func(resp actions.Response) (any, error) {
			answer, err := posted(resp)
			return value.At(answer, "/channel"), err
		}, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"name": plainName(in["name"])}}, nil
		}},
	}
}

// plainName is a channel's name as Slack holds it.
func plainName(v any) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(value.Text(v)), "#"))
}

// findChannel looks through the channels: Slack has no call that finds one by its name.
func findChannel() actions.Action {
	sample := channel()
	return actions.Action{
		ID: "find_channel", Name: "Find a channel", Description: "Finds a channel that is not archived by its exact name, among those that the bot can see.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{{ID: "name", Label: "Name", Help: "With or without #.", Type: actions.Text, Required: true, In: actions.InNone, Example: "support"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			found, err := channelNamed(ctx, in.Values["name"], do)
			if err == nil && found == nil {
				return nil, fault.New(fault.NotFound, "The bot sees no channel named %q that is not archived. A private one must have invited it.", fault.Clip(plainName(in.Values["name"]), 80))
			}
			return found, err
		},
	}
}

// channelNamed is the channel of a name that is not archived; nil: there is none. In a sandbox it is the sample.
func channelNamed(ctx context.Context, name any, do actions.Doer) (any, error) {
	return channelAmong(ctx, name, do, true)
}

func channelAmong(ctx context.Context, name any, do actions.Doer, open bool) (any, error) {
	list := listChannels()
	answer, err := do.Ask(ctx, &list, map[string]any{"limit": actions.MostListed, "exclude_archived": open})
	if err != nil {
		return nil, err
	}
	items, _ := value.At(answer, "/items").([]any)
	if do.Sandboxed() {
		return items[0], nil
	}
	for _, item := range items {
		if value.Text(value.At(item, "/name")) == plainName(name) {
			return item, nil
		}
	}
	if value.At(answer, "/more") == true {
		return nil, fault.New(fault.TooLarge, "The workspace has more than 10,000 channels, and the first ones hold none of that name; give the channel's id.")
	}
	return nil, nil
}

func findOrCreateChannel() actions.Action {
	create := createChannel()
	sample := map[string]any{"found": true, "item": channel()}
	return actions.Action{
		ID: "find_or_create_channel", Name: "Find or create a channel", Description: "Finds a channel by its name, or makes it where the bot sees none.", Effect: actions.Once,
		Guarantee: "It looks first, so a channel that is there is not made again, and Slack takes a name once only.",
		Input:     create.Input, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			found, err := channelNamed(ctx, in.Values["name"], do)
			if err != nil || found != nil {
				return map[string]any{"found": true, "item": found}, err
			}
			made, err := do.Ask(ctx, &create, in.Values)
			if fault.CodeOf(err) == fault.Conflict {
				return taken(ctx, in.Values["name"], do)
			}
			return map[string]any{"found": false, "item": made}, err
		},
	}
}

// taken is the channel that has a name which Slack does not give out again: one that was made meanwhile. Of others it says why it is not given.
func taken(ctx context.Context, name any, do actions.Doer) (any, error) {
	there, err := channelAmong(ctx, name, do, false)
	switch {
	case err != nil:
		return nil, err
	case there == nil:
		return nil, fault.New(fault.Conflict, "A channel that the bot does not see has the name %q: a private one. Invite the bot to it, or choose another name.", fault.Clip(plainName(name), 80))
	case value.At(there, "/is_archived") == true:
		return nil, fault.New(fault.Conflict, "The channel %q (%s) is archived, and its name stays taken. A person brings it back in Slack, or “Bring a channel back” does by a person's token; otherwise choose another name.",
			fault.Clip(plainName(name), 80), fault.Clip(value.Text(value.At(there, "/id")), 40))
	}
	return map[string]any{"found": true, "item": there}, nil
}

// getChannel reads a channel. Source: https://docs.slack.dev/reference/methods/conversations.info
func getChannel() actions.Action {
	sample := channel()
	return actions.Action{
		ID: "get_channel", Name: "Get a channel", Description: "Reads a channel or a conversation by its id. The output is the channel, without Slack's envelope.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(channelIDField(""), actions.InQuery)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/conversations.info", Query: map[string]string{"include_num_members": "true"}, Output: inside("/channel")},
	}
}

func listChannels() actions.Action {
	page := parts("/channels", "/id")
	shape, sample := actions.ListOf(channel())
	return actions.Action{
		ID: "list_channels", Name: "List channels", Description: "Gives the channels that the bot can see.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{
			{ID: "types", Label: "Kinds", Help: "Which conversations.", Type: actions.Select, Default: "public_channel,private_channel", In: actions.InQuery, Options: []actions.Option{
				{Value: "public_channel,private_channel", Label: "Public and private channels"}, {Value: "public_channel", Label: "Public channels"}, {Value: "private_channel", Label: "Private channels"},
				{Value: "im", Label: "Direct messages"}, {Value: "mpim", Label: "Direct messages of several people"}}},
			{ID: "exclude_archived", Label: "Leave archived ones out", Help: "Whether archived channels are left out.", Type: actions.Boolean, Default: true, In: actions.InQuery},
			actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/conversations.list"},
	}
}

// listMembers gives ids only. Source: https://docs.slack.dev/reference/methods/conversations.members
func listMembers() actions.Action {
	page := parts("/members", "")
	shape, sample := actions.ListOf("U0123456789")
	return actions.Action{
		ID: "list_members", Name: "List a channel's members", Description: "Gives the ids of the people in a channel.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(channelIDField(""), actions.InQuery), actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/conversations.members"},
	}
}

// inviteMembers puts people into a channel. Source: https://docs.slack.dev/reference/methods/conversations.invite
func inviteMembers() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "invite_to_channel", Name: "Invite people to a channel", Description: "Puts people into a channel that the bot is in; changed is false where they were in it already.", Effect: actions.Idempotent,
		Guarantee: "Who is in the channel stays in it, so a repeat changes nothing.",
		Input: []actions.Field{channelIDField(""),
			{ID: "users", Label: "People", Help: "Their ids, at most 1,000.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"U0123456789"}, Link: userLink, Choices: users()}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: already("already_in_channel"),
		Request: &actions.Request{Method: "POST", Path: "/conversations.invite", Body: actions.JSONBody, Output: changed, Prepare: joined},
	}
}

// joined writes several people as Slack takes them, in one text.
func joined(in map[string]any) (actions.Parts, error) {
	list, _ := in["users"].([]any)
	ids := []string{}
	for _, id := range list {
		if text := strings.TrimSpace(value.Text(id)); text != "" {
			ids = append(ids, text)
		}
	}
	if len(ids) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input users: it names nobody.")
	}
	return actions.Parts{Body: map[string]any{"users": strings.Join(ids, ",")}}, nil
}

// joinChannel lets the bot into a public channel. Source: https://docs.slack.dev/reference/methods/conversations.join
func joinChannel() actions.Action {
	sample := channel()
	return actions.Action{
		ID: "join_channel", Name: "Join a channel", Description: "Lets the bot into a public channel. The output is the channel, without Slack's envelope.", Effect: actions.Idempotent,
		Guarantee: "A bot that is in the channel stays in it, so a repeat changes nothing.",
		Input:     []actions.Field{channelIDField("")}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations.join", Body: actions.JSONBody, Output: inside("/channel")},
	}
}

// setTopic sets a channel's topic. Source: https://docs.slack.dev/reference/methods/conversations.setTopic
func setTopic() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "set_topic", Name: "Set a channel's topic", Description: "Writes the topic that stands at the top of a channel.", Effect: actions.Idempotent,
		Guarantee: "The topic is the same after a repeat.",
		Input: []actions.Field{channelIDField(""),
			{ID: "topic", Label: "Topic", Help: "At most 250 characters, without formatting.", Type: actions.Text, Required: true, Example: "On call: Ada"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations.setTopic", Body: actions.JSONBody, Output: changed},
	}
}

// archiveChannel closes a channel. Source: https://docs.slack.dev/reference/methods/conversations.archive
func archiveChannel() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "archive_channel", Name: "Archive a channel", Description: "Closes a channel; what was written stays readable. changed is false where it was archived already.", Effect: actions.Idempotent,
		Guarantee: "A channel that is archived stays so, and a repeat changes nothing.",
		Input:     []actions.Field{channelIDField("")}, Output: value.ShapeOf(sample), Sample: sample, Errors: already("already_archived"),
		Request: &actions.Request{Method: "POST", Path: "/conversations.archive", Body: actions.JSONBody, Output: changed},
	}
}

// openConversation gives the conversation with people. Source: https://docs.slack.dev/reference/methods/conversations.open
func openConversation() actions.Action {
	sample := map[string]any{"id": "D0123456789"}
	return actions.Action{
		ID: "open_conversation", Name: "Open a conversation", Description: "Gives the conversation of the bot with one person or several, whose id other actions take for a channel.", Effect: actions.Idempotent,
		Guarantee: "Slack keeps one conversation for the same people, so a repeat gives the same one.",
		Input: []actions.Field{
			{ID: "users", Label: "People", Help: "Their ids, at most 8, without the bot's.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"U0123456789"}, Link: userLink, Choices: users()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations.open", Body: actions.JSONBody, Output: inside("/channel"), Prepare: joined},
	}
}
