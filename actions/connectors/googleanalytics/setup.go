package googleanalytics

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"In the Google Cloud console (console.cloud.google.com) choose a project, or make one.",
			"Under APIs & Services, Library, enable the Google Analytics Data API, and the Google Analytics Admin API, by which properties are listed to choose from.",
			"Under Google Auth Platform (OAuth consent screen) name the app and say who uses it: Internal for your organization alone; else External, and add yourself as a test user. While it is in testing Google ends sign-ins after a week; publish it to keep them.",
			"Under Clients (Credentials) make an OAuth client of the kind Web application, and add the redirect URL that the connection's form shows under Authorized redirect URIs.",
			"Copy its client ID and client secret into the form, and go on to Google. Where Google warns that it has not verified the app, choose Advanced and go on: the app is your own.",
		},
		"service_account": {
			"In the Google Cloud console (console.cloud.google.com) choose a project, or make one, and enable the Google Analytics Data API and the Google Analytics Admin API under APIs & Services, Library.",
			"Under IAM & Admin, Service Accounts, make a service account. It needs no role in the project.",
			"Open it, and under Keys choose Add key, Create new key, JSON; a file is downloaded.",
			"Put the whole file into the form.",
			"In Google Analytics under Admin, Property access management, add the account's address (it ends in iam.gserviceaccount.com) as a viewer.",
		},
		"measurement": {
			"In Google Analytics open Admin, Data streams, and your web stream: copy the measurement ID, as G-ABC123.",
			"On the same page open Measurement Protocol API secrets, accept the terms where they are asked for, and create a secret.",
			"Copy the secret's value into the form. Google says of no event that it is wrong: look at the property's Realtime report.",
		},
	}
}
