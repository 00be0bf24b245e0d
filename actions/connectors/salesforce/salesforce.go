// Package salesforce is the connector for the Salesforce REST API.
package salesforce

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
)

// Connector describes Salesforce. Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/
func Connector() actions.Connector {
	return actions.Connector{
		ID: "salesforce", Name: "Salesforce", Category: "CRM", Color: "#00a1e0", Monogram: "SF",
		Description: "Records, files, reports, campaigns and flows of a Salesforce organization.",
		DocsURL:     "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
		SetUp:       setUp(),
		BaseURL:     "https://{instance}/services/data/v60.0",
		Auth:        []actions.Auth{oauth(), server()},
		Test:        &actions.Request{Method: "GET", Path: "/limits"},
		Errors:      refusals(),
		Actions:     all(),
		Triggers:    triggers(),
		Records:     recordTypes(),
	}
}

func all() []actions.Action {
	var list []actions.Action
	for _, o := range standard() {
		list = append(list, o.actions()...)
	}
	return slices.Concat(list, records(), collections(), fileActions(), feedActions(), campaignActions(), viewActions(), invocable(), []actions.Action{
		actions.APIRequest("Salesforce", "/sobjects/Account", map[string]any{"id": "001D000000IqhSLIAZ", "success": true, "errors": []any{}})})
}

// oauth is the sign-in by an app. Its answer does not say how long a token lives: a 401 is the sign to renew it.
func oauth() actions.Auth {
	return inItsWords(actions.OAuthApp("In Salesforce under Setup, External Client Apps (or Connected Apps): the consumer key and secret; add this server's address with /oauth/callback as the callback URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://{login}/services/oauth2/authorize", Token: "https://{login}/services/oauth2/token",
		Scopes: []string{"api", "refresh_token"}, Client: actions.ClientInBody, PKCE: true, Values: instance(),
	}, actions.Field{ID: "login", Label: "Login host", Help: "For a sandbox test.salesforce.com; or your My Domain's host.", Type: actions.Text, Default: "login.salesforce.com", Link: hostLink}))
}

// server is the sign-in without a person, in the name of the user that the app names.
func server() actions.Auth {
	return inItsWords(actions.OAuthApp("The app in Salesforce must have the client credentials flow switched on, and a user to run as.", actions.OAuth{
		Grant: actions.Client, Token: "https://{login}/services/oauth2/token", Client: actions.ClientInBody, Values: instance(),
	}, actions.Field{ID: "login", Label: "My Domain", Help: "Its host, as acme.my.salesforce.com; not the one of the screens, which ends in lightning.force.com.", Type: actions.Text, Required: true, Link: hostLink}))
}

// inItsWords calls the app's id and secret as Salesforce's screens do.
func inItsWords(a actions.Auth) actions.Auth {
	for i := range a.Fields {
		switch f := &a.Fields[i]; f.ID {
		case actions.FieldClientID:
			f.Label, f.Help = "Consumer key", "In the app's OAuth settings, under consumer key and secret."
		case actions.FieldClientSecret:
			f.Label, f.Help = "Consumer secret", "Beside the consumer key."
		}
	}
	return a
}

// instance is the host of the org, which the token's answer says.
func instance() []actions.TokenValue {
	return []actions.TokenValue{{Name: "instance", Pointer: "/instance_url", Hosts: []string{"salesforce.com", "force.com", "cloudforce.com", "salesforce.mil"}}}
}
