package github

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func getLatestRelease() actions.Action {
	sample := release()
	return actions.Action{
		ID: "get_latest_release", Name: "Get the latest release", Description: "Reads the latest release that is published and no pre-release.", Effect: actions.Read, Guarantee: readsOnly,
		Input: []actions.Field{ownerField(), repoField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/releases/latest"},
	}
}

func getReleaseByTag() actions.Action {
	sample := release()
	return actions.Action{
		ID: "get_release_by_tag", Name: "Get a tag's release", Description: "Reads the published release of a tag.", Effect: actions.Read, Guarantee: readsOnly,
		Input:  []actions.Field{ownerField(), repoField(), {ID: "tag", Label: "Tag", Help: "Its name, or the address of the release's page.", Type: actions.Text, Required: true, In: actions.InPath, Example: "v1.0.0", Link: `/releases/tag/([^/?#]+)`}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/repos/{owner}/{repo}/releases/tags/{tag}"},
	}
}

func releaseField() actions.Field {
	return actions.Field{ID: "release", Label: "Release", Help: "Its id, as making or listing it gives it.", Type: actions.Integer, Required: true, In: actions.InPath, Name: "release_id", Example: 1,
		Choices: inRepository("/repos/{owner}/{repo}/releases", "/id", "{/tag_name} {/name}")}
}

// updateRelease changes a release. Source: https://docs.github.com/en/rest/releases/releases#update-a-release
func updateRelease() actions.Action {
	sample := release()
	return actions.Action{
		ID: "update_release", Name: "Update a release", Description: "Changes what is given of a release and leaves the rest: its text, its tag, or that a draft is published.", Effect: actions.Idempotent, Guarantee: sameAfter,
		Input: []actions.Field{ownerField(), repoField(), releaseField(),
			{ID: "tag", Label: "Tag", Help: "Another tag.", Type: actions.Text, Name: "tag_name"},
			{ID: "name", Label: "Title", Help: "One line.", Type: actions.Text}, bodyField(),
			{ID: "draft", Label: "Draft", Help: "false publishes a draft.", Type: actions.Boolean, Example: false},
			{ID: "prerelease", Label: "Not for production", Help: "Whether it is a pre-release.", Type: actions.Boolean}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/repos/{owner}/{repo}/releases/{release_id}", Body: actions.JSONBody},
	}
}

func asset() map[string]any {
	return map[string]any{"id": 1, "name": "report.pdf", "label": "Report", "state": "uploaded", "content_type": "application/pdf", "size": 20480, "download_count": 0,
		"browser_download_url": "https://github.com/octocat/Hello-World/releases/download/v1.0.0/report.pdf", "created_at": "2013-02-27T19:35:32Z", "uploader": account()}
}

// uploads is where the files of releases go.
const uploads = "https://uploads.github.com"

// mostAsset is how large a file of a release may be, in bytes.
// Source: https://docs.github.com/en/repositories/releasing-projects-on-github/about-releases#storage-and-bandwidth-quotas
const mostAsset = 2<<30 - 1

// uploadAsset sends the bytes as they are. A release has a name once.
// Source: https://docs.github.com/en/rest/releases/assets#upload-a-release-asset
func uploadAsset() actions.Action {
	sample := asset()
	return actions.Action{
		ID: "upload_release_file", Name: "Add a file to a release", Description: "Uploads a file of an earlier step to a release, of less than 2 GB.", Effect: actions.Once, Timeout: actions.FileTimeout,
		Guarantee: "A release has a file of a name once, so none is there twice; whether one whose answer was lost in a crash was uploaded you are asked.",
		Input: []actions.Field{ownerField(), repoField(), in(releaseField(), actions.InNone), actions.FileField("A file of an earlier step."),
			{ID: "name", Label: "Name", Help: "What it is called; as it is where not given.", Type: actions.Text, In: actions.InNone},
			{ID: "label", Label: "Label", Help: "What people read in place of the name.", Type: actions.Text, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			f, err := actions.InputFile(in.Values, "file", value.Text(in.Values["name"]))
			if err != nil {
				return nil, err
			}
			if err := actions.AtMost(f, mostAsset, "GitHub", "less than 2 GB"); err != nil {
				return nil, err
			}
			path, err := actions.FillPath("/repos/{owner}/{repo}/releases/{release_id}/assets", map[string]string{"owner": value.Text(in.Values["owner"]), "repo": value.Text(in.Values["repo"]), "release_id": value.Text(in.Values["release"])})
			if err != nil {
				return nil, err
			}
			query := url.Values{"name": {f.Name}}
			if label := value.Text(in.Values["label"]); label != "" {
				query.Set("label", label)
			}
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: "POST", URL: uploads + path + "?" + query.Encode(), Header: http.Header{"Content-Type": {cmp.Or(f.Type, "application/octet-stream")}}, Stream: actions.StreamOf(ctx, do, f)})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return resp.Value, nil
		},
	}
}

// in is a field that goes elsewhere.
func in(f actions.Field, place actions.In) actions.Field {
	f.In = place
	return f
}
