package linear

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// inTeam is the need of options that belong to a team.
func inTeam() actions.Field {
	return actions.Field{ID: "team", Type: actions.Text, In: actions.InNone, Name: "team"}
}

func teamField(variable string) actions.Field {
	return in(actions.Field{ID: "team", Label: "Team", Help: "Its id.", Type: actions.Text, Required: true, Example: "b1a2b3d4-0000-4000-8000-000000000002", Choices: teams()}, variable)
}

func teams() *actions.Choices {
	return choosing(`query($first: Int, $after: String) { teams(first: $first, after: $after) { nodes { id key name }`+rest+`} }`, "teams", "{/name} ({/key})")
}

func users() *actions.Choices {
	return choosing(`query($first: Int, $after: String) { users(first: $first, after: $after) { nodes { id name email }`+rest+`} }`, "users", "{/name} ({/email})")
}

// states are the statuses of a team, or of all.
func states(need ...actions.Field) *actions.Choices {
	if len(need) > 0 {
		return choosing(`query($team: ID, $first: Int, $after: String) { workflowStates(filter: { team: { id: { eq: $team } } }, first: $first, after: $after) { nodes { id name }`+rest+`} }`, "workflowStates", "/name", need...)
	}
	return choosing(`query($first: Int, $after: String) { workflowStates(first: $first, after: $after) { nodes { id name team { key } }`+rest+`} }`, "workflowStates", "{/team/key}: {/name}")
}

// labels are those of a team together with those of the workspace, or all.
func labels(need ...actions.Field) *actions.Choices {
	if len(need) > 0 {
		return choosing(`query($team: ID, $first: Int, $after: String) { issueLabels(filter: { or: [{ team: { id: { eq: $team } } }, { team: { null: true } }] }, first: $first, after: $after) { nodes { id name }`+rest+`} }`, "issueLabels", "/name", need...)
	}
	return choosing(`query($first: Int, $after: String) { issueLabels(first: $first, after: $after) { nodes { id name team { key } }`+rest+`} }`, "issueLabels", "{/name} {/team/key}")
}

// cycles are those of a team, or of all.
func cycles(need ...actions.Field) *actions.Choices {
	if len(need) > 0 {
		return choosing(`query($team: ID, $first: Int, $after: String) { cycles(filter: { team: { id: { eq: $team } } }, first: $first, after: $after) { nodes { id number name startsAt }`+rest+`} }`, "cycles", "{/number} {/name} from {/startsAt}", need...)
	}
	return choosing(`query($first: Int, $after: String) { cycles(first: $first, after: $after) { nodes { id number name startsAt team { key } }`+rest+`} }`, "cycles", "{/team/key} {/number} {/name} from {/startsAt}")
}

func projects() *actions.Choices {
	c := choosing(`query($search: String = "", $first: Int, $after: String) { projects(filter: { name: { containsIgnoreCase: $search } }, first: $first, after: $after) { nodes { id name }`+rest+`} }`, "projects", "/name")
	c.Search = actions.Spot{Name: "variables.search"}
	return c
}

func issues() *actions.Choices {
	c := choosing(`query($search: String = "", $first: Int, $after: String) { issues(filter: { title: { containsIgnoreCase: $search } }, orderBy: updatedAt, first: $first, after: $after) { nodes { id identifier title }`+rest+`} }`, "issues", "{/identifier} {/title}")
	c.Search = actions.Spot{Name: "variables.search"}
	return c
}

func projectStatuses() *actions.Choices {
	return choosing(`query($first: Int, $after: String) { projectStatuses(first: $first, after: $after) { nodes { id name }`+rest+`} }`, "projectStatuses", "/name")
}

func listTeams() actions.Action {
	return listing("list_teams", "List teams", "Gives the teams that the account sees.", `query($first: Int, $after: String) { teams(first: $first, after: $after) { nodes { id key name description timezone createdAt }`+rest+`} }`, "teams",
		map[string]any{"id": "b1a2b3d4-0000-4000-8000-000000000002", "key": "ENG", "name": "Engineering", "description": nil, "timezone": "Europe/Zurich", "createdAt": "2026-01-31T09:30:00.000Z"})
}

func listStates() actions.Action {
	return listing("list_states", "List a team's statuses", "Gives the statuses of a team's issues.", `query($team: ID, $first: Int, $after: String) { workflowStates(filter: { team: { id: { eq: $team } } }, first: $first, after: $after) { nodes { id name type position color description }`+rest+`} }`, "workflowStates",
		map[string]any{"id": "c1a2b3d4-0000-4000-8000-000000000001", "name": "In Progress", "type": "started", "position": 2, "color": "#f2c94c", "description": nil}, teamField("team"))
}

