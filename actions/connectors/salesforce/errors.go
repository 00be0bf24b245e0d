package salesforce

import "github.com/stepmill/stepmill/actions"

const (
	lists = "List fields says what each field takes."
	mine  = "It is a rule of your own organization."
)

// refusals are Salesforce's, which come as a list: the first says what is wrong, with a code and the fields that it is about.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm, and beside it
// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
func refusals() actions.ErrorTable {
	refusal := func(code, class, message, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Pointer: "/*/errorCode", Equals: code, Code: class, Message: message, Remedy: remedy}
	}
	return actions.ErrorTable{
		refusal("REQUEST_LIMIT_EXCEEDED", "rate_limited", "Salesforce has had its requests of the day: {/0/message}",
			"They are counted over 24 hours: Setup, Company Information shows how many there are. Let triggers look less often, or buy more."),
		{Pointer: "/0/errorCode", Equals: "INVALID_SESSION_ID", Code: "unauthorized", Message: "Salesforce does not take the token: {/0/message}", Remedy: "Sign in again.", SignIn: true},
		{Status: 401, Code: "unauthorized", Message: "Salesforce does not take the token: {/0/message}", Remedy: "Sign in again."},
		refusal("API_DISABLED_FOR_ORG", "unauthorized", "The organization has no API: {/0/message}",
			"Enterprise, Unlimited, Performance and Developer Edition have it, Professional Edition by an add-on."),
		refusal("API_CURRENTLY_DISABLED", "unauthorized", "The user may not use the API: {/0/message}", "Give the user the permission API Enabled, under Setup, Profiles or Permission Sets."),
		refusal("UNABLE_TO_LOCK_ROW", "unavailable", "Somebody else is writing the record, or one that it belongs to: {/0/message}",
			"As a rule it goes well a moment later. Where that happens often, write the records of one account one after the other."),
		refusal("STORAGE_LIMIT_EXCEEDED", "too_large", "The organization has no room left: {/0/message}", "Setup, Storage Usage shows what takes it: delete some, or buy more."),
		refusal("DUPLICATES_DETECTED", "conflict", "A duplicate rule of Salesforce's refused it: {/0/message}", "Find the record and update it, or say that it is saved all the same."),
		refusal("DUPLICATE_VALUE", "conflict", "Another record has the value already: {/0/message}", "Find that record and update it, or use Create or update."),
		{Pointer: "/0/errorCode", Equals: "INVALID_QUERY_LOCATOR", Code: "conflict", Message: "Salesforce has forgotten where the list was: {/0/message}", Remedy: "Run it again: the list is read from its beginning."},
		refusal("ENTITY_IS_DELETED", "not_found", "The record is deleted: {/0/message}", "For 15 days the recycle bin of Salesforce gives it back."),
		refusal("INVALID_CROSS_REFERENCE_KEY", "not_found", "Salesforce knows no record by an id that is given: {/0/message} {/0/fields}",
			"Look whether the record is there, of the right object, and whether the user of the connection may see it."),
		refusal("INSUFFICIENT_ACCESS", "unauthorized", "The user of the connection may not do this to the record: {/0/message}",
			"Have the record shared with the user, or give the user's profile or permission set the right to change such records."),
		refusal("INSUFFICIENT_ACCESS_OR_READONLY", "unauthorized", "The user of the connection may not change the record: {/0/message}",
			"Have the record shared with the user, or give the user's profile or permission set the right to change such records."),
		refusal("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "unauthorized", "The user of the connection may not use a record that is named: {/0/message}",
			"Have the record shared with the user, as the account or the owner that the id stands for."),
		{Status: 403, Code: "unauthorized", Message: "Salesforce refused: {/0/message}", Remedy: "Give the user the permission, under Setup, Profiles or Permission Sets."},
		refusal("REQUIRED_FIELD_MISSING", "invalid_input", "Salesforce needs the fields {/0/fields}: {/0/message}", "Give them, under More fields where they have no input of their own. An administrator may have made them required."),
		refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "invalid_input", "A validation rule refused {/0/fields}: {/0/message}", mine+" Change the value, or have an administrator look at Setup, Object Manager, Validation Rules."),
		refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "invalid_input", "A trigger or flow in Salesforce stopped it: {/0/message}", mine+" An administrator finds what it is by its name in the message."),
		refusal("STRING_TOO_LONG", "invalid_input", "A text is too long for {/0/fields}: {/0/message}", "Shorten it; List fields gives the length of each field."),
		refusal("MALFORMED_ID", "invalid_input", "Salesforce takes no such id for {/0/fields}: {/0/message}", "An id has 15 or 18 characters and belongs to one object, as 001 begins those of accounts. It stands in the record's address."),
		refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "invalid_input", "Salesforce takes no such value for {/0/fields}: {/0/message}", "List fields gives the values that it takes."),
		refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "invalid_input", "The user of the connection may not write {/0/fields}: {/0/message}", "Leave the field out where Salesforce fills it in itself, or let the user edit it under Setup, Object Manager, the field, Set Field-Level Security."),
		refusal("INVALID_FIELD", "invalid_input", "Salesforce refused: {/0/message}", "List fields gives the API names of fields, as Region__c, and the user needs to see the field."),
		refusal("INVALID_TYPE", "invalid_input", "Salesforce knows no such object: {/0/message}", "List objects gives the API names of those that the user may see, as Invoice__c."),
		refusal("MALFORMED_QUERY", "invalid_input", "Salesforce cannot read the query: {/0/message}", "Compare it with one that works in the Developer Console, Query Editor."),
		{Status: 400, Pointer: "/0/fields/0", Code: "invalid_input", Message: "Salesforce refused {/0/fields}: {/0/message}", Remedy: "Check the field. " + lists},
		{Status: 400, Pointer: "/0/message", Code: "invalid_input", Message: "Salesforce refused: {}"},
		{Status: 404, Code: "not_found", Message: "Salesforce does not know it: {/0/message}", Remedy: "Look whether the record is there, and whether the user of the connection may see it."},
	}
}
