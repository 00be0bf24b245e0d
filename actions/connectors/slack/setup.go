package slack

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	told := []string{
		"In Slack write /invite and the app's name in each channel that it is to post in or read.",
		"For triggers that are told at once copy the signing secret, under Basic Information, into the form. An app has one address for all its events: under Event Subscriptions put the address that the scenario shows as the request URL, and add the bot events that the trigger's description names. Publish the scenario first, Slack asks at once.",
		"For buttons, modals and shortcuts put the address of the trigger Interaction under Interactivity & Shortcuts as the request URL; for commands the address of each trigger Slash command under Slash Commands.",
	}
	return map[string][]string{
		"token": append([]string{
			"At api.slack.com/apps choose Create New App, From scratch, and your workspace.",
			"Under OAuth & Permissions, Bot Token Scopes, add chat:write, and what your other actions need: Slack names a scope that is missing. channels:read and groups:read list the channels, users:read the people, channels:history and groups:history read messages.",
			"Choose Install to Workspace, allow it, and copy the Bot User OAuth Token, which begins with xoxb-, into the form. After each change of scopes install it again.",
			"What only people may do (search, status, reminders, bringing a channel back) needs a second connection: add User Token Scopes in the same place, install again, and take the User OAuth Token, which begins with xoxp-.",
		}, told...),
		"oauth": append([]string{
			"At api.slack.com/apps choose Create New App, From scratch, and your workspace.",
			"Under OAuth & Permissions add the redirect URL that the connection's form shows as a redirect URL; Slack takes https:// only.",
			"Under Basic Information, App Credentials, copy the client ID and the client secret into the form, and go on to Slack, which lists what the app may do. It gives a bot's token: what only people may do needs a connection by token.",
		}, told...),
	}
}
