package mailchimp

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// automations are the actions of journeys, of the older automations, and of the account's templates. Sources:
// https://mailchimp.com/developer/marketing/api/customer-journeys-journeys-steps-actions/ and
// https://mailchimp.com/developer/marketing/api/automation-email-queue/
func automations() []actions.Action {
	workflow := actions.Field{ID: "workflow", Label: "Automation", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "57afe96172",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/automations"}, Page: *parts("automations"), Value: "/id", Label: "{/settings/title} ({/status})"}}
	mail := actions.Field{ID: "mail", Label: "Mail", Help: "The id of one of its mails.", Type: actions.Text, Required: true, In: actions.InPath, Example: "a87de7d1e5",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/automations/{workflow}/emails"}, Page: actions.Page{Items: "/emails", Sure: "/emails", ID: "/id"}, Value: "/id", Label: "{/position}: {/settings/subject_line}", Needs: []actions.Field{{ID: "workflow", Type: actions.Text, In: actions.InPath}}}}
	email := emailField()
	email.In, email.Name, email.Help = actions.InBody, "email_address", "Of a member of its audience."
	queued := map[string]any{"id": "852aaa9532cb36adfb5e9fef7a4206a9", "workflow_id": "57afe96172", "email_id": "a87de7d1e5", "list_id": "a1b2c3d4e5", "list_is_active": true, "email_address": "ada@example.com", "next_send": "2026-01-31T10:00:00+00:00"}
	removed := map[string]any{"id": "852aaa9532cb36adfb5e9fef7a4206a9", "workflow_id": "57afe96172", "list_id": "a1b2c3d4e5", "email_address": "ada@example.com"}
	shape, list := actions.ListOf(map[string]any{"id": "57afe96172", "status": "sending", "emails_sent": 12, "create_time": "2026-01-31T09:30:00+00:00", "start_time": "2026-01-31T09:30:00+00:00", "recipients": map[string]any{"list_id": "a1b2c3d4e5", "list_name": "Customers"}, "settings": map[string]any{"title": "Welcome", "from_name": "Acme", "reply_to": "hello@example.com"}})
	templateShape, templateList := actions.ListOf(map[string]any{"id": 42, "name": "News", "type": "user", "active": true, "category": "", "date_created": "2026-01-31T09:30:00+00:00", "date_edited": "2026-01-31T09:30:00+00:00", "drag_and_drop": true, "thumbnail": "", "share_url": ""})
	notThere := actions.ErrorTable{{Status: 404, Code: "not_found", Message: "Mailchimp does not know the automation, its mail, or the member: {/detail}", Remedy: "Add the member to the audience first, and choose the automation and its mail from the lists."}}
	return []actions.Action{
		{ID: "trigger_journey", Name: "Begin a journey for a member", Description: "Puts a member into an automation flow (customer journey) at a step that waits for the API.", Effect: actions.Once,
			Guarantee: "Mailchimp has no key that would make a repeat harmless: where the answer was lost in a crash the member is not put in again by itself, you are asked.",
			Errors:    actions.ErrorTable{{Status: 404, Code: "not_found", Message: "Mailchimp does not know the journey, the step, or the member: {/detail}", Remedy: "Copy the address from the step “API Trigger” in the flow's builder, and add the member to its audience first."}},
			Input: []actions.Field{{ID: "journey", Label: "Journey", Help: "Its number, or the whole address that the flow's builder shows at its API trigger.", Type: actions.Text, Required: true, In: actions.InPath, Example: "2141", Link: `/journeys/(\d+)/`},
				{ID: "step", Label: "Step", Help: "Its number, or that address again.", Type: actions.Text, Required: true, In: actions.InPath, Example: "7", Link: `/steps/(\d+)/`}, email},
			Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/customer-journeys/journeys/{journey}/steps/{step}/actions/trigger", Body: actions.JSONBody, Output: done}},
		{ID: "add_to_automation", Name: "Add a member to an automation", Description: "Puts a member into the queue of a mail of a classic automation, whatever begins it otherwise.", Effect: actions.Once,
			Guarantee: "Where the answer was lost in a crash the member is not put in again by itself, you are asked.", Errors: notThere,
			Input: []actions.Field{workflow, mail, email}, Output: value.ShapeOf(queued), Sample: queued, Request: &actions.Request{Method: "POST", Path: "/automations/{workflow}/emails/{mail}/queue", Body: actions.JSONBody}},
		{ID: "remove_from_automation", Name: "Remove a member from an automation", Description: "Takes a member out of a classic automation for good: Mailchimp lets nobody back in.", Effect: actions.Idempotent,
			Guarantee: "Who is out stays out, so a repeat after a crash changes nothing.", Errors: notThere,
			Input: []actions.Field{workflow, email}, Output: value.ShapeOf(removed), Sample: removed, Request: &actions.Request{Method: "POST", Path: "/automations/{workflow}/removed-subscribers", Body: actions.JSONBody}},
		{ID: "list_automations", Name: "List automations", Description: "Lists the account's classic automations.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{actions.LimitField()}, Output: shape, Sample: list, Request: listed("/automations", "automations"), Page: parts("automations")},
		{ID: "list_templates", Name: "List templates", Description: "Lists the account's templates of mails.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "type", Label: "Kind", Help: "Only those of a kind.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "user", Label: "The account's own"}, {Value: "gallery", Label: "Of the gallery"}, {Value: "base", Label: "Basic"}}}, actions.LimitField()},
			Output: templateShape, Sample: templateList, Request: listed("/templates", "templates"), Page: parts("templates")},
	}
}

