package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// fromCurl turns a command that somebody copied into the inputs of an HTTP step. It calls nobody.
func (a *api) fromCurl() {
	type curlInput struct {
		Body struct {
			Command string `json:"command" minLength:"1" maxLength:"1048576" doc:"The whole command, beginning with curl."`
		}
	}
	type curlOutput struct {
		Body struct {
			Uses  string         `json:"uses"`
			With  map[string]any `json:"with" doc:"The inputs of a step that uses core.http_request."`
			Notes []string       `json:"notes" doc:"What does not stand among them and what to do about it, as credentials, which belong into a connection."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: "/api/v1/connectors/core/curl", Summary: "Turn a command of curl into the inputs of an HTTP step"},
		func(_ context.Context, _ run.Actor, in *curlInput) (*curlOutput, error) {
			with, notes, err := a.FromCurl(in.Body.Command)
			if err != nil {
				return nil, err
			}
			out := &curlOutput{}
			out.Body.Uses, out.Body.With, out.Body.Notes = "core.http_request", with, append([]string{}, notes...)
			return out, nil
		})
}
