package salesforce

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"In Salesforce, in an edition that has the API (Enterprise, Unlimited, Performance, Developer, or Professional with the add-on), open Setup, and find External Client App Manager. A connected app that you have already does as well; Salesforce lets nobody make new ones.",
			"Make an app, switch OAuth on, and put the redirect URL that the connection's form shows as the callback URL.",
			"Under OAuth scopes add Manage user data via APIs (api) and Perform requests at any time (refresh_token, offline_access).",
			"Save, and open the OAuth settings: copy the consumer key and the consumer secret into the form. Salesforce may take ten minutes until it knows a new app.",
			"For a sandbox write test.salesforce.com as the login host, and go on to Salesforce. Sign in as a user who has the permission API Enabled and may see what the scenarios need.",
		},
		"server": {
			"Make an app in Salesforce under Setup, External Client App Manager, with OAuth and the scope api.",
			"In its policies enable the client credentials flow, and name the user that it runs as: it may do what that user may.",
			"Copy the consumer key and the consumer secret into the form.",
			"Under Setup, My Domain, copy the current My Domain URL, which ends in my.salesforce.com, into the form.",
		},
	}
}
