package runs

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// shelf is a store of one run.
type shelf struct {
	run     run.Run
	entries []run.Entry
	text    []byte // of the scenario
	jobs    []run.Job
	hidden  int64
	page    run.Page
}

func (s *shelf) Run(_ context.Context, _ run.Actor, id string) (run.Run, error) {
	if id != s.run.ID {
		return run.Run{}, fault.New(fault.NotFound, "There is no such run.")
	}
	return s.run, nil
}

func (s *shelf) Excerpt(context.Context, run.Actor, string, run.Excerpt) ([]run.Entry, int64, error) {
	return s.entries, s.hidden, nil
}

func (s *shelf) Runs(context.Context, run.Actor, run.Filter) (run.Page, error) {
	if s.page.Total > 0 {
		return s.page, nil
	}
	return run.Page{Runs: []run.Run{s.run}, Total: 1}, nil
}

func (s *shelf) Event(context.Context, run.Actor, string) (run.Event, error) {
	return run.Event{}, fault.New(fault.NotFound, "It is no longer kept.")
}

func (s *shelf) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) { return nil, nil }

func (s *shelf) Version(context.Context, run.Actor, string, int) (scenario.Version, error) {
	return scenario.Version{Definition: s.text}, nil
}

func (s *shelf) Jobs(context.Context, run.Actor, int) ([]run.Job, error) { return s.jobs, nil }

func (s *shelf) LastPos(context.Context) (int64, error) { return 1, nil }

// done is what the handler was asked to do.
type done struct {
	what, path, outcome string
	value               any
}

