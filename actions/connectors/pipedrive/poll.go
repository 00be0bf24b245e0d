package pipedrive

import (
	"maps"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// polling are the triggers that ask for what is new, for accounts whose server cannot be reached from outside. The list is of
// what changed since a time, the earliest change first; of what was made, the latest first, until it is known.
// Source: https://developers.pipedrive.com/docs/api/v1/Deals#getDeals, and beside it those of people, organizations and activities
func polling() []actions.Trigger {
	var out []actions.Trigger
	for _, o := range []object{persons(), organizations(), deals(), activities()} {
		made := o.polled("add_time")
		made.ID, made.Name, made.Description = o.id+"_created", "New "+o.one, title(o.a)+" "+o.one+" was made."
		changed := o.polled("update_time")
		changed.ID, changed.Name = o.id+"_updated", title(o.one)+" made or changed"
		changed.Description = title(o.a) + " " + o.one + " was made or changed; of several changes between two looks the last one counts."
		changed.Poll.Changed = true
		out = append(out, made, changed)
	}
	made, changed := leadTrigger("add_time"), leadTrigger("update_time")
	made.ID, made.Name, made.Description = "lead_created", "New lead", "A lead was made."
	changed.ID, changed.Name, changed.Description = "lead_updated", "Lead made or changed", "A lead was made or changed; of several changes between two looks the last one counts."
	changed.Poll.Changed = true
	return append(out, decided("won"), decided("lost"), made, changed)
}

// decided is the trigger for deals that were won, or lost.
func decided(how string) actions.Trigger {
	o := deals()
	o.item = maps.Clone(o.item)
	o.item["status"], o.item[how+"_time"], o.item["close_time"] = how, "2026-01-31T09:45:00Z", "2026-01-31T09:45:00Z"
	t := o.polled(how + "_time")
	t.ID, t.Name, t.Description = "deal_"+how, "Deal "+how, "A deal was "+how+"; one that is opened again and "+how+" again counts again."
	t.Poll.Changed = true
	t.Poll.Request.Query["status"] = how
	return t
}

// leadTrigger asks the first version of the API, where leads are.
func leadTrigger(at string) actions.Trigger {
	t := object{path: "leads", item: lead()}.polled(at)
	sort := "update_time ASC"
	if at == "add_time" {
		sort = "add_time DESC"
	}
	t.Poll.Request = &actions.Request{Method: "GET", Path: "/v1/leads", Query: map[string]string{"sort": sort}}
	t.Poll.Page = *offset()
	return t
}

// polled asks by the time of the change. By the time of a decision the list cannot be sorted: what was decided changed then at the
// latest, so it is asked for and comes in no order. Asked so for what was made, an account where much changes and little is made would
// be read from the last one made on each time; so that comes by its own time, the latest first.
func (o object) polled(at string) actions.Trigger {
	order, since := actions.Unordered, actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "updated_since"}, As: actions.RFC3339}
	query := map[string]string{"sort_by": "update_time", "sort_direction": "asc"}
	switch at {
	case "update_time":
		order = actions.OldestFirst
	case "add_time":
		order, since, query = actions.NewestFirst, actions.Since{}, map[string]string{"sort_by": "add_time", "sort_direction": "desc"}
	}
	return actions.Trigger{
		Kind: actions.PollKind, Input: []actions.Field{{ID: "filter_id", Label: "Filter", Help: "The id of a filter saved in Pipedrive; only what fits it counts.", Type: actions.Integer, In: actions.InQuery, Example: 12}},
		Output: value.ShapeOf(o.item), Sample: o.item,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/api/v2/" + o.path, Query: query}, Page: *cursor("/data", "/id"), Time: "/" + at, Order: order, Since: since,
			Overlap: 2 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}
