package slack

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// pinMessage keeps a message at hand in its channel. Source: https://docs.slack.dev/reference/methods/pins.add
func pinMessage() actions.Action {
	return changing("pin_message", "Pin a message", "Pins a message to its channel; changed is false where it was pinned already.", "A message that is pinned stays so, and a repeat changes nothing.",
		"/pins.add", "already_pinned", channelIDField(""), tsField("timestamp")).Needing("pins:write")
}

// unpinMessage takes the pin off. Source: https://docs.slack.dev/reference/methods/pins.remove
func unpinMessage() actions.Action {
	a := changing("unpin_message", "Unpin a message", "Takes a message off the pins of its channel; changed is false where it was not pinned.", "A pin that is gone stays so, and a repeat changes nothing.",
		"/pins.remove", "no_pin", channelIDField(""), tsField("timestamp")).Needing("pins:write")
	a.Errors = append(a.Errors, already("not_pinned")...)
	return a
}

// listPins gives all at once. Source: https://docs.slack.dev/reference/methods/pins.list
func listPins() actions.Action {
	page := actions.Page{Items: "/items", Sure: "/items"}
	shape, sample := actions.ListOf(map[string]any{"type": "message", "channel": "C0123456789", "created": 1764000000, "created_by": "U0123456789", "message": message()})
	return actions.Action{
		ID: "list_pins", Name: "List pins", Description: "Gives what is pinned to a channel: messages, and of older channels files.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{in(channelIDField(""), actions.InQuery), actions.LimitField()}, Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/pins.list"},
	}.Needing("pins:read")
}

func bookmark() map[string]any {
	return map[string]any{"id": "Bk0123456789", "channel_id": "C0123456789", "title": "Handbook", "link": "https://example.com/handbook", "emoji": ":books:", "type": "link", "date_created": 1764000000}
}

// addBookmark puts a link at the top of a channel. Source: https://docs.slack.dev/reference/methods/bookmarks.add
func addBookmark() actions.Action {
	sample := bookmark()
	return actions.Action{
		ID: "add_bookmark", Name: "Add a bookmark", Description: "Puts a link at the top of a channel. The output is the bookmark, without Slack's envelope.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{channelIDField("channel_id"),
			{ID: "title", Label: "Title", Help: "What is shown.", Type: actions.Text, Required: true, Example: "Handbook"},
			{ID: "link", Label: "Link", Help: "Where it leads, with https://.", Type: actions.Text, Required: true, Example: "https://example.com/handbook"},
			{ID: "emoji", Label: "Emoji", Help: "Shown before the title, as :books:.", Type: actions.Text, Example: ":books:"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/bookmarks.add", Body: actions.FormBody, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"type": "link"}}, nil
		}, Output: func(resp actions.Response) (any, error) {
			answer, err := posted(resp)
			return value.At(answer, "/bookmark"), err
		}},
	}.Needing("bookmarks:write")
}

// listBookmarks gives all at once. Source: https://docs.slack.dev/reference/methods/bookmarks.list
func listBookmarks() actions.Action {
	page := actions.Page{Items: "/bookmarks", Sure: "/bookmarks", ID: "/id"}
	shape, sample := actions.ListOf(bookmark())
	return actions.Action{
		ID: "list_bookmarks", Name: "List bookmarks", Description: "Gives the links at the top of a channel.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{in(channelIDField("channel_id"), actions.InQuery), actions.LimitField()}, Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/bookmarks.list"},
	}.Needing("bookmarks:read")
}

// removeBookmark takes one away. Source: https://docs.slack.dev/reference/methods/bookmarks.remove
func removeBookmark() actions.Action {
	return changing("remove_bookmark", "Remove a bookmark", "Takes a link off the top of a channel; changed is false where it was gone already.", "A bookmark that is gone stays so, and a repeat changes nothing.", "/bookmarks.remove", "not_found", channelIDField("channel_id"),
		actions.Field{ID: "bookmark", Label: "Bookmark", Help: "Its id, as listing gives it.", Type: actions.Text, Required: true, Name: "bookmark_id", Example: "Bk0123456789"}).Needing("bookmarks:write")
}

func userGroup() map[string]any {
	return map[string]any{"id": "S0123456789", "team_id": "T0123456789", "name": "On call", "handle": "oncall", "description": "Who is on call", "user_count": 2, "date_create": 1764000000, "date_delete": 0, "users": []any{"U0123456789"}}
}

func userGroupField() actions.Field {
	return actions.Field{ID: "group", Label: "User group", Help: "Its id, which begins with S, or a mention of it.", Type: actions.Text, Required: true, Name: "usergroup", Example: "S0123456789", Link: `^<!subteam\^(\w+)`,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/usergroups.list"}, Page: actions.Page{Items: "/usergroups", Sure: "/usergroups"}, Value: "/id", Label: "{/name} (@{/handle})"}}
}

// listUserGroups gives all at once. Source: https://docs.slack.dev/reference/methods/usergroups.list
func listUserGroups() actions.Action {
	page := actions.Page{Items: "/usergroups", Sure: "/usergroups", ID: "/id"}
	shape, sample := actions.ListOf(userGroup())
	return actions.Action{
		ID: "list_user_groups", Name: "List user groups", Description: "Gives the user groups of the workspace, with the ids of who is in them. Slack has them on paid plans.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{{ID: "include_disabled", Label: "Also those switched off", Help: "Whether groups that were switched off are given.", Type: actions.Boolean, Default: false, In: actions.InQuery}, actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/usergroups.list", Query: map[string]string{"include_users": "true", "include_count": "true"}},
	}.Needing("usergroups:read")
}

// listGroupMembers gives ids only. Source: https://docs.slack.dev/reference/methods/usergroups.users.list
func listGroupMembers() actions.Action {
	page := actions.Page{Items: "/users", Sure: "/users"}
	shape, sample := actions.ListOf("U0123456789")
	return actions.Action{
		ID: "list_user_group_members", Name: "List a user group's members", Description: "Gives the ids of the people in a user group.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{in(userGroupField(), actions.InQuery), actions.LimitField()}, Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/usergroups.users.list"},
	}.Needing("usergroups:read")
}

// setGroupMembers says who is in a group. Source: https://docs.slack.dev/reference/methods/usergroups.users.update
func setGroupMembers() actions.Action {
	sample := userGroup()
	return actions.Action{
		ID: "set_user_group_members", Name: "Set a user group's members", Description: "Says who is in a user group, as who is on call: these people and nobody else. The output is the group, without Slack's envelope.", Effect: actions.Idempotent,
		Guarantee: "It says who is in the group, so a repeat changes nothing.",
		Input: []actions.Field{userGroupField(),
			{ID: "users", Label: "People", Help: "Their ids, all who are to be in it.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"U0123456789"}, Link: userLink, Choices: users()}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/usergroups.users.update", Body: actions.FormBody, Output: inside("/usergroup"), Prepare: joined},
	}.Needing("usergroups:write")
}
