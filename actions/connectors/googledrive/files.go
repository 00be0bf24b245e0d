package googledrive

import (
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// all is asked of every request for a file: its members, and that it may lie in a shared drive.
func all() map[string]string {
	return map[string]string{"fields": shown, "supportsAllDrives": "true"}
}

// files are the actions of files that are there, without their content.
// Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/files
func files() []actions.Action {
	sample := fileSample()
	shape, list := actions.ListOf(sample)
	doneSample := map[string]any{"done": true}
	one := fileField(actions.InPath)
	set := "It sets what it is given, so a repeat sets the same again."
	trash := func(in bool) *actions.Request {
		return &actions.Request{Method: "PATCH", Path: "/drive/v3/files/{file}", Body: actions.JSONBody, Query: all(), Prepare: func(map[string]any) (actions.Parts, error) {
			return actions.Parts{Body: map[string]any{"trashed": in}}, nil
		}}
	}
	order := actions.Field{ID: "order", Label: "Order", Help: "How they are sorted; those that have a text come by how well they fit.", Type: actions.Select, Default: "modifiedTime desc", In: actions.InNone, Options: []actions.Option{{Value: "modifiedTime desc", Label: "Last changed first"},
		{Value: "createdTime desc", Label: "Newest first"}, {Value: "name", Label: "By name"}, {Value: "folder,name", Label: "Folders, then by name"}}}
	return []actions.Action{
		{ID: "list_files", Name: "Find files", Description: "Lists files and folders that all the conditions hold for.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{
				{ID: "name", Label: "Name is", Help: "The whole name.", Type: actions.Text, In: actions.InNone, Example: "Report"},
				{ID: "contains", Label: "Name has", Help: "A word of the name, or its beginning.", Type: actions.Text, In: actions.InNone, Example: "Report"},
				{ID: "text", Label: "Has the text", Help: "In the name, the description or the content.", Type: actions.Text, In: actions.InNone, Example: "invoice"},
				folderField("The URL or the id of the folder that they lie in; root is My Drive. Folders within it are not looked into."),
				{ID: "kind", Label: "Kind", Help: "Only those.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "file", Label: "Files"}, {Value: "folder", Label: "Folders"}, {Value: "document", Label: "Documents"}, {Value: "spreadsheet", Label: "Spreadsheets"},
					{Value: "presentation", Label: "Presentations"}, {Value: "pdf", Label: "PDF files"}, {Value: "image", Label: "Images"}, {Value: "video", Label: "Videos"}}},
				{ID: "modified_since", Label: "Changed since", Help: "Only those that changed after that time.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
				{ID: "modified_before", Label: "Changed before", Help: "Only those that changed before that time.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
				{ID: "created_since", Label: "Made since", Help: "Only those that were made after that time.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
				{ID: "owner", Label: "Owner", Help: "The owner's mail address.", Type: actions.Text, In: actions.InNone, Example: "ada@example.com"},
				{ID: "mime_type", Label: "Type", Help: "The media type, where Kind does not have it.", Type: actions.Text, In: actions.InNone, Example: "text/csv"},
				{ID: "starred", Label: "Starred", Help: "Whether only those with a star are given.", Type: actions.Boolean, Default: false, In: actions.InNone},
				{ID: "shared_with_me", Label: "Shared with me", Help: "Whether only those that others shared with the account are given.", Type: actions.Boolean, Default: false, In: actions.InNone},
				{ID: "properties", Label: "Properties", Help: "Texts by their names that a file has, as “Rename or describe a file” sets them.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"deal": "1042"}},
				driveField("Only in that shared drive; everywhere where not given."),
				{ID: "trashed", Label: "In the trash", Help: "Whether those in the trash are meant, instead of the others.", Type: actions.Boolean, Default: false, In: actions.InNone},
				{ID: "query", Label: "Further condition", Help: "In Drive's own form.", Type: actions.Text, In: actions.InNone, Example: "starred = true"}, order, actions.LimitField()},
			Output: shape, Sample: list, Request: listed("modifiedTime desc", query), Page: parts("files", 1000)},
		{ID: "get_file", Name: "Get a file's details", Description: "Gives what is known of a file or a folder, without its content.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{one}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}", Query: all()}},
		{ID: "update_file", Name: "Rename or describe a file", Description: "Changes a file's or a folder's name and what is known of it.", Effect: actions.Idempotent, Guarantee: set,
			Input: []actions.Field{one, {ID: "name", Label: "Name", Help: "The new one.", Type: actions.Text, Example: "Report of January"}, {ID: "description", Label: "Description", Help: "What it is for.", Type: actions.Text},
				{ID: "starred", Label: "Starred", Help: "Whether it has a star.", Type: actions.Boolean}, {ID: "properties", Label: "Properties", Help: "Texts by their names, which apps can look for; null deletes one.", Type: actions.Object, Example: map[string]any{"deal": "1042"}}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PATCH", Path: "/drive/v3/files/{file}", Body: actions.JSONBody, Query: all()}},
		{ID: "move_file", Name: "Move a file", Description: "Puts a file or a folder into another folder.", Effect: actions.Idempotent, Guarantee: "A file that lies there already stays, so a repeat changes nothing.",
			Input:  []actions.Field{fileField(actions.InNone), {ID: "to", Label: "To", Help: "The URL or the id of the folder; root is My Drive.", Type: actions.Text, Required: true, In: actions.InNone, Example: "0AFolder", Link: actions.GoogleFileLink, NoURL: noFile, Choices: chosen("folder")}},
			Output: value.ShapeOf(sample), Sample: sample, Run: move},
		{ID: "copy_file", Name: "Copy a file", Description: "Makes a copy of a file; folders cannot be copied.", Effect: actions.Once, Guarantee: lost,
			Input:  []actions.Field{one, {ID: "name", Label: "Name", Help: "Of the copy.", Type: actions.Text, Example: "Offer for Acme"}, {ID: "to", Label: "To", Help: "The URL or the id of the folder that it lies in; that of the file where not given.", Type: actions.Text, In: actions.InNone, Example: "0AFolder", Link: actions.GoogleFileLink, NoURL: noFile, Choices: chosen("folder")}},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/drive/v3/files/{file}/copy", Body: actions.JSONBody, Query: all(), Prepare: func(in map[string]any) (actions.Parts, error) {
				body := map[string]any{}
				if to := value.Text(in["to"]); to != "" {
					body["parents"] = []any{to}
				}
				return actions.Parts{Body: body}, nil
			}}},
		{ID: "trash_file", Name: "Move a file to the trash", Description: "Moves a file or a folder with all in it to the trash, where it stays for 30 days.", Effect: actions.Idempotent, Guarantee: "A file that is in the trash stays there, so a repeat changes nothing.",
			Input: []actions.Field{one}, Output: value.ShapeOf(sample), Sample: sample, Request: trash(true)},
		{ID: "restore_file", Name: "Take a file out of the trash", Description: "Takes a file or a folder out of the trash.", Effect: actions.Idempotent, Guarantee: "A file that is out of the trash stays so, so a repeat changes nothing.",
			Input: []actions.Field{one}, Output: value.ShapeOf(sample), Sample: sample, Request: trash(false)},
		{ID: "delete_file", Name: "Delete a file for good", Description: "Deletes a file, or a folder with all in it, past the trash.", Effect: actions.Idempotent, Guarantee: "A repeat finds nothing more to delete, and says that it is not there.",
			Input: []actions.Field{one}, Output: value.ShapeOf(doneSample), Sample: doneSample,
			Request: &actions.Request{Method: "DELETE", Path: "/drive/v3/files/{file}", Query: map[string]string{"supportsAllDrives": "true"}, Output: func(actions.Response) (any, error) { return doneSample, nil }}},
	}
}

// move takes a file out of the folders that it lies in, which Google asks to name, and puts it into another.
func move(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	file, to := in.Values["file"], value.Text(in.Values["to"])
	if strings.Contains(to, ",") {
		return nil, fault.New(fault.InvalidInput, "The input to: a file lies in one folder, and %q names several.", fault.Clip(to, 60))
	}
	look := &actions.Action{ID: "parents", Effect: actions.Read, Sample: fileSample(), Input: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}", Query: map[string]string{"fields": "id,parents", "supportsAllDrives": "true"}}}
	had, err := do.Ask(ctx, look, map[string]any{"file": file})
	if err != nil {
		return nil, err
	}
	if to == "root" { // which files name by its id
		root, err := do.Ask(ctx, look, map[string]any{"file": to})
		if err != nil {
			return nil, err
		}
		to = value.Text(value.At(root, "/id"))
	}
	with := map[string]any{"file": file, "add": to}
	parents, _ := value.At(had, "/parents").([]any)
	var leave []string
	for _, p := range parents {
		if p != to {
			leave = append(leave, value.Text(p))
		}
	}
	if len(leave) > 0 {
		with["leave"] = strings.Join(leave, ",")
	}
	return do.Ask(ctx, &actions.Action{ID: "move", Effect: actions.Idempotent, Sample: fileSample(), Input: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}, {ID: "add", Type: actions.Text, In: actions.InQuery, Name: "addParents"},
		{ID: "leave", Type: actions.Text, In: actions.InQuery, Name: "removeParents"}}, Request: &actions.Request{Method: "PATCH", Path: "/drive/v3/files/{file}", Query: all()}}, with)
}
