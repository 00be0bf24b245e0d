package jira

import "github.com/stepmill/stepmill/actions"

// failures are how Jira says no, and what mends it. A 401 comes as a text; what an OAuth token may not do is one too, with these
// words. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#status-code
func failures() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 401, Pointer: "/message", Contains: "scope does not match", Code: "unauthorized", Message: "Jira refused: {}", Remedy: "The sign-in lacks a scope: name it in the connection, add it to the app under Permissions, and sign in again. The app's page here says which scopes an action needs."},
		{Status: 401, Code: "unauthorized", Message: "Jira does not take the credentials: {words}", Remedy: "Put the account's mail address and a new API token into the connection, or sign in again; tokens expire within a year."},
		{Status: 403, Code: "unauthorized", Message: "Jira refused: {words}", Remedy: "The account may not do this: an administrator of the project gives it the permission under Project settings, People; some need the administration of all of Jira."},
		{Status: 404, Pointer: "/errorMessage", Code: "not_found", Message: "Jira has no such site: {}", Remedy: "Check the site in the connection: it is what stands before .atlassian.net in the browser.", Own: true},
		{Status: 404, Code: "not_found", Message: "Jira does not know it, or the account may not see it: {words}", Remedy: "Check the key, the site, and that the account may browse the project: Jira says the same of what is not there and of what it hides."},
		{Status: 410, Code: "not_found", Message: "Jira has taken this call away: {words}", Remedy: "Use another action: what it did has another address now."},
		{Status: 409, Code: "conflict", Message: "Jira was changing the same thing: {words}", Remedy: "Try again."},
		{Status: 413, Code: "too_large", Message: "Jira takes nothing as large as this: {words}"},
		{Status: 429, Code: "rate_limited", Message: "Jira asks to slow down: {words}"},
		{Status: 400, Pointer: "/errors", Contains: "cannot be set", Code: "invalid_input", Message: "Jira refused: {words}", Remedy: "The field is not on the screen of this kind of issue: an administrator adds it under Project settings, Screens, or leave it out. “List the fields of an issue type” shows what is there."},
		{Status: 400, Pointer: "/errors", Contains: "required", Code: "invalid_input", Message: "Jira refused: {words}", Remedy: "The project asks for more fields: “List the fields of an issue type” shows which; give them under More fields, by their ids."},
		{Status: 400, Code: "invalid_input", Message: "Jira refused: {words}", Remedy: "Compare the inputs with the fields that the project's screen for this issue type has; “List the fields of an issue type” shows them."},
	}
}
