package jira

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"basic": {
			"At id.atlassian.com open Security, Create and manage API tokens, and create one; note when it expires.",
			"Copy the token at once: it is shown only now.",
			"Put the account's mail address, the token, and what stands before .atlassian.net in the browser, into the form. What is made is made in the name of that account.",
			"For the trigger Event: in Jira's settings under System, WebHooks, an administrator makes a webhook with the address that the scenario shows, a secret of at least a dozen letters, which goes into the form too, and the events.",
		},
		"oauth": {
			"At developer.atlassian.com/console/myapps choose Create, OAuth 2.0 integration.",
			"Under Permissions add the Jira API, and configure the scopes that this page names; boards and sprints need granular ones, requests those of Jira Service Management.",
			"Under Authorization add OAuth 2.0 (3LO) with the redirect URL that the connection's form shows as the callback URL.",
			"Under Settings copy the client ID and the secret into the form, and go on to Atlassian; choose the site there.",
			"For the trigger Event: in Jira's settings under System, WebHooks, an administrator makes a webhook with the address that the scenario shows, a secret of at least a dozen letters, which goes into the form too, and the events.",
		},
	}
}
