package pipedrive

import "github.com/stepmill/stepmill/actions"

// refusals are Pipedrive's: what is wrong stands in error, and often more of it, with the field's name, in error_info.
// Source: https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes
func refusals() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Pipedrive does not take the token: {/error}", Remedy: "Sign in again, or put a new token into the connection."},
		{Status: 402, Code: "unauthorized", Message: "The company's plan does not have this, or is not paid: {/error}: {/error_info}", Remedy: "An administrator looks under Settings, Billing in Pipedrive."},
		{Status: 403, Pointer: "/error", Contains: "scope", Code: "unauthorized", Message: "Pipedrive refused: {/error}: {/error_info}", Remedy: "Give the app the scope in Pipedrive's Developer Hub, add it to the connection's scopes, and sign in again."},
		{Status: 403, Code: "unauthorized", Message: "Pipedrive refused: {/error}: {/error_info}", Remedy: "Give the app the scope, or the user the permission, that the call needs; a thing of another user's may be hidden, under Settings, Manage users, Visibility groups."},
		{Status: 429, Code: "rate_limited", Message: "Pipedrive asks to slow down: {/error}", Remedy: "Each plan has a budget of requests a day, which all apps of the company share: let triggers look less often, or give them a filter."},
		{Status: 404, Pointer: "/error", Code: "not_found", Message: "Pipedrive does not know it: {}: {/error_info}", Remedy: "Check the id: it stands in the thing's address. What another user owns may be hidden from the connection's user."},
		{Status: 410, Code: "not_found", Message: "Pipedrive has deleted it: {/error}", Remedy: "For 30 days it can be brought back in Pipedrive; else name another."},
		{Status: 400, Pointer: "/error", Contains: "custom_fields", Code: "invalid_input", Message: "Pipedrive refused a custom field: {}: {/error_info}", Remedy: "The lists of fields give the keys and, of fields with options, the ids that they take; List activity types and the like give the others."},
		{Status: 400, Pointer: "/error", Code: "invalid_input", Message: "Pipedrive refused: {}: {/error_info}", Remedy: "Check the input that it names; the lists of fields say which keys there are, and what they take."},
		{Status: 422, Code: "invalid_input", Message: "Pipedrive cannot do this: {/error}: {/error_info}", Remedy: "Check the inputs that it names, and whether the thing is in a state that allows it."},
		{Status: 200, Pointer: "/error", Code: "invalid_input", Message: "Pipedrive refused: {}: {/error_info}"},
	}
}
