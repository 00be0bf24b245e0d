package dropbox

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"At dropbox.com/developers/apps choose Create app, Scoped access, and what it may reach: App folder is a folder of its own, in which paths then begin, and Full Dropbox all that the account has.",
			"Under Permissions check those that this page names, and submit. One that is checked later counts once you sign in again.",
			"Under Settings add the redirect URL that the connection's form shows as a redirect URI.",
			"Copy the app key and the app secret into the form as client ID and secret, and go on to Dropbox.",
		},
	}
}
