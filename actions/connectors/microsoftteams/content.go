package microsoftteams

import (
	"html"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// contentFields are what a message says.
func contentFields() []actions.Field {
	return []actions.Field{
		{ID: "text", Label: "Text", Help: "What the message says.", Type: actions.LongText, In: actions.InNone, Example: "Hello Ada"},
		{ID: "format", Label: "Format", Help: "What the text is written in. As plain text everything is shown as it stands, line breaks and < too; as HTML, < and & of a value may hide a part of the text.", Type: actions.Select, Default: "text", In: actions.InNone, Options: []actions.Option{{Value: "text", Label: "Plain text"}, {Value: "html", Label: "HTML"}}},
		{ID: "importance", Label: "Importance", Help: "How Teams shows it.", Type: actions.Select, Options: []actions.Option{{Value: "normal", Label: "Normal"}, {Value: "high", Label: "Important"}, {Value: "urgent", Label: "Urgent"}}},
		{ID: "mentions", Label: "Mentions", Help: "People who are told. Where the text holds @ and the name the mention stands there, otherwise before it.", Type: actions.List, In: actions.InNone, Fields: []actions.Field{
			{ID: "user", Label: "Person", Help: "The person's id in the directory.", Type: actions.Text, Required: true, Example: "8b081ef6-4792-4def-b2c9-c363a1bf41d5"},
			{ID: "name", Label: "Name", Help: "As it is shown.", Type: actions.Text, Required: true, Example: "Ada Lovelace"}}},
		{ID: "card", Label: "Card", Help: "An Adaptive Card, as its designer gives it.", Type: actions.Object, In: actions.InNone},
	}
}

// content writes a message as Graph takes it: a card and mentions need HTML that names them.
// Source: https://learn.microsoft.com/en-us/graph/api/chatmessage-post
func content(in map[string]any) (actions.Parts, error) {
	text, format := value.Text(in["text"]), value.Text(in["format"])
	mentions, _ := in["mentions"].([]any)
	card, _ := in["card"].(map[string]any)
	if text == "" && card == nil && len(mentions) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input text: give a text or a card.")
	}
	if format == "text" && (card != nil || len(mentions) > 0) {
		text, format = strings.ReplaceAll(html.EscapeString(text), "\n", "<br>"), "html"
	}
	body := map[string]any{}
	if len(mentions) > 0 {
		list := []any{}
		for i, mention := range mentions {
			name := value.Text(value.At(mention, "/name"))
			at := `<at id="` + strconv.Itoa(i) + `">` + html.EscapeString(name) + `</at>`
			if spot := "@" + html.EscapeString(name); strings.Contains(text, spot) {
				text = strings.Replace(text, spot, at, 1)
			} else {
				text = at + " " + text
			}
			list = append(list, map[string]any{"id": int64(i), "mentionText": name, "mentioned": map[string]any{"user": map[string]any{"id": value.At(mention, "/user"), "displayName": name, "userIdentityType": "aadUser"}}})
		}
		body["mentions"] = list
	}
	if card != nil {
		b, err := value.Encode(card)
		if err != nil {
			return actions.Parts{}, err
		}
		text += `<attachment id="card"></attachment>`
		body["attachments"] = []any{map[string]any{"id": "card", "contentType": "application/vnd.microsoft.card.adaptive", "content": string(b)}}
	}
	body["body"] = map[string]any{"contentType": format, "content": text}
	return actions.Parts{Body: body}, nil
}

// member is a person as Graph takes one into a chat or a team. A quotation mark in the id is written twice, as OData has it.
func member(user any, owner bool) map[string]any {
	roles := []any{}
	if owner {
		roles = append(roles, "owner")
	}
	return map[string]any{"@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": roles, "user@odata.bind": "https://graph.microsoft.com/v1.0/users(" + quoted(value.Text(user)) + ")"}
}

// quoted is a text as OData has it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
