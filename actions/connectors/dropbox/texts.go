package dropbox

import (
	"bytes"
	"context"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// texts are the actions of text files, and of what Dropbox makes files of.
// Sources: https://www.dropbox.com/developers/documentation/http/documentation#files-upload, https://www.dropbox.com/developers/documentation/http/documentation#files-export
func texts() []actions.Action {
	sample := fileSample()
	exported := fileSample()
	exported["name"], exported["is_downloadable"] = "Notes.paper", false
	exported["export_metadata"] = map[string]any{"name": "Notes.md", "size": 20480}
	exported["file"] = actions.FileSample("Notes.md", "application/octet-stream", 20480)
	path := pathField("path", "Path", "The file's, with its name.")
	path.Example = "/Notes/Today.txt"
	text := actions.Field{ID: "text", Label: "Text", Help: "What the file is to hold.", Type: actions.LongText, Required: true, In: actions.InNone, Example: "Call Ada"}
	more := text
	more.Help = "What is added at the end."
	there := thereField("path", "Path", "Of the file; one that is not there is made.")
	there.Example = "/Notes/Today.txt"
	return []actions.Action{
		{ID: "create_text_file", Name: "Write a text file", Description: "Makes a file of a text.", Effect: actions.Idempotent, Guarantee: "The same content at the same path is one file, so a repeat changes nothing.",
			Input: []actions.Field{path, text, {ID: "if_there", Label: "Where another file is there", Help: "What happens; what a file had stays among its revisions.", Type: actions.Select, Default: "add", In: actions.InNone,
				Options: []actions.Option{{Value: "add", Label: "Fail"}, {Value: "overwrite", Label: "Replace it"}}}},
			Output: value.ShapeOf(sample), Sample: sample, Errors: uploadErrors(),
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return write(ctx, in, do, in.Values["if_there"], value.Text(in.Values["text"]))
			}},
		{ID: "append_text", Name: "Append to a text file", Description: "Adds a text at the end of a file of at most 10 MB, and makes the file where there is none.", Effect: actions.Once,
			Guarantee: "It writes only over what it has read, so what others write meanwhile is not lost. A text whose answer was lost in a crash is not added again by itself, you are asked.",
			Input:     []actions.Field{there, more, {ID: "new_line", Label: "In a new line", Help: "Whether a line break is put before it where the file does not end with one.", Type: actions.Boolean, Default: true, In: actions.InNone}},
			Output:    value.ShapeOf(sample), Sample: sample, Run: appendText, Errors: uploadErrors()},
		{ID: "export_file", Name: "Export a document", Description: "Makes a file of what Dropbox gives to nobody as it is, as a document of Paper or of Google's.", Effect: actions.Read, Guarantee: "It only reads.", Timeout: actions.FileTimeout,
			Input:  []actions.Field{thereField("path", "Path", "Of the document, or its id."), {ID: "format", Label: "As", Help: "One of those that “Get details” gives under export_info; Dropbox's own choice where not given.", Type: actions.Text, In: actions.InNone, Example: "markdown"}},
			Output: value.ShapeOf(exported), Sample: exported,
			Errors: actions.ErrorTable{{Status: 409, Pointer: "/error/.tag", Equals: "non_exportable", Code: "invalid_input", Message: "Dropbox does not export this kind of file.", Remedy: "Use “Download a file”."},
				{Status: 409, Pointer: "/error/.tag", Equals: "invalid_export_format", Code: "invalid_input", Message: "Dropbox does not export the file so.", Remedy: "Take one of the formats that “Get details” gives under export_info."},
				{Status: 409, Pointer: "/error/.tag", Equals: "retry_error", Code: "unavailable", Message: "Dropbox has not made the file yet."}},
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				arg := map[string]any{}
				if format := value.Text(in.Values["format"]); format != "" {
					arg["export_format"] = format
				}
				out, err := fetch(ctx, "/2/files/export", arg, in, do)
				if err == nil && do.Sandboxed() {
					return exported, nil
				}
				return out, err
			}},
	}
}

// write makes a file of a text.
func write(ctx context.Context, in actions.Input, do actions.Doer, mode any, text string) (any, error) {
	path, err := place("path", value.Text(in.Values["path"]))
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, fault.New(fault.InvalidInput, "The input path: a path within the root is needed, as /Notes/Today.txt.")
	}
	resp, err := content(ctx, do, "/2/files/upload", map[string]any{"path": path, "mode": mode}, actions.HTTPRequest{Body: strings.NewReader(text)})
	if err != nil || do.Sandboxed() {
		return fileSample(), err
	}
	return made(resp)
}

// mostAppends is how often a text is added anew to a file that others change meanwhile.
const mostAppends = 3

func appendText(ctx context.Context, in actions.Input, do actions.Doer) (out any, err error) {
	for range mostAppends {
		if out, err = appendOnce(ctx, in, do); fault.CodeOf(err) != fault.Conflict {
			break
		}
	}
	return out, err
}

// appendOnce reads the file and writes it with the text, where it is still the same.
func appendOnce(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	text := value.Text(in.Values["text"])
	path, err := place("path", value.Text(in.Values["path"]))
	if err != nil {
		return nil, err
	}
	req, err := about("/2/files/download", map[string]any{"path": path}, actions.HTTPRequest{})
	if err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, req)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return write(ctx, in, do, "add", text)
	case err != nil || do.Sandboxed():
		return fileSample(), err
	}
	known, err := value.Decode([]byte(resp.Header.Get("Dropbox-Api-Result")), value.Limits{})
	rev := value.Text(value.At(known, "/rev"))
	switch {
	case err != nil || rev == "":
		return nil, fault.New(fault.Unavailable, "The answer did not come from Dropbox: it says not which file it is. Look at what stands between here and there.")
	case !utf8.Valid(resp.Body):
		return nil, fault.New(fault.InvalidInput, "The input path: the file is no text.")
	}
	had := resp.Body
	if in.Values["new_line"] == true && len(had) > 0 && !bytes.HasSuffix(had, []byte("\n")) {
		had = append(had, '\n')
	}
	return write(ctx, in, do, map[string]any{".tag": "update", "update": rev}, string(had)+text)
}
