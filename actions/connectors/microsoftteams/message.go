package microsoftteams

import (
	"net/url"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// newMessage is the trigger for messages. What comes in tells which message it is and not what it says: a step reads it.
// Source: https://learn.microsoft.com/en-us/graph/teams-changenotifications-chatmessage
func newMessage() actions.Trigger {
	resource := "teams('fbe2bf47-16c8-47cf-b4a5-4b9b187c508b')/channels('19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2')/messages('1616963377068')"
	sample := map[string]any{"subscriptionId": "8f6d7a5e-2c1f-4c58-9d35-0f7ad7e7a111", "changeType": "created", "subscriptionExpirationDateTime": "2026-09-01T11:00:00+00:00",
		"resource": resource, "resourceData": map[string]any{"id": "1616963377068", "@odata.type": "#Microsoft.Graph.chatMessage", "@odata.id": resource}, "tenantId": "9f4ebab6-520d-49c0-85cc-7b25c78d4a93"}
	return actions.Trigger{
		ID: "new_message", Name: "New message", Kind: actions.EventKind,
		Description: "Somebody wrote a message in a channel or a chat. The event says which message it is and not what it says: read it by the step Get the message of an event. New message in a channel has it all, some minutes later. Of a channel it needs the scope ChannelMessage.Read.All.",
		Scopes:      []string{"ChannelMessage.Read.All"},
		Input: []actions.Field{
			{ID: "team", Label: "Team", Help: "The id of the team, with a channel, or a link of it.", Type: actions.Text, In: actions.InNone, Example: "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", Link: teamLink, Choices: teams()},
			{ID: "channel", Label: "Channel", Help: "The id of the channel, with its team, or its link.", Type: actions.Text, In: actions.InNone, Example: "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2", Link: channelLink, Choices: channels()},
			{ID: "chat", Label: "Chat", Help: "The id of a chat, in place of a team and a channel, or its link.", Type: actions.Text, In: actions.InNone, Link: chatLink, Choices: chats()},
		},
		Check: func(with map[string]any) []actions.InputIssue {
			if _, err := messagesOf(with); err != nil {
				return []actions.InputIssue{{Message: fault.MessageOf(err)}}
			}
			return nil
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Each: "/value", Identity: []string{"/changeType", "/resource", "/resourceData/@odata.etag"},
		Verify:    actions.Verification{Preset: "msgraph"},
		Subscribe: messages(),
	}
}

// messages is how Microsoft Graph keeps a subscription to messages: for three days at most where it may tell at a URL what
// becomes of it, as it does here, one for each app and resource.
// Source: https://learn.microsoft.com/en-us/graph/api/resources/subscription
func messages() *actions.Subscribe {
	return &actions.Subscribe{
		Register: &actions.Request{Method: "POST", Path: "/subscriptions", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			resource, err := messagesOf(in)
			return actions.Parts{Body: map[string]any{"changeType": "created", "resource": resource, "latestSupportedTlsVersion": "v1_2"}}, err
		}},
		URL: actions.Spot{Name: "notificationUrl"}, Told: actions.Spot{Name: "lifecycleNotificationUrl"}, Secret: actions.Spot{Name: "clientState"},
		Ends: actions.Spot{Name: "expirationDateTime"}, As: actions.RFC3339, ID: "/id", Expiry: "/expirationDateTime",
		Renew:  &actions.Request{Method: "PATCH", Path: "/subscriptions/{subscription}", Body: actions.JSONBody},
		Remove: &actions.Request{Method: "DELETE", Path: "/subscriptions/{subscription}"},
		List:   &actions.Request{Method: "GET", Path: "/subscriptions"}, Page: actions.Page{Kind: actions.NextURL, Items: "/value", Sure: "/value", ID: "/id", Next: "/@odata.nextLink"}, Sends: "/notificationUrl",
		Lives: 3*24*time.Hour - time.Hour, Before: 24 * time.Hour, // an hour for clocks that differ
		Alone: true, Handshake: true, HTTPS: true,
		Sample: map[string]any{"id": "7f105c7d-2dc5-4530-97cd-4e7ae6534c07", "resource": "/chats/c/messages", "changeType": "created", "clientState": nil,
			"notificationUrl": "https://stepmill.example.com/hooks/k", "expirationDateTime": "2026-09-03T10:00:00Z"},
	}
}

// messagesOf is the address of the messages that are wanted.
func messagesOf(in map[string]any) (string, error) {
	team, channel, chat := value.Text(in["team"]), value.Text(in["channel"]), value.Text(in["chat"])
	switch {
	case team != "" && channel != "" && chat == "":
		return "/teams/" + url.PathEscape(team) + "/channels/" + url.PathEscape(channel) + "/messages", nil
	case chat != "" && team == "" && channel == "":
		return "/chats/" + url.PathEscape(chat) + "/messages", nil
	}
	return "", fault.New(fault.InvalidInput, "Give either a team and a channel, or a chat.")
}
