package dropbox

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// isTag says that a text can be a tag. An expression for it would take a megabyte.
func isTag(text string) bool {
	other := func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) && c != '_' }
	n := utf8.RuneCountInString(text)
	return n > 0 && n <= 32 && !strings.ContainsFunc(text, other)
}

// tags are the actions of tags, and of what a file was before.
// Sources: https://www.dropbox.com/developers/documentation/http/documentation#files-tags-add, https://www.dropbox.com/developers/documentation/http/documentation#files-restore
func tags() []actions.Action {
	path := thereField("path", "Path", "Of the file or folder, or its id.")
	tag := actions.Field{ID: "tag", Label: "Tag", Help: "Up to 32 letters, digits and _; Dropbox makes it lower case.", Type: actions.Text, Required: true, Name: "tag_text", Example: "signed"}
	file := fileSample()
	delete(file, ".tag")
	const scope = "files.metadata.write"
	named := func(in map[string]any) (actions.Parts, error) {
		if text := value.Text(in["tag"]); !isTag(text) {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input tag: %q is no tag, which is up to 32 letters, digits and _.", fault.Clip(text, 60))
		}
		return placed(map[string]string{"path": "path"}, false)(in)
	}
	listShape, list := actions.ListOf("signed")
	return []actions.Action{
		actions.Action{ID: "add_tag", Name: "Add a tag", Description: "Adds a tag to a file or a folder, which has up to 20.", Effect: actions.Idempotent, Guarantee: "A tag that is there stays one, so a repeat changes nothing.",
			Input: []actions.Field{path, tag}, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/2/files/tags/add", Body: actions.JSONBody, Output: done, Prepare: named},
			Errors: actions.ErrorTable{{Status: 409, Pointer: "/error/.tag", Equals: "too_many_tags", Code: "invalid_input", Message: "It has 20 tags already.", Remedy: "Take one away first."}}}.Needing(scope),
		actions.Action{ID: "remove_tag", Name: "Take a tag away", Description: "Takes a tag away from a file or a folder.", Effect: actions.Idempotent, Guarantee: "A tag that is not there is none to take away, so a repeat changes nothing.",
			Input: []actions.Field{path, tag}, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/2/files/tags/remove", Body: actions.JSONBody, Output: done, Prepare: named},
			Errors: actions.ErrorTable{{Status: 409, Pointer: "/error/.tag", Equals: "tag_not_present"}}}.Needing(scope),
		{ID: "list_tags", Name: "List tags", Description: "Lists the tags of a file or a folder.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{path}, Output: listShape, Sample: list,
			Request: &actions.Request{Method: "POST", Path: "/2/files/tags/get", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				parts, err := placed(map[string]string{"path": "path"}, false)(in)
				if err == nil {
					parts.Body = map[string]any{"paths": []any{parts.Body["path"]}}
				}
				return parts, err
			}, Output: func(resp actions.Response) (any, error) {
				given, _ := value.At(resp.Value, "/paths_to_tags/0/tags").([]any)
				items := []any{}
				for _, one := range given {
					items = append(items, value.At(one, "/tag_text"))
				}
				return map[string]any{"items": items, "more": false}, nil
			}}},
		{ID: "restore_revision", Name: "Restore a revision", Description: "Makes an older revision of a file its content again, also of one that was deleted; what it had stays among its revisions.", Effect: actions.Idempotent, Guarantee: "It sets the content of a revision, so a repeat sets the same again.",
			Input:  []actions.Field{pathField("path", "Path", "Where the file is to be."), revisionField()},
			Output: value.ShapeOf(file), Sample: file, Request: &actions.Request{Method: "POST", Path: "/2/files/restore", Body: actions.JSONBody, Prepare: placed(map[string]string{"path": "path"}, false)},
			Errors: actions.ErrorTable{{Status: 409, Pointer: "/error/.tag", Equals: "in_progress", Code: "unavailable", Message: "Dropbox is still restoring the file."}}},
	}
}

// revisionField chooses one of a file's revisions.
func revisionField() actions.Field {
	return actions.Field{ID: "revision", Label: "Revision", Help: "The rev of it.", Type: actions.Text, Required: true, Name: "rev", Example: "a1c10ce0dd78",
		Choices: &actions.Choices{Request: &actions.Request{Method: "POST", Path: "/2/files/list_revisions", Body: actions.JSONBody, Prepare: revisions}, Page: actions.Page{Items: "/entries", Sure: "/entries"},
			Value: "/rev", Label: "{/server_modified} {/name}", Needs: []actions.Field{{ID: "path", Type: actions.Text, In: actions.InNone}}}}
}
