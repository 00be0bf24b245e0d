package notion

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// pages are the actions of pages that lie under other pages, and of all pages.
// Source: https://developers.notion.com/reference/page
func pages() []actions.Action {
	sample := pageSample()
	shape, list := actions.ListOf(sample)
	create := append([]actions.Field{pageField("parent", "Under", "The id of the page that a new one lies under.", actions.InNone),
		{ID: "title", Label: "Title", Help: "Of the page.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Notes of the call"}}, append(contentFields(), iconField(), coverField())...)
	made := map[string]any{"found": false, "item": sample}
	return []actions.Action{
		{ID: "create_page", Name: "Create a page", Description: "Makes a page under another one.", Effect: actions.Once,
			Guarantee: "Notion has no key that would make a repeat harmless: a page whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     create,
			Output:    value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "POST", Path: "/v1/pages", Body: actions.JSONBody, Prepare: newPage}},
		{ID: "get_page", Name: "Get a page", Description: "Gives a page or a database item with its properties; values holds them as plain texts, numbers and lists.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{pageField("page", "Page", "Its id, or its address.", actions.InPath)}, Output: value.ShapeOf(withValues(sample)), Sample: withValues(sample),
			Request: &actions.Request{Method: "GET", Path: "/v1/pages/{page}", Output: func(resp actions.Response) (any, error) { return withValues(resp.Value), nil }}},
		{ID: "search_pages", Name: "Search pages", Description: "Finds pages by a text in their titles, the last edited first.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "query", Label: "Title has", Help: "A text; leave it empty for all that is shared with the integration.", Type: actions.Text, Example: "Ada"}, actions.LimitField()},
			Output: shape, Sample: list, Request: edited(), Page: parts(actions.InBody)},
		{ID: "find_or_create_page", Name: "Find or create a page", Description: "Finds the page with a title, and makes one under a page where there is none.", Effect: actions.Once,
			Guarantee: "It looks first, so what is there already is not made again; Notion's search shows a page some seconds late. " + actions.AtOnce + " A page whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     create, Output: value.ShapeOf(made), Sample: made, Run: findOrCreatePage},
		{ID: "archive_page", Name: "Move a page to the trash", Description: "Moves a page or a database item to the trash.", Effect: actions.Idempotent, Guarantee: "A page that is in the trash stays there, so a repeat changes nothing.",
			Input: []actions.Field{pageField("page", "Page", "Its id, or its address.", actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample, Request: trash(true)},
		{ID: "restore_page", Name: "Take a page out of the trash", Description: "Takes a page or a database item out of the trash.", Effect: actions.Idempotent, Guarantee: "A page that is out of the trash stays so, so a repeat changes nothing.",
			Input: []actions.Field{pageField("page", "Page", "Its id, or its address.", actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample, Request: trash(false)},
		{ID: "move_page", Name: "Move a page", Description: "Puts a page under another page.", Effect: actions.Idempotent, Guarantee: "A page that lies there already stays, so a repeat changes nothing.",
			Input:  []actions.Field{pageField("page", "Page", "Its id, or its address.", actions.InPath), {ID: "parent", Label: "Under", Help: "The id of the page that it goes under.", Type: actions.Text, Required: true, Name: "parent.page_id", Link: pageLink, Choices: pageField("parent", "", "", actions.InNone).Choices}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/v1/pages/{page}/move", Body: actions.JSONBody}},
	}
}

// edited is the search for pages, the last edited first.
func edited() *actions.Request {
	return &actions.Request{Method: "POST", Path: "/v1/search", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"filter": map[string]any{"property": "object", "value": "page"}, "sort": map[string]any{"timestamp": "last_edited_time", "direction": "descending"}}}, nil
	}}
}

// findOrCreatePage looks for the very title: Notion's search finds titles that only hold the text.
func findOrCreatePage(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	find := &actions.Action{ID: "find", Effect: actions.Read, Sample: map[string]any{"results": []any{}}, Request: edited(),
		Input: []actions.Field{{ID: "title", Type: actions.Text, Name: "query"}, {ID: "page_size", Type: actions.Integer, Default: 100}}}
	answer, err := do.Ask(ctx, find, map[string]any{"title": in.Values["title"]})
	if err != nil {
		return nil, err
	}
	if err := actions.Sure("Notion", answer, "/results"); err != nil {
		return nil, err
	}
	list, _ := value.At(answer, "/results").([]any)
	for _, page := range list {
		if titleOf(page) == value.Text(in.Values["title"]) {
			return map[string]any{"found": true, "item": page}, nil
		}
	}
	parts, err := newPage(in.Values)
	if err != nil {
		return nil, err
	}
	made, err := do.Ask(ctx, writePage("POST", "/v1/pages"), parts.Body)
	if err != nil {
		return nil, err
	}
	return map[string]any{"found": false, "item": made}, nil
}

// titleOf is the text of the property of the type title, whatever its name is.
func titleOf(page any) string {
	properties, _ := value.At(page, "/properties").(map[string]any)
	for _, p := range properties {
		if list, ok := value.At(p, "/title").([]any); ok && value.At(p, "/type") == "title" {
			var b strings.Builder
			for _, part := range list {
				b.WriteString(value.Text(value.At(part, "/plain_text")))
			}
			return b.String()
		}
	}
	return ""
}

// newPage writes a page under a page, whose one property is the title.
func newPage(in map[string]any) (actions.Parts, error) {
	inner, err := first(in)
	if err != nil {
		return actions.Parts{}, err
	}
	body := map[string]any{"parent": map[string]any{"type": "page_id", "page_id": in["parent"]}, "properties": map[string]any{"title": map[string]any{"title": richText(value.Text(in["title"]))}}}
	if len(inner) > 0 {
		body["children"] = inner
	}
	if icon := emoji(in["icon"]); icon != nil {
		body["icon"] = icon
	}
	if cover := external(in["cover"]); cover != nil {
		body["cover"] = cover
	}
	return actions.Parts{Body: body}, nil
}

func trash(in bool) *actions.Request {
	return &actions.Request{Method: "PATCH", Path: "/v1/pages/{page}", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"archived": in}}, nil
	}}
}
