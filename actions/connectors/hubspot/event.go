package hubspot

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// event is the trigger for the webhooks of an app, whose address and events are chosen on the app's page: HubSpot lets an API key of
// a developer account alone do that. A request brings up to 100 events.
// Source: https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
func event() actions.Trigger {
	sample := map[string]any{"eventId": 101, "subscriptionId": 12345, "portalId": 62515, "appId": 54321, "occurredAt": 1564113600000, "subscriptionType": "contact.propertyChange", "attemptNumber": 0, "objectId": 123, "changeSource": "CRM_UI",
		"sourceId": "userId:9586504", "propertyName": "lifecyclestage", "propertyValue": "customer"}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.Shape{Kind: "object"}, Sample: sample,
		Description: "Something happened to a record, told at once. Put the trigger's URL into the app's Webhooks page in HubSpot, and subscribe there to the events. It gives the record's id as objectId; read the record by a step.",
		Input:       []actions.Field{{ID: "topics", Label: "Events", Help: "Which events, as HubSpot calls them; all where none is given.", Type: actions.Texts, Example: []any{"contact.creation", "deal.propertyChange"}, Choices: actions.KnownNames(topics()...)}},
		Topic:       "subscriptionType", Topics: topics(), Each: "/", Identity: []string{"/eventId", "/subscriptionId", "/occurredAt"},
		Verify: actions.Verification{Preset: "hubspot", Secret: actions.FieldClientSecret},
	}
}

// topics are the names that HubSpot has for events.
func topics() []string {
	out := []string{"contact.privacyDeletion", "conversation.creation", "conversation.deletion", "conversation.newMessage", "conversation.privacyDeletion", "conversation.propertyChange"}
	for _, kind := range []string{"contact", "company", "deal", "ticket", "product", "line_item", "object"} {
		for _, what := range []string{"creation", "deletion", "merge", "restore", "propertyChange", "associationChange"} {
			if kind == "product" && what == "associationChange" {
				continue
			}
			out = append(out, kind+"."+what)
		}
	}
	return out
}
