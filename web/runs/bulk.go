package runs

import (
	"context"
	"net/http"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/jobs"
)

// many is what can be done about all runs of a list, and what is being done.
type many struct {
	Total   string
	Filter  []hidden
	Buttons []button
	Jobs    []jobs.Line
}

type hidden struct{ Name, Text string }

type button struct{ Action, Label, Class string }

// many finds what can be done about all runs that a list shows, and how far the newest jobs are.
func (h *Handler) many(ctx context.Context, actor run.Actor, m listing) (many, error) {
	out := many{Total: m.Total}
	if h.Bulk == nil || m.Query.Side {
		return out, nil
	}
	var err error
	if out.Jobs, err = jobs.Newest(ctx, h.Store, actor, mayAct(actor), h.Now(), run.JobReplay, run.JobRetry, run.JobCancel, run.JobBackfill); err != nil {
		return out, err
	}
	if !mayAct(actor) || len(m.Rows) == 0 {
		return out, nil
	}
	q := m.Query
	for _, f := range []hidden{{"scenario", q.Scenario}, {"fixed", q.Fixed}, {"status", q.Status}, {"since", q.Since}, {"q", q.Text}} {
		if f.Text != "" {
			out.Filter = append(out.Filter, f)
		}
	}
	status := run.Status(q.Status)
	if !status.Ended() {
		out.Buttons = append(out.Buttons, button{"cancel", "Cancel those that have not ended", "danger"})
	}
	if status == run.Failed || q.Status == "" {
		out.Buttons = append(out.Buttons, button{"retry", "Retry those that failed, from the failed step", ""})
	}
	if status.Ended() || q.Status == "" {
		out.Buttons = append(out.Buttons, button{"replay", "Replay those that have ended", ""})
	}
	return out, nil
}

// mayAct says that somebody may do something about runs.
func mayAct(a run.Actor) bool { return a.Role != run.Viewer }

// StartBulk serves POST /runs/bulk: `action` for the runs of the list with the same filter.
func (h *Handler) StartBulk(w http.ResponseWriter, r *http.Request) error {
	if h.Bulk == nil {
		return fault.New(fault.NotFound, "That cannot be done here.")
	}
	if err := access.ReadForm(w, r, maxForm); err != nil { // a filter that is lost on the way means every run
		return err
	}
	q := query{Scenario: r.PostFormValue("scenario"), Fixed: r.PostFormValue("fixed"), Status: r.PostFormValue("status"), Since: r.PostFormValue("since"), Text: r.PostFormValue("q")}
	if wrong := q.drop(); wrong != "" { // a filter that is left out here means more runs
		return fault.New(fault.InvalidInput, "Nothing was done. %s", wrong)
	}
	f := q.filter(h.Now())
	f.Limit = 0
	if _, err := h.Bulk.Start(r.Context(), h.Actor(r), run.Job{Action: run.JobAction(r.PostFormValue("action")), Filter: f}); err != nil {
		return err
	}
	http.Redirect(w, r, q.path("none", ""), http.StatusSeeOther)
	return nil
}

// StopBulk serves POST /runs/bulk/{job}/stop.
func (h *Handler) StopBulk(w http.ResponseWriter, r *http.Request) error {
	if h.Bulk == nil {
		return fault.New(fault.NotFound, "That cannot be done here.")
	}
	if err := h.Bulk.Stop(r.Context(), h.Actor(r), r.PathValue("job")); err != nil && fault.CodeOf(err) != fault.Conflict {
		return err
	}
	http.Redirect(w, r, "/runs", http.StatusSeeOther)
	return nil
}
