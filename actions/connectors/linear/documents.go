package linear

import "github.com/stepmill/stepmill/actions"

const documentParts = ` { id title content url slugId createdAt updatedAt creator { id name email } project { id name } } `

func document() map[string]any {
	return map[string]any{"id": "b5a2b3d4-0000-4000-8000-000000000013", "title": "Plan", "content": "To the moon.", "url": "https://linear.app/acme/document/plan-3f1c", "slugId": "3f1c", "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z",
		"creator": person(), "project": map[string]any{"id": "f2a2b3d4-0000-4000-8000-000000000008", "name": "Apollo"}}
}

func createDocument() actions.Action {
	get := reading("document_by_id", "", "", `query($id: String!) { document(id: $id)`+documentParts+`}`, "/document", document(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
	return keyed(changing("create_document", "Create a document", "Makes a document of a project.", noKey, `mutation($input: DocumentCreateInput!) { documentCreate(input: $input) { success document`+documentParts+`} }`, "/documentCreate/document", document(),
		titleField(), in(actions.Field{ID: "content", Label: "Content", Help: "In Markdown.", Type: actions.LongText, Example: "To the moon."}, "input.content"), projectIDField("input.projectId")), get, "input.id")
}

func documentField() actions.Field {
	return in(actions.Field{ID: "document", Label: "Document", Help: "Its id, as making it gives it.", Type: actions.Text, Required: true, Example: "b5a2b3d4-0000-4000-8000-000000000013"}, "id")
}

func getDocument() actions.Action {
	return reading("get_document", "Get a document", "Reads a document, whose content is Markdown.", `query($id: String!) { document(id: $id)`+documentParts+`}`, "/document", document(), documentField())
}

func updateDocument() actions.Action {
	return changing("update_document", "Update a document", "Changes what is given of a document and leaves the rest.", sameAfter, `mutation($id: String!, $input: DocumentUpdateInput!) { documentUpdate(id: $id, input: $input) { success document`+documentParts+`} }`, "/documentUpdate/document", document(),
		documentField(), optional(titleField()), in(actions.Field{ID: "content", Label: "Content", Help: "All of it, in Markdown.", Type: actions.LongText, Example: "To the moon."}, "input.content"))
}
