package googledrive

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const commentShown = "id,content,author(displayName),createdTime,modifiedTime,resolved,quotedFileContent(value),replies(id,content,author(displayName),createdTime,action)"

func commentSample() map[string]any {
	return map[string]any{"id": "AAAAbQ8hJ1w", "content": "Is the sum right?", "author": map[string]any{"displayName": "Ada Lovelace"}, "createdTime": "2026-01-31T09:30:00.000Z", "modifiedTime": "2026-01-31T09:30:00.000Z", "resolved": false, "replies": []any{}}
}

// commentList asks for the comments of a file.
func commentList() *actions.Request {
	return &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}/comments", Query: map[string]string{"fields": "nextPageToken,comments(" + commentShown + ")"}}
}

// comments are the actions of what people say about a file.
// Sources: https://developers.google.com/workspace/drive/api/reference/rest/v3/comments, https://developers.google.com/workspace/drive/api/reference/rest/v3/replies
func comments() []actions.Action {
	sample := commentSample()
	shape, list := actions.ListOf(sample)
	reply := map[string]any{"id": "AAAAbQ8hJ10", "content": "It is.", "author": map[string]any{"displayName": "Ada Lovelace"}, "createdTime": "2026-01-31T09:30:00.000Z", "action": "resolve"}
	one := fileField(actions.InPath)
	content := actions.Field{ID: "content", Label: "Text", Help: "Plain text.", Type: actions.LongText, Required: true, Example: "Is the sum right?"}
	answer := content
	answer.Required, answer.Help, answer.Example = false, "Plain text; it may be left out where the comment is resolved or opened again.", "It is."
	comment := actions.Field{ID: "comment", Label: "Comment", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "AAAAbQ8hJ1w",
		Choices: &actions.Choices{Request: commentList(), Page: *parts("comments", 100), Value: "/id", Label: "{/author/displayName}: {/content}", Needs: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}}}}
	return []actions.Action{
		{ID: "list_comments", Name: "List comments", Description: "Lists the comments on a file with their replies.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{one, {ID: "since", Label: "Changed since", Help: "Only those that changed after that time.", Type: actions.DateTime, In: actions.InQuery, Name: "startModifiedTime", Example: "2026-01-31T09:30:00Z"}, actions.LimitField()},
			Output: shape, Sample: list, Request: commentList(), Page: parts("comments", 100)},
		{ID: "create_comment", Name: "Comment on a file", Description: "Adds a comment to a file, which stands at the file as a whole.", Effect: actions.Once, Guarantee: lost,
			Input: []actions.Field{one, content}, Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "POST", Path: "/drive/v3/files/{file}/comments", Body: actions.JSONBody, Query: map[string]string{"fields": commentShown}}},
		{ID: "reply_comment", Name: "Reply to a comment", Description: "Adds a reply to a comment, and may resolve it or open it again.", Effect: actions.Once, Guarantee: lost,
			Input: []actions.Field{one, comment, answer, {ID: "action", Label: "And", Help: "What becomes of the comment; it stays as it is where not given.", Type: actions.Select,
				Options: []actions.Option{{Value: "resolve", Label: "Resolve it"}, {Value: "reopen", Label: "Open it again"}}}},
			Output: value.ShapeOf(reply), Sample: reply,
			Request: &actions.Request{Method: "POST", Path: "/drive/v3/files/{file}/comments/{comment}/replies", Body: actions.JSONBody, Query: map[string]string{"fields": "id,content,author(displayName),createdTime,action"},
				Prepare: func(in map[string]any) (actions.Parts, error) {
					if value.Text(in["content"]) == "" && in["action"] == nil {
						return actions.Parts{}, fault.New(fault.InvalidInput, "The input content: write a text, or say what becomes of the comment.")
					}
					return actions.Parts{}, nil
				}}},
	}
}

// commentCreated is the trigger for comments on a file. Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/comments/list
func commentCreated() actions.Trigger {
	sample := commentSample()
	return actions.Trigger{ID: "comment_changed", Name: "Comment made or changed", Kind: actions.PollKind,
		Description: "A comment on a file was made, changed, answered or resolved. Several changes between two looks count once.",
		Input:       []actions.Field{fileField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: commentList(), Page: *parts("comments", 100), Time: "/modifiedTime", Changed: true,
			Since: actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "startModifiedTime"}, As: actions.RFC3339}, Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute}}
}
