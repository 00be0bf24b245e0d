package runs

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// foreman notes what jobs are asked for.
type foreman struct {
	asked []string
	fails error
}

func (f *foreman) Start(_ context.Context, a run.Actor, j run.Job) (run.Job, error) {
	f.asked = append(f.asked, fmt.Sprintf("%s %s %v %v %q by %s", j.Action, j.Filter.Scenario, j.Filter.Statuses, !j.Filter.Since.IsZero(), j.Filter.Query, a.Name))
	return j, f.fails
}

func (f *foreman) Stop(_ context.Context, _ run.Actor, id string) error {
	f.asked = append(f.asked, "stop "+id)
	return f.fails
}

func TestMany(t *testing.T) {
	s := &shelf{page: run.Page{Runs: runsOf(), Total: 3}, jobs: []run.Job{
		{ID: "j3", Action: run.JobReplay, Status: run.JobRunning, Total: 10_000, More: true, Done: 120, Failed: 1, Message: "<gone>"},
		{ID: "j2", Action: run.JobCancel, Status: run.JobStopped, Total: 9, Done: 1, Skipped: 2, EndedAt: now.Add(-time.Minute)},
		{ID: "j1", Action: run.JobRetry, Status: run.JobDone, EndedAt: now.Add(-time.Hour)}}}
	boss := &foreman{}
	role := run.Operator
	h := &Handler{Store: s, Bulk: boss, Now: func() time.Time { return now }, Actor: func(*http.Request) run.Actor { return run.Actor{Name: "Ada", Role: role} },
		Chrome: func(*http.Request) ui.Chrome { return chrome() }}
	get := func(path string) string {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("X-Fragment", "list")
		if err := h.List(w, r); err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	uitest.Compare(t, "many", get("/runs?status=failed&q=%3Cx%3E&since=24h"))
	if body := get("/runs?status=queued"); !strings.Contains(body, `value="cancel"`) || strings.Contains(body, `value="replay"`) {
		t.Errorf("runs that have not begun: %s", body)
	}
	role = run.Viewer
	if body := get("/runs"); strings.Contains(body, "<form") && strings.Contains(body, "/runs/bulk") && strings.Contains(body, `value="cancel"`) || !strings.Contains(body, "120") && !strings.Contains(body, "121 of them seen") {
		t.Errorf("who may only read sees %s", body)
	}
	role = run.Operator

	w := httptest.NewRecorder()
	if err := h.StartBulk(w, uitest.Form("/runs/bulk", "action", "retry", "scenario", "s", "fixed", "s", "status", "failed", "since", "24h", "q", "x y")); err != nil {
		t.Fatal(err)
	}
	if got := w.Header().Get("Location"); w.Code != 303 || got != "/scenarios/s/runs?q=x+y&since=24h&status=failed" {
		t.Errorf("it leads to %s", got)
	}
	stop := func() error {
		r := uitest.Form("/runs/bulk/j3/stop")
		r.SetPathValue("job", "j3")
		return h.StopBulk(httptest.NewRecorder(), r)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	boss.fails = fault.New(fault.Conflict, "It has ended.")
	if err := stop(); err != nil {
		t.Errorf("a job that has just ended: %v", err)
	}
	boss.fails = fault.New(fault.InvalidInput, "No.")
	if err := h.StartBulk(httptest.NewRecorder(), uitest.Form("/runs/bulk", "action", "x")); err == nil {
		t.Error("a wrong action is taken")
	}
	if got, want := strings.Join(boss.asked, "; "), `retry s [failed] true "x y" by Ada; stop j3; stop j3; x  [] false "" by Ada`; got != want {
		t.Errorf("asked was %s", got)
	}
	if err := h.StartBulk(httptest.NewRecorder(), uitest.Form("/runs/bulk", "action", "cancel", "status", "attention")); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a filter that cannot be read means every run: %v", err)
	}
	h.Bulk = nil
	for _, err := range []error{stop(), h.StartBulk(httptest.NewRecorder(), uitest.Form("/runs/bulk"))} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("where there are no jobs: %v", err)
		}
	}
}
