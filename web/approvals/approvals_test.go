package approvals

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

var key = []byte("a key of thirty-two bytes, or so")

var at = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

// office is a store of one run that asks one thing, and takes the decision.
type office struct {
	run     run.Run
	entries []run.Entry
	decided []Decision
	refuse  error
}

func (o *office) Run(_ context.Context, _ run.Actor, id string) (run.Run, error) {
	if id != o.run.ID {
		return run.Run{}, fault.New(fault.NotFound, "There is no run %q.", id)
	}
	return o.run, nil
}

func (o *office) Entries(context.Context, run.Actor, string, int64) iter.Seq2[run.Entry, error] {
	return run.Each(o.entries)
}

func (o *office) Version(context.Context, run.Actor, string, int) (scenario.Version, error) {
	return scenario.Version{Definition: []byte(`{"stepmill": 1, "name": "Refunds <over> the limit", "steps": []}`)}, nil
}

// decide records as the engine does.
func (o *office) decide(_ context.Context, l run.Link, d Decision) error {
	if o.refuse != nil {
		return o.refuse
	}
	o.decided = append(o.decided, d)
	verdict := map[bool]string{true: "approved", false: "rejected"}[d.Approved]
	o.entries = append(o.entries, run.Entry{Kind: run.StepSucceeded, Path: l.Path, At: at, Data: run.Data{Output: map[string]any{
		"decision": verdict, "by": d.By, "at": at.Format(run.TimeFormat), "comment": d.Comment}}})
	return nil
}

const path = "orders[3].ok"

func ask(form string) map[string]any {
	var fields any
	if err := json.Unmarshal([]byte(form), &fields); err != nil {
		panic(err)
	}
	return map[string]any{"to": []any{"ada@example.com"}, "message": "Refund 120 EUR?\nThe <b>parcel</b> was lost.", "form": fields}
}

const form = `["reason", {"name": "amount", "label": "Amount", "type": "number", "required": true, "default": 120},
	{"name": "how", "type": "select", "options": ["card", 7]}, {"name": "checked", "label": "I checked it", "type": "boolean", "required": true},
	{"name": "note", "type": "long_text", "default": "Dear <customer>"}, {"name": "mail", "type": "email"}, {"name": "day", "type": "date"},
	{"name": "odd", "type": "colour"}, {"label": "without a name"}, 12]`

func open(asked map[string]any) (*Handler, *office) {
	o := &office{run: run.Run{ID: "r1", Workspace: "w", Status: run.Waiting}, entries: []run.Entry{
		{Kind: run.StepWaiting, Path: path, At: at, Data: run.Data{Input: asked, Until: at.Add(48 * time.Hour)}}}}
	return &Handler{Store: o, Answer: o.decide, Open: func(token string) (run.Link, error) { return run.OpenLink(key, run.ApprovalLink, token) },
		Actor:  func(*http.Request) run.Actor { return run.Actor{} },
		Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{} }}, o
}

func token(to string) string {
	return run.Link{Kind: run.ApprovalLink, Workspace: "w", Run: "r1", Path: path, To: to}.Token(key)
}

func send(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request, to string) *httptest.ResponseRecorder {
	t.Helper()
	r.SetPathValue("token", token(to))
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func get(query string) *http.Request { return httptest.NewRequest("GET", "/approvals/t"+query, nil) }

func TestPages(t *testing.T) {
	h, _ := open(ask(form))
	body := send(t, h.Show, get(""), "").Body.String()
	uitest.Compare(t, "asked", body)
	for _, leak := range []string{"/runs", "/scenarios", "<nav", "r1\""} {
		if strings.Contains(body, leak) {
			t.Errorf("somebody who is not signed in sees %s", leak)
		}
	}
	h.Actor = func(*http.Request) run.Actor { return run.Actor{Workspace: "w", Name: "Ada"} }
	uitest.Compare(t, "asked-signed-in", send(t, h.Show, get(""), "").Body.String())
	h, _ = open(map[string]any{})
	uitest.Compare(t, "asked-nothing", send(t, h.Show, get(""), "ada@example.com").Body.String())
	wrong := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "maybe", "comment", strings.Repeat("ä", 4001)), "ada@example.com")
	if body := wrong.Body.String(); wrong.Code != 422 || !strings.Contains(body, "Say whether") || !strings.Contains(body, "At most 4,000") {
		t.Errorf("it is answered %d", wrong.Code)
	}
}

func TestDecide(t *testing.T) {
	h, o := open(ask(form))
	got := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "approved", "by", " Grace ", "comment", "a\r\nb", "form.amount", "12.50", "form.how", "7", "form.checked", "true",
		"form.note", "hello", "form.mail", "ada@example.com", "form.day", "2026-03-05", "form.odd", "blue", "form.unknown", "x"), "")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/approvals/t?done=decided" {
		t.Fatalf("it is answered %d", got.Code)
	}
	want := `[{"Approved":true,"By":"Grace","Comment":"a\nb","Form":{"amount":12.5,"checked":true,"day":"2026-03-05","how":7,"mail":"ada@example.com","note":"hello","odd":"blue","reason":null}}]`
	if text, _ := json.Marshal(o.decided); string(text) != want {
		t.Errorf("decided %s", text)
	}
	done := send(t, h.Show, get("?done=decided"), "")
	uitest.Compare(t, "decided", done.Body.String())
	if late := send(t, h.Show, get(""), ""); done.Code != 200 || late.Code != http.StatusConflict {
		t.Errorf("who decided is answered %d, who comes late %d", done.Code, late.Code)
	}
	if again := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "rejected", "by", "Eve"), ""); again.Code != http.StatusConflict || len(o.decided) != 1 {
		t.Errorf("a second decision is answered %d", again.Code)
	}
}

