package jira

import (
	"cmp"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// linkIssues joins two issues. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/
func linkIssues() actions.Action {
	sample := done()
	return actions.Action{
		ID: "link_issues", Name: "Link two issues", Description: "Joins two issues by a kind of link, as SUP-1 blocks SUP-2.", Effect: actions.Idempotent,
		Guarantee: "Two issues have a link of one kind once, so a repeat changes nothing; a comment with it would be written twice, so there is none.",
		Input: []actions.Field{
			{ID: "type", Label: "Kind", Help: "The name of the kind of link, as Blocks, Duplicate or Relates.", Type: actions.Text, Required: true, Name: "type.name", Example: "Blocks", Choices: linkTypes()},
			{ID: "from", Label: "From", Help: "The key of the issue that does it, as the one that blocks.", Type: actions.Text, Required: true, Name: "inwardIssue.key", Example: "SUP-1", Link: issueLink},
			{ID: "to", Label: "To", Help: "The key of the issue that it is done to, as the one that is blocked.", Type: actions.Text, Required: true, Name: "outwardIssue.key", Example: "SUP-2", Link: issueLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issueLink", Body: actions.JSONBody, Output: wasDone},
	}
}

func linkTypes() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issueLinkType"}, Page: actions.Page{Items: "/issueLinkTypes", Sure: "/issueLinkTypes"}, Value: "/name", Label: "{/name}: {/outward}"}
}

// listLinkTypes gives the kinds of links. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-link-types/
func listLinkTypes() actions.Action {
	return listing("list_link_types", "List the kinds of links", "Gives the kinds of links that issues may have.", "/rest/api/3/issueLinkType", actions.Page{Items: "/issueLinkTypes", Sure: "/issueLinkTypes", ID: "/id"},
		map[string]any{"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"})
}

// addRemoteLink links an issue to something elsewhere. Jira keeps one link for a globalId and updates it.
// Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/
func addRemoteLink() actions.Action {
	sample := map[string]any{"id": 10000, "self": "https://acme.atlassian.net/rest/api/issue/SUP-42/remotelink/10000"}
	return actions.Action{
		ID: "add_link", Name: "Add or update a web link", Description: "Links an issue to a page elsewhere, as a conversation or an order; the link with the same key is updated.", Effect: actions.Idempotent,
		Guarantee: "A link is known by its key, or by its address where no key is given, so a repeat updates the same one.",
		Input: []actions.Field{issueField(),
			{ID: "url", Label: "Address", Help: "Where the link leads.", Type: actions.Text, Required: true, Name: "object.url", Example: "https://example.com/orders/1042"},
			{ID: "title", Label: "Title", Help: "What people read.", Type: actions.Text, Required: true, Name: "object.title", Example: "Order 1042"},
			{ID: "summary", Label: "Summary", Help: "Shown behind the title.", Type: actions.Text, Name: "object.summary"},
			{ID: "relationship", Label: "Relation", Help: "The heading that it stands under, as mentioned in.", Type: actions.Text},
			{ID: "key", Label: "Key", Help: "What tells the link again; the address where not given.", Type: actions.Text, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/api/3/issue/{issue}/remotelink", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"globalId": cmp.Or(value.Text(in["key"]), value.Text(in["url"]))}}, nil
		}},
	}
}

func listRemoteLinks() actions.Action {
	shape, sample := actions.ListOf(map[string]any{"id": 10000, "globalId": "https://example.com/orders/1042", "relationship": "mentioned in", "object": map[string]any{"url": "https://example.com/orders/1042", "title": "Order 1042"}})
	return actions.Action{
		ID: "list_links", Name: "List web links", Description: "Gives the links of an issue to pages elsewhere.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{issueField(), actions.LimitField()}, Output: shape, Sample: sample, Page: &actions.Page{ID: "/id"},
		Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}/remotelink"},
	}
}
