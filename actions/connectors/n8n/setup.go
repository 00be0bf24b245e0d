package n8n

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"none": {
			"In n8n begin a workflow with a Webhook node, method POST.",
			"Copy its Production URL into the form, and activate (publish) the workflow: until then only the test URL answers.",
		},
		"basic": {
			"In n8n begin a workflow with a Webhook node, method POST, and choose Basic Auth under Authentication with a credential.",
			"Copy its Production URL, and the credential's user and password, into the form, and activate (publish) the workflow.",
		},
		"header": {
			"In n8n begin a workflow with a Webhook node, method POST, and choose Header Auth under Authentication with a credential.",
			"Copy its Production URL, and the credential's name and value, into the form, and activate (publish) the workflow.",
		},
		"jwt": {
			"In n8n begin a workflow with a Webhook node, method POST, and choose JWT Auth under Authentication with a credential.",
			"Make a token that the credential takes, copy it and the node's Production URL into the form, and activate (publish) the workflow.",
		},
	}
}
