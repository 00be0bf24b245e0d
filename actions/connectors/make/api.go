package make

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

const onlyReads = "It only reads, so it is asked again after a crash."

// byToken are the ways to sign in of what Make's API does.
func byToken() []string { return []string{"token"} }

// token signs in to Make's API. Source: https://developers.make.com/api-documentation/authentication/create-authentication-token
func token() actions.Auth {
	var zones []actions.Option
	for _, zone := range []string{"eu1.make.com", "eu2.make.com", "us1.make.com", "us2.make.com", "eu1.make.celonis.com", "us1.make.celonis.com"} {
		zones = append(zones, actions.Option{Value: zone, Label: zone})
	}
	return actions.Auth{Method: "token", Name: "API token", BaseURL: "https://{zone}/api/v2",
		Help: "In Make under your profile, API: a token with the scopes scenarios:read, scenarios:write, scenarios:run, organizations:read, teams:read and user:read. It looks into scenarios and runs them; a webhook needs none.",
		Fields: []actions.Field{{ID: "token", Label: "API token", Help: "Of the zone; each zone has tokens of its own.", Type: actions.Text, Required: true, Secret: true},
			{ID: "zone", Label: "Zone", Help: "What the address of your Make begins with.", Type: actions.Select, Default: "eu1.make.com", Options: zones}},
		Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Token {token}"}}}
}

// apiErrors are those of Make's API, whose answers say message and detail.
// Source: https://developers.make.com/api-documentation/troubleshooting
func apiErrors() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Make does not take the API token: {words}", Remedy: "Make a token in Make under your profile, API, and put it into the connection; look whether the connection's zone is the token's."},
		{Status: 403, Code: "unauthorized", Message: "Make does not let the token do this: {words}", Remedy: "Give the token the scope that is missing, under your profile, API, and look whether your role in the team allows it."},
		{Status: 404, Code: "not_found", Message: "Make does not know it: {words}", Remedy: "Check the id: it stands in the scenario's address, behind /scenarios/."},
		{Status: 429, Code: "rate_limited", Message: "Make asks to slow down: {words}", Remedy: "How many calls a minute it takes goes by the organization's plan."},
		{Status: 400, Pointer: "/suberrors/*/message", Code: "invalid_input", Message: "Make refused {/suberrors/*/name}: {/suberrors/*/message}", Remedy: "Correct the input that is named."},
		{Status: 400, Code: "invalid_input", Message: "Make refused: {words}", Remedy: "Check the inputs; a scenario that is run must be switched on, and get what its inputs ask for."},
	}
}

// scenarioField names a scenario, by its id or its address.
func scenarioField() actions.Field {
	return actions.Field{ID: "scenario", Label: "Scenario", Help: "Its id, or its address in Make. To choose from the list, choose the organization first.", Type: actions.Text, Required: true, In: actions.InPath, Link: `/scenarios/([0-9]+)`, Example: "418339",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/scenarios"}, Page: *pages("scenarios"), Value: "/id", Label: "/name",
			Needs: []actions.Field{{ID: "organization", In: actions.InQuery, Name: "organizationId", Type: actions.Text}}}}
}

// organizationField is there for the list of scenarios.
func organizationField() actions.Field {
	return actions.Field{ID: "organization", Label: "Organization", Help: "Its id, for the list of scenarios; otherwise not needed.", Type: actions.Text, In: actions.InNone, Link: `/organization/([0-9]+)`, Example: "21",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/organizations"}, Page: *pages("organizations"), Value: "/id", Label: "{/name} ({/zone})"}}
}

// pages is how lists of Make go on. Source: https://developers.make.com/api-documentation/pagination-sorting-filtering
func pages(items string) *actions.Page {
	return &actions.Page{Kind: actions.Offset, Items: "/" + items, Sure: "/" + items, ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "pg[offset]"}, Size: 50, Sizes: actions.Spot{In: actions.InQuery, Name: "pg[limit]"}}
}

// logPages is how the executions go on: behind the last one of a whole part.
func logPages() *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/scenarioLogs", Sure: "/scenarioLogs", ID: "/id", Next: "/scenarioLogs/49/imtId", At: actions.Spot{In: actions.InQuery, Name: "pg[last]"}}
}

func scenario() map[string]any {
	return map[string]any{"id": 418339, "name": "Workshop enrolment", "teamId": 18, "hookId": 222895, "description": "", "folderId": 99, "isinvalid": false, "isActive": true, "isPaused": false, "usedPackages": []any{"gateway", "util"}, "lastEdit": "2026-01-30T13:27:45.109Z",
		"scheduling": map[string]any{"type": "immediately"}, "dlqCount": 0, "nextExec": nil, "operations": 5748, "transfer": 40236}
}

func execution() map[string]any {
	return map[string]any{"imtId": "1769765400000_scenario.418339.auto.da518adcd14b4b64ac6358823ccb80ca", "id": "da518adcd14b4b64ac6358823ccb80ca", "duration": 19979, "operations": 10, "transfer": 3942, "organizationId": 21, "teamId": 18, "type": "auto", "authorId": nil, "instant": false, "timestamp": "2026-01-30T09:30:00.000Z", "status": 3}
}

