package salesforce

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// records are the actions for records of any object, those of the org's own making too.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/using_resources_working_with_records.htm
func records() []actions.Action {
	return []actions.Action{createRecord(), updateRecord(), upsertRecord(), getRecord(), getByExternalID(), listRecords(), query(), deleteRecord(), listDeleted(), listFields(), listObjects()}
}

func anyRecord() map[string]any {
	return map[string]any{"attributes": map[string]any{"type": "Invoice__c", "url": "/services/data/v60.0/sobjects/Invoice__c/a01D000000INjVeIAL"}, "Id": "a01D000000INjVeIAL", "Name": "I-1042"}
}

func recordFields() actions.Field {
	f := moreFields()
	f.Label, f.Help = "Fields", "By their API names, as Name or Region__c; null clears one. List fields gives the names."
	return f
}

func recordBody(in map[string]any) (actions.Parts, error) {
	b, err := body([]actions.Field{moreFields()}, in)
	return actions.Parts{Body: b}, err
}

func createRecord() actions.Action {
	return actions.Action{
		ID: "create_record", Name: "Create a record", Description: "Makes a record of any object.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{objectName(), recordFields(), setFields(fieldsOf()), duplicates()}, Output: value.ShapeOf(created()), Sample: created(),
		Request: &actions.Request{Method: "POST", Path: "/sobjects/{object}", Body: actions.JSONBody, Prepare: recordBody, Output: made},
	}
}

func updateRecord() actions.Action {
	sample := map[string]any{"updated": true}
	return actions.Action{
		ID: "update_record", Name: "Update a record", Description: "Changes what is given of a record.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: []actions.Field{objectName(), recordID("Record"), recordFields(), setFields(fieldsOf())}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/sobjects/{object}/{id}", Body: actions.JSONBody, Prepare: recordBody, Output: updated},
	}
}

func upsertRecord() actions.Action {
	sample := created()
	sample["created"] = true
	only := actions.Field{ID: "update_only", Label: "Make none", Help: "One that is not there is the error not_found.", Type: actions.Boolean, In: actions.InQuery, Name: "updateOnly"}
	return actions.Action{
		ID: "upsert_record", Name: "Create or update a record", Description: "Changes the record that is known by an external id, or makes it.", Effect: actions.Idempotent, Guarantee: byKey,
		Input: append([]actions.Field{objectName()}, append(externally(fieldsOf()), recordFields(), setFields(fieldsOf()), only)...), Output: value.ShapeOf(sample), Sample: sample, Errors: severalFit(),
		Request: &actions.Request{Method: "PATCH", Path: "/sobjects/{object}/{key_field}/{key}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return keyed([]actions.Field{moreFields()}, in)
		}, Output: made},
	}
}

func returnedFields() actions.Field {
	return actions.Field{ID: "return_fields", Label: "Fields to give", Help: "Their API names; not given: all of a single record, the id alone of a list.", Type: actions.Texts, In: actions.InNone, Example: []any{"Name"}, Choices: fieldsOf()}
}

func getRecord() actions.Action {
	return actions.Action{
		ID: "get_record", Name: "Get a record", Description: "Reads a record of any object by its id.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{objectName(), recordID("Record"), returnedFields()}, Output: value.ShapeOf(anyRecord()), Sample: anyRecord(),
		Request: &actions.Request{Method: "GET", Path: "/sobjects/{object}/{id}", Prepare: only},
	}
}

func getByExternalID() actions.Action {
	return actions.Action{
		ID: "get_record_by_external_id", Name: "Get a record by an external id", Description: "Reads the record with this value in a field that is an external id; that there is none is the error not_found.", Effect: actions.Read, Guarantee: onlyReads,
		Input: append([]actions.Field{objectName()}, externally(fieldsOf())...), Output: value.ShapeOf(anyRecord()), Sample: anyRecord(), Errors: severalFit(),
		Request: &actions.Request{Method: "GET", Path: "/sobjects/{object}/{key_field}/{key}"},
	}
}

func listRecords() actions.Action {
	out := actions.Action{
		ID: "list_records", Name: "List records", Description: "Gives the records of any object that fit, also those that changed since a time, the oldest first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: append(append([]actions.Field{inBody()}, filterFields(fieldsOf())...), returnedFields(), actions.LimitField()), Page: queryPage(),
		Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) { return listed(value.Text(in["object"]), in) }},
	}
	out.Output, out.Sample = actions.ListOf(anyRecord())
	return out
}

