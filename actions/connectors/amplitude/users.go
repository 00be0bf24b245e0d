package amplitude

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

var doneSample = map[string]any{"done": true}

// setting are the changes of properties that may be repeated, counting those that may not.
// Source: https://amplitude.com/docs/apis/analytics/identify#user_properties-supported-operations
func setting() []actions.Field {
	return []actions.Field{
		{ID: "set", Label: "Set", Help: "Values by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"plan": "pro"}},
		{ID: "set_once", Label: "Set once", Help: "Values by their names, of what is not there yet.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"first_seen": "2026-01-31"}},
		{ID: "pre_insert", Label: "Put first into lists", Help: "Lists by their names; what is there is not put in again.", Type: actions.Object, In: actions.InNone},
		{ID: "post_insert", Label: "Put last into lists", Help: "Lists by their names; what is there is not put in again.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"products": []any{"export"}}},
		{ID: "remove", Label: "Take out of lists", Help: "Lists by their names.", Type: actions.Object, In: actions.InNone},
		{ID: "unset", Label: "Delete", Help: "Names of properties.", Type: actions.Texts, Whole: true, In: actions.InNone, Example: []any{"trial"}},
	}
}

func counting() []actions.Field {
	return []actions.Field{
		{ID: "add", Label: "Add", Help: "Numbers by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"deals": 1}},
		{ID: "append", Label: "Append to lists", Help: "Values by their names, also where they are there already.", Type: actions.Object, In: actions.InNone},
		{ID: "prepend", Label: "Prepend to lists", Help: "Values by their names, also where they are there already.", Type: actions.Object, In: actions.InNone},
	}
}

// users are the actions of what is known of users and groups, without an event.
// Sources: https://amplitude.com/docs/apis/analytics/identify, https://amplitude.com/docs/apis/analytics/group-identify
func users() []actions.Action {
	group := []actions.Field{{ID: "group_type", Label: "Group type", Help: "The kind of group.", Type: actions.Text, Required: true, In: actions.InNone, Example: "company"},
		{ID: "group_value", Label: "Group", Help: "Which one.", Type: actions.Text, Required: true, In: actions.InNone, Example: "acme"}}
	set := "It sets what it is given and puts nothing into a list twice, so a repeat changes nothing."
	lost := "Amplitude has no key that would make a repeat harmless: a change whose answer was lost in a crash is not made again by itself, you are asked."
	user := &actions.Request{Method: "POST", Path: "/identify", Body: actions.FormBody, Output: taken, Prepare: func(in map[string]any) (actions.Parts, error) {
		one := map[string]any{}
		if err := who(in, one, false); err != nil {
			return actions.Parts{}, err
		}
		return identification(in, one, "user_properties")
	}}
	ofGroup := &actions.Request{Method: "POST", Path: "/groupidentify", Body: actions.FormBody, Output: taken, Prepare: func(in map[string]any) (actions.Parts, error) {
		return identification(in, map[string]any{"group_type": in["group_type"], "group_value": in["group_value"]}, "group_properties")
	}}
	action := func(id, name, description string, effect actions.Effect, guarantee string, input []actions.Field, request *actions.Request) actions.Action {
		return actions.Action{ID: id, Name: name, Description: description, Effect: effect, Guarantee: guarantee, Input: input, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: request}
	}
	return []actions.Action{
		action("set_user", "Set properties of a user", "Sets, fills and deletes properties of a user.", actions.Idempotent, set, append(whoFields(), setting()...), user),
		action("add_to_user", "Add to properties of a user", "Adds to numbers and lists in properties of a user.", actions.Once, lost, append(whoFields(), counting()...), user),
		action("set_group", "Set properties of a group", "Sets, fills and deletes properties of a group, as a company.", actions.Idempotent, set, append(group[:2:2], setting()...), ofGroup),
		action("add_to_group", "Add to properties of a group", "Adds to numbers and lists in properties of a group.", actions.Once, lost, append(group[:2:2], counting()...), ofGroup),
	}
}

// identification writes changes of properties as JSON within a form.
func identification(in, one map[string]any, member string) (actions.Parts, error) {
	changes := map[string]any{}
	for name, operation := range map[string]string{"set": "$set", "set_once": "$setOnce", "add": "$add", "append": "$append", "prepend": "$prepend", "pre_insert": "$preInsert", "post_insert": "$postInsert", "remove": "$remove"} {
		if v, _ := in[name].(map[string]any); len(v) > 0 {
			changes[operation] = v
		}
	}
	if list, _ := in["unset"].([]any); len(list) > 0 {
		gone := map[string]any{}
		for _, name := range list {
			gone[value.Text(name)] = "-" // whose value does not count
		}
		changes["$unset"] = gone
	}
	if len(changes) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The inputs say nothing to change.")
	}
	one[member] = changes
	text, err := value.Encode([]any{one})
	return actions.Parts{Body: map[string]any{"identification": string(text)}}, err
}

// taken takes Amplitude's word for it only: a page that something in between answered with is none.
func taken(resp actions.Response) (any, error) {
	if strings.TrimSpace(value.Text(resp.Value)) == "success" {
		return doneSample, nil
	}
	return nil, fault.New(fault.Uncertain, "The answer did not come from Amplitude: it is not \"success\" but %q. Look at what stands between here and Amplitude.", fault.Clip(value.Text(resp.Value), 60))
}
