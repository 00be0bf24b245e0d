package hubspot

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"In HubSpot open Settings (the gear), Integrations, Private Apps; newer accounts have them under Development, Legacy Apps.",
			"Make a private app, and under Scopes choose those that this page names for the OAuth app, or fewer: an action that lacks one says so.",
			"Create the app, open its Auth tab, show the access token, and copy it into the form.",
		},
		"oauth": {
			"In a HubSpot developer account make a public app.",
			"On its Auth page add the redirect URL that the connection's form shows, and the scopes that this page names.",
			"Copy the client ID and the client secret into the form, and go on to HubSpot; somebody who may install apps chooses the account.",
		},
	}
}
