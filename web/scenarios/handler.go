// Package scenarios holds the screens of scenarios: the list, the ways to begin one, and the editor. It hands what people
// write to the store as text; what a scenario means is decided elsewhere.
package scenarios

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screens read, and what they switch.
type Store interface {
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	Runs(ctx context.Context, a run.Actor, f run.Filter) (run.Page, error)
}

// Editing carries out what people do in the editor. A document that is wrong is InvalidInput with its problems, a slug
// that is taken or a revision that is not the last one is Conflict.
type Editing interface {
	Create(ctx context.Context, a run.Actor, slug string, definition []byte) (scenario.Stored, error)
	Save(ctx context.Context, a run.Actor, ref string, definition []byte, ifRevision int64) (scenario.Stored, error)
	Publish(ctx context.Context, a run.Actor, ref, note string, revision int64) (scenario.Stored, error)
	// SetPaused switches a published scenario off or on, and Delete deletes one: at its triggers too.
	SetPaused(ctx context.Context, a run.Actor, ref string, paused bool) (scenario.Stored, error)
	Delete(ctx context.Context, a run.Actor, ref string) error
	// Sample sends the trigger's sample event and gives the id of the run it started.
	Sample(ctx context.Context, a run.Actor, ref, triggerID string) (string, error)
}

// Template is a scenario to begin with.
type Template struct {
	ID          string // also its slug
	Name        string
	Description string
	Group       string // what it is for, as sales
	First       bool   // whether it is shown where there are no scenarios yet
	Definition  []byte
}

// Handler serves the screens of scenarios.
type Handler struct {
	Store     Store
	Editing   Editing
	Templates func() []Template
	Drawer    tree.Drawer
	Actor     func(*http.Request) run.Actor
	Chrome    func(*http.Request) ui.Chrome
	Now       func() time.Time
	// Address says where a trigger's events come in, by its definition and its key: a URL, or a mail address; both empty: nowhere
	// from outside.
	Address func(t *scenario.Trigger, key string) (url, mail string)
	// Subscribed tells where the subscriptions of a scenario's live triggers stand at their vendors, by trigger; nil: nobody knows.
	Subscribed func(workspace, scenarioID string) map[string]scenario.Subscribed
	Secret     string // what every secret is, in a demo; "": they are nobody's to see
	// Planned says when a schedule fires, by its options and its scenario's zone; nil: it is not said.
	Planned func(with map[string]any, timezone string) (scenario.Planned, error)
	// Captures wait for a request to have as a sample; nil: that is not offered.
	Captures Captures
	// Health says how the live triggers of a scenario do; nil: it is not said.
	Health func(ctx context.Context, a run.Actor, scenarioID string) []run.Health
	// Check finds the problems of a draft of a scenario, "" for a new one, while it is written; nil: only those of the format.
	Check func(ctx context.Context, a run.Actor, ref string, definition []byte) ([]fault.Problem, error)
}

// List serves GET /scenarios.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), h.Actor(r)
	all, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	m := listing{Now: h.Now(), Notice: noticeOf(r), Templates: h.cards()}
	for i, s := range all {
		var recent run.Page
		if i < mostWithRuns && s.Version > 0 {
			if recent, err = h.Store.Runs(ctx, actor, run.Filter{Scenario: s.ID, Limit: sparks}); err != nil {
				return err
			}
		}
		m.Cards = append(m.Cards, newCard(s, recent.Runs, h.Drawer))
	}
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, cards(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

// maxForm bounds the forms that hold a scenario: its encoding may make three letters of one.
const maxForm = 3*scenario.MaxBytes + 1<<16

// Create serves POST /scenarios: the form has `template`, which is empty for a blank one, or `definition`, as a text or a file.
func (h *Handler) Create(w http.ResponseWriter, r *http.Request) error {
	slug, definition, err := h.chosen(w, r)
	var made scenario.Stored
	if err == nil {
		made, err = h.create(r, slug, definition)
	}
	status := http.StatusUnprocessableEntity
	switch fault.CodeOf(err) {
	case "":
		return leadTo(w, r, made.Slug, "created")
	case fault.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case fault.InvalidInput:
	default:
		return err
	}
	m := beginning{Templates: h.cards(), Text: string(definition), Wrong: wrong(err)}
	return ui.Render(w, r, status, newPage(h.Chrome(r), m))
}

// wrong says why a definition is none, and where.
func wrong(err error) string {
	if places := fault.ProblemsOf(err); len(places) > 0 && places[0].Line > 0 {
		return fmt.Sprintf("Line %d, column %d: %s", places[0].Line, places[0].Column, fault.MessageOf(err))
	}
	return fault.MessageOf(err)
}

func (h *Handler) chosen(w http.ResponseWriter, r *http.Request) (slug string, definition []byte, err error) {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return "", nil, err
	}
	definition, given, err := definitionIn(r)
	switch id := r.Form.Get("template"); {
	case err != nil:
		return "", nil, err
	case id != "":
		for _, t := range h.Templates() {
			if t.ID == id {
				return t.ID, t.Definition, nil
			}
		}
		return "", nil, fault.New(fault.NotFound, "There is no template %q.", fault.Clip(id, 60))
	case !given && r.Form.Has("template"):
		return "new-scenario", []byte(blank), nil
	case len(bytes.TrimSpace(definition)) == 0:
		return "", nil, fault.New(fault.InvalidInput, "There is nothing to import: paste a scenario's JSON, or choose its file.")
	case len(definition) > scenario.MaxBytes:
		return "", nil, fault.New(fault.TooLarge, "It is larger than %d MB, the most that a scenario may be.", scenario.MaxBytes>>20)
	}
	return slugOf(nameIn(definition)), definition, nil
}

