package linear

import "github.com/stepmill/stepmill/actions"

func unlinkIssues() actions.Action {
	return gone(changing("unlink_issues", "Delete a relation of issues", "Takes away how two issues stand to each other.", "A relation that is gone already counts as deleted, so a repeat changes nothing.", `mutation($id: String!) { issueRelationDelete(id: $id) { success } }`, "/issueRelationDelete/success", true,
		in(actions.Field{ID: "relation", Label: "Relation", Help: "Its id, as linking gave it, or listing an issue's relations does.", Type: actions.Text, Required: true, Example: "a2a2b3d4-0000-4000-8000-000000000007"}, "id")), "IssueRelation")
}

// listRelations gives those that an issue has to others; those that others have to it stand with them.
func listRelations() actions.Action {
	page := parts("issue/relations")
	a := listing("list_relations", "List an issue's relations", "Gives how an issue stands to others, as blocks or duplicate.", `query($id: String!, $first: Int, $after: String) { issue(id: $id) { relations(first: $first, after: $after) { nodes { id type issue { id identifier } relatedIssue { id identifier title } }`+rest+`} } }`, "issue",
		map[string]any{"id": "a2a2b3d4-0000-4000-8000-000000000007", "type": "blocks", "issue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "identifier": "ENG-42"}, "relatedIssue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02e", "identifier": "ENG-43", "title": "The import stops"}}, issueField("id"))
	a.Page = &page
	return a
}

func listSubIssues() actions.Action {
	return listing("list_sub_issues", "List an issue's sub-issues", "Gives the issues that are parts of an issue.", `query($parent: ID, $first: Int, $after: String) { issues(filter: { parent: { id: { eq: $parent } } }, first: $first, after: $after) { nodes`+issueParts+rest+`} }`, "issues", issue(),
		in(actions.Field{ID: "issue", Label: "Issue", Help: "Its id; the identifier is not taken here.", Type: actions.Text, Required: true, Example: "9cfb482a-81e3-4154-b5b9-2c805e70a02d", Choices: issues()}, "parent"))
}
