package salesforce

import (
	"maps"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const (
	onlyReads = "It only reads, so it is asked again after a crash."
	// setsAgain is why a change of what is named by its id may be repeated.
	setsAgain = "The same values are set again where the answer was lost in a crash, so a repeat changes nothing."
	noKey     = "Salesforce has no key that would make a repeat of this harmless: what was lost in a crash is not made again by itself, you are asked. Create or update has one."
	byKey     = "The external id tells Salesforce which record is meant, so a repeat after a crash makes no second one."
)

// Where people find an id: in a record's address, in Lightning or in the classic screens, and a host in the address of any page.
const (
	recordLink = `^https?://[\w.-]+\.(?:force|salesforce|cloudforce)\.(?:com|mil)/(?:one/one\.app#/)?(?:lightning/r/(?:\w+/)?|sObject/)?([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)(?:[/?#]|$)`
	hostLink   = `^(?:[a-zA-Z]+://)?([\w.-]+)`
)

func text(id, label, help, field, example string) actions.Field {
	f := actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Name: field}
	if example != "" {
		f.Example = example
	}
	return f
}

// pick is a field with the values of a picklist.
func pick(object, id, label, help, field string) actions.Field {
	f := text(id, label, help, field, "")
	f.Choices = picklist(object, field)
	return f
}

// look is a field with the id of another record.
func look(id, label, help, field string, options *actions.Choices) actions.Field {
	f := text(id, label, help, field, "")
	f.Choices, f.Link = options, recordLink
	return f
}

// onDay is a field of a day without a time, which Prepare writes.
func onDay(id, label, help, field string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help + " A day, as 2026-01-31.", Type: actions.Text, In: actions.InNone, Name: field, Example: "2026-01-31"}
}

func owner() actions.Field {
	return look("owner", "Owner", "The id of the user, or the queue, whom it belongs to.", "OwnerId", chosen("SELECT Id, Name FROM User WHERE IsActive = true ORDER BY Name", "/Name"))
}

func moreFields() actions.Field {
	return actions.Field{ID: "fields", Label: "More fields", Help: "By their API names, as Region__c; null clears one. List fields gives the names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"Region__c": "EMEA"}}
}

// setFields are fields that are chosen by their names.
func setFields(of *actions.Choices) actions.Field {
	return actions.SetFields("Fields, chosen by their names.", "As the field's type has it; null clears it.", of, "Region__c")
}

func recordID(label string) actions.Field {
	return actions.Field{ID: "id", Label: label, Help: "Its id, of 15 or 18 characters, or its address in Salesforce.", Type: actions.Text, Required: true, In: actions.InPath, Example: "001D000000INjVeIAL", Link: recordLink}
}

// duplicates is the input that has a record made though a duplicate rule of the org warns of it.
func duplicates() actions.Field {
	return actions.Field{ID: "duplicates", Label: "Where a duplicate rule warns", Help: "Not given: the record is refused.", Type: actions.Select, In: actions.InHeader, Name: "Sforce-Duplicate-Rule-Header", Options: []actions.Option{{Value: "allowSave=true", Label: "Save it all the same"}}}
}

func objectName() actions.Field {
	return actions.Field{ID: "object", Label: "Object", Help: "Its API name, as Account or Invoice__c.", Type: actions.Text, Required: true, In: actions.InPath, Example: "Account", Choices: objects()}
}

// objects are those of the org. Source: REST API Developer Guide, Describe Global
func objects() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/sobjects"}, Page: actions.Page{Items: "/sobjects", Sure: "/sobjects"}, Value: "/name", Label: "{/label} ({/name})"}
}

// fieldsOf are those of the object that another input names. Source: REST API Developer Guide, sObject Describe
func fieldsOf() *actions.Choices {
	c := described("{object}")
	c.Needs = []actions.Field{{ID: "object", Label: "Object", Help: "The object.", Type: actions.Text, In: actions.InPath}}
	return c
}

// keys are those fields that tell one record from others: external ids, and those that Salesforce looks records up by.
func keys(of *actions.Choices) *actions.Choices {
	of.Pick, of.Or, of.Equals = "/externalId", "/idLookup", "true"
	return of
}

func described(object string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/sobjects/" + object + "/describe"}, Page: actions.Page{Items: "/fields", Sure: "/fields"}, Value: "/name", Label: "{/label} ({/name}, {/type})"}
}

// chosen are records that a fixed query gives.
func chosen(soql, label string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/query", Query: map[string]string{"q": soql}}, Page: *queryPage(), Value: "/Id", Label: label}
}

// picklist are the values of a picklist, for the master record type, which every org has.
// Source: https://developer.salesforce.com/docs/atlas.en-us.uiapi.meta/uiapi/ui_api_resources_picklist_values.htm
func picklist(object, field string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/ui-api/object-info/" + object + "/picklist-values/012000000000000AAA/" + field}, Page: actions.Page{Items: "/values", Sure: "/values"}, Value: "/value", Label: "/label"}
}

