// Package googlesheets is the connector for the Google Sheets API, version 4.
package googlesheets

import (
	_ "embed"
	"slices"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Google Sheets. Source: https://developers.google.com/workspace/sheets/api/reference/rest
func Connector() actions.Connector {
	return actions.Connector{
		ID: "google_sheets", Name: "Google Sheets", Category: "Productivity", Color: "#34a853", Monogram: "GS", Icon: icon,
		Description: "Rows, sheets and cells of spreadsheets.",
		DocsURL:     "https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/append",
		SetUp:       setUp(),
		BaseURL:     "https://sheets.googleapis.com",
		Auth: []actions.Auth{{Method: "token", Name: "Access token",
			Help:   "An OAuth access token with the scope spreadsheets. Google's tokens live for an hour.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The access token.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}},
			actions.GoogleOAuth(scope), actions.GoogleServiceAccount(scope)},
		// Google Sheets has no request without a spreadsheet. One that there cannot be is looked for only once the token and its
		// scope are taken.
		Test:       &actions.Request{Method: "GET", Path: "/v4/spreadsheets/none", Query: map[string]string{"fields": "spreadsheetId"}},
		TestErrors: actions.ErrorTable{{Status: 404, Pointer: "/error/status", Equals: "NOT_FOUND"}},
		Errors: actions.ErrorTable{
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "rateLimitExceeded", Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "userRateLimitExceeded", Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 429, Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 401, Code: "unauthorized", Message: "Google does not take the token: {/error/message}", Remedy: "Put a new access token into the connection."},
			{Status: 403, Code: "unauthorized", Message: "Google refused: {/error/message}", Remedy: "Share the spreadsheet with the token's account."},
			{Status: 404, Code: "not_found", Message: "Google does not know the spreadsheet: {/error/message}", Remedy: "Check its id, which stands in its URL after /d/."},
			{Status: 400, Pointer: "/error/message", Code: "invalid_input", Message: "Google refused: {}"},
		},
		Actions:  append(slices.Concat(rows(), ranges(), tabs()), actions.APIRequest("Google Sheets", "/v4/spreadsheets/1AbCdEf", map[string]any{"spreadsheetId": "1AbCdEf"})),
		Triggers: []actions.Trigger{newRow()},
	}
}

const scope = "https://www.googleapis.com/auth/spreadsheets"
