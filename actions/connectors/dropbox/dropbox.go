// Package dropbox is the connector for the Dropbox API, version 2.
package dropbox

import (
	_ "embed"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Dropbox. Source: https://www.dropbox.com/developers/documentation/http/documentation
func Connector() actions.Connector {
	return actions.Connector{
		ID: "dropbox", Name: "Dropbox", Category: "Files", Color: "#0061ff", Monogram: "DB", Icon: icon,
		Description: "Files and folders in Dropbox, and what is in them.",
		DocsURL:     "https://www.dropbox.com/developers/documentation/http/documentation",
		SetUp:       setUp(),
		BaseURL:     "https://api.dropboxapi.com",
		Also:        []string{contentHost},
		Auth:        []actions.Auth{oauth()},
		Test:        &actions.Request{Method: "POST", Path: "/2/users/get_current_account"}, // without an argument it takes no body
		Errors: slices.Concat(refusals(), unions(), actions.ErrorTable{
			{Status: 409, Pointer: "/error_summary", Code: "invalid_input", Message: "Dropbox refused: {}"},
			// The app has not the scope; where it is the token that has it not, it is missing_scope.
			{Status: 400, Contains: "required scope", Code: "unauthorized", Message: "Dropbox refused: {}", Remedy: "At dropbox.com/developers/apps open your app, check the scope under Permissions and submit; then sign in again with the connection."},
			{Status: 400, Code: "invalid_input", Message: "Dropbox refused the request: {words}"},
		}),
		Actions: append(slices.Concat(contents(), texts(), files(), lists(), tags(), sharing(), account()),
			actions.APIRequest("Dropbox", "/2/files/list_folder", map[string]any{"metadata": map[string]any{"name": "math", "path_lower": "/homework/math", "id": "id:a4ayc_80_OEAAAAAAAAAXz"}})),
		Triggers: triggers(),
	}
}

// oauth is the sign-in by an app. Tokens live for four hours.
// Source: https://developers.dropbox.com/oauth-guide
func oauth() actions.Auth {
	return actions.OAuthApp("At dropbox.com/developers/apps, your app: Settings has the app key and secret; add this server's address with /oauth/callback as a redirect URI.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://www.dropbox.com/oauth2/authorize", Token: "https://api.dropboxapi.com/oauth2/token",
		Scopes: []string{"account_info.read", "files.content.write", "files.content.read", "files.metadata.read", "sharing.write", "sharing.read", "file_requests.write", "file_requests.read"}, Extra: map[string]string{"token_access_type": "offline"},
		Client: actions.ClientInBody, PKCE: true, Lives: 4 * time.Hour, Account: "/account_id",
	})
}
