package salesforce

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// fileActions are for Salesforce Files. A file is a ContentDocument, each upload of it a ContentVersion, and a ContentDocumentLink
// shows it at a record. Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentversion.htm
func fileActions() []actions.Action {
	return []actions.Action{uploadFile(), downloadFile(), listFiles(), attachFile()}
}

func fileID(help string) actions.Field {
	return actions.Field{ID: "document", Label: "File", Help: help, Type: actions.Text, In: actions.InNone, Example: "069D00000000so2IAA", Link: recordLink}
}

func atRecord(id, help string) actions.Field {
	f := look(id, "Record", help, "", nil)
	f.In, f.Example = actions.InNone, "001D000000INjVeIAL"
	return f
}

// uploadFile sends a file beside its description, as parts of a form.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_insert_update_blob.htm
func uploadFile() actions.Action {
	sample := created()
	sample["id"], sample["Id"], sample["ContentDocumentId"] = "068D00000000pgOIAQ", "068D00000000pgOIAQ", "069D00000000so2IAA"
	return actions.Action{
		ID: "upload_file", Name: "Upload a file", Description: "Puts a file of an earlier step into Salesforce Files, at a record where one is given; up to 2 GB.", Effect: actions.Once, Guarantee: noKey, Timeout: actions.FileTimeout,
		Input: []actions.Field{actions.FileField("A file of an earlier step."), atRecord("record", "The id of the record that shows it; not given: it lies with the user's own files."),
			text("title", "Title", "What it is called in Salesforce; as the file where not given.", "", "Offer"), text("name", "File name", "With its ending; as it is where not given.", "", "offer.pdf"),
			fileID("The id of a file that is there, whose new version this is; then it stays where it is shown."), {ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText}},
		Check: func(with map[string]any, _ func(string) bool) []actions.InputIssue {
			if with["record"] != nil && with["document"] != nil {
				return []actions.InputIssue{{Path: "/record", Message: "A new version stays where its file is shown: give either the record or the file."}}
			}
			return nil
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Errors: actions.ErrorTable{{Status: 413, Code: "too_large", Message: "Salesforce takes no file as large as this: {words}", Remedy: "It takes up to 2 GB."}},
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			out, err := upload(ctx, in.Values, do)
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return out, nil
		},
	}
}

func upload(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	f, err := actions.InputFile(v, "file", value.Text(v["name"]))
	if err != nil {
		return nil, err
	}
	about := map[string]any{"PathOnClient": f.Name}
	for id, name := range map[string]string{"title": "Title", "description": "Description", "record": "FirstPublishLocationId", "document": "ContentDocumentId"} {
		if v[id] != nil {
			about[name] = v[id]
		}
	}
	text, err := value.Encode(about)
	if err != nil {
		return nil, err
	}
	body, kind, err := actions.Multipart([]actions.Part{{Name: "entity_content", Text: string(text), Type: "application/json"}, {Name: "VersionData", File: &f}},
		func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) })
	if err != nil {
		return nil, err
	}
	resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: "/sobjects/ContentVersion", Header: http.Header{"Content-Type": {kind}}, Stream: body})
	if err != nil || do.Sandboxed() {
		return nil, err
	}
	out, err := made(resp)
	if err != nil {
		return nil, err
	}
	version := out.(map[string]any)
	got, err := latest(ctx, value.Text(version["Id"]), do)
	if err != nil { // the file is there all the same
		do.Log("Salesforce took the file and did not say its document: " + fault.MessageOf(err))
		return version, nil
	}
	version["ContentDocumentId"] = got["ContentDocumentId"]
	return version, nil
}

func versionFields() map[string]any {
	return map[string]any{"attributes": map[string]any{"type": "ContentVersion", "url": "/services/data/v60.0/sobjects/ContentVersion/068D00000000pgOIAQ"}, "Id": "068D00000000pgOIAQ",
		"ContentDocumentId": "069D00000000so2IAA", "Title": "Offer", "PathOnClient": "offer.pdf", "FileExtension": "pdf", "ContentSize": 20480, "VersionNumber": "1"}
}

