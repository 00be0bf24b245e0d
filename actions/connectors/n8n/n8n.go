// Package n8n is the connector for the webhooks of n8n, which start workflows there.
package n8n

import (
	"bytes"
	"context"
	_ "embed"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes n8n, which people host where they like: a step has the whole URL.
// Source: https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/
func Connector() actions.Connector {
	return actions.Connector{
		ID: "n8n", Name: "n8n", Category: "Automation", Color: "#ea4b71", Monogram: "N8", Icon: icon,
		Description: "Starts workflows of n8n by their webhooks, switches them and tells of executions that failed.",
		DocsURL:     "https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/",
		SetUp:       setUp(),
		Auth:        auth(),
		Test:        &actions.Request{Method: "GET", Path: "/workflows", Query: map[string]string{"limit": "1"}},
		Errors:      apiErrors(),
		Actions:     append([]actions.Action{startWorkflow()}, apiActions()...),
		Triggers:    []actions.Trigger{executionFailed()},
	}
}

// hookErrors are those of a webhook.
func hookErrors() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 404, Code: "not_found", Message: "n8n does not know the webhook: {/message} {/hint}", Remedy: "Look whether the workflow is active, and whether the method is the node's. A URL with /webhook-test/ works only while the editor listens."},
		{Status: 401, Code: "unauthorized", Message: "n8n does not take the credentials: {words}", Remedy: "Put those into the connection that the webhook's node asks for."},
		{Status: 403, Code: "unauthorized", Message: "n8n does not take the credentials: {words}", Remedy: "Put those into the connection that the webhook's node asks for."},
		{Status: 429, Code: "rate_limited", Message: "n8n asks to slow down: {words}"},
		{Status: 413, Code: "too_large", Message: "n8n takes less at once.", Remedy: "Send less, or let n8n take more by N8N_PAYLOAD_SIZE_MAX."},
		{Status: 500, Pointer: "/message", Equals: "Error in workflow", Code: "invalid_input", Message: "The workflow began and failed.", Remedy: "Look into its executions in n8n. It is not started again by itself."},
		{Status: 500, Pointer: "/message", Code: "unavailable", Message: "n8n could not start the workflow: {}"},
	}
}

// auth are the ways in which a webhook's node asks for credentials, and that of n8n's own API.
func auth() []actions.Auth {
	untested := "A webhook of n8n gives nothing out, and a test would start the workflow: the next run shows whether the credentials are taken."
	hosts := actions.Field{ID: "hosts", Label: "Hosts", Type: actions.Text, Required: true, Example: "n8n.example.com", Help: "Where the credentials may be sent, as n8n.example.com. They go nowhere else, whatever URL a step has."}
	out := []actions.Auth{
		{Method: "none", Name: "Open webhook", Help: "For webhooks that ask for no credentials. The connection has no fields: each step Start a workflow has the webhook's URL."},
		{Method: "basic", Name: "Basic auth", Help: "What the webhook's node has under Basic Auth. The webhook's URL goes into the step Start a workflow.", Hosts: hosts.ID, Apply: []actions.Place{{In: actions.InBasic, Name: "{user}", Value: "{password}"}},
			Fields: []actions.Field{{ID: "user", Label: "User", Help: "The name.", Type: actions.Text, Required: true}, {ID: "password", Label: "Password", Help: "The password.", Type: actions.Text, Required: true, Secret: true}, hosts}},
		{Method: "header", Name: "Header auth", Help: "What the webhook's node has under Header Auth. The webhook's URL goes into the step Start a workflow.", Hosts: hosts.ID, Apply: []actions.Place{{In: actions.InHeader, Name: "{name}", Value: "{value}"}},
			Fields: []actions.Field{{ID: "name", Label: "Header", Help: "Its name, as X-Api-Key.", Type: actions.Text, Required: true}, {ID: "value", Label: "Value", Help: "The key.", Type: actions.Text, Required: true, Secret: true}, hosts}},
		{Method: "jwt", Name: "JWT auth", Help: "A token that the webhook's node takes under JWT Auth. The webhook's URL goes into the step Start a workflow.", Hosts: hosts.ID, Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}},
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The JWT, without the word Bearer.", Type: actions.Text, Required: true, Secret: true}, hosts}},
	}
	for i := range out {
		out[i].Untested = untested
	}
	return append(out, apiKey())
}

