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
		Input:  []actions.Field{listField(actions.InPath)},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/lists/{list}/members",
				Query: map[string]string{"status": "subscribed", "sort_field": "timestamp_opt", "sort_dir": "ASC", "exclude_fields": "members._links,_links"}},
			Page: actions.Page{Kind: actions.Offset, Items: "/members", Sure: "/members", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "offset"},
				Size: 500, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}},
			Time: "/timestamp_opt", Changed: true, Order: actions.OldestFirst,
			Since:   actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "since_timestamp_opt"}, As: actions.RFC3339},
			Overlap: 10 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// changedMember is the trigger for members that joined or changed. Mailchimp counts a change of the address, the status and the fields.
func changedMember() actions.Trigger {
	sample := memberSample()
	return actions.Trigger{
		ID: "member_updated", Name: "Member added or changed", Description: "A member of an audience was added or changed, whatever the status. Several changes between two looks count once.", Kind: actions.PollKind,
		Input: []actions.Field{listField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: membersBy("last_changed", "since_last_changed", map[string]string{"sort_field": "last_changed", "sort_dir": "ASC"}, actions.OldestFirst),
	}
}

// unsubscribed is the trigger for members that left.
func unsubscribed() actions.Trigger {
	sample := memberSample()
	sample["status"], sample["unsubscribe_reason"] = "unsubscribed", "N/A (Unsubscribed by an admin)"
	return actions.Trigger{
		ID: "member_unsubscribed", Name: "Member unsubscribed", Description: "A member left an audience. A change of one who has left counts again.", Kind: actions.PollKind,
		Input: []actions.Field{listField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: membersBy("last_changed", "since_last_changed", map[string]string{"status": "unsubscribed", "sort_field": "last_changed", "sort_dir": "ASC"}, actions.OldestFirst),
	}
}

// cleaned is the trigger for addresses that bounced.
func cleaned() actions.Trigger {
	sample := memberSample()
	sample["status"] = "cleaned"
	return actions.Trigger{
		ID: "member_cleaned", Name: "Address bounced", Description: "Mailchimp took an address of an audience off the mailings, since mail to it bounced.", Kind: actions.PollKind,
		Input: []actions.Field{listField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: membersBy("last_changed", "since_last_changed", map[string]string{"status": "cleaned", "sort_field": "last_changed", "sort_dir": "ASC"}, actions.OldestFirst),
	}
}

// membersBy lists an audience's members by a time. Source: https://mailchimp.com/developer/marketing/api/list-members/list-members-info/
func membersBy(field, since string, query map[string]string, order actions.Order) *actions.Poll {
	query["exclude_fields"] = "members._links,_links"
	return &actions.Poll{
		Request: &actions.Request{Method: "GET", Path: "/lists/{list}/members", Query: query},
		Page:    actions.Page{Kind: actions.Offset, Items: "/members", Sure: "/members", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "offset"}, Size: 500, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}},
		Time:    "/" + field, Changed: true, Order: order, Since: actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: since}, As: actions.RFC3339},
		Overlap: 10 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
	}
}

// sentCampaign is the trigger for campaigns that went out. Source: https://mailchimp.com/developer/marketing/api/campaigns/list-campaigns/
func sentCampaign() actions.Trigger {
	sample := campaignSample()
	sample["status"], sample["send_time"] = "sent", "2026-01-31T10:00:00+00:00"
	list := listField(actions.InQuery)
	list.Required, list.Name = false, "list_id"
	return actions.Trigger{
		ID: "campaign_sent", Name: "Campaign sent", Description: "A campaign went out.", Kind: actions.PollKind, Input: []actions.Field{list}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/campaigns", Query: map[string]string{"status": "sent", "sort_field": "send_time", "sort_dir": "ASC", "exclude_fields": "campaigns._links,_links"}},
			Page:    actions.Page{Kind: actions.Offset, Items: "/campaigns", Sure: "/campaigns", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "offset"}, Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}},
			Time:    "/send_time", Order: actions.OldestFirst, Since: actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "since_send_time"}, As: actions.RFC3339},
			Overlap: 10 * time.Minute, Every: 10 * time.Minute, Least: time.Minute,
		},
	}
}
