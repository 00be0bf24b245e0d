package inbox

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

var now = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

type post struct {
	list  []run.Event
	last  bool
	asked run.EventFilter
	jobs  []run.Job
}

func (p *post) Jobs(context.Context, run.Actor, int) ([]run.Job, error) { return p.jobs, nil }

func (p *post) Events(_ context.Context, _ run.Actor, f run.EventFilter) (run.EventPage, error) {
	p.asked = f
	page := run.EventPage{Events: p.list, NextCursor: "c2"}
	if p.last {
		page.NextCursor = ""
	}
	return page, nil
}

func (p *post) Event(_ context.Context, _ run.Actor, id string) (run.Event, error) {
	for _, e := range p.list {
		if e.ID == id {
			return e, nil
		}
	}
	return run.Event{}, fault.New(fault.NotFound, "There is no event %s.", id)
}

func (p *post) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{Slug: "orders", Name: "Orders"}}, nil
}

// bodyOf is what cmd gives the screens.
func bodyOf(e run.Event) ([]byte, error) {
	if len(e.Raw) == 0 {
		return nil, fault.New(fault.NotFound, "This event came without a body.")
	}
	return e.Raw, nil
}

func handler(p *post) *Handler {
	return &Handler{Store: p, Actor: func(*http.Request) run.Actor { return run.Actor{} }, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Now: func() time.Time { return now }, Body: bodyOf}
}

// ask asks a handler as cmd does, with the event in the path.
func ask(f func(http.ResponseWriter, *http.Request) error, method, path, event string) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest(method, path, nil)
	r.SetPathValue("event", event)
	w := httptest.NewRecorder()
	return w, f(w, r)
}

func TestPages(t *testing.T) {
	p := &post{list: []run.Event{
		{ID: "0195e3f0-aaaa-0001", Scenario: "orders", Trigger: "trigger", Outcome: run.Accepted, RunID: "r1", Source: "webhook", At: now.Add(-time.Minute), Repeats: 3, RepeatedAt: now.Add(-30 * time.Second), Value: json.RawMessage(`{"body":{"total":12},"headers":{"content-type":"application/json"}}`),
			Raw: []byte(`{"total":12}`), Header: map[string]string{"content-type": "application/json"}},
		{ID: "e2", Scenario: "gone", Outcome: run.Filtered, Source: "test", At: now},
		{ID: "e3", Scenario: "orders", Trigger: "slack", Outcome: run.Duplicate, Source: "webhook", At: now, Value: json.RawMessage(`{"type":"x"}`), Raw: []byte("a\x00b"), Header: map[string]string{"x-slack-signature": "v0=1"}}}}
	h := handler(p)
	show := func(f func(http.ResponseWriter, *http.Request) error, path, event string) string {
		t.Helper()
		w, err := ask(f, "GET", path, event)
		if err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	uitest.Compare(t, "list", show(h.List, "/inbox?outcome=accepted&scenario=orders", ""))
	if p.asked.Outcome != run.Accepted || p.asked.Scenario != "orders" {
		t.Errorf("the store was asked for %+v", p.asked)
	}
	h.Replay = func(context.Context, run.Actor, string, json.RawMessage) (string, error) { return "r9", nil }
	uitest.Compare(t, "event", show(h.Show, "/inbox/e1", "0195e3f0-aaaa-0001"))
	h.Actor = func(*http.Request) run.Actor { return run.Actor{Role: run.Viewer} }
	uitest.Compare(t, "event-looked-at", show(h.Show, "/inbox/e3", "e3"))
	if page := show(h.Show, "/inbox/e2", "e2"); strings.Contains(page, "as it came") || strings.Contains(page, "/inbox/e2/body") {
		t.Error("an event without a body shows one")
	}
	p.list = nil
	if page := show(h.List, "/inbox?q=x", ""); !strings.Contains(page, "Look further back") || !strings.Contains(page, "cursor=c2&amp;q=x") {
		t.Errorf("a page without an event that is not the last does not lead on:\n%s", page)
	}
	p.last = true
	if page := show(h.List, "/inbox?q=x&trigger=t", ""); !strings.Contains(page, "No event fits") || p.asked.Query != "x" || p.asked.Trigger != "t" {
		t.Errorf("asked was for %+v, answered\n%s", p.asked, page)
	}
	for text, from := range map[string]time.Time{"24h": now.Add(-24 * time.Hour), "2026-03-01T00:00:00Z": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), "garbage": {}} {
		page := show(h.List, "/inbox?outcome=filtered&q=x&since="+text, "")
		wrong := strings.Contains(page, "since=garbage is no time, so events of any time are shown.")
		if !p.asked.Since.Equal(from) || p.asked.Outcome != run.Filtered || p.asked.Query != "x" || wrong != (text == "garbage") {
			t.Errorf("since %s was asked as %+v; wrong: %v", text, p.asked, wrong)
		}
		if kept := strings.Contains(page, "outcome=filtered&amp;q=x&amp;since="+url.QueryEscape(text)+`"`); kept == (text == "garbage") {
			t.Errorf("since %s is kept: %v", text, kept)
		}
	}
	uitest.Compare(t, "list-empty", show(h.List, "/inbox", ""))
	if _, err := ask(h.Show, "GET", "/inbox/none", "none"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown event gives %v", err)
	}
}

