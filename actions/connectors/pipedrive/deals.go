package pipedrive

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// deals stand in a stage of a pipeline. Source: https://developers.pipedrive.com/docs/api/v1/Deals
func deals() object {
	return object{path: "deals", id: "deal", one: "deal", many: "deals", a: "a", name: "title",
		inputs: []actions.Field{
			text("title", "Title", "What it is called.", "Ten engines"), {ID: "value", Label: "Value", Help: "What it is worth.", Type: actions.Number, Example: 1200},
			{ID: "currency", Label: "Currency", Help: "Three letters; not given: that of the user.", Type: actions.Text, Example: "EUR", Choices: currencies()},
			ref("person_id", "Person", "The id of the person that it is about.", listed("persons", "/name")), ref("org_id", "Organization", "The id of the organization that it is about.", listed("organizations", "/name")),
			ref("pipeline_id", "Pipeline", "Not given: that of the stage, or the first.", listed("pipelines", "/name")), ref("stage_id", "Stage", "The id of a stage of that pipeline.", stages()), status(),
			text("lost_reason", "Why it was lost", "Taken where the status is lost.", "Too late"),
			{ID: "probability", Label: "Probability", Help: "In per cent, where the pipeline has it.", Type: actions.Number, Example: 60},
			{ID: "expected_close_date", Label: "Expected close", Help: "A day, as 2026-01-31.", Type: actions.Text, In: actions.InNone, Example: "2026-03-31"},
			ref("owner_id", "Owner", "The id of the user whom it belongs to.", users()), labels(), visible(), customFields(), moreFields()},
		filters: query(ref("person_id", "Person", "Only deals of this person.", listed("persons", "/name")), ref("org_id", "Organization", "Only deals of this organization.", listed("organizations", "/name")),
			ref("pipeline_id", "Pipeline", "Only deals of this pipeline.", listed("pipelines", "/name")), ref("stage_id", "Stage", "Only deals in this stage.", stages()),
			actions.Field{ID: "status", Label: "Status", Help: "Only deals of this status; not given: all that are not deleted.", Type: actions.Select,
				Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "won", Label: "Won"}, {Value: "lost", Label: "Lost"}, {Value: "deleted", Label: "Deleted"}}},
			ref("owner_id", "Owner", "Only deals of this user.", users()), ref("filter_id", "Filter", "The id of a filter saved in Pipedrive.", nil)),
		body: dealBody,
		item: map[string]any{"id": 42, "title": "Ten engines", "owner_id": 1, "person_id": 7, "org_id": 3, "pipeline_id": 1, "stage_id": 3, "value": 1200, "currency": "EUR", "add_time": "2026-01-31T09:30:00Z",
			"update_time": "2026-01-31T09:45:00Z", "stage_change_time": "2026-01-31T09:45:00Z", "is_deleted": false, "is_archived": false, "status": "open", "probability": nil, "lost_reason": nil, "visible_to": 3, "close_time": nil,
			"won_time": nil, "lost_time": nil, "expected_close_date": "2026-03-31", "label_ids": []any{5}, "custom_fields": map[string]any{}},
	}
}

func status() actions.Field {
	return actions.Field{ID: "status", Label: "Status", Help: "Where it stands.", Type: actions.Select, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "won", Label: "Won"}, {Value: "lost", Label: "Lost"}}}
}

func dealBody(in map[string]any) (map[string]any, error) {
	body, err := common(in)
	if err == nil && in["expected_close_date"] != nil {
		body["expected_close_date"], err = day(in, "expected_close_date")
	}
	return body, err
}

func dealActions() []actions.Action {
	o := deals()
	hit := map[string]any{"id": 42, "type": "deal", "title": "Ten engines", "value": 1200, "currency": "EUR", "status": "open", "visible_to": 3, "owner": map[string]any{"id": 1}, "stage": map[string]any{"id": 3, "name": "Offer"},
		"person": map[string]any{"id": 7, "name": "Ada Lovelace"}, "organization": map[string]any{"id": 3, "name": "Analytical Engines"}, "custom_fields": []any{}, "notes": []any{}, "is_archived": false}
	find := o.find(text("title", "Title", "The whole title.", "Ten engines"), "title", hit)
	search := o.search([]actions.Option{{Value: "title", Label: "Title"}, {Value: "notes", Label: "Notes"}, {Value: "custom_fields", Label: "Custom fields"}},
		query(ref("person_id", "Person", "Only deals of this person.", listed("persons", "/name")), ref("organization_id", "Organization", "Only deals of this organization.", listed("organizations", "/name")), status()), hit)
	return append(o.actions(), append([]actions.Action{find, search, addProduct(), addFollower()}, o.ensured(find)...)...)
}

func dealField() actions.Field {
	return actions.Field{ID: "deal", Label: "Deal", Help: "Its id.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 42, Choices: listed("deals", "/title")}
}

// addProduct puts a product on a deal. Source: https://developers.pipedrive.com/docs/api/v1/Deals#addDealProduct
func addProduct() actions.Action {
	sample := map[string]any{"id": 11, "deal_id": 42, "product_id": 8, "name": "An engine", "item_price": 120, "quantity": 10, "sum": 1200, "currency": "EUR", "discount": 0, "discount_type": "percentage", "tax": 0, "tax_method": "inclusive", "is_enabled": true,
		"comments": "", "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:30:00Z"}
	return actions.Action{
		ID: "add_product_to_deal", Name: "Add a product to a deal", Description: "Puts a product on a deal, with its price and quantity.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{dealField(),
			{ID: "product_id", Label: "Product", Help: "The id of the product; Search everything finds it.", Type: actions.Integer, Required: true, Example: 8},
			{ID: "price", Label: "Price", Help: "Of one.", Type: actions.Number, Required: true, Name: "item_price", Example: 120}, {ID: "quantity", Label: "Quantity", Help: "How many.", Type: actions.Number, Required: true, Example: 10},
			{ID: "discount", Label: "Discount", Help: "A number, as the discount's kind says.", Type: actions.Number},
			{ID: "discount_type", Label: "Kind of discount", Help: "What the discount is.", Type: actions.Select, Options: []actions.Option{{Value: "percentage", Label: "Per cent"}, {Value: "amount", Label: "An amount"}}},
			{ID: "tax", Label: "Tax", Help: "In per cent.", Type: actions.Number},
			{ID: "tax_method", Label: "The tax is", Help: "How the tax counts.", Type: actions.Select, Options: []actions.Option{{Value: "exclusive", Label: "Added to the price"}, {Value: "inclusive", Label: "In the price"}, {Value: "none", Label: "Not counted"}}},
			text("comments", "Comment", "A few words.", nil)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/api/v2/deals/{deal}/products", Body: actions.JSONBody, Output: data},
	}
}

func addFollower() actions.Action {
	sample := map[string]any{"user_id": 1, "add_time": "2026-01-31T09:30:00Z"}
	user := ref("user_id", "User", "The id of the user.", users())
	user.Required = true
	return actions.Action{
		ID: "add_follower_to_deal", Name: "Add a follower to a deal", Description: "Lets a user follow a deal.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{dealField(), user}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/api/v2/deals/{deal}/followers", Body: actions.JSONBody, Output: data},
	}
}
