package notion

import "github.com/stepmill/stepmill/actions"

// parts is how Notion gives a list in parts. Source: https://developers.notion.com/reference/intro#pagination
func parts(in actions.In) *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/results", Sure: "/results", ID: "/id", More: "/has_more", Next: "/next_cursor", At: actions.Spot{In: in, Name: "start_cursor"},
		Size: 100, Sizes: actions.Spot{In: in, Name: "page_size"}}
}

// found is a request to Notion's search for one kind of thing. It gives what is shared with the integration only.
// Source: https://developers.notion.com/reference/post-search
func found(kind string) *actions.Request {
	return &actions.Request{Method: "POST", Path: "/v1/search", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"filter": map[string]any{"property": "object", "value": kind}}}, nil
	}}
}

var searched = actions.Spot{In: actions.InBody, Name: "query"}

// sourceField chooses a data source: the table of a database, which has one as a rule.
func sourceField(in actions.In) actions.Field {
	return actions.Field{ID: "data_source", Label: "Data source", Help: "The table: a database holds one or more of them. The id of a database, which stands in its address, is another one.", Type: actions.Text, Required: true, In: in, Link: sourceLink,
		Example: "d9824bdc-8445-4327-be8b-5b47500af6ce",
		Choices: &actions.Choices{Request: found("data_source"), Page: *parts(actions.InBody), Value: "/id", Label: "/title/0/plain_text", Search: searched}}
}

// propertyChoices are the properties of the data source.
func propertyChoices() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/data_sources/{data_source}"}, Page: actions.Page{Items: "/properties", Members: true}, Value: "/name", Label: "{/name} ({/type})", Needs: []actions.Field{sourceField(actions.InPath)}}
}

// pageField chooses a page. The property that holds a page's title has any name, so the address, which ends in the title, stands beside it.
func pageField(id, label, help string, in actions.In) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: true, In: in, Example: "60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7", Link: pageLink,
		Choices: &actions.Choices{Request: found("page"), Page: *parts(actions.InBody), Value: "/id", Label: "{/properties/title/title/0/plain_text}{/properties/Name/title/0/plain_text} ({/url})", Search: searched}}
}

// blockOrPage is a page, or a block of one.
func blockOrPage(help string, in actions.In) actions.Field {
	f := pageField("page", "Page", help, in)
	f.Link = blockLink
	return f
}

// databaseField chooses a database by its first table.
func databaseField() actions.Field {
	return actions.Field{ID: "database", Label: "Database", Help: "Its id, or its address.", Type: actions.Text, Required: true, In: actions.InPath, Example: "248104cd-477e-80fd-b757-e945d38000bd", Link: databaseLink,
		Choices: &actions.Choices{Request: found("data_source"), Page: *parts(actions.InBody), Value: "/parent/database_id", Label: "/title/0/plain_text", Search: searched}}
}

func userChoices() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/users"}, Page: *parts(actions.InQuery), Value: "/id", Label: "/name"}
}

func propertiesField(help string) actions.Field {
	return actions.Field{ID: "properties", Label: "Properties", Type: actions.Object, In: actions.InNone, Example: map[string]any{"Name": "Ada Lovelace", "Stage": "Won", "Amount": 120},
		Help: help + " By their names. A text, a number, true, a time or a list is written as the property's type, which Notion is asked for: several options, pages or people as a list or with commas between them, people also by their mail addresses, pages by theirs. An object is taken as Notion's own form."}
}

func contentFields() []actions.Field {
	return []actions.Field{
		{ID: "content", Label: "Content", Help: "In Markdown, a paragraph a line. Lines that begin with #, ##, ###, -, 1., [ ], [x] or > are headings, list items, to-dos and quotes, --- is a line across, and ``` begins and ends code; **bold**, *slanted*, ~~struck~~, `code`, [links](https://example.com) and, alone on a line, ![images](https://example.com/a.png) are taken.", Type: actions.LongText, In: actions.InNone, Example: "# Call\nAda wants the export."},
		{ID: "blocks", Label: "Blocks", Help: "Notion's own blocks, a list; they stand after the content.", Type: actions.List, In: actions.InNone},
	}
}

func iconField() actions.Field {
	return actions.Field{ID: "icon", Label: "Icon", Help: "An emoji, or the address of an image.", Type: actions.Text, In: actions.InNone, Example: "🎉"}
}

func coverField() actions.Field {
	return actions.Field{ID: "cover", Label: "Cover", Help: "The address of an image that is shown across the top.", Type: actions.Text, In: actions.InNone, Example: "https://example.com/cover.jpg"}
}

// pageSample is a page as Notion gives it.
func pageSample() map[string]any {
	return map[string]any{"object": "page", "id": "60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7", "created_time": "2026-01-31T09:30:00.000Z", "last_edited_time": "2026-01-31T09:30:00.000Z",
		"created_by": map[string]any{"object": "user", "id": "c2f20311-9e54-4d11-8c79-7398424ae41e"}, "last_edited_by": map[string]any{"object": "user", "id": "c2f20311-9e54-4d11-8c79-7398424ae41e"},
		"cover": nil, "icon": nil, "parent": map[string]any{"type": "data_source_id", "data_source_id": "d9824bdc-8445-4327-be8b-5b47500af6ce", "database_id": "248104cd-477e-80fd-b757-e945d38000bd"},
		"archived": false, "in_trash": false, "url": "https://www.notion.so/Ada-60bdc8bd388044b8a9cd8a145b3ffbd7", "public_url": nil,
		"properties": map[string]any{
			"Name":   map[string]any{"id": "title", "type": "title", "title": []any{map[string]any{"type": "text", "text": map[string]any{"content": "Ada Lovelace", "link": nil}, "plain_text": "Ada Lovelace", "href": nil}}},
			"Stage":  map[string]any{"id": "a%3Bc", "type": "status", "status": map[string]any{"id": "1", "name": "Won", "color": "green"}},
			"Amount": map[string]any{"id": "b%3Bd", "type": "number", "number": 120}}}
}

// sourceSample is a data source as Notion gives it.
func sourceSample() map[string]any {
	return map[string]any{"object": "data_source", "id": "d9824bdc-8445-4327-be8b-5b47500af6ce", "created_time": "2026-01-31T09:30:00.000Z", "last_edited_time": "2026-01-31T09:30:00.000Z",
		"title": []any{map[string]any{"type": "text", "text": map[string]any{"content": "Deals", "link": nil}, "plain_text": "Deals", "href": nil}}, "description": []any{},
		"parent": map[string]any{"type": "database_id", "database_id": "248104cd-477e-80fd-b757-e945d38000bd"}, "archived": false, "in_trash": false, "url": "https://www.notion.so/248104cd477e80fdb757e945d38000bd",
		"properties": map[string]any{
			"Name":   map[string]any{"id": "title", "name": "Name", "type": "title", "title": map[string]any{}},
			"Stage":  map[string]any{"id": "a%3Bc", "name": "Stage", "type": "status", "status": map[string]any{"options": []any{map[string]any{"id": "1", "name": "Won", "color": "green"}}}},
			"Amount": map[string]any{"id": "b%3Bd", "name": "Amount", "type": "number", "number": map[string]any{"format": "euro"}}}}
}
