package dropbox

import (
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// place is an input's path as Dropbox takes it: it begins with / and does not end with it, and the root is empty. Ids and revisions go as they are, and
// the address of a folder or a file in the browser is the path in it.
func place(input, text string) (string, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "id:") || strings.HasPrefix(text, "rev:") || strings.HasPrefix(text, "ns:") {
		return text, nil
	}
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		var err error
		if text, err = browsed(input, text); err != nil {
			return "", err
		}
	}
	if text = strings.Trim(text, "/"); text == "" {
		return "", nil
	}
	return "/" + text, nil
}

// browsed is the path in the address of the browser: https://www.dropbox.com/home/Customers/Acme shows a folder, with ?preview=Offer.pdf a file in it.
func browsed(input, address string) (string, error) {
	u, err := url.Parse(address)
	if err == nil && strings.TrimPrefix(u.Hostname(), "www.") == "dropbox.com" {
		if path, ok := strings.CutPrefix(u.Path, "/home"); ok && (path == "" || path[0] == '/') {
			return path + "/" + u.Query().Get("preview"), nil
		}
	}
	return "", fault.New(fault.InvalidInput, "The input %s: %q is no path in Dropbox. Give the path as /Customers/Acme, or the address of the browser that begins with https://www.dropbox.com/home/. A shared link does not tell the path: “List links” gives the links of the account with their paths.", input, fault.Clip(address, 100))
}

// placed writes paths of inputs by the members that they go into. What is required may not be the root.
func placed(members map[string]string, root bool) func(in map[string]any) (actions.Parts, error) {
	return func(in map[string]any) (actions.Parts, error) {
		body := map[string]any{}
		for input, member := range members {
			path, err := place(input, value.Text(in[input]))
			if err != nil {
				return actions.Parts{}, err
			}
			if path == "" && !root {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input %s: a path within the root is needed, as /Customers/Acme.", input)
			}
			body[member] = path
		}
		return actions.Parts{Body: body}, nil
	}
}

// pathField is a path of something that is to be made.
func pathField(id, label, help string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: true, In: actions.InNone, Example: "/Customers/Acme/Offer.pdf"}
}

// thereField is a path of something that is there.
func thereField(id, label, help string) actions.Field {
	f := pathField(id, label, help)
	f.Choices = entries()
	return f
}

// folderField chooses a folder.
func folderField(help string) actions.Field {
	return actions.Field{ID: "folder", Label: "Folder", Help: help, Type: actions.Text, Default: "", In: actions.InNone, Example: "/Customers", Choices: folderChoices()}
}

// folderChoices are the account's folders.
func folderChoices() *actions.Choices {
	out := entries()
	out.Label, out.Pick, out.Equals = "", "/.tag", "folder"
	return out
}

// entries are what lies in the account. A path of another kind than that is written as people have it.
// Source: https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder
func entries() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "POST", Path: "/2/files/list_folder", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"path": "", "recursive": true, "limit": 2000}}, nil
	}}, Page: *parts("/entries", "/2/files/list_folder/continue"), Value: "/path_display", Label: "{/path_display} ({/.tag})"}
}

func renameField() actions.Field {
	return actions.Field{ID: "autorename", Label: "Choose a name", Help: "Whether Dropbox chooses another name, as Offer (1).pdf, where there is one already.", Type: actions.Boolean, Default: false}
}

func fileSample() map[string]any {
	return map[string]any{".tag": "file", "name": "Offer.pdf", "id": "id:a4ayc_80_OEAAAAAAAAAXw", "path_lower": "/customers/acme/offer.pdf", "path_display": "/Customers/Acme/Offer.pdf", "client_modified": "2026-01-31T09:30:00Z", "server_modified": "2026-01-31T09:30:00Z",
		"rev": "a1c10ce0dd78", "size": 7212, "is_downloadable": true, "content_hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
}

func folderSample() map[string]any {
	return map[string]any{"name": "Acme", "id": "id:a4ayc_80_OEAAAAAAAAAXz", "path_lower": "/customers/acme", "path_display": "/Customers/Acme"}
}

// inner takes an answer out of its envelope, {"metadata": ...}.
func inner(resp actions.Response) (any, error) {
	if v := value.At(resp.Value, "/metadata"); v != nil {
		return v, nil
	}
	return resp.Value, nil
}

func done(actions.Response) (any, error) { return map[string]any{"done": true}, nil }

var doneSample = map[string]any{"done": true}
