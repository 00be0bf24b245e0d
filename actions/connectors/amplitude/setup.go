package amplitude

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"api_key": {
			"In Amplitude open Settings, Organization settings, Projects, and choose the project.",
			"Copy its API key into the form.",
			"Choose Europe where you sign in at app.eu.amplitude.com.",
		},
		"basic": {
			"In Amplitude open Settings, Organization settings, Projects, and choose the project.",
			"Copy its API key and its secret key into the form.",
			"Choose Europe where you sign in at app.eu.amplitude.com.",
		},
	}
}