// apiActions are what Make's API does. Source: https://developers.make.com/api-documentation/api-reference/scenarios
func apiActions() []actions.Action {
	ran := map[string]any{"executionId": "9c4874979d974c3ebdef1e8aaa7dc452", "status": "1", "outputs": map[string]any{"total": 120}}
	list := actions.Action{
		ID: "list_scenarios", Name: "List scenarios", Description: "Gives the scenarios of an organization, with which are switched on and how many executions are incomplete.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{organizationField(), actions.LimitField()}, Request: &actions.Request{Method: "GET", Path: "/scenarios"}, Page: pages("scenarios")}
	list.Input[0].Required, list.Input[0].In, list.Input[0].Name, list.Input[0].Help = true, actions.InQuery, "organizationId", "Its id, or its address in Make."
	list.Output, list.Sample = actions.ListOf(scenario())
	logs := actions.Action{
		ID: "list_executions", Name: "List executions", Description: "Gives the executions of a scenario, the latest first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{organizationField(), scenarioField(),
			{ID: "status", Label: "Which", Help: "How they ended; all where none is given.", Type: actions.Select, In: actions.InQuery, Options: []actions.Option{{Value: "1", Label: "Success"}, {Value: "2", Label: "Warning"}, {Value: "3", Label: "Error"}}},
			{ID: "from", Label: "From", Help: "Only those from this time on.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"}, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/scenarios/{scenario}/logs", Query: map[string]string{"pg[limit]": "50"}, Prepare: func(in map[string]any) (actions.Parts, error) {
			at, err := time.Parse(time.RFC3339, value.Text(in["from"]))
			if err != nil {
				return actions.Parts{}, nil
			}
			return actions.Parts{Query: map[string]any{"from": at.UnixMilli()}}, nil
		}}, Page: logPages()}
	logs.Output, logs.Sample = actions.ListOf(execution())
	organizations := actions.Action{ID: "list_organizations", Name: "List organizations", Description: "Gives the organizations that the token's owner is in.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{actions.LimitField()}, Request: &actions.Request{Method: "GET", Path: "/organizations"}, Page: pages("organizations")}
	organizations.Output, organizations.Sample = actions.ListOf(map[string]any{"id": 21, "name": "Example", "zone": "eu1.make.com", "timezoneId": 113})
	out := []actions.Action{
		{ID: "run_scenario", Name: "Run a scenario", Description: "Runs a scenario that is switched on, with inputs where it asks for some, and waits for its end or not. A scenario that begins with a webhook is started by Start a scenario by its webhook.", Effect: actions.Once, Timeout: time.Minute,
			Guarantee: "Make runs the scenario for every call: one whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{organizationField(), scenarioField(), {ID: "data", Label: "Inputs", Help: "What the scenario's inputs are, by their names.", Type: actions.Object, Example: map[string]any{"email": "ada@example.com"}},
				{ID: "wait", Label: "Wait", Help: "Whether the step waits until the scenario has ended, at most 40 seconds; it runs on when that is not enough.", Type: actions.Boolean, Default: false, Name: "responsive"}},
			Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"executionId": {Kind: "text"}, "status": {}, "outputs": {}}}, Sample: ran, Request: &actions.Request{Method: "POST", Path: "/scenarios/{scenario}/run", Body: actions.JSONBody}},
		switching("activate_scenario", "Switch a scenario on", "Switches a scenario on; one with an interval runs at once, too.", "start", true),
		switching("deactivate_scenario", "Switch a scenario off", "Switches a scenario off.", "stop", false),
		{ID: "get_scenario", Name: "Get a scenario", Description: "Reads a scenario: whether it is switched on, and how many executions are incomplete.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{organizationField(), scenarioField()}, Output: value.ShapeOf(scenario()), Sample: scenario(), Request: &actions.Request{Method: "GET", Path: "/scenarios/{scenario}", Output: within("/scenario")}},
		list, logs, organizations, actions.APIRequest("Make", "/users/me", map[string]any{"authUser": map[string]any{"id": 11, "name": "Ada Lovelace"}}),
	}
	for i := range out {
		out[i].Ways, out[i].Errors = byToken(), apiErrors()
	}
	return out
}

// within takes the one member that an answer has.
func within(pointer string) func(actions.Response) (any, error) {
	return func(resp actions.Response) (any, error) { return value.At(resp.Value, pointer), nil }
}

func switching(id, name, description, verb string, on bool) actions.Action {
	sample := map[string]any{"id": 418339, "isActive": on}
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: "It is on or it is off: a repeat after a crash does no harm, and may say that it is so already.",
		Input: []actions.Field{organizationField(), scenarioField()}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/scenarios/{scenario}/" + verb, Output: within("/scenario")}}
}

// scenarioFailed is the trigger for executions that ended in an error.
// Source: https://developers.make.com/api-documentation/api-reference/scenarios-greater-than-logs
func scenarioFailed() actions.Trigger {
	return actions.Trigger{
		ID: "scenario_failed", Name: "Scenario failed", Description: "An execution of a scenario ended in an error.", Kind: actions.PollKind, Ways: byToken(),
		Input: []actions.Field{organizationField(), scenarioField()}, Output: value.ShapeOf(execution()), Sample: execution(),
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/scenarios/{scenario}/logs", Query: map[string]string{"status": "3", "pg[limit]": "50"}}, Page: *logPages(), Time: "/timestamp", Order: actions.NewestFirst,
			Since:   actions.Since{Spot: actions.Spot{In: actions.InQuery, Name: "from"}, As: actions.UnixMilli},
			Overlap: time.Hour, Every: 5 * time.Minute, Least: time.Minute}, // an execution is told of when it has ended, by the time it began
	}
}