func TestWrongValuesComeBack(t *testing.T) {
	h, o := open(ask(form))
	got := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "approved", "comment", "keep <me>", "form.amount", "many", "form.how", "cash", "form.note", strings.Repeat("x", 10_001),
		"form.mail", "ada", "form.day", "2026-02-30"), "")
	if got.Code != http.StatusUnprocessableEntity || len(o.decided) != 0 {
		t.Fatalf("it is answered %d", got.Code)
	}
	body := strings.Replace(got.Body.String(), strings.Repeat("x", 10_001), "xxx", 1)
	uitest.Compare(t, "wrong", body)
}

// Who rejects need not fill in what is needed to approve; what is filled in has to be right all the same.
func TestReject(t *testing.T) {
	h, o := open(ask(form))
	got := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "rejected"), "ada@example.com")
	if got.Code != http.StatusSeeOther || len(o.decided) != 1 || o.decided[0].Approved || o.decided[0].By != "ada@example.com" || o.decided[0].Form["amount"] != nil || o.decided[0].Form["checked"] != false {
		t.Errorf("it is answered %d: %+v", got.Code, o.decided)
	}
	h, o = open(ask(form))
	if got := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "rejected", "form.amount", "x"), "ada@example.com"); got.Code != 422 || len(o.decided) != 0 {
		t.Errorf("it is answered %d", got.Code)
	}
}

func TestWhoDecides(t *testing.T) {
	for _, c := range []struct{ to, signed, typed, want string }{
		{"ada@example.com", "Grace", "Eve", "ada@example.com"}, {"", "Grace", "Eve", "Grace"}, {"", "", "Eve", "Eve"}, {"", "", " ", ""}, {"", "", strings.Repeat("e", 201), ""},
	} {
		h, o := open(map[string]any{})
		h.Actor = func(*http.Request) run.Actor {
			if c.signed == "" {
				return run.Actor{}
			}
			return run.Actor{Workspace: "w", Name: c.signed}
		}
		got := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "approved", "by", c.typed), c.to)
		switch {
		case c.want == "" && got.Code != 422:
			t.Errorf("%+v is answered %d", c, got.Code)
		case c.want != "" && (len(o.decided) != 1 || o.decided[0].By != c.want || o.decided[0].Form != nil):
			t.Errorf("%+v decided %+v", c, o.decided)
		}
	}
}

func TestAskedNoMore(t *testing.T) {
	h, o := open(ask(form))
	o.run.Status = run.Cancelled
	got := send(t, h.Show, get(""), "")
	if got.Code != http.StatusConflict {
		t.Errorf("it is answered %d", got.Code)
	}
	uitest.Compare(t, "over", got.Body.String())
	h, o = open(ask(form))
	o.refuse = fault.New(fault.Conflict, "It does not wait.")
	if got := send(t, h.Decide, uitest.Form("/approvals/t", "decision", "rejected", "by", "Ada"), ""); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "asked no more") {
		t.Errorf("who was slower is answered %d", got.Code)
	}
	for _, k := range []run.Kind{run.StepFailed, run.StepHandling, run.StepCancelled, run.StepParked} {
		h, o := open(ask(form))
		o.entries = append(o.entries, run.Entry{Kind: k, Path: path})
		if got := send(t, h.Show, get(""), ""); got.Code != http.StatusConflict {
			t.Errorf("after %s it is answered %d", k, got.Code)
		}
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	h, o := open(ask(form))
	for _, bad := range []string{"", "x.y", token("") + "x", run.Link{Kind: run.ResumeLink, Workspace: "w", Run: "r1"}.Token(key),
		run.Link{Kind: run.ApprovalLink, Workspace: "w", Run: "r1", Path: path}.Token([]byte("another")),
		run.Link{Kind: run.ApprovalLink, Workspace: "w", Run: "gone", Path: path}.Token(key), run.Link{Kind: run.ApprovalLink, Workspace: "w", Run: "r1", Path: "tell"}.Token(key)} {
		r := uitest.Form("/approvals/t", "decision", "approved", "by", "Eve")
		r.SetPathValue("token", bad)
		for _, f := range []func(http.ResponseWriter, *http.Request) error{h.Show, h.Decide} {
			if err := f(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.NotFound || strings.Contains(fault.MessageOf(err), "gone") {
				t.Errorf("%s: %v", bad, err)
			}
		}
	}
	if len(o.decided) != 0 {
		t.Errorf("decided %+v", o.decided)
	}
	r := uitest.Form("/approvals/t", "decision", "approved", "comment", strings.Repeat("x", mostBody+1))
	r.SetPathValue("token", token(""))
	if err := h.Decide(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("a form that is too large: %v", err)
	}
}
