package zoom

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"At marketplace.zoom.us choose Develop, Build App, General App.",
			"On Basic Information put the redirect URL that the connection's form shows as the OAuth redirect URL, and add it to the allow list.",
			"Under Scopes add what your actions need, by their granular names: meeting:read:meeting, meeting:read:list_meetings, meeting:write:meeting, meeting:update:meeting and meeting:delete:meeting for meetings, user:read:user for the test of the connection, cloud_recording:read:list_user_recordings and cloud_recording:read:list_recording_files for recordings; those that end with :admin where other people of the account are meant. Zoom names a scope that is missing.",
			"Copy the client ID and the client secret into the form, and go on to Zoom.",
			"For triggers that are told at once: under Features, Access, copy the secret token into the form, add an event subscription with the address that the scenario shows, choose the events, and validate it. Each trigger has an address and a subscription of its own.",
		},
		"server": {
			"At marketplace.zoom.us choose Develop, Build App, Server-to-Server OAuth App; your role in Zoom must allow it.",
			"Under App Credentials copy the account ID, the client ID and the client secret into the form.",
			"Under Scopes add what your actions need, here those that end with :admin, and user:read:user:admin for the test of the connection; fill in what Information asks for, and activate the app. Zoom names a scope that is missing.",
			"For triggers that are told at once: under Features copy the secret token into the form, add an event subscription with the address that the scenario shows, choose the events, and validate it. Each trigger has an address and a subscription of its own.",
		},
	}
}
