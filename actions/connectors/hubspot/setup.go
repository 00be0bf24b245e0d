package hubspot

// setUp is what is done in the vendor's own screens, for each way to sign in. Apps that are made in HubSpot's own pages, private and
// public ones, could be made until October and June 2026.
// Source: https://developers.hubspot.com/changelog/legacy-private-app-creation-sunset
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"In HubSpot open Development, Keys, Service keys (or Settings, Integrations, Service Keys), and create a key.",
			"Give it the scopes that this page names for the OAuth app, or fewer, and beside them those that the actions and triggers name which you use, as crm.lists.read. What lacks one says which.",
			"Copy the key into the form. The access token of a private app that you have already does as well: it stands on the app's Auth tab under Development, Legacy apps.",
			"A service key brings no events. The trigger Event needs an app: a private app that you have, or one made by HubSpot's command line (hs project create). Copy its client secret into the form, publish the scenario, put the trigger's URL into the app's webhooks as the target URL, and subscribe there to the events. An app has one target URL.",
		},
		"oauth": {
			"Make an app by HubSpot's command line: hs project create, with OAuth as its way to sign in. A public app that was made before June 2026 does as well.",
			"In the app's file (app-hsmeta.json), or on an older app's Auth page, put the redirect URL that the connection's form shows, and the scopes that this page names; upload the project.",
			"Copy the client ID and the client secret from the app's Auth tab into the form, and go on to HubSpot; somebody who may install apps chooses the account.",
			"An action or trigger that names a scope of its own needs it in the app and in the form's scopes, beside all others; sign in again after that.",
			"For the trigger Event: publish the scenario, put the trigger's URL into the app's webhooks as the target URL, and subscribe there to the events. An app has one target URL.",
		},
	}
}
