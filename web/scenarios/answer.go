package scenarios

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// reply is what the editor's script is told of a text.
type reply struct {
	Revision int64           `json:"revision,omitempty"` // after it was saved
	Name     string          `json:"name,omitempty"`
	Problems []fault.Problem `json:"problems"`
	Canvas   string          `json:"canvas,omitempty"` // the drawing, as HTML; empty: the text is no scenario
	Error    string          `json:"error,omitempty"`  // why it was not saved
	Conflict bool            `json:"conflict,omitempty"`
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request, saved scenario.Stored, text []byte, why error) error {
	out := reply{Revision: saved.Revision, Name: saved.Name, Problems: saved.Problems}
	status := http.StatusOK
	switch fault.CodeOf(why) {
	case "":
	case fault.Conflict:
		status, out.Conflict, out.Error = http.StatusConflict, true, fault.MessageOf(why)
	case fault.InvalidInput, fault.TooLarge:
		status, out.Error, out.Problems = http.StatusUnprocessableEntity, fault.MessageOf(why), problemsOf(why)
	default:
		return why
	}
	if doc, _, err := scenario.Decode(text); err == nil {
		var b bytes.Buffer
		if err := ui.CanvasView(drawing(h.Drawer.Draw(doc.Scenario), doc.Name)).Render(r.Context(), &b); err != nil {
			return err
		}
		out.Canvas = b.String()
	}
	if out.Problems == nil {
		out.Problems = []fault.Problem{}
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// problemsOf are the problems of an error; one that has none is itself the problem.
func problemsOf(err error) []fault.Problem {
	if list := fault.ProblemsOf(err); len(list) > 0 {
		return list
	}
	return []fault.Problem{{Message: fault.MessageOf(err)}}
}
