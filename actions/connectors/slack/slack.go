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
		ID: "slack", Name: "Slack", Category: "Communication", Color: "#611f69", Monogram: "S",
		Description: "Messages, files, channels, people and reactions.",
		DocsURL:     "https://docs.slack.dev/reference/methods/chat.postMessage",
		SetUp:       setUp(),
		BaseURL:     "https://slack.com/api",
		Also:        []string{"https://files.slack.com"},
		Auth: []actions.Auth{{Method: "token", Name: "Bot token",
			Help:   "In your Slack app under OAuth & Permissions: the Bot User OAuth Token, which begins with xoxb-. To send it needs the scope chat:write; what another action lacks Slack names. The bot must be in the channel.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The token that begins with xoxb-.", Type: actions.Text, Required: true, Secret: true}, signingSecret()},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:   &actions.Request{Method: "GET", Path: "/auth.test"},
		Errors: errorTable(),
		Actions: []actions.Action{sendMessage(), sendDirectMessage(), sendEphemeral(), scheduleMessage(), updateMessage(), deleteMessage(),
			getMessage(), getPermalink(), listMessages(), listReplies(), addReaction(), removeReaction(), listReactions(),
			createChannel(), findChannel(), findOrCreateChannel(), getChannel(), listChannels(), listMembers(), inviteMembers(), joinChannel(), setTopic(), archiveChannel(), openConversation(),
			uploadFile(), downloadFile(), getUser(), findUser(), listUsers(), getTeam(),
			actions.APIRequest("Slack", "/bookmarks.add", map[string]any{"ok": true})},
		Triggers: []actions.Trigger{event(), newMessage(), newChannel(), newUser()},
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

// errorTable reads Slack's answers, which say no with status 200 and "ok": false.
func errorTable() actions.ErrorTable {
	is := func(word, class, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Pointer: "/error", Equals: word, Code: class, Message: "Slack refused: " + word + ".", Remedy: remedy}
	}
	signIn := func(r actions.ErrorRule) actions.ErrorRule {
		r.SignIn = true
		return r
	}
	return actions.ErrorTable{
		is("ratelimited", "rate_limited", ""),
		is("rate_limited", "rate_limited", ""),
		is("channel_not_found", "not_found", "Check the channel's name or id, and that the bot has been invited to it."),
		is("not_in_channel", "unauthorized", "Invite the bot to the channel: /invite @the-bot."),
		is("is_archived", "invalid_input", "The channel is archived; choose another."),
		is("user_not_found", "not_found", "Check the person's id."),
		is("users_not_found", "not_found", "Nobody in this workspace has that address, or the bot may not see it."),
		is("message_not_found", "not_found", "Check the channel's id and the message's ts."),
		is("thread_not_found", "not_found", "Check the channel's id and the ts of the thread's first message."),
		is("cant_update_message", "unauthorized", "The bot can change its own messages only."),
		is("cant_delete_message", "unauthorized", "The bot can delete its own messages only."),
		is("edit_window_closed", "invalid_input", "The workspace lets messages be changed for some time only."),
		is("user_not_in_channel", "invalid_input", "Who alone sees a message must be in the channel: invite the person first."),
		is("name_taken", "conflict", "A channel has that name, perhaps an archived one; choose another, or find it first."),
		is("invalid_name_specials", "invalid_input", "The input name: only lower-case letters, digits, - and _ are taken."),
		is("invalid_name_maxlength", "invalid_input", "The input name: at most 80 characters are taken."),
		is("invalid_name", "invalid_input", "The input emoji: give its name without colons, as thumbsup."),
		is("time_in_past", "invalid_input", "The input at: the time lies in the past."),
		is("time_too_far", "invalid_input", "The input at: at most 120 days ahead are taken."),
		is("cant_archive_general", "invalid_input", "The workspace's first channel cannot be archived."),
		is("cant_invite_self", "invalid_input", "The input users: the bot itself is one of them; leave it out, or join the channel."),
		is("method_not_supported_for_channel_type", "invalid_input", "The input channel: a direct message or a private channel cannot be used so."),
		is("msg_too_long", "too_large", "Shorten the text, as with truncate(text, 3000)."),
		is("no_text", "invalid_input", "Give text or blocks."),
		{Pointer: "/error", Equals: "invalid_blocks", Code: "invalid_input", Message: "Slack refused: invalid_blocks {/response_metadata/messages/0}", Remedy: "Check the blocks in Slack's Block Kit Builder."},
		signIn(is("invalid_auth", "unauthorized", "Put a new token into the connection.")),
		is("not_authed", "unauthorized", "Put a token into the connection."),
		signIn(is("account_inactive", "unauthorized", "The bot's account was switched off; install the app again.")),
		signIn(is("token_revoked", "unauthorized", "The token was revoked; put a new one into the connection.")),
		signIn(is("token_expired", "unauthorized", "The token has expired; put a new one into the connection.")),
		{Pointer: "/error", Equals: "missing_scope", Code: "unauthorized", Message: "Slack refused: missing_scope, the token lacks {/needed}", Remedy: "Give the app that scope and install it again."},
		is("service_unavailable", "unavailable", ""),
		is("internal_error", "unavailable", ""),
		is("fatal_error", "unavailable", ""),
		is("request_timeout", "unavailable", ""),
		{Status: 429, Code: "rate_limited", Message: "Slack asks to slow down."},
		{Status: 200, Pointer: "/error", Code: "invalid_input", Message: "Slack refused: {}."},
		{Pointer: "/ok", Equals: "false", Code: "invalid_input", Message: "Slack refused and does not say why."},
	}
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
	return actions.Page{Kind: actions.NextToken, Items: items, Sure: "/ok", ID: id, Next: "/response_metadata/next_cursor", At: actions.Spot{In: actions.InQuery, Name: "cursor"},
		Size: 200, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}
