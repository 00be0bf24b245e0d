package microsoftteams

// setUp is what is done in the vendor's own screens, for each way to sign in.
func setUp() map[string][]string {
	return map[string][]string{
		"oauth": {
			"In the Microsoft Entra admin center (entra.microsoft.com) open App registrations, New registration.",
			"Choose who may use it, as a rule your own directory, and add the redirect URL that the connection's form shows as a redirect URI of the platform Web.",
			"On its Overview copy the application (client) ID, and the directory (tenant) ID.",
			"Under Certificates & secrets make a client secret, and copy its Value at once: it is shown only now.",
			"Under API permissions choose Add a permission, Microsoft Graph, Delegated permissions, and add ChannelMessage.Send, Chat.ReadWrite, Team.ReadBasic.All, Channel.ReadBasic.All, User.Read, User.ReadBasic.All and offline_access, and beside them those that the descriptions of your actions and triggers name. Where Admin consent required says Yes, as for ChannelMessage.Read.All, an administrator chooses Grant admin consent.",
			"Put the three into the form, and go on to Microsoft. Messages are sent in the name of who signs in.",
		},
	}
}
