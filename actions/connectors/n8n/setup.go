package n8n

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"none": {
			"In n8n begin a workflow with a Webhook node, method POST.",
			"Put its Production URL into the step, and activate (publish) the workflow: until then only the test URL answers.",
		},
		"basic": {
			"In n8n begin a workflow with a Webhook node, method POST, and choose Basic Auth under Authentication with a credential.",
			"Copy the credential's user and password into the form, with the host of n8n; put the Production URL into the step, and activate (publish) the workflow.",
		},
		"header": {
			"In n8n begin a workflow with a Webhook node, method POST, and choose Header Auth under Authentication with a credential.",
			"Copy the credential's name and value into the form, with the host of n8n; put the Production URL into the step, and activate (publish) the workflow.",
		},
		"jwt": {
			"In n8n begin a workflow with a Webhook node, method POST, and choose JWT Auth under Authentication with a credential.",
			"Make a token that the credential takes, copy it into the form, with the host of n8n; put the node's Production URL into the step, and activate (publish) the workflow.",
		},
		"api_key": {
			"In n8n open Settings, n8n API, and create an API key; on Enterprise give it the scopes workflow:list, workflow:read, workflow:activate, workflow:deactivate, execution:list, execution:read and execution:retry.",
			"Copy it at once, and the address of your n8n, into the form.",
		},
	}
}
