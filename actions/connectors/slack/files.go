package slack

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func fileSample() map[string]any {
	return map[string]any{"id": "F123ABC456", "name": "report.pdf", "title": "Report", "mimetype": "application/pdf", "size": 20480,
		"permalink": "https://acme.slack.com/files/U1/F123ABC456/report.pdf"}
}

// fileField is the input for a file that lies at Slack.
func fileField() actions.Field {
	return actions.Field{ID: "id", Label: "File", Help: "Its id, which begins with F, or its link.", Type: actions.Text, Required: true, Name: "file", Example: "F123ABC456", Link: fileLink}
}

// uploadFile sends a file in three steps: Slack gives an address, takes the bytes there, and shows the file once it is told to.
// Source: https://docs.slack.dev/messaging/working-with-files
func uploadFile() actions.Action {
	sample := map[string]any{"id": "F123ABC456", "title": "Report"}
	return actions.Action{
		ID: "upload_file", Name: "Upload a file", Description: "Uploads a file, and posts it to a channel or a thread where one is given.",
		Effect: actions.Once, Timeout: actions.FileTimeout,
		Guarantee: "The file shows with the last request. Slack has no key that would make a repeat of it harmless: where its answer was lost, you are asked.",
		Input: []actions.Field{actions.FileField("A file of an earlier step."),
			{ID: "channel", Label: "Channel", Help: "A name as #support, an id or the channel's link; nobody but the bot sees the file where none is given.",
				Type: actions.Text, In: actions.InNone, Example: "#support", Link: channelLink, Choices: channels()},
			in(threadField(), actions.InNone),
			{ID: "title", Label: "Title", Help: "What stands above the file; its name where not given.", Type: actions.Text,
				In: actions.InNone, Example: "Report"},
			{ID: "comment", Label: "Comment", Help: "The message that the file comes with.", Type: actions.LongText, In: actions.InNone},
			{ID: "name", Label: "Name", Help: "What the file is called; as it is where not given.", Type: actions.Text, In: actions.InNone,
				Example: "report.pdf"},
			{ID: "alt_text", Label: "Description", Help: "Of an image, for who cannot see it.", Type: actions.Text, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample, Run: upload,
		Errors: actions.ErrorTable{{Pointer: "/error", Equals: "file_not_found", Code: "unavailable",
			Message: "Slack has not taken in what was uploaded.", Remedy: "It is uploaded again."}},
	}
}

func upload(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	f, err := actions.InputFile(v, "file", value.Text(v["name"]))
	switch {
	case err != nil:
		return nil, err
	case f.Size == 0:
		return nil, fault.New(fault.InvalidInput, "The input file: %s is empty, which Slack does not take.", fault.Clip(f.Name, 60))
	case v["channel"] == nil && (v["thread_ts"] != nil || v["comment"] != nil):
		return nil, fault.New(fault.InvalidInput, "The input channel: a thread or a comment needs one.")
	}
	channel := v["channel"]
	if strings.HasPrefix(value.Text(channel), "#") { // the files' method takes ids only
		there, err := channelNamed(ctx, channel, do)
		if err != nil {
			return nil, err
		}
		if channel = value.At(there, "/id"); channel == nil {
			return nil, fault.New(fault.NotFound, "The input channel: the bot sees no channel %s. A private one must have invited it.", fault.Clip(value.Text(v["channel"]), 80))
		}
	}
	begin := &actions.Action{ID: "begin", Effect: actions.Read,
		Sample: map[string]any{"upload_url": "https://files.slack.com/upload/v1/example", "file_id": "F123ABC456"},
		Input: []actions.Field{{ID: "filename", Type: actions.Text}, {ID: "length", Type: actions.Integer},
			{ID: "alt_txt", Type: actions.Text}},
		Request: &actions.Request{Method: "POST", Path: "/files.getUploadURLExternal", Body: actions.FormBody,
			Output: func(resp actions.Response) (any, error) { return said(resp) }}}
	given, err := do.Ask(ctx, begin, map[string]any{"filename": f.Name, "length": f.Size, "alt_txt": v["alt_text"]})
	if err != nil {
		return nil, err
	}
	id := value.Text(value.At(given, "/file_id"))
	if _, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: value.Text(value.At(given, "/upload_url")),
		Header: http.Header{"Content-Type": {"application/octet-stream"}},
		Stream: actions.StreamOf(ctx, do, f), Bare: true, Prepares: true}); err != nil {
		return nil, err
	}
	file := map[string]any{"id": id}
	if v["title"] != nil {
		file["title"] = v["title"]
	}
	body := map[string]any{"files": []any{file}}
	if channel != nil {
		body["channel_id"] = channel
	}
	for member, input := range map[string]string{"thread_ts": "thread_ts", "initial_comment": "comment"} {
		if v[input] != nil {
			body[member] = v[input]
		}
	}
	b, err := value.Encode(body)
	if err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: "/files.completeUploadExternal",
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: bytes.NewReader(b)})
	if err != nil || do.Sandboxed() {
		return map[string]any{"id": "F123ABC456", "title": "Report"}, err
	}
	return inside("/files/0")(resp)
}

// downloadFile reads a file, whose address Slack gives with what is known of it.
func downloadFile() actions.Action {
	sample := fileSample()
	sample["file"] = actions.FileSample("report.pdf", "application/pdf", 20480)
	return actions.Action{
		ID: "download_file", Name: "Download a file", Description: "Reads a file's content, for later steps to take.", Effect: actions.Read,
		Guarantee: "It only reads.", Timeout: actions.FileTimeout,
		Input:  []actions.Field{in(fileField(), actions.InNone)},
		Output: value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			out, err := download(ctx, in, do)
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return out, nil
		},
	}
}

func download(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	info := &actions.Action{ID: "info", Effect: actions.Read, Sample: map[string]any{"name": "report.pdf",
		"url_private_download": "https://files.slack.com/files-pri/T1-F123ABC456/download/report.pdf"},
		Input:   []actions.Field{{ID: "id", Type: actions.Text, In: actions.InQuery, Name: "file"}},
		Request: &actions.Request{Method: "GET", Path: "/files.info", Output: inside("/file")}}
	file, err := do.Ask(ctx, info, map[string]any{"id": in.Values["id"]})
	if err != nil {
		return nil, err
	}
	at, kind := value.Text(value.At(file, "/url_private_download")), value.Text(value.At(file, "/mimetype"))
	if at == "" || value.At(file, "/is_external") == true {
		return nil, fault.New(fault.InvalidInput, "The file %s does not lie at Slack, which only knows its address: %s.",
			value.Text(in.Values["id"]), fault.Clip(value.Text(value.At(file, "/url_private")), 200))
	}
	resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: at}, value.File{Name: value.Text(value.At(file, "/name"))})
	if err != nil || do.Sandboxed() {
		return nil, err
	}
	if strings.HasPrefix(resp.File.Type, "text/html") && !strings.HasPrefix(kind, "text/html") {
		return nil, fault.New(fault.Unauthorized, "Slack gave its sign-in page in the place of the file. Give the app the scope files:read and install it again.")
	}
	out := map[string]any{"file": resp.File.Value()}
	for name := range fileSample() {
		out[name] = value.At(file, "/"+name)
	}
	return out, nil
}
