package googledrive

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func roleField() actions.Field {
	return actions.Field{ID: "role", Label: "May", Help: "What they may do.", Type: actions.Select, Default: "reader", Options: []actions.Option{{Value: "reader", Label: "Read"}, {Value: "commenter", Label: "Comment"}, {Value: "writer", Label: "Edit"},
		{Value: "fileOrganizer", Label: "Manage content (shared drives)"}, {Value: "organizer", Label: "Manage (shared drives)"}}}
}

// sharing are the actions of who may see a file. Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions
func sharing() []actions.Action {
	sample := map[string]any{"id": "0512345", "type": "user", "role": "reader", "emailAddress": "ada@example.com", "displayName": "Ada Lovelace"}
	shape, list := actions.ListOf(sample)
	link := map[string]any{"id": "1AbCdEf", "name": "Report", "webViewLink": "https://drive.google.com/file/d/1AbCdEf/view", "webContentLink": "https://drive.google.com/uc?id=1AbCdEf&export=download"}
	doneSample := map[string]any{"done": true}
	const members = "id,type,role,emailAddress,displayName,domain,expirationTime"
	who := actions.Field{ID: "permission", Label: "Who", Help: "The id of the permission.", Type: actions.Text, Required: true, In: actions.InPath, Example: "0512345", Choices: &actions.Choices{
		Request: &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}/permissions", Query: map[string]string{"fields": "nextPageToken,permissions(" + members + ")", "supportsAllDrives": "true"}}, Page: *parts("permissions", 100),
		Value: "/id", Label: "{/emailAddress}{/domain} {/type}: {/role}", Needs: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}}}}
	return []actions.Action{
		{ID: "share_file", Name: "Share a file", Description: "Lets a person, a group, a domain or everybody see a file or a folder.", Effect: actions.Once,
			Guarantee: "A second permission for the same person becomes the first one, but the mail goes out again: where the answer was lost in a crash, you are asked.",
			Input: []actions.Field{fileField(actions.InPath), {ID: "type", Label: "With", Help: "Whom it is shared with.", Type: actions.Select, Default: "user", Options: []actions.Option{{Value: "user", Label: "A person"}, {Value: "group", Label: "A group"}, {Value: "domain", Label: "A domain"}, {Value: "anyone", Label: "Everybody who has the link"}}},
				{ID: "email", Label: "Address", Help: "Of the person or the group.", Type: actions.Text, Name: "emailAddress", Example: "ada@example.com"}, {ID: "domain", Label: "Domain", Help: "Of a domain.", Type: actions.Text, Example: "example.com"}, roleField(),
				{ID: "notify", Label: "Send a mail", Help: "Whether they are told by mail, as they are where there is a message.", Type: actions.Boolean, Default: false, In: actions.InQuery, Name: "sendNotificationEmail"}, {ID: "message", Label: "Message", Help: "What the mail says; a person or a group gets one.", Type: actions.LongText, In: actions.InQuery, Name: "emailMessage"},
				{ID: "until", Label: "Until", Help: "When it ends, of a person or a group.", Type: actions.DateTime, Name: "expirationTime", Example: "2026-12-31T09:30:00Z"}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/drive/v3/files/{file}/permissions", Body: actions.JSONBody, Query: map[string]string{"fields": members, "supportsAllDrives": "true"}, Prepare: shared}},
		{ID: "share_link", Name: "Share by link", Description: "Lets everybody who has the link see a file or a folder, and gives the link.", Effect: actions.Idempotent, Guarantee: "Everybody is one permission, so a repeat changes nothing.",
			Input: []actions.Field{fileField(actions.InNone), roleFor()}, Output: value.ShapeOf(link), Sample: link, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				file := map[string]any{"file": in.Values["file"]}
				if _, err := do.Ask(ctx, &actions.Action{ID: "share", Effect: actions.Idempotent, Sample: sample, Input: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}, {ID: "role", Type: actions.Text}, {ID: "type", Type: actions.Text, Default: "anyone"}},
					Request: &actions.Request{Method: "POST", Path: "/drive/v3/files/{file}/permissions", Body: actions.JSONBody, Query: map[string]string{"supportsAllDrives": "true"}}}, map[string]any{"file": in.Values["file"], "role": in.Values["role"]}); err != nil {
					return nil, err
				}
				return do.Ask(ctx, &actions.Action{ID: "link", Effect: actions.Read, Sample: link, Input: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}},
					Request: &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}", Query: map[string]string{"fields": "id,name,webViewLink,webContentLink", "supportsAllDrives": "true"}}}, file)
			}},
		{ID: "list_permissions", Name: "List who may see a file", Description: "Lists the permissions of a file or a folder.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{fileField(actions.InPath), actions.LimitField()}, Output: shape, Sample: list, Page: parts("permissions", 100),
			Request: &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}/permissions", Query: map[string]string{"fields": "nextPageToken,permissions(" + members + ")", "supportsAllDrives": "true"}}},
		{ID: "update_permission", Name: "Change what somebody may do", Description: "Changes the role of a permission.", Effect: actions.Idempotent, Guarantee: "It sets the role, so a repeat sets the same again.",
			Input: []actions.Field{fileField(actions.InPath), who, roleField()}, Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "PATCH", Path: "/drive/v3/files/{file}/permissions/{permission}", Body: actions.JSONBody, Query: map[string]string{"fields": members, "supportsAllDrives": "true"}}},
		{ID: "remove_permission", Name: "Stop sharing", Description: "Takes a permission away.", Effect: actions.Idempotent, Guarantee: "A repeat finds nothing more to take away, and says that it is not there.",
			Input: []actions.Field{fileField(actions.InPath), who}, Output: value.ShapeOf(doneSample), Sample: doneSample,
			Request: &actions.Request{Method: "DELETE", Path: "/drive/v3/files/{file}/permissions/{permission}", Query: map[string]string{"supportsAllDrives": "true"}, Output: func(actions.Response) (any, error) { return doneSample, nil }}},
	}
}

func roleFor() actions.Field {
	f := roleField()
	f.In, f.Options = actions.InNone, f.Options[:3]
	return f
}

// shared asks for what the kind of permission needs. A message goes by mail.
func shared(in map[string]any) (actions.Parts, error) {
	kind, email, domain := value.Text(in["type"]), value.Text(in["email"]), value.Text(in["domain"])
	switch {
	case (kind == "user" || kind == "group") && email == "":
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input email: a %s is known by an address.", map[string]string{"user": "person", "group": "group"}[kind])
	case kind == "domain" && domain == "":
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input domain: say which, as example.com.")
	case kind != "user" && kind != "group" && value.Text(in["message"]) != "":
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input message: a mail goes to a person or a group only.")
	case value.Text(in["message"]) != "":
		return actions.Parts{Query: map[string]any{"sendNotificationEmail": true}}, nil
	}
	return actions.Parts{}, nil
}
