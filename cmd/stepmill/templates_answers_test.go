package main

// answers are those that a template needs whole, by template and system, in the order of its requests: what a description makes
// up lacks them, as the properties of somebody's table.
var answers = map[string][]string{
	"hubspot-won-to-notion notion": {jsonAnswer + `{"object": "data_source", "id": "d9824bdc-8445-4327-be8b-5b47500af6ce", "properties": {
		"Name": {"id": "title", "name": "Name", "type": "title", "title": {}}, "Amount": {"id": "b", "name": "Amount", "type": "number", "number": {"format": "euro"}}}}`},
	"newsletter-draft notion": {jsonAnswer + `{"object": "list", "has_more": false, "next_cursor": null, "results": [
		{"object": "block", "id": "9bc30ad4-9373-46a5-84ab-0a7845ee52e6", "type": "heading_1", "heading_1": {"rich_text": [{"type": "text", "plain_text": "News"}]}},
		{"object": "block", "id": "9bc30ad4-9373-46a5-84ab-0a7845ee52e7", "type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "plain_text": "Exports of any length."}]}}]}`},
	"user-to-analytics mixpanel":  {jsonAnswer + `{"error": null, "status": 1}`},
	"user-to-analytics amplitude": {"200 OK\nContent-Type: text/html\n\nsuccess"},
	"deal-won-onboarding linear":  {issueMade},
	"github-issue-to-linear linear": {issueMade, jsonAnswer + `{"data": {"attachmentCreate": {"success": true, "attachment": {"id": "a1", "title": "acme/shop#118", "url": "https://github.com/acme/shop/issues/118",
		"issue": {"id": "i1", "identifier": "ENG-1"}}}}}`},
	"dropbox-to-drive dropbox":      {"200 OK\nContent-Type: application/octet-stream\nDropbox-API-Result: " + `{"name": "Acme 2026.pdf", "id": "id:a4ayc_80_OEAAAAAAAAAXw", "size": 19}` + "\n\n%PDF-1.7 a contract"},
	"dropbox-to-drive google_drive": uploaded,
	"recording-to-drive zoom": {jsonAnswer + `{"uuid": "4444AAAiAAAAAiAiAiiAii==", "topic": "Product weekly", "recording_files": [
		{"id": "f1", "file_type": "MP4", "file_extension": "MP4", "file_size": 7, "status": "completed", "download_url": "http://VENDOR/rec/download/96119"}]}`,
		"200 OK\nContent-Type: video/mp4\n\na video"},
	"recording-to-drive google_drive": uploaded,
}

const jsonAnswer = "200 OK\nContent-Type: application/json\n\n"

const issueMade = jsonAnswer + `{"data": {"issueCreate": {"success": true, "issue": {"id": "i1", "identifier": "ENG-1", "url": "https://linear.app/acme/issue/ENG-1"}}}}`

// uploaded are the answers of Google Drive to a file: where it goes, and what it is there.
var uploaded = []string{"200 OK\nLocation: http://VENDOR/upload/drive/v3/files?uploadType=resumable&upload_id=example\n\n",
	jsonAnswer + `{"id": "1AbCdEf", "name": "a file", "webViewLink": "https://drive.google.com/file/d/1AbCdEf/view"}`}
