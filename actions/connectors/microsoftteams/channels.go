package microsoftteams

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// Guarantees that several actions give.
const (
	readsOnly = "It only reads, so it is asked again after a crash."
	noKey     = "Microsoft Graph has no key that would make a repeat harmless: what was sent or made and whose answer was lost in a crash is not sent or made again by itself, you are asked."
)

// parts is how Graph's lists come; size is how many of a part it takes, where it lets that be said.
// Source: https://learn.microsoft.com/en-us/graph/paging
func parts(size int) actions.Page {
	p := actions.Page{Kind: actions.NextURL, Items: "/value", Sure: "/value", ID: "/id", Next: "/@odata.nextLink"}
	if size > 0 {
		p.Size, p.Sizes = size, actions.Spot{In: actions.InQuery, Name: "$top"}
	}
	return p
}

// listing is an action that lists.
func listing(id, name, description, path string, size int, item any, input ...actions.Field) actions.Action {
	page := parts(size)
	shape, sample := actions.ListOf(item)
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: append(input, actions.LimitField()), Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: path}}
}

// reading is an action that reads one thing.
func reading(id, name, description, path string, sample any, input ...actions.Field) actions.Action {
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: readsOnly, Input: input, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: path}}
}

func teams() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/me/joinedTeams"}, Page: parts(0), Value: "/id", Label: "/displayName"}
}

func channels() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/teams/{team}/channels"}, Page: parts(0), Value: "/id", Label: "/displayName", Needs: []actions.Field{{ID: "team", Type: actions.Text, In: actions.InPath}}}
}

// What Teams copies as a link: of a team or channel, of a message there, of a chat. The ids stand in it with escapes.
// Source: https://learn.microsoft.com/en-us/microsoftteams/platform/concepts/build-and-test/deep-links
const (
	teamLink    = `^https?://.*[?&]groupId=([0-9a-fA-F-]{36})`
	channelLink = `^https?://[^?]*/l/(?:channel|message)/([^/?]+)`
	messageLink = `^https?://[^?]*/l/message/[^/]+/(\d+)`
	threadLink  = `^https?://.*[?&]parentMessageId=(\d+)|` + messageLink
	chatLink    = `^https?://[^/]+/.*(?:chat|message|conversations)/((?:19|48)(?::|%3[aA])[^/?]+)`
)

func teamField() actions.Field {
	return actions.Field{ID: "team", Label: "Team", Help: "Its id, or the link of the team or of one of its channels.", Type: actions.Text, Required: true, In: actions.InPath, Example: "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", Link: teamLink, Choices: teams()}
}

func channelField() actions.Field {
	return actions.Field{ID: "channel", Label: "Channel", Help: "Its id, or its link.", Type: actions.Text, Required: true, In: actions.InPath, Example: "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2", Link: channelLink, Choices: channels()}
}

func messageField() actions.Field {
	return actions.Field{ID: "message", Label: "Message", Help: "Its id, as a trigger or another step gives it, or its link.", Type: actions.Text, Required: true, In: actions.InPath, Example: "1616990032035", Link: messageLink}
}

// threadField is the input for a message that is answered: of an answer's link its thread's.
func threadField() actions.Field {
	f := messageField()
	f.Help, f.Link = "The id of the message that begins the thread, or the link of any message in it.", threadLink
	return f
}

// chatMessage is a message as Graph gives it, shortened.
func chatMessage() map[string]any {
	return map[string]any{"id": "1616990032035", "replyToId": nil, "etag": "1616990032035", "messageType": "message", "createdDateTime": "2021-03-29T03:53:52.035Z", "lastModifiedDateTime": "2021-03-29T03:53:52.035Z", "deletedDateTime": nil, "subject": nil,
		"importance": "normal", "webUrl": "https://teams.microsoft.com/l/message/19%3A4a95f7d8db4c4e7fae857bcebe0623e6%40thread.tacv2/1616990032035", "chatId": nil,
		"from":            map[string]any{"application": nil, "user": map[string]any{"id": "8ea0e38b-efb3-4757-924a-5f94061cf8c2", "displayName": "Robin Kline", "userIdentityType": "aadUser"}},
		"body":            map[string]any{"contentType": "html", "content": "Hello World"},
		"channelIdentity": map[string]any{"teamId": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "channelId": "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2"}, "attachments": []any{}, "mentions": []any{}, "reactions": []any{}}
}

func posting(id, name, description, path string, input ...actions.Field) actions.Action {
	sample := chatMessage()
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Once, Guarantee: noKey, Input: append(input, contentFields()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: path, Body: actions.JSONBody, Prepare: content}}
}

// sendChannelMessage begins a thread. Source: https://learn.microsoft.com/en-us/graph/api/channel-post-messages
func sendChannelMessage() actions.Action {
	return posting("send_channel_message", "Send a message to a channel", "Writes a message in a channel, in the name of who signed in.", "/teams/{team}/channels/{channel}/messages", teamField(), channelField(),
		actions.Field{ID: "subject", Label: "Subject", Help: "Shown above the text.", Type: actions.Text})
}