func startWorkflow() actions.Action {
	sample := map[string]any{"status": 200, "body": map[string]any{"message": "Workflow was started"}}
	return actions.Action{
		ID: "start_workflow", Name: "Start a workflow", Ways: []string{"none", "basic", "header", "jwt"}, Errors: hookErrors(), Description: "Calls a webhook of n8n. The output is what the workflow answers, where its node waits for its end, and otherwise that it was started.", Effect: actions.Once,
		Guarantee: "n8n starts the workflow for every call: one whose answer was lost in a crash is not made again by itself, you are asked.",
		Input: []actions.Field{
			{ID: "url", Label: "URL", Help: "The production URL of the webhook's node; its test URL, with /webhook-test/, works only while the editor listens. Who has it can start the workflow, unless the node asks for credentials.", Type: actions.Text, Required: true, In: actions.InNone, Holds: actions.URL, Example: "https://n8n.example.com/webhook/deal-won"},
			{ID: "method", Label: "Method", Help: "That of the node.", Type: actions.Select, Default: "POST", In: actions.InNone,
				Options: []actions.Option{{Value: "POST", Label: "POST"}, {Value: "GET", Label: "GET"}, {Value: "PUT", Label: "PUT"}, {Value: "PATCH", Label: "PATCH"}, {Value: "DELETE", Label: "DELETE"}}},
			{ID: "data", Label: "Data", Help: "Any JSON: the body. Of a GET an object, which becomes parameters.", Type: actions.JSON, In: actions.InNone, Example: map[string]any{"name": "Ada Lovelace"}},
		},
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			if text, ok := with["url"].(string); ok && written("url") {
				if err := checkURL(text); err != nil {
					return []actions.InputIssue{{Path: "/url", Message: strings.TrimPrefix(fault.MessageOf(err), "The input url: ")}}
				}
			}
			return nil
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"status": {Kind: "number"}, "body": {}}}, Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			req, err := request(in.Values)
			if err != nil {
				return nil, err
			}
			resp, err := do.HTTP(ctx, req)
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"status": resp.Status, "body": resp.Value}, nil
		},
	}
}

// checkURL holds a URL to what a webhook of n8n has. The path's beginning can be set there, so it is not asked for.
func checkURL(text string) error {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return fault.New(fault.InvalidInput, "The input url: it is no webhook's, as https://n8n.example.com/webhook/deal-won.")
	}
	return nil
}

func request(in map[string]any) (actions.HTTPRequest, error) {
	text, data := strings.TrimSpace(value.Text(in["url"])), in["data"]
	if err := checkURL(text); err != nil {
		return actions.HTTPRequest{}, err
	}
	req := actions.HTTPRequest{Method: value.Text(in["method"]), URL: text, Header: http.Header{}, Pages: true} // it answers what it likes
	if data == nil {
		return req, nil
	}
	if req.Method == http.MethodGet {
		params, ok := data.(map[string]any)
		if !ok {
			return req, fault.New(fault.InvalidInput, "The input data: of a GET it is an object, whose members become parameters, not %s.", value.AKind(data))
		}
		u, err := url.Parse(text)
		if err != nil {
			return req, err
		}
		query := u.Query()
		for _, name := range slices.Sorted(maps.Keys(params)) {
			query.Set(name, value.Text(params[name]))
		}
		u.RawQuery = query.Encode()
		req.URL = u.String()
		return req, nil
	}
	b, err := value.Encode(data)
	if err != nil {
		return req, err
	}
	req.Body = bytes.NewReader(b)
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}
