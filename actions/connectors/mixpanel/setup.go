package mixpanel

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"basic": {
			"In Mixpanel open Settings, Organization settings, Service accounts.",
			"Add one with access to the project, as Analyst where it writes annotations and Consumer where it reads only, and copy its user name and its secret at once: the secret is shown only now.",
			"Under Settings, Project settings, copy the project's ID into the form.",
			"Choose the region that the project's data lies in.",
		},
	}
}
