package linear

import (
	"cmp"
	"context"
	"net/http"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// uploadFile asks where a file may be put, puts it there, and attaches it where an issue is given. The credentials do not go along:
// the address is good by itself. Source: https://linear.app/developers/how-to-upload-a-file-to-linear
func uploadFile() actions.Action {
	sample := map[string]any{"url": "https://uploads.linear.app/acme/7d1c/report.pdf", "name": "report.pdf", "size": 20480, "attachment": link()}
	issue := optional(issueField(""))
	issue.Help = "Where it is attached: its identifier, as ENG-42, its id, or the address of its page. Without one a later step writes the address into a description or a comment, as ![](address)."
	return actions.Action{
		ID: "upload_file", Name: "Upload a file", Description: "Puts a file of an earlier step into Linear and attaches it to an issue.", Effect: actions.Once, Timeout: actions.FileTimeout,
		Guarantee: "A file whose answer was lost in a crash is not uploaded again by itself, you are asked. What was attached is not attached twice: each upload has an address of its own.",
		Input: []actions.Field{actions.FileField("A file of an earlier step."), issue,
			in(actions.Field{ID: "name", Label: "Name", Help: "What it is called; as it is where not given.", Type: actions.Text, Example: "report.pdf"}, ""),
			in(actions.Field{ID: "title", Label: "Title", Help: "Of the attachment; the name where not given.", Type: actions.Text}, "")},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			return upload(ctx, in.Values, do, sample)
		},
	}
}

func askUpload() actions.Action {
	fields := []actions.Field{{ID: "name", Type: actions.Text, In: actions.InNone, Name: "name"}, {ID: "kind", Type: actions.Text, In: actions.InNone, Name: "kind"}, {ID: "size", Type: actions.Integer, In: actions.InNone, Name: "size"}}
	return actions.Action{ID: "ask_upload", Effect: actions.Once, Input: fields,
		Sample:  map[string]any{"uploadUrl": "https://storage.example.com/upload", "assetUrl": "https://uploads.linear.app/acme/7d1c/report.pdf", "headers": []any{}},
		Request: ask(`mutation($name: String!, $kind: String!, $size: Int!) { fileUpload(filename: $name, contentType: $kind, size: $size) { success uploadFile { uploadUrl assetUrl headers { key value } } } }`, fields, "/fileUpload/uploadFile")}
}

func upload(ctx context.Context, v map[string]any, do actions.Doer, sample any) (any, error) {
	f, err := actions.InputFile(v, "file", value.Text(v["name"]))
	if err != nil {
		return nil, err
	}
	kind := cmp.Or(f.Type, "application/octet-stream")
	begin, attach := askUpload(), linkURL()
	at, err := do.Ask(ctx, &begin, map[string]any{"name": f.Name, "kind": kind, "size": f.Size})
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {kind}, "Cache-Control": {"public, max-age=31536000"}}
	list, _ := value.At(at, "/headers").([]any)
	for _, h := range list {
		if name := value.Text(value.At(h, "/key")); name != "" && !actions.Reserved(name) {
			header.Set(name, value.Text(value.At(h, "/value")))
		}
	}
	asset := value.Text(value.At(at, "/assetUrl"))
	if asset == "" || value.Text(value.At(at, "/uploadUrl")) == "" {
		return nil, fault.New(fault.Unavailable, "Linear did not say where the file goes.")
	}
	_, err = do.HTTP(ctx, actions.HTTPRequest{Method: "PUT", URL: value.Text(value.At(at, "/uploadUrl")), Header: header, Stream: actions.StreamOf(ctx, do, f), Bare: true, Prepares: true})
	if err != nil {
		return nil, err
	}
	out := map[string]any{"url": asset, "name": f.Name, "size": f.Size, "attachment": nil}
	if v["issue"] != nil {
		out["attachment"], err = do.Ask(ctx, &attach, map[string]any{"issue": v["issue"], "url": asset, "title": cmp.Or(value.Text(v["title"]), f.Name)})
	}
	if err != nil || do.Sandboxed() {
		return sample, err
	}
	return out, nil
}
