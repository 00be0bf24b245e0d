package notion

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// triggers poll. Notion writes times by the minute, so a second change within the minute of one that was seen does not count.
func triggers() []actions.Trigger {
	page, comment := pageSample(), commentSample()
	return []actions.Trigger{
		{ID: "item_created", Name: "New database item", Description: "An item was added to a data source.", Kind: actions.PollKind,
			Input: []actions.Field{sourceField(actions.InPath)}, Output: value.ShapeOf(page), Sample: page, Poll: itemsBy("created_time")},
		{ID: "item_updated", Name: "Database item made or changed", Description: "An item of a data source was made or changed. Several changes within a minute, or between two looks, count once.", Kind: actions.PollKind,
			Input: []actions.Field{sourceField(actions.InPath)}, Output: value.ShapeOf(page), Sample: page, Poll: itemsBy("last_edited_time")},
		{ID: "page_updated", Name: "Page made or changed", Description: "A page that is shared with the integration was made or changed. Notion's search shows it some minutes later; several changes within a minute count once.", Kind: actions.PollKind,
			Output: value.ShapeOf(page), Sample: page,
			Poll: &actions.Poll{Request: edited(), Page: *parts(actions.InBody), Time: "/last_edited_time", Changed: true, Order: actions.NewestFirst, Overlap: 10 * time.Minute, Every: 5 * time.Minute, Least: time.Minute}},
		{ID: "comment_created", Name: "New comment", Description: "A page or a block was commented. A comment whose discussion is closed between two looks does not count.", Kind: actions.PollKind,
			Input: []actions.Field{commented()}, Output: value.ShapeOf(comment), Sample: comment,
			Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/v1/comments"}, Page: *parts(actions.InQuery), Time: "/created_time", Overlap: 2 * time.Minute, Every: 2 * time.Minute, Least: 30 * time.Second}},
	}
}

// itemsBy lists a data source's items from a time on. Source: https://developers.notion.com/reference/query-a-data-source
func itemsBy(field string) *actions.Poll {
	return &actions.Poll{
		Request: &actions.Request{Method: "POST", Path: "/v1/data_sources/{data_source}/query", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return changedSince(field, in)
		}},
		Page: *parts(actions.InBody), Time: "/" + field, Changed: field == "last_edited_time", Order: actions.OldestFirst,
		Since: actions.Since{As: actions.RFC3339}, Overlap: 2 * time.Minute, Every: 2 * time.Minute, Least: 30 * time.Second,
	}
}

func changedSince(field string, in map[string]any) (actions.Parts, error) {
	body := map[string]any{"sorts": []any{map[string]any{"timestamp": field, "direction": "ascending"}}}
	if since := in["since"]; since != nil {
		body["filter"] = map[string]any{"timestamp": field, field: map[string]any{"on_or_after": since}}
	}
	return actions.Parts{Body: body}, nil
}
