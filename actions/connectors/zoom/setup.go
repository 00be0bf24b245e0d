package zoom

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"At marketplace.zoom.us choose Develop, Build App, General App.",
			"On Basic Information put the redirect URL that the connection's form shows as the OAuth redirect URL, and add it to the allow list.",
			"Under Scopes add those that this page names.",
			"Copy the client ID and the client secret into the form, and go on to Zoom.",
			"For the trigger Event: under Features, Access, copy the secret token into the form, add an event subscription with the address that the scenario shows, choose the events, and validate it.",
		},
		"server": {
			"At marketplace.zoom.us choose Develop, Build App, Server-to-Server OAuth App; your role in Zoom must allow it.",
			"Under App Credentials copy the account ID, the client ID and the client secret into the form.",
			"Under Scopes add those that your actions need, fill in what Information asks for, and activate the app.",
			"For the trigger Event: under Features copy the secret token into the form, add an event subscription with the address that the scenario shows, choose the events, and validate it.",
		},
	}
}
