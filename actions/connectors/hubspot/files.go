package hubspot

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// files are the actions of the account's files. Source: https://developers.hubspot.com/docs/api-reference/files-files-v3/guide
func files() []actions.Action {
	meta := stored()
	got := map[string]any{"file": actions.FileSample("report.pdf", "application/pdf", 20480)}
	id := actions.Field{ID: "id", Label: "File", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "122692044"}
	download := id
	download.In = actions.InNone
	return []actions.Action{
		actions.Action{ID: "upload_file", Name: "Upload a file", Description: "Puts a file into HubSpot's files. Its id can stand in hs_attachment_ids of a note, so that it hangs on a record.", Effect: actions.Once, Timeout: actions.FileTimeout,
			Guarantee: "A file whose answer was lost in a crash is not uploaded again by itself, you are asked.",
			Input: []actions.Field{actions.FileField("The file; one that an earlier step or the event gave."),
				{ID: "name", Label: "Name", Help: "Not given: the file's own.", Type: actions.Text, In: actions.InNone, Example: "report.pdf"},
				{ID: "folder", Label: "Folder", Help: "Its path, as /reports; it is made where it is not there.", Type: actions.Text, Default: "/stepmill", In: actions.InNone, Example: "/reports"},
				{ID: "access", Label: "Who may see it", Help: "Who opens it by its address.", Type: actions.Select, Default: "PRIVATE", In: actions.InNone,
					Options: []actions.Option{{Value: "PRIVATE", Label: "Nobody without a signed address"}, {Value: "PUBLIC_NOT_INDEXABLE", Label: "Everybody who has the address"}, {Value: "PUBLIC_INDEXABLE", Label: "Everybody, search engines too"}}},
				{ID: "overwrite", Label: "Replace", Help: "Whether a file of that name in the folder is replaced.", Type: actions.Boolean, Default: false, In: actions.InNone}},
			Output: value.ShapeOf(meta), Sample: meta, Run: upload}.Needing("files"),
		actions.Action{ID: "get_file", Name: "Get a file's details", Description: "Gives the name, the size and the address of a file.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{id}, Output: value.ShapeOf(meta), Sample: meta, Request: &actions.Request{Method: "GET", Path: "/files/v3/files/{id}"}}.Needing("files"),
		actions.Action{ID: "download_file", Name: "Download a file", Description: "Gives a file's bytes for later steps, as one that hangs on a note or was sent by a form.", Effect: actions.Read, Timeout: actions.FileTimeout, Guarantee: onlyReads,
			Input: []actions.Field{download}, Output: value.ShapeOf(got), Sample: got, Run: downloadFile}.Needing("files"),
		actions.Action{ID: "delete_file", Name: "Delete a file", Description: "Deletes a file.", Effect: actions.Idempotent, Guarantee: "What is deleted stays deleted, so a repeat after a crash does no harm.",
			Input: []actions.Field{id}, Output: value.ShapeOf(map[string]any{"deleted": true}), Sample: map[string]any{"deleted": true}, Request: &actions.Request{Method: "DELETE", Path: "/files/v3/files/{id}", Output: deleted}}.Needing("files"),
	}
}

func stored() map[string]any {
	return map[string]any{"id": "122692044", "name": "report", "extension": "pdf", "type": "DOCUMENT", "path": "/reports/report.pdf", "size": 20480, "access": "PRIVATE", "url": "https://123.fs1.hubspotusercontent-na1.net/hubfs/123/reports/report.pdf",
		"parentFolderId": "90", "archived": false, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:30:00.000Z"}
}

func upload(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	f, err := actions.InputFile(in.Values, "file", value.Text(in.Values["name"]))
	if err != nil {
		return nil, err
	}
	options, err := value.Encode(map[string]any{"access": in.Values["access"], "overwrite": in.Values["overwrite"]})
	if err != nil {
		return nil, err
	}
	body, kind, err := actions.Multipart([]actions.Part{{Name: "fileName", Text: f.Name}, {Name: "folderPath", Text: value.Text(in.Values["folder"])}, {Name: "options", Text: string(options)}, {Name: "file", File: &f}},
		func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) })
	if err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodPost, URL: "/files/v3/files", Header: http.Header{"Content-Type": {kind}}, Stream: body})
	if err != nil || do.Sandboxed() {
		return stored(), err
	}
	return resp.Value, nil
}

// downloadFile asks for an address that is good by itself for a while, and reads what lies there.
func downloadFile(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	signed, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodGet, URL: "/files/v3/files/" + url.PathEscape(value.Text(in.Values["id"])) + "/signed-url"})
	if err != nil || do.Sandboxed() {
		return map[string]any{"file": actions.FileSample("report.pdf", "application/pdf", 20480)}, err
	}
	name := value.Text(value.At(signed.Value, "/name"))
	if extension := value.Text(value.At(signed.Value, "/extension")); extension != "" {
		name += "." + extension
	}
	resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: http.MethodGet, URL: value.Text(value.At(signed.Value, "/url")), Bare: true}, value.File{Name: name})
	if err != nil {
		return nil, err
	}
	return map[string]any{"file": resp.File.Value()}, nil
}
