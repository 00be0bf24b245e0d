package slack

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// changing is an action that makes something be so, and says whether it was so before: Slack's word for that is given.
func changing(id, name, description, guarantee, path, before string, input ...actions.Field) actions.Action {
	sample := map[string]any{"changed": true}
	a := actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: guarantee, Input: input, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: path, Body: actions.FormBody, Output: changed}}
	if before != "" {
		a.Errors = already(before)
	}
	return a
}

// kick puts a person out. Source: https://docs.slack.dev/reference/methods/conversations.kick
func kick() actions.Action {
	return changing("remove_from_channel", "Remove a person from a channel", "Puts a person out of a channel that the bot is in; changed is false where the person was not in it.",
		"Who is out stays out, so a repeat changes nothing.", "/conversations.kick", "not_in_channel", channelIDField(""), userField(""))
}

// leaveChannel lets the bot out. Slack says so in a member of a good answer where it was not in.
// Source: https://docs.slack.dev/reference/methods/conversations.leave
func leaveChannel() actions.Action {
	a := changing("leave_channel", "Leave a channel", "Lets the bot out of a channel; changed is false where it was not in it.",
		"A bot that is out stays out, so a repeat changes nothing.", "/conversations.leave", "", channelIDField(""))
	a.Request.Output = func(resp actions.Response) (any, error) {
		answer, err := said(resp)
		return map[string]any{"changed": answer["not_in_channel"] != true}, err
	}
	return a
}

// renameChannel changes the name. Source: https://docs.slack.dev/reference/methods/conversations.rename
func renameChannel() actions.Action {
	sample := channel()
	return actions.Action{
		ID: "rename_channel", Name: "Rename a channel", Description: "Gives a channel another name: who made it may, a person of the workspace's administrators, or the bot for those that it made. The output is the channel, without Slack's envelope.", Effect: actions.Idempotent,
		Guarantee: "The name is the same after a repeat.",
		Input: []actions.Field{channelIDField(""),
			{ID: "name", Label: "Name", Help: "Lower-case letters, digits, - and _, at most 80; a # before it is left out.", Type: actions.Text, Required: true, In: actions.InNone, Example: "project-apollo"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations.rename", Body: actions.FormBody, Output: inside("/channel"), Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"name": plainName(in["name"])}}, nil
		}},
	}
}

// setPurpose writes what a channel is for. Source: https://docs.slack.dev/reference/methods/conversations.setPurpose
func setPurpose() actions.Action {
	return changing("set_purpose", "Set a channel's description", "Writes what a channel is for, which Slack calls its description or purpose.", "The description is the same after a repeat.", "/conversations.setPurpose", "", channelIDField(""),
		actions.Field{ID: "purpose", Label: "Description", Help: "At most 250 characters, without formatting.", Type: actions.Text, Required: true, Example: "Questions of customers"})
}

// unarchiveChannel opens a channel again. Source: https://docs.slack.dev/reference/methods/conversations.unarchive
func unarchiveChannel() actions.Action {
	a := changing("unarchive_channel", "Bring a channel back", "Opens an archived channel again; changed is false where it was open. Slack lets people do that and no bots: it needs a connection whose token is a person's, which begins with xoxp- and has the scope channels:write.",
		"A channel that is open stays so, and a repeat changes nothing.", "/conversations.unarchive", "not_archived", channelIDField(""))
	a.Errors = append(a.Errors, refuses("not_in_channel", "unauthorized", "a bot cannot bring a channel back", "Use a connection with a person's token."))
	return a
}
