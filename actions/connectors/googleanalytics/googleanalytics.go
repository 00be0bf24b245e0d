// Package googleanalytics is the connector for Google Analytics 4: the Data API, and the Measurement Protocol.
package googleanalytics

import (
	_ "embed"
	"slices"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Google Analytics. Source: https://developers.google.com/analytics/devguides/reporting/data/v1
func Connector() actions.Connector {
	return actions.Connector{
		ID: "google_analytics", Name: "Google Analytics", Category: "Analytics", Color: "#e37400", Monogram: "GA", Icon: icon,
		Description: "Reports of a property, and events into it.",
		DocsURL:     "https://developers.google.com/analytics/devguides/reporting/data/v1",
		SetUp:       setUp(),
		BaseURL:     "https://analyticsdata.googleapis.com",
		Auth:        []actions.Auth{actions.GoogleOAuth(scope), actions.GoogleServiceAccount(scope), measurement()},
		Test:        &actions.Request{Method: "GET", Path: "/v1beta/properties/0/metadata", Query: map[string]string{"fields": "name"}}, // 0: of no property
		Errors: actions.ErrorTable{
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "rateLimitExceeded", Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "userRateLimitExceeded", Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 429, Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 401, Code: "unauthorized", Message: "Google does not take the token: {/error/message}", Remedy: "Sign in again, or put a new token into the connection."},
			{Status: 403, Code: "unauthorized", Message: "Google refused: {/error/message}", Remedy: "Give the connection's account access to it."},
			{Status: 404, Code: "not_found", Message: "Google does not know that: {/error/message}", Remedy: "Reports need a connection by Google's sign-in or a service account, events one by the Measurement Protocol."},
			{Status: 400, Pointer: "/error/message", Code: "invalid_input", Message: "Google refused: {}"},
		},
		Actions: append(slices.Concat(reports(), events()), actions.APIRequest("Google Analytics", "/v1beta/properties/1234:runReport", map[string]any{"rowCount": 1, "kind": "analyticsData#runReport"})),
	}
}

const scope = "https://www.googleapis.com/auth/analytics.readonly"

// byMeasurement is the way to sign in that events need.
const byMeasurement = "measurement"

// measurement is for the Measurement Protocol, which lies at another address and takes events.
// Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4
func measurement() actions.Auth {
	return actions.Auth{Method: byMeasurement, Name: "Measurement Protocol",
		Help: "In Google Analytics under Admin, Data streams, your stream: the measurement ID, and a secret under Measurement Protocol API secrets.",
		Fields: []actions.Field{
			{ID: "measurement_id", Label: "Measurement ID", Help: "As G-ABC123.", Type: actions.Text, Required: true},
			{ID: "api_secret", Label: "API secret", Help: "The secret's value.", Type: actions.Text, Required: true, Secret: true}},
		Apply:   []actions.Place{{In: actions.InQuery, Name: "measurement_id", Value: "{measurement_id}"}, {In: actions.InQuery, Name: "api_secret", Value: "{api_secret}"}},
		BaseURL: "https://www.google-analytics.com",
		// Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events
		Untested: "Google's Measurement Protocol answers 204 to everything, also with a wrong secret, and its validation server does not look at the secret: whether events arrive shows in the property's real-time report."}
}
