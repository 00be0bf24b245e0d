package api

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/drafts"
)

// Secret is a secret without its value.
type Secret struct {
	ID        string `json:"id"`
	Slug      string `json:"slug"`
	CreatedAt stamp  `json:"created_at"`
	UpdatedAt stamp  `json:"updated_at"`
}

func secretOf(s run.SecretInfo) Secret {
	return Secret{ID: s.ID, Slug: s.Slug, CreatedAt: stamp{s.CreatedAt}, UpdatedAt: stamp{s.UpdatedAt}}
}

func (a *api) secrets() {
	const base = "/api/v1/secrets"
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List secrets, without their values"}, func(ctx context.Context, actor run.Actor, in *Paging) (*listOf[Secret], error) {
		list, err := a.Store.Secrets(ctx, actor)
		if err != nil {
			return nil, err
		}
		return pageOf(list, *in, func(s run.SecretInfo) string { return s.ID }, secretOf)
	})
	type secretCreateInput struct {
		Body struct {
			Slug  string `json:"slug" pattern:"^[a-z0-9][a-z0-9_-]{0,62}$" patternDescription:"lower-case letters, digits, - and _"`
			Value string `json:"value" minLength:"1" maxLength:"65536"`
		}
	}
	type secretOutput struct{ Body Secret }
	operation(a, access.Administer, huma.Operation{Method: "POST", Path: base, Summary: "Create a secret", DefaultStatus: 201}, func(ctx context.Context, actor run.Actor, in *secretCreateInput) (*secretOutput, error) {
		if err := freeSlug(in.Body.Slug, "secret"); err != nil {
			return nil, err
		}
		if err := someText(in.Body.Value); err != nil {
			return nil, err
		}
		s, err := a.Store.CreateSecret(ctx, actor, in.Body.Slug, run.Secret(in.Body.Value))
		return &secretOutput{secretOf(s)}, err
	})
	type secretReplaceInput struct {
		Slug string `path:"slug"`
		Body struct {
			Value string `json:"value" minLength:"1" maxLength:"65536"`
		}
	}
	operation(a, access.Administer, huma.Operation{Method: "PUT", Path: base + "/{slug}", Summary: "Replace a secret's value"}, func(ctx context.Context, actor run.Actor, in *secretReplaceInput) (*secretOutput, error) {
		if err := someText(in.Body.Value); err != nil {
			return nil, err
		}
		s, err := a.Store.ReplaceSecret(ctx, actor, in.Slug, run.Secret(in.Body.Value))
		return &secretOutput{secretOf(s)}, err
	})
	type secretDeleteInput struct {
		Slug  string `path:"slug"`
		Force bool   `query:"force" doc:"Also where published scenarios use it."`
	}
	operation(a, access.Administer, huma.Operation{Method: "DELETE", Path: base + "/{slug}", Summary: "Delete a secret that no published scenario uses", DefaultStatus: 204}, func(ctx context.Context, actor run.Actor, in *secretDeleteInput) (*struct{}, error) {
		if !in.Force {
			if err := a.Drafts.Free(ctx, actor, in.Slug, drafts.UsesSecret); err != nil {
				return nil, err
			}
		}
		return nil, a.Store.DeleteSecret(ctx, actor, in.Slug)
	})
}

// someText refuses a secret that is nothing but white space.
func someText(text string) error {
	if strings.TrimSpace(text) != "" {
		return nil
	}
	return fault.Invalid("The secret has no value.", []fault.Problem{{Path: "/value", Message: "It is nothing but white space; a value is needed."}})
}

// Key is an API key without its text.
type Key struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Prefix    string `json:"prefix"`
	Role      string `json:"role"`
	CreatedAt stamp  `json:"created_at"`
	ExpiresAt stamp  `json:"expires_at"`
	UsedAt    stamp  `json:"last_used_at"`
	RevokedAt stamp  `json:"revoked_at"`
	Key       string `json:"key,omitempty" doc:"The key itself: shown once, when it is made."`
}

func keyOf(k run.APIKey) Key {
	return Key{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Role: string(k.Role), CreatedAt: stamp{k.CreatedAt}, ExpiresAt: stamp{k.ExpiresAt}, UsedAt: stamp{k.UsedAt}, RevokedAt: stamp{k.RevokedAt}}
}

func (a *api) keys() {
	const base = "/api/v1/keys"
	operation(a, access.Administer, huma.Operation{Method: "GET", Path: base, Summary: "List API keys"}, func(ctx context.Context, actor run.Actor, in *Paging) (*listOf[Key], error) {
		list, err := a.Store.Keys(ctx, actor)
		if err != nil {
			return nil, err
		}
		return pageOf(list, *in, func(k run.APIKey) string { return k.ID }, keyOf)
	})
	type keyCreateInput struct {
		Body struct {
			Name    string `json:"name" minLength:"1" maxLength:"100"`
			Role    string `json:"role" enum:"viewer,operator,editor,admin"`
			Expires string `json:"expires,omitempty" doc:"How long it works, as 90d, which it is where none is given; never for no end."`
		}
	}
	type keyOutput struct{ Body Key }
	operation(a, access.Administer, huma.Operation{Method: "POST", Path: base, Summary: "Make an API key", DefaultStatus: 201}, func(ctx context.Context, actor run.Actor, in *keyCreateInput) (*keyOutput, error) {
		in.Body.Expires = orDefault(in.Body.Expires, "90d")
		var expires time.Time
		if in.Body.Expires != "never" {
			d, err := scenario.ParseDuration(in.Body.Expires)
			if err == nil && d <= 0 {
				err = fault.New(fault.InvalidInput, "A key has to work for a while.")
			}
			if err != nil {
				return nil, fault.Invalid("The key's end is not right.", []fault.Problem{{Path: "/expires", Message: fault.MessageOf(err) + " 90d is the usual; never is without end."}})
			}
			expires = a.Now().Add(d)
		}
		plain, key, err := access.MakeKey(access.NewKey{Name: in.Body.Name, Role: run.Role(in.Body.Role), Expires: expires})
		if err != nil {
			return nil, err
		}
		key, err = a.Store.CreateKey(ctx, actor, key)
		out := &keyOutput{keyOf(key)}
		out.Body.Key = plain
		return out, err
	})
	type idInput struct {
		ID string `path:"id"`
	}
	operation(a, access.Administer, huma.Operation{Method: "DELETE", Path: base + "/{id}", Summary: "Revoke an API key", DefaultStatus: 204}, func(ctx context.Context, actor run.Actor, in *idInput) (*struct{}, error) {
		return nil, a.Store.RevokeKey(ctx, actor, in.ID)
	})
}

func orDefault(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// freeSlug refuses the slug whose page makes another thing.
func freeSlug(slug, what string) error {
	if slug != value.NewPage {
		return nil
	}
	return fault.Invalid("The slug is not right.", []fault.Problem{{Path: "/slug", Message: `"new" is taken by the page that makes a ` + what + `; choose another slug.`}})
}
