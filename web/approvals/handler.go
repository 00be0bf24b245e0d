// Package approvals holds the page on which somebody decides what a run asks. Whoever has its address may, signed in or
// not, so it shows nothing of the workspace but the question.
package approvals

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the page reads.
type Store interface {
	Run(ctx context.Context, a run.Actor, id string) (run.Run, error)
	Entries(ctx context.Context, a run.Actor, runID string, afterSeq int64) iter.Seq2[run.Entry, error]
	Version(ctx context.Context, a run.Actor, scenarioID string, n int) (scenario.Version, error)
}

// Decision is what somebody decided.
type Decision struct {
	Approved bool
	By       string
	Comment  string
	Form     map[string]any // by field; nil: nothing was asked
}

// Handler serves the page.
type Handler struct {
	Store Store
	// Open reads the token of an address. One that this installation did not give is NotFound.
	Open func(token string) (run.Link, error)
	// Answer makes a decision; Conflict: it is asked no more. Only a POST comes here: programs that look at the links
	// in a mail follow them with GET.
	Answer func(ctx context.Context, l run.Link, d Decision) error
	Actor  func(*http.Request) run.Actor // the zero Actor: nobody is signed in
	Chrome func(*http.Request) ui.Chrome
}

// The most that is taken of what people write.
const (
	mostComment = 4_000 // characters
	mostName    = 200
	mostBody    = 1 << 20 // bytes of the whole form
)

// Show serves GET /approvals/{token}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	p, err := h.load(r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if p.Over && !r.URL.Query().Has("done") { // who has just decided is told so, everybody else comes too late
		status = http.StatusConflict
	}
	return ui.Render(w, r, status, askPage(h.Chrome(r), p))
}

// Decide serves POST /approvals/{token} with `decision` (approved or rejected), `comment`, `by` and the form's fields,
// each as `form.` and its name.
func (h *Handler) Decide(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, mostBody); err != nil {
		return err
	}
	p, err := h.load(r)
	if err != nil {
		return err
	}
	if p.Over {
		return ui.Render(w, r, http.StatusConflict, askPage(h.Chrome(r), p))
	}
	d, ok := p.read(r)
	if !ok {
		return ui.Render(w, r, http.StatusUnprocessableEntity, askPage(h.Chrome(r), p))
	}
	err = h.Answer(r.Context(), p.link, d)
	if fault.CodeOf(err) == fault.Conflict { // somebody was faster
		if p, err = h.load(r); err != nil {
			return err
		}
		p.Over = true
		return ui.Render(w, r, http.StatusConflict, askPage(h.Chrome(r), p))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, r.URL.Path+"?done=decided", http.StatusSeeOther)
	return nil
}

// load finds what is asked. A run or step that is gone is an address that is unknown.
func (h *Handler) load(r *http.Request) (page, error) {
	l, err := h.Open(r.PathValue("token"))
	if err != nil {
		return page{}, err
	}
	ctx, system := r.Context(), run.SystemActor(l.Workspace)
	one, err := h.Store.Run(ctx, system, l.Run)
	if err != nil {
		return page{}, gone(err)
	}
	var entries []run.Entry // of the step that asks
	for e, err := range h.Store.Entries(ctx, system, one.ID, 0) {
		if err != nil {
			return page{}, err
		}
		if e.Path == l.Path {
			entries = append(entries, e)
		}
	}
	version, err := h.Store.Version(ctx, system, one.ScenarioID, one.Version)
	if err != nil {
		return page{}, gone(err)
	}
	doc, _, err := scenario.Decode(version.Definition)
	if err != nil {
		return page{}, err
	}
	p, ok := newPage(l, entries)
	if !ok {
		return page{}, gone(fault.New(fault.NotFound, ""))
	}
	p.Name, p.Over = doc.Name, p.Over || one.Status.Ended()
	if actor := h.Actor(r); actor.Workspace == l.Workspace {
		p.Signed, p.RunURL = actor.Name, "/runs/"+one.ID
	}
	return p, nil
}

// gone says of anything that was deleted that its address is unknown, and no more.
func gone(err error) error {
	if fault.CodeOf(err) == fault.NotFound {
		return fault.New(fault.NotFound, "What was asked here is no longer there.")
	}
	return err
}

// read takes the decision out of the form, or notes in the page what is wrong with it.
func (p *page) read(r *http.Request) (Decision, bool) {
	decision := r.PostForm.Get("decision")
	d := Decision{Approved: decision == "approved", By: p.by(), Comment: fields.Text(r.PostForm.Get("comment"))}
	p.Comment = d.Comment
	if !d.Approved && decision != "rejected" {
		p.Wrong = "Say whether you approve or reject."
	}
	if utf8.RuneCountInString(d.Comment) > mostComment {
		p.CommentWrong = "At most 4,000 characters."
	}
	if d.By == "" {
		p.Typed = strings.TrimSpace(r.PostForm.Get("by"))
		d.By = p.Typed
		switch {
		case d.By == "":
			p.ByWrong = "Give your name."
		case utf8.RuneCountInString(d.By) > mostName:
			p.ByWrong = "At most 200 characters."
		}
	}
	fine := p.Wrong == "" && p.CommentWrong == "" && p.ByWrong == ""
	for i := range p.Fields {
		f := &p.Fields[i]
		f.Take(r.PostForm, d.Approved)
		if f.Wrong != "" {
			fine = false
			continue
		}
		if d.Form == nil {
			d.Form = map[string]any{}
		}
		d.Form[f.Name] = f.Value
	}
	return d, fine
}
