// Package hubspot is the connector for the HubSpot API.
package hubspot

import (
	_ "embed"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes HubSpot. Source: https://developers.hubspot.com/docs/api-reference
func Connector() actions.Connector {
	return actions.Connector{
		ID: "hubspot", Name: "HubSpot", Category: "CRM", Color: "#ff7a59", Monogram: "HS", Icon: icon,
		Description: "Contacts, companies, deals, tickets, lists and forms in HubSpot.",
		DocsURL:     "https://developers.hubspot.com/docs/api-reference",
		SetUp:       setUp(),
		BaseURL:     "https://api.hubapi.com",
		Also:        []string{hsforms},
		Auth: []actions.Auth{{Method: "token", Name: "Service key or private app token",
			Help: "In HubSpot under Development, Keys, Service keys: a key with the scopes that your actions need; or the access token of a private app.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The key, or the token.", Type: actions.Text, Required: true, Secret: true},
				{ID: actions.FieldClientSecret, Label: "Client secret", Help: "Of an app, on its Auth page; a service key has none. It signs the events from HubSpot; without it no event is taken.", Type: actions.Text, Secret: true}},
			Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:     &actions.Request{Method: "GET", Path: "/account-info/v3/details"},
		Errors:   refusals(),
		Actions:  all(),
		Triggers: triggers(),
		Records:  recordTypes(),
	}
}

func all() []actions.Action {
	var list []actions.Action
	for _, o := range []object{contacts(), companies(), deals(), tickets()} {
		list = append(list, o.actions()...)
	}
	list = append(list, forget())
	return slices.Concat(list, activities(), linking(), records(), batches(), []actions.Action{addLineItem()}, lists(), forms(), marketing(), files(), account(), []actions.Action{
		actions.APIRequest("HubSpot", "/crm/v3/objects/contacts", map[string]any{"id": "512", "properties": map[string]any{"email": "ada@example.com"}, "archived": false})})
}

// oauth is the sign-in by an app. Tokens live for half an hour. The older address of tokens, /oauth/v1/token, ends in February 2027.
// Source: https://developers.hubspot.com/changelog/v1-oauth-api-deprecation
func oauth() actions.Auth {
	return actions.OAuthApp("In HubSpot under Development, your app: Auth has the client ID and secret; the app names this server's address with /oauth/callback as a redirect URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://app.hubspot.com/oauth/authorize", Token: "https://api.hubapi.com/oauth/2026-03/token",
		Scopes: []string{"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read", "crm.objects.companies.write", "crm.objects.deals.read", "crm.objects.deals.write", "tickets",
			"crm.objects.owners.read", "crm.schemas.contacts.read", "crm.schemas.companies.read", "crm.schemas.deals.read"},
		Client: actions.ClientInBody, Lives: 30 * time.Minute,
		After: &actions.TokenStep{URL: "https://api.hubapi.com/account-info/v3/details", Account: "/portalId"},
	})
}
