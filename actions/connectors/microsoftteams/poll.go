package microsoftteams

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// newChannelMessage is the trigger for messages of a channel that says what they say. Graph filters its delta list only, by the time of
// the last change. Source: https://learn.microsoft.com/en-us/graph/api/chatmessage-delta
func newChannelMessage() actions.Trigger {
	sample := chatMessage()
	return actions.Trigger{
		ID: "new_channel_message", Name: "New message in a channel", Description: "A message was written in a channel, with its text and who wrote it; answers in threads do not count, and an older message that was changed since the trigger began counts too, once. It asks every so often and needs no address that Microsoft reaches.", Kind: actions.PollKind,
		Input: []actions.Field{teamField(), channelField()}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/teams/{team}/channels/{channel}/messages/delta", Prepare: changedSince},
			Page:    parts(50), Time: "/lastModifiedDateTime", Since: actions.Since{As: actions.RFC3339}, Overlap: 2 * time.Minute, Every: 2 * time.Minute, Least: time.Minute,
		},
	}.Needing("ChannelMessage.Read.All")
}

// changedSince asks for what was changed since a time.
func changedSince(in map[string]any) (actions.Parts, error) {
	if in["since"] == nil {
		return actions.Parts{}, nil
	}
	return actions.Parts{Query: map[string]any{"$filter": "lastModifiedDateTime gt " + value.Text(in["since"])}}, nil
}

// newChatMessage is the trigger for messages of a chat without a subscription. Graph filters by the time of the last change
// only. Source: https://learn.microsoft.com/en-us/graph/api/chat-list-messages
func newChatMessage() actions.Trigger {
	sample := chatMessage()
	return actions.Trigger{
		ID: "new_chat_message", Name: "New message in a chat", Description: "A message was written in a chat; an older one that was changed since the trigger began counts too, once. It asks every so often and needs no address that Microsoft reaches.", Kind: actions.PollKind,
		Input: []actions.Field{chatField()}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/chats/{chat}/messages", Query: map[string]string{"$orderby": "lastModifiedDateTime desc"}, Prepare: changedSince},
			Page:    parts(50), Time: "/lastModifiedDateTime", Order: actions.NewestFirst, Since: actions.Since{As: actions.RFC3339}, Overlap: 2 * time.Minute, Every: 2 * time.Minute, Least: time.Minute,
		},
	}
}

// listed is a trigger for what appears in a list, told apart by its ids.
func listed(id, name, description, path string, page actions.Page, sample map[string]any) actions.Trigger {
	return actions.Trigger{
		ID: id, Name: name, Description: description, Kind: actions.PollKind, Input: []actions.Field{teamField()}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: path}, Page: page, Every: 10 * time.Minute, Least: time.Minute},
	}
}

func newChannel() actions.Trigger {
	t := listed("new_channel", "New channel", "A channel of a team was made.", "/teams/{team}/channels", parts(0), channel())
	t.Poll.Rises = "/createdDateTime"
	return t
}

func newTeamMember() actions.Trigger {
	return listed("new_team_member", "New member of a team", "A person came into a team.", "/teams/{team}/members", parts(100), memberSample()).Needing("TeamMember.Read.All")
}
