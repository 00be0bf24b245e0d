package dropbox

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// files are the actions of files and folders by their paths.
// Source: https://www.dropbox.com/developers/documentation/http/documentation#files
func files() []actions.Action {
	file, folder := fileSample(), folderSample()
	within := pathField("path", "Path", "The new folder's; those above are made too.")
	within.Example = "/Customers/Acme"
	create := actions.Action{ID: "create_folder", Name: "Create a folder", Description: "Makes a folder, and those above it that are not there.", Effect: actions.Once, Guarantee: "Dropbox refuses a folder that is there, so none is made twice: where the answer was lost in a crash, you are asked.",
		Input: []actions.Field{within, renameField()}, Output: value.ShapeOf(folder), Sample: folder,
		Request: &actions.Request{Method: "POST", Path: "/2/files/create_folder_v2", Body: actions.JSONBody, Output: inner, Prepare: placed(map[string]string{"path": "path"}, false)}}
	find := actions.Action{ID: "find", Effect: actions.Read, Sample: folder, Input: []actions.Field{within},
		Request: &actions.Request{Method: "POST", Path: "/2/files/get_metadata", Body: actions.JSONBody, Prepare: placed(map[string]string{"path": "path"}, false)}}
	from := thereField("from", "From", "The path of the file or folder, or its id.")
	to := pathField("to", "To", "The whole new path, with the name.")
	to.Example = "/Archive/Offer.pdf"
	both := placed(map[string]string{"from": "from_path", "to": "to_path"}, false)
	one := thereField("path", "Path", "Of the file or folder, or its id.")
	link := map[string]any{"metadata": fileSample(), "link": "https://ucabc123456.dl.dropboxusercontent.com/cd/0/get/abcdefghijklmonpqrstuvwxyz1234567890"}
	saved := map[string]any{".tag": "complete", "name": "Offer.pdf", "id": "id:a4ayc_80_OEAAAAAAAAAXw", "path_display": "/Customers/Acme/Offer.pdf", "size": 7212}
	return []actions.Action{create,
		actions.FindOrCreate("find_or_create_folder", "Find or create a folder", "Finds what lies at a path, and makes a folder there where nothing does.", find, create, ""),
		{ID: "move", Name: "Move or rename", Description: "Puts a file or a folder at another path.", Effect: actions.Once, Guarantee: "Where the answer was lost in a crash it may lie at the old path or the new one: it is not moved again by itself, you are asked.",
			Input: []actions.Field{from, to, renameField()}, Output: value.ShapeOf(file), Sample: file, Request: &actions.Request{Method: "POST", Path: "/2/files/move_v2", Body: actions.JSONBody, Output: inner, Prepare: both}},
		{ID: "copy", Name: "Copy", Description: "Makes a copy of a file or a folder at another path.", Effect: actions.Once, Guarantee: "Dropbox refuses a path that is taken, so no copy is made twice unless it may choose a name: where the answer was lost in a crash, you are asked.",
			Input: []actions.Field{from, to, renameField()}, Output: value.ShapeOf(file), Sample: file, Request: &actions.Request{Method: "POST", Path: "/2/files/copy_v2", Body: actions.JSONBody, Output: inner, Prepare: both}},
		{ID: "delete", Name: "Delete", Description: "Deletes a file, or a folder with all in it; both can be brought back in Dropbox for some weeks.", Effect: actions.Idempotent, Guarantee: "A repeat finds nothing more to delete, and says that it is not there.",
			Input:  []actions.Field{one, {ID: "revision", Label: "Only the revision", Help: "Of a file: it is deleted only where this is its newest one.", Type: actions.Text, Name: "parent_rev", Example: "a1c10ce0dd78"}},
			Output: value.ShapeOf(file), Sample: file, Request: &actions.Request{Method: "POST", Path: "/2/files/delete_v2", Body: actions.JSONBody, Output: inner, Prepare: placed(map[string]string{"path": "path"}, false)}},
		{ID: "get_metadata", Name: "Get details", Description: "Gives what is known of a file or a folder, without the content.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{one, {ID: "deleted", Label: "Deleted too", Help: "Whether what was deleted is given.", Type: actions.Boolean, Default: false, Name: "include_deleted"}},
			Output: value.ShapeOf(file), Sample: file, Request: &actions.Request{Method: "POST", Path: "/2/files/get_metadata", Body: actions.JSONBody, Prepare: placed(map[string]string{"path": "path"}, false)}},
		{ID: "get_temporary_link", Name: "Get a download link", Description: "Gives a link to a file's content that is good for four hours.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{one}, Output: value.ShapeOf(link), Sample: link, Request: &actions.Request{Method: "POST", Path: "/2/files/get_temporary_link", Body: actions.JSONBody, Prepare: placed(map[string]string{"path": "path"}, false)}},
		{ID: "save_url", Name: "Save a URL as a file", Description: "Lets Dropbox fetch a URL into a file. Large ones take a while: the output then has an async_job_id to ask for.", Effect: actions.Once,
			Guarantee: "Dropbox may save a URL twice: where the answer was lost in a crash it is not asked again by itself, you are.",
			Input:     []actions.Field{pathField("path", "Path", "The new file's, with its name."), {ID: "url", Label: "URL", Help: "Anybody can read it.", Type: actions.Text, Required: true, Example: "https://example.com/offer.pdf"}},
			Output:    value.ShapeOf(saved), Sample: saved, Request: &actions.Request{Method: "POST", Path: "/2/files/save_url", Body: actions.JSONBody, Prepare: placed(map[string]string{"path": "path"}, false)}},
		{ID: "get_save_status", Name: "Ask for a saved URL", Description: "Says whether Dropbox has saved a URL: in_progress, complete or failed stands in .tag.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "job", Label: "Job", Help: "The async_job_id.", Type: actions.Text, Required: true, Name: "async_job_id", Example: "34g93hh34h04y384084"}},
			Output: value.ShapeOf(saved), Sample: saved, Request: &actions.Request{Method: "POST", Path: "/2/files/save_url/check_job_status", Body: actions.JSONBody}},
	}
}
