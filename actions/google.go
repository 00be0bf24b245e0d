package actions

// GoogleFileLink finds the id of a file or a folder in the URLs of Drive, Docs, Sheets and Slides: /d/ID, /folders/ID, open?id=ID.
const GoogleFileLink = `(?:/d/|/folders/|[?&](?:id|key)=)([\w-]{5,})`

const googleLimited = "Google asks to slow down: {/error/message}"

// googleRefusals are reasons that Google gives with status 403. Some stand for one thing in the older form and in the newer one.
// Sources: https://cloud.google.com/apis/design/errors#error_info, https://developers.google.com/workspace/drive/api/guides/handle-errors
var googleRefusals = []struct {
	reason string
	rule   ErrorRule
}{
	{"SERVICE_DISABLED", googleDisabled}, {"accessNotConfigured", googleDisabled},
	{"rateLimitExceeded", ErrorRule{Code: "rate_limited", Message: googleLimited}}, {"userRateLimitExceeded", ErrorRule{Code: "rate_limited", Message: googleLimited}},
	{"RATE_LIMIT_EXCEEDED", ErrorRule{Code: "rate_limited", Message: googleLimited}},
	{"dailyLimitExceeded", ErrorRule{Code: "rate_limited", Message: "The Google Cloud project has used up its requests of the day: {/error/message}",
		Remedy: "It goes on tomorrow; more can be asked for in the Google Cloud console under APIs & Services, the API, Quotas."}},
	{"domainPolicy", ErrorRule{Code: "unauthorized", Message: "The rules of the Google Workspace domain forbid it: {/error/message}",
		Remedy: "Ask the domain's administrator to allow the app, in the Google Admin console under Security, API controls."}},
}

var googleDisabled = ErrorRule{Code: "unauthorized", Message: "Google refused: {/error/message}",
	Remedy: "Enable that API at the address that Google names, in the Google Cloud project of the connection's client, wait some minutes, and run it again."}

// GoogleErrors are the refusals that all APIs of Google know. scopes are those that the connector's actions need, and share is what a
// person does where the account may not.
func GoogleErrors(scopes, share string) ErrorTable {
	scope := ErrorRule{Code: "unauthorized", Message: "The connection's sign-in does not cover it: {/error/message}",
		Remedy: "Sign in again with the connection, and leave everything ticked that Google asks for. Where it names scopes, it needs " + scopes + "."}
	out := ErrorTable{{Status: 403, Pointer: "/error/details/*/metadata/activationUrl", Code: "unauthorized",
		Message: "{/error/details/*/metadata/serviceTitle} is not enabled in the Google Cloud project of the connection's client.",
		Remedy:  "Enable it at {}, wait some minutes, and run it again."}}
	add := func(reason string, rule ErrorRule) {
		rule.Status, rule.Equals = 403, reason
		for _, at := range []string{"/error/details/*/reason", "/error/errors/*/reason"} {
			rule.Pointer = at
			out = append(out, rule)
		}
	}
	add("ACCESS_TOKEN_SCOPE_INSUFFICIENT", scope)
	add("insufficientPermissions", scope)
	for _, r := range googleRefusals {
		add(r.reason, r.rule)
	}
	return append(out,
		ErrorRule{Status: 429, Code: "rate_limited", Message: googleLimited},
		ErrorRule{Status: 401, Code: "unauthorized", Message: "Google does not take the token: {/error/message}", Remedy: "Sign in again, or put a new token into the connection."},
		ErrorRule{Status: 403, Code: "unauthorized", Message: "Google refused: {/error/message}", Remedy: share},
		ErrorRule{Status: 400, Pointer: "/error/message", Code: "invalid_input", Message: "Google refused: {}"})
}
