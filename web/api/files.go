package api

import (
	"context"
	"io"
	"mime"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// file serves the files that what stands at base refers to.
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
		return &fileOutput{fileNamed(in.Hash[:12] + ".bin"), file}, nil
	})
}

const fileType = "application/octet-stream" // whoever sent it may have called it anything

// asFile are the headers of an answer that a browser saves and does not show.
type asFile struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Sniff       string `header:"X-Content-Type-Options"`
}

func fileNamed(name string) asFile {
	return asFile{fileType, mime.FormatMediaType("attachment", map[string]string{"filename": name}), "nosniff"}
}

func fileResponse() map[string]*huma.Response {
	bytes := &huma.Schema{Type: "string", Format: "binary"}
	return map[string]*huma.Response{"200": {Description: "The bytes, as a file.", Content: map[string]*huma.MediaType{fileType: {Schema: bytes}}}}
}
