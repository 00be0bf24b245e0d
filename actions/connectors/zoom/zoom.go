// Package zoom is the connector for the Zoom API.
package zoom

import (
	_ "embed"
	"time"

	"github.com/stepmill/stepmill/actions"
)

//go:embed icon.svg
var icon string

// Connector describes Zoom. Source: https://developers.zoom.us/docs/api/
func Connector() actions.Connector {
	return actions.Connector{
		ID: "zoom", Name: "Zoom", Category: "Communication", Color: "#0b5cff", Monogram: "Z", Icon: icon,
		Description: "Meetings, webinars, who registers and who comes, recordings, people and chat.",
		DocsURL:     "https://developers.zoom.us/docs/api/",
		SetUp:       setUp(),
		BaseURL:     "https://{api_host}/v2",
		Also:        []string{"https://zoom.us", "https://*.zoom.us"},
		Auth:        []actions.Auth{oauth(), server()},
		Test:        &actions.Request{Method: "GET", Path: "/users/me"},
		Errors:      errorTable(),
		Actions: []actions.Action{createMeeting(), findOrCreateMeeting(), getMeeting(), updateMeeting(), deleteMeeting(), listMeetings(), getInvitation(), endMeeting(), recoverMeeting(),
			addRegistrant(), listRegistrants(), setRegistrants(), deleteRegistrant(), getPastMeeting(), listParticipants(), getRecordings(), listRecordings(), downloadRecording(),
			listInstances(), reportParticipants(), listMeetingPolls(), getSummary(), getQuestions(), setQuestions(), shareRecordings(), deleteRecordings(), deleteRecordingFile(), recoverRecordings(),
			createWebinar(), getWebinar(), updateWebinar(), deleteWebinar(), listWebinars(), endWebinar(), listPanelists(), addPanelists(), deletePanelist(), addWebinarRegistrant(), listWebinarRegistrants(), setWebinarRegistrants(),
			listWebinarParticipants(), listAbsentees(), reportWebinarParticipants(), listWebinarPolls(), listWebinarQuestions(),
			getUser(), listUsers(), createUser(), updateUser(), setUserStatus(), deleteUser(), sendChatMessage(),
			actions.APIRequest("Zoom", "/users/me/meetings", map[string]any{"id": 85746065, "topic": "Weekly", "join_url": "https://zoom.us/j/85746065"})},
		Triggers: append(append([]actions.Trigger{event()}, named()...), newMeeting(), newRegistrant(), newWebinarRegistrant(), newRecording()),
	}
}

// oauth is the sign-in by an app.
func oauth() actions.Auth {
	return actions.OAuthApp("At marketplace.zoom.us, your general app: Basic Information has the client ID and secret; add this server's address with /oauth/callback as the redirect URL.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://zoom.us/oauth/authorize", Token: "https://zoom.us/oauth/token", Client: actions.ClientInBasic, PKCE: true, Rotates: true, Lives: time.Hour,
		Values: host(), After: &actions.TokenStep{URL: "https://{api_host}/v2/users/me", Account: "/email"},
	}, secretToken())
}

// server is the sign-in without a person. It gives no refresh token: another one is asked for.
func server() actions.Auth {
	return actions.OAuthApp("At marketplace.zoom.us, your server-to-server OAuth app: App Credentials has the three values.", actions.OAuth{
		Grant: actions.Client, Token: "https://zoom.us/oauth/token", Params: map[string]string{"grant_type": "account_credentials", "account_id": "{account_id}"}, Client: actions.ClientInBasic, Lives: time.Hour,
		Values: host(),
	}, actions.Field{ID: "account_id", Label: "Account ID", Help: "Of the app.", Type: actions.Text, Required: true}, secretToken())
}

// host is where the API is, which newer token answers say.
func host() []actions.TokenValue {
	return []actions.TokenValue{{Name: "api_host", Pointer: "/api_url", Hosts: []string{"zoom.us"}, Default: "api.zoom.us"}}
}
