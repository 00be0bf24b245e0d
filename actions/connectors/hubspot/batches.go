package hubspot

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// batches are the actions for up to 100 records at once. HubSpot answers 207 where some failed, and says in errors which.
// Source: https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide
func batches() []actions.Action {
	sample := map[string]any{"status": "COMPLETE", "results": []any{record()}, "errors": []any{}}
	done := map[string]any{"deleted": true}
	ids := actions.Field{ID: "ids", Label: "Records", Help: "Their ids, or the addresses of their pages; at most 100.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"31", "32"}, Link: recordLink("")}
	return []actions.Action{
		{ID: "create_records", Name: "Create several records", Description: "Makes up to 100 records of a kind; errors says which were refused. Where all were, the step fails.", Effect: actions.Once, Errors: taken(),
			Guarantee: "HubSpot has no key that would make a repeat harmless: records whose answer was lost in a crash are not made again by themselves, you are asked.",
			Input: []actions.Field{objectType(), {ID: "records", Label: "Records", Help: "At most 100.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
				{ID: "properties", Label: "Properties", Help: "By their internal names.", Type: actions.Object, Required: true, Example: map[string]any{"name": "An engine"}}}}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/batch/create", Body: actions.JSONBody, Prepare: createBatch, Output: writtenBatch}},
		{ID: "update_records", Name: "Update several records", Description: "Changes up to 100 records of a kind; errors says which were refused. Where all were, the step fails.", Effect: actions.Idempotent, Guarantee: setsAgain, Errors: taken(),
			Input: []actions.Field{objectType(), knownBy(actions.InNone), {ID: "records", Label: "Records", Help: "At most 100.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
				{ID: "key", Label: "Record", Help: "Its id, the address of its page, or the value of the property that Known by names.", Type: actions.Text, Required: true, Example: "31", Link: recordLink("")},
				{ID: "properties", Label: "Properties", Help: "By their internal names; an empty text clears one.", Type: actions.Object, Required: true, Example: map[string]any{"name": "An engine"}}}}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/batch/update", Body: actions.JSONBody, Prepare: batch, Output: writtenBatch}},
		{ID: "delete_records", Name: "Delete several records", Description: "Puts up to 100 records of a kind into HubSpot's recycle bin.", Effect: actions.Idempotent,
			Guarantee: "What is deleted stays deleted, so a repeat after a crash does no harm.",
			Input:     []actions.Field{objectType(), ids}, Output: value.ShapeOf(done), Sample: done,
			Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/{object_type}/batch/archive", Body: actions.JSONBody, Prepare: archiveBatch, Output: deleted}},
	}
}

func createBatch(in map[string]any) (actions.Parts, error) {
	parts, err := batch(in)
	if err != nil {
		return parts, err
	}
	for _, one := range parts.Body["inputs"].([]any) {
		one := one.(map[string]any)
		delete(one, "id")
		one["associations"] = []any{}
	}
	return parts, nil
}

func archiveBatch(in map[string]any) (actions.Parts, error) {
	ids, _ := in["ids"].([]any)
	if len(ids) == 0 || len(ids) > 100 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input ids: HubSpot takes from 1 to 100 at once, not %d.", len(ids))
	}
	inputs := make([]any, len(ids))
	for i, id := range ids {
		inputs[i] = map[string]any{"id": value.Text(id)}
	}
	return actions.Parts{Body: map[string]any{"inputs": inputs}}, nil
}

// addLineItem puts a product into a deal. Source: https://developers.hubspot.com/docs/api-reference/crm-line-items-v3/guide
func addLineItem() actions.Action {
	deal := []link{{"deal_id", "Deal", "The id of the deal, or the address of its page.", 20}}
	fields := []actions.Field{
		{ID: "product", Label: "Product", Help: "The id of a product, whose name and price it takes over; not given: it stands for itself.", Type: actions.Text, In: actions.InNone, Name: "hs_product_id", Example: "31",
			Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/crm/v3/objects/products"}, Page: *listPage(), Value: "/id", Label: "/properties/name"}},
		text("name", "Name", "Not given: the product's.", "name", "An engine"),
		{ID: "quantity", Label: "Quantity", Help: "How many.", Type: actions.Number, Default: 1, In: actions.InNone, Example: 2},
		{ID: "price", Label: "Price of one", Help: "Not given: the product's.", Type: actions.Number, In: actions.InNone, Example: 600}}
	to := linkFields(deal)
	to[0].Required = true
	sample := record()
	sample["properties"] = map[string]any{"hs_product_id": "31", "name": "An engine", "quantity": "2", "price": "600", "amount": "1200"}
	out := actions.Action{ID: "add_line_item", Name: "Add a line item to a deal", Description: "Puts a product, or a line of its own, into a deal.", Effect: actions.Once,
		Guarantee: "HubSpot has no key that would make a repeat harmless: a line whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     slices.Concat(to, fields, moreProperties("line_items")), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/line_items", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body, err := written(fields, in)
			if err == nil {
				body["associations"] = associations(deal, in)
			}
			return actions.Parts{Body: body}, err
		}}}
	return out.Needing("crm.objects.line_items.write")
}
