package zapier

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"hook": {
			"In Zapier make a Zap whose trigger is Webhooks by Zapier with the event Catch Hook.",
			"On the trigger's Test tab copy the webhook's URL into the form.",
			"Send one with a test of your step, so that Zapier sees its fields, and publish the Zap.",
			"For the way back make a Zap whose action is Webhooks by Zapier, POST, to the address of a scenario that begins with a webhook.",
		},
	}
}
