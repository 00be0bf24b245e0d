package googledrive

import (
	"context"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// versions are the actions of what a file was before. Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/revisions
func versions() []actions.Action {
	const of = "id,mimeType,modifiedTime,keepForever,size,md5Checksum,originalFilename,lastModifyingUser(displayName,emailAddress)"
	sample := map[string]any{"id": "0B1uM5", "mimeType": "application/pdf", "modifiedTime": "2026-01-31T09:30:00.000Z", "keepForever": false, "size": "20480", "originalFilename": "Report.pdf", "lastModifyingUser": map[string]any{"displayName": "Ada Lovelace", "emailAddress": "ada@example.com"}}
	shape, list := actions.ListOf(sample)
	request := &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}/revisions", Query: map[string]string{"fields": "nextPageToken,revisions(" + of + ")"}}
	revision := actions.Field{ID: "revision", Label: "Version", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "0B1uM5",
		Choices: &actions.Choices{Request: request, Page: *parts("revisions", 200), Value: "/id", Label: "{/modifiedTime} {/lastModifyingUser/displayName}", Needs: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}}}}
	old := revision
	old.In = actions.InNone
	return []actions.Action{
		{ID: "list_revisions", Name: "List versions", Description: "Lists the versions of a file. Where it was edited often, Google may leave older ones out.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{fileField(actions.InPath), actions.LimitField()}, Output: shape, Sample: list, Request: request, Page: parts("revisions", 200)},
		{ID: "keep_revision", Name: "Keep a version", Description: "Keeps a version of a file for ever, or no more; up to 200 of a file are kept. Google drops others 30 days after newer content came. Documents of Google's cannot be kept so.", Effect: actions.Idempotent, Guarantee: "It sets what it is given, so a repeat sets the same again.",
			Input:  []actions.Field{fileField(actions.InPath), revision, {ID: "keep", Label: "For ever", Help: "Whether it is kept.", Type: actions.Boolean, Default: true, Name: "keepForever"}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PATCH", Path: "/drive/v3/files/{file}/revisions/{revision}", Body: actions.JSONBody, Query: map[string]string{"fields": of}}},
		{ID: "download_revision", Name: "Download a version", Description: "Reads the content of an older version of a file, for later steps to take. Documents of Google's have none to read.", Effect: actions.Read, Guarantee: "It only reads.", Timeout: actions.FileTimeout,
			Input: []actions.Field{fileField(actions.InNone), old}, Output: value.ShapeOf(withFile("Report.pdf", "application/pdf")), Sample: withFile("Report.pdf", "application/pdf"),
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				file, err := described(ctx, in, do)
				if err != nil {
					return nil, err
				}
				behind, err := actions.FillPath("/revisions/{revision}", map[string]string{"revision": value.Text(in.Values["revision"])})
				if err != nil {
					return nil, err
				}
				return fetched(ctx, do, file, behind+"?alt=media", value.File{Name: value.Text(file["name"]), Type: value.Text(file["mimeType"])})
			}},
	}
}

// driveList asks for the shared drives. Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/drives/list
func driveList() *actions.Request {
	return &actions.Request{Method: "GET", Path: "/drive/v3/drives", Query: map[string]string{"fields": "nextPageToken,drives(id,name,createdTime,hidden)"}}
}

// driveLink finds the id of a shared drive in its URL, which is that of its first folder.
const driveLink = `/folders/([\w-]{10,})`

func driveField(help string) actions.Field {
	return actions.Field{ID: "drive", Label: "Shared drive", Help: help, Type: actions.Text, In: actions.InNone, Example: "0ABcDeF", Link: driveLink,
		Choices: &actions.Choices{Request: driveList(), Page: *parts("drives", 100), Value: "/id", Label: "/name"}}
}

// drives are the actions of shared drives.
func drives() []actions.Action {
	sample := map[string]any{"id": "0ABcDeFUk9PVA", "name": "Sales", "createdTime": "2026-01-31T09:30:00.000Z", "hidden": false}
	shape, list := actions.ListOf(sample)
	return []actions.Action{{ID: "list_drives", Name: "List shared drives", Description: "Lists the shared drives that the account is a member of. In inputs a shared drive is also a folder, by the same id.", Effect: actions.Read, Guarantee: "It only reads.",
		Input:  []actions.Field{{ID: "name", Label: "Name has", Help: "A part of the name; all where not given.", Type: actions.Text, In: actions.InNone, Example: "Sales"}, actions.LimitField()},
		Output: shape, Sample: list, Page: parts("drives", 100), Request: &actions.Request{Method: "GET", Path: "/drive/v3/drives", Query: map[string]string{"fields": "nextPageToken,drives(id,name,createdTime,hidden)"},
			Prepare: func(in map[string]any) (actions.Parts, error) {
				name := value.Text(in["name"])
				if name == "" {
					return actions.Parts{}, nil
				}
				return actions.Parts{Query: map[string]any{"q": "name contains " + quoted(name)}}, nil
			}}}}
}
