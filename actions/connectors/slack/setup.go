package slack

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"At api.slack.com/apps choose Create New App, From scratch, and your workspace.",
			"Under OAuth & Permissions, Bot Token Scopes, add chat:write, and what your other actions need: Slack names a scope that is missing.",
			"Choose Install to Workspace, allow it, and copy the Bot User OAuth Token, which begins with xoxb-, into the form.",
			"In Slack write /invite and the app's name in each channel that it is to post in or read.",
			"For the trigger Event: under Event Subscriptions put the address that the scenario shows as the request URL and add the bot events; the signing secret stands under Basic Information.",
		},
		"oauth": {
			"At api.slack.com/apps choose Create New App, From scratch, and your workspace.",
			"Under OAuth & Permissions add the redirect URL that the connection's form shows as a redirect URL.",
			"Under Basic Information, App Credentials, copy the client ID and the client secret into the form, and go on to Slack.",
			"In Slack write /invite and the app's name in each channel that it is to post in or read.",
			"For the trigger Event: under Event Subscriptions put the address that the scenario shows as the request URL and add the bot events; the signing secret stands under Basic Information.",
		},
	}
}
