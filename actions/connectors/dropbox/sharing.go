package dropbox

import (
	"context"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func linkSample() map[string]any {
	return map[string]any{".tag": "file", "url": "https://www.dropbox.com/scl/fi/abc/Offer.pdf?rlkey=xyz&dl=0", "id": "id:a4ayc_80_OEAAAAAAAAAXw", "name": "Offer.pdf", "path_lower": "/customers/acme/offer.pdf",
		"link_permissions": map[string]any{"can_revoke": true, "resolved_visibility": map[string]any{".tag": "public"}}}
}

// sharing are the actions of links and members. Source: https://www.dropbox.com/developers/documentation/http/documentation#sharing
func sharing() []actions.Action {
	sample := linkSample()
	shape, list := actions.ListOf(sample)
	path := thereField("path", "Path", "Of the file or folder, or its id.")
	settings := []actions.Field{path, {ID: "audience", Label: "For", Help: "Who may follow it; the account's own rule where not given.", Type: actions.Select, Name: "settings.audience", Options: []actions.Option{{Value: "public", Label: "Everybody"}, {Value: "team", Label: "The team"}, {Value: "no_one", Label: "Members only"}}},
		{ID: "access", Label: "They may", Help: "What they may do.", Type: actions.Select, Name: "settings.access", Options: []actions.Option{{Value: "viewer", Label: "Read"}, {Value: "editor", Label: "Edit"}, {Value: "max", Label: "As much as can be"}}},
		{ID: "until", Label: "Until", Help: "When it ends; needs a paid account.", Type: actions.DateTime, In: actions.InNone, Example: "2026-12-31T09:30:00Z"},
		{ID: "password", Label: "Password", Help: "That is asked for; needs a paid account.", Type: actions.Text, Secret: true, In: actions.InNone}}
	shared := map[string]any{".tag": "complete", "shared_folder_id": "84528192421", "name": "Acme", "path_lower": "/customers/acme", "preview_url": "https://www.dropbox.com/scl/fo/fir9vjelf"}
	added, addedList := actions.ListOf(map[string]any{"member": map[string]any{".tag": "email", "email": "ada@example.com"}, "result": map[string]any{".tag": "success", "success": map[string]any{".tag": "viewer"}}})
	members := []actions.Field{{ID: "emails", Label: "Who", Help: "Mail addresses.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"ada@example.com"}},
		{ID: "access", Label: "They may", Help: "What they may do.", Type: actions.Select, Default: "viewer", In: actions.InNone, Options: []actions.Option{{Value: "viewer", Label: "Read"}, {Value: "viewer_no_comment", Label: "Read, without comments"}, {Value: "editor", Label: "Edit"}}},
		{ID: "quiet", Label: "Without a mail", Help: "Whether they are not told by mail.", Type: actions.Boolean, Default: false}, {ID: "message", Label: "Message", Help: "What the mail says.", Type: actions.LongText, Name: "custom_message"}}
	twice := "Who is a member stays one, but the mail may go out again: where the answer was lost in a crash, you are asked."
	create := actions.Action{ID: "create_link", Name: "Make a link", Description: "Makes a link to a file or a folder; one that has a link is refused.", Effect: actions.Once, Guarantee: "Dropbox refuses a second link of one kind, so none is made twice: where the answer was lost in a crash, you are asked.",
		Input: settings, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/2/sharing/create_shared_link_with_settings", Body: actions.JSONBody, Prepare: linked}}
	find := actions.Action{ID: "find", Effect: actions.Read, Sample: map[string]any{"links": []any{sample}}, Input: []actions.Field{path}, Request: &actions.Request{Method: "POST", Path: "/2/sharing/list_shared_links", Body: actions.JSONBody,
		Prepare: func(in map[string]any) (actions.Parts, error) {
			parts, err := placed(map[string]string{"path": "path"}, false)(in)
			if err == nil {
				parts.Body["direct_only"] = true
			}
			return parts, err
		}}}
	optional := path
	optional.Required, optional.Help = false, "Only links to it, and to the folders above; all where not given."
	return []actions.Action{create, actions.FindOrCreate("get_or_create_link", "Get or make a link", "Gives the link to a file or a folder, and makes one where there is none.", find, create, "/links"),
		{ID: "list_links", Name: "List links", Description: "Lists the account's links, or those to a file or folder.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{optional, {ID: "direct", Label: "To it only", Help: "Whether links to the folders above are left out.", Type: actions.Boolean, Name: "direct_only"}, actions.LimitField()}, Output: shape, Sample: list,
			Request: &actions.Request{Method: "POST", Path: "/2/sharing/list_shared_links", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				if value.Text(in["path"]) == "" {
					return actions.Parts{}, nil
				}
				return placed(map[string]string{"path": "path"}, false)(in)
			}}, Page: &actions.Page{Kind: actions.NextToken, Items: "/links", Sure: "/links", ID: "/url", More: "/has_more", Next: "/cursor", At: actions.Spot{In: actions.InBody, Name: "cursor"}}},
		{ID: "revoke_link", Name: "Take a link away", Description: "Makes a link good for nothing.", Effect: actions.Idempotent, Guarantee: "A repeat finds the link gone, and says so.",
			Input:  []actions.Field{{ID: "url", Label: "Link", Help: "The whole of it.", Type: actions.Text, Required: true, Example: "https://www.dropbox.com/scl/fi/abc/Offer.pdf"}},
			Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/2/sharing/revoke_shared_link", Body: actions.JSONBody, Output: done}},
		{ID: "share_folder", Name: "Share a folder", Description: "Makes a folder one that members can be added to. Large ones take a while: the output then has an async_job_id.", Effect: actions.Idempotent, Guarantee: "A folder that is shared stays shared; a repeat says so.",
			Input: []actions.Field{path}, Output: value.ShapeOf(shared), Sample: shared, Request: &actions.Request{Method: "POST", Path: "/2/sharing/share_folder", Body: actions.JSONBody, Prepare: placed(map[string]string{"path": "path"}, false)}},
		{ID: "get_share_status", Name: "Ask for a shared folder", Description: "Says whether Dropbox has shared a folder: in_progress, complete or failed stands in .tag.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "job", Label: "Job", Help: "The async_job_id.", Type: actions.Text, Required: true, Name: "async_job_id", Example: "34g93hh34h04y384084"}},
			Output: value.ShapeOf(shared), Sample: shared, Request: &actions.Request{Method: "POST", Path: "/2/sharing/check_share_job_status", Body: actions.JSONBody}},
		{ID: "add_folder_members", Name: "Add members to a folder", Description: "Lets people into a shared folder.", Effect: actions.Once, Guarantee: twice,
			Input:  append([]actions.Field{{ID: "folder", Label: "Shared folder", Help: "Its shared_folder_id, which sharing it gives.", Type: actions.Text, Required: true, Name: "shared_folder_id", Example: "84528192421"}}, members...),
			Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/2/sharing/add_folder_member", Body: actions.JSONBody, Output: done, Prepare: invited}},
		{ID: "add_file_members", Name: "Share a file with people", Description: "Lets people see a file. Each has a result of its own.", Effect: actions.Once, Guarantee: twice,
			Input: append([]actions.Field{path}, members...), Output: added, Sample: addedList, Run: shareFile},
	}
}

// linked writes a link's settings. Dropbox takes times in UTC and whole seconds.
func linked(in map[string]any) (actions.Parts, error) {
	parts, err := placed(map[string]string{"path": "path"}, false)(in)
	settings := map[string]any{}
	for input, member := range map[string]string{"audience": "audience", "access": "access"} {
		if v := in[input]; v != nil {
			settings[member] = v
		}
	}
	if at, bad := time.Parse(time.RFC3339, value.Text(in["until"])); bad == nil {
		settings["expires"] = at.UTC().Format("2006-01-02T15:04:05Z")
	}
	if password := value.Text(in["password"]); password != "" {
		settings["require_password"], settings["link_password"] = true, password
	}
	if len(settings) > 0 && err == nil {
		parts.Body["settings"] = settings
	}
	return parts, err
}

func addresses(v any) ([]any, error) {
	list, _ := v.([]any)
	if len(list) == 0 {
		return nil, fault.New(fault.InvalidInput, "The input emails: it is empty.")
	}
	out := []any{}
	for _, email := range list {
		out = append(out, map[string]any{".tag": "email", "email": email})
	}
	return out, nil
}

// invited writes the members of a folder, each with what it may do.
func invited(in map[string]any) (actions.Parts, error) {
	list, err := addresses(in["emails"])
	for i, member := range list {
		list[i] = map[string]any{"member": member, "access_level": in["access"]}
	}
	return actions.Parts{Body: map[string]any{"members": list}}, err
}

func shareFile(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	list, err := addresses(in.Values["emails"])
	if err != nil {
		return nil, err
	}
	path, err := place("path", value.Text(in.Values["path"]))
	if err != nil {
		return nil, err
	}
	with := map[string]any{"file": path, "members": list, "access_level": in.Values["access"], "quiet": in.Values["quiet"], "custom_message": in.Values["message"]}
	fields := []actions.Field{{ID: "file", Type: actions.Text}, {ID: "members", Type: actions.List}, {ID: "access_level", Type: actions.Text}, {ID: "quiet", Type: actions.Boolean}, {ID: "custom_message", Type: actions.Text}}
	sample := sharing()[len(sharing())-1].Sample
	answer, err := do.Ask(ctx, &actions.Action{ID: "add", Effect: actions.Once, Input: fields, Sample: sample, Request: &actions.Request{Method: "POST", Path: "/2/sharing/add_file_member", Body: actions.JSONBody}}, with)
	if err != nil || do.Sandboxed() {
		return answer, err
	}
	return map[string]any{"items": answer, "more": false}, nil
}
