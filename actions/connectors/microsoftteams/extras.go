package microsoftteams

import (
	"bytes"
	"context"
	"net/http"
	"regexp"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func reactionField() actions.Field {
	return actions.Field{ID: "reaction", Label: "Reaction", Help: "An emoji, as 👍.", Type: actions.Text, Required: true, Name: "reactionType", Example: "👍"}
}

// reacting puts an emoji on a message or takes it off. Source: https://learn.microsoft.com/en-us/graph/api/chatmessage-setreaction
func reacting(id, name, description, path string, input ...actions.Field) actions.Action {
	a := doing(id, name, description, "The reaction is the same after a repeat.", "POST", path, append(input, reactionField())...)
	a.Request.Body = actions.JSONBody
	return a
}

func addReaction() actions.Action {
	return reacting("add_reaction", "Add a reaction in a channel", "Puts an emoji of who signed in on a message of a channel.", "/teams/{team}/channels/{channel}/messages/{message}/setReaction", teamField(), channelField(), messageField())
}

func removeReaction() actions.Action {
	return reacting("remove_reaction", "Remove a reaction in a channel", "Takes an emoji of who signed in off a message of a channel.", "/teams/{team}/channels/{channel}/messages/{message}/unsetReaction", teamField(), channelField(), messageField())
}

func addChatReaction() actions.Action {
	return reacting("add_chat_reaction", "Add a reaction in a chat", "Puts an emoji of who signed in on a message of a chat.", "/chats/{chat}/messages/{message}/setReaction", chatField(), messageField())
}

func removeChatReaction() actions.Action {
	return reacting("remove_chat_reaction", "Remove a reaction in a chat", "Takes an emoji of who signed in off a message of a chat.", "/chats/{chat}/messages/{message}/unsetReaction", chatField(), messageField())
}

// deleteMessage takes back what who signed in wrote. Source: https://learn.microsoft.com/en-us/graph/api/chatmessage-softdelete
func deleteMessage() actions.Action {
	return doing("delete_channel_message", "Delete a message of a channel", "Takes back a message of who signed in; Teams shows that it was deleted.", "A message that is deleted stays so, and a repeat changes nothing.", "POST", "/teams/{team}/channels/{channel}/messages/{message}/softDelete", teamField(), channelField(), messageField()).Needing("ChannelMessage.ReadWrite")
}

func onlineMeeting() map[string]any {
	return map[string]any{"id": "MSpkYzE3Njc0Yy04MWQ5LTRhZGItYmZiMi04ZGQzMmI4", "subject": "Weekly", "startDateTime": "2026-01-31T09:30:00Z", "endDateTime": "2026-01-31T10:00:00Z", "joinWebUrl": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=x", "joinMeetingIdSettings": map[string]any{"joinMeetingId": "1234567890", "passcode": nil}}
}

// createMeeting makes a meeting by its link. Source: https://learn.microsoft.com/en-us/graph/api/application-post-onlinemeetings
func createMeeting() actions.Action {
	sample := onlineMeeting()
	return actions.Action{
		ID: "create_meeting", Name: "Create an online meeting", Description: "Makes a meeting of who signed in and gives the link to join. It stands in nobody's calendar and invites nobody: send the link. Its transcripts cannot be read by List a meeting's transcripts.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "subject", Label: "Subject", Help: "What it is about.", Type: actions.Text, Required: true, Example: "Weekly"},
			{ID: "start", Label: "Start", Help: "When it begins.", Type: actions.DateTime, Required: true, Name: "startDateTime", Example: "2026-01-31T09:30:00Z"},
			{ID: "end", Label: "End", Help: "When it ends.", Type: actions.DateTime, Required: true, Name: "endDateTime", Example: "2026-01-31T10:00:00Z"},
			{ID: "lobby", Label: "Who comes in at once", Help: "Others wait until they are let in.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "everyone", Label: "Everybody"}, {Value: "organization", Label: "The organization"}, {Value: "invited", Label: "Who is invited"}, {Value: "organizer", Label: "Who made it"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/me/onlineMeetings", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["lobby"] == nil {
				return actions.Parts{}, nil
			}
			return actions.Parts{Body: map[string]any{"lobbyBypassSettings": map[string]any{"scope": in["lobby"]}}}, nil
		}},
	}.Needing("OnlineMeetings.ReadWrite")
}

// findMeeting finds a meeting by its link, which is all that people have. Source: https://learn.microsoft.com/en-us/graph/api/onlinemeeting-get
func findMeeting() actions.Action {
	a := reading("find_meeting", "Find an online meeting", "Finds a meeting of who signed in by the link to join; its id leads to its transcripts.", "/me/onlineMeetings", onlineMeeting(),
		actions.Field{ID: "link", Label: "Link", Help: "The link to join, as Teams gives it.", Type: actions.Text, Required: true, In: actions.InNone, Example: "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=x"})
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		return actions.Parts{Query: map[string]any{"$filter": "JoinWebUrl eq " + quoted(value.Text(in["link"]))}}, nil
	}
	a.Request.Output = func(resp actions.Response) (any, error) {
		if found := value.At(resp.Value, "/value/0"); found != nil {
			return found, nil
		}
		return nil, fault.New(fault.NotFound, "Who signed in has no meeting with that link. Give the whole link to join, and sign in as who made the meeting.")
	}
	return a.Needing("OnlineMeetings.Read")
}

