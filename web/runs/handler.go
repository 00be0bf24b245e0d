// Package runs holds the screens of runs: the list, and the page of one run that lights up as it goes. It reads what was
// recorded and decides nothing about runs.
package runs

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/jobs"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screens read.
type Store interface {
	Runs(ctx context.Context, a run.Actor, f run.Filter) (run.Page, error)
	Run(ctx context.Context, a run.Actor, id string) (run.Run, error)
	// Excerpt gives the first entries and the last ones, and how many it leaves out between.
	Excerpt(ctx context.Context, a run.Actor, runID string, x run.Excerpt) ([]run.Entry, int64, error)
	Event(ctx context.Context, a run.Actor, id string) (run.Event, error)
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, n int) (scenario.Version, error)
	LastPos(ctx context.Context) (int64, error)
	Jobs(ctx context.Context, a run.Actor, limit int) ([]run.Job, error)
}

// Handler serves the screens of runs.
type Handler struct {
	Store  Store
	Drawer tree.Drawer
	Actor  func(*http.Request) run.Actor
	Chrome func(*http.Request) ui.Chrome
	Now    func() time.Time

	// What people do about runs. Where one is nil its button is not shown. A step that is not as the page showed it any
	// more is Conflict.

	// Cancel asks for the end of a run.
	Cancel func(ctx context.Context, a run.Actor, id string) error
	// Replay starts a new run with the same event, or with another in its place, on the live version, and gives its id.
	Replay func(ctx context.Context, a run.Actor, id string, payload json.RawMessage) (string, error)
	// ReplayFrom is Replay from a step on, on the run's own version.
	ReplayFrom func(ctx context.Context, a run.Actor, id, path string) (string, error)
	// Resume tries a parked step again, with another input where one is given.
	Resume func(ctx context.Context, a run.Actor, id, path string, input map[string]any) error
	// Settle says of an uncertain step that it happened, with its output, that it did_not_happen, or to skip it.
	Settle func(ctx context.Context, a run.Actor, id, path, outcome string, output any) error
	// File opens a file that a run refers to.
	File func(ctx context.Context, a run.Actor, id, hash string) (io.ReadCloser, error)
	// Discard ends a run that stands.
	Discard func(ctx context.Context, a run.Actor, id string) error

	// Bulk does one of these to every run of a list.
	Bulk jobs.Worker

	// ApprovalURL is where somebody decides, whoever `to` is; nil: it is not shown.
	ApprovalURL func(r run.Run, path, to string) string
	// ResumeURL is where events for a run's waits come in; nil: it is not shown.
	ResumeURL func(r *run.Run) string
}

// List serves GET /runs and GET /scenarios/{scenario}/runs, as a page, and for scripts as the list alone.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), h.Actor(r)
	q, wrong := queryOf(r)
	// the position is read first: what happens between the two reads is then told twice rather than never
	pos, err := h.Store.LastPos(ctx)
	if err != nil {
		return err
	}
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	page, err := h.Store.Runs(ctx, actor, q.filter(h.Now()))
	if err != nil {
		return err
	}
	m := newList(page, scenarios, q, h.Now())
	m.After, m.Wrong = pos, wrong
	if m.Many, err = h.many(ctx, actor, m); err != nil {
		return err
	}
	if ui.IsFragment(r) {
		if q.Side {
			return ui.Render(w, r, http.StatusOK, side(m))
		}
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	chrome := h.Chrome(r)
	return ui.Render(w, r, http.StatusOK, listPage(chrome, m))
}

// Show serves GET /runs/{run}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	m, err := h.load(r)
	if err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, runPage(h.Chrome(r), m))
}

// How much of a long journal the page shows.
const (
	shownFirst = 4000
	shownLast  = 1000
	shownBytes = 4 << 20 // of its inputs and outputs
)

