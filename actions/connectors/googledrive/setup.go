package googledrive

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"In the Google Cloud console (console.cloud.google.com) choose a project, or make one.",
			"Under APIs & Services, Library, enable the Google Drive API.",
			"Under Google Auth Platform (OAuth consent screen) name the app and say who uses it: Internal for your organization alone; else External, and add yourself as a test user. While it is in testing Google ends sign-ins after a week; publish it to keep them.",
			"Under Clients (Credentials) make an OAuth client of the kind Web application, and add the redirect URL that the connection's form shows under Authorized redirect URIs.",
			"Copy its client ID and client secret into the form, and go on to Google. Where Google warns that it has not verified the app, choose Advanced and go on: the app is your own.",
		},
		"service_account": {
			"In the Google Cloud console (console.cloud.google.com) choose a project, or make one, and enable the Google Drive API under APIs & Services, Library.",
			"Under IAM & Admin, Service Accounts, make a service account. It needs no role in the project.",
			"Open it, and under Keys choose Add key, Create new key, JSON; a file is downloaded.",
			"Put the whole file into the form.",
			"In Drive share the folders that it is to work with with the account's address, which ends in iam.gserviceaccount.com. It has no room of its own: files that it makes need a folder of a shared drive.",
		},
	}
}
