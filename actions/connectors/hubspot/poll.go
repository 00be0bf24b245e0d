package hubspot

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// triggers are what can be waited for: records that were made, changed, or moved into a stage. HubSpot's search, which they
// ask, shows what happened some seconds late, and minutes where much happens.
// Source: https://developers.hubspot.com/docs/api-reference/search/guide#limits
func triggers() []actions.Trigger {
	var out []actions.Trigger
	for _, o := range []object{contacts(), companies(), deals(), tickets()} {
		out = append(out, o.made(), o.altered())
	}
	return append(out, enteredList(), submitted(), event(), anyAltered(), entered(deals(), "dealstage", "closedwon"), entered(tickets(), "hs_pipeline_stage", "1"))
}

func (o object) made() actions.Trigger {
	t := o.polled("createdate", "/createdAt", nil)
	t.ID, t.Name, t.Description = o.id+"_created", "New "+o.one, "A "+o.one+" was made."
	return t
}

func (o object) altered() actions.Trigger {
	t := o.polled(o.changed, "/updatedAt", nil)
	t.ID, t.Name, t.Description = o.id+"_updated", o.title()+" made or changed", "A "+o.one+" was made or changed; of several changes between two looks the last one counts."
	t.Poll.Changed = true
	return t
}

// anyAltered is the trigger for changes of any kind of record: products, notes, tasks, objects of the account's own.
func anyAltered() actions.Trigger {
	sample := record()
	kind := objectType()
	returned := returnedOf(actions.InNone)
	return actions.Trigger{
		ID: "record_updated", Name: "Record made or changed", Description: "A record of any kind was made or changed; of several changes between two looks the last one counts.", Kind: actions.PollKind,
		Input: []actions.Field{kind, returned}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				changed, _ := times(in["object_type"])
				body := map[string]any{"sorts": []any{changed}, "properties": needed(in["return_properties"], changed)}
				if since := in["since"]; since != nil {
					body["filterGroups"] = []any{group(filter(changed, "GTE", value.Text(since)))}
				}
				return actions.Parts{Body: body}, nil
			}},
			Page: *searchPage(), Time: "/updatedAt", Changed: true, Order: actions.OldestFirst, Since: actions.Since{As: actions.UnixMilli},
			Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// entered is the trigger for what moved into a stage, as a deal that was won. property holds the stage. Source of the time's
// property: https://knowledge.hubspot.com/properties/hubspots-default-deal-properties
func entered(o object, property, stage string) actions.Trigger {
	const since = "hs_v2_date_entered_current_stage"
	o.props = maps.Clone(o.props)
	o.props[since] = "2026-01-31T09:45:00Z"
	t := o.polled(since, "/properties/"+since, func(in map[string]any) []any { return []any{filter(property, "EQ", value.Text(in["stage"]))} })
	t.ID, t.Name, t.Description = o.id+"_entered_stage", o.title()+" in a stage", "A "+o.one+" came into a stage of a pipeline; one that comes into it again counts again."
	t.Poll.Changed = true
	t.Input = append([]actions.Field{
		{ID: "pipeline", Label: "Pipeline", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InNone, Example: "default", Choices: pipelines(o.path)},
		{ID: "stage", Label: "Stage", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InNone, Example: stage, Choices: stages(o.path)}}, t.Input...)
	return t
}

// polled asks by the time in a property, the earliest first. more gives further conditions; nil: there are none.
func (o object) polled(property, at string, more func(map[string]any) []any) actions.Trigger {
	sample := o.sample()
	return actions.Trigger{
		Kind: actions.PollKind, Input: []actions.Field{o.returned(actions.InNone)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + o.path + "/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				filters := []any{}
				if since := in["since"]; since != nil {
					filters = append(filters, filter(property, "GTE", value.Text(since)))
				}
				if more != nil {
					filters = append(filters, more(in)...)
				}
				body := map[string]any{"sorts": []any{property}, "properties": needed(in["return_properties"], property)}
				if len(filters) > 0 {
					body["filterGroups"] = []any{group(filters...)}
				}
				return actions.Parts{Body: body}, nil
			}},
			Page: *searchPage(), Time: at, Order: actions.OldestFirst, Since: actions.Since{As: actions.UnixMilli},
			Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// needed are the properties that are asked for, and the one that the trigger reads the time from.
func needed(asked any, property string) []any {
	list, _ := asked.([]any)
	if slices.Contains(list, any(property)) {
		return list
	}
	return append(slices.Clone(list), property)
}

func (o object) title() string { return strings.ToUpper(o.one[:1]) + o.one[1:] }
