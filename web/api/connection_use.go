package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/drafts"
)

// checkValues says what is wrong with a connection's values together.
func (a *api) checkValues(connector *actions.Connector, c run.Connection, values run.Values) []fault.Problem {
	if auth, ok := connector.Way(c.Method); !ok || auth.OAuth == nil && !auth.Certificates || len(c.Refs) > 0 {
		return nil
	}
	err := a.CheckValues(c, values)
	if problems := fault.ProblemsOf(err); len(problems) > 0 {
		return problems
	}
	if err != nil {
		return []fault.Problem{{Path: "/values", Message: fault.MessageOf(err)}}
	}
	return nil
}

// given is a value of a connection, or where it lies.
type given struct {
	text string
	ref  *run.Ref
}

func (g *given) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, &g.ref)
	}
	return json.Unmarshal(b, &g.text)
}

// wants says what is wrong with what was given for a value. What was given is not repeated: it may be the secret.
func (given) wants(v any) string {
	const place = `{"from": "env-file", "vault" or "aws", "name": "…"}`
	object, isObject := v.(map[string]any)
	if !isObject {
		return "Here stands a value of the kind " + value.Kind(v) + "; it must be a text, or where the value lies: " + place + "."
	}
	for name, part := range object {
		switch _, isText := part.(string); {
		case !slices.Contains([]string{"from", "name", "key", "stage"}, name):
			return "Where a value lies has no " + strconv.Quote(fault.Clip(name, 40)) + "; it is " + place + `, and beside these "key" and "stage".`
		case !isText:
			return "Of where a value lies " + strconv.Quote(name) + " must be a text, not of the kind " + value.Kind(part) + "."
		}
	}
	for _, name := range []string{"from", "name"} {
		if object[name] == nil {
			return "Where a value lies needs " + strconv.Quote(name) + ": it is " + place + "."
		}
	}
	return "Of where a value lies from must be env-file, vault or aws."
}

// Schema says what a value is in the document.
func (given) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: "string"}
	ref := &huma.Schema{Type: "object", Required: []string{"from", "name"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"from": {Type: "string", Enum: []any{"env-file", "vault", "aws"}}, "name": text, "key": text, "stage": text}}
	return &huma.Schema{OneOf: []*huma.Schema{text, ref}}
}

// texts are the values that were written out.
func texts(values map[string]given) map[string]string {
	out := make(map[string]string, len(values))
	for name, v := range values {
		out[name] = v.text
	}
	return out
}

// switches are a new sign-in, and switching a connection off and on.
func (a *api) switches(base string) {
	type reconnectOutput struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
		Body      struct {
			AuthorizeURL string `json:"authorize_url" doc:"Where the person signs in, with the browser that made this request."`
		}
	}
	operation(a, access.Administer, huma.Operation{Method: "POST", Path: base + "/{connection}/reconnect", Summary: "Begin a sign-in at the vendor's"}, func(ctx context.Context, actor run.Actor, in *connectionInput) (*reconnectOutput, error) {
		c, err := a.Store.Connection(ctx, actor, in.Connection)
		if err != nil {
			return nil, err
		}
		to, cookie, err := a.SignIn(ctx, actor, c)
		if err != nil {
			return nil, err
		}
		out := &reconnectOutput{SetCookie: *cookie}
		out.Body.AuthorizeURL = to
		return out, nil
	})
	for path, paused := range map[string]bool{"pause": true, "resume": false} {
		summary := map[bool]string{true: "Switch a connection off: nothing is sent over it, and runs that need it stand until it is on again", false: "Switch a connection on again"}[paused]
		operation(a, access.Administer, huma.Operation{Method: "POST", Path: base + "/{connection}/" + path, Summary: summary}, func(ctx context.Context, actor run.Actor, in *connectionInput) (*connectionOutput, error) {
			c, err := a.Store.Connection(ctx, actor, in.Connection)
			if err != nil {
				return nil, err
			}
			c, err = a.Store.PauseConnection(ctx, actor, c.ID, paused)
			return &connectionOutput{a.connectionOf(c)}, err
		})
	}
}

// use says what depends on a connection.
func (a *api) use(ctx context.Context, actor run.Actor, c run.Connection) (ConnectionUse, error) {
	out := ConnectionUse{Connection: a.connectionOf(c), Scenarios: []ScenarioUse{}}
	list, err := a.Store.Scenarios(ctx, actor)
	if err != nil {
		return out, err
	}
	for _, s := range list {
		uses := names(s.Draft, c.Slug)
		if !uses && s.Version > 0 && s.Dirty {
			v, err := a.Store.Version(ctx, actor, s.ID, s.Version)
			if err != nil {
				return out, err
			}
			uses = names(v.Definition, c.Slug)
		}
		if uses {
			out.Scenarios = append(out.Scenarios, ScenarioUse{Slug: s.Slug, Status: string(s.Status)})
		}
	}
	stand, err := a.Store.StandFor(ctx, actor)
	out.WaitingRuns = stand[c.Slug]
	return out, err
}

// names says whether a definition names a connection.
func names(definition []byte, slug string) bool {
	doc, _, err := scenario.Decode(definition)
	return err == nil && drafts.UsesConnection(doc, slug)
}
