package mailchimp

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// audiences are the actions of audiences, which the API calls lists. Source: https://mailchimp.com/developer/marketing/api/lists/
func audiences() []actions.Action {
	sample := map[string]any{"id": "a1b2c3d4e5", "web_id": 512, "name": "Customers", "date_created": "2026-01-31T09:30:00+00:00", "list_rating": 3, "double_optin": false,
		"stats": map[string]any{"member_count": 120, "unsubscribe_count": 3, "cleaned_count": 1, "open_rate": 41.2, "click_rate": 5.1}}
	shape, list := actions.ListOf(sample)
	fieldShape, fieldList := actions.ListOf(map[string]any{"merge_id": 1, "tag": "FNAME", "name": "First Name", "type": "text", "required": false, "default_value": "", "public": false, "display_order": 2, "list_id": "a1b2c3d4e5"})
	tagShape, tagList := actions.ListOf(map[string]any{"id": 49377, "name": "customer"})
	fields := parts("merge_fields")
	fields.ID = "/merge_id"
	return []actions.Action{
		{ID: "list_audiences", Name: "List audiences", Description: "Lists the account's audiences with their numbers.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "email", Label: "With the address", Help: "Only audiences that have it.", Type: actions.Text, In: actions.InQuery, Example: "ada@example.com"}, actions.LimitField()},
			Output: shape, Sample: list, Request: listed("/lists", "lists"), Page: parts("lists")},
		{ID: "get_audience", Name: "Get an audience", Description: "Gives an audience with its numbers.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{listField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: "/lists/{list}", Query: map[string]string{"exclude_fields": "_links"}}},
		{ID: "list_fields", Name: "List an audience's fields", Description: "Lists the merge fields of an audience.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{listField(actions.InPath), actions.LimitField()}, Output: fieldShape, Sample: fieldList, Request: listed("/lists/{list}/merge-fields", "merge_fields"), Page: fields},
		{ID: "search_tags", Name: "Search tags", Description: "Lists the tags of an audience, or those that begin with a text.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{listField(actions.InPath), {ID: "name", Label: "Begins with", Help: "A text; leave it empty for all.", Type: actions.Text, In: actions.InQuery, Example: "cust"}, actions.LimitField()},
			Output: tagShape, Sample: tagList, Request: &actions.Request{Method: "GET", Path: "/lists/{list}/tag-search"}, Page: &actions.Page{Items: "/tags", Sure: "/tags"}},
	}
}

// segments are the actions of parts of an audience. Source: https://mailchimp.com/developer/marketing/api/list-segments/
func segments() []actions.Action {
	sample := map[string]any{"id": 49377, "name": "customer", "member_count": 12, "type": "static", "created_at": "2026-01-31T09:30:00+00:00", "updated_at": "2026-01-31T09:30:00+00:00", "list_id": "a1b2c3d4e5"}
	shape, list := actions.ListOf(sample)
	changed := map[string]any{"members_added": []any{memberSample()}, "members_removed": []any{}, "errors": []any{}, "total_added": 1, "total_removed": 0, "error_count": 0}
	return []actions.Action{
		{ID: "list_segments", Name: "List segments", Description: "Lists the segments and tags of an audience.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{listField(actions.InPath), {ID: "type", Label: "Kind", Help: "Only those of a kind.", Type: actions.Select, In: actions.InQuery,
				Options: []actions.Option{{Value: "saved", Label: "Saved: by conditions"}, {Value: "static", Label: "Static: tags"}, {Value: "fuzzy", Label: "Fuzzy"}}}, actions.LimitField()},
			Output: shape, Sample: list, Request: listed("/lists/{list}/segments", "segments"), Page: parts("segments")},
		{ID: "create_segment", Name: "Create a segment", Description: "Makes a segment: of members by their addresses, or by conditions.", Effect: actions.Once,
			Guarantee: "Mailchimp has no key that would make a repeat harmless: a segment whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{listField(actions.InPath), {ID: "name", Label: "Name", Help: "Of the segment.", Type: actions.Text, Required: true, Example: "customer"},
				{ID: "emails", Label: "Members", Help: "Their addresses; an empty list makes an empty segment.", Type: actions.Texts, Name: "static_segment", Example: []any{"ada@example.com"}},
				{ID: "options", Label: "Conditions", Help: "In Mailchimp's own form, instead of members.", Type: actions.Object, Example: map[string]any{"match": "any", "conditions": []any{}}}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/lists/{list}/segments", Body: actions.JSONBody}},
		{ID: "change_segment", Name: "Put members into a segment", Description: "Puts members into a static segment, and takes others out. Those that Mailchimp refuses stand in errors.", Effect: actions.Idempotent,
			Guarantee: "Members that are in stay in, and those that are out stay out, so a repeat changes nothing.",
			Input: []actions.Field{listField(actions.InPath), segmentField(), {ID: "add", Label: "In", Help: "Addresses, up to 500.", Type: actions.Texts, Name: "members_to_add", Example: []any{"ada@example.com"}},
				{ID: "remove", Label: "Out", Help: "Addresses, up to 500.", Type: actions.Texts, Name: "members_to_remove"}},
			Output: value.ShapeOf(changed), Sample: changed, Request: &actions.Request{Method: "POST", Path: "/lists/{list}/segments/{segment}", Body: actions.JSONBody}},
	}
}
