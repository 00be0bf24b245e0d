package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// TestEventBody: a body is given byte for byte, wherever it is kept.
func TestEventBody(t *testing.T) {
	h := newHouse(t)
	one := h.newRun()
	large := "[" + strings.Repeat("7,", 200_000) + "7]\r\n"
	apart, err := h.store.Keep(t.Context(), "me", []byte(large))
	if err != nil {
		t.Fatal(err)
	}
	within, err := h.store.Keep(t.Context(), "me", []byte(`{"body":`+large+`}`))
	if err != nil {
		t.Fatal(err)
	}
	folded := run.Event{Value: []byte(`{"body":{ "a": 1 }}`), Raw: []byte(`{ "a": 1 }`)}
	if folded.Fold(); folded.Raw != nil {
		t.Fatal("the body does not stand in the value")
	}
	for name, c := range map[string]struct {
		event run.Event
		want  string // empty: there is none
	}{
		"bytes of any kind":          {run.Event{Value: []byte(`{}`), Raw: []byte("a\r\n\x00\xff<b>")}, "a\r\n\x00\xff<b>"},
		"within the value":           {folded, `{ "a": 1 }`},
		"kept apart":                 {run.Event{Value: []byte(`{}`), LargeRaw: apart}, large},
		"within a value kept apart":  {run.Event{Large: within, RawAt: len(`{"body":`), RawBytes: len(large)}, large},
		"an event that came without": {run.Event{Value: []byte(`{}`)}, ""},
		"an event that was not kept": {run.Event{Value: []byte(`{}`), Detail: run.NotKept}, ""},
		"a body that cannot be read": {run.Event{Value: []byte(`{}`), LargeRaw: gone(apart.Bytes)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := one
			r.ID, r.EventID, r.Status, r.Seq, r.Error = uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String(), run.Queued, 1, nil
			e := c.event
			e.ID, e.Workspace, e.ScenarioID, e.Scenario, e.Trigger, e.Outcome, e.RunID, e.Source, e.At = r.EventID, r.Workspace, r.ScenarioID, "w1", "trigger", run.Accepted, r.ID, "webhook", r.CreatedAt
			h.commit(&run.Write{Accept: &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: r.CreatedAt}}, Event: e}})
			if c.want == "" {
				if a := h.want(404, "GET", "/events/"+e.ID+"/body", ""); !strings.Contains(a.text, "body") {
					t.Errorf("it does not say why: %s", a.text)
				}
				return
			}
			req := httptest.NewRequest("GET", "/api/v1/events/"+e.ID+"/body", nil)
			req.Header.Set("Authorization", "Bearer "+h.keys[run.Viewer])
			got := httptest.NewRecorder()
			h.router.ServeHTTP(got, req)
			head := got.Header()
			if got.Code != 200 || got.Body.String() != c.want || head.Get("Content-Type") != "application/octet-stream" || head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Content-Disposition") != "attachment; filename=event-"+e.ID+".bin" {
				t.Errorf("status %d, %v, %d bytes: %.100q", got.Code, head, got.Body.Len(), got.Body.String())
			}
		})
	}
	h.want(404, "GET", "/events/none/body", "")
	files := run.Event{Value: []byte(`{"body":{"doc":` + value.Text(value.File{Hash: strings.Repeat("a", 64), Name: "a.txt", Type: "text/plain", Size: 1}.Value()) + `}}`)}
	if _, err := BodyOf(files); fault.CodeOf(err) != fault.NotFound || !strings.Contains(fault.MessageOf(err), "its fields and files are in the event") {
		t.Errorf("of an event with files it says %v", err)
	}
	op := h.want(200, "GET", "/openapi.json", "").body["paths"].(map[string]any)["/api/v1/events/{id}/body"].(map[string]any)["get"].(map[string]any)
	content := op["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)
	if len(content) != 1 || content["application/octet-stream"] == nil {
		t.Errorf("the document says that it gives %v", content)
	}
}

// gone is a large value that nothing keeps.
func gone(bytes int) value.Large { return value.Large{Hash: strings.Repeat("0", 64), Bytes: bytes} }
