package salesforce

import (
	"maps"
	"strings"
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
		t.Input = append([]actions.Field{inBody()}, append(t.Input, filterFields(fieldsOf())[:2]...)...)
	}
	return append(out, made, changed, deletedRecord(), changedField(), inStage(), newMember())
}

// deletedRecord is the trigger for what went into the recycle bin, also by being merged.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_queryall.htm
func deletedRecord() actions.Trigger {
	record := maps.Clone(anyRecord())
	record["SystemModstamp"], record["IsDeleted"] = "2026-01-31T09:45:00.000+0000", true
	t := polled("", record, "SystemModstamp", returnedFields())
	t.ID, t.Name = "record_deleted", "Record deleted"
	t.Description = "A record of any object went into the recycle bin, also one that was merged into another; what is taken out and deleted again counts again, what is emptied from the bin between two looks does not count."
	t.Poll.Request.Path = "/queryAll"
	t.Input = append([]actions.Field{inBody()}, t.Input...)
	ask := t.Poll.Request.Prepare
	t.Poll.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		with := maps.Clone(in)
		list, _ := in["return_fields"].([]any)
		with["return_fields"] = append(list[:len(list):len(list)], "IsDeleted")
		with["filters"] = []any{map[string]any{"field": "IsDeleted", "operator": "=", "value": true}}
		return ask(with)
	}
	return t
}

// changedField is the trigger for the change of a field that Salesforce tracks: its history tells what it was before, and each change
// of several. Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_associated_objects_history.htm
func changedField() actions.Trigger {
	record := map[string]any{"attributes": map[string]any{"type": "OpportunityFieldHistory", "url": "/services/data/v60.0/sobjects/OpportunityFieldHistory/017D00000HgJ8hIAF"}, "Id": "017D00000HgJ8hIAF",
		"OpportunityId": "006D000000CwFc6IAF", "Field": "StageName", "OldValue": "Proposal", "NewValue": "Closed Won", "CreatedById": "005D000000IqhSLIAZ", "CreatedDate": "2026-01-31T09:30:00.000+0000"}
	t := polled("", record, "CreatedDate", actions.Field{})
	t.ID, t.Name = "field_changed", "Field changed"
	t.Description = "A field of a record changed; OldValue and NewValue say from what to what. Salesforce keeps this of fields whose history is tracked: Setup, Object Manager, the object, Fields & Relationships, Set History Tracking."
	field := actions.Field{ID: "field", Label: "Field", Help: "Its API name; not given: any field that is tracked.", Type: actions.Text, In: actions.InNone, Example: "StageName", Choices: fieldsOf()}
	object := inBody()
	object.Example = "Opportunity"
	t.Input = []actions.Field{object, field}
	t.Poll.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		history, of := historyOf(value.Text(in["object"]))
		with := map[string]any{"since": in["since"], "return_fields": []any{of, "Field", "OldValue", "NewValue", "CreatedById"}}
		if in["field"] != nil {
			with["filters"] = []any{map[string]any{"field": "Field", "operator": "=", "value": in["field"]}}
		}
		return since(history, "CreatedDate", with)
	}
	return t
}

// historyOf names the object that keeps another's history, and its field that says of which record.
func historyOf(object string) (history, of string) {
	if own, ok := strings.CutSuffix(object, "__c"); ok {
		return own + "__History", "ParentId"
	}
	if object == "Opportunity" {
		return "OpportunityFieldHistory", "OpportunityId"
	}
	return object + "History", object + "Id"
}

// newMember is the trigger for contacts and leads that became members of a campaign.
func newMember() actions.Trigger {
	returned := actions.Field{ID: "return_fields", Label: "Fields to give", Help: "Their API names.", Type: actions.Texts, In: actions.InNone, Default: []any{"CampaignId", "ContactId", "LeadId", "Status"}, Choices: described("CampaignMember")}
	record := sample("CampaignMember", "00vD000000KzM6vMAF", map[string]any{"CampaignId": "701D000000IYo8oIAD", "ContactId": "003D000000QYVZ9IAP", "LeadId": nil, "Status": "Sent"})
	t := polled("CampaignMember", record, "CreatedDate", returned)
	t.ID, t.Name, t.Description = "campaign_member_added", "New campaign member", "A contact or a lead became a member of a campaign."
	campaign := addToCampaign().Input[0]
	campaign.Required, campaign.In, campaign.Name, campaign.Help = false, actions.InNone, "", "Its id; not given: any campaign."
	t.Input = append([]actions.Field{campaign}, t.Input...)
	return t
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
	if campaign := in["campaign"]; campaign != nil {
		s.where = append(s.where, "CampaignId = "+quoted(value.Text(campaign)))
	}
	fitting, err := conditions(in)
	if err != nil {
		return actions.Parts{}, err
	}
	s.where = append(s.where, fitting...)
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
