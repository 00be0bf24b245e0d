package microsoftteams

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"In the Microsoft Entra admin center (entra.microsoft.com) open App registrations, New registration.",
			"Choose who may use it, as a rule your own directory, and add the redirect URL that the connection's form shows as a redirect URI of the platform Web.",
			"On its Overview copy the application (client) ID, and the directory (tenant) ID.",
			"Under Certificates & secrets make a client secret, and copy its Value at once: it is shown only now.",
			"Under API permissions add the delegated permissions of Microsoft Graph that this page names; some need Grant admin consent.",
			"Put the three into the form, and go on to Microsoft. Messages are sent in the name of who signs in.",
		},
	}
}