func listCycles() actions.Action {
	return listing("list_cycles", "List a team's cycles", "Gives the cycles of a team, with when they begin and end.", `query($team: ID, $first: Int, $after: String) { cycles(filter: { team: { id: { eq: $team } } }, first: $first, after: $after) { nodes { id number name startsAt endsAt isActive progress }`+rest+`} }`, "cycles",
		map[string]any{"id": "c2a2b3d4-0000-4000-8000-000000000011", "number": 7, "name": nil, "startsAt": "2026-01-26T08:00:00.000Z", "endsAt": "2026-02-09T08:00:00.000Z", "isActive": true, "progress": 0.4}, teamField("team"))
}

const labelParts = ` { id name color description isGroup createdAt team { id key name } parent { id name } } `

func label() map[string]any {
	return map[string]any{"id": "d1a2b3d4-0000-4000-8000-000000000003", "name": "Bug", "color": "#eb5757", "description": nil, "isGroup": false, "createdAt": "2026-01-31T09:30:00.000Z", "team": nil, "parent": nil}
}

func plainCreateLabel() actions.Action {
	return changing("create_label", "Create a label", "Makes a label of a team, or of the whole workspace.", noKey, `mutation($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { success issueLabel`+labelParts+`} }`, "/issueLabelCreate/issueLabel", label(),
		in(actions.Field{ID: "name", Label: "Name", Help: "One or two words.", Type: actions.Text, Required: true, Example: "Bug"}, "input.name"), optional(teamField("input.teamId")),
		in(actions.Field{ID: "color", Label: "Color", Help: "As #eb5757.", Type: actions.Text, Example: "#eb5757"}, "input.color"),
		in(actions.Field{ID: "description", Label: "Description", Help: "One line.", Type: actions.Text}, "input.description"))
}

func labelByID() actions.Action {
	return reading("label_by_id", "", "", `query($id: String!) { issueLabel(id: $id)`+labelParts+`}`, "/issueLabel", label(), actions.Field{ID: "id", Type: actions.Text, In: actions.InNone, Name: "id"})
}

func createLabel() actions.Action { return keyed(plainCreateLabel(), labelByID(), "input.id") }

func findOrCreateLabel() actions.Action {
	find := listing("find_label", "", "", `query($filter: IssueLabelFilter, $first: Int, $after: String) { issueLabels(filter: $filter, first: $first, after: $after) { nodes`+labelParts+rest+`} }`, "issueLabels", label(),
		in(actions.Field{ID: "name", Type: actions.Text}, "filter.name.eqIgnoreCase"), in(actions.Field{ID: "team", Type: actions.Text}, "filter.team.id.eq"))
	return findOrMake("find_or_create_label", "Find or create a label", "Finds a label by its name, among those of a team where one is given, or makes it.", find, plainCreateLabel(), labelByID(), "input.id")
}

func listLabels() actions.Action {
	return listing("list_labels", "List labels", "Gives the labels of the workspace and its teams.", `query($filter: IssueLabelFilter, $first: Int, $after: String) { issueLabels(filter: $filter, first: $first, after: $after) { nodes`+labelParts+rest+`} }`, "issueLabels", label(),
		optional(teamField("filter.team.id.eq")))
}

const userParts = ` { id name displayName email active admin guest timezone url createdAt } `

func user() map[string]any {
	return map[string]any{"id": "5f6b2f0e-6d5c-4c46-9c0a-6f3f8a1d2b11", "name": "Ada Lovelace", "displayName": "ada", "email": "ada@example.com", "active": true, "admin": false, "guest": false, "timezone": "Europe/Zurich", "url": "https://linear.app/acme/profiles/ada", "createdAt": "2026-01-31T09:30:00.000Z"}
}

func listUsers() actions.Action {
	return listing("list_users", "List people", "Gives the people of the workspace who are active.", `query($first: Int, $after: String) { users(first: $first, after: $after) { nodes`+userParts+rest+`} }`, "users", user())
}

// findUser finds the one who has an address.
func findUser() actions.Action {
	fields := []actions.Field{in(actions.Field{ID: "email", Label: "Address", Help: "The person's mail address.", Type: actions.Text, Required: true, Example: "ada@example.com"}, "email")}
	a := reading("find_user", "Find a person by address", "Finds who has a mail address in the workspace.", `query($email: String) { users(filter: { email: { eqIgnoreCase: $email } }, first: 1) { nodes`+userParts+`} }`, "/users/nodes", user(), fields...)
	inner := a.Request.Output
	a.Request.Output = func(resp actions.Response) (any, error) {
		nodes, err := inner(resp)
		if found := value.At(nodes, "/0"); err != nil || found != nil {
			return found, err
		}
		return nil, fault.New(fault.NotFound, "Nobody in the workspace has that address.")
	}
	return a
}

func getMe() actions.Action {
	return reading("get_me", "Get my account", "Reads the account that the connection signs in as.", `query { viewer`+userParts+`}`, "/viewer", user())
}
