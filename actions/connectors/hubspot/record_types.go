package hubspot

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// recordTypes are the kinds of records that are kept equal to another system's: the four oldest objects, and what stands on their
// timelines.
func recordTypes() []actions.Record {
	list := []actions.Record{contacts().recordType(actions.ContactRecord), companies().recordType(actions.CompanyRecord), deals().recordType(actions.DealRecord), tickets().recordType(actions.TicketRecord)}
	for _, a := range []struct{ path, id, name, many string }{{"notes", "note", "Note", "Notes"}, {"tasks", "task", "Task", "Tasks"}, {"calls", "call", "Call", "Calls"}, {"meetings", "meeting", "Meeting", "Meetings"}} {
		list = append(list, timeline(a.path, a.id, a.name, a.many))
	}
	return list
}

// recordType is one of the objects with actions of their own. A property with unique values names one; HubSpot tells of no other who
// changed it.
func (o object) recordType(kind actions.RecordKind) actions.Record {
	r := base(o.path)
	r.ID, r.Name, r.Many, r.Kind = o.id, o.title(), strings.ToUpper(o.many[:1])+o.many[1:], kind
	r.Get = actions.Operation{Action: "get_" + o.id, ID: "id", Give: "return_properties"}
	r.Find = []actions.Operation{{Action: "get_" + o.id, Value: "id", Named: "id_property", Give: "return_properties"}}
	if o.unique == "" {
		by := actions.FieldAt(o.fields, o.find)
		property := by.Name
		if property == "" {
			property = by.ID
		}
		r.Find = append(r.Find, actions.Operation{Action: "find_" + o.id, Value: o.find, Of: []string{property}, Give: "return_properties", At: "/items/0"})
	}
	r.Changes = actions.Operation{Action: "search_" + o.path, Since: "changed_since", Give: "return_properties", At: "/items"}
	r.Removed = actions.Operation{Action: "list_" + o.path, With: map[string]any{"archived": true}, Give: "return_properties", At: "/items"}
	r.Create = actions.Operation{Action: "create_" + o.id}
	r.Update = actions.Operation{Action: "update_" + o.id, ID: "id"}
	r.Upsert = []actions.Operation{{Action: "upsert_" + o.id, Value: "key", Named: "id_property"}}
	r.Delete = actions.Operation{Action: "delete_" + o.id, ID: "id"}
	r.Watches = []actions.Watch{o.watched(), {Trigger: o.id + "_updated", Give: "return_properties", Ref: "/id"}}
	return r
}

// watched are the events of an app, which tell of what is gone too. They hold the record's id.
func (o object) watched() actions.Watch {
	gone := []string{o.id + ".deletion"}
	if o.id == "contact" {
		gone = append(gone, "contact.privacyDeletion")
	}
	names := []any{}
	for _, what := range []string{"creation", "propertyChange", "merge", "restore"} {
		names = append(names, o.id+"."+what)
	}
	for _, name := range gone {
		names = append(names, name)
	}
	return actions.Watch{Trigger: "event", With: map[string]any{"topics": names}, Ref: "/objectId", Part: true, Verb: "/subscriptionType", Gone: gone}
}

// timeline is a kind of what stands on the timelines of others, by the actions for any record. HubSpot's search is all that tells of a
// change there, so it is read every so often.
func timeline(path, id, name, many string) actions.Record {
	of := map[string]any{"object_type": path}
	r := base(path)
	r.ID, r.Name, r.Many, r.Kind = id, name, many, actions.ActivityRecord
	r.Get = actions.Operation{Action: "get_record", With: of, ID: "id", Give: "return_properties"}
	r.Find = []actions.Operation{{Action: "get_record", With: of, Value: "id", Named: "id_property", Give: "return_properties"}}
	r.Changes = actions.Operation{Action: "search_records", With: of, Since: "changed_since", Give: "return_properties", At: "/items"}
	r.Removed = actions.Operation{Action: "list_records", With: map[string]any{"object_type": path, "archived": true}, Give: "return_properties", At: "/items"}
	r.Create = actions.Operation{Action: "create_record", With: of}
	r.Update = actions.Operation{Action: "update_record", With: of, ID: "id"}
	r.Delete = actions.Operation{Action: "delete_record", With: of, ID: "id"}
	r.Watches = []actions.Watch{{Trigger: "record_updated", With: of, Give: "return_properties", Ref: "/id"}}
	return r
}

// base is what all of HubSpot's records have: every value is a property, and the list of properties says all about them.
func base(path string) actions.Record {
	return actions.Record{Key: "/id", Made: "/createdAt", Changed: "/updatedAt", By: "/properties/hs_updated_by_user_id", Deleted: "/archived",
		Fields: actions.RecordFields{List: actions.Operation{Action: "list_properties", With: map[string]any{"object_type": path}, At: "/items"},
			Read: func(item any) []actions.RecordField { return propertyField(path, item) }}}
}

// propertyField reads a property. Source: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
func propertyField(path string, item any) []actions.RecordField {
	at := func(pointer string) any { return value.At(item, pointer) }
	if at("/hidden") == true {
		return nil
	}
	name := value.Text(at("/name"))
	f := actions.RecordField{Name: name, Label: value.Text(at("/label")), Help: value.Text(at("/description")), Unique: at("/hasUniqueValue") == true || name == "email" && path == "contacts",
		Custom: at("/hubspotDefined") != true, At: "/properties/" + actions.Pointer(name)}
	if at("/calculated") != true && at("/modificationMetadata/readOnlyValue") != true {
		f.Input, f.Empty = "properties."+name, ""
	}
	switch value.Text(at("/type")) {
	case "number":
		f.Type = actions.Number
	case "bool":
		f.Type = actions.Boolean
	case "datetime":
		f.Type = actions.DateTime
	case "date":
		f.Type = actions.Date
	case "enumeration":
		if f.Type = actions.Select; value.Text(at("/fieldType")) == "checkbox" {
			f.Many, f.Joined = true, ";"
		}
	default:
		if f.Type = actions.Text; value.Text(at("/fieldType")) == "textarea" || value.Text(at("/fieldType")) == "html" {
			f.Type = actions.LongText
		}
	}
	options, _ := at("/options").([]any)
	for _, o := range options {
		if value.At(o, "/hidden") != true {
			f.Options = append(f.Options, actions.Option{Value: value.Text(value.At(o, "/value")), Label: value.Text(value.At(o, "/label"))})
		}
	}
	switch name {
	case "hubspot_owner_id":
		f.Refers = "owner"
	case "associatedcompanyid":
		f.Refers = "company"
	}
	return []actions.RecordField{f}
}
