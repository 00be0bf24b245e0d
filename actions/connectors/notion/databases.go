package notion

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// databases are the actions of databases and their data sources.
// Sources: https://developers.notion.com/reference/database, https://developers.notion.com/reference/data-source
func databases() []actions.Action {
	source := sourceSample()
	shape, list := actions.ListOf(source)
	database := map[string]any{"object": "database", "id": "248104cd-477e-80fd-b757-e945d38000bd", "created_time": "2026-01-31T09:30:00.000Z", "last_edited_time": "2026-01-31T09:30:00.000Z",
		"title": source["title"], "description": []any{}, "is_inline": false, "archived": false, "in_trash": false, "parent": map[string]any{"type": "page_id", "page_id": "60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7"},
		"url": "https://www.notion.so/248104cd477e80fdb757e945d38000bd", "data_sources": []any{map[string]any{"id": source["id"], "name": "Deals"}}}
	return []actions.Action{
		{ID: "search_data_sources", Name: "Search data sources", Description: "Finds the tables of databases by a text in their titles.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "query", Label: "Title has", Help: "A text; leave it empty for all that is shared with the integration.", Type: actions.Text, Example: "Deals"}, actions.LimitField()},
			Output: shape, Sample: list, Request: found("data_source"), Page: parts(actions.InBody)},
		{ID: "get_data_source", Name: "Get a data source", Description: "Gives a table with the types and options of its properties.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{sourceField(actions.InPath)}, Output: value.ShapeOf(source), Sample: source, Request: &actions.Request{Method: "GET", Path: "/v1/data_sources/{data_source}"}},
		{ID: "update_data_source", Name: "Update a data source", Description: "Changes a table: its title, and properties that are added, changed, or, where null is given, taken away.", Effect: actions.Idempotent, Guarantee: "It says how the table is to be, so a repeat changes nothing.",
			Input: []actions.Field{sourceField(actions.InPath),
				{ID: "title", Label: "Title", Help: "Another one.", Type: actions.Text, In: actions.InNone, Example: "Deals"},
				{ID: "properties", Label: "Properties", Help: "By their names: a type, as number, or an object in Notion's own form; {\"name\": ...} gives another name, null takes one away with all its values.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"Due": "date"}}},
			Output: value.ShapeOf(source), Sample: source, Request: &actions.Request{Method: "PATCH", Path: "/v1/data_sources/{data_source}", Body: actions.JSONBody, Prepare: changedSource}},
		{ID: "get_database", Name: "Get a database", Description: "Gives a database with the ids of its data sources.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{databaseField()}, Output: value.ShapeOf(database), Sample: database, Request: &actions.Request{Method: "GET", Path: "/v1/databases/{database}"}},
		{ID: "create_database", Name: "Create a database", Description: "Makes a database with one data source under a page.", Effect: actions.Once,
			Guarantee: "Notion has no key that would make a repeat harmless: a database whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{pageField("parent", "Under", "The id of the page that it lies under.", actions.InNone),
				{ID: "title", Label: "Title", Help: "Of the database.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Deals"},
				{ID: "properties", Label: "Properties", Help: "By their names: a type, as number, or an object in Notion's own form. One of the type title is made where there is none.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"Amount": "number", "Due": "date"}},
				{ID: "inline", Label: "Inline", Help: "Whether it shows within its page.", Type: actions.Boolean, Name: "is_inline"}},
			Output: value.ShapeOf(database), Sample: database, Request: &actions.Request{Method: "POST", Path: "/v1/databases", Body: actions.JSONBody, Prepare: newDatabase}},
	}
}

// newDatabase writes a database. Every data source has one property of the type title.
func newDatabase(in map[string]any) (actions.Parts, error) {
	properties, titled := ofTypes(in["properties"]), false
	for _, v := range properties {
		titled = titled || value.At(v, "/title") != nil
	}
	if !titled {
		properties["Name"] = map[string]any{"type": "title", "title": map[string]any{}}
	}
	return actions.Parts{Body: map[string]any{"parent": map[string]any{"type": "page_id", "page_id": in["parent"]}, "title": richText(value.Text(in["title"])), "initial_data_source": map[string]any{"properties": properties}}}, nil
}

// ofTypes writes properties of which only the type is given.
func ofTypes(given any) map[string]any {
	object, _ := given.(map[string]any)
	out := map[string]any{}
	for name, v := range object {
		if kind, ok := v.(string); ok {
			v = map[string]any{"type": kind, kind: map[string]any{}}
		}
		out[name] = v
	}
	return out
}

// changedSource writes what is given of a data source. Source: https://developers.notion.com/reference/update-a-data-source
func changedSource(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	if title := value.Text(in["title"]); title != "" {
		body["title"] = richText(title)
	}
	if properties := ofTypes(in["properties"]); len(properties) > 0 {
		body["properties"] = properties
	}
	if len(body) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input title: give a title or properties.")
	}
	return actions.Parts{Body: body}, nil
}
