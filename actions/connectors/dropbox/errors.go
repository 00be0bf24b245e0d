package dropbox

import "github.com/stepmill/stepmill/actions"

// refusals are what Dropbox says no with. Source: https://www.dropbox.com/developers/documentation/http/documentation#error-handling
func refusals() actions.ErrorTable {
	token := func(tag, message, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Status: 401, Pointer: "/error/.tag", Equals: tag, Code: "unauthorized", Message: message, Remedy: remedy}
	}
	return actions.ErrorTable{
		token("missing_scope", "The connection lacks the permission {/error/required_scope} of Dropbox.", "At dropbox.com/developers/apps open your app, check it under Permissions and submit; then sign in again with the connection."),
		token("expired_access_token", "Dropbox's token has expired.", "Sign in again."),
		token("invalid_access_token", "Dropbox does not know the token any more.", "Sign in again; the app may have been disconnected under Connected apps of the account."),
		token("user_suspended", "Dropbox has suspended the account.", "Let the team's administrator bring it back, or sign in with another one."),
		token("route_access_denied", "Dropbox does not let the app do that: {/error_summary}", "Look at the app at dropbox.com/developers/apps."),
		{Status: 401, Code: "unauthorized", Message: "Dropbox does not take the token: {/error_summary}", Remedy: "Sign in again."},
		{Status: 403, Pointer: "/error/.tag", Equals: "invalid_account_type", Code: "unauthorized", Message: "The account's plan has it not: {/error_summary}", Remedy: "It needs another plan of Dropbox, or an account of a team."},
		{Status: 403, Code: "unauthorized", Message: "Dropbox does not let the account do that: {/error_summary}", Remedy: "Ask the owner of the folder, or the team's administrator."},
		{Status: 429, Code: "rate_limited", Message: "Dropbox asks to slow down: {/error_summary}"},
		{Status: 409, Pointer: "/error/.tag", Equals: "too_many_write_operations", Code: "rate_limited", Message: "Dropbox asks to slow down."},
		{Status: 409, Pointer: "/error/path/.tag", Equals: "not_found", Code: "not_found", Message: "Dropbox does not know the path: {/error_summary}", Remedy: "Check the path; it begins with / and the root is empty."},
		{Status: 409, Pointer: "/error/path_lookup/.tag", Equals: "not_found", Code: "not_found", Message: "Dropbox does not know the path: {/error_summary}", Remedy: "Check the path; it begins with / and the root is empty."},
		{Status: 409, Pointer: "/error/from_lookup/.tag", Equals: "not_found", Code: "not_found", Message: "Dropbox does not know the path that it goes from: {/error_summary}"},
		{Status: 409, Pointer: "/error/path/.tag", Equals: "conflict", Code: "conflict", Message: "Dropbox has something at the path already: {/error_summary}", Remedy: "Choose another path, or let Dropbox choose a name."},
		{Status: 409, Pointer: "/error/to/.tag", Equals: "conflict", Code: "conflict", Message: "Dropbox has something at the path that it goes to: {/error_summary}", Remedy: "Choose another path, or let Dropbox choose a name."},
		{Status: 409, Pointer: "/error/.tag", Equals: "shared_link_already_exists", Code: "conflict", Message: "Dropbox has a link to it already: {/error_summary}", Remedy: "Use “Get or make a link”."},
		// A cursor that is good for nothing any more: the list is read anew.
		{Status: 409, Pointer: "/error/.tag", Equals: "reset", Code: "conflict", Message: "Dropbox has lost the place in the list."},
		{Status: 409, Pointer: "/error/.tag", Equals: "internal_error", Code: "unavailable", Message: "Dropbox failed: {/error_summary}"},
		{Status: 409, Pointer: "/error/.tag", Equals: "insufficient_quota", Code: "invalid_input", Message: "Dropbox has no room: {/error_summary}", Remedy: "Delete what is not needed, or buy more room."},
		{Status: 409, Pointer: "/error/.tag", Equals: "too_many_files", Code: "too_large", Message: "Dropbox takes 10,000 files and folders at once: {/error_summary}", Remedy: "Do it folder by folder."},
		{Status: 409, Pointer: "/error/.tag", Equals: "cant_move_folder_into_itself", Code: "invalid_input", Message: "A folder cannot go into itself.", Remedy: "Choose another place."},
		{Status: 409, Pointer: "/error/.tag", Equals: "invalid_revision", Code: "not_found", Message: "Dropbox does not know the revision.", Remedy: "“List a file's revisions” gives those that there are."},
		{Status: 409, Pointer: "/error/.tag", Equals: "email_not_verified", Code: "unauthorized", Message: "The account's mail address is not verified.", Remedy: "Verify it at dropbox.com under Settings."},
		{Status: 409, Pointer: "/error/.tag", Equals: "email_unverified", Code: "unauthorized", Message: "The account's mail address is not verified.", Remedy: "Verify it at dropbox.com under Settings."},
		{Status: 409, Pointer: "/error/settings_error/.tag", Equals: "not_authorized", Code: "unauthorized", Message: "The account's plan has not these settings of a link.", Remedy: "Leave out the end, the password and the audience, or use a paid account."},
		{Status: 409, Pointer: "/error/settings_error/.tag", Equals: "invalid_settings", Code: "invalid_input", Message: "These settings of a link do not go together.", Remedy: "The end must be to come, and who may follow it must suit the account."},
		{Status: 409, Pointer: "/error/bad_path/.tag", Code: "invalid_input", Message: "The folder cannot be shared: {}", Remedy: "One within or above a shared folder cannot, nor one of an app."},
		{Status: 409, Pointer: "/error/.tag", Equals: "no_permission", Code: "unauthorized", Message: "The account may not do that: {/error_summary}", Remedy: "Ask its owner for the right to edit."},
		{Status: 409, Pointer: "/error/.tag", Equals: "access_denied", Code: "unauthorized", Message: "The account may not do that: {/error_summary}", Remedy: "Ask its owner for the right to edit."},
	}
}