// definitionIn gives the form's definition, and whether it has one.
func definitionIn(r *http.Request) (text []byte, given bool, err error) {
	const name = "definition"
	if r.Form.Has(name) {
		return []byte(r.Form.Get(name)), true, nil
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File[name]) == 0 {
		return nil, false, nil
	}
	file, err := r.MultipartForm.File[name][0].Open()
	if err != nil {
		return nil, true, err
	}
	defer file.Close()
	text, err = io.ReadAll(file)
	return text, true, err
}

// create takes the first slug that is free: the wished one, or it with a number.
func (h *Handler) create(r *http.Request, slug string, definition []byte) (scenario.Stored, error) {
	var made scenario.Stored
	var err error
	for n := 1; n <= 50; n++ {
		made, err = h.Editing.Create(r.Context(), h.Actor(r), numbered(slug, n), definition)
		if fault.CodeOf(err) != fault.Conflict {
			return made, err
		}
	}
	return made, err
}

// Edit serves GET /scenarios/{scenario}.
func (h *Handler) Edit(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Store.Scenario(r.Context(), h.Actor(r), r.PathValue("scenario"))
	if err != nil {
		return err
	}
	if text := readable(s.Draft); text != nil { // its places are those of the other text
		s.Draft = text
		if s.Problems, err = h.problems(r, text); err != nil {
			s.Problems = problemsOf(err)
		}
	}
	m := h.editing(r, s)
	m.Notice = noticeOf(r)
	return ui.Render(w, r, http.StatusOK, editPage(h.Chrome(r), m))
}

func (h *Handler) editing(r *http.Request, s scenario.Stored) editing {
	address := h.Address
	if !access.May(h.Actor(r).Role, access.Operate) { // where a trigger checks no signature its address is the secret
		address = func(*scenario.Trigger, string) (string, string) { return "", "" }
	}
	m := newEditing(s, h.Drawer, address, h.Secret, h.Now())
	m.MayConnect = access.May(h.Actor(r).Role, access.Administer)
	h.plan(&m)
	for i, t := range m.Triggers {
		if h.Captures == nil || t.URL == "" {
			continue
		}
		if c, err := h.Captures.State(r.Context(), h.Actor(r), s.Slug, t.ID); err == nil { // of a draft that is not saved there is none
			m.Triggers[i].Waiting = &waiting{s.Slug, t.ID, c}
		}
	}
	if h.Health != nil && s.Version > 0 {
		m.health(h.Health(r.Context(), h.Actor(r), s.ID))
	}
	h.subscribed(&m)
	return m
}

// SaveDraft serves POST /scenarios/{scenario}/draft with `definition` and `revision`, to a form and to the editor's script.
func (h *Handler) SaveDraft(w http.ResponseWriter, r *http.Request) error {
	var text []byte
	var saved scenario.Stored
	err := access.ReadForm(w, r, maxForm)
	if err == nil {
		text = []byte(r.FormValue("definition"))
		saved, err = h.Editing.Save(r.Context(), h.Actor(r), r.PathValue("scenario"), text, number(r.FormValue("revision")))
	}
	switch {
	case ui.IsFragment(r):
		return h.answer(w, r, saved, text, err)
	case fault.CodeOf(err) == fault.InvalidInput, fault.CodeOf(err) == fault.TooLarge:
		return h.again(w, r, text, err)
	case err != nil:
		return err
	}
	return leadTo(w, r, saved.Slug, "saved")
}

// again shows the editor with a text that was not taken, and why.
func (h *Handler) again(w http.ResponseWriter, r *http.Request, text []byte, why error) error {
	s, err := h.Store.Scenario(r.Context(), h.Actor(r), r.PathValue("scenario"))
	if err != nil {
		return err
	}
	if text != nil {
		s.Draft = text
	}
	s.Problems = fault.ProblemsOf(why)
	if len(s.Problems) == 0 {
		s.Problems = []fault.Problem{{Message: fault.MessageOf(why)}}
	} else if all, err := h.problems(r, s.Draft); err == nil { // a refusal names the faults only
		warnings := slices.DeleteFunc(all, func(p fault.Problem) bool { return p.Severity != fault.Warning })
		s.Problems = fault.InOrder(slices.Concat(s.Problems, warnings))
	}
	m := h.editing(r, s)
	m.Notice = ui.Notice{Text: fault.MessageOf(why), Bad: true}
	return ui.Render(w, r, http.StatusUnprocessableEntity, editPage(h.Chrome(r), m))
}

