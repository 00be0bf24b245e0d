package notion

import (
	"context"
	"maps"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// items are the actions of what lies in a data source: pages with properties.
// Sources: https://developers.notion.com/reference/post-page, https://developers.notion.com/reference/query-a-data-source
func items() []actions.Action {
	sample := pageSample()
	shape, list := actions.ListOf(sample)
	find := []actions.Field{sourceField(actions.InNone),
		{ID: "property", Label: "Property", Help: "The name of the property that tells items apart.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Name", Choices: propertyChoices()},
		{ID: "value", Label: "Value", Help: "What the property is.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Ada Lovelace"}}
	create := append([]actions.Field{sourceField(actions.InNone), propertiesField("Of the new item.")}, append(contentFields(), iconField(), coverField())...)
	foundSample := map[string]any{"found": true, "item": sample}
	madeSample := map[string]any{"found": false, "item": sample}
	return []actions.Action{
		{ID: "create_item", Name: "Create a database item", Description: "Adds an item with properties and content to a data source.", Effect: actions.Once,
			Guarantee: "Notion has no key that would make a repeat harmless: an item whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     create, Output: value.ShapeOf(sample), Sample: sample, Run: createItem},
		{ID: "update_item", Name: "Update a database item", Description: "Sets properties of a page; the others stay.", Effect: actions.Idempotent,
			Guarantee: "It sets what it is given, so a repeat sets the same again.",
			Input: append([]actions.Field{pageField("page", "Item", "The item's id.", actions.InNone), propertiesField("Those that change; null empties one.")},
				iconField(), coverField(), actions.Field{ID: "trash", Label: "In the trash", Help: "true moves it to the trash, false takes it out.", Type: actions.Boolean, In: actions.InNone}),
			Output: value.ShapeOf(sample), Sample: sample, Run: updateItem},
		{ID: "find_item", Name: "Find a database item", Description: "Finds the first item of a data source whose property is a value.", Effect: actions.Read,
			Guarantee: "It only reads.", Input: find, Output: value.ShapeOf(foundSample), Sample: foundSample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				item, _, err := findItem(ctx, in, do)
				if err != nil {
					return nil, err
				}
				return map[string]any{"found": item != nil, "item": item}, nil
			}},
		{ID: "find_or_create_item", Name: "Find or create a database item", Description: "Finds the first item whose property is a value, and makes one where there is none, with that value.", Effect: actions.Once,
			Guarantee: "It looks first, so what is there already is not made again. " + actions.AtOnce + " An item whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     append(find[:len(find):len(find)], create[1:]...), Output: value.ShapeOf(madeSample), Sample: madeSample, Run: findOrCreateItem},
		upsertItem(find, create[1:]),
		{ID: "query_items", Name: "List database items", Description: "Lists the items of a data source, with a filter and an order.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{sourceField(actions.InPath),
				{ID: "filter", Label: "Filter", Help: "In Notion's own form.", Type: actions.Object, Example: map[string]any{"property": "Stage", "status": map[string]any{"equals": "Won"}}},
				{ID: "sorts", Label: "Order", Help: "A list in Notion's own form.", Type: actions.List, Example: []any{map[string]any{"property": "Name", "direction": "ascending"}}}, actions.LimitField()},
			Output: shape, Sample: list,
			Request: &actions.Request{Method: "POST", Path: "/v1/data_sources/{data_source}/query", Body: actions.JSONBody}, Page: parts(actions.InBody)},
	}
}

// The parts that actions with code are made of.

func askPage() *actions.Action {
	return &actions.Action{ID: "get_page", Effect: actions.Read, Sample: pageSample(), Input: []actions.Field{{ID: "page", Type: actions.Text, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/v1/pages/{page}"}}
}

func askSource() *actions.Action {
	return &actions.Action{ID: "get_data_source", Effect: actions.Read, Sample: sourceSample(), Input: []actions.Field{{ID: "data_source", Type: actions.Text, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/v1/data_sources/{data_source}"}}
}

func askFirst() *actions.Action {
	return &actions.Action{ID: "query", Effect: actions.Read, Sample: map[string]any{"object": "list", "results": []any{pageSample()}},
		Input:   []actions.Field{{ID: "data_source", Type: actions.Text, In: actions.InPath}, {ID: "filter", Type: actions.Object}, {ID: "page_size", Type: actions.Integer, Default: 1}},
		Request: &actions.Request{Method: "POST", Path: "/v1/data_sources/{data_source}/query", Body: actions.JSONBody}}
}

func writePage(method, path string) *actions.Action {
	return &actions.Action{ID: "write_page", Effect: actions.Once, Sample: pageSample(),
		Input: []actions.Field{{ID: "page", Type: actions.Text, In: actions.InPath}, {ID: "parent", Type: actions.Object}, {ID: "properties", Type: actions.Object},
			{ID: "children", Type: actions.List}, {ID: "icon", Type: actions.Object}, {ID: "cover", Type: actions.Object}, {ID: "archived", Type: actions.Boolean}},
		Request: &actions.Request{Method: method, Path: path, Body: actions.JSONBody}}
}

func emoji(v any) any {
	if v == nil || v == "" {
		return nil
	}
	if strings.HasPrefix(value.Text(v), "http") {
		return external(v)
	}
	return map[string]any{"type": "emoji", "emoji": v}
}

// external is an image elsewhere.
func external(v any) any {
	if v == nil || v == "" {
		return nil
	}
	return map[string]any{"type": "external", "external": map[string]any{"url": v}}
}

func createItem(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	values, _ := v["properties"].(map[string]any)
	kinds := map[string]string{}
	if plain(values) {
		var err error
		if kinds, err = sourceKinds(ctx, v["data_source"], do); err != nil {
			return nil, err
		}
	}
	return createWith(ctx, v, kinds, do)
}

// sourceKinds are the types of a data source's properties.
func sourceKinds(ctx context.Context, id any, do actions.Doer) (map[string]string, error) {
	source, err := do.Ask(ctx, askSource(), map[string]any{"data_source": id})
	if err == nil {
		err = actions.Sure("Notion", source, "/properties")
	}
	return kindsOf(source), err
}

// createWith makes an item of inputs whose properties' types are known.
func createWith(ctx context.Context, v map[string]any, kinds map[string]string, do actions.Doer) (any, error) {
	given, _ := v["properties"].(map[string]any)
	properties, err := resolved(ctx, given, kinds, do)
	if err != nil {
		return nil, err
	}
	inner, err := first(v)
	if err != nil {
		return nil, err
	}
	with := map[string]any{"parent": map[string]any{"type": "data_source_id", "data_source_id": v["data_source"]}, "properties": properties, "icon": emoji(v["icon"]), "cover": external(v["cover"])}
	if len(inner) > 0 {
		with["children"] = inner
	}
	return do.Ask(ctx, writePage("POST", "/v1/pages"), with)
}

func updateItem(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	values, _ := v["properties"].(map[string]any)
	kinds := map[string]string{}
	if plain(values) {
		page, err := do.Ask(ctx, askPage(), map[string]any{"page": v["page"]})
		if err == nil {
			err = actions.Sure("Notion", page, "/properties")
		}
		if err != nil {
			return nil, err
		}
		kinds = kindsOf(page)
	}
	return updateWith(ctx, v, kinds, do)
}

// updateWith changes an item by inputs whose properties' types are known.
func updateWith(ctx context.Context, v map[string]any, kinds map[string]string, do actions.Doer) (any, error) {
	values, _ := v["properties"].(map[string]any)
	properties, err := resolved(ctx, values, kinds, do)
	if err != nil {
		return nil, err
	}
	with := map[string]any{"page": v["page"], "icon": emoji(v["icon"]), "cover": external(v["cover"]), "archived": v["trash"]}
	if len(properties) > 0 {
		with["properties"] = properties
	}
	return do.Ask(ctx, writePage("PATCH", "/v1/pages/{page}"), with)
}

// findItem gives the first item whose property is the value, nil where there is none, and the types of the properties.
func findItem(ctx context.Context, in actions.Input, do actions.Doer) (any, map[string]string, error) {
	v := in.Values
	kinds, err := sourceKinds(ctx, v["data_source"], do)
	if err != nil {
		return nil, nil, err
	}
	name := value.Text(v["property"])
	kind, known := kinds[name]
	switch {
	case !known && do.Sandboxed():
		kind = "rich_text"
	case !known:
		return nil, nil, unknown("property", name, kinds)
	}
	filter, err := equals(name, kind, v["value"])
	if err != nil {
		return nil, nil, err
	}
	answer, err := do.Ask(ctx, askFirst(), map[string]any{"data_source": v["data_source"], "filter": filter})
	if err != nil {
		return nil, nil, err
	}
	if err := actions.Sure("Notion", answer, "/results"); err != nil {
		return nil, nil, err
	}
	list, _ := value.At(answer, "/results").([]any)
	if len(list) == 0 {
		return nil, kinds, nil
	}
	return list[0], kinds, nil
}

func findOrCreateItem(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	item, kinds, err := findItem(ctx, in, do)
	if err != nil {
		return nil, err
	}
	if item != nil && !do.Sandboxed() {
		return map[string]any{"found": true, "item": item}, nil
	}
	made, err := createWith(ctx, withValue(in.Values, kinds), kinds, do)
	if err != nil {
		return nil, err
	}
	return map[string]any{"found": false, "item": made}, nil
}

// withValue are the inputs with the value that was searched for as that of its property, so that the item is found the next time. What is given for the
// property counts, and what Notion computes itself cannot be written.
func withValue(v map[string]any, kinds map[string]string) map[string]any {
	name := value.Text(v["property"])
	properties, _ := v["properties"].(map[string]any)
	if properties[name] != nil {
		return v
	}
	if _, err := property(name, kinds[name], v["value"]); err != nil {
		return v
	}
	v, properties = maps.Clone(v), maps.Clone(properties)
	if properties == nil {
		properties = map[string]any{}
	}
	properties[name], v["properties"] = v["value"], properties
	return v
}