// queryPage is how a query goes on: by the address of the next part.
func queryPage() *actions.Page {
	return &actions.Page{Kind: actions.NextURL, Items: "/records", Sure: "/records", ID: "/Id", Next: "/nextRecordsUrl"}
}

// filterFields are the inputs that a list is made of.
func filterFields(of *actions.Choices) []actions.Field {
	return []actions.Field{
		{ID: "filters", Label: "Conditions", Help: "On fields.", Type: actions.List, In: actions.InNone, Fields: []actions.Field{
			{ID: "field", Label: "Field", Help: "Its API name, also behind a relationship, as Account.Name.", Type: actions.Text, Required: true, Example: "LastName", Choices: of},
			{ID: "operator", Label: "Is", Help: "How it is compared.", Type: actions.Select, Default: "=", Options: operators()},
			{ID: "value", Label: "Value", Help: "A text, a number, true, false, null, or a list of them.", Type: actions.JSON, Example: "O'Brien"},
			{ID: "as", Label: "The value is", Help: "Said of fields that hold times or days.", Type: actions.Select, Default: "value", Options: []actions.Option{{Value: "value", Label: "As it is written"}, {Value: "time", Label: "A time"}, {Value: "day", Label: "A day"}}}}},
		{ID: "match", Label: "Which must hold", Help: "All conditions, or any of them.", Type: actions.Select, Default: "all", In: actions.InNone, Options: []actions.Option{{Value: "all", Label: "All"}, {Value: "any", Label: "Any"}}},
		{ID: "changed_since", Label: "Changed since", Help: "Only those made or changed from this time on, the earliest first.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		{ID: "created_since", Label: "Made since", Help: "Only those made from this time on.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"}}
}

// listed writes the query of a list of an object's records.
func listed(object string, in map[string]any) (actions.Parts, error) {
	where, err := conditions(in)
	if err != nil {
		return actions.Parts{}, err
	}
	s := selection{object: object, where: where, order: "CreatedDate"}
	s.fields, _ = in["return_fields"].([]any)
	for _, t := range []struct{ input, field string }{{"created_since", "CreatedDate"}, {"changed_since", "SystemModstamp"}} {
		if since := value.Text(in[t.input]); since != "" {
			at, err := clock(since)
			if err != nil {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input %s: %s.", t.input, fault.MessageOf(err))
			}
			s.where, s.order = append(s.where, t.field+" >= "+at), t.field
		}
	}
	if limit, ok := in["limit"].(int); ok {
		s.limit = limit + 1 // one more says whether there are more
	}
	return asked(s)
}

func asked(s selection) (actions.Parts, error) {
	q, err := s.soql()
	return actions.Parts{Query: map[string]any{"q": q}}, err
}

// body is what of a record is written: more fields, and days. The others stand there already.
func body(fields []actions.Field, in map[string]any) (map[string]any, error) {
	out := map[string]any{}
	maps.Copy(out, actions.WithSet(in, "fields"))
	given := len(out) > 0
	for _, f := range fields {
		if in[f.ID] == nil || f.ID == "fields" || f.ID == "set" {
			continue
		}
		given = true
		if f.In == actions.InNone {
			day, err := date(value.Text(in[f.ID]))
			if err != nil {
				return nil, fault.New(fault.InvalidInput, "The input %s: %s.", f.ID, fault.MessageOf(err))
			}
			out[f.Name] = day
		}
	}
	if !given {
		return nil, fault.New(fault.InvalidInput, "The input fields: nothing is given to write; give at least one field.")
	}
	return out, nil
}

// made is a new record's answer, under the name that the id has in records too.
func made(resp actions.Response) (any, error) {
	answer, ok := resp.Value.(map[string]any)
	if !ok || answer["id"] == nil {
		return nil, fault.New(fault.Unavailable, "Salesforce answered without the record's id.")
	}
	out := maps.Clone(answer)
	out["Id"] = answer["id"]
	return out, nil
}

func updated(actions.Response) (any, error) { return map[string]any{"updated": true}, nil }

func deleted(actions.Response) (any, error) { return map[string]any{"deleted": true}, nil }

// severalFit is the error of an external id that more than one record has.
func severalFit() actions.ErrorTable {
	return actions.ErrorTable{{Status: 300, Code: "conflict", Message: "Salesforce has several records with this value: {/0} and {/1}", Remedy: "Make the field unique in Salesforce, or name the record by its id."}}
}

// gone takes for deleted what was deleted before.
func gone() actions.ErrorTable {
	return actions.ErrorTable{{Status: 404, Pointer: "/0/errorCode", Equals: "ENTITY_IS_DELETED"}}
}

func names(record map[string]any) []any {
	out := []any{}
	for _, name := range slices.Sorted(maps.Keys(record)) {
		if name != "attributes" {
			out = append(out, name)
		}
	}
	return out
}
