package intercom

import (
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const day = 24 * 60 * 60

// searching is an action that gives what fits, of contacts, conversations or tickets. Intercom's search shows a change some
// minutes late. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
func searching(many, items, example string, item map[string]any) actions.Action {
	out := actions.Action{
		ID: "search_" + many, Name: "Search " + many, Description: "Gives the " + many + " that fit, also those that changed since a time, the latest change first. Intercom shows a change some minutes late.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{
			{ID: "filters", Label: "Conditions", Help: "On fields, at most 15.", Type: actions.List, In: actions.InNone, Fields: []actions.Field{
				{ID: "field", Label: "Field", Help: "As Intercom calls it; custom ones as custom_attributes.plan.", Type: actions.Text, Required: true, Example: example, Choices: searchedBy(many)},
				{ID: "operator", Label: "Is", Help: "How it is compared.", Type: actions.Select, Default: "=", Options: operators()},
				{ID: "value", Label: "Value", Help: "What it is compared with; times as Unix seconds.", Type: actions.Text},
				{ID: "values", Label: "Values", Help: "The list, of one of and none of.", Type: actions.Texts, Whole: true}}},
			{ID: "match", Label: "Which must hold", Help: "All conditions, or any of them.", Type: actions.Select, Default: "AND", In: actions.InNone, Options: []actions.Option{{Value: "AND", Label: "All"}, {Value: "OR", Label: "Any"}}},
			moment("updated_since", "Changed since", "Only those made or changed from this time on. Intercom compares days, so that some of the day before come along."),
			moment("created_since", "Made since", "Only those made from this time on. Intercom compares days, so that some of the day before come along."),
			actions.LimitField()},
		Request: &actions.Request{Method: "POST", Path: "/" + many + "/search", Body: actions.JSONBody, Prepare: searched}, Page: searchPage(items),
	}
	out.Output, out.Sample = actions.ListOf(item)
	return out
}

// searchedBy are the fields that a search takes, and the custom attributes. What a ticket's type adds is known by its number alone.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations, and beside it those of
// contacts and tickets
func searchedBy(many string) *actions.Choices {
	switch many {
	case "contacts":
		c := customOf("contact", "/full_name")
		c.Known = actions.KnownNames("id", "role", "name", "email", "phone", "external_id", "owner_id", "created_at", "signed_up_at", "updated_at", "last_seen_at", "last_contacted_at", "last_replied_at", "unsubscribed_from_emails", "segment_id", "tag_id").Known
		return c
	case "conversations":
		c := customOf("conversation", "/full_name")
		c.Known = actions.KnownNames("id", "state", "open", "read", "priority", "created_at", "updated_at", "waiting_since", "snoozed_until", "contact_ids", "teammate_ids", "admin_assignee_id", "team_assignee_id", "tag_ids", "source.type", "source.subject", "source.body",
			"source.author.id", "source.author.type", "source.author.name", "source.author.email").Known
		return c
	}
	return actions.KnownNames("id", "title", "description", "category", "ticket_type_id", "contact_ids", "teammate_ids", "admin_assignee_id", "team_assignee_id", "open", "state", "created_at", "updated_at", "snoozed_until")
}

func operators() []actions.Option {
	return []actions.Option{{Value: "=", Label: "Equal to"}, {Value: "!=", Label: "Not equal to"}, {Value: "IN", Label: "One of"}, {Value: "NIN", Label: "None of"}, {Value: ">", Label: "Greater than"}, {Value: "<", Label: "Less than"},
		{Value: "~", Label: "Contains"}, {Value: "!~", Label: "Does not contain"}, {Value: "^", Label: "Begins with"}, {Value: "$", Label: "Ends with"}}
}

func searchPage(items string) *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: items, Sure: items, ID: "/id", Next: "/pages/next/starting_after", At: actions.Spot{In: actions.InBody, Name: "pagination.starting_after"}, Size: 100, Sizes: actions.Spot{In: actions.InBody, Name: "pagination.per_page"}}
}

// searched writes a search: the times, which must hold, and the conditions, as one term where any of them may. Without a condition
// it asks for what was ever made.
func searched(in map[string]any) (actions.Parts, error) {
	var terms, each []any
	for _, name := range []string{"updated", "created"} {
		if at, err := time.Parse(time.RFC3339, value.Text(in[name+"_since"])); err == nil {
			terms = append(terms, term(name+"_at", ">", value.Text(max(at.Unix()-day, 0))))
		}
	}
	list, _ := in["filters"].([]any)
	for i, item := range list {
		one, _ := item.(map[string]any)
		operator := value.Text(one["operator"])
		v := one["value"]
		if operator == "IN" || operator == "NIN" {
			if v = one["values"]; v == nil {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input filters/%d/values: %s needs a list of values.", i, operator)
			}
		}
		each = append(each, term(value.Text(one["field"]), operator, v))
	}
	switch {
	case in["match"] == "OR" && len(each) > 1 && len(terms) == 0:
		return query("OR", each), nil
	case in["match"] == "OR" && len(each) > 1: // a term is a condition or a group, and those beside one another are of one kind
		return query("AND", []any{map[string]any{"operator": "AND", "value": terms}, map[string]any{"operator": "OR", "value": each}}), nil
	}
	if terms = slices.Concat(terms, each); len(terms) == 0 {
		terms = append(terms, term("created_at", ">", "0"))
	}
	return query("AND", terms), nil
}

func query(operator string, terms []any) actions.Parts {
	return actions.Parts{Body: map[string]any{"query": map[string]any{"operator": operator, "value": terms}, "sort": map[string]any{"field": "updated_at", "order": "descending"}}}
}

func term(field, operator string, v any) map[string]any {
	return map[string]any{"field": field, "operator": operator, "value": v}
}
