package mailchimp

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// shop are the actions of what is sold, on which Mailchimp's flows and reports build. Source: https://mailchimp.com/developer/marketing/api/ecommerce-stores/
func shop() []actions.Action {
	store := actions.Field{ID: "store", Label: "Store", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "example_store",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/ecommerce/stores"}, Page: *parts("stores"), Value: "/id", Label: "/name"}}
	customer := map[string]any{"id": "cust0001", "email_address": "ada@example.com", "opt_in_status": true, "company": "", "first_name": "Ada", "last_name": "Lovelace", "orders_count": 1, "total_spent": 1200, "created_at": "2026-01-31T09:30:00+00:00", "updated_at": "2026-01-31T09:30:00+00:00"}
	order := map[string]any{"id": "A-1042", "customer": customer, "store_id": "example_store", "campaign_id": "", "financial_status": "paid", "fulfillment_status": "", "currency_code": "EUR", "order_total": 1200, "order_url": "", "tax_total": 0, "shipping_total": 0, "processed_at_foreign": "2026-01-31T09:30:00+00:00",
		"lines": []any{map[string]any{"id": "L1", "product_id": "P1", "product_title": "An engine", "product_variant_id": "P1", "quantity": 2, "price": 600, "discount": 0}}}
	product := map[string]any{"id": "P1", "title": "An engine", "url": "https://example.com/engine", "description": "", "currency_code": "EUR", "variants": []any{map[string]any{"id": "P1", "title": "An engine", "price": 600, "sku": "E-1", "inventory_quantity": 3}}}
	storeShape, storeList := actions.ListOf(map[string]any{"id": "example_store", "list_id": "a1b2c3d4e5", "name": "Shop", "platform": "", "domain": "example.com", "currency_code": "EUR", "email_address": "hello@example.com"})
	id := func(label, example, help string) actions.Field {
		return actions.Field{ID: "id", Label: label, Help: help, Type: actions.Text, Required: true, Example: example}
	}
	inPath := func(f actions.Field) actions.Field {
		f.In = actions.InPath
		return f
	}
	known := actions.ErrorTable{{Status: 400, Pointer: "/detail", Contains: "already exists", Code: "conflict", Message: "Mailchimp has it already: {words}", Remedy: "Change that one, or take another id."}}
	statuses := []actions.Field{
		{ID: "paid", Label: "Payment", Help: "As paid, pending, refunded or cancelled; Mailchimp sends the store's mails by it.", Type: actions.Text, Name: "financial_status", Example: "paid"},
		{ID: "shipped", Label: "Shipping", Help: "As shipped or partial.", Type: actions.Text, Name: "fulfillment_status", Example: "shipped"}}
	line := actions.Field{ID: "lines", Label: "Lines", Help: "What was bought.", Type: actions.List, Required: true, Fields: []actions.Field{
		{ID: "id", Label: "Line", Help: "An id within the order.", Type: actions.Text, Required: true, Example: "L1"},
		{ID: "product_id", Label: "Product", Help: "Its id in the store; the product is added first.", Type: actions.Text, Required: true, Example: "P1"},
		{ID: "product_variant_id", Label: "Variant", Help: "The id of one of its variants.", Type: actions.Text, Required: true, Example: "P1"},
		{ID: "quantity", Label: "Quantity", Help: "How many.", Type: actions.Integer, Required: true, Example: 2},
		{ID: "price", Label: "Price", Help: "Of one.", Type: actions.Number, Required: true, Example: 600}}}
	return []actions.Action{
		{ID: "upsert_customer", Name: "Add or update a customer", Description: "Adds a customer to a store, or changes the one with the id.", Effect: actions.Idempotent, Guarantee: "The id tells Mailchimp which customer is meant, so a repeat after a crash makes no second one.",
			Input: []actions.Field{store, {ID: "customer", Label: "Customer", Help: "The id that the shop knows the customer by.", Type: actions.Text, Required: true, In: actions.InPath, Example: "cust0001"},
				{ID: "email", Label: "Address", Help: "The customer's mail address.", Type: actions.Text, Required: true, Name: "email_address", Example: "ada@example.com"},
				{ID: "opt_in", Label: "Wants mail", Help: "Whether the customer agreed to get mail: then Mailchimp subscribes a new one to the store's audience.", Type: actions.Boolean, Default: false, Name: "opt_in_status"},
				{ID: "first_name", Label: "First name", Help: "The customer's.", Type: actions.Text, Example: "Ada"}, {ID: "last_name", Label: "Last name", Help: "The customer's.", Type: actions.Text, Example: "Lovelace"}, {ID: "company", Label: "Company", Help: "The customer's.", Type: actions.Text}},
			Output: value.ShapeOf(customer), Sample: customer, Request: &actions.Request{Method: "PUT", Path: "/ecommerce/stores/{store}/customers/{customer}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"id": in["customer"]}}, nil
			}}},
		{ID: "create_order", Name: "Add an order", Description: "Adds an order to a store, so that it counts for campaigns and begins flows.", Effect: actions.Once, Errors: known,
			Guarantee: "Mailchimp refuses a second order with the id, so none is added twice: where the answer was lost in a crash, you are asked.",
			Input: append([]actions.Field{store, id("Order", "A-1042", "The shop's id of it."), {ID: "customer", Label: "Customer", Help: "The id of a customer of the store.", Type: actions.Text, Required: true, Name: "customer.id", Example: "cust0001"},
				{ID: "currency", Label: "Currency", Help: "As EUR.", Type: actions.Text, Required: true, Name: "currency_code", Example: "EUR"}, {ID: "total", Label: "Total", Help: "With tax and shipping.", Type: actions.Number, Required: true, Name: "order_total", Example: 1200}, line,
				{ID: "tax", Label: "Tax", Help: "How much of it.", Type: actions.Number, Name: "tax_total"}, {ID: "shipping", Label: "Shipping costs", Help: "How much of it.", Type: actions.Number, Name: "shipping_total"},
				{ID: "at", Label: "When", Help: "When it was bought.", Type: actions.DateTime, Name: "processed_at_foreign", Example: "2026-01-31T09:30:00Z"}, {ID: "url", Label: "URL", Help: "Where the customer sees it.", Type: actions.Text, Name: "order_url"},
				{ID: "campaign", Label: "Campaign", Help: "The id of the campaign that led to it.", Type: actions.Text, Name: "campaign_id", Example: "42694e9e57", Choices: campaignField().Choices}}, statuses...),
			Output: value.ShapeOf(order), Sample: order, Request: &actions.Request{Method: "POST", Path: "/ecommerce/stores/{store}/orders", Body: actions.JSONBody}},
		{ID: "update_order", Name: "Update an order", Description: "Changes an order, as once it is shipped.", Effect: actions.Idempotent, Guarantee: "It sets what it is given, so a repeat sets the same again.",
			Input:  append([]actions.Field{store, inPath(id("Order", "A-1042", "The shop's id of it.")), {ID: "total", Label: "Total", Help: "With tax and shipping.", Type: actions.Number, Name: "order_total", Example: 1200}}, statuses...),
			Output: value.ShapeOf(order), Sample: order, Request: &actions.Request{Method: "PATCH", Path: "/ecommerce/stores/{store}/orders/{id}", Body: actions.JSONBody}},
		{ID: "create_product", Name: "Add a product", Description: "Adds a product with one variant to a store, which orders can then name.", Effect: actions.Once, Errors: known,
			Guarantee: "Mailchimp refuses a second product with the id, so none is added twice: where the answer was lost in a crash, you are asked.",
			Input: []actions.Field{store, id("Product", "P1", "The shop's id of it; its variant has it too."), {ID: "title", Label: "Title", Help: "What people read.", Type: actions.Text, Required: true, Example: "An engine"},
				{ID: "price", Label: "Price", Help: "In the store's currency.", Type: actions.Number, In: actions.InNone, Example: 600}, {ID: "sku", Label: "SKU", Help: "The shop's number of it.", Type: actions.Text, In: actions.InNone, Example: "E-1"},
				{ID: "url", Label: "URL", Help: "The product's page.", Type: actions.Text, Example: "https://example.com/engine"}, {ID: "image", Label: "Image", Help: "The URL of a picture.", Type: actions.Text, Name: "image_url"}, {ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText}},
			Output: value.ShapeOf(product), Sample: product, Request: &actions.Request{Method: "POST", Path: "/ecommerce/stores/{store}/products", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				variant := map[string]any{"id": in["id"], "title": in["title"]}
				for _, name := range []string{"price", "sku"} {
					if in[name] != nil {
						variant[name] = in[name]
					}
				}
				return actions.Parts{Body: map[string]any{"variants": []any{variant}}}, nil
			}}},
		{ID: "list_stores", Name: "List stores", Description: "Lists the account's stores.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{actions.LimitField()}, Output: storeShape, Sample: storeList, Request: listed("/ecommerce/stores", "stores"), Page: parts("stores")},
	}
}
