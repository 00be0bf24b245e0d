package intercom

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// newContact is the trigger for contacts that were made. Intercom's search shows one some minutes late, and compares days
// only, so that the day before is asked for too and the newest come first. Source:
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
func newContact() actions.Trigger {
	sample := map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3", "external_id": "70", "workspace_id": "abc12345", "role": "user", "email": "ada@example.com",
		"phone": nil, "name": "Ada Lovelace", "created_at": 1764000000, "updated_at": 1764000000, "custom_attributes": map[string]any{}}
	return actions.Trigger{
		ID: "new_contact", Name: "New contact", Description: "A user or a lead was made.", Kind: actions.PollKind,
		Input: []actions.Field{{ID: "role", Label: "Role", Help: "Which contacts count; all where none is given.", Type: actions.Select, In: actions.InNone,
			Options: []actions.Option{{Value: "user", Label: "Users"}, {Value: "lead", Label: "Leads"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "POST", Path: "/contacts/search", Body: actions.JSONBody, Prepare: search},
			Page: actions.Page{Kind: actions.NextToken, Items: "/data", Sure: "/data", ID: "/id", Next: "/pages/next/starting_after",
				At: actions.Spot{In: actions.InBody, Name: "pagination.starting_after"}, Size: 100, Sizes: actions.Spot{In: actions.InBody, Name: "pagination.per_page"}},
			Time: "/created_at", Order: actions.NewestFirst, Since: actions.Since{As: actions.Unix},
			Overlap: 15 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// search writes the query: one of made times, which every contact has, and the role.
func search(in map[string]any) (actions.Parts, error) {
	since, _ := in["since"].(int64)
	terms := []any{map[string]any{"field": "created_at", "operator": ">", "value": value.Text(max(since-day, 0))}}
	if role := in["role"]; role != nil {
		terms = append(terms, map[string]any{"field": "role", "operator": "=", "value": role})
	}
	return actions.Parts{Body: map[string]any{"query": map[string]any{"operator": "AND", "value": terms},
		"sort": map[string]any{"field": "created_at", "order": "descending"}}}, nil
}

// changes are the triggers for what was made or changed of conversations, tickets and contacts.
func changes() []actions.Trigger {
	return []actions.Trigger{
		polled("contact_updated", "Contact made or changed", "A user or a lead was made or changed; of several changes between two looks the last one counts.", "contacts", "/data", "updated_at", contact()),
		polled("new_conversation", "New conversation", "A conversation began.", "conversations", "/conversations", "created_at", conversation()),
		polled("conversation_updated", "Conversation made or changed", "A conversation began or changed, by a reply too; of several changes between two looks the last one counts.", "conversations", "/conversations", "updated_at", conversation()),
		polled("new_ticket", "New ticket", "A ticket was made.", "tickets", "/tickets", "created_at", ticket()),
		polled("ticket_updated", "Ticket made or changed", "A ticket was made or changed; of several changes between two looks the last one counts.", "tickets", "/tickets", "updated_at", ticket()),
	}
}

func polled(id, name, description, many, items, at string, sample map[string]any) actions.Trigger {
	return actions.Trigger{
		ID: id, Name: name, Description: description, Kind: actions.PollKind, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "POST", Path: "/" + many + "/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				since, _ := in["since"].(int64)
				return actions.Parts{Body: map[string]any{"query": map[string]any{"operator": "AND", "value": []any{term(at, ">", value.Text(max(since-day, 0)))}},
					"sort": map[string]any{"field": at, "order": "descending"}}}, nil
			}},
			Page: *searchPage(items), Time: "/" + at, Changed: at == "updated_at", Order: actions.NewestFirst, Since: actions.Since{As: actions.Unix},
			Overlap: 15 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}
