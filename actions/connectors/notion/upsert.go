package notion

import (
	"context"
	"maps"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// upsertItem changes the first item whose property is a value, and makes one where there is none.
func upsertItem(find, create []actions.Field) actions.Action {
	sample := map[string]any{"created": true, "item": pageSample()}
	return actions.Action{ID: "upsert_item", Name: "Create or update a database item", Description: "Sets properties of the first item whose property is a value, and makes one with that value where there is none. Content is only put into a new one.", Effect: actions.Once,
		Guarantee: "It looks first, so what is there already is changed and not made again; two runs at once may both make it. An item whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     append(find[:len(find):len(find)], create...), Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			item, kinds, err := findItem(ctx, in, do)
			if err != nil {
				return nil, err
			}
			if item == nil || do.Sandboxed() {
				made, err := createWith(ctx, withValue(in.Values, kinds), kinds, do)
				if err != nil {
					return nil, err
				}
				return map[string]any{"created": true, "item": made}, nil
			}
			with := maps.Clone(in.Values)
			if err := actions.Sure("Notion", item, "/id"); err != nil {
				return nil, err
			}
			with["page"] = value.At(item, "/id")
			changed, err := updateWith(ctx, with, kinds, do)
			if err != nil {
				return nil, err
			}
			return map[string]any{"created": false, "item": changed}, nil
		}}
}

// resolved writes values by their properties' names in Notion's form, as typed does, with people who are named by their mail addresses.
func resolved(ctx context.Context, values map[string]any, kinds map[string]string, do actions.Doer) (map[string]any, error) {
	var ids map[string]string
	out := maps.Clone(values)
	for name, v := range values {
		list, _ := apart(v).([]any)
		if kinds[name] != "people" || list == nil {
			continue
		}
		people := make([]any, len(list))
		for i, item := range list {
			people[i] = item
			address, _ := item.(string)
			if !strings.Contains(address, "@") {
				continue
			}
			if ids == nil {
				var err error
				if ids, err = addresses(ctx, do); err != nil {
					return nil, err
				}
			}
			id := ids[strings.ToLower(strings.TrimSpace(address))]
			if id == "" {
				return nil, fault.New(fault.InvalidInput, "The input properties/%s: Notion lists nobody with the address %q. Guests are not listed, and the integration needs the capability to read users with their addresses; the person's id is taken too.", name, fault.Clip(address, 80))
			}
			people[i] = id
		}
		out[name] = people
	}
	return typed(out, kinds, do.Sandboxed())
}

// addresses are the ids of the workspace's people by their mail addresses.
func addresses(ctx context.Context, do actions.Doer) (map[string]string, error) {
	list := &actions.Action{ID: "list_users", Effect: actions.Read, Input: []actions.Field{actions.LimitField()}, Request: &actions.Request{Method: "GET", Path: "/v1/users"}, Page: parts(actions.InQuery)}
	answer, err := do.Ask(ctx, list, map[string]any{"limit": actions.MostListed})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	items, _ := value.At(answer, "/items").([]any)
	for _, item := range items {
		if address := value.Text(value.At(item, "/person/email")); address != "" {
			out[strings.ToLower(address)] = value.Text(value.At(item, "/id"))
		}
	}
	return out, nil
}
