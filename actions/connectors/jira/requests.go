package jira

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// Requests of customers are Jira Service Management's, with scopes of their own.
const (
	readRequests  = "read:servicedesk-request"
	writeRequests = "write:servicedesk-request"
)

// desks is how its lists come.
func desks() actions.Page {
	return actions.Page{Kind: actions.Offset, Items: "/values", Sure: "/values", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "start"}, Size: 50, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}

func deskField(in actions.In, name string) actions.Field {
	return actions.Field{ID: "desk", Label: "Service desk", Help: "Its number.", Type: actions.Text, Required: true, In: in, Name: name, Example: "10",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/servicedeskapi/servicedesk"}, Page: desks(), Value: "/id", Label: "{/projectName} ({/projectKey})"}}
}

func listRequestTypes() actions.Action {
	return listing("list_request_types", "List a service desk's request types", "Gives what customers can ask for at a service desk.", "/rest/servicedeskapi/servicedesk/{desk}/requesttype", desks(),
		map[string]any{"id": "25", "name": "Get help", "description": "Ask anything.", "helpText": "", "serviceDeskId": "10", "issueTypeId": "10005"}, deskField(actions.InPath, "")).Needing(readRequests)
}

// createRequest asks in the name of a customer. Source:
// https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/#api-rest-servicedeskapi-request-post
func createRequest() actions.Action {
	sample := map[string]any{"issueId": "10042", "issueKey": "SUP-42", "requestTypeId": "25", "serviceDeskId": "10", "createdDate": map[string]any{"iso8601": "2026-01-31T09:30:00+0000", "epochMillis": 1769851800000},
		"reporter": person(), "currentStatus": map[string]any{"status": "Waiting for support"}, "_links": map[string]any{"web": "https://acme.atlassian.net/servicedesk/customer/portal/10/SUP-42"}}
	types := &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/rest/servicedeskapi/servicedesk/{desk}/requesttype"}, Page: desks(), Value: "/id", Label: "/name", Needs: []actions.Field{deskField(actions.InPath, "")}}
	return actions.Action{
		ID: "create_request", Name: "Create a customer request", Description: "Makes a request in Jira Service Management, as a customer does at the portal.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{deskField(actions.InBody, "serviceDeskId"),
			{ID: "type", Label: "Request type", Help: "Its number.", Type: actions.Text, Required: true, Name: "requestTypeId", Example: "25", Choices: types},
			{ID: "summary", Label: "Summary", Help: "One line.", Type: actions.Text, Required: true, In: actions.InNone, Example: "The export stops"},
			{ID: "description", Label: "Description", Help: "What is asked for.", Type: actions.LongText, In: actions.InNone},
			{ID: "fields", Label: "More fields", Help: "Those that the request type asks for, by their ids.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"customfield_10010": "x"}},
			{ID: "customer", Label: "For the customer", Help: "Their account id, or the mail address of one that the desk knows; the connection's account where not given.", Type: actions.Text, Name: "raiseOnBehalfOf", Example: "5b10ac8d82e05b22cc7d4ef5", Link: personLink}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/servicedeskapi/request", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			fields := map[string]any{}
			if more, ok := in["fields"].(map[string]any); ok {
				for name, v := range more {
					fields[name] = v
				}
			}
			for _, name := range []string{"summary", "description"} {
				if in[name] != nil {
					fields[name] = in[name]
				}
			}
			return actions.Parts{Body: map[string]any{"requestFieldValues": fields}}, nil
		}},
	}.Needing(writeRequests)
}

// commentRequest answers a customer, or notes something that only the agents see.
func commentRequest() actions.Action {
	sample := map[string]any{"id": "1000", "body": "It works again.", "public": true, "author": person(), "created": map[string]any{"iso8601": "2026-01-31T09:30:00+0000", "epochMillis": 1769851800000}}
	return actions.Action{
		ID: "comment_request", Name: "Comment on a customer request", Description: "Writes to the customer of a request, or what only the agents see.", Effect: actions.Once,
		Guarantee: "Jira has no key that would make a repeat harmless: a comment whose answer was lost in a crash is not written again by itself, you are asked.",
		Input: []actions.Field{issueField(),
			{ID: "text", Label: "Text", Help: "Of the comment.", Type: actions.LongText, Required: true, Name: "body", Example: "It works again."},
			{ID: "public", Label: "To the customer", Help: "Whether the customer sees it.", Type: actions.Boolean, Default: true}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/rest/servicedeskapi/request/{issue}/comment", Body: actions.JSONBody},
	}.Needing(writeRequests)
}
