package dropbox

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// account are the actions of the account and of file requests, by which others upload into it.
// Sources: https://www.dropbox.com/developers/documentation/http/documentation#users, https://www.dropbox.com/developers/documentation/http/documentation#file_requests
func account() []actions.Action {
	who := map[string]any{"account_id": "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc", "email": "ada@example.com", "email_verified": true, "disabled": false, "country": "DE", "locale": "en",
		"name": map[string]any{"given_name": "Ada", "surname": "Lovelace", "display_name": "Ada Lovelace"}}
	space := map[string]any{"used": 314159265, "allocation": map[string]any{".tag": "individual", "allocated": 10000000000}}
	request := map[string]any{"id": "oaCAVmEyrqYnkZX9955Y", "url": "https://www.dropbox.com/request/oaCAVmEyrqYnkZX9955Y", "title": "Offers", "created": "2026-01-31T09:30:00Z", "destination": "/Customers", "is_open": true, "file_count": 0}
	shape, list := actions.ListOf(request)
	return []actions.Action{
		{ID: "get_account", Name: "Get the account", Description: "Gives whose account it is.", Effect: actions.Read, Guarantee: "It only reads.", Output: value.ShapeOf(who), Sample: who,
			Request: &actions.Request{Method: "POST", Path: "/2/users/get_current_account"}}, // without an argument it takes no body
		{ID: "get_space", Name: "Get the space used", Description: "Gives how much of the account's space is used, in bytes.", Effect: actions.Read, Guarantee: "It only reads.", Output: value.ShapeOf(space), Sample: space,
			Request: &actions.Request{Method: "POST", Path: "/2/users/get_space_usage"}},
		{ID: "create_file_request", Name: "Ask for files", Description: "Makes a page on which others upload files into a folder.", Effect: actions.Once, Guarantee: "Dropbox has no key that would make a repeat harmless: a page whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{{ID: "title", Label: "Title", Help: "What is asked for.", Type: actions.Text, Required: true, Example: "Offers"},
				{ID: "folder", Label: "Into", Help: "The path of the folder.", Type: actions.Text, Required: true, In: actions.InNone, Example: "/Customers", Choices: folderChoices()},
				{ID: "until", Label: "Until", Help: "When it closes; needs a paid account.", Type: actions.DateTime, In: actions.InNone, Example: "2026-12-31T09:30:00Z"}, {ID: "description", Label: "Description", Help: "What people read there.", Type: actions.LongText}},
			Output: value.ShapeOf(request), Sample: request, Request: &actions.Request{Method: "POST", Path: "/2/file_requests/create", Body: actions.JSONBody, Prepare: asked}},
		{ID: "list_file_requests", Name: "List requests for files", Description: "Lists the account's pages for uploads, up to 1,000.", Effect: actions.Read, Guarantee: "It only reads.", Output: shape, Sample: list,
			Request: &actions.Request{Method: "POST", Path: "/2/file_requests/list_v2", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"limit": 1000}}, nil
			}, Output: func(resp actions.Response) (any, error) {
				items, _ := value.At(resp.Value, "/file_requests").([]any)
				return map[string]any{"items": items, "more": value.At(resp.Value, "/has_more") == true}, nil
			}}},
	}
}

func asked(in map[string]any) (actions.Parts, error) {
	parts, err := placed(map[string]string{"folder": "destination"}, false)(in)
	if at, bad := time.Parse(time.RFC3339, value.Text(in["until"])); bad == nil && err == nil {
		parts.Body["deadline"] = map[string]any{"deadline": at.UTC().Format("2006-01-02T15:04:05Z")}
	}
	return parts, err
}