// CheckDraft serves POST /scenarios/{scenario}/check with `definition`: its problems and its drawing, nothing is kept.
func (h *Handler) CheckDraft(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return h.answer(w, r, scenario.Stored{}, nil, err)
	}
	text := []byte(r.FormValue("definition"))
	problems, err := h.problems(r, text)
	if err != nil && fault.CodeOf(err) != fault.InvalidInput {
		return err
	}
	if err != nil {
		problems = problemsOf(err)
	}
	return h.answer(w, r, scenario.Stored{Problems: problems}, text, nil)
}

func (h *Handler) problems(r *http.Request, text []byte) ([]fault.Problem, error) {
	if h.Check != nil {
		return h.Check(r.Context(), h.Actor(r), r.PathValue("scenario"), text)
	}
	_, problems, err := scenario.Decode(text)
	return problems, err
}

// Publish serves POST /scenarios/{scenario}/publish with `note` and `revision`.
func (h *Handler) Publish(w http.ResponseWriter, r *http.Request) error {
	done, err := h.Editing.Publish(r.Context(), h.Actor(r), r.PathValue("scenario"), r.FormValue("note"), number(r.FormValue("revision")))
	switch fault.CodeOf(err) {
	case "":
		if done.Unchanged {
			return leadTo(w, r, done.Slug, "unchanged")
		}
		return leadTo(w, r, done.Slug, "published")
	case fault.InvalidInput, fault.Conflict:
		return h.again(w, r, nil, err)
	}
	return err
}

// Pause serves POST /scenarios/{scenario}/pause.
func (h *Handler) Pause(w http.ResponseWriter, r *http.Request) error { return h.setPaused(w, r, true) }

// Resume serves POST /scenarios/{scenario}/resume.
func (h *Handler) Resume(w http.ResponseWriter, r *http.Request) error {
	return h.setPaused(w, r, false)
}

func (h *Handler) setPaused(w http.ResponseWriter, r *http.Request, paused bool) error {
	s, err := h.Editing.SetPaused(r.Context(), h.Actor(r), r.PathValue("scenario"), paused)
	if err != nil {
		return err
	}
	done := "resumed"
	if paused {
		done = "paused"
	}
	if r.URL.Query().Get("back") == "list" {
		http.Redirect(w, r, "/scenarios?done="+done, http.StatusSeeOther)
		return nil
	}
	return leadTo(w, r, s.Slug, done)
}

// Sample serves POST /scenarios/{scenario}/sample with `trigger`, and leads to the run.
func (h *Handler) Sample(w http.ResponseWriter, r *http.Request) error {
	id, err := h.Editing.Sample(r.Context(), h.Actor(r), r.PathValue("scenario"), r.FormValue("trigger"))
	switch fault.CodeOf(err) {
	case "":
		http.Redirect(w, r, "/runs/"+url.PathEscape(id)+"?done=sample", http.StatusSeeOther)
		return nil
	case fault.InvalidInput, fault.Conflict:
		return h.again(w, r, nil, err)
	}
	return err
}

// Export serves GET /scenarios/{scenario}/export: the draft as a file.
func (h *Handler) Export(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Store.Scenario(r.Context(), h.Actor(r), r.PathValue("scenario"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="`+s.Slug+`.json"`)
	_, err = w.Write(s.Draft)
	return err
}

// Delete serves POST /scenarios/{scenario}/delete.
func (h *Handler) Delete(w http.ResponseWriter, r *http.Request) error {
	if err := h.Editing.Delete(r.Context(), h.Actor(r), r.PathValue("scenario")); err != nil {
		return err
	}
	http.Redirect(w, r, "/scenarios?done=deleted", http.StatusSeeOther)
	return nil
}

func leadTo(w http.ResponseWriter, r *http.Request, slug, done string) error {
	http.Redirect(w, r, "/scenarios/"+url.PathEscape(slug)+"?done="+done, http.StatusSeeOther)
	return nil
}

func noticeOf(r *http.Request) ui.Notice {
	return ui.Notice{Text: map[string]string{
		"created":   "The scenario was made. It starts nothing until it is published.",
		"saved":     "Saved.",
		"published": "Published. New events run this version.",
		"unchanged": "Nothing has changed since it was published, so no version was made.",
		"paused":    "Paused. Events are kept and run when it is switched on again.",
		"resumed":   "Switched on.",
		"sampled":   "The event is the trigger's sample now.",
		"deleted":   "The scenario was deleted.",
	}[r.URL.Query().Get("done")]}
}
