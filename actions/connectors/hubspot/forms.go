package hubspot

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// hsforms is where forms are submitted.
const hsforms = "https://api.hsforms.com"

// forms are the actions of forms. Sources: https://developers.hubspot.com/docs/api-reference/marketing-forms-v3/guide and
// https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v3-legacy/submit-data-authenticated
func forms() []actions.Action {
	formShape, formList := actions.ListOf(map[string]any{"id": "78c2891f-ebdd-44c0-bd94-15c012bbbfbf", "name": "Contact us", "formType": "hubspot", "archived": false, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z",
		"fieldGroups": []any{map[string]any{"groupType": "default_group", "fields": []any{map[string]any{"objectTypeId": "0-1", "name": "email", "label": "Email", "required": true, "hidden": false, "fieldType": "email"}}}}})
	shape, list := actions.ListOf(submission())
	sent := thanks()
	return []actions.Action{
		actions.Action{ID: "submit_form", Name: "Submit a form", Description: "Fills in one of the account's forms, as a visitor would: HubSpot makes or changes the contact, and what hangs on the form begins.", Effect: actions.Once,
			Guarantee: "A form whose answer was lost in a crash is not submitted again by itself, you are asked.",
			Errors:    actions.ErrorTable{{Status: 400, Pointer: "/errors/*/errorType", Code: "invalid_input", Message: "HubSpot refused the form: {words}", Remedy: "Name the form's fields by their internal names; List forms gives them, with those that are required."}},
			Input: []actions.Field{formField(actions.InNone),
				{ID: "fields", Label: "Fields", Help: "What is filled in, by the internal names of the form's fields, email among them.", Type: actions.Object, Required: true, In: actions.InNone, Example: map[string]any{"email": "ada@example.com", "firstname": "Ada"}},
				{ID: "page_url", Label: "Page", Help: "The address of the page that the form counts as filled in on.", Type: actions.Text, In: actions.InNone, Example: "https://example.com/contact"},
				{ID: "page_name", Label: "Name of the page", Help: "As HubSpot shows it.", Type: actions.Text, In: actions.InNone, Example: "Contact us"},
				{ID: "cookie", Label: "Visitor's cookie", Help: "The value of the visitor's cookie hubspotutk, by which HubSpot joins what it saw of the visitor.", Type: actions.Text, In: actions.InNone},
				{ID: "consent", Label: "Consent", Help: "In HubSpot's own form (legalConsentOptions), where the form asks for it.", Type: actions.Object, In: actions.InNone}},
			Output: value.ShapeOf(sent), Sample: sent, Run: submit}.Needing("forms"),
		actions.Action{ID: "list_forms", Name: "List forms", Description: "Gives the account's forms with their fields.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{actions.LimitField()}, Output: formShape, Sample: formList, Request: &actions.Request{Method: "GET", Path: "/marketing/v3/forms/", Query: map[string]string{"formTypes": "all"}}, Page: listPage()}.Needing("forms"),
		actions.Action{ID: "list_submissions", Name: "List submissions of a form", Description: "Gives what visitors filled into a form, the latest first.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{formField(actions.InPath), actions.LimitField()}, Output: shape, Sample: list,
			Request: &actions.Request{Method: "GET", Path: submissionsPath}, Page: submissionsPage()}.Needing("forms"),
	}
}

const submissionsPath = "/form-integrations/v1/submissions/forms/{form}"

func formField(in actions.In) actions.Field {
	return actions.Field{ID: "form", Label: "Form", Help: "Its id, as 78c2891f-ebdd-44c0-bd94-15c012bbbfbf, or the address of the page where it is edited.", Type: actions.Text, Required: true, In: in, Example: "78c2891f-ebdd-44c0-bd94-15c012bbbfbf",
		Link:    `^https?://[\w.-]+/.*?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/marketing/v3/forms/", Query: map[string]string{"formTypes": "all"}}, Page: *listPage(), Value: "/id", Label: "/name"}}
}

func thanks() map[string]any {
	return map[string]any{"inlineMessage": "Thanks for submitting the form.", "redirectUri": nil}
}

func submission() map[string]any {
	return map[string]any{"conversionId": "0c7a0b1e-8d2b-4b0e-9b2f-6a3d1c0f5e11", "submittedAt": 1769851800000, "pageUrl": "https://example.com/contact",
		"values": []any{map[string]any{"name": "email", "value": "ada@example.com", "objectTypeId": "0-1"}, map[string]any{"name": "firstname", "value": "Ada", "objectTypeId": "0-1"}}}
}

func submissionsPage() *actions.Page {
	page := listPage()
	page.ID, page.Size = "/conversionId", 50
	return page
}

// submitted is the trigger for forms that were filled in. HubSpot gives the latest submissions first.
func submitted() actions.Trigger {
	sample := submission()
	t := actions.Trigger{
		ID: "form_submitted", Name: "Form submitted", Description: "A visitor filled in a form.", Kind: actions.PollKind,
		Input: []actions.Field{formField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: submissionsPath}, Page: *submissionsPage(), Time: "/submittedAt", Order: actions.NewestFirst,
			Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute},
	}
	return t.Needing("forms")
}

// submit sends the form to the account that the connection signs in to, whose number it asks for.
func submit(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	details, err := do.Ask(ctx, &actions.Action{ID: "details", Effect: actions.Read, Sample: map[string]any{"portalId": 123}, Request: &actions.Request{Method: "GET", Path: "/account-info/v3/details"}}, nil)
	if err != nil {
		return nil, err
	}
	portal := value.Text(value.At(details, "/portalId"))
	if portal == "" {
		return nil, fault.New(fault.Unavailable, "HubSpot did not say which account the connection is of.")
	}
	body, err := value.Encode(submissionBody(in.Values))
	if err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodPost, URL: hsforms + "/submissions/v3/integration/secure/submit/" + url.PathEscape(portal) + "/" + url.PathEscape(value.Text(in.Values["form"])),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: bytes.NewReader(body)})
	if err != nil || do.Sandboxed() {
		return thanks(), err
	}
	return map[string]any{"inlineMessage": value.At(resp.Value, "/inlineMessage"), "redirectUri": value.At(resp.Value, "/redirectUri")}, nil
}

func submissionBody(in map[string]any) map[string]any {
	given, _ := in["fields"].(map[string]any)
	fields, about := []any{}, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] != nil {
			fields = append(fields, map[string]any{"name": name, "value": propertyText(given[name])})
		}
	}
	for name, input := range map[string]string{"pageUri": "page_url", "pageName": "page_name", "hutk": "cookie"} {
		if in[input] != nil {
			about[name] = in[input]
		}
	}
	body := map[string]any{"fields": fields}
	if len(about) > 0 {
		body["context"] = about
	}
	if in["consent"] != nil {
		body["legalConsentOptions"] = in["consent"]
	}
	return body
}
