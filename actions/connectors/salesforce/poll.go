package salesforce

import (
	"maps"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// triggers ask for what was made or changed by a query, the earliest first. SystemModstamp is the time of any change, one by
// Salesforce itself too. Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/system_fields.htm
func triggers() []actions.Trigger {
	var out []actions.Trigger
	for _, o := range []object{account(), contact(), lead(), opportunity(), support()} {
		made := polled(o.name, o.record, "CreatedDate", o.returned())
		made.ID, made.Name, made.Description = o.id+"_created", "New "+o.id, o.title()+": one was made."
		changed := polled(o.name, o.record, "SystemModstamp", o.returned())
		changed.ID, changed.Name, changed.Description = o.id+"_updated", o.title()+" made or changed", o.title()+": one was made or changed; of several changes between two looks the last one counts."
		out = append(out, made, changed)
	}
	record := map[string]any{"CreatedDate": "2026-01-31T09:30:00.000+0000", "SystemModstamp": "2026-01-31T09:45:00.000+0000"}
	maps.Copy(record, anyRecord())
	made, changed := polled("", record, "CreatedDate", returnedFields()), polled("", record, "SystemModstamp", returnedFields())
	made.ID, made.Name, made.Description = "record_created", "New record", "A record of any object was made."
	changed.ID, changed.Name, changed.Description = "record_updated", "Record made or changed", "A record of any object was made or changed; of several changes between two looks the last one counts."
	for _, t := range []*actions.Trigger{&made, &changed} {
		object := objectName()
		object.In = actions.InNone
		t.Input = append([]actions.Field{object}, t.Input...)
	}
	return append(out, made, changed, inStage())
}

// inStage is the trigger for opportunities that were moved into a stage. One that was made in it has no time of a move.
func inStage() actions.Trigger {
	const moved = "LastStageChangeDate"
	o := opportunity()
	o.record = maps.Clone(o.record)
	o.record[moved] = "2026-01-31T09:45:00.000+0000"
	t := polled(o.name, o.record, moved, o.returned())
	t.ID, t.Name = "opportunity_in_stage", "Opportunity in a stage"
	t.Description = "An opportunity was moved into a stage, as Closed Won; one that comes into it again counts again, one that was made in it does not count."
	stage := pick("Opportunity", "stage", "Stage", "The stage.", "StageName")
	stage.Required, stage.In, stage.Name, stage.Example = true, actions.InNone, "", "Closed Won"
	t.Input = append([]actions.Field{stage}, t.Input...)
	return t
}

// polled asks for an object's records by one of their times. An empty object is the input's.
func polled(object string, record map[string]any, at string, returned actions.Field) actions.Trigger {
	return actions.Trigger{
		Kind: actions.PollKind, Input: []actions.Field{returned}, Output: value.ShapeOf(record), Sample: record,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) { return since(object, at, in) }},
			Page:    *queryPage(), Time: "/" + at, Changed: at != "CreatedDate", Order: actions.OldestFirst, Since: actions.Since{As: actions.RFC3339},
			Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// since writes a trigger's query. A record without the time is left out, since nothing would tell when it happened.
func since(object, at string, in map[string]any) (actions.Parts, error) {
	if object == "" {
		object = value.Text(in["object"])
	}
	s := selection{object: object, order: at}
	list, _ := in["return_fields"].([]any)
	s.fields = append(list[:len(list):len(list)], at)
	if stage := in["stage"]; stage != nil {
		s.where = append(s.where, "StageName = "+quoted(value.Text(stage)))
	}
	if from := value.Text(in["since"]); from != "" {
		time, err := clock(from)
		if err != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The time to ask from: %s.", fault.MessageOf(err))
		}
		s.where = append(s.where, at+" >= "+time)
	} else if at == "LastStageChangeDate" {
		s.where = append(s.where, at+" != null")
	}
	return asked(s)
}
