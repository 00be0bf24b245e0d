package intercom

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"In Intercom open Settings, Integrations, Developer Hub, and make an app in your workspace, or open the one that you have.",
			"Under Authentication copy the access token.",
			"Under Basic information copy the client secret, which signs the events that Intercom sends; without triggers it is not needed.",
			"For a trigger: under Webhooks put the address that the scenario shows as the endpoint URL, and choose the topics.",
		},
		"oauth": {
			"In Intercom open Settings, Integrations, Developer Hub, and make an app, or open the one that you have.",
			"Under Authentication switch Use OAuth on, add the redirect URL that the connection's form shows, and choose the permissions that your actions need.",
			"Under Basic information copy the client ID and the client secret into the form, and go on to Intercom.",
		},
	}
}
