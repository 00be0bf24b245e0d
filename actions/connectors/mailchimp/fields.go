package mailchimp

import (
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// parts is how Mailchimp gives a list in parts. Source: https://mailchimp.com/developer/marketing/docs/methods-parameters/#pagination
func parts(items string) *actions.Page {
	size := 100
	if items == "members" { // of which there are many
		size = 1000
	}
	return &actions.Page{Kind: actions.Offset, Items: "/" + items, Sure: "/" + items, ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "offset"}, Size: size, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}}
}

// listed is a request for a list, without the links that Mailchimp adds to every item.
func listed(path, items string) *actions.Request {
	return &actions.Request{Method: "GET", Path: path, Query: map[string]string{"exclude_fields": items + "._links,_links"}}
}

func listField(in actions.In) actions.Field {
	return actions.Field{ID: "list", Label: "Audience", Help: "Its id, under Audience, Settings.", Type: actions.Text, Required: true, In: in, Example: "a1b2c3d4e5",
		NoURL:   "The number in the address of the browser is not the id: choose the audience, or take the Audience ID of its settings.",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/lists", Query: map[string]string{"fields": "lists.id,lists.name,total_items"}}, Page: *parts("lists"), Value: "/id", Label: "/name"}}
}

func emailField() actions.Field {
	return actions.Field{ID: "email", Label: "Address", Help: "The member's mail address.", Type: actions.Text, Required: true, In: actions.InNone, Example: "ada@example.com"}
}

var ofList = []actions.Field{{ID: "list", Type: actions.Text, In: actions.InPath}}

// tagChoices are an audience's tags. Source: https://mailchimp.com/developer/marketing/api/list-tags/
func tagChoices() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/lists/{list}/tag-search"}, Page: actions.Page{Items: "/tags", Sure: "/tags"}, Value: "/name", Needs: ofList, Search: actions.Spot{In: actions.InQuery, Name: "name"}}
}

func segmentField() actions.Field {
	return actions.Field{ID: "segment", Label: "Segment", Help: "Its id. A tag is a segment too.", Type: actions.Text, Required: true, In: actions.InPath, Example: "49377",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/lists/{list}/segments"}, Page: *parts("segments"), Value: "/id", Label: "{/name} ({/type})", Needs: ofList}}
}

func campaignField() actions.Field {
	return actions.Field{ID: "campaign", Label: "Campaign", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "42694e9e57",
		NoURL: "The number in the address of the browser is not the id: choose the campaign, or take the id that List campaigns gives.",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/campaigns", Query: map[string]string{"sort_field": "create_time", "sort_dir": "DESC", "fields": "campaigns.id,campaigns.status,campaigns.settings.title,campaigns.settings.subject_line,total_items"}},
			Page: *parts("campaigns"), Value: "/id", Label: "{/settings/title} ({/status})"}}
}

func fieldsField() actions.Field {
	return actions.Field{ID: "merge_fields", Label: "Fields", Help: "By their merge tags, as FNAME.", Type: actions.Object, Example: map[string]any{"FNAME": "Ada", "LNAME": "Lovelace"}}
}

func interestsField() actions.Field {
	return actions.Field{ID: "interests", Label: "Interests", Help: "Groups by their ids: true puts the member in, false takes it out.", Type: actions.Object, Example: map[string]any{"9143cf3bd1": true}}
}

func languageField() actions.Field {
	return actions.Field{ID: "language", Label: "Language", Help: "The member's, as en or de.", Type: actions.Text, Example: "en"}
}

func vipField() actions.Field {
	return actions.Field{ID: "vip", Label: "VIP", Help: "Whether the member is a VIP.", Type: actions.Boolean}
}

func skipField() actions.Field {
	return actions.Field{ID: "skip_required", Label: "Without required fields", Help: "Whether the member is taken without the fields that the audience requires.", Type: actions.Boolean, In: actions.InQuery, Name: "skip_merge_validation"}
}

func statusOptions(more ...actions.Option) []actions.Option {
	return append([]actions.Option{{Value: "subscribed", Label: "Subscribed"}, {Value: "pending", Label: "Pending: confirms by mail"}, {Value: "unsubscribed", Label: "Unsubscribed"}}, more...)
}

func memberSample() map[string]any {
	return map[string]any{"id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com", "unique_email_id": "fab20fa03d", "status": "subscribed", "full_name": "Ada Lovelace",
		"merge_fields": map[string]any{"FNAME": "Ada", "LNAME": "Lovelace"}, "timestamp_opt": "2026-01-31T09:30:00+00:00", "last_changed": "2026-01-31T09:30:00+00:00", "list_id": "a1b2c3d4e5", "tags_count": 1,
		"tags": []any{map[string]any{"id": 49377, "name": "customer"}}}
}

// named puts the member's name, which is made of the address, into the path.
func named(in map[string]any) (actions.Parts, error) {
	email := strings.TrimSpace(value.Text(in["email"]))
	if !strings.Contains(email, "@") {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input email: %q is no mail address.", fault.Clip(email, 60))
	}
	return actions.Parts{Path: map[string]string{"hash": hash(email)}}, nil
}

// done stands for an answer that is empty.
func done(actions.Response) (any, error) { return map[string]any{"done": true}, nil }

var doneSample = map[string]any{"done": true}

// utc is a time as Mailchimp takes it.
func utc(v any) any {
	at, err := time.Parse(time.RFC3339, value.Text(v))
	if err != nil {
		return nil
	}
	return at.UTC().Format("2006-01-02T15:04:05+00:00")
}

// noMember comes before the connector's errors where a member is asked for.
func noMember() actions.ErrorTable {
	return actions.ErrorTable{{Status: 404, Code: "not_found", Message: "Mailchimp does not know the member, or the audience: {/detail}", Remedy: "Check the address and the audience's id."}}
}