// desk is a handler over the journal of a name; what it is asked to do fails with refuse.
func desk(t *testing.T, journal string, refuse error) (*Handler, *[]done) {
	t.Helper()
	text, err := os.ReadFile("testdata/scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile("testdata/journals/" + journal + ".json")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := run.DecodeEntries(written)
	if err != nil {
		t.Fatal(err)
	}
	var list []done
	note := func(d done) error {
		list = append(list, d)
		return refuse
	}
	s := &shelf{run: run.Run{ID: "r2", Scenario: "escalations", Number: 2, Version: 4, Trigger: "trigger", CreatedAt: now, Status: run.Incomplete}, entries: entries, text: text}
	return &Handler{Store: s, Drawer: drawer(), Now: func() time.Time { return now },
		Actor:  func(*http.Request) run.Actor { return run.Actor{Name: "Ada", Role: run.Operator} },
		Chrome: func(*http.Request) ui.Chrome { return chrome() },
		Cancel: func(context.Context, run.Actor, string) error { return note(done{what: "cancel"}) },
		Replay: func(_ context.Context, _ run.Actor, _ string, payload json.RawMessage) (string, error) {
			return "r9", note(done{what: "replay", outcome: string(payload)})
		},
		ReplayFrom: func(_ context.Context, _ run.Actor, _, path string) (string, error) {
			return "r9", note(done{what: "replay", path: path})
		},
		Resume: func(_ context.Context, _ run.Actor, _, path string, input map[string]any) error {
			return note(done{what: "resume", path: path, value: input})
		},
		Settle: func(_ context.Context, _ run.Actor, _, path, outcome string, output any) error {
			return note(done{"settle", path, outcome, output})
		},
		Discard:     func(context.Context, run.Actor, string) error { return note(done{what: "discard"}) },
		ApprovalURL: func(r run.Run, path, to string) string { return "http://x/approvals/" + path + "." + to },
		ResumeURL:   func(r *run.Run) string { return "http://x/resume/" + r.ID },
	}, &list
}

func fetch(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	r.SetPathValue("run", "r2")
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAttention(t *testing.T) {
	for _, name := range []string{"parked", "lost", "approval", "failed", "loop"} {
		h, _ := desk(t, name, nil)
		got := fetch(t, h.Attention, httptest.NewRequest("GET", "/runs/r2/attention", nil))
		uitest.Compare(t, "attention-"+name, got.Body.String())
	}
}

func TestAttentionOfAnEvent(t *testing.T) {
	h, _ := desk(t, "signalled", nil)
	s := h.Store.(*shelf)
	s.text = []byte(strings.Replace(string(s.text), `{ "for": "2h" }`, `{ "event": {} }`, 1))
	s.entries = s.entries[:5]
	got := fetch(t, h.Attention, httptest.NewRequest("GET", "/runs/r2/attention", nil))
	uitest.Compare(t, "attention-event", got.Body.String())
}

// A link lets whoever has it act, so who may only look does not see one.
func TestAttentionOfAViewer(t *testing.T) {
	for _, name := range []string{"parked", "lost", "approval", "failed"} {
		h, _ := desk(t, name, nil)
		h.Actor = func(*http.Request) run.Actor { return run.Actor{Name: "Eve", Role: run.Viewer} }
		body := fetch(t, h.Attention, httptest.NewRequest("GET", "/runs/r2/attention", nil)).Body.String()
		if strings.Contains(body, "http://x/") || strings.Contains(body, "<button class=\"btn small pri") || strings.Contains(body, "<form") {
			t.Errorf("%s gives a viewer what only an operator may have:\n%s", name, body)
		}
	}
}

// An app that answers was reached, whatever it answers.
func TestWordOfAnAnswer(t *testing.T) {
	for want, f := range map[string]map[string]any{
		"The app answered 503":             {"class": "unavailable", "status": 503},
		"The app could not be reached":     {"class": "unavailable"},
		"The app refused what it was sent": {"class": "invalid_input", "status": 422},
		"The step failed":                  {"class": "other", "status": 500},
	} {
		if got := word(f, false).Title; got != want {
			t.Errorf("%v is %q, want %q", f, got, want)
		}
	}
}

func TestActs(t *testing.T) {
	h, list := desk(t, "parked", nil)
	for _, c := range []struct {
		do     func(http.ResponseWriter, *http.Request) error
		fields []string
		leads  string
		want   done
	}{
		{h.ResumeStep, []string{"path", "tell"}, "/runs/r2?done=resumed", done{what: "resume", path: "tell", value: map[string]any(nil)}},
		{h.ResumeStep, []string{"path", "a[0].b", "input", "{\r\n\"n\": 3}"}, "/runs/r2?done=resumed", done{what: "resume", path: "a[0].b", value: map[string]any{"n": 3}}},
		{h.SettleStep, []string{"path", "tell", "outcome", "happened", "output", `[1]`}, "/runs/r2?done=settled", done{"settle", "tell", "happened", []any{1}}},
		{h.SettleStep, []string{"path", "tell", "outcome", "skip"}, "/runs/r2?done=settled", done{"settle", "tell", "skip", nil}},
		{h.DiscardRun, nil, "/runs/r2?done=discarded", done{what: "discard"}},
		{h.CancelRun, nil, "/runs/r2?done=cancelled", done{what: "cancel"}},
		{h.ReplayRun, nil, "/runs/r9?done=replayed", done{what: "replay"}},
		{h.ReplayRun, []string{"payload", `{"body": {"n": 2}}`}, "/runs/r9?done=replayed", done{what: "replay", outcome: `{"body":{"n":2}}`}},
		{h.ReplayRun, []string{"from", "a[0].b"}, "/runs/r9?done=retried", done{what: "replay", path: "a[0].b"}},
	} {
		*list = nil
		got := fetch(t, c.do, uitest.Form("/runs/r2/x", c.fields...))
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != c.leads {
			t.Errorf("%v: %d, leads to %q", c.fields, got.Code, got.Header().Get("Location"))
		}
		if len(*list) != 1 || string(encode(t, (*list)[0].value)) != string(encode(t, c.want.value)) || (*list)[0].what != c.want.what || (*list)[0].path != c.want.path || (*list)[0].outcome != c.want.outcome {
			t.Errorf("%v did %+v, want %+v", c.fields, *list, c.want)
		}
		if noticeOf(c.leads[strings.Index(c.leads, "=")+1:]).Text == "" {
			t.Errorf("%s says nothing", c.leads)
		}
	}
}

// TestReplayRefused: an event that cannot be read is said to be so in the dialog that it was typed in.
func TestReplayRefused(t *testing.T) {
	h, list := desk(t, "failed", nil)
	got := fetch(t, h.ReplayRun, uitest.Form("/runs/r2/replay", "payload", "{\r\n]"))
	for _, part := range []string{`aria-labelledby="replay-title" open>`, "no valid JSON: line 2", "{\n]</textarea>"} {
		if got.Code != http.StatusUnprocessableEntity || len(*list) != 0 || !strings.Contains(got.Body.String(), part) {
			t.Errorf("%d without %q", got.Code, part)
		}
	}
}

func TestStaleActsSaySo(t *testing.T) {
	for code, leads := range map[fault.Code]string{fault.Conflict: "stale", fault.NotFound: "gone"} {
		h, _ := desk(t, "parked", fault.New(code, "Too late."))
		for _, do := range []func(http.ResponseWriter, *http.Request) error{h.ResumeStep, h.SettleStep, h.DiscardRun, h.CancelRun, h.ReplayRun} {
			got := fetch(t, do, uitest.Form("/runs/r2/x", "path", "tell", "from", "tell"))
			if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/runs/r2?done="+leads || !noticeOf(leads).Bad {
				t.Errorf("%s is answered %d to %q", code, got.Code, to)
			}
		}
	}
}

func TestInputThatIsNoJSON(t *testing.T) {
	h, list := desk(t, "parked", nil)
	for typed, want := range map[string]string{
		"{\r\n  \"ä\": }": "line 2, column 8:",
		"{":               "line 1, column 1: unexpected end",
		"[1]":             "An input is an object",
		`{"a":1,"a":2}`:   "a member stands twice",
	} {
		got := fetch(t, h.ResumeStep, uitest.Form("/runs/r2/resume", "path", "tell", "input", typed))
		body := got.Body.String()
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(body, want) || !strings.Contains(body, `aria-invalid="true"`) || !strings.Contains(body, "<details open>") {
			t.Errorf("%q: %d without %q", typed, got.Code, want)
		}
	}
	if len(*list) != 0 {
		t.Errorf("it was done all the same: %v", *list)
	}
	h, _ = desk(t, "lost", fault.New(fault.InvalidInput, "That is no outcome."))
	got := fetch(t, h.SettleStep, uitest.Form("/runs/r2/settle", "path", "gone", "outcome", "maybe"))
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "That is no outcome.") {
		t.Errorf("a refusal that belongs to no step is answered %d", got.Code)
	}
}

