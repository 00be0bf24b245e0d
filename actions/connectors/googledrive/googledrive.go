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
		Errors:      slices.Concat(refusals(), actions.GoogleErrors(scope, "Share the file or the folder with the connection's account, with the right to edit where it is changed.")),
		Actions: append(slices.Concat(folders(), contents(), files(), sharing(), versions(), comments(), drives()),
			actions.APIRequest("Google Drive", "/drive/v3/files", map[string]any{"kind": "drive#file", "id": "1AbCdEf", "name": "Report", "mimeType": "application/pdf"})),
		Triggers: triggers(),
	}
}

const scope = "https://www.googleapis.com/auth/drive"

// refusals are what Drive says no with, beside what all APIs of Google do.
// Source: https://developers.google.com/workspace/drive/api/guides/handle-errors
func refusals() actions.ErrorTable {
	because := func(reason, code, message, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Status: 403, Pointer: "/error/errors/*/reason", Equals: reason, Code: code, Message: message + ": {/error/message}", Remedy: remedy}
	}
	return actions.ErrorTable{
		because("storageQuotaExceeded", "invalid_input", "Google Drive has no room", "Delete what is not needed, or buy more room. A service account has none: let it write into a shared drive, or act for a person."),
		because("teamDriveFileLimitExceeded", "invalid_input", "The shared drive is full", "Delete what is not needed, or use another shared drive."),
		because("sharingRateLimitExceeded", "rate_limited", "Google lets the account share no more for now", "Share without a mail, or with a group instead of many people."),
		because("appNotAuthorizedToFile", "unauthorized", "The connection's scopes cover only files that it made itself", "Sign in again with the scope "+scope+"."),
		because("insufficientFilePermissions", "unauthorized", "The connection's account may not do that with the file", "Share the file with it, with the right to edit."),
		because("insufficientParentPermissions", "unauthorized", "The connection's account may not add to the folder", "Share the folder with it, with the right to edit."),
		because("cannotDownloadAbusiveFile", "invalid_input", "Google holds the file for malware or spam", "Only its owner can fetch it, in Google Drive."),
		because("fileNotDownloadable", "invalid_input", "The file has no content of its own", "Export it, where it is a document of Google's."),
		because("cannotCopyFile", "unauthorized", "The file's owner does not let it be copied", "Ask the owner to allow it, in the file's sharing settings."),
		{Status: 404, Code: "not_found", Message: "Google Drive does not know it: {/error/message}", Remedy: "Check the id, which stands in the URL, and that it is shared with the connection's account."},
		{Status: 400, Pointer: "/error/errors/*/location", Equals: "q", Code: "invalid_input", Message: "Google refused {}: {/error/message}", Remedy: "q is what is searched for: correct the conditions, your own too."},
		{Status: 400, Pointer: "/error/errors/*/location", Code: "invalid_input", Message: "Google refused {}: {/error/message}", Remedy: "Correct the input that it was made of."},
	}
}
