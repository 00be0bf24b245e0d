package dropbox

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// triggers poll a folder. Dropbox cannot be asked for what changed since a time, so all that is there is read, and compared with what was.
// Source: https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder
func triggers() []actions.Trigger {
	entry, file := fileSample(), fileSample()
	deleted := map[string]any{".tag": "deleted", "name": "Offer.pdf", "path_lower": "/customers/acme/offer.pdf", "path_display": "/Customers/Acme/Offer.pdf"}
	const whole = " The folder is read whole each time, so choose one with fewer than 10,000 entries."
	where := []actions.Field{folderField("Its path; empty is the root."), recursiveField()}
	look := func(p actions.Poll) *actions.Poll {
		p.Page = *parts("/entries", "/2/files/list_folder/continue")
		p.Every, p.Least = 5*time.Minute, time.Minute
		return &p
	}
	changed := look(actions.Poll{Request: inFolder(), Items: tagged("file", "/rev"), Rises: "/server_modified"})
	changed.Page.ID = "/rev"
	gone := look(actions.Poll{Request: inFolder(), Items: tagged("deleted", "/path_lower"), Returns: true})
	gone.Page.ID, gone.Page.Sure = "/path_lower", "/cursor"
	gone.Request.Prepare = func(in map[string]any) (actions.Parts, error) {
		parts, err := placed(map[string]string{"folder": "path"}, true)(in)
		if err == nil {
			parts.Body["include_deleted"] = true
		}
		return parts, err
	}
	return []actions.Trigger{
		{ID: "entry_created", Name: "New file or folder", Kind: actions.PollKind,
			Description: "A file or a folder is new in a folder; .tag says which. A file that is written again does not count." + whole,
			Input:       where, Output: value.ShapeOf(entry), Sample: entry, Poll: look(actions.Poll{Request: inFolder()})},
		{ID: "file_changed", Name: "New or changed file", Kind: actions.PollKind,
			Description: "A file is new in a folder, or has another content. Several changes between two looks count once." + whole,
			Input:       where, Output: value.ShapeOf(file), Sample: file, Poll: changed},
		{ID: "entry_deleted", Name: "File or folder deleted", Kind: actions.PollKind,
			Description: "A file or a folder was deleted from a folder, or moved out of it. What is made again at the path and deleted again between two looks counts once." + whole + " What was deleted is among them.",
			Input:       where, Output: value.ShapeOf(deleted), Sample: deleted, Poll: gone},
	}
}

// tagged are the entries of a kind that have what tells them apart.
func tagged(tag, id string) func(map[string]any, any) ([]any, error) {
	return func(_ map[string]any, answer any) ([]any, error) {
		list, _ := value.At(answer, "/entries").([]any)
		items := []any{}
		for _, entry := range list {
			if value.At(entry, "/.tag") == tag && value.At(entry, id) != nil {
				items = append(items, entry)
			}
		}
		return items, nil
	}
}
