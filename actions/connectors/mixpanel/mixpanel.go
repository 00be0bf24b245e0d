// Package mixpanel is the connector for what Mixpanel takes in, exports and reports.
package mixpanel

import (
	_ "embed"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

//go:embed icon.svg
var icon string

// Connector describes Mixpanel. Source: https://developer.mixpanel.com/reference/overview
func Connector() actions.Connector {
	return actions.Connector{
		ID: "mixpanel", Name: "Mixpanel", Category: "Analytics", Color: "#7856ff", Monogram: "MX", Icon: icon,
		Description: "Events, profiles and reports in Mixpanel.",
		DocsURL:     "https://developer.mixpanel.com/reference/overview",
		SetUp:       setUp(),
		BaseURL:     "https://{host}",
		Derive:      regionHost,
		Auth:        []actions.Auth{serviceAccount()},
		Also:        []string{"https://mixpanel.com", "https://*.mixpanel.com"},
		Test:        &actions.Request{Method: "GET", Base: app, Path: "/api/query/funnels/list"},
		Errors: actions.ErrorTable{
			{Status: 401, Code: "unauthorized", Message: "Mixpanel does not take the service account: {words}", Remedy: "Put a new secret into the connection, and look whether the account is in the project and the connection's region is the project's."},
			{Status: 403, Code: "unauthorized", Message: "Mixpanel does not let the service account do this: {words}", Remedy: "Add it to the project, under Project settings, Service accounts, with a role that may: Analyst writes annotations, Consumer only reads."},
			{Status: 402, Code: "unauthorized", Message: "Mixpanel's plan of this project does not have it: {words}", Remedy: "Look under Organization settings, Plan details and billing, or leave the step out."},
			{Status: 404, Code: "not_found", Message: "Mixpanel does not know it: {words}", Remedy: "Check the id, and whether the connection's region is the project's."},
			{Status: 429, Code: "rate_limited", Message: "Mixpanel asks to slow down: {words}", Remedy: "Of reports and of exports it gives 60 an hour, five at a time."},
			{Status: 400, Pointer: "/failed_records/0/message", Code: "invalid_input", Message: "Mixpanel refused an event: {/failed_records/0/field}: {}", Remedy: "Correct the field in the event."},
			{Status: 400, Pointer: "/error", Code: "invalid_input", Message: "Mixpanel refused: {}", Remedy: "Correct the input that the message names."},
			{Status: 200, Pointer: "/error", Code: "invalid_input", Message: "Mixpanel refused: {}", Remedy: "Correct the input that the message names."},
		},
		Actions: append(slices.Concat(events(), profiles(), groups(), reading()), actions.APIRequest("Mixpanel", "/import", map[string]any{"code": 200, "num_records_imported": 1, "status": "OK"})),
	}
}

// serviceAccount signs imports. Source: https://developer.mixpanel.com/reference/service-accounts
func serviceAccount() actions.Auth {
	return actions.Auth{Method: "basic", Name: "Service account",
		Help: "In Mixpanel under Organization settings, Service accounts; the project's ID stands under Project settings.",
		Fields: []actions.Field{
			{ID: "user", Label: "User name", Help: "Of the service account.", Type: actions.Text, Required: true},
			{ID: "secret", Label: "Secret", Help: "Of the service account.", Type: actions.Text, Required: true, Secret: true},
			{ID: "project_id", Label: "Project ID", Help: "A number, which stands under Project settings.", Type: actions.Text, Required: true, Form: `^[0-9]+$`},
			{ID: "region", Label: "Region", Help: "Where Mixpanel keeps the project's data.", Type: actions.Select, Default: "us",
				Options: []actions.Option{{Value: "us", Label: "United States"}, {Value: "eu", Label: "Europe"}, {Value: "in", Label: "India"}}}},
		Apply: []actions.Place{{In: actions.InBasic, Name: "{user}", Value: "{secret}"}, {In: actions.InQuery, Name: "project_id", Value: "{project_id}"}}}
}

func regionHost(values map[string]string) (map[string]string, error) {
	switch region := values["region"]; region {
	case "", "us", "eu", "in":
		return hosts(region), nil
	default:
		return nil, fault.New(fault.InvalidInput, "Mixpanel has no region %q; there are us, eu and in.", fault.Clip(region, 20))
	}
}
