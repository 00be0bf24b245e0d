package webhook

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Waits tells a run that waits of an event: the engine. An event that comes before the run waits for it is kept.
type Waits interface {
	Signal(ctx context.Context, g *run.Signal) error
}

// resumeMethods act. A GET only says how: programs that look at links must not end a wait.
const resumeMethods = "POST, PUT, PATCH"

// Resume serves /resume/{token}: a request becomes an event for the run's waits, and is answered when it is on disk.
func (h *Handler) Resume(w http.ResponseWriter, r *http.Request) {
	guard(w.Header())
	if err := h.resume(w, r); err != nil {
		h.refuse(w, r, err)
		h.drain(w, r, err, drained)
	}
}

func (h *Handler) resume(w http.ResponseWriter, r *http.Request) error {
	link, err := run.OpenLink(h.LinkKey, run.ResumeLink, r.PathValue("token"))
	if err != nil {
		return refusal{http.StatusNotFound, fault.MessageOf(err)}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		writeJSON(w, http.StatusOK, map[string]any{"run": link.Run, "message": "Send the event that this run waits for with POST."})
		return nil
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	case http.MethodOptions:
		w.Header().Set("Allow", "GET, HEAD, "+resumeMethods)
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		w.Header().Set("Allow", "GET, HEAD, "+resumeMethods)
		return refusal{http.StatusMethodNotAllowed, "This URL takes " + resumeMethods + ", not " + fault.Clip(r.Method, 20) + "."}
	}
	body, release, err := h.read(w, r)
	defer release()
	if err != nil {
		return err
	}
	g, err := h.signal(r, body)
	if err != nil {
		return err
	}
	g.Workspace, g.Run, g.Kind = link.Workspace, link.Run, run.SignalEvent
	switch err := h.Waits.Signal(r.Context(), g); {
	case fault.CodeOf(err) == fault.NotFound:
		return refusal{http.StatusNotFound, "The run of this address is no longer kept."}
	case err != nil:
		return err
	}
	if g.OtherBody {
		return errOtherBody()
	}
	status := run.Accepted
	if g.Known {
		status = run.Duplicate
	}
	writeJSON(w, http.StatusOK, map[string]any{"status": status, "run": link.Run})
	return nil
}

// signal makes what `event` will be: the method, the headers, the query, the body and when.
func (h *Handler) signal(r *http.Request, body []byte) (*run.Signal, error) {
	parsed, _, err := parseBody(r.Header, body)
	if err != nil {
		return nil, err
	}
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	g := &run.Signal{At: h.Now().UTC().Truncate(time.Millisecond)}
	if g.Body, err = delivery(r.Header, body, &g.Key, "Idempotency-Key", "Webhook-Id"); err != nil {
		return nil, err
	}
	g.Data, err = value.Encode(map[string]any{"method": strings.ToUpper(r.Method), "headers": anyMap(headers(r.Header, "")), "query": query, "body": parsed,
		"at": g.At.Format(run.TimeFormat)})
	return g, err
}
