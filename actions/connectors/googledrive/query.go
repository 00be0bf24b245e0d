package googledrive

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

const folderType = "application/vnd.google-apps.folder"

// shown is what is asked of a file: without a word Google gives four members.
const shown = "id,name,mimeType,description,parents,webViewLink,webContentLink,size,createdTime,modifiedTime,version,md5Checksum,starred,trashed,shared,driveId,owners(displayName,emailAddress),lastModifyingUser(displayName,emailAddress),properties"

const listShown = "nextPageToken,files(" + shown + ")"

// quoted is a text as a query has it. Source: https://developers.google.com/workspace/drive/api/guides/search-files#query_string_examples
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// kinds are the types of files that people tell apart, by the terms that find them.
var kinds = map[string]string{
	"folder": "mimeType = '" + folderType + "'", "file": "mimeType != '" + folderType + "'", "document": "mimeType = 'application/vnd.google-apps.document'", "spreadsheet": "mimeType = 'application/vnd.google-apps.spreadsheet'",
	"presentation": "mimeType = 'application/vnd.google-apps.presentation'", "pdf": "mimeType = 'application/pdf'", "image": "mimeType contains 'image/'", "video": "mimeType contains 'video/'",
}

// query joins the conditions that inputs make. What is in the trash is found only where it is asked for.
func query(in map[string]any) string {
	var terms []string
	add := func(input, before, after string) {
		if text := value.Text(in[input]); text != "" {
			terms = append(terms, before+quoted(text)+after)
		}
	}
	add("name", "name = ", "")
	add("contains", "name contains ", "")
	add("text", "fullText contains ", "")
	add("folder", "", " in parents")
	add("owner", "", " in owners")
	add("mime_type", "mimeType = ", "")
	if given, _ := in["properties"].(map[string]any); len(given) > 0 {
		for _, name := range slices.Sorted(maps.Keys(given)) {
			terms = append(terms, "properties has { key="+quoted(name)+" and value="+quoted(value.Text(given[name]))+" }")
		}
	}
	if in["starred"] == true {
		terms = append(terms, "starred = true")
	}
	if in["shared_with_me"] == true {
		terms = append(terms, "sharedWithMe = true")
	}
	if kind := kinds[value.Text(in["kind"])]; kind != "" {
		terms = append(terms, kind)
	}
	for _, c := range [][2]string{{"modified_since", "modifiedTime > "}, {"modified_before", "modifiedTime < "}, {"created_since", "createdTime > "}} {
		if at, err := time.Parse(time.RFC3339, value.Text(in[c[0]])); err == nil {
			terms = append(terms, c[1]+quoted(at.UTC().Format("2006-01-02T15:04:05Z")))
		}
	}
	if own := strings.TrimSpace(value.Text(in["query"])); own != "" {
		terms = append(terms, "("+own+")")
	}
	trashed := "trashed = false"
	if in["trashed"] == true {
		trashed = "trashed = true"
	}
	return strings.Join(append(terms, trashed), " and ")
}

// listed is a request for files that the inputs find, in an order. Google refuses one where it looks into texts, whose order is by how well they fit.
func listed(order string, find func(in map[string]any) string) *actions.Request {
	return &actions.Request{Method: "GET", Path: "/drive/v3/files", Query: map[string]string{"fields": listShown, "supportsAllDrives": "true", "includeItemsFromAllDrives": "true"},
		Prepare: func(in map[string]any) (actions.Parts, error) {
			parts := actions.Parts{Query: map[string]any{"q": find(in), "orderBy": cmp.Or(value.Text(in["order"]), order)}}
			if value.Text(in["text"]) != "" {
				delete(parts.Query, "orderBy")
			}
			if drive := value.Text(in["drive"]); drive != "" {
				parts.Query["driveId"], parts.Query["corpora"] = drive, "drive"
			}
			return parts, nil
		}}
}

// parts is how Drive gives a list in parts.
func parts(items string, size int) *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/" + items, Sure: "/" + items, ID: "/id", Next: "/nextPageToken", At: actions.Spot{In: actions.InQuery, Name: "pageToken"}, Size: size, Sizes: actions.Spot{In: actions.InQuery, Name: "pageSize"}}
}

// chosen are the account's files or folders, the last changed first.
func chosen(kind string) *actions.Choices {
	return &actions.Choices{Request: listed("modifiedTime desc", func(map[string]any) string { return query(map[string]any{"kind": kind}) }), Page: *parts("files", 500), Value: "/id", Label: "/name"}
}

// noFile is said of an address that no file has.
const noFile = "No file or folder of Google Drive has it; paste the one at which it is open, or its id."

func fileField(in actions.In) actions.Field {
	return actions.Field{ID: "file", Label: "File", Help: "The URL or the id of a file or a folder.", Type: actions.Text, Required: true, In: in, Example: "1AbCdEf", Link: actions.GoogleFileLink, NoURL: noFile, Choices: chosen("")}
}

func folderField(help string) actions.Field {
	return actions.Field{ID: "folder", Label: "Folder", Help: help, Type: actions.Text, In: actions.InNone, Example: "root", Link: actions.GoogleFileLink, NoURL: noFile, Choices: chosen("folder")}
}

func fileSample() map[string]any {
	return map[string]any{"id": "1AbCdEf", "name": "Report", "mimeType": "application/pdf", "parents": []any{"0AFolder"}, "webViewLink": "https://drive.google.com/file/d/1AbCdEf/view", "size": "20480",
		"createdTime": "2026-01-31T09:30:00.000Z", "modifiedTime": "2026-01-31T09:30:00.000Z", "starred": false, "trashed": false, "shared": true, "owners": []any{map[string]any{"displayName": "Ada Lovelace", "emailAddress": "ada@example.com"}}}
}

func folderSample() map[string]any {
	out := fileSample()
	delete(out, "size")
	out["name"], out["mimeType"], out["webViewLink"] = "Customers", folderType, "https://drive.google.com/drive/folders/1AbCdEf"
	return out
}
