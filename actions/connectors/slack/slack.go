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
		Description: "Messages to channels and people.",
		DocsURL:     "https://docs.slack.dev/reference/methods/chat.postMessage",
		BaseURL:     "https://slack.com/api",
		Auth: []actions.Auth{{Method: "token", Name: "Bot token",
			Help:   "In your Slack app under OAuth & Permissions: the Bot User OAuth Token, which begins with xoxb-. It needs the scope chat:write, and the bot must be in the channel.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The token that begins with xoxb-.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:    &actions.Request{Method: "GET", Path: "/auth.test"},
		Errors:  errorTable(),
		Actions: []actions.Action{sendMessage()},
	}
}

// oauth is the sign-in by an app, which gives a bot's token. It expires where the app rotates tokens only.
// Source: https://docs.slack.dev/authentication/installing-with-oauth
func oauth() actions.Auth {
	return actions.OAuthApp("At api.slack.com/apps, your app: Basic Information has the client ID and secret; under OAuth & Permissions add this server's address with /oauth/callback as a redirect URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://slack.com/oauth/v2/authorize", Token: "https://slack.com/api/oauth.v2.access",
		Scopes: []string{"chat:write", "channels:read", "channels:manage", "users:read.email", "files:write", "reactions:write"}, Separator: ",", Client: actions.ClientInBasic, Rotates: true,
		Dead: []string{"invalid_refresh_token", "token_revoked", "token_expired", "account_inactive", "invalid_auth"}, Account: "/team/name",
	})
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

func sendMessage() actions.Action {
	sample := map[string]any{"ok": true, "channel": "C0123456789", "ts": "1764000000.000100",
		"message": map[string]any{"type": "message", "text": "Hello", "user": "U0123456789", "bot_id": "B0123456789", "ts": "1764000000.000100"}}
	return actions.Action{
		ID: "send_message", Name: "Send a message", Description: "Posts a message to a channel or a person.", Effect: actions.Once,
		Guarantee: "Slack has no key that would make a repeat harmless: a message whose answer was lost in a crash is not sent again by itself, you are asked.",
		Input: []actions.Field{
			{ID: "channel", Label: "Channel", Help: "A name as #support, or an id.", Type: actions.Text, Required: true, Example: "#support", Choices: channels()},
			{ID: "text", Label: "Text", Help: "The message in Slack's mrkdwn; with blocks, what notifications show.", Type: actions.LongText, MaxLen: 40_000},
			{ID: "blocks", Label: "Blocks", Help: "Block Kit blocks, a list.", Type: actions.List},
			{ID: "thread_ts", Label: "Thread", Help: "The ts of the message to answer in its thread.", Type: actions.Text},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/chat.postMessage", Body: actions.JSONBody, Output: posted},
	}
}

// posted takes Slack's word for it only: a page that something in between answered with says nothing about the message.
func posted(resp actions.Response) (any, error) {
	if answer, ok := resp.Value.(map[string]any); ok && answer["ok"] == true {
		return answer, nil
	}
	return nil, fault.New(fault.Uncertain, "The answer did not come from Slack: it lacks \"ok\". Whether the message was posted is not known; look into the channel, and at what stands between here and Slack.")
}

// channels are those that the bot can see. Source: https://docs.slack.dev/reference/methods/conversations.list
func channels() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/conversations.list", Query: map[string]string{"exclude_archived": "true", "types": "public_channel,private_channel"}},
		Page:  actions.Page{Kind: actions.NextToken, Items: "/channels", Next: "/response_metadata/next_cursor", At: actions.Spot{In: actions.InQuery, Name: "cursor"}, Size: 200, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}},
		Value: "/id", Label: "#{/name}"}
}
