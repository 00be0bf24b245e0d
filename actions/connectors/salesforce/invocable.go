package salesforce

import (
	"net/mail"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// invocable are what Salesforce's own automation has: flows, Apex that is made for being called, mail.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_action.meta/api_action/
func invocable() []actions.Action {
	return []actions.Action{runFlow(), runApex(), sendEmail()}
}

// offered are the flows, or the Apex actions, that the org has.
func offered(kind string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/actions/custom/" + kind}, Page: actions.Page{Items: "/actions", Sure: "/actions"}, Value: "/name", Label: "{/label} ({/name})"}
}

// refusedAction is how the answer of an action that failed says why.
func refusedAction(remedy string) actions.ErrorTable {
	return actions.ErrorTable{{Pointer: "/*/errors/*/message", Code: "invalid_input", Message: "Salesforce refused: {/*/errors/*/message} {/*/errors/*/fields}", Remedy: remedy}}
}

// outcome is what came of the one call that was made.
func outcome(resp actions.Response) (any, error) {
	one, ok := value.At(resp.Value, "/0").(map[string]any)
	if !ok || one["isSuccess"] != true {
		return nil, fault.New(fault.Unavailable, "Salesforce did not say that the action went well.")
	}
	outputs, _ := one["outputValues"].(map[string]any)
	if outputs == nil {
		outputs = map[string]any{}
	}
	return map[string]any{"success": true, "outputs": outputs}, nil
}

func inputsField(help string) actions.Field {
	return actions.Field{ID: "inputs", Label: "Inputs", Help: help, Type: actions.Object, In: actions.InNone, Example: map[string]any{"orderId": "A-1042"}}
}

func oneCall(in map[string]any) (actions.Parts, error) {
	with, _ := in["inputs"].(map[string]any)
	if with == nil {
		with = map[string]any{}
	}
	return actions.Parts{Body: map[string]any{"inputs": []any{with}}}, nil
}

func runFlow() actions.Action {
	sample := map[string]any{"success": true, "outputs": map[string]any{"Flow__InterviewStatus": "Finished", "approved": true}}
	return actions.Action{
		ID: "run_flow", Name: "Run a flow", Description: "Runs an active autolaunched flow of Salesforce's, and gives its output variables.", Effect: actions.Once, Guarantee: noKey, Timeout: callTimeout,
		Input: []actions.Field{{ID: "flow", Label: "Flow", Help: "Its API name.", Type: actions.Text, Required: true, In: actions.InPath, Example: "Approve_Order", Choices: offered("flow")},
			inputsField("By the API names of the flow's variables that are available for input.")},
		Output: value.ShapeOf(map[string]any{"success": true, "outputs": map[string]any{}}), Sample: sample,
		Errors:  refusedAction("In Salesforce open the flow and debug it with these inputs; it must be active and autolaunched, and the user of the connection allowed to run flows."),
		Request: &actions.Request{Method: "POST", Path: "/actions/custom/flow/{flow}", Body: actions.JSONBody, Prepare: oneCall, Output: outcome},
	}
}

func runApex() actions.Action {
	sample := map[string]any{"success": true, "outputs": map[string]any{"output": "A-1042"}}
	return actions.Action{
		ID: "run_apex_action", Name: "Run an Apex action", Description: "Calls an Apex method that is marked @InvocableMethod, and gives its outputs.", Effect: actions.Once, Guarantee: noKey, Timeout: callTimeout,
		Input: []actions.Field{{ID: "action", Label: "Action", Help: "The name of the Apex class.", Type: actions.Text, Required: true, In: actions.InPath, Example: "PriceOrder", Choices: offered("apex")},
			inputsField("By the names of the method's @InvocableVariable members; plain values only.")},
		Output: value.ShapeOf(map[string]any{"success": true, "outputs": map[string]any{}}), Sample: sample,
		Errors:  refusedAction("Look at the Apex class, and whether the profile of the connection's user has access to it."),
		Request: &actions.Request{Method: "POST", Path: "/actions/custom/apex/{action}", Body: actions.JSONBody, Prepare: oneCall, Output: outcome},
	}
}

// sendEmail sends mail as Salesforce does. Source: https://developer.salesforce.com/docs/atlas.en-us.api_action.meta/api_action/actions_obj_email_simple.htm
func sendEmail() actions.Action {
	sample := map[string]any{"success": true, "outputs": map[string]any{}}
	return actions.Action{
		ID: "send_email", Name: "Send an email", Description: "Sends mail from Salesforce, to at most five addresses; Salesforce limits how many may go out a day.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{{ID: "to", Label: "To", Help: "Mail addresses, at most five.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"ada@example.com"}},
			{ID: "subject", Label: "Subject", Help: "What it is about.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Your order"}, {ID: "body", Label: "Text", Help: "Text, or HTML where that is said.", Type: actions.LongText, Required: true, In: actions.InNone, Example: "It is on its way."},
			{ID: "html", Label: "The text is HTML", Help: "Then it is sent as such.", Type: actions.Boolean, In: actions.InNone},
			{ID: "from", Label: "From", Help: "Who sends it.", Type: actions.Select, Default: "CurrentUser", In: actions.InNone, Options: []actions.Option{{Value: "CurrentUser", Label: "The user of the connection"}, {Value: "DefaultWorkflowUser", Label: "The default workflow user"}, {Value: "OrgWideEmailAddress", Label: "An organization-wide address"}}},
			{ID: "sender", Label: "Organization-wide address", Help: "One that is set up and verified in Salesforce; it is asked for where it is the sender.", Type: actions.Text, In: actions.InNone, Example: "sales@example.com"}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: refusedAction("Look under Setup, Email, Deliverability whether mail may go out, and at the addresses."),
		Request: &actions.Request{Method: "POST", Path: "/actions/standard/emailSimple", Body: actions.JSONBody, Prepare: email, Output: outcome},
	}
}

func email(in map[string]any) (actions.Parts, error) {
	list, _ := in["to"].([]any)
	if len(list) == 0 || len(list) > 5 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input to: Salesforce takes from 1 to 5 addresses, not %d.", len(list))
	}
	texts := make([]string, len(list))
	for i, item := range list {
		to, err := mail.ParseAddress(value.Text(item))
		if err != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input to/%d: %q is no mail address.", i, fault.Clip(value.Text(item), 60))
		}
		texts[i] = to.Address
	}
	one := map[string]any{"emailAddresses": strings.Join(texts, ","), "emailSubject": in["subject"], "emailBody": in["body"], "senderType": in["from"]}
	if in["html"] != nil {
		one["sendRichBody"] = in["html"]
	}
	if wide := in["from"] == "OrgWideEmailAddress"; wide != (in["sender"] != nil) {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input sender: it and From, an organization-wide address, belong together.")
	} else if wide {
		one["senderAddress"] = in["sender"]
	}
	return actions.Parts{Body: map[string]any{"inputs": []any{one}}}, nil
}
