package hubspot

import (
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// records are the actions for any kind of record: products, line items, activities, objects of the account's own.
// Source: https://developers.hubspot.com/docs/api-reference/crm-custom-objects-v3/guide
func records() []actions.Action {
	return []actions.Action{createRecord(), updateRecord(), upsertRecords(), getRecord(), getRecords(), listRecords(), searchRecords(), deleteRecord()}
}

func record() map[string]any {
	return map[string]any{"id": "31", "properties": map[string]any{"name": "An engine", "hs_createdate": "2026-01-31T09:30:00.000Z", "hs_lastmodifieddate": "2026-01-31T09:45:00.000Z", "hs_object_id": "31"},
		"createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:45:00.000Z", "archived": false}
}

func objectType() actions.Field {
	return actions.Field{ID: "object_type", Label: "Kind of record", Help: "As products, line_items, notes, tasks, or the id of an object of your own, as 2-3465404.", Type: actions.Text, Required: true, In: actions.InPath, Example: "products", Choices: schemas()}
}

// schemas are HubSpot's own kinds of records, and the objects of the account's own. Source: https://developers.hubspot.com/docs/api-reference/crm-schemas-v3/guide
func schemas(known ...string) *actions.Choices {
	if len(known) == 0 {
		known = []string{"contacts", "companies", "deals", "tickets", "products", "line_items", "quotes", "notes", "tasks", "calls", "meetings", "emails"}
	}
	return &actions.Choices{Known: actions.KnownNames(known...).Known, Request: &actions.Request{Method: "GET", Path: "/crm-object-schemas/v3/schemas"}, Page: actions.Page{Items: "/results", Sure: "/results", ID: "/objectTypeId"}, Value: "/objectTypeId", Label: "{/labels/plural} ({/objectTypeId})"}
}

func recordID() actions.Field {
	return actions.Field{ID: "id", Label: "Record", Help: "Its id, the address of its page, or the value of the property that Known by names.", Type: actions.Text, Required: true, In: actions.InPath, Example: "31", Link: recordLink("")}
}

func knownBy(in actions.In) actions.Field {
	return actions.Field{ID: "id_property", Label: "Known by", Help: "A property whose values are unique; not given: the record id.", Type: actions.Text, In: in, Name: "idProperty", Choices: propertiesOf()}
}

func recordProperties() actions.Field {
	return actions.Field{ID: "properties", Label: "Properties", Help: "By their internal names; an empty text clears one.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"name": "An engine"}}
}

func returnedOf(in actions.In) actions.Field {
	return actions.Field{ID: "return_properties", Label: "Properties to give", Help: "Their internal names; not given: those that HubSpot gives by itself.", Type: actions.Texts, In: in, Name: "properties", Choices: propertiesOf()}
}

func recordBody(in map[string]any) (actions.Parts, error) {
	body, err := written(nil, in)
	return actions.Parts{Body: body}, err
}

func createRecord() actions.Action {
	return actions.Action{
		ID: "create_record", Name: "Create a record", Description: "Makes a record of any kind.", Effect: actions.Once,
		Guarantee: "HubSpot has no key that would make a repeat harmless: a record whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     []actions.Field{objectType(), recordProperties(), setProperties(propertiesOf())}, Output: value.ShapeOf(record()), Sample: record(), Errors: taken(),
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}", Body: actions.JSONBody, Prepare: recordBody},
	}
}

func updateRecord() actions.Action {
	return actions.Action{
		ID: "update_record", Name: "Update a record", Description: "Changes those properties of a record that are given.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: []actions.Field{objectType(), recordID(), knownBy(actions.InQuery), recordProperties(), setProperties(propertiesOf())}, Output: value.ShapeOf(record()), Sample: record(), Errors: taken(),
		Request: &actions.Request{Method: "PATCH", Path: "/crm/v3/objects/{object_type}/{id}", Body: actions.JSONBody, Prepare: recordBody},
	}
}

// upsertRecords takes many at once. HubSpot answers 207 where some failed, and says in errors which.
func upsertRecords() actions.Action {
	one := record()
	one["new"] = true
	sample := map[string]any{"status": "COMPLETE", "results": []any{one}, "errors": []any{}}
	return actions.Action{
		ID: "upsert_records", Name: "Create or update records", Description: "Changes up to 100 records that are known by unique values, or makes them; errors says which were refused. Where all were, the step fails.", Effect: actions.Idempotent,
		Guarantee: "The unique values tell HubSpot which records are meant, so a repeat after a crash makes none twice.",
		Input: []actions.Field{objectType(),
			{ID: "id_property", Label: "Known by", Help: "A property whose values are unique.", Type: actions.Text, Required: true, In: actions.InNone, Example: "email", Choices: propertiesOf()},
			{ID: "records", Label: "Records", Help: "At most 100.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
				{ID: "key", Label: "Value", Help: "Of the property that it is known by.", Type: actions.Text, Required: true},
				{ID: "properties", Label: "Properties", Help: "By their internal names.", Type: actions.Object, Required: true}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/batch/upsert", Body: actions.JSONBody, Prepare: batch, Output: writtenBatch},
	}
}

func batch(in map[string]any) (actions.Parts, error) {
	list, _ := in["records"].([]any)
	if len(list) == 0 || len(list) > 100 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input records: HubSpot takes from 1 to 100 at once, not %d.", len(list))
	}
	inputs := make([]any, len(list))
	for i, item := range list {
		one, _ := item.(map[string]any)
		body, err := written(nil, one)
		if err != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input records/%d/properties: nothing is given to write.", i)
		}
		if body["id"] = one["key"]; in["id_property"] != nil {
			body["idProperty"] = in["id_property"]
		}
		inputs[i] = body
	}
	return actions.Parts{Body: map[string]any{"inputs": inputs}}, nil
}

// allRefused is the error of a batch none of whose records was taken: HubSpot answers 207 all the same.
func allRefused(resp actions.Response) error {
	results, _ := value.At(resp.Value, "/results").([]any)
	errs, _ := value.At(resp.Value, "/errors").([]any)
	if len(results) > 0 || len(errs) == 0 {
		return nil
	}
	var words []string
	for _, one := range errs {
		if text := value.Text(value.At(one, "/message")); text != "" && !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	return fault.New(fault.InvalidInput, "HubSpot refused every record: %s. Check the inputs that it names. Settings, Properties in HubSpot has the internal names and what each takes.", strings.TrimRight(fault.Clip(strings.Join(words, "; "), 400), "."))
}

// writtenBatch is what became of each record of a batch that writes.
func writtenBatch(resp actions.Response) (any, error) {
	if err := allRefused(resp); err != nil {
		return nil, err
	}
	return batched(resp)
}

// batched keeps of a batch's answer what says what became of each record.
func batched(resp actions.Response) (any, error) {
	out := map[string]any{"status": value.At(resp.Value, "/status"), "results": []any{}, "errors": []any{}}
	for _, name := range []string{"results", "errors"} {
		if list, ok := value.At(resp.Value, "/"+name).([]any); ok {
			out[name] = list
		}
	}
	return out, nil
}

func getRecord() actions.Action {
	return actions.Action{
		ID: "get_record", Name: "Get a record", Description: "Reads a record of any kind by its id, or by a property whose values are unique.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{objectType(), recordID(), knownBy(actions.InQuery), returnedOf(actions.InQuery), with()}, Output: value.ShapeOf(record()), Sample: record(),
		Request: &actions.Request{Method: "GET", Path: "/crm/v3/objects/{object_type}/{id}"},
	}
}

// getRecords reads many at once, by a POST. HubSpot answers 207 where some are not there, and says in errors which.
func getRecords() actions.Action {
	sample := map[string]any{"status": "COMPLETE", "results": []any{record()}, "errors": []any{}}
	by := knownBy(actions.InBody)
	return actions.Action{
		ID: "get_records", Name: "Get several records", Description: "Reads up to 100 records by their ids, or by a property whose values are unique; errors says which are not there.", Effect: actions.Read, Guarantee: onlyReads,
		Input:  []actions.Field{objectType(), {ID: "ids", Label: "Records", Help: "Their ids, or the values of the property that Known by names; at most 100.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"31", "32"}, Link: recordLink("")}, by, returnedOf(actions.InBody)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/batch/read", Body: actions.JSONBody, Prepare: named, Output: batched},
	}
}

func named(in map[string]any) (actions.Parts, error) {
	ids, _ := in["ids"].([]any)
	if len(ids) == 0 || len(ids) > 100 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input ids: HubSpot takes from 1 to 100 at once, not %d.", len(ids))
	}
	inputs := make([]any, len(ids))
	for i, id := range ids {
		inputs[i] = map[string]any{"id": value.Text(id)}
	}
	body := map[string]any{"inputs": inputs, "propertiesWithHistory": []any{}}
	if in["return_properties"] == nil {
		body["properties"] = []any{}
	}
	return actions.Parts{Body: body}, nil
}

func listRecords() actions.Action {
	out := actions.Action{
		ID: "list_records", Name: "List records", Description: "Gives all records of any kind, or those that were deleted.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   []actions.Field{objectType(), archived(), returnedOf(actions.InQuery), with(), actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/crm/v3/objects/{object_type}"}, Page: listPage(),
	}
	out.Output, out.Sample = actions.ListOf(record())
	return out
}

func searchRecords() actions.Action {
	out := actions.Action{
		ID: "search_records", Name: "Search records", Description: "Gives the records of any kind that fit, also those that changed since a time. HubSpot shows a change some seconds late, and at most 10,000.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   slices.Concat([]actions.Field{objectType()}, searchFields(propertiesOf()), []actions.Field{returnedOf(actions.InBody), actions.LimitField()}),
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/search", Body: actions.JSONBody, Prepare: recordSearch}, Page: searchPage(),
	}
	out.Output, out.Sample = actions.ListOf(record())
	return out
}

// recordSearch writes a search of any kind.
func recordSearch(in map[string]any) (actions.Parts, error) {
	changed, created := times(in["object_type"])
	return searched(in, changed, created)
}

// times are the properties with when a record of a kind was changed and made: the four oldest kinds have other names for them.
func times(kind any) (changed, created string) {
	switch value.Text(kind) {
	case "contacts", "contact", "0-1":
		return "lastmodifieddate", "createdate"
	case "companies", "company", "deals", "deal", "tickets", "ticket", "0-2", "0-3", "0-5":
		return "hs_lastmodifieddate", "createdate"
	}
	return "hs_lastmodifieddate", "hs_createdate"
}

func deleteRecord() actions.Action {
	sample := map[string]any{"deleted": true}
	id := recordID()
	id.Help = "Its id, or the address of its page."
	return actions.Action{
		ID: "delete_record", Name: "Delete a record", Description: "Puts a record of any kind into HubSpot's recycle bin.", Effect: actions.Idempotent,
		Guarantee: "What is deleted stays deleted, so a repeat after a crash does no harm.",
		Input:     []actions.Field{objectType(), id}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/crm/v3/objects/{object_type}/{id}", Output: deleted},
	}
}
