package slack

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func person() map[string]any {
	return map[string]any{"id": "U0123456789", "team_id": "T0123456789", "name": "ada", "real_name": "Ada Lovelace", "deleted": false, "is_bot": false, "is_admin": false, "tz": "Europe/Zurich", "updated": 1764000000,
		"profile": map[string]any{"display_name": "ada", "real_name": "Ada Lovelace", "email": "ada@example.com", "title": "Engineer", "phone": "", "image_192": "https://avatars.slack-edge.com/ada_192.png"}}
}

// users are the people of the workspace. Source: https://docs.slack.dev/reference/methods/users.list
func users() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/users.list"}, Page: parts("/members", ""), Value: "/id", Label: "{/profile/real_name} ({/name})"}
}

// userField is the input for a person, by what Slack calls it there.
func userField(name string) actions.Field {
	return actions.Field{ID: "user", Label: "Person", Help: "The person's id, as U0123456789; find it by the mail address.", Type: actions.Text, Required: true, Name: name, Example: "U0123456789", Link: userLink, Choices: users()}
}

// getUser reads a person. Source: https://docs.slack.dev/reference/methods/users.info
func getUser() actions.Action {
	sample := person()
	return actions.Action{
		ID: "get_user", Name: "Get a person", Description: "Reads a person or a bot by the id. The output is the person, without Slack's envelope.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{in(userField(""), actions.InQuery)},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/users.info", Output: inside("/user")},
	}
}

// findUser finds a person by the address. Source: https://docs.slack.dev/reference/methods/users.lookupByEmail
func findUser() actions.Action {
	sample := person()
	return actions.Action{
		ID: "find_user", Name: "Find a person by address", Description: "Finds who has a mail address in the workspace. The output is the person, without Slack's envelope.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{{ID: "email", Label: "Address", Help: "The person's mail address.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "ada@example.com"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/users.lookupByEmail", Output: inside("/user")},
	}
}

func listUsers() actions.Action {
	page := parts("/members", "/id")
	shape, sample := actions.ListOf(person())
	return actions.Action{
		ID: "list_users", Name: "List people", Description: "Gives the people and bots of the workspace, also those who left (deleted).", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{actions.LimitField()},
		Output: shape, Sample: sample, Page: &page,
		Request: &actions.Request{Method: "GET", Path: "/users.list"},
	}
}

// getTeam reads the workspace. Source: https://docs.slack.dev/reference/methods/team.info
func getTeam() actions.Action {
	sample := map[string]any{"id": "T0123456789", "name": "Acme", "domain": "acme", "email_domain": "example.com"}
	return actions.Action{
		ID: "get_workspace", Name: "Get the workspace", Description: "Reads the name and the domain of the workspace. The output comes without Slack's envelope.", Effect: actions.Read, Guarantee: readsOnly,
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/team.info", Output: inside("/team")},
	}
}
