package gallery

import (
	"net/http"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/docs"
	"github.com/stepmill/stepmill/web/secrets"
	"github.com/stepmill/stepmill/web/ui"
)

// proofs are the screens of secrets, and what says which ones senders need.
func proofs(handle func(string, func(http.ResponseWriter, *http.Request) error), store *Store, actor func(*http.Request) run.Actor, chrome func(*http.Request) ui.Chrome, now func() time.Time) {
	s := secrets.Handler{Store: store, Actor: actor, Chrome: chrome, Now: now, Uses: func(doc *scenario.Document, slug string) bool {
		return slug == "intercom" && doc.Name == "Intercom escalations" || slug == "website" && doc.Name == "Lead routing"
	}}
	handle("GET /secrets", s.List)
	handle("POST /secrets", s.Create)
	handle("GET /secrets/new", s.New)
	handle("GET /secrets/{secret}", s.Show)
	handle("POST /secrets/{secret}", s.Replace)
	handle("POST /secrets/{secret}/delete", s.Delete)
	handle("GET /needed", func(w http.ResponseWriter, r *http.Request) error {
		r.SetPathValue("secret", "intercom")
		return s.Delete(w, r)
	})
	none := s
	none.Store = unproven{store}
	handle("GET /unproven", none.List)
	d := docs.Handler{Guides: []actions.Guide{{Preset: "stripe", Name: "Stripe", Secret: "The endpoint's signing secret, as whsec_…: in the Stripe Dashboard, Developers, Webhooks, the endpoint, Signing secret.",
		Steps: []string{"Open Developers, Webhooks, Add endpoint, and put the trigger's URL in.", "Choose the events."}, Checks: []string{"Signatures of other versions than v1 are passed over."}, Delivery: "By the event's id.",
		Example: map[string]any{"preset": "stripe", "secret": "stripe-secret"}, DocsURL: "https://docs.stripe.com/webhooks/signature"}}, Functions: func(string) []docs.Function { return nil }, Chrome: chrome}
	handle("GET /docs/webhooks", d.List)
	handle("GET /docs/webhooks/{preset}", d.Show)
}

type unproven struct{ *Store }

func (unproven) Secrets(ctx, run.Actor) ([]run.SecretInfo, error) { return nil, nil }

// Secrets are some that scenarios name and one that none does.
func (s *Store) Secrets(ctx, run.Actor) ([]run.SecretInfo, error) {
	at := s.now.Add(-40 * 24 * time.Hour)
	return []run.SecretInfo{{ID: "s1", Slug: "intercom", CreatedAt: at, UpdatedAt: at}, {ID: "s2", Slug: "stripe-orders", CreatedAt: at, UpdatedAt: s.now.Add(-3 * time.Hour)}, {ID: "s3", Slug: "website", CreatedAt: s.now.Add(-time.Minute), UpdatedAt: s.now.Add(-time.Minute)}}, nil
}
func (s *Store) CreateSecret(_ ctx, _ run.Actor, slug string, _ run.Secret) (run.SecretInfo, error) {
	return run.SecretInfo{ID: "s1", Slug: "intercom"}, nil
}
func (s *Store) ReplaceSecret(_ ctx, _ run.Actor, slug string, _ run.Secret) (run.SecretInfo, error) {
	return run.SecretInfo{Slug: slug}, nil
}
func (s *Store) DeleteSecret(ctx, run.Actor, string) error { return nil }
