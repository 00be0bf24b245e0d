package pipedrive

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// productScopes are those that sign-ins of an app need for products, and what is said of it.
func productScopes() []string { return []string{"products:full"} }

const scoped = " A sign-in by OAuth needs the scope products:full."

// products are what is sold. Source: https://developers.pipedrive.com/docs/api/v1/Products
func products() object {
	return object{kind: "products", path: "products", id: "product", one: "product", many: "products", a: "a", name: "name",
		inputs: []actions.Field{
			text("name", "Name", "What it is called.", "An engine"), text("code", "Code", "Its own number, as the one in your shop.", "E-1"), {ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText},
			{ID: "price", Label: "Price", Help: "Of one, with its currency; it replaces the prices that are there.", Type: actions.Number, In: actions.InNone, Example: 120},
			{ID: "currency", Label: "Currency", Help: "Of the price, three letters.", Type: actions.Text, In: actions.InNone, Example: "EUR", Choices: currencies()},
			{ID: "cost", Label: "Cost", Help: "What one costs you, in that currency.", Type: actions.Number, In: actions.InNone, Example: 80},
			text("unit", "Unit", "What it is counted in.", "piece"), {ID: "tax", Label: "Tax", Help: "In per cent.", Type: actions.Number, Example: 8.1},
			{ID: "is_linkable", Label: "Can be put on deals", Help: "Whether it can be.", Type: actions.Boolean}, ref("owner_id", "Owner", "The id of the user whom it belongs to.", users()), visible(), chosenFields("productFields"), customFields(), moreFields()},
		filters: query(ref("owner_id", "Owner", "Only products of this user.", users()), filter("products")),
		body:    productBody, item: product(),
	}
}

func product() map[string]any {
	return map[string]any{"id": 8, "name": "An engine", "code": "E-1", "description": "", "unit": "piece", "tax": 8.1, "category": nil, "is_linkable": true, "is_deleted": false, "visible_to": 3, "owner_id": 1, "add_time": "2026-01-31T09:30:00Z",
		"update_time": "2026-01-31T09:45:00Z", "prices": []any{map[string]any{"product_id": 8, "price": 120, "currency": "EUR", "cost": 80, "direct_cost": nil, "notes": ""}}, "custom_fields": map[string]any{}}
}

// productBody writes the price, which is one of a list by currencies.
func productBody(in map[string]any) (map[string]any, error) {
	body, err := common(in)
	if err != nil {
		return nil, err
	}
	switch {
	case in["price"] == nil && in["cost"] == nil && in["currency"] == nil:
		return body, nil
	case in["currency"] == nil:
		return nil, fault.New(fault.InvalidInput, "The input currency: a price needs its currency, as EUR.")
	case in["price"] == nil:
		return nil, fault.New(fault.InvalidInput, "The input price: a currency or a cost needs the price too.")
	}
	price := map[string]any{"price": in["price"], "currency": in["currency"]}
	if in["cost"] != nil {
		price["cost"] = in["cost"]
	}
	body["prices"] = []any{price}
	return body, nil
}

func productActions() []actions.Action {
	o := products()
	hit := map[string]any{"id": 8, "type": "product", "name": "An engine", "code": "E-1", "visible_to": 3, "owner": map[string]any{"id": 1}, "custom_fields": []any{}}
	find := o.find(text("name", "Name", "The whole name.", "An engine"), "name", hit)
	byCode := o.find(text("code", "Code", "The whole code.", "E-1"), "code", hit)
	byCode.ID = "find_product_by_code"
	search := o.search([]actions.Option{{Value: "name", Label: "Name"}, {Value: "code", Label: "Code"}, {Value: "custom_fields", Label: "Custom fields"}}, nil, hit)
	list := o.list() // which goes by no time of change
	list.Description = "Gives the products."
	list.Input = slices.DeleteFunc(list.Input, func(f actions.Field) bool { return f.ID == "updated_since" || f.ID == "updated_until" })
	fields := reading("list_product_fields", "List fields of products", "Gives the fields that products have, custom ones too, with their keys and options.", "/api/v2/productFields", nil, cursor("/data", "/field_code"), listedFieldSample())
	out := append([]actions.Action{o.create(), o.update(), o.get(), list, o.remove(), find, byCode, search, fields}, o.ensuredByCode(byCode, find)...)
	for i := range out {
		out[i].Scopes, out[i].Description = productScopes(), out[i].Description+scoped
	}
	return out
}

// ensuredByCode are the actions that look first, by the code where one is given, which tells products of one name apart, and else by the name.
func (o object) ensuredByCode(byCode, byName actions.Action) []actions.Action {
	return o.ensuredBy(byCode, "code, or, where none is given, by its name", actions.Ensure{Else: &byName, ElseAt: "/items/0/item"})
}
