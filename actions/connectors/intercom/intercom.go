// Package intercom is the connector for Intercom's REST API and its webhook notifications.
package intercom

import (
	_ "embed"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes Intercom. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io
func Connector() actions.Connector {
	return actions.Connector{
		ID: "intercom", Name: "Intercom", Category: "Support", Color: "#6afdef", Monogram: "I", Icon: icon,
		Description: "Conversations, contacts and the events around them.",
		DocsURL:     "https://developers.intercom.com/docs/references/rest-api/api.intercom.io",
		SetUp:       setUp(),
		BaseURL:     "https://{host}",
		Derive:      regionHost,
		Headers:     map[string]string{"Intercom-Version": "2.15", "Accept": "application/json"},
		Rate:        actions.Rate{Requests: 1666, Window: 10 * time.Second}, // 10,000 a minute for an app, counted in slices of ten seconds
		Auth: []actions.Auth{{Method: "token", Name: "Access token",
			Help: "In Intercom's Developer Hub, your app: Authentication has the access token, Basic information the client secret.",
			Fields: []actions.Field{
				{ID: "token", Label: "Access token", Help: "Signs the requests to Intercom.", Type: actions.Text, Required: true, Secret: true},
				{ID: "client_secret", Label: "Client secret", Help: "Signs the events from Intercom; without it no event is taken.", Type: actions.Text, Secret: true},
				region()},
			Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}, oauth()},
		Test:     &actions.Request{Method: "GET", Path: "/me"},
		Errors:   errorTable(),
		Actions:  all(),
		Triggers: append([]actions.Trigger{event(), newContact()}, changes()...),
		Records:  recordTypes(),
	}
}

func all() []actions.Action {
	me := map[string]any{"type": "admin", "id": "780", "name": "Grace Hopper", "email": "grace@example.com"}
	return slices.Concat(contactActions(), about(), companyActions(), conversationActions(), participants(), ticketActions(), []actions.Action{sendMessage()}, articles(), objects(), exports(), workspace(), []actions.Action{actions.APIRequest("Intercom", "/me", me)})
}

func region() actions.Field {
	return actions.Field{ID: "region", Label: "Region", Help: "Where Intercom keeps the workspace's data.", Type: actions.Select, Default: "us",
		Options: []actions.Option{{Value: "us", Label: "United States"}, {Value: "eu", Label: "Europe"}, {Value: "au", Label: "Australia"}}}
}

// oauth is the sign-in by an app. Its tokens do not expire, and what they may do is set on the app.
// Source: https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth
func oauth() actions.Auth {
	return actions.OAuthApp("In Intercom's Developer Hub, your app: Basic information has the client ID and secret; under Authentication, use OAuth and add this server's address with /oauth/callback.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://app.intercom.com/oauth", Token: "https://api.intercom.io/auth/eagle/token", Client: actions.ClientInBody,
		After: &actions.TokenStep{URL: "https://api.intercom.io/me", Account: "/email"},
	}, region())
}

// regionHost is the host of the workspace's region.
func regionHost(values map[string]string) (map[string]string, error) {
	switch region := values["region"]; region {
	case "", "us":
		return map[string]string{"host": "api.intercom.io"}, nil
	case "eu", "au":
		return map[string]string{"host": "api." + region + ".intercom.io"}, nil
	default:
		return nil, fault.New(fault.InvalidInput, "Intercom has no region %q; there are us, eu and au.", fault.Clip(region, 20))
	}
}

func getContact() actions.Action {
	sample := map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3", "external_id": "70", "workspace_id": "abc12345", "role": "user", "email": "ada@example.com",
		"phone": nil, "name": "Ada Lovelace", "owner_id": nil, "has_hard_bounced": false, "unsubscribed_from_emails": false, "created_at": 1764000000, "updated_at": 1764000000,
		"signed_up_at": 1764000000, "last_seen_at": nil, "language_override": nil, "custom_attributes": map[string]any{},
		"location": map[string]any{"type": "location", "country": "Switzerland", "region": "Zurich", "city": "Zurich"},
		"tags":     map[string]any{"type": "list", "data": []any{map[string]any{"type": "tag", "id": "7", "url": "/tags/7"}}, "total_count": 1, "has_more": false}}
	return actions.Action{
		ID: "get_contact", Name: "Get a contact", Description: "Reads a contact by its Intercom id.", Effect: actions.Read,
		Guarantee: "It only reads, so it is asked again after a crash.",
		Input:     []actions.Field{named("id", "Contact", "65f1c0de9b2e4a0001a1b2c3")},
		Output:    value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/contacts/{id}"},
	}
}

