package pipedrive

import (
	"context"
	"io"
	"net/http"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// fileActions are for the files that stand at deals, people, organizations and leads.
// Source: https://developers.pipedrive.com/docs/api/v1/Files
func fileActions() []actions.Action {
	out := []actions.Action{uploadFile(), downloadFile(), deleteFile()}
	for _, o := range []object{deals(), persons(), organizations()} {
		out = append(out, reading("list_"+o.id+"_files", "List files of "+o.a+" "+o.one, "Gives the files of "+o.a+" "+o.one+"; Download a file takes the id of one.", "/v1/"+o.path+"/{"+o.id+"}/files", []actions.Field{o.of()}, offset(), file()))
	}
	return out
}

func file() map[string]any {
	return map[string]any{"id": 51, "user_id": 1, "deal_id": 42, "person_id": nil, "org_id": nil, "product_id": nil, "activity_id": nil, "lead_id": nil, "add_time": "2026-01-31 09:30:00", "update_time": "2026-01-31 09:30:00", "file_name": "9f86d081-offer.pdf", "file_size": 20480,
		"active_flag": true, "inline_flag": false, "name": "offer.pdf", "description": "", "remote_location": "s3", "url": "https://app.pipedrive.com/api/v1/files/51/download"}
}

func fileID() actions.Field {
	return actions.Field{ID: "id", Label: "File", Help: "Its id.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 51}
}

// uploadFile sends a file as a part of a form, beside what it stands at.
func uploadFile() actions.Action {
	places := append(at(), actions.Field{ID: "product_id", Label: "Product", Help: "The id of a product.", Type: actions.Integer, Example: 8}, actions.Field{ID: "activity_id", Label: "Activity", Help: "The id of an activity.", Type: actions.Integer, Example: 9})
	for i := range places {
		places[i].In = actions.InNone
	}
	return actions.Action{
		ID: "upload_file", Name: "Upload a file", Description: "Puts a file of an earlier step at a deal, a lead, a person or another thing.", Effect: actions.Once, Guarantee: noKey, Timeout: actions.FileTimeout,
		Input:  append([]actions.Field{actions.FileField("A file of an earlier step."), {ID: "name", Label: "Name", Help: "What it is called; as it is where not given.", Type: actions.Text, In: actions.InNone, Example: "offer.pdf"}}, places...),
		Output: value.ShapeOf(file()), Sample: file(),
		Errors: actions.ErrorTable{{Status: 413, Code: "too_large", Message: "Pipedrive takes no file as large as this: {words}", Remedy: "Put a smaller one there, or a link to where it lies into a note."}},
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			f, err := actions.InputFile(in.Values, "file", value.Text(in.Values["name"]))
			if err != nil {
				return nil, err
			}
			parts := []actions.Part{{Name: "file", File: &f}}
			for _, place := range places {
				if v := in.Values[place.ID]; v != nil {
					parts = append(parts, actions.Part{Name: place.ID, Text: value.Text(v)})
				}
			}
			if len(parts) == 1 {
				return nil, fault.New(fault.InvalidInput, "The input deal_id: a file stands at a deal, a lead, a person, an organization, a product or an activity; give one of them.")
			}
			body, kind, err := actions.Multipart(parts, func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) })
			if err != nil {
				return nil, err
			}
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: "/v1/files", Header: http.Header{"Content-Type": {kind}}, Stream: body})
			if err != nil || do.Sandboxed() {
				return file(), err
			}
			return data(resp)
		},
	}
}

// downloadFile reads a file from where Pipedrive keeps it, which it leads to.
func downloadFile() actions.Action {
	sample := file()
	sample["file"] = actions.FileSample("offer.pdf", "application/pdf", 20480)
	return actions.Action{
		ID: "download_file", Name: "Download a file", Description: "Reads a file that is kept in Pipedrive, for later steps to take.", Effect: actions.Read, Guarantee: onlyReads, Timeout: actions.FileTimeout,
		Input: []actions.Field{fileID()}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			look := &actions.Action{ID: "look", Effect: actions.Read, Sample: file(), Input: []actions.Field{fileID()}, Request: &actions.Request{Method: "GET", Path: "/v1/files/{id}", Output: data}}
			about, err := do.Ask(ctx, look, map[string]any{"id": in.Values["id"]})
			if err != nil {
				return nil, err
			}
			path, err := actions.FillPath("/v1/files/{id}/download", map[string]string{"id": value.Text(in.Values["id"])})
			if err != nil {
				return nil, err
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: path}, value.File{Name: value.Text(value.At(about, "/name"))})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			out, _ := about.(map[string]any)
			out["file"] = resp.File.Value()
			return out, nil
		},
	}
}

func deleteFile() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_file", Name: "Delete a file", Description: "Marks a file as deleted; Pipedrive deletes it for good after 30 days.", Effect: actions.Idempotent, Guarantee: staysDeleted,
		Input: []actions.Field{fileID()}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "DELETE", Path: "/v1/files/{id}", Output: gone},
	}
}
