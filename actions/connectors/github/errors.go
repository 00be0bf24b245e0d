package github

import "github.com/stepmill/stepmill/actions"

// failures are how GitHub says no, and what mends it. It names the permissions that a call needs in headers.
// Sources: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api and
// https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
func failures() actions.ErrorTable {
	limits := []string{"https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting", "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"}
	t := actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "GitHub does not take the token: {/message}", Remedy: "Sign in again, or put a new token into the connection; a token may have expired or been revoked."},
		{Status: 429, Code: "rate_limited", Message: "GitHub asks to slow down: {/message}"},
	}
	for _, url := range limits {
		t = append(t, actions.ErrorRule{Status: 403, Pointer: "/documentation_url", Equals: url, Code: "rate_limited", Message: "GitHub asks to slow down: {/message}"})
	}
	return append(t,
		actions.ErrorRule{Status: 403, Pointer: "/message", Contains: "secondary rate limit", Code: "rate_limited", Message: "GitHub asks to slow down: {}"},
		actions.ErrorRule{Status: 403, Header: "X-GitHub-SSO", Code: "unauthorized", Message: "GitHub refused: {/message}", Remedy: "The organization asks for its single sign-on: under Settings, Developer settings, Personal access tokens, choose Configure SSO beside the token and authorize it, or sign in again. GitHub says: {header:X-GitHub-SSO}"},
		actions.ErrorRule{Status: 403, Pointer: "/message", Contains: "not accessible by personal access token", Header: "X-Accepted-GitHub-Permissions", Code: "unauthorized", Message: "GitHub refused: {}", Remedy: "Give the token the permission {header:X-Accepted-GitHub-Permissions}, and the repository: on GitHub under Settings, Developer settings, Fine-grained tokens."},
		actions.ErrorRule{Status: 403, Pointer: "/message", Contains: "not accessible by integration", Header: "X-Accepted-GitHub-Permissions", Code: "unauthorized", Message: "GitHub refused: {}", Remedy: "Give the GitHub App the permission {header:X-Accepted-GitHub-Permissions}, let who installed it accept that, and sign in again."},
		actions.ErrorRule{Status: 403, Pointer: "/message", Contains: "oauth app access restrictions", Code: "unauthorized", Message: "GitHub refused: {}", Remedy: "An owner of the organization approves the app under its settings, Third-party Access, OAuth app policy."},
		actions.ErrorRule{Status: 403, Header: "X-Accepted-OAuth-Scopes", Code: "unauthorized", Message: "GitHub refused: {/message}", Remedy: "The call takes a token with one of the scopes {header:X-Accepted-OAuth-Scopes}, and this one has {header:X-OAuth-Scopes}; where it has one, the account itself may not do this."},
		actions.ErrorRule{Status: 403, Code: "unauthorized", Message: "GitHub refused: {/message}", Remedy: "Give the token the permission, and look whether the account may do this in the repository."},
		actions.ErrorRule{Status: 404, Code: "not_found", Message: "GitHub does not know it, or the token may not see it: {/message}", Remedy: "Check the owner and the name. Of a private repository GitHub says the same until the token has access to it, and the permission that the call needs."},
		actions.ErrorRule{Status: 405, Pointer: "/message", Code: "invalid_input", Message: "GitHub cannot merge it: {}", Remedy: "See on the pull request's page what stands in the way."},
		actions.ErrorRule{Status: 409, Pointer: "/message", Contains: "repository is empty", Code: "conflict", Message: "GitHub refused: {}", Remedy: "Make a first commit, as upsert_file does."},
		actions.ErrorRule{Status: 409, Pointer: "/message", Code: "conflict", Message: "GitHub refused, for something changed in between: {}", Remedy: "Read it again, and go on from what is there."},
		actions.ErrorRule{Status: 410, Pointer: "/message", Code: "not_found", Message: "GitHub has it no more: {}", Remedy: "Where the repository's issues are off, switch them on under its Settings, Features."},
		actions.ErrorRule{Status: 422, Pointer: "/errors/*/code", Equals: "already_exists", Code: "invalid_input", Message: "GitHub has it already: {words}", Remedy: "Give another name, or update what is there."},
		actions.ErrorRule{Status: 422, Pointer: "/errors/*/message", Contains: "a pull request already exists", Code: "conflict", Message: "GitHub has it already: {}", Remedy: "Update the pull request that is there."},
		actions.ErrorRule{Status: 422, Pointer: "/errors/*/value", Code: "invalid_input", Message: "GitHub refused: {words} (“{}”)", Remedy: "Correct the input {/errors/*/field}."},
		actions.ErrorRule{Status: 422, Pointer: "/errors/*/field", Code: "invalid_input", Message: "GitHub refused: {words}", Remedy: "Correct the input {/errors/*/field}."},
		actions.ErrorRule{Status: 422, Pointer: "/message", Code: "invalid_input", Message: "GitHub refused: {words}"},
		actions.ErrorRule{Status: 451, Pointer: "/message", Code: "unauthorized", Message: "GitHub shows it to nobody for legal reasons: {}", Remedy: "Open the repository's page, which names the notice."})
}