// TestBody: whatever came, the page is valid and says how much of it is shown; the file is what came.
func TestBody(t *testing.T) {
	for name, c := range map[string]struct{ raw, shown, says string }{
		"text":               {"a\r\nb\rc<d>", "a\nb\nc&lt;d&gt;", `data-copy-file="/inbox/e1/body"`},
		"with NUL bytes":     {"a\x00b", "a\uFFFDb", "It has NUL bytes"},
		"that is no UTF-8":   {"a\xff\xfeb", "a\uFFFDb", "It is not UTF-8"},
		"a large one":        {strings.Repeat("x", rawShown+5), "x\n… 5 bytes more", "data-copy-file"},
		"cut within a rune":  {strings.Repeat("x", rawShown-1) + "äö", "x\n… 4 bytes more", "data-copy-file"},
		"large and no UTF-8": {strings.Repeat("\x80", rawShown+9), "\uFFFD\n… ", "It is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			h := handler(&post{list: []run.Event{{ID: "e1", Raw: []byte(c.raw)}}})
			w, err := ask(h.Show, "GET", "/inbox/e1", "e1")
			if err != nil {
				t.Fatal(err)
			}
			page := w.Body.String()
			if !utf8.ValidString(page) || strings.ContainsAny(page, "\x00\r") || !strings.Contains(page, c.shown) || !strings.Contains(page, c.says) {
				t.Errorf("the page does not show %q and say %q", c.shown, c.says)
			}
			if strings.Contains(page, "data-copy-file") == strings.Contains(page, "cannot be copied") || !strings.Contains(page, `href="/inbox/e1/body" download`) {
				t.Error("it is not said how the body is had")
			}
			w, err = ask(h.Download, "GET", "/inbox/e1/body", "e1")
			if head := w.Header(); err != nil || w.Body.String() != c.raw || head.Get("Content-Type") != "application/octet-stream" || head.Get("Content-Disposition") != "attachment; filename=event-e1.bin" || head.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("the file: %v, %v, %d bytes", err, head, w.Body.Len())
			}
		})
	}
	h := handler(&post{list: []run.Event{{ID: "e1"}}})
	if _, err := ask(h.Download, "GET", "/inbox/e1/body", "e1"); fault.CodeOf(err) != fault.NotFound || !strings.Contains(err.Error(), "without a body") {
		t.Errorf("no body gives %v", err)
	}
}

func TestReplay(t *testing.T) {
	h := handler(&post{list: []run.Event{{ID: "e1"}}})
	if _, err := ask(h.ReplayEvent, "POST", "/inbox/e1/replay", "e1"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("where nothing can be replayed: %v", err)
	}
	var fails error
	h.Replay = func(_ context.Context, _ run.Actor, id string, payload json.RawMessage) (string, error) {
		return strings.TrimSpace("run of " + id + " " + string(payload)), fails
	}
	if w, err := ask(h.ReplayEvent, "POST", "/inbox/e1/replay", "e1"); err != nil || w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/runs/run%20of%20e1?done=replayed" {
		t.Errorf("%v, %d to %s", err, w.Code, w.Header().Get("Location"))
	}
	fails = fault.New(fault.Conflict, "Nothing is live.")
	if w, err := ask(h.ReplayEvent, "POST", "/inbox/e1/replay", "e1"); err != nil || w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Nothing is live.") {
		t.Errorf("a refusal: %v, %d", err, w.Code)
	}
}

