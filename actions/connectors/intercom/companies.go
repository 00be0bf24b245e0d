package intercom

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// companyActions are for companies, which Intercom knows by your own id, company_id, and by its own.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies
func companyActions() []actions.Action {
	return []actions.Action{upsertCompany(), updateCompany(), tagCompany(), untagCompany(), getCompany(), findCompany(), listCompanies(), deleteCompany()}
}

func company() map[string]any {
	return map[string]any{"type": "company", "id": "6762f0a61bb69f9f2193bb55", "company_id": "c-1", "app_id": "abc12345", "name": "Analytical Engines", "remote_created_at": 1764000000, "created_at": 1764000000, "updated_at": 1764000000,
		"monthly_spend": 120, "session_count": 0, "user_count": 4, "size": 120, "industry": "Machines", "website": "https://example.com", "plan": map[string]any{"type": "plan", "id": "1", "name": "pro"}, "custom_attributes": map[string]any{}}
}

func companyFields() []actions.Field {
	return append([]actions.Field{text("name", "Name", "What it is called."), text("plan", "Plan", "The name of the plan that it pays for."),
		{ID: "size", Label: "Employees", Help: "How many people work there.", Type: actions.Integer, Example: 120}, {ID: "monthly_spend", Label: "Spends a month", Help: "How much it brings, a whole number.", Type: actions.Integer, Example: 120},
		text("website", "Website", "A web address."), text("industry", "Industry", "What it does.")}, attributesOf("company", "By their names; new ones are made.")...)
}

func companyID() actions.Field {
	f := named("id", "Company", "6762f0a61bb69f9f2193bb55")
	f.Help, f.Choices = "Its Intercom id, which is not your own company_id.", companies()
	return f
}

func upsertCompany() actions.Action {
	key := actions.Field{ID: "company_id", Label: "Your id", Help: "Your own id of the company.", Type: actions.Text, Required: true, Example: "c-1"}
	return actions.Action{
		ID: "upsert_company", Name: "Create or update a company", Description: "Changes the company with your own id, or makes it.", Effect: actions.Idempotent,
		Guarantee: "Your own id tells Intercom which company is meant, so a repeat after a crash makes no second one.",
		Input:     slices.Concat([]actions.Field{key}, companyFields(), []actions.Field{moment("remote_created_at", "Made", "When the company was made in your product.")}), Output: value.ShapeOf(company()), Sample: company(),
		Request: &actions.Request{Method: "POST", Path: "/companies", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body := map[string]any{}
			seconds(body, in, "remote_created_at")
			attributesBody(body, in)
			return actions.Parts{Body: body}, nil
		}},
	}
}

// taggedCompany makes the body that puts a tag on a company, or takes it off.
func taggedCompany(off bool) func(map[string]any) (actions.Parts, error) {
	return func(in map[string]any) (actions.Parts, error) {
		one := map[string]any{"id": in["company"]}
		if off {
			one["untag"] = true
		}
		return actions.Parts{Body: map[string]any{"name": in["name"], "companies": []any{one}}}, nil
	}
}

func tagCompany() actions.Action {
	return actions.Action{
		ID: "tag_company", Name: "Tag a company", Description: "Puts a tag on a company; the tag is made where there is none of the name.", Effect: actions.Idempotent, Guarantee: isOrNot,
		Input: tagOfCompany(), Output: value.ShapeOf(tagged()), Sample: tagged(),
		Request: &actions.Request{Method: "POST", Path: "/tags", Body: actions.JSONBody, Prepare: taggedCompany(false)},
	}
}

func untagCompany() actions.Action {
	return actions.Action{
		ID: "untag_company", Name: "Take a tag off a company", Description: "Removes a tag from a company.", Effect: actions.Idempotent, Guarantee: isOrNot,
		Input: tagOfCompany(), Output: value.ShapeOf(tagged()), Sample: tagged(),
		Request: &actions.Request{Method: "POST", Path: "/tags", Body: actions.JSONBody, Prepare: taggedCompany(true)},
	}
}

func tagOfCompany() []actions.Field {
	company := companyID()
	company.ID, company.In = "company", actions.InNone
	return []actions.Field{company, {ID: "name", Label: "Tag", Help: "The tag's name.", Type: actions.Text, Required: true, In: actions.InNone, Example: "customer"}}
}

func updateCompany() actions.Action {
	return actions.Action{
		ID: "update_company", Name: "Update a company", Description: "Changes what is given of a company, by its Intercom id.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append([]actions.Field{companyID()}, companyFields()...), Output: value.ShapeOf(company()), Sample: company(), Request: &actions.Request{Method: "PUT", Path: "/companies/{id}", Body: actions.JSONBody, Prepare: onlyAttributes},
	}
}

func getCompany() actions.Action {
	return actions.Action{
		ID: "get_company", Name: "Get a company", Description: "Reads a company by its Intercom id.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{companyID()}, Output: value.ShapeOf(company()), Sample: company(), Request: &actions.Request{Method: "GET", Path: "/companies/{id}"},
	}
}

func findCompany() actions.Action {
	key := actions.Field{ID: "company_id", Label: "Your id", Help: "Your own id of the company.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "c-1"}
	return actions.Action{
		ID: "find_company", Name: "Find a company by your id", Description: "Reads the company with your own id; that there is none is the error not_found.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{key}, Output: value.ShapeOf(company()), Sample: company(), Request: &actions.Request{Method: "GET", Path: "/companies"},
	}
}

func listCompanies() actions.Action {
	out := actions.Action{
		ID: "list_companies", Name: "List companies", Description: "Gives the companies, those last used or the oldest first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "order", Label: "Order", Help: "Which come first.", Type: actions.Select, Default: "desc", In: actions.InQuery, Options: []actions.Option{{Value: "desc", Label: "The last used"}, {Value: "asc", Label: "The first"}}}, actions.LimitField()},
		// It reads, though it is a POST.
		Request: &actions.Request{Method: "POST", Path: "/companies/list"}, Page: companyPage(),
	}
	out.Output, out.Sample = actions.ListOf(company())
	return out
}

// companyPage is how lists of companies go on: by the number of the part, at most 60 in each.
func companyPage() *actions.Page {
	return &actions.Page{Kind: actions.Numbered, Items: "/data", Sure: "/data", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "page"}, Size: 60, Sizes: actions.Spot{In: actions.InQuery, Name: "per_page"}}
}

func deleteCompany() actions.Action {
	sample := map[string]any{"id": "6762f0a61bb69f9f2193bb55", "object": "company", "deleted": true}
	return actions.Action{
		ID: "delete_company", Name: "Delete a company", Description: "Deletes a company; its contacts stay.", Effect: actions.Idempotent, Guarantee: staysGone,
		Input: []actions.Field{companyID()}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "DELETE", Path: "/companies/{id}"},
	}
}
