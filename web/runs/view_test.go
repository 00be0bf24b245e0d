package runs

import (
	"context"
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

var now = time.Date(2026, 3, 4, 14, 0, 30, 0, time.UTC)

func chrome() ui.Chrome { return ui.Chrome{User: "Ada Lovelace", Email: "ada@example.com"} }

func runsOf() []run.Run {
	at := now.Add(-time.Minute)
	return []run.Run{
		{ID: "r3", Scenario: "escalations", Number: 3, Status: run.Running, Label: "ada@example.com", CreatedAt: at, StartedAt: at},
		{ID: "r2", Scenario: "escalations", Number: 2, Status: run.Failed, Label: "alan@example.net", CreatedAt: at, StartedAt: at, EndedAt: at.Add(1270 * time.Millisecond), Error: &run.Failure{Class: "not_found", Message: "channel_not_found"}},
		{ID: "r1", Scenario: "gone", Number: 1, Status: run.Waiting, CreatedAt: at, StartedAt: at, WakeAt: now.Add(2 * time.Hour)},
	}
}

func TestListViews(t *testing.T) {
	scenarios := []scenario.Stored{{Slug: "escalations", Name: "Escalations"}}
	m := newList(run.Page{Runs: runsOf(), NextCursor: "c1", Total: 10_000, More: true}, scenarios, query{Status: "open", Limit: 50}, now)
	m.After = 77
	uitest.Golden(t, "list", listPage(chrome(), m))
	uitest.Golden(t, "list-of-scenario", listPage(chrome(), newList(run.Page{Runs: runsOf(), Total: 3}, scenarios, query{Scenario: "escalations", Fixed: "escalations"}, now)))
	asks := runsOf()[2:]
	asks[0].Asks, asks[0].WakeAt = true, run.Never()
	wrong := newList(run.Page{Runs: asks, Total: 1}, scenarios, query{Status: "needs"}, now)
	wrong.Wrong = "since=<9y> is none of the times that can be chosen, so runs of any time are shown."
	uitest.Golden(t, "list-needs", listPage(chrome(), wrong))
	uitest.Golden(t, "list-empty", list(newList(run.Page{}, scenarios, query{}, now)))
	uitest.Golden(t, "list-none-fits", list(newList(run.Page{}, scenarios, query{Text: "<x>"}, now)))
}

func TestRunViews(t *testing.T) {
	text, err := os.ReadFile("testdata/scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, _, err := scenario.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"failed", "retrying", "loop"} {
		journal, err := os.ReadFile("testdata/journals/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		entries, err := run.DecodeEntries(journal)
		if err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			entries[i].Pos = int64(500 + i)
		}
		r := runsOf()[1]
		r.Version, r.Trigger = 4, "trigger"
		m := newPage(r, entries, drawer().Draw(doc.Scenario), now)
		m.Name, m.Event, m.CanReplay, m.CanCancel = doc.Name, map[string]any{"body": map[string]any{"mrr": 40}}, true, true
		m.Side = newList(run.Page{Runs: runsOf(), Total: 3}, nil, query{Scenario: "escalations", Fixed: "escalations", Side: true, Current: r.ID}, now)
		m.open("")
		if m.After != int64(500+len(entries)-1) {
			t.Errorf("%s: the feed goes on after %d", name, m.After)
		}
		uitest.Golden(t, "run-"+name, runPage(chrome(), m))
	}
}

// TestStopAsFailed: the stop that ended a run as failed looks so, and is what the page opens.
func TestStopAsFailed(t *testing.T) {
	flow := ui.Flow{Steps: []ui.Node{{Key: "a", Kind: "uses"}, {Key: "x", Kind: "stop", Fails: true}}}
	var entries []run.Entry
	for _, e := range []run.Entry{{Kind: run.StepStarted, Path: "a"}, {Kind: run.StepSucceeded, Path: "a"}, {Kind: run.StepStarted, Path: "x"}, {Kind: run.StepSucceeded, Path: "x"}, {Kind: run.RunFailed}} {
		e.Seq, e.At = int64(len(entries)+1), now
		entries = append(entries, e)
	}
	m := newPage(run.Run{ID: "r1", CreatedAt: now}, entries, flow, now)
	if m.open(""); m.Selected != "x" || m.Lights.Nodes["x"].State != "failed" || m.Lights.Nodes["a"].State != "succeeded" || m.progress() != "2 of 2" {
		t.Errorf("%s is open, lit are %+v, %s", m.Selected, m.Lights.Nodes, m.progress())
	}
}

func TestQuery(t *testing.T) {
	for _, c := range []struct {
		url, scenario string
		want          run.Filter
		path          string
		wrong         string
	}{
		{url: "/runs", want: run.Filter{Limit: 50}, path: "/runs"},
		{url: "/runs?status=failed&q=+ada+&since=1h", want: run.Filter{Statuses: []run.Status{run.Failed}, Query: "ada", Since: now.Add(-time.Hour), Limit: 50}, path: "/runs?q=ada&since=1h&status=failed"},
		{url: "/runs?status=open", want: run.Filter{Statuses: []run.Status{run.Queued, run.Running, run.Waiting, run.Incomplete, run.Uncertain}, Limit: 50}, path: "/runs?status=open"},
		{url: "/runs?status=needs", want: run.Filter{Needs: true, Limit: 50}, path: "/runs?status=needs"},
		{url: "/runs?status=attention&since=9y", want: run.Filter{Limit: 50}, path: "/runs", wrong: "status=attention is no status of a run, so runs of any status are shown. since=9y is none of the times"},
		{url: "/scenarios/s/runs?cursor=c", scenario: "s", want: run.Filter{Scenario: "s", Cursor: "c", Limit: 50}, path: "/scenarios/s/runs"},
	} {
		r := httptest.NewRequest("GET", c.url, nil)
		r.SetPathValue("scenario", c.scenario)
		q, wrong := queryOf(r)
		if !strings.HasPrefix(wrong, c.wrong) || (wrong == "") != (c.wrong == "") {
			t.Errorf("%s: %q", c.url, wrong)
		}
		got := q.filter(now)
		if string(encode(t, got)) != string(encode(t, c.want)) {
			t.Errorf("%s asks for %s, want %s", c.url, encode(t, got), encode(t, c.want))
		}
		if path := q.path("none", ""); path != c.path {
			t.Errorf("%s leads to %s, want %s", c.url, path, c.path)
		}
	}
}

func TestLargeValuesAreCut(t *testing.T) {
	big := make([]byte, largest+10)
	for i := range big {
		big[i] = 'x'
	}
	r := runsOf()[0]
	m := newPage(r, []run.Entry{{Seq: 1, Pos: 1, Kind: run.StepStarted, Path: "tell", At: now, Data: run.Data{Input: map[string]any{"text": string(big)}}}}, ui.Flow{}, now)
	if len(m.Entries) != 1 || len(m.Entries[0]) > 2000 {
		t.Errorf("the page carries an entry of %d bytes", len(m.Entries[0]))
	}
}

// TestDownload gives a run's file as a file, under the name of its link.
func TestDownload(t *testing.T) {
	h := &Handler{Actor: func(*http.Request) run.Actor { return run.Actor{} }}
	get := func() (*httptest.ResponseRecorder, error) {
		r := httptest.NewRequest("GET", "/runs/r/files/x?name=a.html", nil)
		w := httptest.NewRecorder()
		return w, h.DownloadFile(w, r)
	}
	if _, err := get(); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("without files it gives %v", err)
	}
	h.File = func(context.Context, run.Actor, string, string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("<b>")), nil
	}
	w, err := get()
	if head := w.Header(); err != nil || w.Body.String() != "<b>" || head.Get("Content-Type") != "application/octet-stream" || head.Get("Content-Disposition") != "attachment; filename=a.html" || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("it is given as %v, %v", head, err)
	}
}