// unions are the errors of looking something up and of writing it, at the members that the calls have them in.
// Sources: https://www.dropbox.com/developers/documentation/http/documentation#files-get_metadata, https://www.dropbox.com/developers/documentation/http/documentation#files-move
func unions() (out actions.ErrorTable) {
	for _, r := range []actions.ErrorRule{
		{Equals: "malformed_path", Code: "invalid_input", Message: "Dropbox cannot read the path", Remedy: "Write it as /Customers/Acme/Offer.pdf, without a line break or a space at an end."},
		{Equals: "not_file", Code: "invalid_input", Message: "There is no file at the path, but a folder", Remedy: "Name a file."},
		{Equals: "not_folder", Code: "invalid_input", Message: "There is no folder at the path, but a file", Remedy: "Name a folder."},
		{Equals: "restricted_content", Code: "unauthorized", Message: "Dropbox keeps the content back, as for a claim of its owner", Remedy: "See what Dropbox says of it at dropbox.com."},
		{Equals: "unsupported_content_type", Code: "invalid_input", Message: "Dropbox does not do that with this kind of file", Remedy: "Export it, where it is a document of Paper."},
		{Equals: "locked", Code: "conflict", Message: "Somebody has locked the file", Remedy: "Let it be unlocked in Dropbox."},
		{Equals: "no_write_permission", Code: "unauthorized", Message: "The account may not write there", Remedy: "Ask the folder's owner for the right to edit."},
		{Equals: "access_restricted", Code: "unauthorized", Message: "The account may not write there", Remedy: "Ask the folder's owner for the right to edit."},
		{Equals: "insufficient_space", Code: "invalid_input", Message: "Dropbox has no room", Remedy: "Delete what is not needed, or buy more room."},
		{Equals: "disallowed_name", Code: "invalid_input", Message: "Dropbox does not take the name", Remedy: "Choose another one."},
		{Equals: "team_folder", Code: "unauthorized", Message: "That cannot be done with a team folder", Remedy: "Let the team's administrator do it in the admin console."},
		{Equals: "operation_suppressed", Code: "invalid_input", Message: "Dropbox does not do that at the path", Remedy: "Choose another place."},
	} {
		for _, at := range []string{"path", "path_lookup", "path_write", "from_lookup", "from_write", "to", "reason"} {
			r := r
			r.Status, r.Pointer, r.Message = 409, "/error/"+at+"/.tag", r.Message+": {/error_summary}"
			out = append(out, r)
		}
	}
	return out
}
