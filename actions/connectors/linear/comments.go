package linear

import "github.com/stepmill/stepmill/actions"

const commentParts = ` { id body url createdAt updatedAt editedAt resolvedAt user { id name email } issue { id identifier title } parent { id } } `

func comment() map[string]any {
	return map[string]any{"id": "e1a2b3d4-0000-4000-8000-000000000004", "body": "It works again.", "url": "https://linear.app/acme/issue/ENG-42/the-export-stops#comment-e1a2b3d4", "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z",
		"editedAt": nil, "resolvedAt": nil, "user": person(), "issue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "identifier": "ENG-42", "title": "The export stops"}, "parent": nil}
}

func bodyField() actions.Field {
	return in(actions.Field{ID: "body", Label: "Text", Help: "In Markdown.", Type: actions.LongText, Required: true, Example: "It works again."}, "input.body")
}

func commentField() actions.Field {
	return in(actions.Field{ID: "comment", Label: "Comment", Help: "Its id, as making or listing it gives it.", Type: actions.Text, Required: true, Example: "e1a2b3d4-0000-4000-8000-000000000004"}, "id")
}

func createComment() actions.Action {
	create := changing("create_comment", "Add a comment", "Writes a comment on an issue, or answers one.", noKey, `mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success comment`+commentParts+`} }`, "/commentCreate/comment", comment(),
		issueField("input.issueId"), bodyField(), in(actions.Field{ID: "parent", Label: "Answer to", Help: "The id of the comment that it answers.", Type: actions.Text}, "input.parentId"))
	get := reading("comment_by_id", "", "", `query($id: String!) { comment(id: $id)`+commentParts+`}`, "/comment", comment(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
	return keyed(create, get, "input.id")
}

func updateComment() actions.Action {
	return changing("update_comment", "Change a comment", "Writes another text into a comment.", sameAfter, `mutation($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success comment`+commentParts+`} }`, "/commentUpdate/comment", comment(),
		commentField(), bodyField())
}

func resolveComment() actions.Action {
	return changing("resolve_comment", "Resolve a thread", "Marks a comment and its answers as settled.", "A thread that is settled stays so, and a repeat changes nothing.", `mutation($id: String!) { commentResolve(id: $id) { success comment`+commentParts+`} }`, "/commentResolve/comment", comment(), commentField())
}

func deleteComment() actions.Action {
	return gone(changing("delete_comment", "Delete a comment", "Deletes a comment for good.", "A comment that is gone already counts as deleted, so a repeat changes nothing.", `mutation($id: String!) { commentDelete(id: $id) { success } }`, "/commentDelete/success", true, commentField()), "Comment")
}

func listComments() actions.Action {
	return listing("list_comments", "List comments", "Gives the comments on an issue, the newest first.", `query($filter: CommentFilter, $first: Int, $after: String) { comments(filter: $filter, first: $first, after: $after) { nodes`+commentParts+rest+`} }`, "comments", comment(),
		in(actions.Field{ID: "issue", Label: "Issue", Help: "Its id; the identifier is not taken here.", Type: actions.Text, Required: true, Example: "9cfb482a-81e3-4154-b5b9-2c805e70a02d", Choices: issues()}, "filter.issue.id.eq"))
}

func addReaction() actions.Action {
	return changing("add_reaction", "Add a reaction", "Puts an emoji on an issue or a comment.", noKey, `mutation($input: ReactionCreateInput!) { reactionCreate(input: $input) { success reaction { id emoji } } }`, "/reactionCreate/reaction",
		map[string]any{"id": "f1a2b3d4-0000-4000-8000-000000000005", "emoji": "eyes"},
		in(actions.Field{ID: "emoji", Label: "Emoji", Help: "Its name, as eyes.", Type: actions.Text, Required: true, Example: "eyes"}, "input.emoji"), optional(issueField("input.issueId")), optional(in(commentField(), "input.commentId")))
}
