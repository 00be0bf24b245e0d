package github

import (
	"context"
	"encoding/base64"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func file() map[string]any {
	return map[string]any{"type": "file", "name": "notes.md", "path": "docs/notes.md", "sha": "3d21ec53a331a6f037a91c368710b99387d012c1", "size": 5, "encoding": "base64", "content": "SGVsbG8=",
		"html_url": "https://github.com/octocat/Hello-World/blob/main/docs/notes.md", "download_url": "https://raw.githubusercontent.com/octocat/Hello-World/main/docs/notes.md"}
}

func pathField() actions.Field {
	return actions.Field{ID: "path", Label: "File", Help: "Its path in the repository, as docs/notes.md.", Type: actions.Text, Required: true, In: actions.InNone, Example: "docs/notes.md"}
}

func refField() actions.Field {
	return actions.Field{ID: "ref", Label: "Branch", Help: "Or a tag or a commit; the default branch where not given.", Type: actions.Text, In: actions.InQuery, Example: "main"}
}

// filePath puts a file's path into the address, where it is one part.
func filePath(in map[string]any) (actions.Parts, error) {
	path := strings.Trim(strings.TrimSpace(value.Text(in["path"])), "/")
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input path: %q names no file of a repository.", fault.Clip(value.Text(in["path"]), 100))
		}
	}
	return actions.Parts{Path: map[string]string{"path": path}}, nil
}

// getFile reads a file of at most 1 MB. Source: https://docs.github.com/en/rest/repos/contents#get-repository-content
func getFile() actions.Action {
	sample := file()
	sample["text"] = "Hello"
	return actions.Action{
		ID: "get_file", Name: "Get a file", Description: "Reads a file of a repository; text is what it says where it is UTF-8 and at most 1 MB.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField(), pathField(), refField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/contents/{path}", Prepare: filePath, Output: readable},
	}
}

// readable puts beside a file's base64 the text that it is.
func readable(resp actions.Response) (any, error) {
	answer, ok := resp.Value.(map[string]any)
	if !ok {
		return nil, fault.New(fault.InvalidInput, "The input path: it names a folder; list it.")
	}
	out := maps.Clone(answer)
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(value.Text(answer["content"]), "\n", ""))
	if answer["encoding"] == "base64" && err == nil && utf8.Valid(b) {
		out["text"] = string(b)
	}
	return out, nil
}

func listFolder() actions.Action {
	item := map[string]any{"type": "file", "name": "notes.md", "path": "docs/notes.md", "sha": "3d21ec53a331a6f037a91c368710b99387d012c1", "size": 5, "html_url": "https://github.com/octocat/Hello-World/blob/main/docs/notes.md"}
	a := listing("list_folder", "List a folder", "Gives the files and folders in a folder below the root, at most 1,000.", "/repos/{owner}/{repo}/contents/{path}", item, ownerField(), repoField(),
		actions.Field{ID: "path", Label: "Folder", Help: "Its path in the repository, as docs.", Type: actions.Text, Required: true, In: actions.InNone, Example: "docs"}, refField())
	a.Page = &actions.Page{ID: "/path"}
	a.Request.Prepare = filePath
	return a
}

