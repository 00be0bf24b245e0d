// Package amplitude is the connector for what Amplitude takes in, exports and counts.
package amplitude

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// Connector describes Amplitude. Source: https://amplitude.com/docs/apis/analytics/http-v2
func Connector() actions.Connector {
	return actions.Connector{
		ID: "amplitude", Name: "Amplitude", Category: "Analytics", Color: "#1e61f0", Monogram: "AM",
		Description: "Events, users and counts in Amplitude.",
		DocsURL:     "https://amplitude.com/docs/apis/analytics/http-v2",
		SetUp:       setUp(),
		BaseURL:     "https://{host}",
		Derive:      regionHost,
		Auth: []actions.Auth{{Method: "api_key", Name: "API key, to send",
			Help: "In Amplitude under Settings, Organization settings, Projects: the project's API key. For what sends events and properties; reading asks for the secret key too.",
			Fields: []actions.Field{
				{ID: "api_key", Label: "API key", Help: "The project's.", Type: actions.Text, Required: true, Secret: true},
				region()},
			Apply:    []actions.Place{{In: actions.InBody, Name: "api_key", Value: "{api_key}"}},
			Untested: "An API key of Amplitude takes events in and gives nothing out, so a test would write into your project: the next run shows whether the key is taken."}, keys()},
		Test:       &actions.Request{Method: "GET", Path: "/api/2/events/list"},
		TestErrors: readErrors(),
		Errors: actions.ErrorTable{
			{Status: 429, Code: "rate_limited", Message: "Amplitude asks to slow down: {/error}"},
			{Status: 400, Pointer: "/error", Contains: "invalid api key", Code: "unauthorized", Message: "Amplitude does not take the API key.", Remedy: "Put the project's key into the connection.", SignIn: true},
			{Status: 413, Code: "too_large", Message: "Amplitude takes less at once: {/error}", Remedy: "Send fewer events."},
			{Status: 401, Code: "unauthorized", Message: "Amplitude does not take the API key: {words}", Remedy: "Put the project's API key into the connection, and look whether the connection's region is the project's."},
			{Status: 400, Pointer: "/missing_field", Code: "invalid_input", Message: "Amplitude refused: {/error}: {}", Remedy: "Give the field that is named."},
			{Status: 400, Pointer: "/events_with_invalid_fields", Code: "invalid_input", Message: "Amplitude refused an event: {/error} {/events_with_invalid_fields}", Remedy: "Correct the fields that are named; behind each stands which events it is of, the first being 0."},
			{Status: 400, Pointer: "/events_with_missing_fields", Code: "invalid_input", Message: "Amplitude refused an event: {/error} {/events_with_missing_fields}", Remedy: "Give the fields that are named; behind each stands which events lack it, the first being 0."},
			{Status: 400, Pointer: "/error", Code: "invalid_input", Message: "Amplitude refused: {}", Remedy: "Check the inputs."},
		},
		Actions: append(slices.Concat(sending(), reading()), actions.APIRequest("Amplitude", "/2/httpapi", map[string]any{"code": 200, "events_ingested": 1, "payload_size_bytes": 50, "server_upload_time": 1764000000000})),
	}
}

// sending are the actions that take an API key alone.
func sending() []actions.Action {
	out := slices.Concat(events(), users())
	for i := range out {
		out[i].Ways = []string{"api_key"}
	}
	return out
}

func region() actions.Field {
	return actions.Field{ID: "region", Label: "Region", Help: "Where Amplitude keeps the project's data.", Type: actions.Select, Default: "us",
		Options: []actions.Option{{Value: "us", Label: "United States"}, {Value: "eu", Label: "Europe"}}}
}

func regionHost(values map[string]string) (map[string]string, error) {
	switch region := values["region"]; region {
	case "", "us":
		return map[string]string{"host": "api2.amplitude.com", "dashboard": "amplitude.com"}, nil
	case "eu":
		return map[string]string{"host": "api.eu.amplitude.com", "dashboard": "analytics.eu.amplitude.com"}, nil
	default:
		return nil, fault.New(fault.InvalidInput, "Amplitude has no region %q; there are us and eu.", fault.Clip(region, 20))
	}
}
