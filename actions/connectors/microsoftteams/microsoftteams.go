// Package microsoftteams is the connector for Microsoft Teams by Microsoft Graph.
package microsoftteams

import (
	"time"

	"github.com/stepmill/stepmill/actions"
)

// Connector describes Microsoft Teams. Source: https://learn.microsoft.com/en-us/graph/api/resources/teams-api-overview
func Connector() actions.Connector {
	return actions.Connector{
		ID: "microsoft_teams", Name: "Microsoft Teams", Category: "Communication", Words: "chat messenger office 365", Color: "#5059c9", Monogram: "T",
		Description: "Messages, channels, chats, teams, members and online meetings.",
		DocsURL:     "https://learn.microsoft.com/en-us/graph/api/resources/teams-api-overview",
		SetUp:       setUp(),
		BaseURL:     "https://graph.microsoft.com/v1.0",
		Auth:        []actions.Auth{oauth()},
		Test:        &actions.Request{Method: "GET", Path: "/me"},
		Errors:      errorTable(),
		Actions: []actions.Action{sendChannelMessage(), replyToMessage(), getChannelMessage(), updateChannelMessage(), listChannelMessages(), listReplies(),
			getEventMessage(), deleteMessage(), addReaction(), removeReaction(), postByWorkflow(),
			sendDirectMessage(), sendChatMessage(), getChatMessage(), updateChatMessage(), listChatMessages(),
			addChatReaction(), removeChatReaction(), openChat(), createGroupChat(), getChat(), listChats(), addChatMember(), listChatMembers(),
			createChannel(), findOrCreateChannel(), getChannel(), updateChannel(), deleteChannel(), listChannels(), listChannelMembers(), addChannelMember(),
			createTeam(), listTeams(), getTeam(), archiveTeam(), unarchiveTeam(), addTeamMember(), removeTeamMember(), listTeamMembers(), listTags(), createTag(), createMeeting(), findMeeting(), listTranscripts(), getTranscript(), getUser(), listUserTeams(), getMe(),
			actions.APIRequest("Microsoft Graph", "/me/joinedTeams", map[string]any{"id": "1616990032035", "body": map[string]any{"contentType": "html", "content": "Hello"}})},
		Triggers: []actions.Trigger{newMessage(), newChannelMessage(), newChatMessage(), newChannel(), newTeamMember()},
	}
}

// oauth is the sign-in by an app, in the name of a person: Teams lets nobody else post messages. It asks for what an
// administrator need not agree to; actions that need more say what.
func oauth() actions.Auth {
	return actions.OAuthApp("In the Microsoft Entra admin center under App registrations: the application ID and a client secret; add this server's address with /oauth/callback as a web redirect URI.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", Token: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
		Scopes: []string{"ChannelMessage.Send", "Chat.ReadWrite", "Team.ReadBasic.All", "Channel.ReadBasic.All", "User.Read", "User.ReadBasic.All", "offline_access"},
		Client: actions.ClientInBody, PKCE: true, Rotates: true, Lives: time.Hour, Dead: []string{"interaction_required", "consent_required"},
		After: &actions.TokenStep{URL: "https://graph.microsoft.com/v1.0/me", Account: "/userPrincipalName"},
	}, actions.Field{ID: "tenant", Label: "Tenant", Help: "The directory's ID or domain; organizations for any.", Type: actions.Text, Default: "organizations"})
}