func (h *Handler) load(r *http.Request) (page, error) {
	ctx, actor := r.Context(), h.Actor(r)
	one, err := h.Store.Run(ctx, actor, r.PathValue("run"))
	if err != nil {
		return page{}, err
	}
	entries, hidden, err := h.Store.Excerpt(ctx, actor, one.ID, run.Excerpt{First: shownFirst, Last: shownLast, Bytes: shownBytes})
	if err != nil {
		return page{}, err
	}
	version, err := h.Store.Version(ctx, actor, one.ScenarioID, one.Version)
	if err != nil {
		return page{}, err
	}
	doc, _, err := scenario.Decode(version.Definition)
	if err != nil {
		return page{}, err
	}
	event, source, again, err := h.event(ctx, actor, one.EventID)
	if err != nil {
		return page{}, err
	}
	q := query{Scenario: one.Scenario, Fixed: one.Scenario, Side: true, Current: one.ID, Limit: 40}
	pos, err := h.Store.LastPos(ctx)
	if err != nil {
		return page{}, err
	}
	recent, err := h.Store.Runs(ctx, actor, q.filter(h.Now()))
	if err != nil {
		return page{}, err
	}
	m := newPage(one, entries, h.Drawer.Draw(doc.Scenario), h.Now())
	m.Name, m.Event, m.Source, m.Again, m.Asked = doc.Name, event, source, again, r.URL.Query().Get("ask")
	m.Side = newList(recent, []scenario.Stored{{Slug: one.Scenario, Name: doc.Name}}, q, h.Now())
	m.Side.After = pos
	m.CanCancel, m.CanReplay, m.CanReplayFrom = h.Cancel != nil, h.Replay != nil, h.ReplayFrom != nil
	m.Attention = h.needs(&m, doc.Scenario, mayAct(actor))
	m.Notice = noticeOf(r.URL.Query().Get("done"))
	m.Lacks = lacks(hidden, one.Seq-hidden-int64(len(entries)))
	m.open(r.URL.Query().Get("step"))
	return m, nil
}

// lacking is what the page of a long run does not have of its journal, in a few words and in whole ones.
type lacking struct{ Short, Whole string }

// lacks says of entries between the beginning and the end that they are not shown, and of those of a repeat's early rounds that they
// are no longer kept.
func lacks(hidden, gone int64) lacking {
	var short, whole []string
	if hidden > 0 {
		short = append(short, ui.Count(int(hidden), "entry", "entries")+" not shown")
		whole = append(whole, "This run is long: its page has what came first and last. The journal in the API has all that is kept.")
	}
	if gone > 0 {
		short = append(short, ui.Count(int(gone), "entry", "entries")+" no longer kept")
		whole = append(whole, "A repeat went round so often that only its newest rounds are kept.")
	}
	return lacking{strings.Join(short, ", "), strings.Join(whole, " ")}
}

// event is what the run started with, nil where it is no longer kept, how that came, and it as it may be changed for another run.
func (h *Handler) event(ctx context.Context, a run.Actor, id string) (event any, source string, again fields.Event, err error) {
	if id == "" {
		return nil, "", again, nil
	}
	e, err := h.Store.Event(ctx, a, id)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, "", again, nil
	}
	if err != nil {
		return nil, "", again, err
	}
	switch {
	case e.Damaged != "":
		return e.Damaged, e.Source, again, nil
	case len(e.Value) == 0:
		return nil, e.Source, again, nil
	case len(e.Value) > largest:
		return ui.TooLarge(e.Value, "GET /api/v1/events/"+e.ID), e.Source, again, nil
	}
	v, err := value.Decode(e.Value, value.Limits{})
	return v, e.Source, fields.EventOf(e.Value), err
}

// DownloadFile serves GET /runs/{run}/files/{hash}: a file that the run refers to.
func (h *Handler) DownloadFile(w http.ResponseWriter, r *http.Request) error {
	if h.File == nil {
		return fault.New(fault.NotFound, "Files are not shown here.")
	}
	f, err := h.File(r.Context(), h.Actor(r), r.PathValue("run"), r.PathValue("hash"))
	if err != nil {
		return err
	}
	defer f.Close()
	return fields.ServeFile(w, r, f)
}
