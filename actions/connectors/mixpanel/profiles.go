package mixpanel

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func tokenField() actions.Field {
	return actions.Field{ID: "project_token", Label: "Project token", Help: "In Mixpanel under Project settings. It stands in every page that Mixpanel watches, and is no secret.", Type: actions.Text, Required: true, In: actions.InNone, Example: "a8e1d3b0c5f24d6f9b7a2c4e6f8a0b1c"}
}

// operation is a way in which a profile or a group changes.
type operation struct {
	id, name, description string
	member                string // of the request: "$set"
	effect                actions.Effect
	guarantee             string
	field                 actions.Field
}

// operations are those that profiles and groups have. %s is the thing.
func operations(thing string) []operation {
	values := func(help string, example any) actions.Field {
		return actions.Field{ID: "properties", Label: "Properties", Help: help, Type: actions.Object, Required: true, In: actions.InNone, Example: example}
	}
	set := "It sets what it is given, so a repeat sets the same again."
	return []operation{
		{"set", "Set properties of a " + thing, "Sets properties of a " + thing + ", which is made where it is not there yet.", "$set", actions.Idempotent, set, values("Values by their names.", map[string]any{"$name": "Ada Lovelace", "plan": "pro"})},
		{"set_once", "Set properties of a " + thing + " once", "Sets those properties that are not there yet.", "$set_once", actions.Idempotent, "What is there stays, so a repeat changes nothing.", values("Values by their names.", map[string]any{"first_seen": "2026-01-31"})},
		{"union", "Add to lists of a " + thing, "Adds values to lists in properties, each once.", "$union", actions.Idempotent, "What is in a list is not added again, so a repeat changes nothing.", values("Lists by their properties' names.", map[string]any{"products": []any{"export"}})},
		{"remove", "Take out of lists of a " + thing, "Takes a value out of lists in properties.", "$remove", actions.Idempotent, "What is out of a list stays out, so a repeat changes nothing.", values("Values by their properties' names.", map[string]any{"products": "export"})},
		{"unset", "Delete properties of a " + thing, "Deletes properties with their values.", "$unset", actions.Idempotent, "What is gone stays gone, so a repeat changes nothing.",
			actions.Field{ID: "properties", Label: "Properties", Help: "Their names.", Type: actions.Texts, Whole: true, Required: true, In: actions.InNone, Example: []any{"plan"}}},
	}
}

// profiles are the actions of users' profiles. Source: https://developer.mixpanel.com/reference/profile-set
func profiles() []actions.Action {
	who := []actions.Field{tokenField(), {ID: "distinct_id", Label: "User", Help: "The distinct ID of the profile.", Type: actions.Text, Required: true, In: actions.InNone, Example: "u-42"}}
	lost := "Mixpanel has no key that would make a repeat harmless: a change whose answer was lost in a crash is not made again by itself, you are asked."
	more := []operation{
		{"increment", "Add to numbers of a profile", "Adds to properties that are numbers; a negative one takes away.", "$add", actions.Once, lost,
			actions.Field{ID: "properties", Label: "Properties", Help: "Numbers by their properties' names.", Type: actions.Object, Required: true, In: actions.InNone, Example: map[string]any{"deals": 1}}},
		{"append", "Append to lists of a profile", "Appends a value to lists in properties, also where it is there already.", "$append", actions.Once, lost,
			actions.Field{ID: "properties", Label: "Properties", Help: "Values by their properties' names.", Type: actions.Object, Required: true, In: actions.InNone, Example: map[string]any{"visits": "2026-01-31"}}},
	}
	var out []actions.Action
	for _, op := range append(operations("profile"), more...) {
		out = append(out, actions.Action{ID: op.id + "_profile", Name: op.name, Description: op.description, Effect: op.effect, Guarantee: op.guarantee, Input: append(who[:2:2], op.field), Output: value.ShapeOf(doneSample), Sample: doneSample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return update(ctx, do, "/engage", map[string]any{"$token": in.Values["project_token"], "$distinct_id": in.Values["distinct_id"], op.member: in.Values["properties"]})
			}})
	}
	return append(out, actions.Action{ID: "delete_profile", Name: "Delete a profile", Description: "Deletes a user's profile; the user's events stay.", Effect: actions.Idempotent, Guarantee: "A profile that is gone stays gone, so a repeat changes nothing.",
		Input: append(who[:2:2], actions.Field{ID: "ignore_alias", Label: "Ignore aliases", Help: "Whether the very ID is meant, where it is an alias too.", Type: actions.Boolean, Default: false, In: actions.InNone}), Output: value.ShapeOf(doneSample), Sample: doneSample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			return update(ctx, do, "/engage", map[string]any{"$token": in.Values["project_token"], "$distinct_id": in.Values["distinct_id"], "$delete": "", "$ignore_alias": in.Values["ignore_alias"]})
		}})
}

// groups are the actions of groups of users, as companies. Source: https://developer.mixpanel.com/reference/group-set-property
func groups() []actions.Action {
	which := []actions.Field{tokenField(), {ID: "group_key", Label: "Group key", Help: "The kind of group, as the project calls it.", Type: actions.Text, Required: true, In: actions.InNone, Example: "company"},
		{ID: "group_id", Label: "Group", Help: "Which one.", Type: actions.Text, Required: true, In: actions.InNone, Example: "acme"}}
	var out []actions.Action
	for _, op := range operations("group") {
		if op.id == "union" { // the vendor's description asks for another member beside it, and so it does where a group is deleted
			continue
		}
		out = append(out, actions.Action{ID: op.id + "_group", Name: op.name, Description: op.description, Effect: op.effect, Guarantee: op.guarantee, Input: append(which[:3:3], op.field), Output: value.ShapeOf(doneSample), Sample: doneSample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return update(ctx, do, "/groups", map[string]any{"$token": in.Values["project_token"], "$group_key": in.Values["group_key"], "$group_id": in.Values["group_id"], op.member: in.Values["properties"]})
			}})
	}
	return out
}
