// Package pipedrive is the connector for the Pipedrive API.
package pipedrive

import (
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
)

// Connector describes Pipedrive. Source: https://developers.pipedrive.com/docs/api/v1
func Connector() actions.Connector {
	return actions.Connector{
		ID: "pipedrive", Name: "Pipedrive", Category: "CRM", Color: "#1a1a1a", Monogram: "P",
		Description: "Deals, leads, people, organizations, products, files and activities in Pipedrive.",
		DocsURL:     "https://developers.pipedrive.com/docs/api/v1",
		SetUp:       setUp(),
		BaseURL:     "https://api.pipedrive.com",
		Auth: []actions.Auth{{Method: "token", Name: "API token",
			Help:   "In Pipedrive under Personal preferences, API.",
			Fields: []actions.Field{{ID: "token", Label: "API token", Help: "The token.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "x-api-token", Value: "{token}"}}}, oauth()},
		Test:     &actions.Request{Method: "GET", Path: "/v1/users/me"},
		Errors:   refusals(),
		Actions:  all(),
		Triggers: append([]actions.Trigger{event()}, polling()...),
		Records:  recordTypes(),
	}
}

func all() []actions.Action {
	return slices.Concat(personActions(), organizationActions(), dealActions(), leadActions(), activities().actions(), noteActions(), partActions(), productActions(), fileActions(), accountActions(), []actions.Action{
		actions.APIRequest("Pipedrive", "/api/v2/deals", map[string]any{"success": true, "data": map[string]any{"id": 1, "title": "A deal"}})})
}

// oauth is the sign-in by an app. Its requests go to the company's own host, which the token's answer says.
func oauth() actions.Auth {
	a := actions.OAuthApp("In Pipedrive's Developer Hub, your app: OAuth & access scopes has the client ID and secret; set this server's address with /oauth/callback as the callback URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://oauth.pipedrive.com/oauth/authorize", Token: "https://oauth.pipedrive.com/oauth/token",
		Scopes: []string{"base", "deals:full", "contacts:full", "leads:full", "activities:full", "search:read", "users:read", "webhooks:full"}, Client: actions.ClientInBasic, Rotates: true, Lives: time.Hour,
		Values: []actions.TokenValue{{Name: "api_domain", Pointer: "/api_domain", Hosts: []string{"pipedrive.com"}}},
		After:  &actions.TokenStep{URL: "https://{api_domain}/v1/users/me", Account: "/data/email"},
	})
	a.BaseURL = "https://{api_domain}"
	return a
}
