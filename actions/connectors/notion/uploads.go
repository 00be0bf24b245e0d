package notion

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// mostUpload is what Notion takes of a file in one part, in bytes; less where the workspace is free of charge.
const mostUpload = 20 << 20

func uploadSample() map[string]any {
	return map[string]any{"object": "file_upload", "id": "43833259-72ae-404e-8441-b6577f3159b4", "created_time": "2026-01-31T09:30:00.000Z", "last_edited_time": "2026-01-31T09:30:00.000Z",
		"expiry_time": nil, "archived": false, "status": "uploaded", "filename": "report.pdf", "content_type": "application/pdf", "content_length": 20480}
}

// uploads are the actions of files. Source: https://developers.notion.com/reference/file-upload
func uploads() []actions.Action {
	sample := map[string]any{"upload": uploadSample(), "block": blockSample()}
	on := blockOrPage("The id or the address of the page, or of a block, that it is put at the end of. Where none is given the file waits an hour for a later step to use its id.", actions.InNone)
	on.Required = false
	return []actions.Action{
		{ID: "upload_file", Name: "Upload a file", Description: "Uploads a file of an earlier step, of at most 20 MB (5 MB on a free plan), and puts it on a page: images, sounds, videos and PDFs are shown there.", Effect: actions.Once, Timeout: actions.FileTimeout,
			Guarantee: "Notion has no key that would make a repeat harmless: a file whose answer was lost in a crash is not put on the page again by itself, you are asked.",
			Input: []actions.Field{actions.FileField("A file of an earlier step."), on,
				{ID: "name", Label: "Name", Help: "What it is called, with its ending; as it is where not given.", Type: actions.Text, In: actions.InNone, Example: "report.pdf"},
				{ID: "caption", Label: "Caption", Help: "Below it on the page.", Type: actions.Text, In: actions.InNone}},
			Output: value.ShapeOf(sample), Sample: sample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return upload(ctx, in.Values, do, sample)
			}},
	}
}

func upload(ctx context.Context, v map[string]any, do actions.Doer, sample any) (any, error) {
	f, err := actions.InputFile(v, "file", value.Text(v["name"]))
	if err != nil {
		return nil, err
	}
	if err := actions.AtMost(f, mostUpload, "Notion", "20 MB"); err != nil {
		return nil, err
	}
	kind := cmp.Or(f.Type, "application/octet-stream")
	begin := &actions.Action{ID: "begin_upload", Effect: actions.Once, Sample: uploadSample(), Input: []actions.Field{{ID: "mode", Type: actions.Text, Default: "single_part"}, {ID: "filename", Type: actions.Text}, {ID: "content_type", Type: actions.Text}},
		Request: &actions.Request{Method: "POST", Path: "/v1/file_uploads", Body: actions.JSONBody}}
	begun, err := do.Ask(ctx, begin, map[string]any{"filename": f.Name, "content_type": kind})
	if err != nil {
		return nil, err
	}
	if err := actions.Sure("Notion", begun, "/id"); err != nil {
		return nil, err
	}
	id := value.Text(value.At(begun, "/id"))
	path, err := actions.FillPath("/v1/file_uploads/{id}/send", map[string]string{"id": id})
	if err != nil {
		return nil, err
	}
	f.Type = kind
	body, form, err := actions.Multipart([]actions.Part{{Name: "file", File: &f}}, func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) })
	if err != nil {
		return nil, err
	}
	page := value.Text(v["page"])
	sent, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: path, Header: http.Header{"Content-Type": {form}}, Stream: body, Prepares: page != ""})
	if err != nil || page == "" && do.Sandboxed() {
		return sample, err
	}
	if page == "" {
		return map[string]any{"upload": sent.Value, "block": nil}, nil
	}
	added, err := do.Ask(ctx, appendTo(map[string]any{"results": []any{blockSample()}}), map[string]any{"page": page, "children": []any{fileBlock(id, kind, value.Text(v["caption"]))}})
	if err != nil || do.Sandboxed() {
		return sample, err
	}
	return map[string]any{"upload": sent.Value, "block": value.At(added, "/results/0")}, nil
}

// fileBlock shows a file that was uploaded, as what it is.
func fileBlock(id, kind, caption string) map[string]any {
	as, _, _ := strings.Cut(kind, "/")
	switch {
	case kind == "application/pdf":
		as = "pdf"
	case as != "image" && as != "video" && as != "audio":
		as = "file"
	}
	return map[string]any{"object": "block", "type": as, as: map[string]any{"type": "file_upload", "file_upload": map[string]any{"id": id}, "caption": richText(caption)}}
}
