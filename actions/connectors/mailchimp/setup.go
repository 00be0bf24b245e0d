package mailchimp

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"api_key": {
			"In Mailchimp click your picture, and open Account & billing, Extras, API keys.",
			"Create a key, and copy it whole: its end, as us21, says where the account lies.",
		},
		"oauth": {
			"In Mailchimp open Account & billing, Extras, Registered apps, and register an app.",
			"Put the redirect URL that the connection's form shows as the redirect URI.",
			"Copy the client ID and the client secret into the form, and go on to Mailchimp.",
		},
	}
}
