package core

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
)

// auth are the ways in which a plain HTTP request signs in. It may also do without.
func auth() []actions.Auth {
	secret := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: true, Secret: true}
	}
	text := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: true}
	}
	maybe := func(f actions.Field) actions.Field {
		f.Required = false
		return f
	}
	hosts := actions.Field{ID: "hosts", Label: "Hosts", Type: actions.Text, Required: true, Example: "api.example.com",
		Help: "Where the credentials may be sent, as api.example.com or *.example.com; several are separated by commas. One without TLS is written with its scheme, as http://10.0.0.5:8080. They go nowhere else, whatever URL a step has."}
	asks := actions.Field{ID: "test_url", Label: "Test address", Type: actions.Text, Example: "https://api.example.com/me",
		Help: "The URL of something there that only those who sign in can read, as https://api.example.com/me. Testing the connection gets it; without one, the next step that uses the connection shows whether it is good."}
	way := func(method, name, help string, places []actions.Place, fields ...actions.Field) actions.Auth {
		return actions.Auth{Method: method, Name: name, Help: help, Fields: slices.Concat(fields, []actions.Field{hosts, asks}, actions.CertificateFields()), Apply: places, Hosts: hosts.ID, TestAt: asks.ID, Certificates: true}
	}
	place := func(in actions.In, name, value string) []actions.Place {
		return []actions.Place{{In: in, Name: name, Value: value}}
	}
	token := place(actions.InHeader, "Authorization", "Bearer {"+actions.ValueAccess+"}")
	shows := choice(actions.FieldClientAuth, "Client credentials", "How the client ID and secret are sent to the token address. Where the service does not say, both ways tend to work.", string(actions.ClientInBasic),
		string(actions.ClientInBasic), "As user name and password", string(actions.ClientInBody), "In the form")
	app := func(help string) []actions.Field {
		return []actions.Field{text(actions.FieldClientID, "Client ID", help), secret(actions.FieldClientSecret, "Client secret", help)}
	}
	scopes := actions.Field{ID: actions.FieldScopes, Label: "Scopes", Help: "What the connection may do, separated by spaces, as the service's documentation names it.", Type: actions.Text}
	tokens := text(actions.FieldTokenURL, "Token address", "As https://login.example.com/oauth/token.")

	person := way("oauth", "OAuth 2: a person signs in", "For a service whose documentation says authorization code. Make an app there, with this server's address and /oauth/callback as its redirect URI.", token,
		append(app("Of your app at the service."), text(actions.FieldAuthorizeURL, "Sign-in address", "As https://login.example.com/oauth/authorize; further parameters may stand behind a question mark."), tokens, shows, scopes)...)
	person.OAuth = &actions.OAuth{Grant: actions.Code, Client: actions.ClientInBasic, PKCE: true}
	server := way("server", "OAuth 2: the app by itself", "For a service whose documentation says client credentials.", token,
		append(app("Of your app at the service."), tokens, shows, scopes,
			actions.Field{ID: "audience", Label: "Audience", Help: "Whom the token is for, where the service asks for it.", Type: actions.Text})...)
	server.OAuth = &actions.OAuth{Grant: actions.Client, Client: actions.ClientInBasic, Params: map[string]string{"audience": "{audience}"}}
	return []actions.Auth{
		{Method: "none", Name: "No sign-in", Help: "For servers that ask for no credentials."},
		way("bearer", "Bearer token", "Sent as Authorization: Bearer.", place(actions.InHeader, "Authorization", "Bearer {token}"), secret("token", "Token", "The token, without the word Bearer.")),
		way("header", "API key in a header", "Sent in a header that you name.", append(place(actions.InHeader, "{name}", "{value}"), place(actions.InHeader, "{name_2}", "{value_2}")...),
			text("name", "Header", "Its name, as X-Api-Key."), secret("value", "Value", "The key."), maybe(text("name_2", "Second header", "Where the service asks for two, as for an app's ID and its key: the other one's name.")), maybe(secret("value_2", "Its value", "What the second header holds."))),
		way("query", "API key in the URL", "Sent as a parameter of the URL.", place(actions.InQuery, "{name}", "{value}"), text("name", "Parameter", "Its name, as api_key."), secret("value", "Value", "The key.")),
		way("basic", "User name and password", "Sent as HTTP Basic.", place(actions.InBasic, "{user}", "{password}"), text("user", "User name", "The user."), secret("password", "Password", "The password.")),
		way("key", "API key as user name", "Sent as HTTP Basic, as Stripe, Freshdesk and others ask for it.", place(actions.InBasic, "{key}", "{password}"), secret("key", "Key", "The key."), maybe(text("password", "Password", "What the service wants beside it, as X; nothing, as a rule."))),
		way("digest", "User name and password, by Digest", "For servers that ask for HTTP Digest, as cameras and devices do: the password itself is not sent.", place(actions.InDigest, "{user}", "{password}"),
			text("user", "User name", "The user."), secret("password", "Password", "The password.")),
		way("aws", "AWS signature", "Signs each request with an access key (Signature Version 4), for AWS and for storage that takes S3's calls.", place(actions.InAWS, "{access_key}", "{secret_key}"),
			text("access_key", "Access key ID", "Of an IAM user or role; it begins with AKIA or ASIA."), secret("secret_key", "Secret access key", "It belongs to the access key."),
			actions.Field{ID: actions.FieldSession, Label: "Session token", Help: "Only where the keys are temporary ones.", Type: actions.Text, Secret: true},
			text(actions.FieldRegion, "Region", "As eu-west-1, where the service is asked."), text(actions.FieldService, "Service", "Its name in signatures, as execute-api, s3, es or lambda.")),
		person, server,
		way("certificate", "Certificates", "For servers that know their clients by a certificate (mutual TLS), or whose own is vouched for by nobody else. The other ways to sign in take certificates too, under Advanced.", nil),
	}
}