func meetingField() actions.Field {
	return actions.Field{ID: "meeting", Label: "Meeting", Help: "Its id, as Find an online meeting gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "MSpkYzE3Njc0Yy04MWQ5LTRhZGItYmZiMi04ZGQzMmI4"}
}

// listTranscripts and getTranscript read what was said. Source: https://learn.microsoft.com/en-us/graph/api/calltranscript-get
func listTranscripts() actions.Action {
	return listing("list_transcripts", "List a meeting's transcripts", "Gives the transcripts of a meeting of who signed in, where they were made. Microsoft gives those of meetings in a calendar only, not of a channel's and not of those that Create an online meeting makes.", "/me/onlineMeetings/{meeting}/transcripts", 0, map[string]any{"id": "MSMjMCMjZDAwYWU3NjUtNmM2Yi00NjQx", "meetingId": "MSpkYzE3Njc0Yy04MWQ5LTRhZGItYmZiMi04ZGQzMmI4", "createdDateTime": "2026-01-31T10:02:00Z"}, meetingField()).Needing("OnlineMeetingTranscript.Read.All")
}

func getTranscript() actions.Action {
	sample := map[string]any{"text": "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Ada Lovelace>Good morning.</v>\n"}
	a := reading("get_transcript", "Get a transcript", "Reads what was said in a meeting, with times and names (WebVTT).", "/me/onlineMeetings/{meeting}/transcripts/{transcript}/content", sample, meetingField(),
		actions.Field{ID: "transcript", Label: "Transcript", Help: "Its id, as listing gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "MSMjMCMjZDAwYWU3NjUtNmM2Yi00NjQx"})
	a.Request.Query = map[string]string{"$format": "text/vtt"}
	a.Request.Output = func(resp actions.Response) (any, error) { return map[string]any{"text": value.Text(resp.Value)}, nil }
	return a.Needing("OnlineMeetingTranscript.Read.All")
}

// inEvent is what Graph calls a message in its notifications, in a channel, in a thread or in a chat.
var inEvent = regexp.MustCompile(`^/?(?:teams\('([^']+)'\)/channels\('([^']+)'\)|chats\('([^']+)'\))/messages\('([^']+)'\)(?:/replies\('([^']+)'\))?$`)

// getEventMessage reads the message that the trigger New message tells of by its address only.
// Source: https://learn.microsoft.com/en-us/graph/teams-changenotifications-chatmessage
func getEventMessage() actions.Action {
	a := reading("get_event_message", "Get the message of an event", "Reads the message that the trigger New message told of: its text, who wrote it, what is attached. Make it the first step.", "/{where}", chatMessage(),
		actions.Field{ID: "resource", Label: "Message", Help: "resource of the trigger.", Type: actions.Text, Required: true, In: actions.InNone, Example: "teams('fbe2bf47-16c8-47cf-b4a5-4b9b187c508b')/channels('19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2')/messages('1616963377068')"})
	read := func(path string, fields ...actions.Field) actions.Action {
		return reading("read", "Read", "Reads it.", path, chatMessage(), fields...)
	}
	reply := actions.Field{ID: "reply", Type: actions.Text, Required: true, In: actions.InPath}
	channel, answer, chat := read("/teams/{team}/channels/{channel}/messages/{message}", teamField(), channelField(), messageField()),
		read("/teams/{team}/channels/{channel}/messages/{message}/replies/{reply}", teamField(), channelField(), messageField(), reply), read("/chats/{chat}/messages/{message}", chatField(), messageField())
	a.Request = nil
	a.Run = func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		found := inEvent.FindStringSubmatch(value.Text(in.Values["resource"]))
		if found == nil {
			return nil, fault.New(fault.InvalidInput, "The input resource: it is none of a message; take resource of the trigger New message.")
		}
		switch {
		case found[3] != "":
			return do.Ask(ctx, &chat, map[string]any{"chat": found[3], "message": found[4]})
		case found[5] != "":
			return do.Ask(ctx, &answer, map[string]any{"team": found[1], "channel": found[2], "message": found[4], "reply": found[5]})
		}
		return do.Ask(ctx, &channel, map[string]any{"team": found[1], "channel": found[2], "message": found[4]})
	}
	return a.Needing("ChannelMessage.Read.All")
}

// postByWorkflow posts at the URL of a workflow, which is good by itself: no token goes there. It takes cards only.
// Source: https://support.microsoft.com/en-us/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498
func postByWorkflow() actions.Action {
	sample := map[string]any{"done": true}
	return actions.Action{
		ID: "post_by_workflow", Name: "Post by a workflow's URL", Description: "Posts a text or an Adaptive Card in a channel or a chat as the Workflows app, at the URL that its template Post to a channel when a webhook request is received gives. It is what came after the incoming webhooks of Office connectors.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "url", Label: "URL", Help: "Of the workflow: whoever has it can post, so keep it as a secret. One at logic.azure.com serves no more; copy the new one from the workflow.", Type: actions.Text, Required: true, Secret: true, In: actions.InNone, Example: "https://default0a1b2c3d.4e.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/abc/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=x"},
			{ID: "text", Label: "Text", Help: "What the message says, in the Markdown that cards take.", Type: actions.LongText, In: actions.InNone, Example: "Hello **you**"},
			{ID: "card", Label: "Card", Help: "An Adaptive Card, as its designer gives it, in place of a text.", Type: actions.Object, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			card, _ := in.Values["card"].(map[string]any)
			if text := value.Text(in.Values["text"]); card == nil && text == "" {
				return nil, fault.New(fault.InvalidInput, "The input text: give a text or a card.")
			} else if card == nil {
				card = map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": []any{map[string]any{"type": "TextBlock", "text": text, "wrap": true}}}
			}
			b, err := value.Encode(map[string]any{"type": "message", "attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}}})
			if err != nil {
				return nil, err
			}
			_, err = do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: value.Text(in.Values["url"]), Bare: true, Header: http.Header{"Content-Type": {"application/json"}}, Body: bytes.NewReader(b)})
			return sample, err
		},
	}
}
