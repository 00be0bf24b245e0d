package api

import (
	"context"
	"io"
	"mime"
	"net/http"

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
	const kind = "application/octet-stream" // whoever sent it may have called it anything
	given := map[string]*huma.Response{"200": {Description: "The bytes, as a file.", Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}/files/{hash}", Summary: summary, Responses: given}, func(ctx context.Context, actor run.Actor, in *fileInput) (*huma.StreamResponse, error) {
		file, err := open(ctx, actor, in.ID, in.Hash)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(to huma.Context) {
			defer file.Close()
			to.SetHeader("Content-Type", kind)
			to.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": in.Hash[:12] + ".bin"}))
			to.SetHeader("X-Content-Type-Options", "nosniff")
			if _, err := io.Copy(to.BodyWriter(), file); err != nil {
				panic(http.ErrAbortHandler) // half a file must not pass for a whole one
			}
		}}, nil
	})
}
