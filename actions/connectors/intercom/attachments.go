package intercom

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// plainTimeout is how long a reply may take that has no files.
const plainTimeout = 30 * time.Second

// mostFiles is how many attachments Intercom takes with one reply.
const mostFiles = 10

func imagesField() actions.Field {
	return actions.Field{ID: "image_urls", Label: "Images", Help: "At most 10 addresses of images, which Intercom fetches and attaches.",
		Type: actions.Texts, Whole: true, Name: "attachment_urls", Example: []any{"https://example.com/screen.png"}}
}

// attaching lets a reply carry files, which Intercom takes as base64 within the JSON.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation
func attaching(a actions.Action) actions.Action {
	plain := a
	plain.Input = append(slices.Clone(a.Input), imagesField())
	a.Input = append(slices.Clone(plain.Input), actions.Field{ID: "files", Label: "Files",
		Help: "At most 10 files of earlier steps, which are attached.", Type: actions.List, In: actions.InNone,
		Example: []any{actions.FileSample("screen.png", "image/png", 20480)}})
	a.Request, a.Timeout = nil, actions.FileTimeout
	a.Run = func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		values := map[string]any{}
		for _, f := range plain.Input {
			if v := in.Values[f.ID]; v != nil {
				values[f.ID] = v
			}
		}
		files, _ := in.Values["files"].([]any)
		if len(files) == 0 {
			ctx, cancel := context.WithTimeout(ctx, plainTimeout)
			defer cancel()
			return do.Ask(ctx, &plain, values)
		}
		return replyWith(ctx, do, &plain, values, files)
	}
	return a
}

// replyWith sends a described reply with files.
func replyWith(ctx context.Context, do actions.Doer, plain *actions.Action, values map[string]any, files []any) (any, error) {
	parts, err := plain.Request.Prepare(values)
	if err != nil {
		return nil, err
	}
	body := parts.Body
	for _, f := range plain.Input {
		name := f.Name
		if name == "" {
			name = f.ID
		}
		if values[f.ID] != nil && f.In == actions.InBody {
			body[name] = values[f.ID]
		}
	}
	if body["attachment_files"], err = attached(files); err != nil {
		return nil, err
	}
	req := actions.HTTPRequest{Method: plain.Request.Method, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	if req.URL, err = actions.FillPath(plain.Request.Path,
		map[string]string{"conversation": value.Text(values["conversation"])}); err != nil {
		return nil, err
	}
	if req.Stream, err = actions.JSONStream(body, func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) }); err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, req)
	if err != nil || do.Sandboxed() {
		return plain.Sample, err
	}
	return resp.Value, nil
}

func attached(files []any) ([]any, error) {
	if len(files) > mostFiles {
		return nil, fault.New(fault.InvalidInput, "The input files: there are %d, and Intercom takes at most %d with one reply.",
			len(files), mostFiles)
	}
	var out []any
	for _, v := range files {
		f, err := actions.InputFile(map[string]any{"files": v}, "files", "")
		if err != nil {
			return nil, err
		}
		out = append(out, map[string]any{"name": f.Name, "content_type": f.MediaType(), "data": f})
	}
	return out, nil
}

// downloadAttachment fetches a file of a conversation from the address that Intercom gives for some time.
func downloadAttachment() actions.Action {
	sample := map[string]any{"type": "upload", "name": "screen.png",
		"url": "https://downloads.intercomcdn.com/i/o/abc12345/screen.png?expires=1764003600", "content_type": "image/png",
		"filesize": 20480, "file": actions.FileSample("screen.png", "image/png", 20480)}
	return actions.Action{
		ID: "download_attachment", Name: "Download an attachment",
		Description: "Reads a file that was attached to a message of a conversation, for later steps to take.", Effect: actions.Read,
		Guarantee: onlyReads, Timeout: actions.FileTimeout,
		Input: []actions.Field{ofConversation(), {ID: "name", Label: "Attachment",
			Help: "Its name; the newest of that name is taken, and of all where none is given.", Type: actions.Text, In: actions.InNone,
			Example: "screen.png"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			get := getConversation()
			there, err := do.Ask(ctx, &get, map[string]any{"conversation": in.Values["conversation"]})
			if err != nil {
				return nil, err
			}
			found, err := newest(there, value.Text(in.Values["conversation"]), value.Text(in.Values["name"]))
			if do.Sandboxed() {
				found, err = map[string]any{"url": sample["url"]}, nil
			}
			if err != nil {
				return nil, err
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: value.Text(found["url"]), Bare: true},
				value.File{Name: value.Text(found["name"]), Type: value.Text(found["content_type"])})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			found["file"] = resp.File.Value()
			return found, nil
		},
	}
}

// newest is the last attachment of a name in a conversation.
func newest(conversation any, id, name string) (map[string]any, error) {
	var names []string
	var found map[string]any
	look := func(v any) {
		list, _ := v.([]any)
		for _, item := range list {
			if a, ok := item.(map[string]any); ok {
				names = append(names, value.Text(a["name"]))
				if name == "" || names[len(names)-1] == name {
					found = a
				}
			}
		}
	}
	look(value.At(conversation, "/source/attachments"))
	parts, _ := value.At(conversation, "/conversation_parts/conversation_parts").([]any)
	for _, part := range parts {
		look(value.At(part, "/attachments"))
	}
	switch {
	case found != nil:
		return found, nil
	case len(names) == 0:
		return nil, fault.New(fault.NotFound, "Nothing is attached to the conversation %s: neither its first message nor a reply has a file.", id)
	}
	return nil, fault.New(fault.NotFound, "No attachment of the conversation %s is called %q; there are %s.", id, fault.Clip(name, 60),
		fault.Clip(strings.Join(names, ", "), 200))
}
