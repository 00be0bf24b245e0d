package dropbox

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// parts is how Dropbox gives a list in parts: those after the first at another address, by the cursor. A part may be empty while there are more.
func parts(items, further string) *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: items, Sure: items, ID: "/id", More: "/has_more", Next: "/cursor", At: actions.Spot{In: actions.InBody, Name: "cursor"}, Path: further}
}

func matchSample() map[string]any {
	return map[string]any{"metadata": map[string]any{".tag": "metadata", "metadata": fileSample()}, "match_type": map[string]any{".tag": "filename"}}
}

func recursiveField() actions.Field {
	return actions.Field{ID: "recursive", Label: "Folders within too", Help: "Whether folders are looked into.", Type: actions.Boolean, Default: false}
}

// lists are the actions that list files. Source: https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder
func lists() []actions.Action {
	shape, list := actions.ListOf(fileSample())
	found, matches := actions.ListOf(matchSample())
	revision := fileSample()
	delete(revision, ".tag")
	revisionShape, revisionList := actions.ListOf(revision)
	return []actions.Action{
		{ID: "list_folder", Name: "List a folder", Description: "Lists what lies in a folder: files, folders and, where asked for, what was deleted, told apart by .tag.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{folderField("Its path; empty is the root."), recursiveField(), {ID: "deleted", Label: "Deleted too", Help: "Whether what was deleted is given.", Type: actions.Boolean, Default: false, Name: "include_deleted"}, actions.LimitField()},
			Output: shape, Sample: list, Request: inFolder(), Page: parts("/entries", "/2/files/list_folder/continue")},
		{ID: "search", Name: "Search files", Description: "Finds files and folders by a text in their names and contents. Dropbox shows a new file some minutes later.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{{ID: "query", Label: "Text", Help: "What is looked for.", Type: actions.Text, Required: true, Example: "offer"}, folderField("Only within it; empty is the whole account."),
				{ID: "names_only", Label: "Names only", Help: "Whether contents are left out.", Type: actions.Boolean, Default: false, In: actions.InNone},
				{ID: "extensions", Label: "Endings", Help: "Only files with those, as pdf.", Type: actions.Texts, In: actions.InNone, Example: []any{"pdf"}},
				{ID: "kind", Label: "Kind", Help: "Only those.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "folder", Label: "Folders"}, {Value: "document", Label: "Documents"}, {Value: "pdf", Label: "PDF files"}, {Value: "spreadsheet", Label: "Spreadsheets"},
					{Value: "presentation", Label: "Presentations"}, {Value: "image", Label: "Images"}, {Value: "audio", Label: "Sound"}, {Value: "video", Label: "Videos"}, {Value: "paper", Label: "Paper documents"}}},
				{ID: "order", Label: "Order", Help: "How they are sorted; by how well they fit where not given.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "relevance", Label: "Best fit first"}, {Value: "last_modified_time", Label: "Last changed first"}}},
				actions.LimitField()},
			Output: found, Sample: matches, Request: &actions.Request{Method: "POST", Path: "/2/files/search_v2", Body: actions.JSONBody, Prepare: searched}, Page: parts("/matches", "/2/files/search/continue_v2")},
		{ID: "list_revisions", Name: "List a file's revisions", Description: "Lists the last revisions of a file, the newest first, up to 100.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{thereField("path", "Path", "Of the file, or its id.")}, Output: revisionShape, Sample: revisionList,
			Request: &actions.Request{Method: "POST", Path: "/2/files/list_revisions", Body: actions.JSONBody, Output: func(resp actions.Response) (any, error) {
				if err := actions.Sure("Dropbox", resp.Value, "/entries"); err != nil {
					return nil, err
				}
				items, _ := value.At(resp.Value, "/entries").([]any)
				return map[string]any{"items": items, "more": false}, nil
			}, Prepare: revisions}},
	}
}

// revisions asks for the last revisions of a file.
func revisions(in map[string]any) (actions.Parts, error) {
	parts, err := placed(map[string]string{"path": "path"}, false)(in)
	if err == nil {
		parts.Body["limit"] = 100
	}
	return parts, err
}

// inFolder lists a folder, by default the root.
func inFolder() *actions.Request {
	return &actions.Request{Method: "POST", Path: "/2/files/list_folder", Body: actions.JSONBody, Prepare: placed(map[string]string{"folder": "path"}, true)}
}

func searched(in map[string]any) (actions.Parts, error) {
	options := map[string]any{"filename_only": in["names_only"] == true, "max_results": 100}
	folder, err := place("folder", value.Text(in["folder"]))
	if err != nil {
		return actions.Parts{}, err
	}
	if folder != "" {
		options["path"] = folder
	}
	if list, _ := in["extensions"].([]any); len(list) > 0 {
		options["file_extensions"] = list
	}
	if kind := in["kind"]; kind != nil {
		options["file_categories"] = []any{kind}
	}
	if order := in["order"]; order != nil {
		options["order_by"] = order
	}
	return actions.Parts{Body: map[string]any{"options": options}}, nil
}
