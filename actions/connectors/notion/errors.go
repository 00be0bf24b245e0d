package notion

import "github.com/stepmill/stepmill/actions"

// failures are how Notion says no, and what mends it. Source: https://developers.notion.com/reference/status-codes
func failures() actions.ErrorTable {
	const share = "Open it in Notion and add the integration under the three dots, Connections; what lies below is shared with it."
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Notion does not take the token: {/message}", Remedy: "Sign in again, or put a new token into the connection."},
		{Status: 429, Code: "rate_limited", Message: "Notion asks to slow down: {/message}"},
		{Pointer: "/code", Equals: "restricted_resource", Code: "unauthorized", Message: "Notion refused: {/message}", Remedy: "At notion.so/profile/integrations, under the integration's Capabilities, let it do this: read, update or insert content, read or insert comments, or read users."},
		{Status: 403, Code: "unauthorized", Message: "Notion refused: {/message}", Remedy: "Give the integration the capability that the call needs."},
		{Status: 404, Pointer: "/message", Contains: "could not find data_source", Code: "not_found", Message: "Notion does not know it: {}", Remedy: "Choose the data source from the list: the id in a database's address is the database's, and get_database says which data sources it has. Where it is not in the list: " + share},
		{Status: 404, Pointer: "/message", Contains: "could not find database", Code: "not_found", Message: "Notion does not know it: {}", Remedy: share + " The id of a data source is another one."},
		{Status: 404, Pointer: "/message", Contains: "could not find user", Code: "not_found", Message: "Notion does not know it: {}", Remedy: "list_users says who is there; guests are not."},
		{Status: 404, Code: "not_found", Message: "Notion does not know it: {/message}", Remedy: share},
		{Status: 409, Pointer: "/code", Equals: "conflict_error", Code: "unavailable", Message: "Notion was changing the same thing: {/message}"},
		{Status: 409, Pointer: "/message", Code: "conflict", Message: "Notion refused: {}"},
		{Status: 413, Code: "too_large", Message: "Notion takes nothing as large as this: {/message}"},
		{Status: 400, Pointer: "/message", Contains: "is not a property that exists", Code: "invalid_input", Message: "Notion refused: {}", Remedy: "A property goes by its name as it is in Notion, capitals and spaces too; get_data_source lists them."},
		{Status: 400, Pointer: "/message", Contains: "is expected to be", Code: "invalid_input", Message: "Notion refused: {}", Remedy: "Write the value as the property's type takes it; get_data_source says which it is."},
		{Status: 400, Pointer: "/message", Contains: "multiple data sources", Code: "invalid_input", Message: "Notion refused: {}", Remedy: "Choose one of the database's data sources: get_database says which there are."},
		{Status: 400, Pointer: "/message", Contains: "archived", Code: "invalid_input", Message: "Notion refused: {}", Remedy: "Take the page out of the trash first, as restore_page does."},
		{Status: 400, Pointer: "/message", Code: "invalid_input", Message: "Notion refused: {}", Remedy: "Correct the input that the message names; body stands for what was sent."},
	}
}
