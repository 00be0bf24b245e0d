package googledrive

import (
	"context"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const ofGoogle = "application/vnd.google-apps."

// formats are what Google's documents are exported as, by the ending.
// Source: https://developers.google.com/workspace/drive/api/guides/ref-export-formats
var formats = map[string]string{
	"pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "csv": "text/csv",
	"tsv": "text/tab-separated-values", "txt": "text/plain", "md": "text/markdown", "zip": "application/zip",
	"odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
	"odp": "application/vnd.oasis.opendocument.presentation", "rtf": "application/rtf", "epub": "application/epub+zip",
	"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml",
}

func formatField() actions.Field {
	return actions.Field{ID: "format", Label: "As", Help: "What it becomes; a kind of document has some of them only.",
		Type: actions.Select, Default: "pdf", In: actions.InNone, Options: []actions.Option{{Value: "pdf", Label: "PDF"},
			{Value: "docx", Label: "Word"}, {Value: "xlsx", Label: "Excel"}, {Value: "pptx", Label: "PowerPoint"},
			{Value: "csv", Label: "CSV, the first sheet"}, {Value: "tsv", Label: "TSV, the first sheet"},
			{Value: "txt", Label: "Text"}, {Value: "md", Label: "Markdown"}, {Value: "zip", Label: "Web page, zipped"},
			{Value: "odt", Label: "OpenDocument text"}, {Value: "ods", Label: "OpenDocument spreadsheet"},
			{Value: "odp", Label: "OpenDocument presentation"}, {Value: "rtf", Label: "Rich text"}, {Value: "epub", Label: "EPUB"},
			{Value: "png", Label: "PNG"}, {Value: "jpg", Label: "JPEG"}, {Value: "svg", Label: "SVG"}}}
}

// contents are the actions of what is in files.
func contents() []actions.Action {
	sample := fileSample()
	content := actions.FileField("A file of an earlier step, of any size.")
	again := content
	again.ID, again.Label = "content", "Content"
	return []actions.Action{
		{ID: "upload_file", Name: "Upload a file", Description: "Makes a file of one of an earlier step.", Effect: actions.Once,
			Timeout:   actions.FileTimeout,
			Guarantee: "An upload that breaks off goes on where it was. " + lost,
			Input: []actions.Field{content,
				{ID: "name", Label: "Name", Help: "What it is called; as it is where not given. Drive takes several of one name.",
					Type: actions.Text, In: actions.InNone, Example: "Report.pdf"},
				folderField("The URL or the id of the folder that it lies in; My Drive where not given."),
				{ID: "description", Label: "Description", Help: "What it is for.", Type: actions.Text, In: actions.InNone},
				{ID: "convert", Label: "Make a Google document of it",
					Help: "As of a Word file or a CSV; it stays what it is where not given.", Type: actions.Select, In: actions.InNone,
					Options: []actions.Option{{Value: "document", Label: "Document"}, {Value: "spreadsheet", Label: "Spreadsheet"},
						{Value: "presentation", Label: "Presentation"}}}},
			Output: value.ShapeOf(sample), Sample: sample, Run: upload},
		{ID: "replace_content", Name: "Replace a file's content",
			Description: "Gives a file that is there another content; what it had stays among its versions.", Effect: actions.Idempotent,
			Timeout:   actions.FileTimeout,
			Guarantee: "An upload that breaks off goes on where it was, and a repeat puts in the same again.",
			Input:     []actions.Field{fileField(actions.InNone), again}, Output: value.ShapeOf(sample), Sample: sample, Run: replace},
		{ID: "download_file", Name: "Download a file", Description: "Reads a file's content, for later steps to take.",
			Effect: actions.Read, Guarantee: "It only reads.", Timeout: actions.FileTimeout,
			Input: []actions.Field{fileField(actions.InNone)}, Output: value.ShapeOf(withFile("Report.pdf", "application/pdf")),
			Sample: withFile("Report.pdf", "application/pdf"), Run: download},
		{ID: "export_file", Name: "Export a Google document",
			Description: "Makes a file of a document, a spreadsheet, a presentation or a drawing of Google's, of at most 10 MB.",
			Effect:      actions.Read, Guarantee: "It only reads.", Timeout: actions.FileTimeout,
			Input:  []actions.Field{fileField(actions.InNone), formatField()},
			Output: value.ShapeOf(withFile("Report.pdf", "application/pdf")), Sample: withFile("Report.pdf", "application/pdf"),
			Run: export,
			Errors: actions.ErrorTable{{Status: 403, Pointer: "/error/errors/*/reason", Equals: "exportSizeLimitExceeded",
				Code: "too_large", Message: "Google exports at most 10 MB.", Remedy: "Choose a smaller format, or a part of the document."},
				{Status: 403, Pointer: "/error/errors/*/reason", Equals: "fileNotExportable", Code: "invalid_input",
					Message: "Only Google's own documents are exported.", Remedy: "Download the file."}}},
	}
}

func withFile(name, kind string) map[string]any {
	return map[string]any{"id": "1AbCdEf", "name": "Report", "mimeType": "application/pdf", "file": actions.FileSample(name, kind, 20480)}
}

func upload(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	f, err := actions.InputFile(v, "file", value.Text(v["name"]))
	if err != nil {
		return nil, err
	}
	values := map[string]any{"name": f.Name, "description": v["description"], "kind": f.MediaType(), "size": f.Size}
	if v["convert"] != nil {
		values["mimeType"] = ofGoogle + value.Text(v["convert"])
	}
	if v["folder"] != nil {
		values["parents"] = []any{v["folder"]}
	}
	return begun{do: do, file: f, once: true}.from(ctx, "POST", "/upload/drive/v3/files", values)
}

func replace(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	f, err := actions.InputFile(in.Values, "content", "")
	if err != nil {
		return nil, err
	}
	return begun{do: do, file: f}.from(ctx, "PATCH", "/upload/drive/v3/files/{file}",
		map[string]any{"file": in.Values["file"], "kind": f.MediaType(), "size": f.Size})
}

// described gives what is known of a file: its id, name and type.
func described(ctx context.Context, in actions.Input, do actions.Doer) (map[string]any, error) {
	look := &actions.Action{ID: "look", Effect: actions.Read, Sample: map[string]any{"id": "1AbCdEf", "name": "Report",
		"mimeType": "application/pdf"}, Input: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/drive/v3/files/{file}",
			Query: map[string]string{"fields": "id,name,mimeType", "supportsAllDrives": "true"}}}
	had, err := do.Ask(ctx, look, map[string]any{"file": in.Values["file"]})
	if err != nil {
		return nil, err
	}
	file, ok := had.(map[string]any)
	if !ok || value.Text(file["id"]) == "" {
		return nil, fault.New(fault.Unavailable, "The answer did not come from Google Drive: it lacks the id. Look at what stands between here and there.")
	}
	return map[string]any{"id": file["id"], "name": file["name"], "mimeType": file["mimeType"]}, nil
}

