package jira

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func attachment() map[string]any {
	return map[string]any{"id": "10000", "filename": "screen.png", "mimeType": "image/png", "size": 20480,
		"created": "2026-01-31T09:30:00.000+0000", "content": "https://acme.atlassian.net/rest/api/3/attachment/content/10000",
		"author": map[string]any{"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true}}
}

// addAttachment sends a file as a part of a form. Without the header Jira takes it for another site's.
// Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/
func addAttachment() actions.Action {
	sample := attachment()
	return actions.Action{
		ID: "add_attachment", Name: "Attach a file", Description: "Attaches a file to an issue.", Effect: actions.Once,
		Timeout:   actions.FileTimeout,
		Guarantee: "Jira has no key that would make a repeat harmless: a file whose answer was lost in a crash is not attached again by itself, you are asked.",
		Input: []actions.Field{issueField(), actions.FileField("A file of an earlier step."),
			{ID: "name", Label: "Name", Help: "What it is called; as it is where not given.", Type: actions.Text, In: actions.InNone,
				Example: "screen.png"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Errors: actions.ErrorTable{{Status: 413, Code: "too_large", Message: "Jira takes no attachment as large as this: {words}",
			Remedy: "A Jira admin sets how large they may be."}},
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			f, err := actions.InputFile(in.Values, "file", value.Text(in.Values["name"]))
			if err != nil {
				return nil, err
			}
			path, err := actions.FillPath("/rest/api/3/issue/{issue}/attachments",
				map[string]string{"issue": value.Text(in.Values["issue"])})
			if err != nil {
				return nil, err
			}
			body, kind, err := actions.Multipart([]actions.Part{{Name: "file", File: &f}},
				func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) })
			if err != nil {
				return nil, err
			}
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: path,
				Header: http.Header{"Content-Type": {kind}, "X-Atlassian-Token": {"no-check"}}, Stream: body})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return value.At(resp.Value, "/0"), nil
		},
	}
}

// downloadAttachment fetches an attachment, which Jira keeps elsewhere and leads to.
func downloadAttachment() actions.Action {
	sample := attachment()
	sample["file"] = actions.FileSample("screen.png", "image/png", 20480)
	issue := issueField()
	return actions.Action{
		ID: "download_attachment", Name: "Download an attachment",
		Description: "Reads a file that is attached to an issue, for later steps to take.", Effect: actions.Read, Guarantee: readsOnly,
		Timeout: actions.FileTimeout,
		Input: []actions.Field{issue, {ID: "attachment", Label: "Attachment",
			Help: "Its name or its id; the newest of that name is taken, and of all where none is given.", Type: actions.Text,
			In: actions.InNone, Example: "screen.png"}},

		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			look := &actions.Action{ID: "look", Effect: actions.Read,
				Sample: map[string]any{"fields": map[string]any{"attachment": []any{attachment()}}}, Input: []actions.Field{issue},
				Request: &actions.Request{Method: "GET", Path: "/rest/api/3/issue/{issue}",
					Query: map[string]string{"fields": "attachment"}}}
			there, err := do.Ask(ctx, look, map[string]any{"issue": in.Values["issue"]})
			if err != nil {
				return nil, err
			}
			want := value.Text(in.Values["attachment"])
			if do.Sandboxed() {
				want = ""
			}
			found, err := newest(there, want)
			if err != nil {
				return nil, err
			}
			path, err := actions.FillPath("/rest/api/3/attachment/content/{attachment}",
				map[string]string{"attachment": value.Text(found["id"])})
			if err != nil {
				return nil, err
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: path},
				value.File{Name: value.Text(found["filename"]), Type: value.Text(found["mimeType"])})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			found["file"] = resp.File.Value()
			return found, nil
		},
	}
}

// newest is the attachment of an id, or the one of a name that came last.
func newest(issue any, want string) (map[string]any, error) {
	list, _ := value.At(issue, "/fields/attachment").([]any)
	var found map[string]any
	var names []string
	for _, item := range list {
		a, _ := item.(map[string]any)
		names = append(names, value.Text(a["filename"]))
		if value.Text(a["id"]) == want {
			return a, nil
		}
		if (want == "" || value.Text(a["filename"]) == want) && value.Text(a["created"]) >= value.Text(found["created"]) {
			found = a
		}
	}
	switch {
	case found != nil:
		return found, nil
	case len(names) == 0:
		return nil, fault.New(fault.NotFound, "Nothing is attached to the issue.")
	}
	return nil, fault.New(fault.NotFound, "No attachment of the issue is called %q; there are %s.", fault.Clip(want, 60),
		fault.Clip(strings.Join(names, ", "), 200))
}
