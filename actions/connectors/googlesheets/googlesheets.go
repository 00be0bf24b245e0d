// Package googlesheets is the connector for the Google Sheets API, version 4.
package googlesheets

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes Google Sheets. Source: https://developers.google.com/workspace/sheets/api/reference/rest
func Connector() actions.Connector {
	return actions.Connector{
		ID: "google_sheets", Name: "Google Sheets", Category: "Productivity", Color: "#34a853", Monogram: "GS", Icon: icon,
		Description: "Rows of spreadsheets.",
		DocsURL:     "https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/append",
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
		Actions:  []actions.Action{appendRow()},
		Triggers: []actions.Trigger{newRow()},
	}
}

const scope = "https://www.googleapis.com/auth/spreadsheets"

func appendRow() actions.Action {
	sample := map[string]any{"spreadsheetId": "1AbCdEf", "tableRange": "Closed!A1:F41",
		"updates": map[string]any{"spreadsheetId": "1AbCdEf", "updatedRange": "Closed!A42:F42", "updatedRows": 1, "updatedColumns": 6, "updatedCells": 6}}
	return actions.Action{
		ID: "append_row", Name: "Append a row", Description: "Adds a row below the table of a sheet.", Effect: actions.Once,
		Guarantee: "Google Sheets has no key that would make a repeat harmless: a row whose answer was lost in a crash is not added again by itself, you are asked.",
		Input: []actions.Field{
			{ID: "spreadsheet", Label: "Spreadsheet", Help: "Its id, which stands in its URL after /d/.", Type: actions.Text, Required: true, In: actions.InPath},
			{ID: "sheet", Label: "Sheet", Help: "The name of the tab.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Sheet1"},
			{ID: "values", Label: "Values", Help: "A list, from the first column on.", Type: actions.List, Required: true, In: actions.InNone},
			{ID: "formulas", Label: "Formulas", Help: "Whether texts that begin with =, +, - or @ are formulas. Leave it off where a text comes from outside: it could read your sheet and send it away.", Type: actions.Boolean, Default: false, In: actions.InNone},
			{ID: "value_input", Label: "Read as", Help: "Whether values are read as typed by a person (dates, formulas) or kept as they are.", Type: actions.Select, Default: "USER_ENTERED", In: actions.InQuery, Name: "valueInputOption",
				Options: []actions.Option{{Value: "USER_ENTERED", Label: "As typed"}, {Value: "RAW", Label: "As they are"}}},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}:append", Body: actions.JSONBody,
			Query: map[string]string{"insertDataOption": "INSERT_ROWS"}, Prepare: row},
	}
}

// isFormula says that Google would compute a text that is entered as by a person. Numbers are none.
func isFormula(s string) bool {
	if s == "" || !strings.ContainsRune("=+-@", rune(s[0])) {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// row writes the values as Google's value range, and the path's range.
func row(in map[string]any) (actions.Parts, error) {
	cells := []any{}
	values, _ := in["values"].([]any)
	for i, v := range values {
		switch v := v.(type) {
		case []any, map[string]any:
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input values/%d: a cell holds a text, a number or a boolean, not a %s.", i, value.Kind(v))
		case nil:
			cells = append(cells, "")
		case string:
			if in["formulas"] != true && in["value_input"] != "RAW" && isFormula(v) {
				v = "'" + v // which Google takes as the mark of a text
			}
			cells = append(cells, v)
		default:
			cells = append(cells, v)
		}
	}
	return actions.Parts{Path: map[string]string{"range": tab(in) + "!A1"}, Body: map[string]any{"values": []any{cells}, "majorDimension": "ROWS"}}, nil
}
