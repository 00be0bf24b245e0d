package webhook

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// writeAnswer answers a request with what its run gave: a step's answer, or with "ended" the run's own output.
func writeAnswer(w http.ResponseWriter, a run.Answer, mode string, taken *run.Accept) error {
	if mode == "ended" {
		body := map[string]any{"status": string(a.Status), "event": taken.Event.ID, "run": taken.Event.RunID, "output": a.Output}
		b, err := value.Encode(body)
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, json.RawMessage(b))
		return nil
	}
	answer, _ := a.Output.(map[string]any)
	status, _ := answer["status"].(int)
	if status < 200 || status > 599 {
		status = http.StatusOK
	}
	given, _ := answer["headers"].(map[string]any)
	for name, v := range given {
		text := strings.NewReplacer("\r", " ", "\n", " ").Replace(value.Text(v))
		if name = http.CanonicalHeaderKey(name); v != nil && allowed(name, text) {
			w.Header().Set(name, text)
		}
	}
	if v, ok := answer["json"]; ok && v != nil {
		b, err := value.Encode(v)
		if err != nil {
			return err
		}
		writeJSON(w, status, json.RawMessage(b))
		return nil
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") && !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		w.Header().Set("Content-Disposition", "attachment") // a page of somebody's making never shows on this origin
	}
	w.WriteHeader(status)
	w.Write([]byte(value.Text(answer["text"])))
	return nil
}

// allowed says whether a scenario may set a header: not those that guard this origin or frame the message. It redirects to
// addresses of the web alone.
func allowed(name, text string) bool {
	if name == "Location" {
		scheme, _, _ := strings.Cut(text, "://")
		return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")
	}
	return !slices.Contains([]string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Set-Cookie", "Content-Length",
		"Transfer-Encoding", "Connection", "Content-Encoding", "Content-Disposition", "Strict-Transport-Security",
		"Access-Control-Allow-Credentials", "Clear-Site-Data", "Service-Worker-Allowed"}, name)
}

// taken is the answer to an event.
type taken struct {
	Status run.Outcome `json:"status"`
	Event  string      `json:"event"`
	Run    string      `json:"run,omitempty"`
}

func errOtherBody() error {
	return fault.New(fault.Conflict, "This delivery was taken before with another body.")
}

// writeTaken says what became of an event, in the sender's own words where it wants to hear some.
func writeTaken(w http.ResponseWriter, a *run.Accept, own func(http.ResponseWriter, []byte)) error {
	if a.OtherBody {
		return errOtherBody()
	}
	out := taken{a.Event.Outcome, a.Event.ID, a.Event.RunID}
	if a.FirstEvent != "" {
		out = taken{run.Duplicate, a.FirstEvent, a.FirstRun}
	}
	if own != nil {
		b, err := json.Marshal(out)
		if err != nil {
			return err
		}
		own(w, b)
		return nil
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"status":"refused"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(status)
	w.Write(append(b, '\n'))
}
