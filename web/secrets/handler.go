// Package secrets holds the screens of secrets: their list, a page for each, and the form that makes one. A value goes through it
// once, on its way in, and is never shown.
package secrets

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screens read and write.
type Store interface {
	Secrets(ctx context.Context, a run.Actor) ([]run.SecretInfo, error)
	CreateSecret(ctx context.Context, a run.Actor, slug string, secret run.Secret) (run.SecretInfo, error)
	ReplaceSecret(ctx context.Context, a run.Actor, slug string, secret run.Secret) (run.SecretInfo, error)
	DeleteSecret(ctx context.Context, a run.Actor, slug string) error
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, number int) (scenario.Version, error)
}

// Handler serves the screens.
type Handler struct {
	Store Store
	// Uses says that a document names a secret.
	Uses   func(doc *scenario.Document, slug string) bool
	Actor  func(*http.Request) run.Actor
	Chrome func(*http.Request) ui.Chrome
	Now    func() time.Time
}

// List serves GET /secrets.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Store.Secrets(r.Context(), h.Actor(r))
	if err != nil {
		return err
	}
	m := listing{May: h.may(r), Now: h.Now(), Notice: noticeOf(r)}
	if m.Rows, err = h.rows(r, all); err != nil {
		return err
	}
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

func (h *Handler) may(r *http.Request) bool { return access.May(h.Actor(r).Role, access.Administer) }

// listing is the list of secrets.
type listing struct {
	Rows   []row
	May    bool // whoever looks may change them
	Now    time.Time
	Notice ui.Notice
}

// row is one secret.
type row struct {
	ID, Slug         string
	Created, Changed time.Time // Changed is zero where it has its first value
	Used             []link    // scenarios that name it
}

type link struct {
	Slug, Name string
	Live       bool // what runs names it
}

// live are those whose live version names it.
func (r row) live() []link {
	return slices.DeleteFunc(slices.Clone(r.Used), func(l link) bool { return !l.Live })
}

// at is a secret's page. "new" is the page that makes one.
func (r row) at() string {
	if r.Slug == "new" {
		return "/secrets/" + r.ID
	}
	return "/secrets/" + url.PathEscape(r.Slug)
}

// rows are secrets with the scenarios that name them.
func (h *Handler) rows(r *http.Request, all []run.SecretInfo) ([]row, error) {
	ctx, actor := r.Context(), h.Actor(r)
	out := make([]row, 0, len(all))
	for _, s := range all {
		one := row{ID: s.ID, Slug: s.Slug, Created: s.CreatedAt}
		if s.UpdatedAt.After(s.CreatedAt) {
			one.Changed = s.UpdatedAt
		}
		out = append(out, one)
	}
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return nil, err
	}
	for _, s := range scenarios {
		note := func(definition []byte, live bool) {
			doc, _, err := scenario.Decode(definition)
			for i := range out {
				if err == nil && h.Uses(doc, out[i].Slug) && !slices.ContainsFunc(out[i].Used, func(l link) bool { return l.Slug == s.Slug }) {
					out[i].Used = append(out[i].Used, link{s.Slug, s.Name, live})
				}
			}
		}
		if s.Version > 0 && s.Dirty { // what runs is not what is being edited
			v, err := h.Store.Version(ctx, actor, s.ID, s.Version)
			if err != nil {
				return nil, err
			}
			note(v.Definition, true)
		}
		note(s.Draft, s.Version > 0 && !s.Dirty)
	}
	return out, nil
}

// form makes a secret.
type form struct {
	Slug  string
	Wrong map[string]string // by field
}

// New serves GET /secrets/new; ?slug= is what a scenario calls it that waits for it.
func (h *Handler) New(w http.ResponseWriter, r *http.Request) error {
	f := form{}
	if slug := r.URL.Query().Get("slug"); value.IsSlug(slug) {
		f.Slug = slug
	}
	return ui.Render(w, r, http.StatusOK, formPage(h.Chrome(r), f))
}

const (
	maxForm  = 256 << 10
	maxValue = 64 << 10 // as the API takes
)

