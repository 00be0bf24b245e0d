package microsoftteams

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func memberSample() map[string]any {
	return map[string]any{"@odata.type": "#microsoft.graph.aadUserConversationMember", "id": "ZWUwZjVhZTItOGJjNi00YWU1LTg0NjYtN2RhZWViYmZhMDYy", "roles": []any{"owner"}, "displayName": "Ada Lovelace", "userId": "8b081ef6-4792-4def-b2c9-c363a1bf41d5", "email": "ada@example.com", "tenantId": "b33cbe9f-8ebe-4f2a-912b-7e2a427f477f"}
}

func ownerField() actions.Field {
	return actions.Field{ID: "owner", Label: "Owner", Help: "Whether the person may change it.", Type: actions.Boolean, Default: false, In: actions.InNone}
}

// adding puts a person into a team or a chat. Source: https://learn.microsoft.com/en-us/graph/api/team-post-members
func adding(id, name, description, path string, input ...actions.Field) actions.Action {
	sample := memberSample()
	return actions.Action{ID: id, Name: name, Description: description, Effect: actions.Once, Guarantee: noKey, Input: input, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: path, Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: member(in["user"], in["owner"] != false)}, nil
		}}}
}

func addTeamMember() actions.Action {
	return adding("add_team_member", "Add a member to a team", "Puts a person into a team.", "/teams/{team}/members", teamField(), userField(), ownerField()).Needing("TeamMember.ReadWrite.All")
}

// addChatMember adds an owner always: the members of a chat have the same rights, and Graph asks for the word.
func addChatMember() actions.Action {
	a := adding("add_chat_member", "Add a member to a chat", "Puts a person into a group chat, with what was written before from a time on.", "/chats/{chat}/members", chatField(), userField(),
		actions.Field{ID: "history_from", Label: "Sees from", Help: "The time from which on the person sees what was written; nothing of it where not given.", Type: actions.DateTime, Name: "visibleHistoryStartDateTime", Example: "2026-01-31T09:30:00Z"})
	a.Request.Output = func(actions.Response) (any, error) { return map[string]any{"done": true}, nil }
	a.Sample = map[string]any{"done": true}
	a.Output = value.ShapeOf(a.Sample)
	return a
}

func listTeamMembers() actions.Action {
	return listing("list_team_members", "List a team's members", "Gives the people of a team.", "/teams/{team}/members", 100, memberSample(), teamField()).Needing("TeamMember.Read.All")
}

func listChatMembers() actions.Action {
	return listing("list_chat_members", "List a chat's members", "Gives the people of a chat.", "/chats/{chat}/members", 0, memberSample(), chatField())
}

func person() map[string]any {
	return map[string]any{"id": "8b081ef6-4792-4def-b2c9-c363a1bf41d5", "displayName": "Ada Lovelace", "givenName": "Ada", "surname": "Lovelace", "mail": "ada@example.com", "userPrincipalName": "ada@example.com", "jobTitle": "Engineer", "mobilePhone": nil, "officeLocation": nil, "preferredLanguage": "en"}
}

func getUser() actions.Action {
	user := userField()
	user.In = actions.InPath
	return reading("get_user", "Get a person", "Reads a person by the id or the sign-in name.", "/users/{user}", person(), user)
}

func listUserTeams() actions.Action {
	user := userField()
	user.In = actions.InPath
	return listing("list_user_teams", "List a person's teams", "Gives the teams that a person is a member of.", "/users/{user}/joinedTeams", 0, team(), user)
}

func getMe() actions.Action {
	me := person()
	me["id"], me["displayName"], me["givenName"], me["surname"], me["mail"], me["userPrincipalName"] = "8ea0e38b-efb3-4757-924a-5f94061cf8c2", "Robin Kline", "Robin", "Kline", "robin@example.com", "robin@example.com"
	return reading("get_me", "Get my account", "Reads who signed in.", "/me", me)
}
