package runs

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/ui"
)

// maxForm bounds what a form of the run's page may hold.
const maxForm = 10 << 20

// Attention serves GET /runs/{run}/attention: what the run needs a person for, as a part of its page.
func (h *Handler) Attention(w http.ResponseWriter, r *http.Request) error {
	m, err := h.load(r)
	if err != nil {
		return err
	}
	return ui.Render(w, r, http.StatusOK, needsYou(m.Attention))
}

// ResumeStep serves POST /runs/{run}/resume with `path`, and `input` where the step is tried again with another one.
func (h *Handler) ResumeStep(w http.ResponseWriter, r *http.Request) error {
	return h.act(w, r, "resumed", h.Resume != nil, "input", func(actor run.Actor, id, path string, v any) error {
		input, ok := v.(map[string]any)
		if v != nil && !ok {
			return fault.New(fault.InvalidInput, "An input is an object: names and values, in curly brackets.")
		}
		return h.Resume(r.Context(), actor, id, path, input)
	})
}

// SettleStep serves POST /runs/{run}/settle with `path` and `outcome`, and `output` where the call happened.
func (h *Handler) SettleStep(w http.ResponseWriter, r *http.Request) error {
	return h.act(w, r, "settled", h.Settle != nil, "output", func(actor run.Actor, id, path string, output any) error {
		return h.Settle(r.Context(), actor, id, path, r.PostFormValue("outcome"), output)
	})
}

// DiscardRun serves POST /runs/{run}/discard.
func (h *Handler) DiscardRun(w http.ResponseWriter, r *http.Request) error {
	return h.act(w, r, "discarded", h.Discard != nil, "", func(actor run.Actor, id, _ string, _ any) error {
		return h.Discard(r.Context(), actor, id)
	})
}

// CancelRun serves POST /runs/{run}/cancel.
func (h *Handler) CancelRun(w http.ResponseWriter, r *http.Request) error {
	return h.act(w, r, "cancelled", h.Cancel != nil, "", func(actor run.Actor, id, _ string, _ any) error {
		return h.Cancel(r.Context(), actor, id)
	})
}

// ReplayRun serves POST /runs/{run}/replay, with `from`, the path of a step, where only a part is done anew, or with `payload`,
// the event as it was changed.
func (h *Handler) ReplayRun(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	from := r.PostFormValue("from")
	if h.Replay == nil || from != "" && h.ReplayFrom == nil {
		return fault.New(fault.NotFound, "Runs cannot be replayed here.")
	}
	actor := h.Actor(r)
	old, err := h.Store.Run(r.Context(), actor, r.PathValue("run"))
	if err != nil {
		return err
	}
	var id string
	done := "replayed"
	if from == "" {
		if id, err = h.replay(r, actor, old); fault.CodeOf(err) == fault.InvalidInput || fault.CodeOf(err) == fault.TooLarge {
			return h.askAgain(w, r, err)
		}
	} else {
		done = "retried"
		id, err = h.ReplayFrom(r.Context(), actor, old.ID, from)
	}
	if err != nil {
		return h.refused(w, r, old.ID, err)
	}
	return leadTo(w, r, id, done)
}

// replay starts another run with the event that stands in the form.
func (h *Handler) replay(r *http.Request, actor run.Actor, old run.Run) (string, error) {
	typed := r.PostFormValue("payload")
	if strings.TrimSpace(typed) == "" {
		return h.Replay(r.Context(), actor, old.ID, nil)
	}
	event, err := h.Store.Event(r.Context(), actor, old.EventID)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return "", err
	}
	payload, err := fields.Changed(typed, event.Value)
	if err != nil {
		return "", err
	}
	return h.Replay(r.Context(), actor, old.ID, payload)
}

// askAgain shows the page with the event that was typed for another run and what is wrong with it.
func (h *Handler) askAgain(w http.ResponseWriter, r *http.Request, wrong error) error {
	m, err := h.load(r)
	if err != nil {
		return err
	}
	if typed := r.PostFormValue("payload"); typed == "" {
		m.Notice = ui.Notice{Bad: true, Text: fault.MessageOf(wrong)}
	} else {
		m.Asked, m.Again = "replay", fields.Event{Typed: strings.ReplaceAll(typed, "\r\n", "\n"), Refused: fault.MessageOf(wrong)}
	}
	return ui.Render(w, r, http.StatusUnprocessableEntity, runPage(h.Chrome(r), m))
}

// act does what a form of the run's page asks for. The field holds JSON, or nothing; what is wrong with it is shown
// beside what was typed.
func (h *Handler) act(w http.ResponseWriter, r *http.Request, done string, can bool, field string, do func(actor run.Actor, id, path string, v any) error) error {
	if !can {
		return fault.New(fault.NotFound, "That cannot be done here.")
	}
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	actor := h.Actor(r)
	one, err := h.Store.Run(r.Context(), actor, r.PathValue("run"))
	if err != nil {
		return err
	}
	typed := strings.ReplaceAll(r.PostFormValue(field), "\r\n", "\n")
	v, err := fields.ReadJSON(typed)
	if err == nil {
		err = do(actor, one.ID, r.PostFormValue("path"), v)
	}
	if code := fault.CodeOf(err); code == fault.InvalidInput || code == fault.TooLarge {
		return h.again(w, r, typed, err)
	}
	if err != nil {
		return h.refused(w, r, one.ID, err)
	}
	return leadTo(w, r, one.ID, done)
}

// again shows the page with what was typed and what is wrong with it.
func (h *Handler) again(w http.ResponseWriter, r *http.Request, typed string, wrong error) error {
	m, err := h.load(r)
	if err != nil {
		return err
	}
	m.Attention.Notice = fault.MessageOf(wrong)
	for i := range m.Attention.Asks {
		if one := &m.Attention.Asks[i]; one.Path == r.PostFormValue("path") {
			one.Typed, one.Refused, m.Attention.Notice = typed, fault.MessageOf(wrong), ""
		}
	}
	return ui.Render(w, r, http.StatusUnprocessableEntity, runPage(h.Chrome(r), m))
}

// refused leads back to the page where what it showed is no longer so.
func (h *Handler) refused(w http.ResponseWriter, r *http.Request, id string, err error) error {
	switch fault.CodeOf(err) {
	case fault.Conflict:
		return leadTo(w, r, id, "stale")
	case fault.NotFound:
		return leadTo(w, r, id, "gone")
	}
	return err
}

func leadTo(w http.ResponseWriter, r *http.Request, id, done string) error {
	http.Redirect(w, r, "/runs/"+url.PathEscape(id)+"?done="+done, http.StatusSeeOther)
	return nil
}

func noticeOf(done string) ui.Notice {
	switch done {
	case "sample":
		return ui.Notice{Text: "The sample event was sent. This is its run."}
	case "replayed":
		return ui.Notice{Text: "This is the new run, with the same event."}
	case "retried":
		return ui.Notice{Text: "This is the new run. It takes over what was done before, and goes on from there."}
	case "cancelled":
		return ui.Notice{Text: "The run is being cancelled; what is in flight is finished first."}
	case "resumed":
		return ui.Notice{Text: "The step is tried again."}
	case "settled":
		return ui.Notice{Text: "Thank you. The run goes on."}
	case "discarded":
		return ui.Notice{Text: "The run was discarded."}
	case "stale":
		return ui.Notice{Bad: true, Text: "That was not done: somebody was faster, or the run went on. This is how it stands now."}
	case "gone":
		return ui.Notice{Bad: true, Text: "That was not done: the step, the event or the scenario is no longer there."}
	}
	return ui.Notice{}
}
