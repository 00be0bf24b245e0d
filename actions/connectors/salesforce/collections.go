package salesforce

import (
	"maps"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// collections are the actions for many records at once. Salesforce answers 200 though some failed, and says of each which.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
func collections() []actions.Action {
	return []actions.Action{createRecords(), updateRecords(), upsertRecords(), deleteRecords()}
}

func allOrNone() actions.Field {
	return actions.Field{ID: "all_or_none", Label: "All or none", Help: "Where one fails, none is written.", Type: actions.Boolean, Default: false, Name: "allOrNone"}
}

func recordList(help string) actions.Field {
	return actions.Field{ID: "records", Label: "Records", Help: "At most 200, each an object of fields by their API names" + help, Type: actions.List, Required: true, In: actions.InNone}
}

// inBody are the objects' names where they stand in the records alone.
func inBody() actions.Field {
	f := objectName()
	f.In = actions.InNone
	return f
}

func results(with ...string) map[string]any {
	one := map[string]any{"id": "001xx0000004GxDAAU", "success": true, "errors": []any{}}
	for _, name := range with {
		one[name] = true
	}
	return map[string]any{"failed": 0, "results": []any{one}}
}

func createRecords() actions.Action {
	return actions.Action{
		ID: "create_records", Name: "Create records", Description: "Makes up to 200 records of an object; results say of each whether it went well.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{inBody(), recordList("."), allOrNone(), duplicates()}, Output: value.ShapeOf(results()), Sample: results(),
		Request: &actions.Request{Method: "POST", Path: "/composite/sobjects", Body: actions.JSONBody, Prepare: collection, Output: collected},
	}
}

func updateRecords() actions.Action {
	return actions.Action{
		ID: "update_records", Name: "Update records", Description: "Changes up to 200 records of an object by their ids; results say of each whether it went well.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: []actions.Field{inBody(), recordList(", the Id too."), allOrNone()}, Output: value.ShapeOf(results()), Sample: results(),
		Request: &actions.Request{Method: "PATCH", Path: "/composite/sobjects", Body: actions.JSONBody, Output: collected, Prepare: func(in map[string]any) (actions.Parts, error) {
			parts, err := collection(in)
			if err != nil {
				return parts, err
			}
			list, _ := parts.Body["records"].([]any)
			for i, item := range list {
				one, _ := item.(map[string]any)
				if one["id"] = value.Text(one["Id"]) + value.Text(one["id"]); one["id"] == "" { // the two spellings are one field
					return parts, fault.New(fault.InvalidInput, "The input records/%d: it has no Id, which says what record is changed.", i)
				}
				delete(one, "Id")
			}
			return parts, nil
		}},
	}
}

// deleteRecords takes what was deleted before for deleted, as deleting one does.
func deleteRecords() actions.Action {
	return actions.Action{
		ID: "delete_records", Name: "Delete records", Description: "Puts up to 200 records of any objects into Salesforce's recycle bin; results say of each whether it went well.", Effect: actions.Idempotent,
		Guarantee: "What is deleted stays deleted, and Salesforce's word that it was deleted before is counted as done.",
		Input: []actions.Field{{ID: "ids", Label: "Records", Help: "Their ids, at most 200.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"001D000000INjVeIAL"}, Link: recordLink},
			{ID: "all_or_none", Label: "All or none", Help: "Where one fails, none is deleted.", Type: actions.Boolean, Default: false, In: actions.InQuery, Name: "allOrNone"}},
		Output: value.ShapeOf(results()), Sample: results(),
		Request: &actions.Request{Method: "DELETE", Path: "/composite/sobjects", Output: removed, Prepare: func(in map[string]any) (actions.Parts, error) {
			list, _ := in["ids"].([]any)
			if len(list) == 0 || len(list) > 200 {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input ids: Salesforce takes from 1 to 200 at once, not %d.", len(list))
			}
			ids := make([]string, len(list))
			for i, id := range list {
				ids[i] = value.Text(id)
			}
			return actions.Parts{Query: map[string]any{"ids": strings.Join(ids, ",")}}, nil
		}},
	}
}

func removed(resp actions.Response) (any, error) {
	list, _ := resp.Value.([]any)
	for _, item := range list {
		if one, ok := item.(map[string]any); ok && value.At(item, "/errors/0/statusCode") == "ENTITY_IS_DELETED" {
			one["success"], one["errors"] = true, []any{}
		}
	}
	return collected(resp)
}

// upsertRecords goes by an external id.
func upsertRecords() actions.Action {
	sample := results("created")
	return actions.Action{
		ID: "upsert_records", Name: "Create or update records", Description: "Changes up to 200 records that are known by an external id, or makes them; results say of each whether it went well.", Effect: actions.Idempotent, Guarantee: byKey,
		Input: []actions.Field{objectName(), {ID: "key_field", Label: "Known by", Help: "The API name of a field that is an external id; each record has it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "External_Id__c", Choices: keys(fieldsOf())},
			recordList("."), allOrNone()},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/composite/sobjects/{object}/{key_field}", Body: actions.JSONBody, Prepare: collection, Output: collected},
	}
}

func collection(in map[string]any) (actions.Parts, error) {
	list, _ := in["records"].([]any)
	if len(list) == 0 || len(list) > 200 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input records: Salesforce takes from 1 to 200 at once, not %d.", len(list))
	}
	out := make([]any, len(list))
	for i, item := range list {
		one, ok := item.(map[string]any)
		if !ok {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input records/%d: a record is an object of fields.", i)
		}
		one = maps.Clone(one)
		one["attributes"] = map[string]any{"type": in["object"]}
		out[i] = one
	}
	return actions.Parts{Body: map[string]any{"records": out}}, nil
}

// collected counts what failed.
func collected(resp actions.Response) (any, error) {
	list, ok := resp.Value.([]any)
	if !ok {
		return nil, fault.New(fault.Unavailable, "Salesforce answered with something that is no list of results.")
	}
	failed := 0
	for _, one := range list {
		if value.At(one, "/success") != true {
			failed++
		}
	}
	return map[string]any{"failed": failed, "results": list}, nil
}