// upsertFile writes a file: it looks at what is there first, because GitHub takes a change only with the mark of what it
// replaces. Source: https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents
func upsertFile() actions.Action {
	get, put := getFile(), putFile()
	sample := map[string]any{"changed": true, "path": "docs/notes.md", "sha": "95b966ae1c166bd92f8ae7d1c313e738c731dfc3", "commit": map[string]any{"sha": "7638417db6d59f3c431d3e1f261cc637155684cd", "html_url": "https://github.com/octocat/Hello-World/git/commit/7638417db6d59f3c431d3e1f261cc637155684cd"}}
	return actions.Action{
		ID: "upsert_file", Name: "Create or update a file", Description: "Writes a text file of a repository in a commit of its own; where it says the same already nothing is written and changed is false.", Effect: actions.Idempotent,
		Guarantee: "It looks first, and a file that says the same is left: a repeat makes no second commit. What somebody else changed in between is refused as a conflict.",
		Input: []actions.Field{ownerField(), repoField(), pathField(),
			{ID: "text", Label: "Text", Help: "All that the file is to say.", Type: actions.LongText, In: actions.InNone},
			{ID: "message", Label: "Commit message", Help: "What was done, in one line.", Type: actions.Text, Required: true, Example: "Update the notes"},
			{ID: "branch", Label: "Branch", Help: "One that is there; the default branch where not given.", Type: actions.Text, Example: "main"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			look := map[string]any{"owner": in.Values["owner"], "repo": in.Values["repo"], "path": in.Values["path"], "ref": in.Values["branch"]}
			there, err := do.Ask(ctx, &get, look)
			if err != nil && fault.CodeOf(err) != fault.NotFound {
				return nil, err
			}
			if old, is := value.At(there, "/text").(string); err == nil && is && old == value.Text(in.Values["text"]) && !do.Sandboxed() {
				return map[string]any{"changed": false, "path": value.At(there, "/path"), "sha": value.At(there, "/sha"), "commit": nil}, nil
			}
			values := maps.Clone(in.Values)
			if err == nil {
				values["sha"] = value.At(there, "/sha")
			}
			made, err := do.Ask(ctx, &put, values)
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"changed": true, "path": value.At(made, "/content/path"), "sha": value.At(made, "/content/sha"), "commit": value.At(made, "/commit")}, nil
		},
	}
}

// putFile writes.
func putFile() actions.Action {
	return actions.Action{
		ID: "put_file", Effect: actions.Idempotent,
		Input: []actions.Field{ownerField(), repoField(), pathField(), {ID: "text", Type: actions.LongText, In: actions.InNone},
			{ID: "message", Type: actions.Text, Required: true}, {ID: "branch", Type: actions.Text}, {ID: "sha", Type: actions.Text}},
		Request: &actions.Request{Method: "PUT", Path: "/repos/{owner}/{repo}/contents/{path}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			parts, err := filePath(in)
			parts.Body = map[string]any{"content": base64.StdEncoding.EncodeToString([]byte(value.Text(in["text"])))}
			return parts, err
		}},
	}
}

// deleteFile looks for the mark of what is there, which GitHub asks for.
// Source: https://docs.github.com/en/rest/repos/contents#delete-a-file
func deleteFile() actions.Action {
	get := getFile()
	remove := actions.Action{ID: "remove_file", Effect: actions.Idempotent,
		Input:   []actions.Field{ownerField(), repoField(), pathField(), {ID: "message", Type: actions.Text, Required: true}, {ID: "branch", Type: actions.Text}, {ID: "sha", Type: actions.Text}},
		Request: &actions.Request{Method: "DELETE", Path: "/repos/{owner}/{repo}/contents/{path}", Body: actions.JSONBody, Prepare: filePath}}
	sample := map[string]any{"deleted": true, "commit": map[string]any{"sha": "7638417db6d59f3c431d3e1f261cc637155684cd", "html_url": "https://github.com/octocat/Hello-World/git/commit/7638417db6d59f3c431d3e1f261cc637155684cd"}}
	return actions.Action{
		ID: "delete_file", Name: "Delete a file", Description: "Deletes a file of a repository in a commit of its own; deleted is false where there is none.", Effect: actions.Idempotent,
		Guarantee: "A file that is gone counts as deleted, so a repeat makes no second commit. What somebody else changed in between is refused as a conflict.",
		Input: []actions.Field{ownerField(), repoField(), pathField(),
			{ID: "message", Label: "Commit message", Help: "What was done, in one line.", Type: actions.Text, Required: true, Example: "Delete the notes"},
			{ID: "branch", Label: "Branch", Help: "One that is there; the default branch where not given.", Type: actions.Text, Example: "main"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			there, err := do.Ask(ctx, &get, map[string]any{"owner": in.Values["owner"], "repo": in.Values["repo"], "path": in.Values["path"], "ref": in.Values["branch"]})
			if fault.CodeOf(err) == fault.NotFound {
				return map[string]any{"deleted": false, "commit": nil}, nil
			}
			if err != nil {
				return nil, err
			}
			values := maps.Clone(in.Values)
			values["sha"] = value.At(there, "/sha")
			gone, err := do.Ask(ctx, &remove, values)
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"deleted": true, "commit": value.At(gone, "/commit")}, nil
		},
	}
}

