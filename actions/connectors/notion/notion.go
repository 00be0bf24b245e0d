// Package notion is the connector for the Notion API.
package notion

import (
	_ "embed"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Notion. Source: https://developers.notion.com/reference/intro
func Connector() actions.Connector {
	return actions.Connector{
		ID: "notion", Name: "Notion", Category: "Productivity", Color: "#111111", Monogram: "N", Icon: icon,
		Description: "Pages, databases, files and comments in Notion.",
		DocsURL:     "https://developers.notion.com/reference/intro",
		SetUp:       setUp(),
		BaseURL:     "https://api.notion.com",
		Headers:     map[string]string{"Notion-Version": "2025-09-03"},
		Rate:        actions.Rate{Requests: 3, Window: time.Second},
		Auth: []actions.Auth{{Method: "token", Name: "Integration token",
			Help:   "At notion.so/profile/integrations, your internal integration: its secret. Pages are shared with the integration one by one.",
			Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The token.", Type: actions.Text, Required: true, Secret: true}, verificationToken()},
			Apply:  []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:   &actions.Request{Method: "GET", Path: "/v1/users/me"},
		Errors: failures(),
		Actions: append(slices.Concat(items(), pages(), asText(), blocks(), uploads(), databases(), comments(), users()),
			actions.APIRequest("Notion", "/v1/search", map[string]any{"object": "page", "id": "60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7"})),
		Triggers: append([]actions.Trigger{event()}, triggers()...),
	}
}

// oauth is the sign-in by a public integration. What it may see is chosen by the person who signs in.
func oauth() actions.Auth {
	return actions.OAuthApp("At notion.so/profile/integrations, your public integration: the client ID and secret; add this server's address with /oauth/callback as a redirect URI.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://api.notion.com/v1/oauth/authorize", Token: "https://api.notion.com/v1/oauth/token", Extra: map[string]string{"owner": "user"}, Client: actions.ClientInBasic, JSON: true,
		Rotates: true, Account: "/workspace_name",
	}, verificationToken())
}
