package hubspot

import "github.com/stepmill/stepmill/actions"

// where scopes are given.
const scopesAt = "Give the service key that scope in HubSpot under Development, Keys, Service keys, or the private app under Development, Legacy apps; of an app that people sign in to, name it in the app and in the connection's scopes, and sign in again."

// refusals are the errors of all of HubSpot's APIs. Source: https://developers.hubspot.com/docs/api-reference/error-handling
func refusals() actions.ErrorTable {
	const properties = "Settings, Properties in HubSpot has the internal names and what each takes; List properties gives them too."
	return actions.ErrorTable{
		{Status: 401, Pointer: "/category", Equals: "EXPIRED_AUTHENTICATION", Code: "unauthorized", Message: "HubSpot's token is no longer valid: {/message}", Remedy: "Sign in again; of a service key or a private app, copy it anew, since it may have been rotated."},
		{Status: 401, Code: "unauthorized", Message: "HubSpot does not take the token: {/message}", Remedy: "Sign in again, or put a new token into the connection."},
		{Status: 402, Code: "unauthorized", Message: "HubSpot's account has not paid for this: {/message}", Remedy: "Look in HubSpot under Account & Billing which products the account has; the page of the call says which it needs."},
		{Status: 403, Pointer: "/errors/*/context/requiredGranularScopes", Code: "unauthorized", Message: "HubSpot refused: the token lacks one of the scopes {/errors/*/context/requiredGranularScopes}", Remedy: scopesAt},
		{Status: 403, Pointer: "/errors/*/context/requiredScopes", Code: "unauthorized", Message: "HubSpot refused: the token lacks one of the scopes {/errors/*/context/requiredScopes}", Remedy: scopesAt},
		{Status: 403, Pointer: "/category", Equals: "MISSING_SCOPES", Code: "unauthorized", Message: "HubSpot refused, since the token lacks a scope: {words}", Remedy: scopesAt},
		{Status: 403, Pointer: "/category", Equals: "BANNED", Code: "unauthorized", Message: "HubSpot has blocked the app or the account: {/message}", Remedy: "Ask HubSpot's support."},
		{Status: 403, Code: "unauthorized", Message: "HubSpot refused: {/message}", Remedy: "Look whether the user who made the app, or signed in, may do this, and whether the account's subscription has it."},
		{Status: 429, Pointer: "/policyName", Equals: "DAILY", Code: "rate_limited", Message: "The HubSpot account has used up its requests of this day: {/message}", Remedy: "They are counted anew at midnight in the account's time zone."},
		{Status: 429, Code: "rate_limited", Message: "HubSpot asks to slow down: {/message}"},
		{Status: 423, Code: "unavailable", Message: "HubSpot has locked the record for a moment: {/message}"},
		{Status: 477, Code: "unavailable", Message: "HubSpot is moving the account to another data centre"},
		{Status: 409, Pointer: "/message", Code: "conflict", Message: "HubSpot has it already: {}", Remedy: "Update that one, or use Create or update."},
		{Status: 404, Pointer: "/message", Code: "not_found", Message: "HubSpot does not know it: {}", Remedy: "Check the id; of a record it is the last number in the address of its page. What was deleted, was merged into another, or lies in another account is not found."},
		{Status: 404, Code: "not_found", Message: "HubSpot does not know it", Remedy: "Check the ids, and the kind of record where there is one: a record is found under its own kind only."},
		{Status: 400, Pointer: "/message", Contains: "property_doesnt_exist", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Take the property's internal name, which is not its label. " + properties},
		{Status: 400, Pointer: "/message", Contains: "invalid_option", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Take an option's internal name, which is not its label. " + properties},
		{Status: 400, Pointer: "/message", Contains: "invalid_date", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Write a day as 2026-03-31, with no time of the day: HubSpot takes midnight in UTC only."},
		{Status: 400, Pointer: "/category", Equals: "VALIDATION_ERROR", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Check what it names. " + properties},
		{Status: 400, Pointer: "/message", Code: "invalid_input", Message: "HubSpot refused: {words}"},
	}
}

// existing finds the id of the contact that a second one with its address is refused for: one that another run has just made, or whose further
// address it is.
const existing = `already exists\. Existing ID: (\d+)`

// taken is the error of a value that another record has already.
func taken() actions.ErrorTable {
	return actions.ErrorTable{{Status: 409, Pointer: "/message", Contains: "existing id", Code: "conflict", Message: "HubSpot has it already: {}", Remedy: "Update that record, by the id that it names, or use Create or update."}}
}

// ofBatch is the error of a batch of one: HubSpot answers 207 and says in it what went wrong.
func ofBatch() actions.ErrorTable {
	return actions.ErrorTable{{Status: 207, Pointer: "/errors/0/message", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Check the inputs that it names, and that the values of the property under Known by are unique."}}
}
