package notion

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func blockSample() map[string]any {
	return map[string]any{"object": "block", "id": "9bc30ad4-9373-46a5-84ab-0a7845ee52e6", "parent": map[string]any{"type": "page_id", "page_id": "60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7"},
		"created_time": "2026-01-31T09:30:00.000Z", "last_edited_time": "2026-01-31T09:30:00.000Z", "has_children": false, "archived": false, "in_trash": false, "type": "paragraph",
		"paragraph": map[string]any{"rich_text": []any{map[string]any{"type": "text", "text": map[string]any{"content": "Ada wants the export.", "link": nil}, "plain_text": "Ada wants the export.", "href": nil}}, "color": "default"}}
}

// blocks are the actions of what stands on a page. Source: https://developers.notion.com/reference/block
func blocks() []actions.Action {
	sample := blockSample()
	shape, list := actions.ListOf(sample)
	added := map[string]any{"object": "list", "results": []any{sample}, "next_cursor": nil, "has_more": false}
	one := actions.Field{ID: "block", Label: "Block", Help: "Its id, or its address: Copy link to block gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "9bc30ad4-9373-46a5-84ab-0a7845ee52e6", Link: blockLink}
	return []actions.Action{
		{ID: "append_content", Name: "Append to a page", Description: "Adds content at the end of a page, or within a block. More than 100 blocks go in several requests.", Effect: actions.Once,
			Guarantee: "Notion has no key that would make a repeat harmless: content whose answer was lost in a crash is not added again by itself, you are asked.",
			Input:     append([]actions.Field{in(blockOrPage("Its id or address, or that of a block that holds others.", actions.InPath), actions.InNone)}, contentFields()...),
			Output:    value.ShapeOf(added), Sample: added,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return appended(ctx, in.Values, do, added)
			}},
		{ID: "list_content", Name: "List a page's content", Description: "Lists the blocks of a page, or those within a block.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{blockOrPage("Its id or address, or that of a block.", actions.InPath), actions.LimitField()},
			Output: shape, Sample: list, Request: &actions.Request{Method: "GET", Path: "/v1/blocks/{page}/children"}, Page: parts(actions.InQuery)},
		{ID: "get_block", Name: "Get a block", Description: "Gives one block.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{one}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: "/v1/blocks/{block}"}},
		{ID: "update_block", Name: "Change a block's text", Description: "Puts another text into a block, which stays of its kind.", Effect: actions.Idempotent, Guarantee: "It sets the text, so a repeat sets the same again.",
			Input: []actions.Field{one, {ID: "type", Label: "Type", Help: "What the block is; Notion does not change it.", Type: actions.Select, Default: "paragraph", In: actions.InNone, Options: []actions.Option{
				{Value: "paragraph", Label: "Paragraph"}, {Value: "heading_1", Label: "Heading 1"}, {Value: "heading_2", Label: "Heading 2"}, {Value: "heading_3", Label: "Heading 3"}, {Value: "bulleted_list_item", Label: "Bulleted item"},
				{Value: "numbered_list_item", Label: "Numbered item"}, {Value: "to_do", Label: "To-do"}, {Value: "toggle", Label: "Toggle"}, {Value: "quote", Label: "Quote"}, {Value: "callout", Label: "Callout"}}},
				{ID: "text", Label: "Text", Help: "The new text.", Type: actions.LongText, Required: true, In: actions.InNone},
				{ID: "checked", Label: "Done", Help: "Of a to-do: whether it is done.", Type: actions.Boolean, In: actions.InNone},
				{ID: "trash", Label: "In the trash", Help: "false takes the block out of the trash first.", Type: actions.Boolean, Name: "archived"}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PATCH", Path: "/v1/blocks/{block}", Body: actions.JSONBody, Prepare: changed}},
		{ID: "delete_block", Name: "Delete a block", Description: "Moves a block to the trash.", Effect: actions.Idempotent, Guarantee: "A block that is in the trash stays there, so a repeat takes nothing more away.",
			Input: []actions.Field{one}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "DELETE", Path: "/v1/blocks/{block}"}},
	}
}

func changed(in map[string]any) (actions.Parts, error) {
	inner := map[string]any{"rich_text": richText(value.Text(in["text"]))}
	if done := in["checked"]; done != nil && in["type"] == "to_do" {
		inner["checked"] = done
	}
	return actions.Parts{Body: map[string]any{"type": in["type"], value.Text(in["type"]): inner}}, nil
}

// appendTo adds blocks at the end. Its sample is what the sandbox answers.
func appendTo(sample any) *actions.Action {
	return &actions.Action{ID: "append", Effect: actions.Once, Sample: sample, Input: []actions.Field{{ID: "page", Type: actions.Text, In: actions.InPath}, {ID: "children", Type: actions.List}},
		Request: &actions.Request{Method: "PATCH", Path: "/v1/blocks/{page}/children", Body: actions.JSONBody}}
}

// appended adds content in as many requests as it takes, one after the other. What fails behind the first is not tried again: that would
// add the beginning twice.
func appended(ctx context.Context, v map[string]any, do actions.Doer, sample any) (any, error) {
	inner := children(v)
	if len(inner) == 0 {
		return nil, fault.New(fault.InvalidInput, "The input content: give content or blocks.")
	}
	var answer any
	results := []any{}
	for from := 0; from < len(inner); from += mostBlocks {
		part := inner[from:min(from+mostBlocks, len(inner))]
		got, err := do.Ask(ctx, appendTo(sample), map[string]any{"page": v["page"], "children": part})
		if err != nil && from > 0 {
			return nil, fault.New(fault.Uncertain, "The first %d of %d blocks were added, and then this happened: %s", from, len(inner), fault.MessageOf(err))
		}
		if err != nil {
			return nil, err
		}
		list, _ := value.At(got, "/results").([]any)
		answer, results = got, append(results, list...)
	}
	if object, ok := answer.(map[string]any); ok && len(inner) > mostBlocks {
		object["results"] = results
	}
	return answer, nil
}
