package zoom

import "github.com/stepmill/stepmill/actions"

// errorTable reads Zoom's answers, {"code": 3001, "message": "..."}, and what is wrong with which input: code 300 with errors. The same
// code means different things at different addresses, so Zoom's own words stand in all of them.
// Source: https://developers.zoom.us/docs/api/errors/
func errorTable() actions.ErrorTable {
	code := func(number, class, says, remedy string) actions.ErrorRule {
		return actions.ErrorRule{Pointer: "/code", Equals: number, Code: class, Message: says + " (code " + number + "): {/message}", Remedy: remedy}
	}
	const scopes = "At marketplace.zoom.us open the app, add the scopes that stand in the brackets under Scopes, and sign in again; for a server-to-server app a new token is enough, which the connection fetches within the hour."
	const register = "Let people register: in the step that makes or updates the meeting or webinar choose who is taken, under Registration."
	return actions.ErrorTable{
		{Pointer: "/message", Contains: "does not contain scopes", Code: "unauthorized", Message: "Zoom refused (code {/code}): {/message}", Remedy: scopes},
		code("4711", "unauthorized", "Zoom refused", scopes),
		{Pointer: "/message", Contains: "registration has not been enabled", Code: "invalid_input", Message: "Zoom refused (code {/code}): {/message}", Remedy: register},
		{Pointer: "/message", Contains: "has not registration required", Code: "invalid_input", Message: "Zoom refused (code {/code}): {/message}", Remedy: register},
		{Status: 401, Code: "unauthorized", Message: "Zoom does not take the token: {/message}", Remedy: "Sign in again; a server-to-server app must be activated, and its three values right."},
		{Status: 429, Code: "rate_limited", Message: "Zoom asks to slow down: {/message}"},
		code("124", "unauthorized", "Zoom does not take the token", "Sign in again."),
		{Pointer: "/errors/*/message", Code: "invalid_input", Message: "Zoom refused: {words}", Remedy: "Mend the input that it names."},
		code("200", "unauthorized", "Zoom refused", "The account's plan, the person's licence or role does not have this; an administrator of the account can see to it."),
		code("1001", "not_found", "Zoom does not know the person", "Check the id or the address, and that the person belongs to the account and has come to it (a pending one does not count)."),
		code("1010", "not_found", "Zoom does not know the person", "The person belongs to another account than the app."),
		code("1120", "not_found", "Zoom does not know the invitation", "It has expired or was taken."),
		code("3000", "invalid_input", "Zoom refused", "The meeting or webinar does not let this be done now: it may be over, under way, or need a plan or a setting, as its words say."),
		code("3001", "not_found", "Zoom does not know the meeting or webinar", "Check the number, and that it is of this account; one that is over 30 days ago is forgotten. A meeting's number is no webinar's."),
		code("3003", "unauthorized", "Zoom refused", "Only the host, or who may act for the host, can do this: sign in as the host."),
		code("3027", "invalid_input", "Zoom refused", "The host cannot register; leave that address out."),
		code("3038", "invalid_input", "Zoom refused", "The meeting is over, and nobody can register any more."),
		code("3035", "invalid_input", "Zoom refused", "The webinar has as many people as it takes; the account's plan says how many."),
		code("3043", "invalid_input", "Zoom refused", "As many have registered as the meeting takes; its settings say how many."),
		code("3161", "unauthorized", "Zoom refused", "The person is not allowed to host meetings; an administrator can allow it in the person's settings."),
		code("3301", "not_found", "Zoom keeps no recording of it", "It takes about as long as the meeting until a recording is there; it must have been recorded by Zoom (cloud)."),
		code("12702", "invalid_input", "Zoom refused", "Meetings of more than a year ago are not given."),
		{Status: 404, Pointer: "/message", Code: "not_found", Message: "Zoom does not know it: {}"},
		{Status: 403, Pointer: "/message", Code: "unauthorized", Message: "Zoom refused: {}", Remedy: "See that the person's role may do this."},
		{Status: 400, Pointer: "/message", Code: "invalid_input", Message: "Zoom refused (code {/code}): {}", Remedy: "Compare the inputs with what the person's settings in Zoom allow."},
	}
}
