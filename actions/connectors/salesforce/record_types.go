package salesforce

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// recordTypes are the standard objects as they are kept equal to another system's. They are written by the actions for any
// record, which take every field by its API name.
func recordTypes() []actions.Record {
	kinds := map[string]actions.RecordKind{"account": actions.CompanyRecord, "contact": actions.ContactRecord, "lead": actions.LeadRecord, "opportunity": actions.DealRecord, "case": actions.TicketRecord,
		"task": actions.ActivityRecord, "event": actions.ActivityRecord}
	var list []actions.Record
	for _, o := range standard() {
		list = append(list, o.recordType(kinds[o.id]))
	}
	return list
}

func (o object) recordType(kind actions.RecordKind) actions.Record {
	of := map[string]any{"object": o.name}
	by := *actions.FieldAt(o.fields, o.find)
	r := actions.Record{ID: o.id, Name: o.name, Many: strings.ToUpper(o.many[:1]) + o.many[1:], Kind: kind,
		Key: "/Id", Made: "/CreatedDate", Changed: "/SystemModstamp", By: "/LastModifiedById", Deleted: "/IsDeleted",
		Fields: actions.RecordFields{List: actions.Operation{Action: "list_fields", With: of, At: "/items"}, Read: describedField},
		Get:    actions.Operation{Action: "get_" + o.id, ID: "id", Give: "return_fields"},
		Find: []actions.Operation{{Action: "get_record_by_external_id", With: of, Value: "key", Named: "key_field"},
			{Action: "find_" + o.id, Value: o.find, Of: []string{by.Name}, Give: "return_fields", At: "/items/0"}},
		Changes: actions.Operation{Action: "list_" + o.many, Since: "changed_since", Give: "return_fields", At: "/items"},
		Removed: actions.Operation{Action: "list_deleted", With: of, Since: "start", Until: "end", At: "/items", Ref: "/id", Part: true},
		Create:  actions.Operation{Action: "create_record", With: of, Ref: "/Id", Part: true},
		Update:  actions.Operation{Action: "update_record", With: of, ID: "id", Part: true},
		Upsert:  []actions.Operation{{Action: "upsert_record", With: of, Value: "key", Named: "key_field", Ref: "/Id", Part: true}},
		Delete:  actions.Operation{Action: "delete_record", With: of, ID: "id"}}
	r.Watches = []actions.Watch{{Trigger: o.id + "_updated", Give: "return_fields", Ref: "/Id"}}
	if kind == actions.ActivityRecord { // tasks and events have no trigger of their own
		r.Watches = []actions.Watch{{Trigger: "record_updated", With: of, Give: "return_fields", Ref: "/Id"}}
	}
	r.Watches = append(r.Watches, actions.Watch{Trigger: "record_deleted", With: of, Ref: "/Id", Part: true, Verb: "/IsDeleted", Gone: []string{"true"}})
	return r
}

// describedField reads a field of an object's description. Compound fields, as a whole address, stand beside their parts and are left
// out. Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm
func describedField(item any) []actions.RecordField {
	at := func(pointer string) any { return value.At(item, pointer) }
	name, kind := value.Text(at("/name")), value.Text(at("/type"))
	if kind == "address" || kind == "location" || kind == "base64" || at("/deprecatedAndHidden") == true {
		return nil
	}
	f := actions.RecordField{Name: name, Label: value.Text(at("/label")), Help: value.Text(at("/inlineHelpText")), Type: actions.Text, Custom: strings.HasSuffix(name, "__c"), At: "/" + actions.Pointer(name)}
	f.Unique = at("/externalId") == true || at("/unique") == true && at("/idLookup") == true // by others no record is found
	createable, updateable := at("/createable") == true, at("/updateable") == true
	if createable || updateable {
		f.Input, f.OnlyNew = "fields."+name, !updateable
	}
	f.Required = createable && at("/nillable") == false && at("/defaultedOnCreate") != true && kind != "boolean"
	switch kind {
	case "int", "long":
		f.Type = actions.Integer
	case "double", "currency", "percent":
		f.Type = actions.Number
	case "boolean":
		f.Type = actions.Boolean
	case "date":
		f.Type = actions.Date
	case "datetime":
		f.Type = actions.DateTime
	case "textarea":
		f.Type = actions.LongText
	case "picklist":
		f.Type = actions.Select
	case "multipicklist":
		f.Type, f.Many, f.Joined = actions.Select, true, ";"
	}
	values, _ := at("/picklistValues").([]any)
	for _, v := range values {
		if value.At(v, "/active") != false {
			f.Options = append(f.Options, actions.Option{Value: value.Text(value.At(v, "/value")), Label: value.Text(value.At(v, "/label"))})
		}
	}
	if f.Type == actions.Select && (at("/restrictedPicklist") != true || len(f.Options) == 0) {
		f.Type = actions.Text // it takes others too
	}
	if to, _ := at("/referenceTo").([]any); len(to) == 1 {
		f.Refers = map[string]string{"Account": "account", "Contact": "contact", "Lead": "lead", "Opportunity": "opportunity", "Case": "case", "User": "user"}[value.Text(to[0])]
	}
	return []actions.RecordField{f}
}
