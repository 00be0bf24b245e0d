package slack

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func responseURLField() actions.Field {
	return actions.Field{ID: "response_url", Label: "Address", Help: "response_url of the trigger Interaction or Slash command. It serves five times within 30 minutes.", Type: actions.Text, Required: true, In: actions.InNone, Example: "https://hooks.slack.com/actions/T0123456789/1232321423432/D09sSasdasdAS9091209"}
}

// respond answers an interaction or a command at the address that came with it, which lies at Slack.
// Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func respond() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "respond", Name: "Answer an interaction or a command", Description: "Answers at response_url of a pressed button, a shortcut or a slash command: with a message that only that person or everybody in the channel sees, or by replacing the message with the button. The bot need not be in the channel.", Effect: actions.Once,
		Guarantee: noKey,
		Input: []actions.Field{responseURLField(), in(textField(), actions.InNone), in(blocksField(), actions.InNone), buttonsField(),
			{ID: "who", Label: "Who sees it", Help: "Of a new message.", Type: actions.Select, Name: "response_type", Default: "ephemeral", In: actions.InNone, Options: []actions.Option{{Value: "ephemeral", Label: "That person only"}, {Value: "in_channel", Label: "Everybody in the channel"}}},
			{ID: "replace", Label: "Replaces the message", Help: "Whether the message with the button shows this from then on.", Type: actions.Boolean, Default: false, In: actions.InNone},
			{ID: "delete", Label: "Deletes the message", Help: "Whether the message with the button goes, without an answer.", Type: actions.Boolean, Default: false, In: actions.InNone},
			in(threadField(), actions.InNone)},
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			if with["delete"] != true && !written("text") && !written("blocks") && !written("buttons") && with["text"] == nil && with["blocks"] == nil && with["buttons"] == nil {
				return []actions.InputIssue{{Path: "/text", Message: "Give a text or blocks, or delete the message."}}
			}
			return nil
		},
		Errors: actions.ErrorTable{
			{Status: 404, Code: "invalid_input", Message: "Slack refused: the response_url was used five times, or is older than 30 minutes.", Remedy: "Answer sooner, or send a message to the channel."},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			at := value.Text(in.Values["response_url"])
			body, err := answering(in.Values)
			if err != nil {
				return nil, err
			}
			b, err := value.Encode(body)
			if err != nil {
				return nil, err
			}
			_, err = do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: at, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: bytes.NewReader(b)})
			return sample, err
		},
	}
}

// answering writes an answer as response_url takes it.
func answering(in map[string]any) (map[string]any, error) {
	if in["delete"] == true {
		return map[string]any{"delete_original": true}, nil
	}
	parts, err := composed(in)
	if err != nil {
		return nil, err
	}
	body := map[string]any{"replace_original": in["replace"] == true}
	if in["replace"] != true {
		body["response_type"] = in["who"]
	}
	for _, name := range []string{"text", "blocks", "thread_ts"} {
		if in[name] != nil {
			body[name] = in[name]
		}
	}
	if parts.Body["blocks"] != nil {
		body["blocks"] = parts.Body["blocks"]
	}
	return body, nil
}

func view() map[string]any {
	return map[string]any{"id": "V0123456789", "team_id": "T0123456789", "type": "modal", "callback_id": "feedback", "private_metadata": "", "hash": "1764000000.MkKqDaFQ",
		"title": map[string]any{"type": "plain_text", "text": "Feedback"}, "state": map[string]any{"values": map[string]any{}}}
}

func viewField() actions.Field {
	return actions.Field{ID: "view", Label: "View", Help: "As Slack's Block Kit Builder gives it for a modal: type, title, blocks, submit, callback_id.", Type: actions.Object, Required: true,
		Example: map[string]any{"type": "modal", "callback_id": "feedback", "title": map[string]any{"type": "plain_text", "text": "Feedback"}, "submit": map[string]any{"type": "plain_text", "text": "Send"}, "blocks": []any{map[string]any{
			"type": "input", "block_id": "how", "label": map[string]any{"type": "plain_text", "text": "How was it?"}, "element": map[string]any{"type": "plain_text_input", "action_id": "text"}}}}}
}

// openView shows a modal. Source: https://docs.slack.dev/reference/methods/views.open
func openView() actions.Action {
	sample := view()
	return actions.Action{
		ID: "open_view", Name: "Open a modal", Description: "Shows a form to the person who pressed a button, used a shortcut or wrote a command. Slack takes the trigger_id for 3 seconds only, so make it the first step. What is filled in comes by the trigger Interaction as view_submission. The output is the view, without Slack's envelope.", Effect: actions.Once,
		Guarantee: "A trigger_id opens one view, so none is opened twice; whether one whose answer was lost was opened you are asked.",
		Input: []actions.Field{{ID: "trigger_id", Label: "Trigger id", Help: "trigger_id of the trigger Interaction or Slash command.", Type: actions.Text, Required: true, Example: "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3"},
			viewField()},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/views.open", Body: actions.JSONBody, Output: func(resp actions.Response) (any, error) {
			answer, err := posted(resp)
			return value.At(answer, "/view"), err
		}},
	}
}

