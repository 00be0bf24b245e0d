package microsoftteams

import "github.com/stepmill/stepmill/actions"

// errorTable reads Microsoft Graph's answers, {"error": {"code": "Forbidden", "message": "..."}}. Its code is a word that several
// services share, so their message stands beside it always.
// Source: https://learn.microsoft.com/en-us/graph/errors
func errorTable() actions.ErrorTable {
	const says = " ({/error/code}): {/error/message}"
	code := func(word string, rule actions.ErrorRule) actions.ErrorRule {
		rule.Pointer, rule.Equals = "/error/code", word
		return rule
	}
	const consent = "In the Microsoft Entra admin center add the permission that this page names for the action to the app under API permissions, as a delegated one, have an administrator grant it where Admin consent required says so, and sign in again."
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Microsoft does not take the token" + says, Remedy: "Sign in again."},
		{Status: 429, Code: "rate_limited", Message: "Microsoft asks to slow down: {/error/message}"},
		{Status: 403, Pointer: "/error/message", Contains: "scope", Code: "unauthorized", Message: "Microsoft refused" + says, Remedy: consent},
		code("Authorization_RequestDenied", actions.ErrorRule{Code: "unauthorized", Message: "Microsoft refused" + says, Remedy: consent}),
		{Status: 403, Pointer: "/error/message", Contains: "license", Code: "unauthorized", Message: "Microsoft refused" + says, Remedy: "Who signed in needs a licence that has Microsoft Teams."},
		{Status: 403, Code: "unauthorized", Message: "Microsoft refused" + says, Remedy: "See that who signed in is a member of the team, the channel or the chat, and may do this there in Teams; and that the app has the permission that this page names for the action."},
		code("Request_ResourceNotFound", actions.ErrorRule{Code: "not_found", Message: "Microsoft does not know it" + says, Remedy: "Check the person's id or sign-in name, or the id of the team."}),
		{Status: 404, Code: "not_found", Message: "Microsoft does not know it" + says, Remedy: "Check the ids: of a team its id and not its name, of a channel one that ends with @thread.tacv2 or @thread.skype, of a person the id or the sign-in name. A link that Teams copies is taken too."},
		{Status: 410, Code: "not_found", Message: "Microsoft has it no more" + says},
		code("NameAlreadyExists", actions.ErrorRule{Code: "conflict", Message: "Microsoft refused" + says, Remedy: "Choose another name; one of a deleted channel stays taken for 30 days."}),
		{Status: 409, Code: "conflict", Message: "Microsoft refused" + says, Remedy: "It is there already, or was changed meanwhile: look at what is there."},
		{Status: 412, Code: "conflict", Message: "Microsoft refused" + says, Remedy: "It was changed meanwhile: read it and try again."},
		{Status: 413, Code: "too_large", Message: "Microsoft refused" + says, Remedy: "A message holds about 28 KB with its card; shorten it."},
		{Status: 423, Code: "conflict", Message: "Microsoft refused" + says, Remedy: "The team is archived or being changed: bring it back first."},
		{Status: 400, Pointer: "/error/message", Contains: "already exist", Code: "conflict", Message: "Microsoft refused" + says, Remedy: "Choose another name, or find it first."},
		{Status: 400, Pointer: "/error/innerError/message", Code: "invalid_input", Message: "Microsoft refused" + says + ": {}", Remedy: "Check the inputs that it names, and the form of the ids."},
		{Status: 400, Pointer: "/error/message", Code: "invalid_input", Message: "Microsoft refused" + says, Remedy: "Check the inputs that it names, and the form of the ids."},
	}
}
