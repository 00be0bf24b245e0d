package pipedrive

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// partActions are for what stands at a deal, a person or an organization: products, people, followers, mail; and what is done with the
// whole of it. Source: https://developers.pipedrive.com/docs/api/v1/Deals
func partActions() []actions.Action {
	out := []actions.Action{settled("won"), settled("lost"), duplicateDeal(), addProduct(), changeProduct(), listProducts(), removeProduct(), addParticipant(), listParticipants(), listFollowers()}
	for _, o := range []object{deals(), persons(), organizations()} {
		out = append(out, o.addFollower(), o.merge(), o.mails())
	}
	return out
}

func dealField() actions.Field {
	return actions.Field{ID: "deal", Label: "Deal", Help: "Its id, or its address in Pipedrive.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 42, Choices: listed("deals", "/title"), Link: link("deal")}
}

// of is the field dealField of another kind of thing.
func (o object) of() actions.Field {
	f := dealField()
	f.ID, f.Label, f.Link = o.id, title(o.one), link(o.id)
	f.Choices = listed(o.path, "/"+o.name)
	return f
}

// settled says that a deal is won, or lost.
func settled(how string) actions.Action {
	o := deals()
	out := o.update()
	out.ID, out.Name, out.Description, out.Errors = "mark_deal_"+how, "Mark a deal as "+how, "Says of a deal that it is "+how+".", nil
	id := dealField()
	id.ID = "id"
	out.Input = []actions.Field{id}
	if how == "lost" {
		out.Input = append(out.Input, text("lost_reason", "Why it was lost", "One of the account's reasons, or a text of your own where the account takes any.", "Too late"))
	}
	out.Request = &actions.Request{Method: "PATCH", Path: "/api/v2/deals/{id}", Body: actions.JSONBody, Output: data, Prepare: func(map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"status": how}}, nil
	}}
	return out
}

func duplicateDeal() actions.Action {
	sample := map[string]any{"id": 43, "title": "Ten engines", "value": 1200, "currency": "EUR", "status": "open", "stage_id": 3, "pipeline_id": 1, "add_time": "2026-01-31 09:30:00", "update_time": "2026-01-31 09:30:00"}
	return actions.Action{
		ID: "duplicate_deal", Name: "Duplicate a deal", Description: "Makes another deal like one that is there.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{dealField()}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/v1/deals/{deal}/duplicate", Output: data},
	}
}

func attached() map[string]any {
	return map[string]any{"id": 11, "deal_id": 42, "product_id": 8, "name": "An engine", "item_price": 120, "quantity": 10, "sum": 1200, "currency": "EUR", "discount": 0, "discount_type": "percentage", "tax": 0, "tax_method": "inclusive", "is_enabled": true,
		"comments": "", "add_time": "2026-01-31T09:30:00Z", "update_time": "2026-01-31T09:30:00Z"}
}

func attachment() actions.Field {
	return actions.Field{ID: "attachment", Label: "Product on the deal", Help: "The id that List products of a deal gives, which is not that of the product.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 11,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/api/v2/deals/{deal}/products"}, Page: *cursor("/data", "/id"), Value: "/id", Label: "/name", Needs: []actions.Field{{ID: "deal", Label: "Deal", Help: "The deal.", Type: actions.Integer, In: actions.InPath}}}}
}

// onDeal are the inputs for how a product stands on a deal.
func onDeal() []actions.Field {
	return []actions.Field{
		{ID: "price", Label: "Price", Help: "Of one.", Type: actions.Number, Name: "item_price", Example: 120}, {ID: "quantity", Label: "Quantity", Help: "How many.", Type: actions.Number, Example: 10},
		{ID: "discount", Label: "Discount", Help: "A number, as the discount's kind says.", Type: actions.Number},
		{ID: "discount_type", Label: "Kind of discount", Help: "What the discount is.", Type: actions.Select, Options: []actions.Option{{Value: "percentage", Label: "Per cent"}, {Value: "amount", Label: "An amount"}}},
		{ID: "tax", Label: "Tax", Help: "In per cent.", Type: actions.Number},
		{ID: "tax_method", Label: "The tax is", Help: "How the tax counts.", Type: actions.Select, Options: []actions.Option{{Value: "exclusive", Label: "Added to the price"}, {Value: "inclusive", Label: "In the price"}, {Value: "none", Label: "Not counted"}}},
		text("comments", "Comment", "A few words.", nil)}
}

// addProduct puts a product on a deal. Source: https://developers.pipedrive.com/docs/api/v1/Deals#addDealProduct
func addProduct() actions.Action {
	fields := onDeal()
	fields[0].Required, fields[1].Required = true, true
	return actions.Action{
		ID: "add_product_to_deal", Name: "Add a product to a deal", Description: "Puts a product on a deal, with its price and quantity.", Effect: actions.Once, Guarantee: noKey,
		Input:  append([]actions.Field{dealField(), {ID: "product_id", Label: "Product", Help: "The id of the product; Search products finds it.", Type: actions.Integer, Required: true, Example: 8, Choices: listed("products", "/name")}}, fields...),
		Output: value.ShapeOf(attached()), Sample: attached(),
		Request: &actions.Request{Method: "POST", Path: "/api/v2/deals/{deal}/products", Body: actions.JSONBody, Output: data},
	}
}