// updateView changes a modal that is open. Source: https://docs.slack.dev/reference/methods/views.update
func updateView() actions.Action {
	sample := view()
	return actions.Action{
		ID: "update_view", Name: "Change a modal", Description: "Shows something else in a modal that is open. The output is the view, without Slack's envelope.", Effect: actions.Idempotent, Guarantee: "The view shows the same after a repeat.",
		Input: []actions.Field{{ID: "id", Label: "Modal", Help: "The view's id, as opening it or the trigger's view.id gives it.", Type: actions.Text, Required: true, Name: "view_id", Example: "V0123456789"},
			viewField(),
			{ID: "hash", Label: "Hash", Help: "view.hash of the trigger: the change is refused where the view was changed since.", Type: actions.Text, Example: "1764000000.MkKqDaFQ"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/views.update", Body: actions.JSONBody, Output: inside("/view")},
	}
}

// publishHome writes a person's Home tab of the app. Source: https://docs.slack.dev/reference/methods/views.publish
func publishHome() actions.Action {
	sample := view()
	sample["type"] = "home"
	delete(sample, "title")
	f := viewField()
	f.Help, f.Example = "As Slack's Block Kit Builder gives it for App Home: type home, and blocks.", map[string]any{"type": "home", "blocks": []any{map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "Welcome"}}}}
	return actions.Action{
		ID: "publish_home", Name: "Publish a person's Home tab", Description: "Writes what a person sees in the Home tab of the app, which must be switched on under App Home. The output is the view, without Slack's envelope.", Effect: actions.Idempotent, Guarantee: "The tab shows the same after a repeat.",
		Input: []actions.Field{userField("user_id"), f}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/views.publish", Body: actions.JSONBody, Output: inside("/view")},
	}
}

// interaction is the trigger for what people press and fill in, whose address a person enters at the app. Its form holds JSON.
// Source: https://docs.slack.dev/reference/interaction-payloads
func interaction() actions.Trigger {
	sample := map[string]any{"type": "block_actions", "team": map[string]any{"id": "T9TK3CUKW", "domain": "example"}, "user": map[string]any{"id": "UA8RXUSPL", "username": "jtorrance", "team_id": "T9TK3CUKW"}, "api_app_id": "AABA1ABCD",
		"container": map[string]any{"type": "message", "message_ts": "1548261231.000200", "channel_id": "CBR2V3XEX"}, "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
		"channel": map[string]any{"id": "CBR2V3XEX", "name": "review-updates"}, "message": map[string]any{"type": "message", "ts": "1548261231.000200", "text": "Please look"}, "response_url": "https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209",
		"actions": []any{map[string]any{"action_id": "approve", "block_id": "=qXel", "text": map[string]any{"type": "plain_text", "text": "Approve", "emoji": true}, "value": "order-7", "type": "button", "action_ts": "1548426417.840180"}}}
	return actions.Trigger{
		ID: "interaction", Name: "Interaction", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Somebody pressed a button or chose in a message of the app's, sent in a modal, or used a shortcut. Put the trigger's address into your app at api.slack.com/apps under Interactivity & Shortcuts as the request URL: an app has one. Slack is answered at once, by an empty 200 that closes a modal; answer people by Answer an interaction. What a modal holds stands in view.state.values.",
		Input: []actions.Field{
			{ID: "topics", Label: "Kinds", Help: "block_actions: a button or a choice; view_submission: a modal was sent in; view_closed; shortcut; message_action: a shortcut on a message. All where none is given.", Type: actions.Texts, Example: []any{"block_actions"}},
			{ID: "name", Label: "Only", Help: "The action_id of a button or a choice, or the callback_id of a modal or a shortcut; any where not given.", Type: actions.Text, Example: "approve"}},
		Topic: "type", Topics: []string{"block_actions", "view_submission", "view_closed", "shortcut", "message_action"},
		Within: "payload", Identity: []string{""}, Verify: actions.Verification{Preset: "slack", Secret: "signing_secret"},
		Wants: func(with map[string]any, event any) string {
			name := value.Text(with["name"])
			if name == "" || value.Text(value.At(event, "/callback_id")) == name || value.Text(value.At(event, "/view/callback_id")) == name {
				return ""
			}
			list, _ := value.At(event, "/actions").([]any)
			for _, action := range list {
				if value.Text(value.At(action, "/action_id")) == name {
					return ""
				}
			}
			return "it has another action_id and callback_id than is asked for"
		},
	}
}

// slashCommand is the trigger for commands, each of which has an address of its own at the app.
// Source: https://docs.slack.dev/interactivity/implementing-slash-commands
func slashCommand() actions.Trigger {
	sample := map[string]any{"command": "/weather", "text": "94070", "user_id": "U2147483697", "user_name": "Steve", "channel_id": "C2147483705", "channel_name": "test", "team_id": "T0001", "team_domain": "example", "api_app_id": "A123456",
		"response_url": "https://hooks.slack.com/commands/1234/5678", "trigger_id": "13345224609.738474920.8088930838d88f008e0"}
	return actions.Trigger{
		ID: "slash_command", Name: "Slash command", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Somebody wrote a command of the app's, as /order 7. In your app at api.slack.com/apps under Slash Commands make the command, with the trigger's address as the request URL. Slack is answered at once and nothing is shown; answer by Answer an interaction, or within 3 seconds by a step that answers the request.",
		Input:       []actions.Field{{ID: "command", Label: "Command", Help: "Only this one, where several have the same address; all where not given.", Type: actions.Text, Example: "/order"}},
		DeliveryID:  "trigger_id", Verify: actions.Verification{Preset: "slack", Secret: "signing_secret"},
		Wants: func(with map[string]any, event any) string {
			command := strings.TrimPrefix(strings.TrimSpace(value.Text(with["command"])), "/")
			switch {
			case value.At(event, "/command") == nil:
				return "it is no command: Slack looks whether the address is there"
			case command != "" && !strings.EqualFold(strings.TrimPrefix(value.Text(value.At(event, "/command")), "/"), command):
				return "it is another command"
			}
			return ""
		},
	}
}
