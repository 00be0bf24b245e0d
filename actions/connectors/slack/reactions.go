package slack

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func emojiField() actions.Field {
	return actions.Field{ID: "emoji", Label: "Emoji", Help: "Its name, with or without colons.", Type: actions.Text, Required: true, In: actions.InNone, Example: "white_check_mark"}
}

// emoji writes an emoji's name as Slack takes it, without colons.
func emoji(in map[string]any) (actions.Parts, error) {
	return actions.Parts{Body: map[string]any{"name": strings.Trim(strings.TrimSpace(value.Text(in["emoji"])), ":")}}, nil
}

// addReaction puts an emoji on a message. Source: https://docs.slack.dev/reference/methods/reactions.add
func addReaction() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "add_reaction", Name: "Add a reaction", Description: "Puts an emoji on a message; changed is false where the bot had put it there already.", Effect: actions.Idempotent,
		Guarantee: "A reaction that is there stays, so a repeat changes nothing.",
		Input:     []actions.Field{channelIDField(""), tsField("timestamp"), emojiField()},
		Output:    value.ShapeOf(sample), Sample: sample, Errors: already("already_reacted"),
		Request: &actions.Request{Method: "POST", Path: "/reactions.add", Body: actions.JSONBody, Output: changed, Prepare: emoji},
	}
}

// removeReaction takes it off again. Source: https://docs.slack.dev/reference/methods/reactions.remove
func removeReaction() actions.Action {
	sample := map[string]any{"changed": true}
	return actions.Action{
		ID: "remove_reaction", Name: "Remove a reaction", Description: "Takes an emoji of the bot's off a message; changed is false where it was not there.", Effect: actions.Idempotent,
		Guarantee: "A reaction that is gone counts as removed, so a repeat changes nothing.",
		Input:     []actions.Field{channelIDField(""), tsField("timestamp"), emojiField()},
		Output:    value.ShapeOf(sample), Sample: sample, Errors: already("no_reaction"),
		Request: &actions.Request{Method: "POST", Path: "/reactions.remove", Body: actions.JSONBody, Output: changed, Prepare: emoji},
	}
}

// listReactions says who put which emoji on a message. Source: https://docs.slack.dev/reference/methods/reactions.get
func listReactions() actions.Action {
	sample := []any{map[string]any{"name": "white_check_mark", "users": []any{"U0123456789"}, "count": 1}}
	return actions.Action{
		ID: "list_reactions", Name: "List a message's reactions", Description: "Says which emojis stand on a message, and whose they are: a list, empty where there are none.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(channelIDField(""), actions.InQuery), in(tsField("timestamp"), actions.InQuery)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/reactions.get", Query: map[string]string{"full": "true"}, Output: func(resp actions.Response) (any, error) {
			answer, err := said(resp)
			if err != nil {
				return nil, err
			}
			if list, ok := value.At(answer, "/message/reactions").([]any); ok {
				return list, nil
			}
			return []any{}, nil
		}},
	}
}
