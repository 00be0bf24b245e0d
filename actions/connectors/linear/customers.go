package linear

import "github.com/stepmill/stepmill/actions"

const customerParts = ` { id name domains externalIds revenue size url createdAt updatedAt owner { id name email } } `

func customer() map[string]any {
	return map[string]any{"id": "b6a2b3d4-0000-4000-8000-000000000014", "name": "Acme", "domains": []any{"acme.example"}, "externalIds": []any{"crm-42"}, "revenue": 120000, "size": 50, "url": "https://linear.app/acme/customer/acme-3f1c", "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z", "owner": nil}
}

// upsertCustomer makes a customer, or updates the one with the id elsewhere, or else a domain.
// Source: https://linear.app/developers/managing-customers
func upsertCustomer() actions.Action {
	return changing("upsert_customer", "Create or update a customer", "Makes a customer, or updates the one that has the id elsewhere or one of the domains.", "A customer is known by its id elsewhere or its domains, so a repeat updates the same one.",
		`mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) { success customer`+customerParts+`} }`, "/customerUpsert/customer", customer(),
		in(actions.Field{ID: "external", Label: "Id elsewhere", Help: "What the customer is known by in your own systems.", Type: actions.Text, Required: true, Example: "crm-42"}, "input.externalId"),
		nameField("input.name"),
		in(actions.Field{ID: "domains", Label: "Domains", Help: "Of its mail addresses, as acme.example.", Type: actions.Texts, Example: []any{"acme.example"}}, "input.domains"),
		in(actions.Field{ID: "revenue", Label: "Revenue", Help: "A whole number, a year.", Type: actions.Integer}, "input.revenue"),
		in(actions.Field{ID: "size", Label: "Size", Help: "How many people it has.", Type: actions.Integer}, "input.size"),
		in(actions.Field{ID: "owner", Label: "Owner", Help: "The id of who looks after it.", Type: actions.Text, Choices: users()}, "input.ownerId"))
}

// createNeed notes what a customer asks for. Linear puts it on an issue.
func createNeed() actions.Action {
	sample := map[string]any{"id": "b7a2b3d4-0000-4000-8000-000000000015", "body": "They cannot close the month.", "priority": 1, "url": "https://linear.app/acme/issue/ENG-42", "createdAt": "2026-01-31T09:30:00.000Z", "customer": map[string]any{"id": "b6a2b3d4-0000-4000-8000-000000000014", "name": "Acme"}, "issue": map[string]any{"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "identifier": "ENG-42"}}
	return changing("create_customer_request", "Create a customer request", "Notes on an issue that a customer asks for it.", noKey,
		`mutation($input: CustomerNeedCreateInput!) { customerNeedCreate(input: $input) { success need { id body priority url createdAt customer { id name } issue { id identifier } } } }`, "/customerNeedCreate/need", sample,
		issueField("input.issueId"),
		in(actions.Field{ID: "external", Label: "Customer", Help: "What the customer is known by in your own systems, as upsert_customer has it.", Type: actions.Text, Example: "crm-42"}, "input.customerExternalId"),
		in(actions.Field{ID: "customer", Label: "Customer in Linear", Help: "Its id in Linear, instead.", Type: actions.Text}, "input.customerId"),
		in(actions.Field{ID: "text", Label: "Text", Help: "What they say, in Markdown.", Type: actions.LongText, Example: "They cannot close the month."}, "input.body"),
		in(actions.Field{ID: "priority", Label: "Important", Help: "Whether it matters more than others.", Type: actions.Select, Options: []actions.Option{{Value: "0", Label: "No"}, {Value: "1", Label: "Yes"}}}, "input.priority"))
}
