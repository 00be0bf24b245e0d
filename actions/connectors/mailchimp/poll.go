package mailchimp

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// newMember is the trigger for members that joined an audience. Source:
// https://mailchimp.com/developer/marketing/api/list-members/list-members-info/
func newMember() actions.Trigger {
	sample := map[string]any{"id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com", "unique_email_id": "fab20fa03d", "status": "subscribed", "full_name": "Ada Lovelace",
		"merge_fields": map[string]any{"FNAME": "Ada", "LNAME": "Lovelace"}, "timestamp_opt": "2026-01-31T09:30:00+00:00", "list_id": "a1b2c3d4e5", "tags_count": 1}
	return actions.Trigger{
		ID: "new_member", Name: "New member", Description: "Somebody joined an audience. Who leaves and joins again counts again.", Kind: actions.PollKind,
		Input: []actions.Field{
			{ID: "list", Label: "Audience", Help: "Its id, under Audience, Settings.", Type: actions.Text, Required: true, In: actions.InPath}},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/lists/{list}/members",
				Query: map[string]string{"status": "subscribed", "sort_field": "timestamp_opt", "sort_dir": "ASC", "exclude_fields": "members._links,_links"}},
			Page: actions.Page{Kind: actions.Offset, Items: "/members", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "offset"},
				Size: 500, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}},
			Time: "/timestamp_opt", Changed: true, Order: actions.OldestFirst,
			Since:   actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "since_timestamp_opt"}, As: actions.RFC3339},
			Overlap: 10 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}
