package hubspot

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// marketing are the actions of workflows, of what people get mail about, and of single mails.
func marketing() []actions.Action {
	return append([]actions.Action{enrol(true), enrol(false), sendEmail()}, subscriptions()...)
}

// enrol puts a contact into a workflow, or takes it out. HubSpot has it for workflows of contacts only.
// Source: https://legacydocs.hubspot.com/docs/methods/workflows/add_contact
func enrol(in bool) actions.Action {
	out := actions.Action{ID: "enrol_contact", Name: "Enrol a contact in a workflow", Description: "Puts a contact into a workflow of contacts that is switched on. It needs a HubSpot account that has workflows.", Effect: actions.Once,
		Guarantee: "A contact whose answer was lost in a crash is not enrolled again by itself, you are asked: some workflows take one several times."}
	method := http.MethodPost
	if !in {
		out.ID, out.Name, out.Description, out.Effect = "unenrol_contact", "Remove a contact from a workflow", "Takes a contact out of a workflow of contacts, before its further actions.", actions.Idempotent
		out.Guarantee, method = "A contact that is out of a workflow stays out, so a repeat after a crash changes nothing.", http.MethodDelete
	}
	sample := map[string]any{"done": true}
	out.Input = []actions.Field{
		{ID: "workflow", Label: "Workflow", Help: "Its id. The address of its page has another number, which HubSpot does not take here; choose it from the list.", Type: actions.Text, Required: true, In: actions.InPath, Example: "16869008",
			Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/automation/v3/workflows"}, Page: actions.Page{Items: "/workflows", Sure: "/workflows", ID: "/id"}, Value: "/id", Label: "/name"}},
		{ID: "email", Label: "Email address", Help: "Of a contact that is in HubSpot.", Type: actions.Text, Required: true, In: actions.InPath, Example: "ada@example.com"}}
	out.Output, out.Sample = value.ShapeOf(sample), sample
	out.Errors = actions.ErrorTable{{Status: 404, Code: "not_found", Message: "HubSpot does not know the workflow, or the contact: {words}", Remedy: "Choose the workflow from the list, and create the contact first."}}
	out.Request = &actions.Request{Method: method, Path: "/automation/v2/workflows/{workflow}/enrollments/contacts/{email}", Output: func(actions.Response) (any, error) { return sample, nil }}
	return out.Needing("automation")
}

// subscriptions are the actions of what a person agreed to get mail about.
// Source: https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v3/guide
func subscriptions() []actions.Action {
	status := map[string]any{"id": "78", "name": "Newsletter", "description": "Once a month.", "status": "SUBSCRIBED", "sourceOfStatus": "SUBSCRIPTION_STATUS", "preferenceGroupName": nil, "legalBasis": "CONSENT_WITH_NOTICE", "legalBasisExplanation": "Asked for it on the phone."}
	all := map[string]any{"recipient": "ada@example.com", "subscriptionStatuses": []any{status}}
	shape, list := actions.ListOf(map[string]any{"id": "78", "name": "Newsletter", "description": "Once a month.", "purpose": "Marketing", "communicationMethod": "Email", "isActive": true, "isDefault": false, "isInternal": false, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z"})
	email := actions.Field{ID: "email", Label: "Email address", Help: "Whose it is.", Type: actions.Text, Required: true, Name: "emailAddress", Example: "ada@example.com"}
	inPath := email
	inPath.In = actions.InPath
	definitions := &actions.Request{Method: "GET", Path: "/communication-preferences/v3/definitions"}
	input := []actions.Field{email,
		{ID: "subscription", Label: "Subscription", Help: "The id of a type of mail.", Type: actions.Text, Required: true, Name: "subscriptionId", Example: "78",
			Choices: &actions.Choices{Request: definitions, Page: actions.Page{Items: "/subscriptionDefinitions", Sure: "/subscriptionDefinitions", ID: "/id"}, Value: "/id", Label: "/name"}},
		{ID: "basis", Label: "Legal basis", Help: "Why mail may go there; an account with privacy settings requires it.", Type: actions.Select, Name: "legalBasis",
			Options: []actions.Option{{Value: "CONSENT_WITH_NOTICE", Label: "Consent"}, {Value: "LEGITIMATE_INTEREST_CLIENT", Label: "Legitimate interest: a client"}, {Value: "LEGITIMATE_INTEREST_PQL", Label: "Legitimate interest: a prospect or lead"}, {Value: "LEGITIMATE_INTEREST_OTHER", Label: "Legitimate interest: other"}, {Value: "PERFORMANCE_OF_CONTRACT", Label: "A contract"}, {Value: "NON_GDPR", Label: "Not under the GDPR"}}},
		{ID: "explanation", Label: "Explanation", Help: "Of the legal basis, as where consent was given.", Type: actions.Text, Name: "legalBasisExplanation", Example: "Asked for it on the phone."}}
	const read, write = "communication_preferences.read", "communication_preferences.read_write"
	return []actions.Action{
		actions.Action{ID: "subscribe_contact", Name: "Subscribe to a type of mail", Description: "Notes that a person wants a type of mail. HubSpot takes nobody back who unsubscribed by themselves.", Effect: actions.Idempotent, Guarantee: "Who is subscribed stays so: a repeat after a crash changes nothing, and may end in the error that it is so already.",
			Errors: settled(),
			Input:  input, Output: value.ShapeOf(status), Sample: status, Request: &actions.Request{Method: "POST", Path: "/communication-preferences/v3/subscribe", Body: actions.JSONBody}}.Needing(write),
		actions.Action{ID: "unsubscribe_contact", Name: "Unsubscribe from a type of mail", Description: "Notes that a person wants a type of mail no more.", Effect: actions.Idempotent, Guarantee: "Who is unsubscribed stays so: a repeat after a crash changes nothing, and may end in the error that it is so already.",
			Errors: settled(),
			Input:  input, Output: value.ShapeOf(status), Sample: status, Request: &actions.Request{Method: "POST", Path: "/communication-preferences/v3/unsubscribe", Body: actions.JSONBody}}.Needing(write),
		actions.Action{ID: "get_subscriptions", Name: "Get a person's subscriptions", Description: "Gives which types of mail a person gets.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{inPath}, Output: value.ShapeOf(all), Sample: all, Request: &actions.Request{Method: "GET", Path: "/communication-preferences/v3/status/email/{emailAddress}"}}.Needing(read),
		actions.Action{ID: "list_subscription_types", Name: "List types of mail", Description: "Gives the types of mail that people can subscribe to.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{actions.LimitField()}, Output: shape, Sample: list, Request: definitions, Page: &actions.Page{Items: "/subscriptionDefinitions", Sure: "/subscriptionDefinitions", ID: "/id"}}.Needing(read),
	}
}

// settled are the errors of a subscription that cannot become what it is to be.
func settled() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 400, Pointer: "/message", Contains: "already", Code: "conflict", Message: "HubSpot refused: {}", Remedy: "Nothing is left to do."},
		{Status: 400, Pointer: "/message", Contains: "unsubscribed", Code: "invalid_input", Message: "HubSpot refused: {}", Remedy: "Who unsubscribed can come back only by themselves, by a form or by the link in a mail."}}
}

// sendEmail sends a mail that was made in HubSpot to one person. HubSpot sends one mail only for each sendId.
// Source: https://developers.hubspot.com/docs/api-reference/marketing-single-send-v3/guide
func sendEmail() actions.Action {
	sample := queued()
	return actions.Action{ID: "send_email", Name: "Send a single mail", Description: "Sends one of the account's mails to one person. It needs the add-on for transactional mail, and a mail that was made for it and published.", Effect: actions.Idempotent,
		Guarantee: "HubSpot sends one mail only for the step's key, so a repeat after a crash sends no second one.",
		Errors:    actions.ErrorTable{{Status: 400, Pointer: "/message", Contains: "email", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Take the id of a published mail of the type that is sent by the API."}},
		Input: []actions.Field{
			{ID: "mail", Label: "Mail", Help: "Its id, which is the last number in the address of its page, or the address.", Type: actions.Text, Required: true, In: actions.InNone, Example: "4126643121",
				Link: `^https?://app(?:-\w+)?\.hubspot\.com/email/\d+/(?:\w+/)*(\d+)`},
			{ID: "to", Label: "To", Help: "The address of who gets it.", Type: actions.Text, Required: true, In: actions.InNone, Example: "ada@example.com"},
			{ID: "from", Label: "From", Help: "As Name <address>; not given: the mail's own.", Type: actions.Text, In: actions.InNone, Example: "Grace <grace@example.com>"},
			{ID: "reply_to", Label: "Reply to", Help: "Addresses.", Type: actions.Texts, In: actions.InNone, Example: []any{"grace@example.com"}},
			{ID: "cc", Label: "Cc", Help: "Addresses.", Type: actions.Texts, In: actions.InNone},
			{ID: "bcc", Label: "Bcc", Help: "Addresses.", Type: actions.Texts, In: actions.InNone},
			{ID: "contact_properties", Label: "Contact properties", Help: "Set on the contact before it is sent, by their internal names.", Type: actions.Object, In: actions.InNone},
			{ID: "properties", Label: "Own properties", Help: "What the mail shows by {{ custom.name }}, by their names.", Type: actions.Object, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample, Run: sendOne}.Needing("transactional-email")
}

func queued() map[string]any {
	return map[string]any{"status": "PENDING", "statusId": "12345", "requestedAt": "2026-01-31T09:30:00.000Z", "sendResult": "QUEUED"}
}

func sendOne(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	body, err := singleSend(in.Values, in.Key)
	if err != nil {
		return nil, err
	}
	text, err := value.Encode(body)
	if err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodPost, URL: "/marketing/v3/transactional/single-email/send", Header: http.Header{"Content-Type": {"application/json"}}, Body: bytes.NewReader(text)})
	if err != nil || do.Sandboxed() {
		return queued(), err
	}
	return resp.Value, nil
}

func singleSend(in map[string]any, key string) (map[string]any, error) {
	id, err := strconv.ParseInt(value.Text(in["mail"]), 10, 64)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "The input mail: %q is no number; it is the last one in the address of the mail's page.", fault.Clip(value.Text(in["mail"]), 60))
	}
	message := map[string]any{"to": in["to"], "sendId": key}
	for name, input := range map[string]string{"from": "from", "replyTo": "reply_to", "cc": "cc", "bcc": "bcc"} {
		if in[input] != nil {
			message[name] = in[input]
		}
	}
	body := map[string]any{"emailId": id, "message": message}
	if given, _ := in["contact_properties"].(map[string]any); len(given) > 0 {
		texts := map[string]any{}
		for name, v := range given {
			texts[name] = propertyText(v)
		}
		body["contactProperties"] = texts
	}
	if in["properties"] != nil {
		body["customProperties"] = in["properties"]
	}
	return body, nil
}
