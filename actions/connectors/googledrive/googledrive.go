// Package googledrive is the connector for the Google Drive API, version 3.
package googledrive

import (
	_ "embed"
	"slices"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Google Drive. Source: https://developers.google.com/workspace/drive/api/reference/rest/v3
func Connector() actions.Connector {
	return actions.Connector{
		ID: "google_drive", Name: "Google Drive", Category: "Files", Color: "#1fa463", Monogram: "GD", Icon: icon,
		Description: "Files and folders in Google Drive, and what is in them.",
		DocsURL:     "https://developers.google.com/workspace/drive/api/reference/rest/v3",
		SetUp:       setUp(),
		BaseURL:     "https://www.googleapis.com",
		Auth:        []actions.Auth{actions.GoogleOAuth(scope), actions.GoogleServiceAccount(scope)},
		Test:        &actions.Request{Method: "GET", Path: "/drive/v3/about", Query: map[string]string{"fields": "user"}},
		Errors: actions.ErrorTable{
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "rateLimitExceeded", Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "userRateLimitExceeded", Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 403, Pointer: "/error/errors/0/reason", Equals: "storageQuotaExceeded", Code: "invalid_input", Message: "Google Drive has no room: {/error/message}", Remedy: "Delete what is not needed, or buy more room."},
			{Status: 429, Code: "rate_limited", Message: "Google asks to slow down: {/error/message}"},
			{Status: 401, Code: "unauthorized", Message: "Google does not take the token: {/error/message}", Remedy: "Sign in again, or put a new token into the connection."},
			{Status: 403, Code: "unauthorized", Message: "Google refused: {/error/message}", Remedy: "Give the connection's account access to it."},
			{Status: 404, Code: "not_found", Message: "Google Drive does not know it: {/error/message}", Remedy: "Check the id, which stands in the URL, and that it is shared with the connection's account."},
			{Status: 400, Pointer: "/error/message", Code: "invalid_input", Message: "Google refused: {}"},
		},
		Actions: append(slices.Concat(folders(), contents(), files(), sharing()),
			actions.APIRequest("Google Drive", "/drive/v3/files", map[string]any{"kind": "drive#file", "id": "1AbCdEf", "name": "Report", "mimeType": "application/pdf"})),
		Triggers: triggers(),
	}
}

const scope = "https://www.googleapis.com/auth/drive"
