package linear

import "github.com/stepmill/stepmill/actions"

// failures are how Linear says no, and what mends it: with status 200 or 400, and a code for each. What is for people stands beside
// the message. Source: https://linear.app/developers/graphql and https://linear.app/developers/rate-limiting
func failures() actions.ErrorTable {
	const code, said = "/errors/*/extensions/code", "/errors/*/extensions/userPresentableMessage"
	again := "Sign in again, or put a new key into the connection."
	look := "Check the id, and that the account is in the team: what it may not see is the same to it."
	const fit = "Correct the input that Linear names; ids must be of one workspace, and states and labels of the issue's team."
	return actions.ErrorTable{
		{Pointer: code, Equals: "RATELIMITED", Code: "rate_limited", Message: "Linear asks to slow down: {/errors/0/message}"},
		{Pointer: code, Equals: "AUTHENTICATION_ERROR", Code: "unauthorized", Message: "Linear does not take the credentials: {/errors/0/message}", Remedy: again, SignIn: true},
		{Status: 401, Code: "unauthorized", Message: "Linear does not take the credentials: {words}", Remedy: again},
		{Pointer: "/errors/*/message", Contains: "invalid scope", Code: "unauthorized", Message: "Linear refused: {}", Remedy: "Name the scope in the connection, and sign in again; a key is given it where it is made, under Settings, Security & access."},
		{Pointer: code, Equals: "FORBIDDEN", Code: "unauthorized", Message: "Linear refused: {/errors/*/message}: {" + said + "}", Remedy: "The account may not do this: look at its role, and the teams that it is in; a webhook needs an administrator."},
		{Pointer: code, Equals: "FEATURE_NOT_ACCESSIBLE", Code: "unauthorized", Message: "Linear refused: {/errors/*/message}: {" + said + "}", Remedy: "The workspace's plan, or a setting of the team, lacks this."},
		unknown("workflowstate", "the status (the input state)", "A status belongs to a team: choose one of the issue's own."),
		unknown("issuelabel", "a label", "A label belongs to a team or to the workspace: choose some that the issue's team has."),
		unknown("user", "the person", look),
		unknown("team", "the team", look),
		unknown("projectmilestone", "the milestone", "A milestone belongs to a project: choose one of the issue's own."),
		unknown("project", "the project", look),
		unknown("cycle", "the cycle", "A cycle belongs to a team: choose one of the issue's own."),
		{Pointer: code, Equals: "ENTITY_NOT_FOUND", Code: "not_found", Message: "Linear does not know it: {/errors/0/message}", Remedy: look},
		{Pointer: "/errors/*/message", Contains: "entity not found", Code: "not_found", Message: "Linear does not know it: {}", Remedy: look},
		{Pointer: code, Equals: "GRAPHQL_VALIDATION_FAILED", Code: "invalid_input", Message: "Linear cannot read the query: {/errors/*/message}", Remedy: "Compare it with the schema at studio.apollographql.com/public/Linear-API."},
		{Pointer: code, Equals: "INTERNAL_SERVER_ERROR", Code: "unavailable", Message: "Linear failed: {/errors/0/message}"},
		{Pointer: said, Code: "invalid_input", Message: "Linear refused: {/errors/0/message}: {" + said + "}", Remedy: fit},
		{Pointer: "/errors/0/message", Code: "invalid_input", Message: "Linear refused: {/errors/*/message}", Remedy: fit},
	}
}

// unknown is the rule for a thing that Linear does not know, as it calls its kind.
func unknown(kind, what, remedy string) actions.ErrorRule {
	return actions.ErrorRule{Pointer: "/errors/*/message", Contains: "entity not found: " + kind, Code: "not_found", Message: "Linear does not know " + what + ": {}", Remedy: remedy}
}
