package linear

import "github.com/stepmill/stepmill/actions"

const linkParts = ` { id title subtitle url sourceType createdAt updatedAt issue { id identifier title url } } `

func link() map[string]any {
	return map[string]any{"id": "a1a2b3d4-0000-4000-8000-000000000006", "title": "Order 1042", "subtitle": "Paid", "url": "https://example.com/orders/1042", "sourceType": "api", "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z",
		"issue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "identifier": "ENG-42", "title": "The export stops", "url": "https://linear.app/acme/issue/ENG-42/the-export-stops"}}
}

func linkIssues() actions.Action {
	return changing("link_issues", "Link two issues", "Says how two issues stand to each other.", noKey, `mutation($input: IssueRelationCreateInput!) { issueRelationCreate(input: $input) { success issueRelation { id type issue { id identifier } relatedIssue { id identifier } } } }`, "/issueRelationCreate/issueRelation",
		map[string]any{"id": "a2a2b3d4-0000-4000-8000-000000000007", "type": "blocks", "issue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "identifier": "ENG-42"}, "relatedIssue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02e", "identifier": "ENG-43"}},
		issueField("input.issueId"),
		in(actions.Field{ID: "type", Label: "Relation", Help: "What the issue is to the other.", Type: actions.Select, Required: true, Options: []actions.Option{{Value: "blocks", Label: "Blocks it"}, {Value: "duplicate", Label: "Is a duplicate of it"}, {Value: "related", Label: "Is related to it"}, {Value: "similar", Label: "Is similar to it"}}}, "input.type"),
		in(actions.Field{ID: "other", Label: "Other issue", Help: "Its identifier, as ENG-43, or its id.", Type: actions.Text, Required: true, Example: "ENG-43", Choices: issues(), Link: issueLink}, "input.relatedIssueId"))
}

// linkURL makes the link, or updates the one with this address, which Linear has once on an issue.
// Source: https://linear.app/developers/attachments
func linkURL() actions.Action {
	return changing("link_url", "Add or update a link", "Links an issue to a page elsewhere, as a conversation or an order; the link with the same address is updated.", "An issue has an address once, so a repeat updates the same link.",
		`mutation($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { success attachment`+linkParts+`} }`, "/attachmentCreate/attachment", link(),
		issueField("input.issueId"), urlField("input.url"),
		in(actions.Field{ID: "title", Label: "Title", Help: "What people read.", Type: actions.Text, Required: true, Example: "Order 1042"}, "input.title"),
		in(actions.Field{ID: "subtitle", Label: "Second line", Help: "Below the title, as a state.", Type: actions.Text, Example: "Paid"}, "input.subtitle"),
		in(actions.Field{ID: "metadata", Label: "Data", Help: "An object of texts and numbers that the link shows.", Type: actions.Object}, "input.metadata"))
}

func urlField(variable string) actions.Field {
	return in(actions.Field{ID: "url", Label: "Address", Help: "Where the link leads.", Type: actions.Text, Required: true, Example: "https://example.com/orders/1042"}, variable)
}

func linkTitle() actions.Field {
	return in(actions.Field{ID: "title", Label: "Title", Help: "What people read; the app's own where not given.", Type: actions.Text}, "title")
}

// linkedBy is a link that an app of Linear's makes, with an id of ours.
func linkedBy(id, name, description, member, text string, fields ...actions.Field) actions.Action {
	get := reading("link_by_id", "", "", `query($id: String!) { attachment(id: $id)`+linkParts+`}`, "/attachment", link(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
	return keyed(changing(id, name, description, noKey, text, "/"+member+"/attachment", link(), fields...), get, "id")
}

func linkSlack() actions.Action {
	return linkedBy("link_slack", "Link a Slack message", "Links an issue to a message in Slack; with synchronizing its thread and the comments follow each other. Linear's app for Slack must be connected.", "attachmentLinkSlack",
		`mutation($id: String, $issue: String!, $url: String!, $title: String, $sync: Boolean) { attachmentLinkSlack(id: $id, issueId: $issue, url: $url, title: $title, syncToCommentThread: $sync) { success attachment`+linkParts+`} }`,
		issueField("issue"), in(actions.Field{ID: "url", Label: "Message", Help: "Its link, as Slack gives it.", Type: actions.Text, Required: true, Example: "https://acme.slack.com/archives/C0123456789/p1764000000000100"}, "url"), linkTitle(),
		in(actions.Field{ID: "sync", Label: "Synchronize", Help: "Whether the thread and the comments follow each other.", Type: actions.Boolean}, "sync"))
}

func linkIntercom() actions.Action {
	return linkedBy("link_intercom", "Link an Intercom conversation", "Links an issue to a conversation. Linear's app for Intercom must be connected.", "attachmentLinkIntercom",
		`mutation($id: String, $issue: String!, $conversation: String!, $title: String) { attachmentLinkIntercom(id: $id, issueId: $issue, conversationId: $conversation, title: $title) { success attachment`+linkParts+`} }`,
		issueField("issue"), in(actions.Field{ID: "conversation", Label: "Conversation", Help: "Its id in Intercom.", Type: actions.Text, Required: true, Example: "10231"}, "conversation"), linkTitle())
}

func linkSalesforce() actions.Action {
	return linkedBy("link_salesforce", "Link a Salesforce case", "Links an issue to a case. Linear's app for Salesforce must be connected.", "attachmentLinkSalesforce",
		`mutation($id: String, $issue: String!, $url: String!, $title: String) { attachmentLinkSalesforce(id: $id, issueId: $issue, url: $url, title: $title) { success attachment`+linkParts+`} }`,
		issueField("issue"), in(actions.Field{ID: "url", Label: "Case", Help: "Its address in Salesforce.", Type: actions.Text, Required: true, Example: "https://acme.lightning.force.com/lightning/r/Case/500xx000000bpkTAAQ/view"}, "url"), linkTitle())
}

func listLinks() actions.Action {
	page := parts("issue/attachments")
	a := listing("list_links", "List an issue's links", "Gives the links of an issue to pages elsewhere.", `query($id: String!, $first: Int, $after: String) { issue(id: $id) { attachments(first: $first, after: $after) { nodes`+linkParts+rest+`} } }`, "issue", link(), issueField("id"))
	a.Page = &page
	return a
}

// findByURL finds the issues that link to an address: the way to find what was made of a thing elsewhere.
func findByURL() actions.Action {
	return listing("find_links_by_url", "Find issues by a link", "Gives the links to an address, each with its issue: so the issue of a conversation or an order is found again.", `query($url: String!, $first: Int, $after: String) { attachmentsForURL(url: $url, first: $first, after: $after) { nodes`+linkParts+rest+`} }`,
		"attachmentsForURL", link(), urlField("url"))
}

func deleteLink() actions.Action {
	return gone(changing("delete_link", "Delete a link", "Takes a link off an issue.", "A link that is gone already counts as deleted, so a repeat changes nothing.", `mutation($id: String!) { attachmentDelete(id: $id) { success } }`, "/attachmentDelete/success", true,
		in(actions.Field{ID: "link", Label: "Link", Help: "Its id, as making or listing it gives it.", Type: actions.Text, Required: true, Example: "a1a2b3d4-0000-4000-8000-000000000006"}, "id")), "Attachment")
}
