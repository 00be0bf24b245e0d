package notion

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"At notion.so/profile/integrations make an internal integration in your workspace.",
			"Under Capabilities let it read, update and insert content, as your actions need, and read users' addresses where they look for people.",
			"Copy the internal integration secret into the form.",
			"In Notion open each page or database that it is to work with, and add it under the three dots, Connections.",
			"For the trigger Event: publish the scenario, make a subscription under the integration's Webhooks with the address that the scenario shows, and copy the verification token, which the inbox shows then, into Notion's Verify form and into this connection.",
		},
		"oauth": {
			"At notion.so/profile/integrations make a public integration.",
			"Add the redirect URL that the connection's form shows as a redirect URI.",
			"Copy the OAuth client ID and secret into the form, and go on to Notion; choose there the pages that it may work with.",
			"For the trigger Event: publish the scenario, make a subscription under the integration's Webhooks with the address that the scenario shows, and copy the verification token, which the inbox shows then, into Notion's Verify form and into this connection.",
		},
	}
}
