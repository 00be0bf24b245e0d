// Package make is the connector for Make's custom webhooks, which start scenarios there.
package make

import (
	"bytes"
	"context"
	_ "embed"
	"net/http"
	"regexp"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes Make. Source: https://help.make.com/webhooks
func Connector() actions.Connector {
	url := actions.Field{ID: "url", Label: "Webhook URL", Help: "As the webhook's module shows it, with https://.", Type: actions.Text, Required: true, Secret: true, Example: "https://hook.eu1.make.com/abc123"}
	help := "In Make, a scenario that begins with Webhooks, Custom webhook: its URL. Who has it can start the scenario, so it is kept as a secret."
	return actions.Connector{
		ID: "make", Name: "Make", Category: "Automation", Color: "#6d00cc", Monogram: "MK", Icon: icon,
		Description: "Starts scenarios of Make by their webhooks, runs them and tells of those that fail.",
		DocsURL:     "https://help.make.com/webhooks",
		SetUp:       setUp(),
		BaseURL:     "https://{host}/{hook}",
		Auth: []actions.Auth{
			{Method: "hook", Name: "Webhook", Help: help, Fields: []actions.Field{url}, Untested: untested},
			{Method: "hook_key", Name: "Webhook with an API key", Help: help + " The key is one of those that the webhook asks for.",
				Fields: []actions.Field{url, {ID: "key", Label: "API key", Help: "Of the webhook.", Type: actions.Text, Required: true, Secret: true}},
				Apply:  []actions.Place{{In: actions.InHeader, Name: "x-make-apikey", Value: "{key}"}}, Untested: untested}, token()},
		Derive:   hookOf,
		Test:     &actions.Request{Method: "GET", Path: "/users/me"},
		Errors:   apiErrors(),
		Actions:  append([]actions.Action{startScenario()}, apiActions()...),
		Triggers: []actions.Trigger{scenarioFailed()},
	}
}

const untested = "A webhook of Make gives nothing out, and a test would start the scenario: the next run shows whether the URL is good."

// hookErrors are those of a webhook.
func hookErrors() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Make does not take the API key: {words}", Remedy: "Put one of the webhook's keys into the connection."},
		{Status: 410, Code: "not_found", Message: "Make has no scenario that listens: {words}", Remedy: "Look whether the scenario there is on, and put its URL into the connection."},
		{Status: 413, Code: "too_large", Message: "Make takes 5 MB at once.", Remedy: "Send less."},
		{Status: 429, Code: "rate_limited", Message: "Make asks to slow down: {words}"},
		// Its own words for a scenario that began and ended in an error. Source: https://help.make.com/webhooks
		{Status: 500, Contains: "scenario failed to complete", Code: "invalid_input", Message: "The scenario began and failed.", Remedy: "Look into its history in Make. It is not started again by itself."},
		{Status: 400, Code: "unavailable", Message: "Make's queue is full: {words}", Remedy: "Let the scenario there work its queue off, or make the queue longer."},
	}
}

var hookForm = regexp.MustCompile(`^https://(hook\.[a-z]{2}[0-9]\.make(?:\.celonis)?\.com)/([A-Za-z0-9]+)/?$`)

// hookOf reads host and hook off the URL. Nothing else of it may become an address. Who signs in by a token has no hook.
func hookOf(values map[string]string) (map[string]string, error) {
	if values["zone"] != "" && values["url"] == "" {
		return nil, nil
	}
	m := hookForm.FindStringSubmatch(strings.TrimSpace(values["url"]))
	if m == nil {
		return nil, fault.New(fault.InvalidInput, "The URL is none of a webhook of Make, as https://hook.eu1.make.com/abc; copy it whole from the scenario's first module.")
	}
	return map[string]string{"host": m[1], "hook": m[2]}, nil
}

func startScenario() actions.Action {
	sample := map[string]any{"status": 200, "body": "Accepted"}
	return actions.Action{
		ID: "start_scenario", Name: "Start a scenario by its webhook", Ways: []string{"hook", "hook_key"}, Errors: hookErrors(), Description: "Sends data to a webhook of Make. The output is what the scenario there answers, and Accepted where it does not.", Effect: actions.Once,
		Guarantee: "Make starts the scenario for every call: one whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     []actions.Field{{ID: "data", Label: "Data", Help: "Any JSON.", Type: actions.JSON, Required: true, In: actions.InNone, Example: map[string]any{"name": "Ada Lovelace", "email": "ada@example.com"}}},
		Output:    value.Shape{Kind: "object", Fields: map[string]value.Shape{"status": {Kind: "number"}, "body": {}}}, Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			b, err := value.Encode(in.Values["data"])
			if err != nil {
				return nil, err
			}
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodPost, Body: bytes.NewReader(b), Header: http.Header{"Content-Type": {"application/json"}}, Pages: true})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"status": resp.Status, "body": resp.Value}, nil
		},
	}
}
