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
		ID: "google_sheets", Name: "Google Sheets", Category: "Productivity", Words: "spreadsheet table excel", Color: "#34a853", Monogram: "GS", Icon: icon,
		Description: "Rows, sheets and cells of spreadsheets.",
		DocsURL:     "https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/append",
		SetUp:       setUp(),
		BaseURL:     "https://sheets.googleapis.com",
		Also:        []string{drive},
		Auth: []actions.Auth{{Method: "token", Name: "Access token",
			Help:   "An OAuth access token with the scopes spreadsheets and drive.metadata.readonly. Google's tokens live for an hour.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The access token.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}},
			actions.GoogleOAuth(scope, listScope), actions.GoogleServiceAccount(scope, listScope)},
		// Google Sheets has no request without a spreadsheet. One that there cannot be is looked for only once the token and its
		// scope are taken.
		Test:       &actions.Request{Method: "GET", Path: "/v4/spreadsheets/none", Query: map[string]string{"fields": "spreadsheetId"}},
		TestErrors: actions.ErrorTable{{Status: 404, Pointer: "/error/status", Equals: "NOT_FOUND"}},
		Errors: slices.Concat(refusals(), actions.GoogleErrors(scope+", and "+listScope+" for the list of spreadsheets",
			"Share the spreadsheet with the connection's account as an editor, and look whether its cells are protected.")),
		Actions:  append(slices.Concat(rows(), many(), []actions.Action{sorting()}, ranges(), tabs()), actions.APIRequest("Google Sheets", "/v4/spreadsheets/1AbCdEf", map[string]any{"spreadsheetId": "1AbCdEf"})),
		Triggers: []actions.Trigger{newRow(), changedRow(), newSheet()},
	}
}

const scope = "https://www.googleapis.com/auth/spreadsheets"

// listScope is for the names of spreadsheets, which Drive knows: the least that lists them all.
// Source: https://developers.google.com/workspace/drive/api/guides/api-specific-auth
const listScope = "https://www.googleapis.com/auth/drive.metadata.readonly"

// drive is where spreadsheets are listed.
const drive = "https://www.googleapis.com"

// refusals are what Google Sheets says no with, beside what all APIs of Google do. It tells them apart by their texts.
func refusals() actions.ErrorTable {
	wrong := func(contains, code, message, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Status: 400, Pointer: "/error/message", Contains: contains, Code: code, Message: message, Remedy: remedy}
	}
	return actions.ErrorTable{
		wrong("unable to parse range", "invalid_input", "Google finds no such sheet or cells: {}", "Check the name of the sheet, which “List sheets” gives and the list of the input Sheet shows, and the cells, as A1:C10."),
		wrong("exceeds grid limits", "invalid_input", "The sheet has fewer rows or columns: {}", "Choose cells within it, or append rows."),
		wrong("not supported for this document", "invalid_input", "It is no Google spreadsheet, but a file in Drive, as of Excel: {}", "Open it in Google Sheets, choose File, Save as Google Sheets, and take the id of that."),
		wrong("protected", "unauthorized", "The cells are protected: {}", "Let the spreadsheet's owner allow the connection's account to edit them, in Google Sheets under Data, Protect sheets and ranges."),
		wrong("above the limit of", "too_large", "The spreadsheet is full: {}", "Delete sheets or rows, or begin another spreadsheet."),
		wrong("already exists", "conflict", "Google refused: {}", "Choose another name, or use “Find or create a sheet”."),
		{Status: 404, Code: "not_found", Message: "Google does not know the spreadsheet: {/error/message}", Remedy: "Check its id, which stands in its URL after /d/, and that it is shared with the connection's account."},
	}
}
