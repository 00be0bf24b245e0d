package storagetest

import (
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

func jobs(t *testing.T, s *storage.Store) {
	ada := run.Actor{Workspace: run.DefaultWorkspace, Name: "Ada", Role: run.Operator}
	asked := run.Job{Action: run.JobReplay, Trigger: "t", Again: true, Version: -1, Total: 9, More: true, Filter: run.Filter{Scenario: "s", Statuses: []run.Status{run.Failed}, Since: start, Query: "x"}}
	first := must[run.Job](t)(s.CreateJob(t.Context(), ada, asked))
	two := must[run.Job](t)(s.CreateJob(t.Context(), ada, run.Job{Action: run.JobCancel}))
	foreign := must[run.Job](t)(s.CreateJob(t.Context(), other, run.Job{Action: run.JobCancel}))
	if first.ID == "" || first.By != "Ada" || first.Role != run.Operator || first.Status != run.JobRunning || first.CreatedAt.IsZero() {
		t.Errorf("%+v", first)
	}
	first.Done, first.Skipped, first.Failed, first.Message, first.Filter.Cursor = 1, 2, 3, "No.", "c"
	if err := s.SaveJob(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	got := must[run.Job](t)(s.Job(t.Context(), ada, first.ID))
	if got.Done != 1 || got.Skipped != 2 || got.Failed != 3 || got.Message != "No." || got.Filter.Cursor != "c" || !got.Filter.Since.Equal(start) || got.Filter.Statuses[0] != run.Failed || got.Version != -1 || !got.More || got.Trigger != "t" || !got.Again {
		t.Errorf("%+v", got)
	}
	if list := must[[]run.Job](t)(s.Jobs(t.Context(), ada, 10)); len(list) != 2 || list[0].ID != two.ID {
		t.Errorf("%+v", list)
	}
	if list := must[[]run.Job](t)(s.Jobs(t.Context(), ada, 1)); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	code(t, s.StopJob(t.Context(), ada, foreign.ID), fault.Conflict)
	if err := s.StopJob(t.Context(), ada, first.ID); err != nil {
		t.Fatal(err)
	}
	code(t, s.StopJob(t.Context(), ada, first.ID), fault.Conflict)
	first.Done = 50
	code(t, s.SaveJob(t.Context(), first), fault.Conflict)
	if got := must[run.Job](t)(s.Job(t.Context(), ada, first.ID)); got.Status != run.JobStopped || got.Done != 1 || got.EndedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	if open := must[[]run.Job](t)(s.OpenJobs(t.Context())); len(open) != 2 || open[0].ID != two.ID || open[1].ID != foreign.ID {
		t.Errorf("%+v", open)
	}
	code(t, second(s.Job(t.Context(), ada, foreign.ID)), fault.NotFound)
}
