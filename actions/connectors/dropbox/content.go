package dropbox

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf16"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// contentHost is where the bytes go and come from.
const contentHost = "https://content.dropboxapi.com"

const (
	wholeUpTo = 150 << 20 // bytes of a file that one request takes
	pieceSize = 32 << 20  // of a larger one, a multiple of 4 MB
)

// contents are the actions of what is in files. Source: https://www.dropbox.com/developers/documentation/http/documentation#files-upload
func contents() []actions.Action {
	sample := fileSample()
	loaded := fileSample()
	loaded["file"] = actions.FileSample("Offer.pdf", "application/octet-stream", 7212)
	path := pathField("path", "Path", "The file's, with its name; one that ends with / is a folder, in which it keeps its name.")
	return []actions.Action{
		{ID: "upload_file", Name: "Upload a file", Description: "Makes a file of one of an earlier step.", Effect: actions.Idempotent,
			Timeout:   actions.FileTimeout,
			Guarantee: "The same content at the same path is one file, so a repeat changes nothing.",
			Input: []actions.Field{actions.FileField("A file of an earlier step, of any size."), path,
				{ID: "if_there", Label: "Where another file is there", Help: "What happens; what a file had stays among its revisions.",
					Type: actions.Select, Default: "add", In: actions.InNone,
					Options: []actions.Option{{Value: "add", Label: "Fail"}, {Value: "overwrite", Label: "Replace it"}}},
				{ID: "quiet", Label: "Quietly", Help: "Whether people's Dropbox does not tell them of it.", Type: actions.Boolean,
					Default: false, In: actions.InNone}},
			Output: value.ShapeOf(sample), Sample: sample, Run: upload,
			Errors: uploadErrors()},
		{ID: "download_file", Name: "Download a file", Description: "Reads a file's content, for later steps to take.",
			Effect: actions.Read, Guarantee: "It only reads.", Timeout: actions.FileTimeout,
			Input: []actions.Field{thereField("path", "Path", "Of the file, or its id.")}, Output: value.ShapeOf(loaded), Sample: loaded,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				out, err := download(ctx, in, do)
				if err == nil && do.Sandboxed() {
					return loaded, nil
				}
				return out, err
			},
			Errors: actions.ErrorTable{{Status: 409, Pointer: "/error/.tag", Equals: "unsupported_file", Code: "invalid_input",
				Message: "Dropbox gives this kind of file to nobody, as a Paper document.", Remedy: "Use “Export a document”."}}},
	}
}

func uploadErrors() actions.ErrorTable {
	return actions.ErrorTable{{Status: 409, Pointer: "/error/reason/.tag", Equals: "conflict", Code: "conflict",
		Message: "Dropbox has another file at the path already.", Remedy: "Choose another path, or replace it."},
		{Status: 409, Pointer: "/error/lookup_failed/.tag", Code: "unavailable",
			Message: "Dropbox has lost the upload ({}); it has to begin anew."}}
}

func upload(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	f, err := actions.InputFile(v, "file", "")
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(value.Text(v["path"]))
	path, err := place("path", text)
	if err == nil && strings.HasSuffix(text, "/") {
		path, err = place("path", path+"/"+f.Name)
	}
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, fault.New(fault.InvalidInput, "The input path: a path within the root is needed, as /Customers/Acme.")
	}
	commit := map[string]any{"path": path, "mode": v["if_there"], "mute": v["quiet"]}
	if f.Size > wholeUpTo {
		return session{do: do, file: f, commit: commit}.upload(ctx)
	}
	resp, err := content(ctx, do, "/2/files/upload", commit, actions.HTTPRequest{Stream: actions.StreamOf(ctx, do, f)})
	if err != nil || do.Sandboxed() {
		return fileSample(), err
	}
	return made(resp)
}

// made takes Dropbox's word for a file only, and not a page that something in between answered with.
func made(resp actions.Response) (any, error) {
	if value.At(resp.Value, "/name") == nil {
		return nil, fault.New(fault.Unavailable, "The answer did not come from Dropbox: it lacks the file's name. Look at what stands between here and there.")
	}
	return resp.Value, nil
}

// session is an upload in pieces. Source: https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-start
type session struct {
	do     actions.Doer
	file   value.File
	commit map[string]any
}

// mostBreaks is how often in a row an upload may break off without getting on.
const mostBreaks = 3

