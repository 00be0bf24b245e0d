package microsoftteams

import (
	"regexp"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// doing is an action that Graph answers without a word, and that may be done twice.
func doing(id, name, description, guarantee, method, path string, input ...actions.Field) actions.Action {
	sample := map[string]any{"done": true}
	a := actions.Action{ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: guarantee, Input: input, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: method, Path: path, Output: func(actions.Response) (any, error) { return sample, nil }}}
	if method == "PATCH" {
		a.Request.Body = actions.JSONBody
	}
	return a
}

// removing is an action that takes something away, where what is gone already counts as taken away.
func removing(id, name, description, path string, input ...actions.Field) actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{ID: id, Name: name, Description: description + "; deleted is false where there was none.", Effect: actions.Idempotent, Guarantee: "What is gone already counts as deleted, so a repeat changes nothing.",
		Input: input, Output: value.ShapeOf(sample), Sample: sample, Errors: actions.ErrorTable{{Status: 404}},
		Request: &actions.Request{Method: "DELETE", Path: path, Output: func(resp actions.Response) (any, error) { return map[string]any{"deleted": resp.Status < 300}, nil }}}
}

// createTeam asks for a team, which Microsoft makes within a minute or so. Its id stands in a header.
// Source: https://learn.microsoft.com/en-us/graph/api/team-post
func createTeam() actions.Action {
	sample := map[string]any{"id": "dbd8de4f-5d47-48da-87f1-594bed003375"}
	return actions.Action{
		ID: "create_team", Name: "Create a team", Description: "Makes a team with who signed in as its owner. It is there some seconds to minutes later; the output is its id.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{
			{ID: "name", Label: "Name", Help: "As it is shown.", Type: actions.Text, Required: true, Name: "displayName", Example: "Engineering"},
			{ID: "description", Label: "Description", Help: "What it is for.", Type: actions.Text},
			{ID: "visibility", Label: "Who may join", Help: "Of the organization.", Type: actions.Select, Default: "private", Options: []actions.Option{{Value: "private", Label: "Who is added"}, {Value: "public", Label: "Everybody"}}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/teams", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"}}, nil
		}, Output: func(resp actions.Response) (any, error) {
			for _, name := range []string{"Content-Location", "Location"} {
				if found := teamAt.FindStringSubmatch(resp.Header.Get(name)); found != nil {
					return map[string]any{"id": found[1]}, nil
				}
			}
			return nil, fault.New(fault.Uncertain, "Microsoft took the request, and does not say which team it makes. Look into Teams.")
		}},
	}.Needing("Team.Create")
}

var teamAt = regexp.MustCompile(`/teams\('([^']+)'\)`)

// archiveTeam and its opposite. Source: https://learn.microsoft.com/en-us/graph/api/team-archive
func archiveTeam() actions.Action {
	return doing("archive_team", "Archive a team", "Makes a team read-only, with all its channels; it takes a moment, and the team must have an owner.", "A team that is archived stays so; what a repeat is answered with Microsoft does not say.", "POST", "/teams/{team}/archive", teamField()).Needing("TeamSettings.ReadWrite.All")
}

func unarchiveTeam() actions.Action {
	return doing("unarchive_team", "Bring a team back", "Opens an archived team again; it takes a moment.", "A team that is open stays so; what a repeat is answered with Microsoft does not say.", "POST", "/teams/{team}/unarchive", teamField()).Needing("TeamSettings.ReadWrite.All")
}

func membershipField() actions.Field {
	return actions.Field{ID: "member", Label: "Membership", Help: "The id of the membership, as listing members gives it; not that of the person.", Type: actions.Text, Required: true, In: actions.InPath, Example: "ZWUwZjVhZTItOGJjNi00YWU1LTg0NjYtN2RhZWViYmZhMDYy"}
}

// removeTeamMember takes a person out. Source: https://learn.microsoft.com/en-us/graph/api/team-delete-members
func removeTeamMember() actions.Action {
	return removing("remove_team_member", "Remove a member from a team", "Takes a person out of a team", "/teams/{team}/members/{member}", teamField(), membershipField()).Needing("TeamMember.ReadWrite.All")
}

// Channels of their own members. Source: https://learn.microsoft.com/en-us/graph/api/channel-list-members
func listChannelMembers() actions.Action {
	return listing("list_channel_members", "List a channel's members", "Gives the people of a channel: of a standard one those of the team.", "/teams/{team}/channels/{channel}/members", 0, memberSample(), teamField(), channelField()).Needing("ChannelMember.Read.All")
}

func addChannelMember() actions.Action {
	return adding("add_channel_member", "Add a member to a private channel", "Puts a person of the team into a private channel, or a person into a shared one.", "/teams/{team}/channels/{channel}/members", teamField(), channelField(), userField(), ownerField()).Needing("ChannelMember.ReadWrite.All")
}

// updateChannel changes a channel. Source: https://learn.microsoft.com/en-us/graph/api/channel-patch
func updateChannel() actions.Action {
	return doing("update_channel", "Update a channel", "Changes the name or the description of a channel.", "It says how the channel is to be, so a repeat changes nothing.", "PATCH", "/teams/{team}/channels/{channel}", teamField(), channelField(),
		actions.Field{ID: "name", Label: "Name", Help: "At most 50 characters.", Type: actions.Text, Name: "displayName", Example: "Architecture Discussion"},
		actions.Field{ID: "description", Label: "Description", Help: "At most 1,024 characters.", Type: actions.Text}).Needing("ChannelSettings.ReadWrite.All")
}

func deleteChannel() actions.Action {
	return removing("delete_channel", "Delete a channel", "Deletes a channel; within 30 days an owner can bring it back", "/teams/{team}/channels/{channel}", teamField(), channelField()).Needing("Channel.Delete.All")
}

func tagSample() map[string]any {
	return map[string]any{"id": "MjQzMmI1N2ItMGFiZC00M2RiLWFhN2ItMTZlYWRkMTE1ZDM0", "teamId": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "displayName": "On call", "description": "Who is on call", "memberCount": 1, "tagType": "standard"}
}

// listTags gives a team's tags. Source: https://learn.microsoft.com/en-us/graph/api/teamworktag-list
func listTags() actions.Action {
	return listing("list_tags", "List tags", "Gives the tags of a team, by which several people are mentioned.", "/teams/{team}/tags", 0, tagSample(), teamField()).Needing("TeamworkTag.Read")
}

func createTag() actions.Action {
	sample := tagSample()
	return actions.Action{
		ID: "create_tag", Name: "Create a tag", Description: "Makes a tag of a team for several of its people.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{teamField(),
			{ID: "name", Label: "Name", Help: "At most 40 characters.", Type: actions.Text, Required: true, Name: "displayName", Example: "On call"},
			{ID: "users", Label: "People", Help: "Their ids in the directory.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"8b081ef6-4792-4def-b2c9-c363a1bf41d5"}}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/teams/{team}/tags", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			list, _ := in["users"].([]any)
			people := []any{}
			for _, user := range list {
				if id := strings.TrimSpace(value.Text(user)); id != "" {
					people = append(people, map[string]any{"userId": id})
				}
			}
			if len(people) == 0 {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input users: it names nobody.")
			}
			return actions.Parts{Body: map[string]any{"members": people}}, nil
		}},
	}.Needing("TeamworkTag.ReadWrite")
}
