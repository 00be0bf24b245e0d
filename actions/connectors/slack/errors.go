package slack

import "github.com/stepmill/stepmill/actions"

// refuses is a rule for one of Slack's error codes: what it says, and what mends it.
func refuses(word, class, means, remedy string) actions.ErrorRule {
	return actions.ErrorRule{Pointer: "/error", Equals: word, Code: class, Message: "Slack refused: " + means + " (" + word + ").", Remedy: remedy}
}

// errorTable reads Slack's answers, which say no with status 200 and "ok": false.
// Source: the Errors of each page of https://docs.slack.dev/reference/methods
func errorTable() actions.ErrorTable {
	return append(append(append(access(), wrong()...), busy()...),
		actions.ErrorRule{Pointer: "/response_metadata/messages/0", Code: "invalid_input", Message: "Slack refused: {/error}: {/response_metadata/messages/*}", Remedy: byMethod},
		actions.ErrorRule{Status: 200, Pointer: "/error", Code: "invalid_input", Message: "Slack refused: {}.", Remedy: byMethod},
		actions.ErrorRule{Pointer: "/ok", Equals: "false", Code: "invalid_input", Message: "Slack refused and does not say why."})
}

// byMethod is what helps with a code that has no words here.
const byMethod = "What {/error} means is said under Errors on the page of the method, at docs.slack.dev/reference/methods."

// access are the codes about who asks, and what that one may do.
func access() actions.ErrorTable {
	signIn := func(r actions.ErrorRule) actions.ErrorRule {
		r.SignIn = true
		return r
	}
	return actions.ErrorTable{
		signIn(refuses("invalid_auth", "unauthorized", "it does not take the token", "Put a new token into the connection.")),
		refuses("not_authed", "unauthorized", "there is no token", "Put a token into the connection."),
		signIn(refuses("account_inactive", "unauthorized", "the token's account was switched off, or the app was removed", "Install the app again.")),
		signIn(refuses("token_revoked", "unauthorized", "the token was revoked", "Put a new one into the connection.")),
		signIn(refuses("token_expired", "unauthorized", "the token has expired", "Put a new one into the connection, or sign in again.")),
		{Pointer: "/error", Equals: "missing_scope", Code: "unauthorized", Message: "Slack refused: the token lacks the scope {/needed} and has {/provided} (missing_scope).",
			Remedy: "At api.slack.com/apps add {/needed} to the app under OAuth & Permissions, install the app again, and put the new token into the connection or sign in again."},
		refuses("not_allowed_token_type", "unauthorized", "a token of this kind may not do it", "Some actions need a bot's token (xoxb-), others a person's (xoxp-): the action's description says which. Use a connection that has one."),
		refuses("no_permission", "unauthorized", "the token may not do it", "See that the bot is in the channel, and that the app has the scopes which the action's page names."),
		refuses("access_denied", "unauthorized", "the token may not see it", "See that the bot is in the channel, and that the workspace lets the app do this."),
		refuses("team_access_not_granted", "unauthorized", "the app was not let into this workspace", "In an Enterprise organization an administrator adds the app to the workspace."),
		refuses("org_login_required", "unauthorized", "the workspace is being moved into an Enterprise organization", "Wait until that is done, and install the app again."),
		refuses("ekm_access_denied", "unauthorized", "the administrators have shut access by their own keys (Enterprise Key Management)", "Ask an administrator of the workspace."),
		refuses("enterprise_is_restricted", "unauthorized", "this method cannot be used with the token of an Enterprise organization", "Install the app into the workspace itself, and use that token."),
		refuses("restricted_action", "unauthorized", "a setting of the workspace keeps the bot from it", "Ask an administrator of the workspace who may post in the channel or do this."),
		refuses("restricted_action_read_only_channel", "unauthorized", "the channel is read-only for the bot", "Let the bot post there in the channel's settings, or choose another channel."),
		refuses("restricted_action_thread_only_channel", "unauthorized", "the channel takes answers in threads only", "Give the thread to answer in."),
		refuses("not_in_channel", "unauthorized", "the bot is not in the channel", "Invite the bot to the channel: /invite @the-bot. Into a public channel Join a channel lets it in."),
		refuses("cant_update_message", "unauthorized", "the message is another's", "The bot can change its own messages only."),
		refuses("cant_delete_message", "unauthorized", "the message is another's", "The bot can delete its own messages only."),
		refuses("cant_delete_file", "unauthorized", "the file is another's", "The bot can delete its own files only."),
		refuses("user_is_restricted", "unauthorized", "the person is a guest and may not do this", "Choose another person."),
		refuses("not_authorized", "unauthorized", "the token may not change this", "A channel is renamed by who made it, or by an administrator."),
		refuses("permission_denied", "unauthorized", "the token may not do this", "Ask an administrator of the workspace who may; user groups are often kept for some people."),
		refuses("not_enabled", "unauthorized", "the app has no Home tab", "At api.slack.com/apps switch it on under App Home."),
		refuses("plan_upgrade_required", "unauthorized", "the workspace's plan does not have this", "User groups come with a paid plan."),
	}
}

