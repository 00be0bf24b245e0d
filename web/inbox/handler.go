// Package inbox holds the screens of the events that came in, and what became of each.
package inbox

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/jobs"
	"github.com/stepmill/stepmill/web/ui"
)

// Store is what the screens read.
type Store interface {
	Events(ctx context.Context, a run.Actor, f run.EventFilter) (run.EventPage, error)
	Event(ctx context.Context, a run.Actor, id string) (run.Event, error)
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	jobs.Store
}

// Handler serves the screens.
type Handler struct {
	Store  Store
	Actor  func(*http.Request) run.Actor
	Chrome func(*http.Request) ui.Chrome
	Now    func() time.Time
	// Body gives the body of an event as it came; NotFound says why there is none.
	Body func(run.Event) ([]byte, error)
	// File opens a file that an event refers to; nil: none is shown.
	File func(ctx context.Context, a run.Actor, eventID, hash string) (io.ReadCloser, error)
	// Replay starts another run of an event, or of a payload in its place, and gives its id; nil: its button is not shown.
	Replay func(ctx context.Context, a run.Actor, eventID string, payload json.RawMessage) (string, error)
	// Bulk replays many events in the background; nil: that is not shown.
	Bulk jobs.Worker
}

// List serves GET /inbox.
func (h *Handler) List(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, now := r.Context(), h.Actor(r), h.Now()
	q, wrong := queryOf(r, now)
	from, err := since(q.Since, now)
	if err != nil {
		return err
	}
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	page, err := h.Store.Events(ctx, actor, run.EventFilter{Scenario: q.Scenario, Trigger: q.Trigger, Query: q.Text, Outcome: run.Outcome(q.Outcome), Since: from, Cursor: q.Cursor, Limit: 50})
	if err != nil {
		return err
	}
	m := newListing(page, scenarios, q, now)
	m.Wrong = wrong
	if h.Bulk != nil {
		may := actor.Role != run.Viewer
		m.CanReplay = may && len(m.Rows) > 0
		if m.Jobs, err = jobs.Newest(ctx, h.Store, actor, may, now, run.JobEvents); err != nil {
			return err
		}
	}
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, list(m))
	}
	return ui.Render(w, r, http.StatusOK, listPage(h.Chrome(r), m))
}

// Show serves GET /inbox/{event}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, http.StatusOK, func(m *event) { m.Asked = r.URL.Query().Get("ask") == "replay" })
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request, status int, with func(*event)) error {
	ctx, actor := r.Context(), h.Actor(r)
	e, err := h.Store.Event(ctx, actor, r.PathValue("event"))
	if err != nil {
		return err
	}
	scenarios, err := h.Store.Scenarios(ctx, actor)
	if err != nil {
		return err
	}
	body, err := h.Body(e)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	m := newEvent(e, body, h.Now())
	m.Scenario = namesOf(scenarios).of(e.Scenario)
	if h.File != nil {
		m.Files = ui.FilesOf(m.Value)
	}
	m.CanReplay = h.Replay != nil && actor.Role != run.Viewer
	with(&m)
	return ui.Render(w, r, status, eventPage(h.Chrome(r), m))
}

// Download serves GET /inbox/{event}/body: the body as it came, as a file.
func (h *Handler) Download(w http.ResponseWriter, r *http.Request) error {
	e, err := h.Store.Event(r.Context(), h.Actor(r), r.PathValue("event"))
	if err != nil {
		return err
	}
	body, err := h.Body(e)
	if err != nil {
		return err
	}
	head := w.Header()
	head.Set("Content-Type", "application/octet-stream") // a page that somebody sent is none of this site's
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "event-" + e.ID + ".bin"}))
	_, err = w.Write(body)
	return err
}

// DownloadFile serves GET /inbox/{event}/files/{hash}: a file that the event refers to.
func (h *Handler) DownloadFile(w http.ResponseWriter, r *http.Request) error {
	if h.File == nil {
		return fault.New(fault.NotFound, "Files are not shown here.")
	}
	f, err := h.File(r.Context(), h.Actor(r), r.PathValue("event"), r.PathValue("hash"))
	if err != nil {
		return err
	}
	defer f.Close()
	return fields.ServeFile(w, r, f)
}

// ReplayEvent serves POST /inbox/{event}/replay, with `payload` where the event was changed, and leads to the new run.
func (h *Handler) ReplayEvent(w http.ResponseWriter, r *http.Request) error {
	if h.Replay == nil {
		return fault.New(fault.NotFound, "Events cannot be replayed here.")
	}
	if err := access.ReadForm(w, r, maxPayload); err != nil {
		return err
	}
	e, err := h.Store.Event(r.Context(), h.Actor(r), r.PathValue("event"))
	if err != nil {
		return err
	}
	typed := r.PostFormValue("payload")
	payload, err := fields.Changed(typed, e.Value)
	id := ""
	if err == nil {
		id, err = h.Replay(r.Context(), h.Actor(r), e.ID, payload)
	}
	code := fault.CodeOf(err)
	if wrong := code == fault.InvalidInput || code == fault.TooLarge; wrong && typed != "" {
		return h.show(w, r, http.StatusUnprocessableEntity, func(m *event) {
			m.Asked, m.Again = true, fields.Event{Typed: strings.ReplaceAll(typed, "\r\n", "\n"), Refused: fault.MessageOf(err)}
		})
	}
	switch code {
	case "":
		http.Redirect(w, r, "/runs/"+url.PathEscape(id)+"?done=replayed", http.StatusSeeOther)
		return nil
	case fault.Conflict:
		return h.show(w, r, http.StatusConflict, func(m *event) { m.Notice = ui.Notice{Text: fault.MessageOf(err), Bad: true} })
	}
	return err
}

const (
	maxForm    = 16 << 10 // of a filter
	maxPayload = 10 << 20 // of an event that was changed
)

// ReplayMany serves POST /inbox/bulk: the events of the list with the same filter.
func (h *Handler) ReplayMany(w http.ResponseWriter, r *http.Request) error {
	if h.Bulk == nil {
		return fault.New(fault.NotFound, "Events cannot be replayed here.")
	}
	if err := access.ReadForm(w, r, maxForm); err != nil { // a filter that is lost on the way means every event
		return err
	}
	q := query{Scenario: r.PostFormValue("scenario"), Trigger: r.PostFormValue("trigger"), Outcome: r.PostFormValue("outcome"), Since: r.PostFormValue("since"), Text: r.PostFormValue("q")}
	from, err := since(q.Since, h.Now())
	if err != nil { // a filter that is left out here means more events
		return err
	}
	j := run.Job{Action: run.JobEvents, Trigger: q.Trigger, Outcome: run.Outcome(q.Outcome), Filter: run.Filter{Scenario: q.Scenario, Since: from, Query: q.Text}}
	if _, err := h.Bulk.Start(r.Context(), h.Actor(r), j); err != nil {
		return err
	}
	http.Redirect(w, r, q.path(""), http.StatusSeeOther)
	return nil
}

// StopMany serves POST /inbox/bulk/{job}/stop.
func (h *Handler) StopMany(w http.ResponseWriter, r *http.Request) error {
	if h.Bulk == nil {
		return fault.New(fault.NotFound, "Events cannot be replayed here.")
	}
	if err := h.Bulk.Stop(r.Context(), h.Actor(r), r.PathValue("job")); err != nil && fault.CodeOf(err) != fault.Conflict {
		return err
	}
	http.Redirect(w, r, "/inbox", http.StatusSeeOther)
	return nil
}