func reply() actions.Action {
	sample := map[string]any{"type": "conversation", "id": "10231", "state": "open", "updated_at": 1764000300, "title": nil}
	return actions.Action{
		ID: "reply", Name: "Reply to a conversation", Description: "Writes a reply or a note as an admin.", Effect: actions.Once,
		Guarantee: "Intercom has no key that would make a repeat harmless: a reply whose answer was lost in a crash is not sent again by itself, you are asked.",
		Input: []actions.Field{
			ofConversation(),
			acting(),
			{ID: "body", Label: "Text", Help: "HTML or text.", Type: actions.LongText, Required: true},
			{ID: "kind", Label: "Kind", Help: "Whether the customer sees it.", Type: actions.Select, Default: "comment", Name: "message_type",
				Options: []actions.Option{{Value: "comment", Label: "Reply"}, {Value: "note", Label: "Note for the team"}}},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations/{conversation}/reply", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"type": "admin"}}, nil
		}},
	}
}

func tag() actions.Action {
	sample := map[string]any{"type": "tag", "id": "7", "name": "urgent"}
	return actions.Action{
		ID: "tag", Name: "Tag a conversation", Description: "Puts a tag on a conversation.", Effect: actions.Idempotent,
		Guarantee: "A tag that is there already stays, so a repeat changes nothing.",
		Input: []actions.Field{
			ofConversation(),
			{ID: "tag", Label: "Tag", Help: "The id of a tag that exists.", Type: actions.Text, Required: true, Name: "id", Example: "7", Choices: tags()},
			acting(),
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/conversations/{conversation}/tags", Body: actions.JSONBody},
	}
}

// event is the trigger for Intercom's notifications. Aliases are the short names that people use for its topics.
func event() actions.Trigger {
	sample := map[string]any{"type": "notification_event", "app_id": "abc12345", "topic": "conversation.user.created", "id": "notif_sample", "delivery_attempts": 1, "created_at": 1764000000,
		"data": map[string]any{"type": "notification_event_data", "item": nil}}
	shape := value.ShapeOf(sample) // what the item is depends on the topic
	sample["data"] = map[string]any{"type": "notification_event_data", "item": conversation()}
	return actions.Trigger{
		ID: "event", Name: "Event", Description: "Something happened in Intercom: a conversation, a contact, a ticket. data.item is what it happened to.", Kind: actions.EventKind,
		Input:  []actions.Field{{ID: "topics", Label: "Topics", Help: "Which events, as conversation.user.created, contact.lead.signed_up, conversation.rating.added; all where none is given.", Type: actions.Texts, Example: []any{"conversation.user.created"}, Choices: actions.KnownNames(topics()...)}},
		Output: shape, Sample: sample, Topic: "topic", Topics: topics(), DeliveryID: "id",
		Verify: actions.Verification{Preset: "intercom", Secret: "client_secret"},
		Aliases: map[string][]string{
			"conversation.created": {"conversation.user.created", "conversation.admin.single.created"}, "conversation.closed": {"conversation.admin.closed"},
			"conversation.assigned": {"conversation.admin.assigned"}, "user.created": {"contact.user.created"}, "user.updated": {"contact.user.updated"},
			"user.deleted": {"contact.deleted"}, "lead.created": {"contact.lead.created"}, "contact.created": {"contact.user.created", "contact.lead.created"},
			"contact.updated": {"contact.user.updated", "contact.lead.updated"}, "user.tag.created": {"contact.user.tag.created"}, "user.tag.deleted": {"contact.user.tag.deleted"},
			"ticket.updated": {"ticket.state.updated", "ticket.attribute.updated", "ticket.admin.assigned", "ticket.team.assigned"}, "ticket.closed": {"ticket.closed", "ticket.state.updated"},
		},
	}
}
