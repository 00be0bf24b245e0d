package linear

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"api_key": {
			"In Linear open Settings, Account, Security & access, Personal API keys.",
			"Make a key that may do what the scenarios need, and copy it at once. It begins with lin_api_, and acts as you.",
		},
		"oauth": {
			"In Linear open Settings, Administration, API, and make an OAuth application.",
			"Put the redirect URL that the connection's form shows as a callback URL.",
			"Copy the client ID and the client secret into the form, and go on to Linear.",
		},
	}
}
