package hubspot

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"In HubSpot open Settings (the gear), Integrations, Private Apps; newer accounts have them under Development, Legacy Apps.",
			"Make a private app, and under Scopes choose those that this page names for the OAuth app, or fewer, and beside them those that the actions and triggers name which you use, as crm.lists.read. What lacks one says which.",
			"Create the app, open its Auth tab, show the access token, and copy it into the form; for the trigger Event copy the client secret too.",
			"For the trigger Event: publish the scenario, put the trigger's URL into the app's Webhooks tab as the target URL, and subscribe there to the events. An app has one target URL.",
		},
		"oauth": {
			"In a HubSpot developer account make a public app.",
			"On its Auth page add the redirect URL that the connection's form shows, and the scopes that this page names.",
			"Copy the client ID and the client secret into the form, and go on to HubSpot; somebody who may install apps chooses the account.",
			"An action or trigger that names a scope of its own needs it on the app's Auth page and in the form's scopes, beside all others; sign in again after that.",
			"For the trigger Event: publish the scenario, put the trigger's URL into the app's Webhooks page as the target URL, and subscribe there to the events. An app has one target URL.",
		},
	}
}
