package googledrive

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

const lost = "Whether it is there already Google does not ask: one whose answer was lost in a crash is not made again by itself, you are asked."

// made is the request that makes a file without content.
func made(kind func(in map[string]any) any) *actions.Request {
	return &actions.Request{Method: "POST", Path: "/drive/v3/files", Body: actions.JSONBody, Query: map[string]string{"fields": shown, "supportsAllDrives": "true"}, Prepare: func(in map[string]any) (actions.Parts, error) {
		body := map[string]any{"mimeType": kind(in)}
		if folder := value.Text(in["folder"]); folder != "" {
			body["parents"] = []any{folder}
		}
		return actions.Parts{Body: body}, nil
	}}
}

// folders are the actions of folders, and of what is made empty. Source: https://developers.google.com/workspace/drive/api/guides/folder
func folders() []actions.Action {
	sample := folderSample()
	name := actions.Field{ID: "name", Label: "Name", Help: "Drive takes several of one name.", Type: actions.Text, Required: true, Example: "Customers"}
	description := actions.Field{ID: "description", Label: "Description", Help: "What it is for.", Type: actions.Text}
	create := actions.Action{ID: "create_folder", Name: "Create a folder", Description: "Makes a folder.", Effect: actions.Once, Guarantee: lost,
		Input: []actions.Field{name, folderField("The URL or the id of the folder that it lies in; My Drive where not given."), description}, Output: value.ShapeOf(sample), Sample: sample,
		Request: made(func(map[string]any) any { return folderType })}
	looked := name
	looked.In = actions.InNone
	find := actions.Action{ID: "find_folder", Effect: actions.Read, Sample: map[string]any{"files": []any{sample}}, Input: []actions.Field{looked, folderField("The URL or the id of the folder that it lies in; anywhere where not given.")},
		Request: listed("createdTime", func(in map[string]any) string {
			return query(map[string]any{"name": in["name"], "folder": in["folder"], "kind": "folder"})
		})}
	document := fileSample()
	document["mimeType"] = "application/vnd.google-apps.document"
	return []actions.Action{create, actions.FindOrCreate("find_or_create_folder", "Find or create a folder", "Finds a folder by its name, and makes one where there is none.", find, create, "/files"),
		{ID: "create_document", Name: "Create a Google document", Description: "Makes an empty document, spreadsheet, presentation or form.", Effect: actions.Once, Guarantee: lost,
			Input: []actions.Field{name, {ID: "kind", Label: "Kind", Help: "What it is.", Type: actions.Select, Default: "document", In: actions.InNone,
				Options: []actions.Option{{Value: "document", Label: "Document"}, {Value: "spreadsheet", Label: "Spreadsheet"}, {Value: "presentation", Label: "Presentation"}, {Value: "form", Label: "Form"}, {Value: "drawing", Label: "Drawing"}}},
				folderField("The URL or the id of the folder that it lies in; My Drive where not given."), description},
			Output: value.ShapeOf(document), Sample: document, Request: made(func(in map[string]any) any { return "application/vnd.google-apps." + value.Text(in["kind"]) })},
		{ID: "create_shortcut", Name: "Create a shortcut", Description: "Makes a shortcut to a file or a folder.", Effect: actions.Once, Guarantee: lost,
			Input: []actions.Field{{ID: "target", Label: "To", Help: "The URL or the id of the file.", Type: actions.Text, Required: true, Name: "shortcutDetails.targetId", Example: "1AbCdEf", Link: actions.GoogleFileLink, NoURL: noFile, Choices: chosen("")}, name,
				folderField("The URL or the id of the folder that the shortcut lies in; My Drive where not given.")},
			Output: value.ShapeOf(sample), Sample: sample, Request: made(func(map[string]any) any { return "application/vnd.google-apps.shortcut" })},
	}
}
