package pipedrive

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"In Pipedrive click your picture, and open Personal preferences, API.",
			"Copy the personal API token, or make one, into the form. It acts as you: use an account that may see what the scenarios need.",
		},
		"oauth": {
			"In Pipedrive open Settings, Developer Hub (Tools and apps), and create an app; a private one is enough.",
			"Put the redirect URL that the connection's form shows as the callback URL, and under OAuth & access scopes choose the scopes that this page names; those for products (products:full) and mail (mail:read) only where the scenarios use them.",
			"Save, copy the client ID and the client secret into the form, and go on to Pipedrive.",
		},
	}
}