// TestBrokenForms: of a form that came in part nothing is done; a filter or an input that was lost would mean another thing.
func TestBrokenForms(t *testing.T) {
	h, list := desk(t, "parked", nil)
	boss := &foreman{}
	h.Bulk = boss
	for _, do := range []func(http.ResponseWriter, *http.Request) error{h.ResumeStep, h.SettleStep, h.DiscardRun, h.CancelRun, h.ReplayRun, h.StartBulk} {
		r := uitest.Form("/runs/r2/x")
		r.Body = io.NopCloser(strings.NewReader("action=cancel&path=tell&outcome=skip&input=%zz"))
		r.SetPathValue("run", "r2")
		if err := do(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("got %v", err)
		}
	}
	if len(*list)+len(boss.asked) != 0 {
		t.Errorf("it was done all the same: %v, %v", *list, boss.asked)
	}
}

func TestActsThatAreNotThere(t *testing.T) {
	h := &Handler{}
	for _, do := range []func(http.ResponseWriter, *http.Request) error{h.ResumeStep, h.SettleStep, h.DiscardRun, h.CancelRun, h.ReplayRun} {
		if err := do(httptest.NewRecorder(), uitest.Form("/runs/r2/x")); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
	}
	h, _ = desk(t, "parked", nil)
	r := uitest.Form("/runs/other/resume", "path", "tell")
	r.SetPathValue("run", "other")
	if err := h.ResumeStep(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a run of somebody else: %v", err)
	}
}