// TestReplayChanged replays an event as somebody changed it; what cannot be read is said beside it, and one that is as it was
// is the event's own.
func TestReplayChanged(t *testing.T) {
	h := handler(&post{list: []run.Event{{ID: "e1", Value: json.RawMessage(`{"n": 1}`)}}})
	h.Replay = func(_ context.Context, _ run.Actor, id string, payload json.RawMessage) (string, error) {
		return id + string(payload), nil
	}
	for typed, leads := range map[string]string{"": "e1", "{\r\n  \"n\": 1\r\n}": "e1", `{"n": 2}`: "e1%7B%22n%22:2%7D"} {
		r := uitest.Form("/inbox/e1/replay", "payload", typed)
		r.SetPathValue("event", "e1")
		w := httptest.NewRecorder()
		if err := h.ReplayEvent(w, r); err != nil || w.Header().Get("Location") != "/runs/"+leads+"?done=replayed" {
			t.Errorf("%q: %v, leads to %s", typed, err, w.Header().Get("Location"))
		}
	}
	r := uitest.Form("/inbox/e1/replay", "payload", `{"n": `)
	r.SetPathValue("event", "e1")
	w := httptest.NewRecorder()
	err := h.ReplayEvent(w, r)
	for _, part := range []string{"<dialog id=\"replay\" aria-labelledby=\"replay-title\" open>", "no valid JSON: line 1", `aria-invalid="true"`, `{&#34;n&#34;: </textarea>`} {
		if err != nil || w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), part) {
			t.Errorf("%v, %d without %s", err, w.Code, part)
		}
	}
	if w, err := ask(h.Show, "GET", "/inbox/e1?ask=replay", "e1"); err != nil || !strings.Contains(w.Body.String(), `aria-labelledby="replay-title" open>`) {
		t.Errorf("without a script nothing asks: %v", err)
	}
}

// TestFiles: the files that an event refers to are shown and had under their names; what only looks like one is not had.
func TestFiles(t *testing.T) {
	hash, other := strings.Repeat("a", 64), strings.Repeat("b", 64)
	h := handler(&post{list: []run.Event{{ID: "e1", Value: json.RawMessage(`{"attachments": [{"file": "` + hash + `", "name": "päss \"1\".pdf", "type": "application/pdf", "size": 2048}, {"file": "x", "size": 1}], "doc": {"file": "` + other + `", "name": "<b>", "type": "t", "size": 1}}`)}}})
	show := func() string {
		w, err := ask(h.Show, "GET", "/inbox/e1", "e1")
		if err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	if strings.Contains(show(), "/files/") {
		t.Error("files are shown that nobody can open")
	}
	h.File = func(_ context.Context, _ run.Actor, event, given string) (io.ReadCloser, error) {
		if event != "e1" || given != hash {
			return nil, fault.New(fault.NotFound, "There is no such file.")
		}
		return io.NopCloser(strings.NewReader("%PDF")), nil
	}
	if page := show(); strings.Count(page, "/inbox/e1/files/") != 2 || !strings.Contains(page, "/inbox/e1/files/"+hash) || !strings.Contains(page, "&lt;b&gt;") || !strings.Contains(page, "application/pdf, 2") {
		t.Errorf("the files are not shown:\n%s", page)
	}
	get := func(event, hash string) (*httptest.ResponseRecorder, error) {
		r := httptest.NewRequest("GET", "/inbox/e1/files/x?name="+url.QueryEscape(`päss "1".pdf`), nil)
		r.SetPathValue("event", event)
		r.SetPathValue("hash", hash)
		w := httptest.NewRecorder()
		return w, h.DownloadFile(w, r)
	}
	w, err := get("e1", hash)
	if head := w.Header(); err != nil || w.Body.String() != "%PDF" || head.Get("Content-Type") != "application/octet-stream" || head.Get("Content-Disposition") != `attachment; filename="p_ss _1_.pdf"; filename*=utf-8''p%C3%A4ss%20%221%22.pdf` {
		t.Errorf("it is given as %v, %v", head, err)
	}
	for _, c := range [][2]string{{"e1", other}, {"e2", hash}} {
		if _, err := get(c[0], c[1]); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%v gives %v", c, err)
		}
	}
}