// Create serves POST /secrets.
func (h *Handler) Create(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	f := form{Slug: strings.TrimSpace(r.PostFormValue("slug")), Wrong: map[string]string{}}
	if !value.IsSlug(f.Slug) {
		f.Wrong["slug"] = "A slug is small letters, digits, - and _, as stripe-orders."
	}
	if f.Slug == value.NewPage {
		f.Wrong["slug"] = `"new" is taken by this page; choose another slug.`
	}
	secret := read(r, f.Wrong)
	if len(f.Wrong) == 0 {
		made, err := h.Store.CreateSecret(r.Context(), h.Actor(r), f.Slug, secret)
		switch fault.CodeOf(err) {
		case "":
			http.Redirect(w, r, row{ID: made.ID, Slug: made.Slug}.at()+"?done=made", http.StatusSeeOther)
			return nil
		case fault.Conflict:
			f.Wrong["slug"] = "There is a secret of this slug already; take another one."
		default:
			return err
		}
	}
	return ui.Render(w, r, http.StatusUnprocessableEntity, formPage(h.Chrome(r), f))
}

// read takes a value that was typed.
func read(r *http.Request, wrong map[string]string) run.Secret {
	text := strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("value"), "\r\n", "\n"))
	switch {
	case text == "":
		wrong["value"] = "A value is needed."
	case len(text) > maxValue:
		wrong["value"] = "A value has at most 64 kB."
	}
	return run.Secret(text)
}

// one is the page of a secret.
type one struct {
	row
	May    bool
	Now    time.Time
	Wrong  map[string]string
	Asked  bool // whether it is deleted although scenarios need it
	Notice ui.Notice
}

// Show serves GET /secrets/{secret}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, func(m *one) { m.Notice = noticeOf(r) })
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request, status int, with func(*one)) error {
	s, err := h.the(r)
	if err != nil {
		return err
	}
	m := one{row: s, May: h.may(r), Now: h.Now()}
	with(&m)
	return ui.Render(w, r, status, onePage(h.Chrome(r), m))
}

// the secret that a request is about.
func (h *Handler) the(r *http.Request) (row, error) {
	all, err := h.Store.Secrets(r.Context(), h.Actor(r))
	if err != nil {
		return row{}, err
	}
	ref := r.PathValue("secret")
	for _, s := range all {
		if s.Slug == ref || s.ID == ref {
			rows, err := h.rows(r, []run.SecretInfo{s})
			if err != nil {
				return row{}, err
			}
			return rows[0], nil
		}
	}
	return row{}, fault.New(fault.NotFound, "There is no secret %q.", fault.Clip(ref, 60))
}

// Replace serves POST /secrets/{secret}: another value in place of the one there is.
func (h *Handler) Replace(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	s, err := h.the(r)
	if err != nil {
		return err
	}
	wrong := map[string]string{}
	if secret := read(r, wrong); len(wrong) == 0 {
		if _, err := h.Store.ReplaceSecret(r.Context(), h.Actor(r), s.Slug, secret); err != nil {
			return err
		}
		http.Redirect(w, r, s.at()+"?done=replaced", http.StatusSeeOther)
		return nil
	}
	return h.show(w, r, http.StatusUnprocessableEntity, func(m *one) { m.Wrong = wrong })
}

// Delete serves POST /secrets/{secret}/delete. Where published scenarios name it, that is asked about first.
func (h *Handler) Delete(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	s, err := h.the(r)
	if err != nil {
		return err
	}
	if len(s.live()) > 0 && r.PostFormValue("force") == "" {
		return h.show(w, r, http.StatusConflict, func(m *one) { m.Asked = true })
	}
	if err := h.Store.DeleteSecret(r.Context(), h.Actor(r), s.Slug); err != nil {
		return err
	}
	http.Redirect(w, r, "/secrets?done=deleted", http.StatusSeeOther)
	return nil
}

// noticeOf is the answer to what was done before.
func noticeOf(r *http.Request) ui.Notice {
	return ui.Notice{Text: map[string]string{
		"made":     "The secret was made. Triggers name it by its slug.",
		"replaced": "The new value is in.",
		"deleted":  "The secret was deleted.",
	}[r.URL.Query().Get("done")]}
}
