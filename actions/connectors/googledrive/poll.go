package googledrive

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// triggers poll the list of files. Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/files/list
func triggers() []actions.Trigger {
	file, folder := fileSample(), folderSample()
	drive := driveField("Only in that shared drive; everywhere where not given.")
	where := folderField("The URL or the id of the folder that it lies in; anywhere where not given. Folders within it are not looked into.")
	return []actions.Trigger{
		{ID: "file_created", Name: "New file", Description: "A file was made or uploaded. One that is moved in with an older time does not count.", Kind: actions.PollKind, Input: []actions.Field{where, drive}, Output: value.ShapeOf(file), Sample: file, Poll: filesBy("createdTime", "file")},
		{ID: "file_updated", Name: "File made or changed", Description: "A file was made, or its content or name changed. Several changes between two looks count once.", Kind: actions.PollKind, Input: []actions.Field{where, drive}, Output: value.ShapeOf(file), Sample: file, Poll: filesBy("modifiedTime", "file")},
		{ID: "folder_created", Name: "New folder", Description: "A folder was made.", Kind: actions.PollKind, Input: []actions.Field{where, drive}, Output: value.ShapeOf(folder), Sample: folder, Poll: filesBy("createdTime", "folder")},
		commentCreated(),
	}
}

func filesBy(field, kind string) *actions.Poll {
	return &actions.Poll{
		Request: listed(field, func(in map[string]any) string {
			terms := query(map[string]any{"folder": in["folder"], "kind": kind})
			if since := value.Text(in["since"]); since != "" {
				terms += " and " + field + " >= " + quoted(since)
			}
			return terms
		}),
		Page: *parts("files", 1000), Time: "/" + field, Changed: field == "modifiedTime", Order: actions.OldestFirst,
		Since: actions.Since{As: actions.RFC3339}, Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute,
	}
}