func gist() map[string]any {
	return map[string]any{"id": "aa5a315d61ae9438b18d", "description": "Hello World Examples", "public": false, "html_url": "https://gist.github.com/aa5a315d61ae9438b18d", "owner": account(), "comments": 0,
		"files": map[string]any{"hello.py": map[string]any{"filename": "hello.py", "type": "application/x-python", "language": "Python", "size": 5}}, "created_at": "2010-04-14T02:15:15Z", "updated_at": "2011-06-20T11:34:15Z"}
}

func gistField() actions.Field {
	return actions.Field{ID: "gist", Label: "Gist", Help: "Its id, or the address of its page.", Type: actions.Text, Required: true, In: actions.InPath, Name: "gist_id", Example: "aa5a315d61ae9438b18d", Link: gistLink,
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/gists"}, Page: parts(), Value: "/id", Label: "{/description} ({/id})"}}
}

// gistFiles writes the files' texts as GitHub takes them.
func gistFiles(in map[string]any) (actions.Parts, error) {
	given, _ := in["files"].(map[string]any)
	if len(given) == 0 {
		return actions.Parts{}, nil
	}
	files := map[string]any{}
	for name, text := range given {
		if value.Text(text) == "" {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input files: %q is empty, which GitHub does not take.", fault.Clip(name, 60))
		}
		files[name] = map[string]any{"content": value.Text(text)}
	}
	return actions.Parts{Body: map[string]any{"files": files}}, nil
}

func filesField(required bool) actions.Field {
	return actions.Field{ID: "files", Label: "Files", Help: "An object: each file's name and its text.", Type: actions.Object, Required: required, In: actions.InNone, Example: map[string]any{"hello.py": "print('hello')"}}
}

// createGist makes a gist. Source: https://docs.github.com/en/rest/gists/gists
func createGist() actions.Action {
	sample := gist()
	return actions.Action{
		ID: "create_gist", Name: "Create a gist", Description: "Makes a gist of one file or several.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{filesField(true), {ID: "description", Label: "Description", Help: "One line.", Type: actions.Text},
			{ID: "public", Label: "Public", Help: "Whether it is listed for everybody; whoever has its address sees it in any case.", Type: actions.Boolean, Default: false}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/gists", Body: actions.JSONBody, Prepare: gistFiles},
	}
}

func getGist() actions.Action {
	sample := gist()
	return actions.Action{
		ID: "get_gist", Name: "Get a gist", Description: "Reads a gist with its files.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{gistField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/gists/{gist_id}"},
	}
}

func updateGist() actions.Action {
	sample := gist()
	return actions.Action{
		ID: "update_gist", Name: "Update a gist", Description: "Writes files of a gist, or its description; files that are not given stay.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input:  []actions.Field{gistField(), filesField(false), {ID: "description", Label: "Description", Help: "One line.", Type: actions.Text}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/gists/{gist_id}", Body: actions.JSONBody, Prepare: gistFiles},
	}
}

func listGists() actions.Action {
	a := listing("list_gists", "List my gists", "Gives the gists of the account.", "/gists", gist(),
		actions.Field{ID: "since", Label: "Changed since", Help: "Only those that changed from this time on.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"})
	a.Request.Prepare = func(in map[string]any) (actions.Parts, error) { return actions.Parts{Query: since(in)}, nil }
	return a
}
