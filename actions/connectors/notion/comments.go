package notion

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func commentSample() map[string]any {
	return map[string]any{"object": "comment", "id": "94cc56ab-9f02-409d-9f99-1037e9fe502f", "parent": map[string]any{"type": "page_id", "page_id": "60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7"},
		"discussion_id": "f1407351-36f5-4c49-a13c-49f8ba11776d", "created_time": "2026-01-31T09:30:00.000Z", "last_edited_time": "2026-01-31T09:30:00.000Z",
		"created_by": map[string]any{"object": "user", "id": "c2f20311-9e54-4d11-8c79-7398424ae41e"},
		"rich_text":  []any{map[string]any{"type": "text", "text": map[string]any{"content": "Please call back.", "link": nil}, "plain_text": "Please call back.", "href": nil}}}
}

// comments are the actions of comments. Source: https://developers.notion.com/reference/comment-object
func comments() []actions.Action {
	sample := commentSample()
	shape, list := actions.ListOf(sample)
	on := pageField("page", "Page", "The id of the page to comment.", actions.InNone)
	on.Required = false
	return []actions.Action{
		{ID: "create_comment", Name: "Comment", Description: "Comments a page, or answers in a discussion.", Effect: actions.Once,
			Guarantee: "Notion has no key that would make a repeat harmless: a comment whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{on, {ID: "discussion", Label: "Discussion", Help: "The id of a discussion to answer in, instead of a page.", Type: actions.Text, In: actions.InNone, Example: "f1407351-36f5-4c49-a13c-49f8ba11776d"},
				{ID: "text", Label: "Text", Help: "Of the comment.", Type: actions.LongText, Required: true, In: actions.InNone, Example: "Please call back."}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/v1/comments", Body: actions.JSONBody, Prepare: newComment}},
		{ID: "list_comments", Name: "List comments", Description: "Lists the open comments of a page or a block, the oldest first.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{commented(), actions.LimitField()},
			Output: shape, Sample: list, Request: &actions.Request{Method: "GET", Path: "/v1/comments"}, Page: parts(actions.InQuery)},
	}
}

func commented() actions.Field {
	f := blockOrPage("The id or the address of the page, or of a block.", actions.InQuery)
	f.Name = "block_id"
	return f
}

func newComment(in map[string]any) (actions.Parts, error) {
	page, discussion := value.Text(in["page"]), value.Text(in["discussion"])
	body := map[string]any{"rich_text": richText(value.Text(in["text"]))}
	switch {
	case (page == "") == (discussion == ""):
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input page: give a page or a discussion, one of them.")
	case page != "":
		body["parent"] = map[string]any{"page_id": page}
	default:
		body["discussion_id"] = discussion
	}
	return actions.Parts{Body: body}, nil
}

// users are the actions of the workspace's people and integrations. Source: https://developers.notion.com/reference/user
func users() []actions.Action {
	sample := map[string]any{"object": "user", "id": "c2f20311-9e54-4d11-8c79-7398424ae41e", "type": "person", "name": "Ada Lovelace", "avatar_url": nil, "person": map[string]any{"email": "ada@example.com"}}
	shape, list := actions.ListOf(sample)
	return []actions.Action{
		{ID: "list_users", Name: "List users", Description: "Lists the workspace's people and integrations.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{actions.LimitField()}, Output: shape, Sample: list, Request: &actions.Request{Method: "GET", Path: "/v1/users"}, Page: parts(actions.InQuery)},
		{ID: "get_user", Name: "Get a user", Description: "Gives one person or integration.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "user", Label: "User", Help: "The user's id.", Type: actions.Text, Required: true, In: actions.InPath, Choices: userChoices()}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: "/v1/users/{user}"}},
	}
}
