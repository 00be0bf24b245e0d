// Package slack is the connector for Slack's Web API.
package slack

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Connector describes Slack. Source: https://docs.slack.dev/reference/methods
func Connector() actions.Connector {
	return actions.Connector{
		ID: "slack", Name: "Slack", Category: "Communication", Words: "chat messenger", Color: "#611f69", Monogram: "S",
		Description: "Messages, buttons and commands, files, channels, people and reactions.",
		DocsURL:     "https://docs.slack.dev/reference/methods/chat.postMessage",
		SetUp:       setUp(),
		BaseURL:     "https://slack.com/api",
		Also:        []string{"https://files.slack.com", "https://hooks.slack.com"},
		Auth: []actions.Auth{{Method: "token", Name: "Bot token",
			Help:   "In your Slack app under OAuth & Permissions: the Bot User OAuth Token, which begins with xoxb-. To send it needs the scope chat:write; what another action lacks Slack names. The bot must be in the channel.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The token that begins with xoxb-, or for what only people may do one of a person's, which begins with xoxp-.", Type: actions.Text, Required: true, Secret: true, Form: `^xox[abep]`}, signingSecret()},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:   &actions.Request{Method: "GET", Path: "/auth.test"},
		Errors: errorTable(),
		Actions: []actions.Action{sendMessage(), sendDirectMessage(), sendEphemeral(), scheduleMessage(), updateMessage(), deleteMessage(),
			getMessage(), getPermalink(), listMessages(), listReplies(), addReaction(), removeReaction(), listReactions(),
			respond(), openView(), updateView(), publishHome(), listScheduled(), deleteScheduled(), searchMessages(), pinMessage(), unpinMessage(), listPins(),
			createChannel(), findChannel(), findOrCreateChannel(), getChannel(), listChannels(), listMembers(), inviteMembers(), kick(), joinChannel(), leaveChannel(), renameChannel(), setTopic(), setPurpose(), archiveChannel(), unarchiveChannel(), openConversation(),
			addBookmark(), listBookmarks(), removeBookmark(), uploadFile(), downloadFile(), getFile(), listFiles(), deleteFile(),
			getUser(), findUser(), findUserByName(), listUsers(), getPresence(), setStatus(), addReminder(), listReminders(), completeReminder(), deleteReminder(), listUserGroups(), listGroupMembers(), setGroupMembers(), getTeam(),
			actions.APIRequest("Slack", "/bookmarks.add", map[string]any{"ok": true})},
		Triggers: append(append([]actions.Trigger{event(), interaction(), slashCommand()}, named()...), newMessage(), newChannel(), newUser()),
	}
}

// oauth is the sign-in by an app, which gives a bot's token. It expires where the app rotates tokens only.
// Source: https://docs.slack.dev/authentication/installing-with-oauth
func oauth() actions.Auth {
	return actions.OAuthApp("At api.slack.com/apps, your app: Basic Information has the client ID and secret; under OAuth & Permissions add this server's address with /oauth/callback as a redirect URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://slack.com/oauth/v2/authorize", Token: "https://slack.com/api/oauth.v2.access",
		Scopes: []string{"chat:write", "channels:read", "channels:history", "channels:join", "channels:manage", "groups:read", "groups:history", "groups:write", "im:write", "mpim:write",
			"users:read", "users:read.email", "team:read", "files:read", "files:write", "reactions:read", "reactions:write"}, Separator: ",", Client: actions.ClientInBasic, Rotates: true,
		Dead: []string{"invalid_refresh_token", "token_revoked", "token_expired", "account_inactive", "invalid_auth"}, Account: "/team/name",
	}, signingSecret())
}

// inside takes what stands at a JSON Pointer out of Slack's envelope, {"ok": true, ...}. What something in between answered
// with is no list and no thing of Slack's.
func inside(pointer string) func(actions.Response) (any, error) {
	return func(resp actions.Response) (any, error) {
		answer, err := said(resp)
		if err != nil {
			return nil, err
		}
		return value.At(answer, pointer), nil
	}
}

// changed tells a change from what was so before, which Slack answers with an error that the action's table takes for none.
func changed(resp actions.Response) (any, error) {
	answer, ok := resp.Value.(map[string]any)
	if word, _ := answer["error"].(string); ok && answer["ok"] == false && word != "" {
		return map[string]any{"changed": false}, nil
	}
	if _, err := said(resp); err != nil {
		return nil, err
	}
	return map[string]any{"changed": true}, nil
}

// said takes Slack's word for it only, and not a page that something in between answered with: what may be asked again is.
func said(resp actions.Response) (map[string]any, error) {
	if answer, ok := resp.Value.(map[string]any); ok && answer["ok"] == true {
		return answer, nil
	}
	return nil, fault.New(fault.Unavailable, "The answer did not come from Slack: it lacks \"ok\". Look at what stands between here and there.")
}

// already is the answer of a change that was so before.
func already(word string) actions.ErrorTable {
	return actions.ErrorTable{{Pointer: "/error", Equals: word}}
}

// parts is how Slack's lists come. Source: https://docs.slack.dev/apis/web-api/pagination
func parts(items, id string) actions.Page {
	return actions.Page{Kind: actions.NextToken, Items: items, Sure: items, ID: id, Next: "/response_metadata/next_cursor", At: actions.Spot{In: actions.InQuery, Name: "cursor"},
		Size: 200, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}