// templateChoices are the account's own templates.
func templateChoices() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/templates", Query: map[string]string{"type": "user"}}, Page: *parts("templates"), Value: "/id", Label: "/name"}
}

// batches are the actions that do many things at once. Source: https://mailchimp.com/developer/marketing/guides/run-async-requests-batch-endpoint/
func batches() []actions.Action {
	sample := map[string]any{"id": "123abc", "status": "pending", "total_operations": 2, "finished_operations": 0, "errored_operations": 0, "submitted_at": "2026-01-31T09:30:00+00:00", "completed_at": "", "response_body_url": ""}
	return []actions.Action{
		{ID: "start_batch", Name: "Start a batch", Description: "Has Mailchimp carry out many calls of its API one after the other. It answers at once; Get a batch says what became of them.", Effect: actions.Once,
			Guarantee: "Mailchimp has no key that would make a repeat harmless: a batch whose answer was lost in a crash is not started again by itself, you are asked.",
			Input: []actions.Field{{ID: "operations", Label: "Calls", Help: "From 1 to 500.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
				{ID: "method", Label: "Method", Help: "Of the call.", Type: actions.Select, Default: "POST", Options: []actions.Option{{Value: "GET", Label: "GET"}, {Value: "POST", Label: "POST"}, {Value: "PUT", Label: "PUT"}, {Value: "PATCH", Label: "PATCH"}, {Value: "DELETE", Label: "DELETE"}}},
				{ID: "path", Label: "Path", Help: "As /lists/a1b2c3d4e5/members.", Type: actions.Text, Required: true, Example: "/lists/a1b2c3d4e5/members"},
				{ID: "params", Label: "Parameters", Help: "Of the URL.", Type: actions.Object},
				{ID: "body", Label: "Body", Help: "What the call sends.", Type: actions.Object},
				{ID: "id", Label: "Name of the call", Help: "By which its answer is found again.", Type: actions.Text}}}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/batches", Body: actions.JSONBody, Prepare: operations}},
		{ID: "get_batch", Name: "Get a batch", Description: "Says how far a batch has come. Once its status is finished, the answers lie at response_body_url for some minutes, as a tar.gz of JSON files.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{{ID: "batch", Label: "Batch", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "123abc"}}, Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "GET", Path: "/batches/{batch}", Query: map[string]string{"exclude_fields": "_links"}}},
	}
}

// operations writes calls, whose bodies are texts.
func operations(in map[string]any) (actions.Parts, error) {
	list, _ := in["operations"].([]any)
	if len(list) == 0 || len(list) > 500 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input operations: there are %d; from 1 to 500 are taken at once.", len(list))
	}
	out := []any{}
	for i, item := range list {
		one, _ := item.(map[string]any)
		path := value.Text(one["path"])
		if !strings.HasPrefix(path, "/") {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input operations/%d/path: %q does not begin with /.", i, fault.Clip(path, 60))
		}
		call := map[string]any{"method": one["method"], "path": path}
		if one["params"] != nil {
			call["params"] = one["params"]
		}
		if one["body"] != nil {
			call["body"] = value.Text(one["body"])
		}
		if one["id"] != nil {
			call["operation_id"] = one["id"]
		}
		out = append(out, call)
	}
	return actions.Parts{Body: map[string]any{"operations": out}}, nil
}
