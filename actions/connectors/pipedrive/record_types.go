package pipedrive

import (
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// recordTypes are the kinds of things that are kept equal to another system's.
func recordTypes() []actions.Record {
	person, organization, deal := persons(), organizations(), deals()
	return []actions.Record{
		person.recordType(actions.ContactRecord, "email", []actions.RecordField{called("name", "Name"), main("email", "Email address"), main("phone", "Phone")}),
		organization.recordType(actions.CompanyRecord, "name", []actions.RecordField{called("name", "Name"), {Name: "address", Label: "Address", Type: actions.Text, At: "/address/value", Input: "address"}}),
		deal.recordType(actions.DealRecord, "title", []actions.RecordField{called("title", "Title"), {Name: "value", Label: "Value", Type: actions.Number, At: "/value", Input: "value"}}), leadRecord(), activityRecord()}
}

// called is what a thing is called, which a new one needs.
func called(name, label string) actions.RecordField {
	return actions.RecordField{Name: name, Label: label, Type: actions.Text, Required: true, At: "/" + name, Input: name}
}

// main is the main one of several addresses or numbers.
func main(name, label string) actions.RecordField {
	return actions.RecordField{Name: name, Label: label, Help: "The main one.", Type: actions.Text, At: "/" + name + "s/0/value", Input: name}
}

func (o object) recordType(kind actions.RecordKind, by string, known []actions.RecordField) actions.Record {
	r := changing(o.id, title(o.one), title(o.many), kind)
	r.Get = actions.Operation{Action: "get_" + o.id, ID: "id"}
	r.Find = []actions.Operation{{Action: "find_" + o.id, Value: by, Of: []string{by}, At: "/items/0/item", Part: true}}
	r.Changes = actions.Operation{Action: "list_" + o.path, Since: "updated_since", Until: "updated_until", At: "/items"}
	r.Create = actions.Operation{Action: "create_" + o.id}
	r.Update = actions.Operation{Action: "update_" + o.id, ID: "id"}
	r.Upsert = []actions.Operation{{Action: "upsert_" + o.id, Value: by, Of: []string{by}, At: "/item"}}
	r.Delete = actions.Operation{Action: "delete_" + o.id, ID: "id"}
	for i := range known {
		if known[i].Input == by { // Pipedrive lets several have the same of everything but the id
			known[i].Help = strings.TrimSpace(known[i].Help + " Several may have the same.")
		}
	}
	r.Fields = actions.RecordFields{Known: known, List: actions.Operation{Action: "list_" + o.id + "_fields", At: "/items"},
		Read: func(item any) []actions.RecordField { return listedField(o, item) }}
	return r
}

// changing is what all of Pipedrive's kinds have. Its webhooks tell at once, and also what was deleted.
func changing(id, name, many string, kind actions.RecordKind) actions.Record {
	return actions.Record{ID: id, Name: name, Many: many, Kind: kind, Key: "/id", Made: "/add_time", Changed: "/update_time", Deleted: "/is_deleted",
		Watches: []actions.Watch{{Trigger: "event", With: map[string]any{"object": id, "action": "*"}, At: "/data", Ref: "/meta/entity_id", Part: true, Verb: "/meta/action", Gone: []string{"delete"}},
			{Trigger: id + "_updated", Ref: "/id"}}}
}

// listedField reads a field. Those of the account's own making stand among custom_fields; of the others those can be written that the
// actions have an input for. Source: https://developers.pipedrive.com/docs/api/v1/PersonFields
func listedField(o object, item any) []actions.RecordField {
	at := func(pointer string) any { return value.At(item, pointer) }
	name, kind := value.Text(at("/field_code")), value.Text(at("/field_type"))
	if slices.Contains([]string{"emails", "phones"}, name) || slices.Contains([]string{"picture", "json", "visible_to", "daterange", "timerange", "price_list", "projects_board", "projects_phase"}, kind) {
		return nil
	}
	f := actions.RecordField{Name: name, Label: value.Text(at("/field_name")), Type: actions.Text, Custom: at("/is_custom_field") == true, At: "/" + actions.Pointer(name)}
	if f.Custom {
		f.At, f.Input = "/custom_fields/"+actions.Pointer(name), "custom_fields."+name
	} else if i := slices.IndexFunc(o.inputs, func(in actions.Field) bool { return in.ID == name || in.Name == name }); i >= 0 {
		f.Input = o.inputs[i].ID
	}
	switch kind {
	case "int":
		f.Type = actions.Integer
	case "double":
		f.Type = actions.Number
	case "boolean":
		f.Type = actions.Boolean
	case "date":
		f.Type = actions.Date
	case "text":
		f.Type = actions.LongText
	case "enum", "status":
		f.Type = actions.Select
	case "set":
		f.Type, f.Many = actions.Select, true
	case "address", "monetary": // a text, or an amount, with what belongs to it
		f.At += "/value"
		if f.Custom {
			f.Input += ".value"
		}
		if kind == "monetary" {
			f.Type = actions.Number
		}
	case "user", "org", "people", "deal", "stage", "activity":
		f.Type, f.Refers = actions.Integer, map[string]string{"user": "user", "org": "organization", "people": "person", "deal": "deal", "activity": "activity"}[kind]
	case "lead":
		f.Refers = "lead"
	}
	if strings.HasSuffix(name, "_time") && !f.Custom {
		f.Type = actions.DateTime
	}
	options, _ := at("/options").([]any)
	for _, one := range options {
		f.Options = append(f.Options, actions.Option{Value: value.Text(value.At(one, "/id")), Label: value.Text(value.At(one, "/label"))})
	}
	return []actions.RecordField{f}
}

// leadRecord is a lead. It shares the deals' own fields, and has few others.
func leadRecord() actions.Record {
	r := changing("lead", "Lead", "Leads", actions.LeadRecord)
	r.Deleted = ""
	r.Get = actions.Operation{Action: "get_lead", ID: "id"}
	r.Find = []actions.Operation{{Action: "find_lead", Value: "title", Of: []string{"title"}, At: "/items/0/item", Part: true}}
	r.Changes = actions.Operation{Action: "list_leads", Since: "updated_since", At: "/items"}
	r.Create, r.Update, r.Delete = actions.Operation{Action: "create_lead"}, actions.Operation{Action: "update_lead", ID: "id"}, actions.Operation{Action: "delete_lead", ID: "id"}
	r.Upsert = []actions.Operation{{Action: "upsert_lead", Value: "title", Of: []string{"title"}, At: "/item"}}
	r.Fields = actions.RecordFields{
		Known: []actions.RecordField{{Name: "title", Label: "Title", Help: "Several may have the same.", Type: actions.Text, Required: true, At: "/title", Input: "title"},
			{Name: "person_id", Label: "Person", Help: "A new lead needs one, or an organization.", Type: actions.Integer, Refers: "person", At: "/person_id", Input: "person_id"},
			{Name: "organization_id", Label: "Organization", Type: actions.Integer, Refers: "organization", At: "/organization_id", Input: "organization_id"},
			{Name: "owner_id", Label: "Owner", Type: actions.Integer, Refers: "user", At: "/owner_id", Input: "owner_id"},
			{Name: "value.amount", Label: "Value", Type: actions.Number, At: "/value/amount", Input: "amount"},
			{Name: "value.currency", Label: "Currency", Help: "Of the value, three letters.", Type: actions.Text, At: "/value/currency", Input: "currency"},
			{Name: "expected_close_date", Label: "Expected close", Type: actions.Date, At: "/expected_close_date", Input: "expected_close_date"},
			{Name: "was_seen", Label: "Seen", Type: actions.Boolean, At: "/was_seen", Input: "was_seen"}},
		List: actions.Operation{Action: "list_deal_fields", At: "/items"},
		Read: func(item any) []actions.RecordField { // a lead has those alone that the account made for deals, beside its own members
			return slices.DeleteFunc(listedField(deals(), item), func(f actions.RecordField) bool { return !f.Custom })
		}}
	return r
}

// activityRecord is what somebody does or did. It has no fields of the account's own that can be written, and Pipedrive searches no activities.
func activityRecord() actions.Record {
	r := changing("activity", "Activity", "Activities", actions.ActivityRecord)
	r.Get = actions.Operation{Action: "get_activity", ID: "id"}
	r.Changes = actions.Operation{Action: "list_activities", Since: "updated_since", Until: "updated_until", At: "/items"}
	r.Create, r.Update, r.Delete = actions.Operation{Action: "create_activity"}, actions.Operation{Action: "update_activity", ID: "id"}, actions.Operation{Action: "delete_activity", ID: "id"}
	r.Fields = actions.RecordFields{Known: []actions.RecordField{
		{Name: "subject", Label: "Subject", Type: actions.Text, Required: true, At: "/subject", Input: "subject"}, {Name: "type", Label: "Type", Help: "The key of one of the account's types.", Type: actions.Text, At: "/type", Input: "type"},
		{Name: "due_date", Label: "Due day", Type: actions.Date, At: "/due_date", Input: "fields.due_date"}, {Name: "due_time", Label: "Due time", Help: "In UTC.", Type: actions.Text, At: "/due_time", Input: "fields.due_time"},
		{Name: "done", Label: "Done", Type: actions.Boolean, At: "/done", Input: "done"}, {Name: "busy", Label: "Busy", Type: actions.Boolean, At: "/busy", Input: "busy"},
		{Name: "note", Label: "Note", Help: "HTML.", Type: actions.LongText, At: "/note", Input: "note"},
		{Name: "person_id", Label: "Person", Type: actions.Integer, Refers: "person", At: "/person_id", Input: "person_id"}, {Name: "org_id", Label: "Organization", Type: actions.Integer, Refers: "organization", At: "/org_id", Input: "org_id"},
		{Name: "deal_id", Label: "Deal", Type: actions.Integer, Refers: "deal", At: "/deal_id", Input: "deal_id"}, {Name: "lead_id", Label: "Lead", Type: actions.Text, Refers: "lead", At: "/lead_id", Input: "lead_id"},
		{Name: "owner_id", Label: "Owner", Type: actions.Integer, Refers: "user", At: "/owner_id", Input: "owner_id"}}}
	return r
}