func changeProduct() actions.Action {
	return actions.Action{
		ID: "update_product_on_deal", Name: "Update a product on a deal", Description: "Changes the price, the quantity and the like of a product on a deal.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append([]actions.Field{dealField(), attachment()}, onDeal()...), Output: value.ShapeOf(attached()), Sample: attached(),
		Request: &actions.Request{Method: "PATCH", Path: "/api/v2/deals/{deal}/products/{attachment}", Body: actions.JSONBody, Output: data},
	}
}

func listProducts() actions.Action {
	return reading("list_deal_products", "List products of a deal", "Gives the products that are on a deal, with price and quantity.", "/api/v2/deals/{deal}/products", []actions.Field{dealField()}, cursor("/data", "/id"), attached())
}

func removeProduct() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "remove_product_from_deal", Name: "Remove a product from a deal", Description: "Takes a product off a deal.", Effect: actions.Idempotent, Guarantee: staysDeleted,
		Input: []actions.Field{dealField(), attachment()}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "DELETE", Path: "/api/v2/deals/{deal}/products/{attachment}", Output: gone},
	}
}

func participant() map[string]any {
	return map[string]any{"id": 17, "person_id": map[string]any{"value": 7, "name": "Ada Lovelace", "active_flag": true}, "add_time": "2026-01-31 09:30:00", "active_flag": true, "related_item_type": "deal", "related_item_id": 42}
}

func addParticipant() actions.Action {
	person := ref("person_id", "Person", "The id of the person.", listed("persons", "/name"))
	person.Required = true
	return actions.Action{
		ID: "add_participant_to_deal", Name: "Add a participant to a deal", Description: "Adds one more person to a deal.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{dealField(), person}, Output: value.ShapeOf(participant()), Sample: participant(), Request: &actions.Request{Method: "POST", Path: "/v1/deals/{deal}/participants", Body: actions.JSONBody, Output: data},
	}
}

func listParticipants() actions.Action {
	return reading("list_deal_participants", "List participants of a deal", "Gives the people that take part in a deal.", "/v1/deals/{deal}/participants", []actions.Field{dealField()}, offset(), participant())
}

func listFollowers() actions.Action {
	return reading("list_deal_followers", "List followers of a deal", "Gives the users that follow a deal.", "/api/v2/deals/{deal}/followers", []actions.Field{dealField()}, cursor("/data", "/user_id"), map[string]any{"user_id": 1, "add_time": "2026-01-31T09:30:00Z"})
}

func (o object) addFollower() actions.Action {
	sample := map[string]any{"user_id": 1, "add_time": "2026-01-31T09:30:00Z"}
	user := ref("user_id", "User", "The id of the user.", users())
	user.Required = true
	return actions.Action{
		ID: "add_follower_to_" + o.id, Name: "Add a follower to " + o.a + " " + o.one, Description: "Lets a user follow " + o.a + " " + o.one + ".", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{o.of(), user}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/api/v2/" + o.path + "/{" + o.id + "}/followers", Body: actions.JSONBody, Output: data},
	}
}

// merge joins two things into one. Source: https://developers.pipedrive.com/docs/api/v1/Persons#mergePersons
func (o object) merge() actions.Action {
	sample := map[string]any{"id": 42, o.name: o.item[o.name], "merge_what_id": 42}
	into := ref("with_"+o.id, "Into", "The id of the other, which stays, and whose values count where both have some.", listed(o.path, "/"+o.name))
	into.Required, into.Name = true, "merge_with_id"
	what := o.of()
	what.Help = "The one that ends in the other: its id, or its address in Pipedrive."
	return actions.Action{
		ID: "merge_" + o.path, Name: "Merge two " + o.many, Description: "Joins " + o.a + " " + o.one + " into another, with all that stands at it. It cannot be undone.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{what, into}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PUT", Path: "/v1/" + o.path + "/{" + o.id + "}/merge", Body: actions.JSONBody, Output: data},
	}
}

// mails are those that Pipedrive's mailbox keeps at a thing, which takes a scope of its own.
func (o object) mails() actions.Action {
	mail := map[string]any{"object": "mailMessage", "timestamp": "2026-01-31 09:30:00", "data": map[string]any{"id": 31, "subject": "Ten engines", "snippet": "We would like", "from": []any{map[string]any{"email_address": "ada@example.com", "name": "Ada Lovelace"}},
		"to": []any{map[string]any{"email_address": "grace@example.com"}}, "sent_flag": 0, "read_flag": 1, "mail_thread_id": 12, "message_time": "2026-01-31T09:30:00.000Z"}}
	out := reading("list_"+o.id+"_mails", "List mail of "+o.a+" "+o.one, "Gives the mail of Pipedrive's mailbox that belongs to "+o.a+" "+o.one+", each as data. A sign-in by OAuth needs the scope mail:read.", "/v1/"+o.path+"/{"+o.id+"}/mailMessages", []actions.Field{o.of()}, offset(), mail)
	out.Page.ID = "/data/id"
	out.Scopes = []string{"mail:read"}
	return out
}