// clerk takes jobs.
type clerk struct {
	asked   []run.Job
	stopped []string
	fails   error
}

func (c *clerk) Start(_ context.Context, _ run.Actor, j run.Job) (run.Job, error) {
	c.asked = append(c.asked, j)
	return j, c.fails
}

func (c *clerk) Stop(_ context.Context, _ run.Actor, id string) error {
	c.stopped = append(c.stopped, id)
	return c.fails
}

// TestMany: all events that fit can be replayed by who may act, and how far that is stands below the list.
func TestMany(t *testing.T) {
	p := &post{list: []run.Event{{ID: "0195e3f0-aaaa-0001", Scenario: "orders", Outcome: run.Filtered, Source: "webhook", At: now}}, jobs: []run.Job{
		{ID: "j2", Action: run.JobEvents, Status: run.JobRunning, Total: 12000, More: true, Done: 40, Skipped: 2},
		{ID: "jr", Action: run.JobReplay, Status: run.JobRunning, Total: 7},
		{ID: "j1", Action: run.JobEvents, Status: run.JobDone, Total: 3, Done: 1, Skipped: 1, Failed: 1, Message: "The scenario <x> is gone.", EndedAt: now.Add(-time.Minute)},
		{ID: "j0", Action: run.JobEvents, Status: run.JobDone, EndedAt: now.Add(-time.Hour)}}}
	h, c := handler(p), &clerk{}
	list := func() string {
		w, err := ask(h.List, "GET", "/inbox?outcome=filtered&q=%3Cx%3E&scenario=orders&trigger=t", "")
		if err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	if strings.Contains(list(), "/inbox/bulk") {
		t.Error("where nothing can be replayed it is offered")
	}
	h.Bulk = c
	uitest.Compare(t, "list-many", list())
	h.Actor = func(*http.Request) run.Actor { return run.Actor{Role: run.Viewer} }
	if page := list(); strings.Contains(page, `action="/inbox/bulk"`) || strings.Contains(page, ">Stop<") || !strings.Contains(page, "42 of them seen") {
		t.Errorf("who may only look sees\n%s", page)
	}
	h.Actor = func(*http.Request) run.Actor { return run.Actor{} }
	start := func(form ...string) (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		return w, h.ReplayMany(w, uitest.Form("/inbox/bulk", form...))
	}
	w, err := start("scenario", "orders", "trigger", "t", "outcome", "filtered", "q", "<x>")
	if got := w.Header().Get("Location"); err != nil || w.Code != 303 || got != "/inbox?outcome=filtered&q=%3Cx%3E&scenario=orders&trigger=t" {
		t.Errorf("%v, it leads to %s", err, got)
	}
	if j := c.asked[0]; j.Action != run.JobEvents || j.Trigger != "t" || j.Outcome != run.Filtered || j.Filter.Scenario != "orders" || j.Filter.Query != "<x>" {
		t.Errorf("asked was for %+v", j)
	}
	if _, err := start("since", "24h"); err != nil || !c.asked[len(c.asked)-1].Filter.Since.Equal(now.Add(-24*time.Hour)) {
		t.Errorf("since 24h: %v, asked was for %+v", err, c.asked[len(c.asked)-1])
	}
	if _, err := start("since", "garbage"); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a time that is none is every event: %v", err)
	}
	if _, err := start("q", strings.Repeat("x", maxForm)); err == nil {
		t.Error("a filter that is too large is every event")
	}
	stop := func() error {
		r := uitest.Form("/inbox/bulk/j2/stop")
		r.SetPathValue("job", "j2")
		return h.StopMany(httptest.NewRecorder(), r)
	}
	for _, c.fails = range []error{nil, fault.New(fault.Conflict, "It has ended.")} {
		if err := stop(); err != nil {
			t.Errorf("a job is stopped: %v", err)
		}
	}
	c.fails = fault.New(fault.Unavailable, "The disk is full.")
	if _, err := start(); err == nil || stop() == nil {
		t.Error("what could not be kept is said to be done")
	}
	if len(c.stopped) != 3 || c.stopped[0] != "j2" {
		t.Errorf("stopped are %v", c.stopped)
	}
	h.Bulk = nil
	if _, err := start(); fault.CodeOf(err) != fault.NotFound || fault.CodeOf(stop()) != fault.NotFound {
		t.Error("where there are no jobs one is taken")
	}
}