// wrong are the codes about what was asked for.
func wrong() actions.ErrorTable {
	return actions.ErrorTable{
		refuses("channel_not_found", "not_found", "it knows no such channel, or the bot may not see it", "Check the channel, and invite the bot to a private one. By a name Slack takes it where messages are sent only; otherwise it needs the id."),
		refuses("user_not_found", "not_found", "it knows no such person", "Check the person's id, which begins with U or W."),
		refuses("users_not_found", "not_found", "nobody in this workspace has that address", "Check the address; a bot does not see people of other workspaces."),
		refuses("message_not_found", "not_found", "the channel has no such message", "Check the channel's id and the message's ts."),
		refuses("thread_not_found", "not_found", "the channel has no such thread", "Check the channel's id and the ts of the thread's first message."),
		refuses("file_not_found", "not_found", "it knows no such file, or the bot may not see it", "Check its id, and that the bot is in a channel where the file was posted."),
		refuses("file_deleted", "not_found", "the file was deleted", ""),
		refuses("no_such_subteam", "not_found", "it knows no such user group", "Check the id, which begins with S."),
		refuses("subteam_not_found", "not_found", "it knows no such user group", "Check the id, which begins with S."),
		refuses("team_not_found", "not_found", "it knows no such workspace", "Check its id, which begins with T."),
		refuses("not_found", "not_found", "what was named is not there", "Check its id; a modal that was closed is opened again by a new trigger_id."),
		refuses("is_archived", "invalid_input", "the channel is archived", "Choose another, or bring it back first."),
		refuses("not_archived", "invalid_input", "the channel is not archived", ""),
		refuses("user_not_in_channel", "invalid_input", "the person is not in the channel", "Who alone sees a message must be in the channel: invite the person first."),
		refuses("already_in_channel", "conflict", "the person is in the channel already", ""),
		refuses("already_reacted", "conflict", "the bot put that emoji there already", ""),
		refuses("too_many_reactions", "invalid_input", "the message has as many emojis as Slack takes", ""),
		refuses("name_taken", "conflict", "a channel has that name, perhaps an archived one", "Choose another. “Find or create a channel” gives the one that is there, where the bot sees it."),
		refuses("invalid_name_specials", "invalid_input", "the input name holds what no channel's name may", "Only lower-case letters, digits, - and _ are taken."),
		refuses("invalid_name_maxlength", "invalid_input", "the input name is too long", "At most 80 characters are taken."),
		refuses("invalid_name_required", "invalid_input", "the input name is empty", "Give a name."),
		refuses("invalid_name_punctuation", "invalid_input", "the input name holds punctuation only", "Put letters or digits in."),
		refuses("invalid_name", "invalid_input", "it knows no emoji or name like this", "The input emoji: give its name without colons, as thumbsup."),
		refuses("time_in_past", "invalid_input", "the time lies in the past", "The input at: give a time to come."),
		refuses("time_too_far", "invalid_input", "the time lies too far ahead", "The input at: at most 120 days ahead are taken."),
		refuses("invalid_scheduled_message_id", "not_found", "it holds no such scheduled message, or it was posted already", "Messages that are due within a minute cannot be stopped any more."),
		refuses("cannot_parse", "invalid_input", "it cannot read the time", "Write it as in 20 minutes, or as a time."),
		refuses("edit_window_closed", "invalid_input", "the message is too old to be changed", "The workspace lets messages be changed for some time only."),
		refuses("cant_archive_general", "invalid_input", "the workspace's first channel cannot be archived", ""),
		refuses("cant_leave_general", "invalid_input", "nobody can leave the workspace's first channel", ""),
		refuses("cant_kick_from_general", "invalid_input", "nobody can be removed from the workspace's first channel", ""),
		refuses("cant_invite_self", "invalid_input", "the bot itself is one of the people", "The input users: leave the bot out, or use Join a channel."),
		refuses("cant_kick_self", "invalid_input", "the bot itself is the person", "Use Leave a channel."),
		refuses("method_not_supported_for_channel_type", "invalid_input", "a channel of this kind cannot be used so", "The input channel: direct messages, and for some actions private channels, do not take this."),
		refuses("msg_too_long", "too_large", "the text is too long", "Shorten it, as with truncate(text, 3000)."),
		refuses("msg_blocks_too_long", "too_large", "the blocks hold too much", "Shorten their texts, or send two messages."),
		refuses("too_many_attachments", "too_large", "there are more attachments than Slack takes", "At most 100 are taken."),
		refuses("no_text", "invalid_input", "there is nothing to say", "Give text or blocks."),
		refuses("as_user_not_supported", "invalid_input", "a bot cannot post as a person", ""),
		refuses("invalid_trigger_id", "invalid_input", "the trigger_id is none of an interaction with this app", "Take trigger_id of the trigger Interaction or Slash command."),
		refuses("expired_trigger_id", "invalid_input", "the trigger_id is older than 3 seconds", "Open the view as the run's first step."),
		refuses("exchanged_trigger_id", "invalid_input", "the trigger_id was used already", "Each opens one view; change that one with Change a modal."),
		refuses("hash_conflict", "conflict", "the view was changed meanwhile", "Take the hash of the latest interaction."),
		refuses("too_many_pins", "invalid_input", "the channel has as many pins as Slack takes", "Remove one first."),
		refuses("last_member", "invalid_input", "nobody else is in the channel", "Invite somebody first, or archive the channel."),
		refuses("too_long", "too_large", "the text is too long", "A topic and a description take 250 characters, a status 100."),
		refuses("view_too_large", "too_large", "the view holds more than 250 KB", "Shorten it."),
		refuses("invalid_users", "invalid_input", "it does not know all of the people", "Check their ids, which begin with U or W."),
		refuses("no_users_provided", "invalid_input", "there are no people", "The input users: a group needs one at least."),
		refuses("failed_for_some_users", "invalid_input", "some of the people are not in the workspace", "Leave them out."),
		refuses("invalid_link", "invalid_input", "the link is none", "The input link: begin it with https://."),
		refuses("too_many_bookmarks", "invalid_input", "the channel has as many bookmarks as Slack takes", "Remove one first."),
		refuses("not_pinnable", "invalid_input", "a message of this kind cannot be pinned", ""),
		{Pointer: "/error", Equals: "invalid_blocks", Code: "invalid_input", Message: "Slack refused: it does not take the blocks (invalid_blocks): {/response_metadata/messages/*}", Remedy: "Check the blocks in Slack's Block Kit Builder; json-pointer says which one is meant."},
		{Pointer: "/error", Equals: "invalid_arguments", Code: "invalid_input", Message: "Slack refused: an input is wrong (invalid_arguments): {/response_metadata/messages/*}", Remedy: "Compare it with Slack's page of the method, at docs.slack.dev/reference/methods."},
	}
}

// busy are the codes that pass by themselves.
func busy() actions.ErrorTable {
	return actions.ErrorTable{
		refuses("ratelimited", "rate_limited", "it asks to slow down", ""),
		refuses("rate_limited", "rate_limited", "it asks to slow down", ""),
		refuses("message_limit_exceeded", "rate_limited", "the workspace has posted as many messages as it may", ""),
		{Pointer: "/error", Equals: "service_unavailable", Code: "unavailable", Message: "Slack is not available (service_unavailable)."},
		{Pointer: "/error", Equals: "internal_error", Code: "unavailable", Message: "Slack failed (internal_error)."},
		{Pointer: "/error", Equals: "fatal_error", Code: "unavailable", Message: "Slack failed (fatal_error)."},
		{Pointer: "/error", Equals: "request_timeout", Code: "unavailable", Message: "Slack did not get the request whole (request_timeout)."},
		{Pointer: "/error", Equals: "team_added_to_org", Code: "unavailable", Message: "Slack is moving the workspace into an Enterprise organization (team_added_to_org)."},
		{Status: 429, Code: "rate_limited", Message: "Slack asks to slow down."},
	}
}
