package hubspot

import "github.com/stepmill/stepmill/actions"

// companies are found by their domain, which several may have all the same.
// Source: https://developers.hubspot.com/docs/api-reference/crm-companies-v3/guide
func companies() object {
	return object{path: "companies", id: "company", one: "company", many: "companies", article: "a", find: "domain", changed: "hs_lastmodifieddate",
		fields: []actions.Field{
			text("name", "Name", "The company's name.", "name", "Analytical Engines"),
			text("domain", "Domain", "Of its website, without https:// and www.", "domain", "example.com"),
			text("phone", "Phone", "A phone number.", "phone", "+41 44 668 18 00"),
			text("city", "City", "Where it sits.", "city", "Zurich"),
			text("country", "Country", "Where it sits.", "country", "Switzerland"),
			choice("companies", "industry", "Industry", "What it does.", "industry"),
			{ID: "employees", Label: "Employees", Help: "How many people work there.", Type: actions.Integer, In: actions.InNone, Name: "numberofemployees", Example: 120},
			{ID: "revenue", Label: "Annual revenue", Help: "A number in the account's currency.", Type: actions.Number, In: actions.InNone, Name: "annualrevenue", Example: 1200000},
			text("description", "Description", "A few sentences.", "description", ""),
			choice("companies", "lifecycle_stage", "Lifecycle stage", "How far the company has come; HubSpot moves it forward only, unless it is cleared first.", "lifecyclestage"),
			owner()},
		links: []link{{"contact_id", "Contact", "The id of a contact that belongs to it.", 280}},
		props: map[string]any{"name": "Analytical Engines", "domain": "example.com", "phone": "+41 44 668 18 00", "city": "Zurich", "country": "Switzerland", "industry": "COMPUTER_SOFTWARE",
			"lifecyclestage": "customer", "hubspot_owner_id": "77", "createdate": "2026-01-31T09:30:00.000Z", "hs_lastmodifieddate": "2026-01-31T09:45:00.000Z", "hs_object_id": "512"}}
}
