package intercom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// about are the actions for what Intercom knows of a contact beside its fields: what it subscribes to, its segments and its events, and for visitors.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/subscription-types
func about() []actions.Action {
	subscribed := map[string]any{"type": "subscription", "id": "106", "state": "live", "consent_type": "opt_in", "default_translation": map[string]any{"name": "Newsletter", "description": "Once a month.", "locale": "en"},
		"translations": []any{map[string]any{"name": "Newsletter", "description": "Once a month.", "locale": "en"}}, "content_types": []any{"email"}}
	kind := actions.Field{ID: "subscription", Label: "Subscription type", Help: "Its id.", Type: actions.Text, Required: true, Name: "id", Example: "106",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/subscription_types"}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: "/id", Label: "{/default_translation/name} ({/consent_type})"}}
	inPath := kind
	inPath.In, inPath.Name = actions.InPath, "subscription"
	segment := map[string]any{"type": "segment", "id": "6762f2dd1bb69f9f2193bc59", "name": "Active", "created_at": 1764000000, "updated_at": 1764000000, "person_type": "user"}
	company := companyID()
	company.ID = "company"
	return []actions.Action{
		{ID: "add_subscription", Name: "Subscribe a contact", Description: "Adds a subscription type to a contact: one that it opted into, or one of the opt-out kind that it wants no more.", Effect: actions.Idempotent, Guarantee: isOrNot,
			Input: []actions.Field{atContact(), kind, {ID: "consent", Label: "Consent", Help: "Of the type, which is the one or the other.", Type: actions.Select, Required: true, Name: "consent_type", Example: "opt_in",
				Options: []actions.Option{{Value: "opt_in", Label: "Opt in: the contact wants it"}, {Value: "opt_out", Label: "Opt out: the contact does not want it"}}}},
			Output: value.ShapeOf(subscribed), Sample: subscribed, Request: &actions.Request{Method: "POST", Path: "/contacts/{contact}/subscriptions", Body: actions.JSONBody}},
		{ID: "remove_subscription", Name: "Take a subscription off a contact", Description: "Removes a subscription type from a contact.", Effect: actions.Idempotent, Guarantee: saysSo,
			Input: []actions.Field{atContact(), inPath}, Output: value.ShapeOf(subscribed), Sample: subscribed, Request: &actions.Request{Method: "DELETE", Path: "/contacts/{contact}/subscriptions/{subscription}"}},
		listed("list_contact_subscriptions", "List subscriptions of a contact", "Gives the subscription types of a contact: what it opted into, and out of.", "/contacts/{contact}/subscriptions", "/data", []actions.Field{atContact()}, subscribed),
		listed("list_subscription_types", "List subscription types", "Gives the subscription types of the workspace.", "/subscription_types", "/data", nil, subscribed),
		listed("list_contact_segments", "List segments of a contact", "Gives the segments that a contact is in.", "/contacts/{contact}/segments", "/data", []actions.Field{atContact()}, segment),
		listed("list_company_segments", "List segments of a company", "Gives the segments that a company is in.", "/companies/{company}/segments", "/data", []actions.Field{company}, segment),
		listEvents(), convertVisitor(),
	}
}

// listEvents gives what a user did in the product, of the last 90 days: Intercom lists no older ones.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-events/lisdataevents
func listEvents() actions.Action {
	out := actions.Action{
		ID: "list_events", Name: "List events of a contact", Description: "Gives what a user or a lead did in your product in the last 90 days, the latest first, as Send an event told it.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   append(who("", actions.InQuery), actions.LimitField()),
		Request: &actions.Request{Method: "GET", Path: "/events", Query: map[string]string{"type": "user"}, Prepare: oneUser},
		Page:    &actions.Page{Kind: actions.NextURL, Items: "/events", Sure: "/events", Next: "/pages/next"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"type": "event", "event_name": "invited-friend", "created_at": 1764000000, "user_id": "u-70", "id": "8a88a590-e1c3-41e2-a502-e0649dbf721c", "intercom_user_id": "65f1c0de9b2e4a0001a1b2c3", "email": "ada@example.com", "metadata": map[string]any{"friends": 3}})
	return out
}

// convertVisitor makes a contact of a visitor, who is known by a cookie until then.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/visitors/convertvisitor
func convertVisitor() actions.Action {
	return actions.Action{
		ID: "convert_visitor", Name: "Make a contact of a visitor", Description: "Puts a visitor of the website, with what was written, into a user or a lead. It cannot be undone.", Effect: actions.Once,
		Guarantee: "It cannot be undone, and one whose answer was lost in a crash is not done again by itself: you are asked.",
		Input: []actions.Field{{ID: "visitor", Label: "Visitor", Help: "The id that Intercom gives the visitor, which is its user_id.", Type: actions.Text, Required: true, Name: "visitor.user_id", Example: "3ecf64d0-9ed1-4e9f-88e1-da7d6e6782f3"},
			{ID: "role", Label: "Becomes", Help: "A user is known to your product, a lead is not yet.", Type: actions.Select, Default: "user", Name: "type", Options: []actions.Option{{Value: "user", Label: "A user"}, {Value: "lead", Label: "A lead"}}},
			{ID: "user", Label: "Contact", Help: "The Intercom id of the contact that the visitor becomes part of.", Type: actions.Text, Required: true, Name: "user.id", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"}},
		Output: value.ShapeOf(contact()), Sample: contact(), Request: &actions.Request{Method: "POST", Path: "/visitors/convert", Body: actions.JSONBody},
	}
}