func (s session) upload(ctx context.Context) (any, error) {
	size := int64(s.file.Size)
	pieces := actions.PiecesOf(ctx, s.do, s.file)
	defer pieces.Close()
	begun, err := content(ctx, s.do, "/2/files/upload_session/start", map[string]any{},
		actions.HTTPRequest{Stream: pieces.Stream(0, pieceSize)})
	if err != nil {
		return nil, err
	}
	id := value.Text(value.At(begun.Value, "/session_id"))
	if s.do.Sandboxed() {
		id = "pid_upload_session:example"
	}
	for from, breaks := int64(pieceSize), 0; ; {
		cursor := map[string]any{"session_id": id, "offset": from}
		path, arg := "/2/files/upload_session/append_v2", map[string]any{"cursor": cursor}
		n := min(size-from, pieceSize)
		if from+n == size {
			path, arg["commit"] = "/2/files/upload_session/finish", s.commit
		}
		resp, err := content(ctx, s.do, path, arg, actions.HTTPRequest{Stream: pieces.Stream(from, n), AnyStatus: true})
		at, moved := lacks(resp)
		switch {
		case s.do.Sandboxed():
			return fileSample(), err
		case err == nil && resp.Status == http.StatusOK && arg["commit"] != nil:
			return made(resp)
		case err == nil && resp.Status == http.StatusOK:
			from, breaks = from+n, 0
			continue
		case err == nil && !moved && resp.Status < 500:
			return nil, s.do.Judge(resp)
		case err != nil && fault.CodeOf(err) != fault.Unavailable && fault.CodeOf(err) != fault.Timeout || ctx.Err() != nil:
			return nil, err
		}
		if moved && at > from && at <= size {
			from, breaks = at, 0
			continue
		}
		if breaks++; breaks > mostBreaks || moved && at > size {
			return nil, fault.New(fault.Unavailable, "The upload of %s breaks off at byte %d of %d.", fault.Clip(s.file.Name, 60), from, size)
		}
		if moved {
			from = at
		}
	}
}

// lacks is from where on Dropbox lacks bytes, where an answer says that a piece begins elsewhere.
func lacks(resp actions.Response) (int64, bool) {
	for _, at := range []string{"/error", "/error/lookup_failed"} {
		if n, ok := value.At(resp.Value, at+"/correct_offset").(int); ok {
			return int64(n), true
		}
	}
	return 0, false
}

func download(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	return fetch(ctx, "/2/files/download", map[string]any{}, in, do)
}

// fetch keeps what a call gives as a file, and says what is known of it.
func fetch(ctx context.Context, call string, arg map[string]any, in actions.Input, do actions.Doer) (any, error) {
	path, err := place("path", value.Text(in.Values["path"]))
	if err != nil {
		return nil, err
	}
	if arg["path"] = path; path == "" {
		return nil, fault.New(fault.InvalidInput, "The input path: the root is a folder; name a file.")
	}
	req, err := about(call, arg, actions.HTTPRequest{})
	if err != nil {
		return nil, err
	}
	resp, err := actions.Fetch(ctx, do, req, value.File{})
	if err != nil || do.Sandboxed() {
		return nil, err
	}
	known, err := value.Decode([]byte(resp.Header.Get("Dropbox-Api-Result")), value.Limits{})
	out, ok := known.(map[string]any)
	if err != nil || !ok {
		return nil, fault.New(fault.Unavailable, "The answer did not come from Dropbox: it says not which file it is. Look at what stands between here and there.")
	}
	if made, exported := out["file_metadata"].(map[string]any); exported { // the file that it was made of
		made["export_metadata"] = out["export_metadata"]
		out = made
	}
	if name := value.Text(cmp.Or(value.At(out, "/export_metadata/name"), out["name"])); name != "" {
		resp.File.Name = name
	}
	out["file"] = resp.File.Value()
	return out, nil
}

// content sends bytes to where they lie.
func content(ctx context.Context, do actions.Doer, path string, arg map[string]any, req actions.HTTPRequest) (actions.Response, error) {
	req, err := about(path, arg, req)
	if err != nil {
		return actions.Response{}, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	return do.HTTP(ctx, req)
}

// about makes a request for the bytes of files, whose argument stands in a header.
func about(path string, arg map[string]any, req actions.HTTPRequest) (actions.HTTPRequest, error) {
	b, err := value.Encode(arg)
	req.Method, req.URL, req.Header = "POST", contentHost+path, http.Header{"Dropbox-API-Arg": {ascii(string(b))}}
	return req, err
}

// ascii writes JSON as a header can hold it.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x7f {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
