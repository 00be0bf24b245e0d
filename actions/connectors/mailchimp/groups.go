package mailchimp

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// groupFields put a member into groups by choosing them from lists.
func groupFields() []actions.Field {
	ofGroup := append(ofList[:1:1], actions.Field{ID: "group", Type: actions.Text, In: actions.InPath})
	return []actions.Field{
		{ID: "group", Label: "Kind of groups", Help: "The id of the heading that the groups below stand under.", Type: actions.Text, In: actions.InNone, Example: "a1e9f4b7f6", Choices: categories()},
		{ID: "in_groups", Label: "Groups", Help: "The ids of groups under that heading that the member is put into.", Type: actions.Texts, In: actions.InNone, Example: []any{"9143cf3bd1"},
			Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/lists/{list}/interest-categories/{group}/interests"}, Page: *parts("interests"), Value: "/id", Label: "/name", Needs: ofGroup}}}
}

func categories() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/lists/{list}/interest-categories"}, Page: *parts("categories"), Value: "/id", Label: "/title", Needs: ofList}
}

// grouped adds the groups that were chosen to those that are given by their ids.
func grouped(in, body map[string]any) {
	chosen, _ := in["in_groups"].([]any)
	if len(chosen) == 0 {
		return
	}
	groups := map[string]any{}
	given, _ := in["interests"].(map[string]any)
	for id, is := range given {
		groups[id] = is
	}
	for _, id := range chosen {
		groups[value.Text(id)] = true
	}
	body["interests"] = groups
}

// groups are the actions of an audience's groups, and of what members did. Sources:
// https://mailchimp.com/developer/marketing/api/interest-categories/ and https://mailchimp.com/developer/marketing/api/list-member-activity-feed/
func groups() []actions.Action {
	kindShape, kindList := actions.ListOf(map[string]any{"id": "a1e9f4b7f6", "list_id": "a1b2c3d4e5", "title": "Interests", "display_order": 0, "type": "checkboxes"})
	groupShape, groupList := actions.ListOf(map[string]any{"id": "9143cf3bd1", "category_id": "a1e9f4b7f6", "list_id": "a1b2c3d4e5", "name": "Engines", "subscriber_count": "12", "display_order": 1})
	memberShape, memberList := actions.ListOf(memberSample())
	feedShape, feedList := actions.ListOf(map[string]any{"activity_type": "open", "created_at_timestamp": "2026-01-31T10:05:00+00:00", "campaign_id": "42694e9e57", "campaign_title": "News of January"})
	field := map[string]any{"merge_id": 5, "tag": "PLAN", "name": "Plan", "type": "text", "required": false, "default_value": "", "public": false, "display_order": 6, "list_id": "a1b2c3d4e5"}
	return []actions.Action{
		{ID: "list_group_kinds", Name: "List kinds of groups", Description: "Lists the headings of an audience's groups, which the API calls interest categories.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{listField(actions.InPath), actions.LimitField()}, Output: kindShape, Sample: kindList, Request: listed("/lists/{list}/interest-categories", "categories"), Page: parts("categories")},
		{ID: "list_groups", Name: "List groups", Description: "Lists the groups under a heading, with their ids.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{listField(actions.InPath), {ID: "group", Label: "Kind of groups", Help: "The id of the heading.", Type: actions.Text, Required: true, In: actions.InPath, Example: "a1e9f4b7f6", Choices: categories()}, actions.LimitField()},
			Output: groupShape, Sample: groupList, Request: listed("/lists/{list}/interest-categories/{group}/interests", "interests"), Page: parts("interests")},
		{ID: "list_segment_members", Name: "List members of a segment", Description: "Lists the members that are in a segment, or have a tag.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{listField(actions.InPath), segmentField(), actions.LimitField()}, Output: memberShape, Sample: memberList, Request: listed("/lists/{list}/segments/{segment}/members", "members"), Page: parts("members")},
		{ID: "member_activity", Name: "List what a member did", Description: "Lists a member's opens, clicks, orders and events, the latest first.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noMember(),
			Input: []actions.Field{listField(actions.InPath), emailField(), actions.LimitField()}, Output: feedShape, Sample: feedList,
			Request: &actions.Request{Method: "GET", Path: memberPath + "/activity-feed", Query: map[string]string{"exclude_fields": "activity._links,_links"}, Prepare: named}, Page: unnamed("activity")},
		{ID: "create_field", Name: "Create an audience's field", Description: "Gives an audience a merge field.", Effect: actions.Once, Guarantee: "Mailchimp refuses a second field with the merge tag, so none is made twice: where the answer was lost in a crash, you are asked.",
			Input: []actions.Field{listField(actions.InPath), {ID: "name", Label: "Name", Help: "What people read.", Type: actions.Text, Required: true, Example: "Plan"}, {ID: "tag", Label: "Merge tag", Help: "Up to ten capital letters, digits and _; not given: Mailchimp makes one.", Type: actions.Text, Example: "PLAN"},
				{ID: "type", Label: "Type", Help: "What it holds.", Type: actions.Select, Default: "text", Options: []actions.Option{{Value: "text", Label: "Text"}, {Value: "number", Label: "Number"}, {Value: "date", Label: "Date"}, {Value: "phone", Label: "Phone"}, {Value: "url", Label: "URL"}, {Value: "zip", Label: "Post code"}, {Value: "birthday", Label: "Birthday"}}},
				{ID: "required", Label: "Required", Help: "Whether every member needs it.", Type: actions.Boolean}},
			Output: value.ShapeOf(field), Sample: field, Request: &actions.Request{Method: "POST", Path: "/lists/{list}/merge-fields", Body: actions.JSONBody}},
	}
}

// unnamed is a list whose items have no ids.
func unnamed(items string) *actions.Page {
	page := parts(items)
	page.ID = ""
	return page
}
