package scenarios

import (
	"context"
	"net/http"
	"net/url"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// Captures wait for a request to a trigger's URL, to have it as a sample.
type Captures interface {
	Wait(ctx context.Context, a run.Actor, scenario, trigger string) (run.Capture, error)
	State(ctx context.Context, a run.Actor, scenario, trigger string) (run.Capture, error)
	Stop(ctx context.Context, a run.Actor, scenario, trigger string) error
	// UseSample puts an event into the draft as the trigger's sample.
	UseSample(ctx context.Context, a run.Actor, scenario, trigger, event string) (scenario.Stored, error)
}

// waiting is what is waited for at a trigger's URL.
type waiting struct {
	Slug, Trigger string
	run.Capture
}

func (m waiting) at() string { return "/scenarios/" + url.PathEscape(m.Slug) + "/capture" }

func (m waiting) src() string { return m.at() + "?" + url.Values{"trigger": {m.Trigger}}.Encode() }

// Waiting serves GET /scenarios/{scenario}/capture?trigger=ID: a part of the trigger's panel.
func (h *Handler) Waiting(w http.ResponseWriter, r *http.Request) error {
	slug, trigger := r.PathValue("scenario"), r.FormValue("trigger")
	c, err := h.Captures.State(r.Context(), h.Actor(r), slug, trigger)
	if err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, capturing(waiting{slug, trigger, c}))
}

// Capture serves POST /scenarios/{scenario}/capture with `trigger` and `do`: wait, stop, or use what came as the sample.
func (h *Handler) Capture(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, slug, trigger := r.Context(), h.Actor(r), r.PathValue("scenario"), r.FormValue("trigger")
	var err error
	done := ""
	switch do := r.FormValue("do"); do {
	case "wait":
		_, err = h.Captures.Wait(ctx, actor, slug, trigger)
	case "stop":
		err = h.Captures.Stop(ctx, actor, slug, trigger)
	case "use":
		if _, err = h.Captures.UseSample(ctx, actor, slug, trigger, r.FormValue("event")); err == nil {
			err = h.Captures.Stop(ctx, actor, slug, trigger)
		}
		done = "?done=sampled"
	default:
		err = fault.New(fault.InvalidInput, "%q is not one of wait, stop, use.", fault.Clip(do, 40))
	}
	switch fault.CodeOf(err) {
	case "":
		http.Redirect(w, r, "/scenarios/"+url.PathEscape(slug)+done+"#pane-trigger", http.StatusSeeOther)
		return nil
	case fault.InvalidInput, fault.Conflict, fault.TooLarge:
		return h.again(w, r, nil, err)
	}
	return err
}
