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
		ID: "google_analytics", Name: "Google Analytics", Category: "Analytics", Words: "ga4", Color: "#e37400", Monogram: "GA", Icon: icon,
		Description: "Reports of a property, and events into it.",
		DocsURL:     "https://developers.google.com/analytics/devguides/reporting/data/v1",
		SetUp:       setUp(),
		BaseURL:     "https://analyticsdata.googleapis.com",
		Also:        []string{admin},
		Auth:        []actions.Auth{actions.GoogleOAuth(scope), actions.GoogleServiceAccount(scope), measurement()},
		Test:        &actions.Request{Method: "GET", Path: "/v1beta/properties/0/metadata", Query: map[string]string{"fields": "name"}}, // 0: of no property
		Errors:      slices.Concat(refusals(), actions.GoogleErrors(scope, "In Google Analytics under Admin, Property access management, add the connection's account as a viewer; and check the property's number.")),
		Actions:     append(slices.Concat(properties(), reports(), events()), actions.APIRequest("Google Analytics", "/v1beta/properties/1234:runReport", map[string]any{"rowCount": 1, "kind": "analyticsData#runReport"})),
	}
}

const scope = "https://www.googleapis.com/auth/analytics.readonly"

// byMeasurement is the way to sign in that events need.
const byMeasurement = "measurement"

// admin is where properties are listed, by the same scope.
const admin = "https://analyticsadmin.googleapis.com"

// refusals are what Google Analytics says no with, beside what all APIs of Google do. It tells them apart by their texts.
func refusals() actions.ErrorTable {
	wrong := func(contains, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Status: 400, Pointer: "/error/message", Contains: contains, Code: "invalid_input", Message: "Google refused: {}", Remedy: remedy}
	}
	return actions.ErrorTable{
		wrong("is not a valid", "Take the API's names, which “Get dimensions and metrics” gives and the lists of the inputs show."),
		wrong("compatible", "“Check dimensions and metrics” says which go together."),
		{Status: 404, Code: "not_found", Message: "Google does not know that: {/error/message}", Remedy: "Reports need a connection by Google's sign-in or a service account, events one by the Measurement Protocol."},
	}
}

// measurement is for the Measurement Protocol, which lies at another address and takes events.
// Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4
func measurement() actions.Auth {
	return actions.Auth{Method: byMeasurement, Name: "Measurement Protocol",
		Help: "In Google Analytics under Admin, Data streams, your stream: the measurement ID, and a secret under Measurement Protocol API secrets.",
		Fields: []actions.Field{
			{ID: "measurement_id", Label: "Measurement ID", Help: "That of a web stream, as G-ABC123.", Type: actions.Text, Required: true, Form: `^G-[A-Za-z0-9]+$`},
			{ID: "api_secret", Label: "API secret", Help: "The secret's value.", Type: actions.Text, Required: true, Secret: true}},
		Apply:   []actions.Place{{In: actions.InQuery, Name: "measurement_id", Value: "{measurement_id}"}, {In: actions.InQuery, Name: "api_secret", Value: "{api_secret}"}},
		BaseURL: "https://www.google-analytics.com",
		// Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events
		Untested: "Google's Measurement Protocol answers 204 to everything, also with a wrong secret, and its validation server does not look at the secret: whether events arrive shows in the property's real-time report."}
}
