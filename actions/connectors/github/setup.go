package github

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"token": {
			"On GitHub open your picture, Settings, Developer settings, Personal access tokens, Fine-grained tokens.",
			"Make a token: choose the owner, the repositories, and when it expires.",
			"Under Permissions give what your actions do, as Issues: read and write; a trigger that is set up by itself needs Webhooks: read and write. Pull requests, Contents, Actions, Commit statuses, Deployments, Administration and, of an organization, Members are others that actions here need; where one lacks, the error names it.",
			"Copy the token at once into the form.",
		},
		"oauth": {
			"On GitHub open Settings, Developer settings, OAuth Apps, New OAuth App; of an organization under its own settings.",
			"Put the redirect URL that the connection's form shows as the authorization callback URL.",
			"Register it, generate a client secret, copy both into the form, and go on to GitHub.",
		},
	}
}
