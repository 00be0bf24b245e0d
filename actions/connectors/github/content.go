package github

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// mostContent is how large a file of a repository may be, in bytes.
// Source: https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github
const mostContent = 100 << 20

// contentURL is the address of a file in a repository.
func contentURL(v map[string]any) (string, error) {
	parts, err := filePath(v)
	if err != nil {
		return "", err
	}
	return actions.FillPath("/repos/{owner}/{repo}/contents/{path}", map[string]string{"owner": value.Text(v["owner"]),
		"repo": value.Text(v["repo"]), "path": parts.Path["path"]})
}

// uploadFile writes a file of bytes as upsertFile writes a text. What is there is known by git's own name for it.
// Source: https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents
func uploadFile() actions.Action {
	sample := map[string]any{"changed": true, "path": "docs/plan.pdf", "sha": "95b966ae1c166bd92f8ae7d1c313e738c731dfc3",
		"commit": map[string]any{"sha": "7638417db6d59f3c431d3e1f261cc637155684cd",
			"html_url": "https://github.com/octocat/Hello-World/git/commit/7638417db6d59f3c431d3e1f261cc637155684cd"}}
	return actions.Action{
		ID: "upload_file", Name: "Upload a file", Description: "Writes a file of an earlier step into a repository in a commit of its own, unless it is there already.",
		Effect: actions.Idempotent, Timeout: actions.FileTimeout,
		Guarantee: "It looks first, and a file that is the same is left: a repeat makes no second commit. What somebody else changed in between is refused as a conflict.",
		Input: []actions.Field{ownerField(), repoField(), pathField(), actions.FileField("A file of an earlier step, of at most 100 MB."),
			{ID: "message", Label: "Commit message", Help: "What was done, in one line.", Type: actions.Text, Required: true,
				Example: "Add the plan"},
			{ID: "branch", Label: "Branch", Help: "One that is there; the default branch where not given.", Type: actions.Text,
				Example: "main"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			made, err := upload(ctx, in.Values, do)
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return made, nil
		},
	}
}

func upload(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	f, err := actions.InputFile(v, "file", "")
	if err != nil {
		return nil, err
	}
	if err := actions.AtMost(f, mostContent, "GitHub", "100 MB; add it to a release, which takes 2 GB"); err != nil {
		return nil, err
	}
	get := getFile()
	there, err := do.Ask(ctx, &get, map[string]any{"owner": v["owner"], "repo": v["repo"], "path": v["path"], "ref": v["branch"]})
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return nil, err
	}
	body := map[string]any{"message": v["message"], "content": f}
	if v["branch"] != nil {
		body["branch"] = v["branch"]
	}
	if err == nil {
		body["sha"] = value.At(there, "/sha")
		if same, err := isBlob(ctx, do, f, value.Text(body["sha"])); err != nil || same {
			return map[string]any{"changed": false, "path": value.At(there, "/path"), "sha": body["sha"], "commit": nil}, err
		}
	}
	req := actions.HTTPRequest{Method: "PUT", Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	if req.URL, err = contentURL(v); err != nil {
		return nil, err
	}
	if req.Stream, err = actions.JSONStream(body, func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) }); err != nil {
		return nil, err
	}
	made, err := do.HTTP(ctx, req)
	if err != nil {
		return nil, err
	}
	return map[string]any{"changed": true, "path": value.At(made.Value, "/content/path"), "sha": value.At(made.Value, "/content/sha"),
		"commit": value.At(made.Value, "/commit")}, nil
}

// isBlob says that git would call a file by a name.
func isBlob(ctx context.Context, do actions.Doer, f value.File, name string) (bool, error) {
	if do.Sandboxed() {
		return false, nil
	}
	in, err := do.Open(ctx, f)
	if err != nil {
		return false, err
	}
	defer in.Close()
	sum := sha1.New() // not for safety: git names what it keeps by it
	fmt.Fprintf(sum, "blob %d\x00", f.Size)
	_, err = io.Copy(sum, in)
	return hex.EncodeToString(sum.Sum(nil)) == name, err
}

// downloadFile reads a file's bytes. Source: https://docs.github.com/en/rest/repos/contents#get-repository-content
func downloadFile() actions.Action {
	sample := map[string]any{"path": "docs/plan.pdf", "file": actions.FileSample("plan.pdf", "application/octet-stream", 20480)}
	return actions.Action{
		ID: "download_file", Name: "Download a file",
		Description: "Reads the bytes of a file of a repository, of at most 100 MB, for later steps to take.", Effect: actions.Read,
		Guarantee: readsOnly, Timeout: actions.FileTimeout,
		Input: []actions.Field{ownerField(), repoField(), pathField(), refField()}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			at, err := contentURL(in.Values)
			if err != nil {
				return nil, err
			}
			if in.Values["ref"] != nil {
				at += "?" + url.Values{"ref": {value.Text(in.Values["ref"])}}.Encode()
			}
			parts, _ := filePath(in.Values)
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: at,
				Header: http.Header{"Accept": {"application/vnd.github.raw+json"}}},
				value.File{Name: path.Base(parts.Path["path"]), Type: "application/octet-stream"})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "application/json" { // of a file it is what was asked for
				return nil, fault.New(fault.InvalidInput, "The input path: it names a folder; list it.")
			}
			return map[string]any{"path": parts.Path["path"], "file": resp.File.Value()}, nil
		},
	}
}
