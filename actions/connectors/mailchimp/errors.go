package mailchimp

import "github.com/stepmill/stepmill/actions"

// refusals are the errors of all calls, problem documents with a title, a detail and, of single fields, errors.
// Source: https://mailchimp.com/developer/marketing/docs/errors/
func refusals() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Mailchimp does not take the key: {/detail}", Remedy: "Put a new API key into the connection."},
		{Status: 403, Pointer: "/title", Contains: "datacenter", Code: "unauthorized", Message: "Mailchimp refused, since the account lies elsewhere: {/detail}", Remedy: "Copy the whole API key with its end, as -us21, or sign in again."},
		{Status: 403, Pointer: "/title", Contains: "disabled", Code: "unauthorized", Message: "Mailchimp has disabled the account or the user: {/detail}", Remedy: "Sign in at Mailchimp, which says why."},
		{Status: 403, Pointer: "/title", Contains: "compliance", Code: "unauthorized", Message: "Mailchimp has stopped the account: {/detail}", Remedy: "Sign in at Mailchimp, which says what to settle."},
		{Status: 403, Code: "unauthorized", Message: "Mailchimp refused: {/detail}", Remedy: "Check what the key's user may do in Mailchimp, and whether the account's plan has it."},
		{Status: 400, Pointer: "/title", Equals: "Member Exists", Code: "conflict", Message: "Mailchimp has the address already: {/detail}", Remedy: "Use “Add or update a member”."},
		{Status: 400, Pointer: "/title", Equals: "Member In Compliance State", Code: "invalid_input", Message: "Mailchimp refused: {/detail}", Remedy: "Who unsubscribed or bounced can only come back by themselves: set the status pending, which asks them by mail."},
		{Status: 400, Pointer: "/title", Equals: "Forgotten Email Not Subscribed", Code: "invalid_input", Message: "Mailchimp refused: {/detail}", Remedy: "A member who was deleted for good can only join again through a Mailchimp form."},
		{Status: 400, Pointer: "/title", Contains: "merge max limit", Code: "invalid_input", Message: "Mailchimp refused: {/detail}", Remedy: "The audience has as many fields as Mailchimp allows; delete one under Audience, Settings, Audience fields."},
		{Status: 400, Pointer: "/detail", Contains: "fake or invalid", Code: "invalid_input", Message: "Mailchimp refused: {/detail}", Remedy: "Check the address: Mailchimp takes none of example domains, and none that looks made up."},
		{Status: 400, Pointer: "/detail", Contains: "a lot of lists", Code: "invalid_input", Message: "Mailchimp refused: {/detail}", Remedy: "It lets an address join only so often within some days; try again later."},
		{Status: 400, Pointer: "/detail", Contains: "merge fields were invalid", Code: "invalid_input", Message: "Mailchimp refused: {words}", Remedy: "Give the audience's required fields by their merge tags, as List an audience's fields has them, or set Without required fields."},
		{Status: 400, Pointer: "/errors/*/field", Contains: "merge_fields.", Code: "invalid_input", Message: "Mailchimp refused: {words}", Remedy: "Fields go by their merge tags and hold what their type takes; “List an audience's fields” says both."},
		{Status: 400, Pointer: "/errors/0/message", Code: "invalid_input", Message: "Mailchimp refused: {words}", Remedy: "Correct the input that it names."},
		{Status: 400, Pointer: "/title", Equals: "Invalid Resource", Code: "invalid_input", Message: "Mailchimp refused: {/detail}", Remedy: "Check the inputs that it names against Mailchimp's own page of the call."},
		{Status: 400, Pointer: "/detail", Code: "invalid_input", Message: "Mailchimp refused: {}"},
		{Status: 404, Code: "not_found", Message: "Mailchimp does not know it: {/detail}", Remedy: "Check the ids, that of an audience under Audience, Settings: Mailchimp's ids differ from the numbers in the addresses of its pages."},
		{Status: 405, Code: "invalid_input", Message: "Mailchimp does not allow it: {/detail}"},
		{Status: 429, Code: "rate_limited", Message: "Mailchimp asks to slow down: {/detail}", Remedy: "It takes ten calls at once for an account."},
	}
}
