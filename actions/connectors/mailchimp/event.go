package mailchimp

import (
	"net/url"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// audienceEvent is the trigger for an audience's webhooks. Mailchimp signs nothing, so the secret stands in the URL; it asks there before it
// makes the webhook, and sends forms, again letter for letter. It tells the second of an event, in which two of one member may happen, so
// all that is said counts. Source: https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
func audienceEvent() actions.Trigger {
	sample := map[string]any{"type": "subscribe", "fired_at": "2026-03-26 21:35:57", "data": map[string]any{"id": "8a25ff1d98", "list_id": "a1b2c3d4e5", "email": "ada@example.com", "email_type": "html", "ip_opt": "10.20.10.30", "ip_signup": "10.20.10.30",
		"merges": map[string]any{"EMAIL": "ada@example.com", "FNAME": "Ada", "LNAME": "Lovelace", "INTERESTS": "Group1,Group2"}}}
	return actions.Trigger{
		ID: "event", Name: "Event in an audience", Kind: actions.EventKind, Output: value.Shape{Kind: "object"}, Sample: sample, Topic: "type", Topics: topics(),
		Description: "Something happened in an audience, told at once: somebody subscribed, unsubscribed, changed a field or the address, an address bounced, or a campaign was sent. Its webhook is made in Mailchimp when the scenario is published.",
		Input: []actions.Field{listField(actions.InPath),
			{ID: "topics", Label: "Events", Help: "subscribe, unsubscribe, profile (a field changed), upemail (the address changed), cleaned (it bounced) and campaign; all where none is given.", Type: actions.Texts, In: actions.InNone, Example: []any{"subscribe", "unsubscribe"}},
			{ID: "api", Label: "Also what the API did", Help: "Whether changes count that were made by the API, as by a step of Stepmill; two scenarios may then call one another without end.", Type: actions.Boolean, Default: false, In: actions.InNone}},
		Identity: []string{""}, Verify: actions.Verification{Preset: "mailchimp"},
		Subscribe: &actions.Subscribe{
			Register: &actions.Request{Method: "POST", Path: "/lists/{list}/webhooks", Body: actions.JSONBody, Prepare: webhook},
			ID:       "/id", Remove: &actions.Request{Method: "DELETE", Path: "/lists/{list}/webhooks/{subscription}"},
			List: &actions.Request{Method: "GET", Path: "/lists/{list}/webhooks"}, Page: actions.Page{Items: "/webhooks", Sure: "/webhooks", ID: "/id"}, Sends: "/url", Handshake: true,
			Sample: map[string]any{"id": "ef4b2e2a61", "url": "https://stepmill.example.com/hooks/k?key=s", "events": map[string]any{"subscribe": true}, "sources": map[string]any{"user": true, "admin": true, "api": false}, "list_id": "a1b2c3d4e5"},
		},
	}
}

func topics() []string {
	return []string{"subscribe", "unsubscribe", "profile", "upemail", "cleaned", "campaign"}
}

// webhook puts the secret behind the URL, and switches the events that are wanted.
func webhook(in map[string]any) (actions.Parts, error) {
	wanted, _ := in[actions.SubTopics].([]any)
	events := map[string]any{}
	for _, kind := range topics() {
		events[kind] = len(wanted) == 0
	}
	for _, kind := range wanted {
		events[value.Text(kind)] = true
	}
	address := value.Text(in[actions.SubURL]) + "?" + url.Values{"key": {value.Text(in[actions.SubSecret])}}.Encode()
	return actions.Parts{Body: map[string]any{"url": address, "events": events, "sources": map[string]any{"user": true, "admin": true, "api": in["api"] == true}}}, nil
}