func download(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	file, err := described(ctx, in, do)
	if err != nil {
		return nil, err
	}
	kind := value.Text(file["mimeType"])
	switch {
	case kind == folderType:
		return nil, fault.New(fault.InvalidInput, "The input file: %s is a folder; find the files in it.", value.Text(file["name"]))
	case strings.HasPrefix(kind, ofGoogle):
		return nil, fault.New(fault.InvalidInput, "The input file: %s is a document of Google's, which has no content of its own; export it.",
			value.Text(file["name"]))
	}
	return fetched(ctx, do, file, "?alt=media&supportsAllDrives=true", value.File{Name: value.Text(file["name"]), Type: kind})
}

func export(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	file, err := described(ctx, in, do)
	if err != nil {
		return nil, err
	}
	format := value.Text(in.Values["format"])
	return fetched(ctx, do, file, "/export?"+url.Values{"mimeType": {formats[format]}}.Encode(),
		value.File{Name: value.Text(file["name"]) + "." + format, Type: formats[format]})
}

// fetched keeps what lies behind a file's address.
func fetched(ctx context.Context, do actions.Doer, file map[string]any, behind string, as value.File) (any, error) {
	path, err := actions.FillPath("/drive/v3/files/{file}", map[string]string{"file": value.Text(file["id"])})
	if err != nil {
		return nil, err
	}
	resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: path + behind}, as)
	if err != nil || do.Sandboxed() {
		return withFile("Report.pdf", "application/pdf"), err
	}
	file["file"] = resp.File.Value()
	return file, nil
}