// latest reads about a version by its id, or about the latest of a file's.
func latest(ctx context.Context, id string, do actions.Doer) (map[string]any, error) {
	ask := query()
	by := "ContentDocumentId = :id AND IsLatest = true"
	if strings.HasPrefix(id, "068") {
		by = "Id = :id"
	}
	answer, err := do.Ask(ctx, &ask, map[string]any{"soql": "SELECT Id, ContentDocumentId, Title, PathOnClient, FileExtension, ContentSize, VersionNumber FROM ContentVersion WHERE " + by,
		"parameters": map[string]any{"id": id}, "limit": 1})
	if err != nil {
		return nil, err
	}
	found, ok := value.At(answer, "/items/0").(map[string]any)
	if !ok {
		return nil, fault.New(fault.NotFound, "Salesforce knows no file %s, or the user of the connection may not see it.", fault.Clip(id, 40))
	}
	return found, nil
}

func downloadFile() actions.Action {
	sample := versionFields()
	sample["file"] = actions.FileSample("offer.pdf", "application/pdf", 20480)
	document := fileID("Its id, which begins with 069, or that of one of its versions, with 068.")
	document.Required = true
	return actions.Action{
		ID: "download_file", Name: "Download a file", Description: "Reads a file of Salesforce Files, its latest version, for later steps to take.", Effect: actions.Read, Guarantee: onlyReads, Timeout: actions.FileTimeout,
		Input: []actions.Field{document}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			found, err := latest(ctx, value.Text(in.Values["document"]), do)
			if err != nil {
				return nil, err
			}
			if do.Sandboxed() {
				found = versionFields()
			}
			path, err := actions.FillPath("/sobjects/ContentVersion/{id}/VersionData", map[string]string{"id": value.Text(found["Id"])})
			if err != nil {
				return nil, err
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: path}, value.File{Name: value.Text(found["PathOnClient"]), Type: mime.TypeByExtension("." + value.Text(found["FileExtension"]))}) // Salesforce calls all bytes octetstream
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			found["file"] = resp.File.Value()
			return found, nil
		},
	}
}

func listFiles() actions.Action {
	record := atRecord("record", "The id of the record at which they are shown.")
	record.Required = true
	out := actions.Action{
		ID: "list_files", Name: "List files of a record", Description: "Gives the files that a record shows; Download a file takes the ContentDocumentId of one.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{record, actions.LimitField()}, Page: queryPage(),
		Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) {
			return asked(selection{object: "ContentDocumentLink", where: []string{"LinkedEntityId = " + quoted(value.Text(in["record"]))},
				fields: []any{"ContentDocumentId", "ShareType", "ContentDocument.Title", "ContentDocument.FileExtension", "ContentDocument.ContentSize", "ContentDocument.LatestPublishedVersionId", "ContentDocument.LastModifiedDate"}})
		}},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"attributes": map[string]any{"type": "ContentDocumentLink", "url": "/services/data/v60.0/sobjects/ContentDocumentLink/06AD00000001vPbMAI"}, "Id": "06AD00000001vPbMAI",
		"ContentDocumentId": "069D00000000so2IAA", "ShareType": "V", "ContentDocument": map[string]any{"Title": "Offer", "FileExtension": "pdf", "ContentSize": 20480, "LatestPublishedVersionId": "068D00000000pgOIAQ", "LastModifiedDate": "2026-01-31T09:30:00.000+0000"}})
	return out
}

// attachFile shows a file that is there at a record too.
// Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
func attachFile() actions.Action {
	document, record := fileID("Its id, which begins with 069."), atRecord("record", "The id of the record that is to show it.")
	document.Required, document.In, document.Name = true, actions.InBody, "ContentDocumentId"
	record.Required, record.In, record.Name = true, actions.InBody, "LinkedEntityId"
	return actions.Action{
		ID: "attach_file", Name: "Attach a file to a record", Description: "Shows a file that is in Salesforce at one more record; a second time Salesforce refuses.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{document, record, {ID: "share", Label: "Who sees the record may", Help: "What may be done with the file there.", Type: actions.Select, Default: "V", Name: "ShareType",
			Options: []actions.Option{{Value: "V", Label: "See it"}, {Value: "C", Label: "Change it"}, {Value: "I", Label: "As the record's own rights say"}}},
			{ID: "visibility", Label: "Shown to", Help: "Whom it is shown to; not given: as Salesforce does.", Type: actions.Select, Name: "Visibility", Options: []actions.Option{{Value: "AllUsers", Label: "All, those of portals and sites too"}, {Value: "InternalUsers", Label: "Your own users"}}}},
		Output: value.ShapeOf(created()), Sample: created(),
		Request: &actions.Request{Method: "POST", Path: "/sobjects/ContentDocumentLink", Body: actions.JSONBody, Output: made},
	}
}
