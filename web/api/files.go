package api

import (
	"context"
	"io"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
)

// file serves the files that what stands at base refers to, under the names and with the types that it gives them. Whoever sent one may
// have called it anything.
func (a *api) file(base, summary string, open func(ctx context.Context, actor run.Actor, id, hash string) (io.ReadCloser, error)) {
	type fileInput struct {
		ID   string `path:"id" maxLength:"60"`
		Hash string `path:"hash" maxLength:"80" doc:"What the value that refers to it has as file."`
	}
	type fileOutput struct {
		asFile
		Body io.ReadCloser
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}/files/{hash}", Summary: summary, Responses: fileResponse()}, func(ctx context.Context, actor run.Actor, in *fileInput) (*fileOutput, error) {
		file, err := open(ctx, actor, in.ID, in.Hash)
		if err != nil {
			return nil, err
		}
		kind, disposition := a.Store.FileNamed(ctx, actor, in.ID, in.Hash).Saved(in.Hash[:12] + ".bin")
		return &fileOutput{asFile{kind, disposition, "nosniff"}, file}, nil
	})
}

const fileType = "application/octet-stream"

// asFile are the headers of an answer that a browser saves and does not show.
type asFile struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Sniff       string `header:"X-Content-Type-Options"`
}

func fileNamed(name string) asFile {
	kind, disposition := value.File{}.Saved(name)
	return asFile{kind, disposition, "nosniff"}
}

func fileResponse() map[string]*huma.Response {
	bytes := &huma.Schema{Type: "string", Format: "binary"}
	return map[string]*huma.Response{"200": {Description: "The bytes, as a file.", Content: map[string]*huma.MediaType{fileType: {Schema: bytes}}}}
}