func replyToMessage() actions.Action {
	return posting("reply", "Answer a message in a channel", "Writes an answer in the thread of a message.", "/teams/{team}/channels/{channel}/messages/{message}/replies", teamField(), channelField(), threadField())
}

func getChannelMessage() actions.Action {
	return reading("get_channel_message", "Get a message of a channel", "Reads a message by its id.", "/teams/{team}/channels/{channel}/messages/{message}", chatMessage(), teamField(), channelField(), messageField()).Needing("ChannelMessage.Read.All")
}

// updating is an action that writes another text into a message, which Graph answers without a word.
// Source: https://learn.microsoft.com/en-us/graph/api/chatmessage-update
func updating(id, name, description, path string, input ...actions.Field) actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: "The message says the same after a repeat.", Input: append(input, contentFields()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: path, Body: actions.JSONBody, Prepare: content, Output: func(actions.Response) (any, error) { return sample, nil }}}
}

func updateChannelMessage() actions.Action {
	return updating("update_channel_message", "Change a message of a channel", "Writes another text into a message of who signed in.", "/teams/{team}/channels/{channel}/messages/{message}", teamField(), channelField(), messageField()).Needing("ChannelMessage.ReadWrite")
}

func listChannelMessages() actions.Action {
	return listing("list_channel_messages", "List messages of a channel", "Gives the messages of a channel without their answers.", "/teams/{team}/channels/{channel}/messages", 50, chatMessage(), teamField(), channelField()).Needing("ChannelMessage.Read.All")
}

func listReplies() actions.Action {
	return listing("list_replies", "List answers", "Gives the answers to a message of a channel.", "/teams/{team}/channels/{channel}/messages/{message}/replies", 50, chatMessage(), teamField(), channelField(), threadField()).Needing("ChannelMessage.Read.All")
}

func channel() map[string]any {
	return map[string]any{"id": "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2", "displayName": "Architecture Discussion", "description": "Where we argue", "membershipType": "standard", "createdDateTime": "2020-05-27T19:22:25.692Z",
		"webUrl": "https://teams.microsoft.com/l/channel/19%3a4a95f7d8db4c4e7fae857bcebe0623e6%40thread.tacv2/Architecture", "email": "", "isArchived": false}
}

// createChannel makes a channel. Source: https://learn.microsoft.com/en-us/graph/api/channel-post
func createChannel() actions.Action {
	sample := channel()
	return actions.Action{
		ID: "create_channel", Name: "Create a channel", Description: "Makes a channel of a team.", Effect: actions.Once,
		Guarantee: "A team takes a name once, so no channel is made twice; whether one whose answer was lost in a crash was made you are asked.",
		Input: []actions.Field{teamField(),
			{ID: "name", Label: "Name", Help: "At most 50 characters.", Type: actions.Text, Required: true, Name: "displayName", Example: "Architecture Discussion"},
			{ID: "description", Label: "Description", Help: "At most 1,024 characters.", Type: actions.Text},
			{ID: "kind", Label: "Kind", Help: "Who sees it.", Type: actions.Select, Default: "standard", Name: "membershipType", Options: []actions.Option{{Value: "standard", Label: "The team"}, {Value: "private", Label: "Its own members"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/teams/{team}/channels", Body: actions.JSONBody},
	}.Needing("Channel.Create")
}

func findOrCreateChannel() actions.Action {
	return actions.FindOrCreate("find_or_create_channel", "Find or create a channel", "Finds the channel of a team that has a name, or makes it.", listChannels(), createChannel(), "/items").Needing("Channel.Create")
}

func getChannel() actions.Action {
	return reading("get_channel", "Get a channel", "Reads a channel by its id.", "/teams/{team}/channels/{channel}", channel(), teamField(), channelField())
}

func listChannels() actions.Action {
	a := listing("list_channels", "List channels", "Gives the channels of a team, or the one that has a name.", "/teams/{team}/channels", 0, channel(), teamField(),
		actions.Field{ID: "name", Label: "Name", Help: "The whole name.", Type: actions.Text, In: actions.InNone, Example: "Architecture Discussion"})
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		if name := value.Text(in["name"]); name != "" {
			return actions.Parts{Query: map[string]any{"$filter": "displayName eq " + quoted(name)}}, nil
		}
		return actions.Parts{}, nil
	}
	return a
}

func team() map[string]any {
	return map[string]any{"id": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "displayName": "Engineering", "description": "Who builds it", "isArchived": false, "visibility": "private", "webUrl": "https://teams.microsoft.com/l/team/19%3a4a95"}
}

func listTeams() actions.Action {
	return listing("list_teams", "List my teams", "Gives the teams that who signed in is a member of.", "/me/joinedTeams", 0, team())
}

func getTeam() actions.Action {
	return reading("get_team", "Get a team", "Reads a team by its id.", "/teams/{team}", team(), teamField())
}
