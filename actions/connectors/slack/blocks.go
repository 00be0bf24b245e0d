package slack

import (
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func blocksField() actions.Field {
	return actions.Field{ID: "blocks", Label: "Blocks", Help: "Block Kit blocks, a list, as Slack's Block Kit Builder gives it.", Type: actions.List}
}

// buttonsField is for those who want no blocks of their own.
func buttonsField() actions.Field {
	return actions.Field{ID: "buttons", Label: "Buttons", Help: "Shown below the text, or below the blocks. One without a link is told by the trigger Interaction when it is pressed.", Type: actions.List, In: actions.InNone, Fields: []actions.Field{
		{ID: "text", Label: "Text", Help: "What stands on it, at most 75 characters.", Type: actions.Text, Required: true, Example: "Approve"},
		{ID: "action_id", Label: "Id", Help: "By which the trigger knows it; made of the text where not given.", Type: actions.Text, Example: "approve"},
		{ID: "value", Label: "Value", Help: "What the trigger is given with it, as the number of an order.", Type: actions.Text, Example: "order-7"},
		{ID: "url", Label: "Link", Help: "What it opens.", Type: actions.Text, Example: "https://example.com/orders/7"},
		{ID: "style", Label: "Colour", Help: "How it looks.", Type: actions.Select, Options: []actions.Option{{Value: "primary", Label: "Green"}, {Value: "danger", Label: "Red"}}}}}
}

// maxSection is how long a text may be in a section, where it shows as it does alone. Source: https://docs.slack.dev/reference/block-kit/blocks/section-block
const maxSection = 3000

// composed writes buttons as blocks: below the blocks that are given, or below the text, which would not show beside blocks.
// Source: https://docs.slack.dev/reference/block-kit/blocks/actions-block
func composed(in map[string]any) (actions.Parts, error) {
	list, _ := in["buttons"].([]any)
	blocks, _ := in["blocks"].([]any)
	if len(list) == 0 {
		if len(blocks) == 0 && value.Text(in["text"]) == "" {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input text: it is empty, and there are no blocks; give one of them.")
		}
		return actions.Parts{}, nil
	}
	blocks = append([]any{}, blocks...)
	text := value.Text(in["text"])
	if len(blocks) == 0 && text != "" {
		if len([]rune(text)) > maxSection {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input text: beside buttons Slack takes at most 3,000 characters; shorten it, or give blocks.")
		}
		blocks = append(blocks, map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}})
	}
	elements, taken := []any{}, map[string]bool{}
	for i, item := range list {
		label := value.Text(value.At(item, "/text"))
		id := value.Text(value.At(item, "/action_id"))
		if id == "" {
			id = strings.Join(strings.Fields(strings.ToLower(label)), "_")
		}
		if taken[id] {
			id += "_" + strconv.Itoa(i+1)
		}
		taken[id] = true
		button := map[string]any{"type": "button", "text": map[string]any{"type": "plain_text", "text": label, "emoji": true}, "action_id": id}
		for _, name := range []string{"value", "url", "style"} {
			if v := value.At(item, "/"+name); v != nil && v != "" {
				button[name] = v
			}
		}
		elements = append(elements, button)
	}
	for len(elements) > 0 { // 25 stand in one block
		n := min(25, len(elements))
		blocks, elements = append(blocks, map[string]any{"type": "actions", "elements": elements[:n:n]}), elements[n:]
	}
	return actions.Parts{Body: map[string]any{"blocks": blocks}}, nil
}
