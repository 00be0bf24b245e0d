package intercom

import "github.com/stepmill/stepmill/actions"

// errorTable goes by the codes that Intercom names; those that end in _not_found name what is not there.
// Source: https://developers.intercom.com/docs/references/rest-api/errors/error-codes
func errorTable() actions.ErrorTable {
	out := actions.ErrorTable{
		{Status: 429, Code: "rate_limited", Message: "Intercom asks to slow down: {words}"},
		code("rate_limit_exceeded", "rate_limited", "Intercom asks to slow down: {words}", ""),
		code("api_plan_restricted", "unauthorized", "Intercom's plan of this workspace does not have it: {words}", "Look in Intercom under Settings, Workspace, Billing which plan has it, or leave the step out."),
	}
	for _, name := range []string{"token_unauthorized", "action_forbidden", "forbidden"} {
		out = append(out, code(name, "unauthorized", "Intercom does not let the token do this: {words}",
			"In Intercom's Developer Hub open the app, switch the permission on under Authentication, and sign in anew where the connection signs in by OAuth."))
	}
	out = append(out,
		actions.ErrorRule{Status: 401, Code: "unauthorized", Message: "Intercom does not take the token: {words}", Remedy: "Copy the access token of the app from Intercom's Developer Hub, Authentication, into the connection, and look whether the connection's region is the workspace's."},
		code("admin_not_found", "invalid_input", "Intercom knows no such admin: {words}", "Choose the admin from the list: it is the id of somebody in the workspace, who was not removed."),
		code("team_not_found", "invalid_input", "Intercom knows no such team: {words}", "Choose the team from the list."),
		code("team_unavailable", "invalid_input", "Intercom's team takes no conversations any more: {words}", "Choose another team."),
		code("tag_not_found", "not_found", "Intercom has no such tag: {words}", "Make it with Create a tag, and give the id that comes of it."),
		code("company_not_found", "not_found", "Intercom has no such company: {words}", "Give Intercom's id of the company, not your own company_id; Find a company by your id tells it."),
		code("conversation_part_or_message_not_found", "not_found", "Intercom has no such part in the conversation: {words}", "Get the conversation: its parts have their ids, and the first message has source/id."),
		code("not_restorable", "conflict", "Intercom blocked this contact, who cannot be made again: {words}", "Unblock the contact in Intercom, or take another address."),
	)
	for _, name := range []string{"conflict", "resource_conflict"} {
		out = append(out, code(name, "conflict", "Intercom has it already, or it changed meanwhile: {words}", "Update the one that is there."))
	}
	out = append(out,
		code("content_too_large", "too_large", "Intercom takes less at once: {words}", "Shorten the text, or send fewer and smaller files."),
		actions.ErrorRule{Status: 413, Code: "too_large", Message: "Intercom takes less at once: {words}", Remedy: "Shorten the text, or send fewer and smaller files."},
		actions.ErrorRule{Status: 404, Pointer: "/errors/*/message", Code: "not_found", Message: "Intercom does not know it: {words}", Remedy: "Check the id; Intercom's own ids differ from yours and from the numbers that its screens show."},
	)
	out = append(out, actions.ErrorRule{Pointer: "/errors/*/message", Contains: "custom attribute", Code: "invalid_input", Message: "Intercom does not take an attribute: {words}", Remedy: "List attributes says which custom attributes there are, and of what type."})
	for _, name := range []string{"parameter_not_found", "parameter_missing", "missing_parameter"} {
		out = append(out, code(name, "invalid_input", "Intercom misses an input: {words}", "Fill in the input that it names."))
	}
	for _, name := range []string{"parameter_invalid", "type_mismatch", "data_invalid", "unprocessable_entity"} {
		out = append(out, code(name, "invalid_input", "Intercom does not take a value: {words}", "Check the input that it names: ids are those of this workspace, and custom attributes have the type that List attributes tells."))
	}
	for _, status := range []int{400, 422} { // client_error and what else there is
		out = append(out, actions.ErrorRule{Status: status, Pointer: "/errors/*/message", Code: "invalid_input", Message: "Intercom refused: {words}", Remedy: "Check the inputs against Intercom's own page of the call."})
	}
	return out
}

// code is the rule for one of Intercom's codes.
func code(name, class, message, remedy string) actions.ErrorRule {
	return actions.ErrorRule{Pointer: "/errors/*/code", Equals: name, Code: class, Message: message, Remedy: remedy}
}