// query carries out a query that somebody wrote. Values go into it by name, never by joining texts.
// Source: https://developer.salesforce.com/docs/platform/api-rest/guide/resources-query.html
func query() actions.Action {
	out := actions.Action{
		ID: "query", Name: "Query with SOQL", Description: "Gives what a query in Salesforce's language finds.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "soql", Label: "Query", Help: "Values from elsewhere stand in it as :name and are given below: they are escaped there. Do not write them into the text with {{ }}.", Type: actions.LongText, Required: true, In: actions.InNone, Example: "SELECT Id, Name FROM Contact WHERE Email = :email"},
			{ID: "parameters", Label: "Values", Help: "By their names in the query: texts, numbers, true, false, null or lists.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"email": "ada@example.com"}},
			{ID: "times", Label: "Values that are times", Help: "By their names in the query, as 2026-01-31T09:30:00Z.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"since": "2026-01-31T09:30:00Z"}}, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) {
			parameters, _ := in["parameters"].(map[string]any)
			times, _ := in["times"].(map[string]any)
			q, err := bound(strings.TrimSpace(value.Text(in["soql"])), parameters, times)
			return actions.Parts{Query: map[string]any{"q": q}}, err
		}},
		Page: &actions.Page{Kind: actions.NextURL, Items: "/records", Sure: "/records", Next: "/nextRecordsUrl"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"attributes": map[string]any{"type": "Contact", "url": "/services/data/v60.0/sobjects/Contact/003D000000QYVZ9IAP"}, "Id": "003D000000QYVZ9IAP", "Name": "Ada Lovelace"})
	return out
}

func deleteRecord() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_record", Name: "Delete a record", Description: "Puts a record of any object into Salesforce's recycle bin.", Effect: actions.Idempotent, Guarantee: "What is deleted stays deleted, and Salesforce's word that it was deleted before is no error.",
		Input: []actions.Field{objectName(), recordID("Record")}, Output: value.ShapeOf(sample), Sample: sample, Errors: gone(),
		Request: &actions.Request{Method: "DELETE", Path: "/sobjects/{object}/{id}", Output: deleted},
	}
}

// listDeleted is what a sync asks beside what changed. Source: REST API Developer Guide, sObject Get Deleted
func listDeleted() actions.Action {
	at := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.DateTime, Required: true, In: actions.InQuery, Example: "2026-01-31T09:30:00Z"}
	}
	out := actions.Action{
		ID: "list_deleted", Name: "List deleted records", Description: "Gives the ids of an object's records that were deleted within a time, of the last 30 days.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{objectName(), at("start", "From", "The beginning, at most 30 days ago."), at("end", "To", "The end."), actions.LimitField()}, Page: &actions.Page{Items: "/deletedRecords", Sure: "/deletedRecords", ID: "/id"},
		Request: &actions.Request{Method: "GET", Path: "/sobjects/{object}/deleted"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"id": "a00D0000008pQRAIA2", "deletedDate": "2026-01-31T09:30:00.000+0000"})
	return out
}

func listFields() actions.Action {
	out := actions.Action{
		ID: "list_fields", Name: "List fields", Description: "Gives the fields of an object, with their types and the values that they take.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{objectName(), actions.LimitField()}, Page: &actions.Page{Items: "/fields", Sure: "/fields", ID: "/name"}, Request: &actions.Request{Method: "GET", Path: "/sobjects/{object}/describe"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"name": "Name", "label": "Account Name", "type": "string", "nillable": false, "createable": true, "updateable": true, "externalId": false, "unique": false, "picklistValues": []any{}})
	return out
}

func listObjects() actions.Action {
	out := actions.Action{
		ID: "list_objects", Name: "List objects", Description: "Gives the objects of the org, those of its own making too.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{actions.LimitField()}, Page: &actions.Page{Items: "/sobjects", Sure: "/sobjects", ID: "/name"}, Request: &actions.Request{Method: "GET", Path: "/sobjects"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"name": "Account", "label": "Account", "labelPlural": "Accounts", "keyPrefix": "001", "custom": false, "createable": true, "updateable": true, "deletable": true, "queryable": true})
	return out
}
