package googledrive

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// begun is an upload that can go on where it broke off.
// Source: https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable
type begun struct {
	do   actions.Doer
	file value.File
	once bool // whether it was taken in must be known
}

// from begins it, by a request that gives the address that the bytes go to, and sends them.
func (b begun) from(ctx context.Context, method, path string, values map[string]any) (any, error) {
	example := "https://www.googleapis.com" + strings.ReplaceAll(path, "{file}",
		url.PathEscape(value.Text(values["file"]))) + "?uploadType=resumable&upload_id=example"
	query := all()
	query["uploadType"] = "resumable"
	begin := &actions.Action{ID: "begin", Effect: actions.Read, Sample: map[string]any{"location": example},
		Input: []actions.Field{{ID: "file", Type: actions.Text, In: actions.InPath}, {ID: "name", Type: actions.Text},
			{ID: "description", Type: actions.Text}, {ID: "mimeType", Type: actions.Text}, {ID: "parents", Type: actions.Texts},
			{ID: "kind", Type: actions.Text, In: actions.InHeader, Name: "X-Upload-Content-Type"},
			{ID: "size", Type: actions.Integer, In: actions.InHeader, Name: "X-Upload-Content-Length"}},
		Request: &actions.Request{Method: method, Path: path, Body: actions.JSONBody, Query: query, Empty: true,
			Output: func(resp actions.Response) (any, error) {
				if resp.Header.Get("Location") == "" {
					return nil, fault.New(fault.Unavailable,
						"The answer did not come from Google Drive: it says not where the bytes go. Look at what stands between here and there.")
				}
				return map[string]any{"location": resp.Header.Get("Location")}, nil
			}}}
	given, err := b.do.Ask(ctx, begin, values)
	if err != nil {
		return nil, err
	}
	return b.send(ctx, value.Text(value.At(given, "/location")))
}

// mostBreaks is how often in a row an upload may break off without getting on.
const mostBreaks = 3

// send sends the bytes, and after a break those that Google says it lacks.
func (b begun) send(ctx context.Context, at string) (any, error) {
	size, from, breaks := int64(b.file.Size), int64(0), 0
	pieces := actions.PiecesOf(ctx, b.do, b.file)
	defer pieces.Close()
	for {
		req := actions.HTTPRequest{Method: "PUT", URL: at, Header: http.Header{"Content-Type": {b.file.MediaType()}},
			Stream: pieces.Stream(from, size-from), AnyStatus: true, Prepares: true}
		switch {
		case from < size:
			req.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
		case size > 0: // Google has it all and has not said so
			req.Header.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		}
		resp, err := b.do.HTTP(ctx, req)
		if b.do.Sandboxed() {
			return fileSample(), err
		}
		if err != nil && !lostOne(err) {
			return nil, err
		}
		doubt := err != nil || resp.Status >= 500
		if doubt {
			if resp, err = b.ask(ctx, at, err); err != nil {
				return nil, err
			}
		}
		if resp.Status != http.StatusPermanentRedirect {
			return b.ended(resp, doubt && b.once)
		}
		had := from
		if from = taken(resp); from > had && from <= size {
			breaks = 0
		} else if breaks++; breaks > mostBreaks || from > size {
			return nil, fault.New(fault.Unavailable, "The upload of %s breaks off at byte %d of %d.", fault.Clip(b.file.Name, 60), from, size)
		}
	}
}

// lostOne says that an error leaves open what of a request arrived.
func lostOne(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Unavailable || code == fault.Timeout || code == fault.Cancelled
}

// ask asks how much Google has, after a request without an answer, or with one that is none.
func (b begun) ask(ctx context.Context, at string, why error) (actions.Response, error) {
	resp, err := b.do.HTTP(ctx, actions.HTTPRequest{Method: "PUT", URL: at,
		Header: http.Header{"Content-Range": {"bytes */" + strconv.Itoa(b.file.Size)}}, AnyStatus: true, Prepares: true})
	if err == nil && resp.Status < 500 {
		return resp, nil
	}
	switch {
	case err == nil:
		err = b.do.Judge(resp)
	case why != nil:
		err = why // what was asked for, not what was asked about it
	}
	if b.once {
		return resp, fault.New(fault.Uncertain, "%s Whether the file was taken in is not known.", fault.MessageOf(err))
	}
	return resp, err
}

// ended takes the last answer. doubt says that the answer before it was lost, and may have said that the file is there.
func (b begun) ended(resp actions.Response, doubt bool) (any, error) {
	switch resp.Status {
	case http.StatusOK, http.StatusCreated:
		if value.At(resp.Value, "/id") == nil {
			return nil, fault.New(fault.Unavailable,
				"The answer did not come from Google Drive: it lacks the id. Look at what stands between here and there.")
		}
		return resp.Value, nil
	case http.StatusNotFound, http.StatusGone:
		if doubt {
			return nil, fault.New(fault.Uncertain, "Google has forgotten the upload. Whether the file was taken in is not known.")
		}
		return nil, fault.New(fault.Unavailable, "Google has forgotten the upload; it has to begin anew.")
	}
	return nil, b.do.Judge(resp)
}

// taken is how many bytes Google has, of an answer that says so.
func taken(resp actions.Response) int64 {
	_, last, found := strings.Cut(resp.Header.Get("Range"), "-")
	n, err := strconv.ParseInt(last, 10, 64)
	if !found || err != nil || n < 0 {
		return 0
	}
	return n + 1
}
