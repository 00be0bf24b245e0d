package make

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"hook": {
			"In Make make a scenario that begins with Webhooks, Custom webhook, and add a webhook.",
			"Copy its address into the form.",
			"Let Make determine the data structure while you test your step, and switch the scenario on, Immediately as data arrives.",
		},
		"hook_key": {
			"In Make make a scenario that begins with Webhooks, Custom webhook, and add a webhook; under its advanced settings ask for an API key, and make one.",
			"Copy the webhook's address and the key into the form.",
			"Let Make determine the data structure while you test your step, and switch the scenario on, Immediately as data arrives.",
		},
		"token": {
			"In Make click your avatar, then Profile, and open the tab API.",
			"Add a token with the scopes scenarios:read, scenarios:write, scenarios:run, organizations:read, teams:read and user:read, and copy it at once: it is shown only now.",
			"Choose the zone that the address of your Make begins with, as eu1.make.com. The API is there on paid plans.",
		},
	}
}
