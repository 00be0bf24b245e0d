package api

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// Bulk does something to many runs in the background.
type Bulk interface {
	Start(ctx context.Context, a run.Actor, j run.Job) (run.Job, error)
	Stop(ctx context.Context, a run.Actor, id string) error
	// CountBackfill says how many planned times a backfill would start runs for, and how many of its window have one.
	CountBackfill(ctx context.Context, a run.Actor, j run.Job) (todo, ran int, err error)
}

// Job is something done to many runs or events.
type Job struct {
	ID        string `json:"id"`
	Action    string `json:"action" enum:"replay,retry,cancel,backfill,replay_events"`
	Status    string `json:"status" enum:"running,done,stopped"`
	By        string `json:"by"`
	Total     int    `json:"total" doc:"The runs or events that fitted when it was asked, exact up to 10,000; of a backfill the planned times."`
	More      bool   `json:"more,omitempty" doc:"There were more than total."`
	Done      int    `json:"done"`
	Skipped   int    `json:"skipped" doc:"There was nothing to do about them: what has not ended is not replayed, and what has is not cancelled."`
	Failed    int    `json:"failed"`
	Message   string `json:"message,omitempty" doc:"Why the last of those failed."`
	CreatedAt stamp  `json:"created_at"`
	EndedAt   stamp  `json:"ended_at"`
}

func jobOf(j run.Job) Job {
	return Job{ID: j.ID, Action: string(j.Action), Status: string(j.Status), By: j.By, Total: j.Total, More: j.More, Done: j.Done, Skipped: j.Skipped, Failed: j.Failed,
		Message: j.Message, CreatedAt: stamp{j.CreatedAt}, EndedAt: stamp{j.EndedAt}}
}

// meant refuses a filter that names nothing, which is a slip more often than it is every one there is; that is said with all.
func meant(all bool, what string, given ...string) error {
	named := slices.ContainsFunc(given, func(text string) bool { return text != "" })
	switch {
	case all && named:
		return fault.Invalid("Nothing was begun.", []fault.Problem{{Path: "/filter/all", Message: "all stands alone: beside it nothing else can be named."}})
	case !all && !named:
		return fault.Invalid("Nothing was begun.", []fault.Problem{{Path: "/filter", Message: "The filter names nothing. Say which " + what + " are meant, as by \"scenario\", or \"all\": true for every one there is."}})
	}
	return nil
}

func (a *api) bulk() {
	const base = "/api/v1/runs:bulk"
	type runFilter struct {
		Scenario string `json:"scenario,omitempty" doc:"Slug or id."`
		Status   string `json:"status,omitempty" doc:"One status or several with commas."`
		Since    string `json:"since,omitempty" doc:"Created at or after, RFC 3339."`
		Until    string `json:"until,omitempty" doc:"Created before, RFC 3339."`
		Q        string `json:"q,omitempty" maxLength:"200" doc:"In the id, number, label or error."`
		All      bool   `json:"all,omitempty" doc:"Every one there is; instead of the others."`
	}
	type bulkInput struct {
		Body struct {
			Action  string          `json:"action" enum:"replay,retry,cancel" doc:"replay: another run of each one's event; retry: another run from the step that failed; cancel."`
			Filter  runFilter       `json:"filter" doc:"Which runs, as in the list; at least one thing is named. Runs that come later are none of them."`
			Version json.RawMessage `json:"version,omitempty" doc:"Of replays: \"latest\", or each run's own where it is left out."`
		}
	}
	type jobOutput struct{ Body Job }
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base, Summary: "Replay, retry or cancel the runs of a filter, in the background", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *bulkInput) (*jobOutput, error) {
		from := in.Body.Filter
		j := run.Job{Action: run.JobAction(in.Body.Action), Filter: run.Filter{Scenario: from.Scenario, Query: from.Q}}
		var err error
		if j.Filter.Since, err = readTime("filter/since", from.Since); err == nil {
			j.Filter.Until, err = readTime("filter/until", from.Until)
		}
		if err == nil {
			j.Filter.Statuses, err = readStatuses("filter/status", from.Status)
		}
		if err == nil {
			j.Version, err = readVersion(in.Body.Version)
		}
		if err == nil {
			err = meant(from.All, "runs", from.Scenario, from.Status, from.Since, from.Until, from.Q)
		}
		if err != nil {
			return nil, err
		}
		j, err = a.Bulk.Start(ctx, actor, j)
		return &jobOutput{jobOf(j)}, err
	})
	a.bulkEvents()
	type listOutput = listOf[Job]
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List what was done to many runs or events, the newest first, at most 100"}, func(ctx context.Context, actor run.Actor, _ *struct{}) (*listOutput, error) {
		list, err := a.Store.Jobs(ctx, actor, 100)
		out := &listOutput{}
		out.Body.Items = []Job{}
		for _, j := range list {
			out.Body.Items = append(out.Body.Items, jobOf(j))
		}
		return out, err
	})
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}", Summary: "Show how far a job has come"}, func(ctx context.Context, actor run.Actor, in *runInput) (*jobOutput, error) {
		j, err := a.Store.Job(ctx, actor, in.ID)
		return &jobOutput{jobOf(j)}, err
	})
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{id}/stop", Summary: "Stop a job; what it did stays done", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *runInput) (*struct{}, error) {
		if _, err := a.Store.Job(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return nil, a.Bulk.Stop(ctx, actor, in.ID)
	})
}

func (a *api) bulkEvents() {
	type eventsFilter struct {
		Scenario string `json:"scenario,omitempty" doc:"Slug or id."`
		Trigger  string `json:"trigger,omitempty" doc:"Its id in the scenario."`
		Outcome  string `json:"outcome,omitempty" enum:"accepted,queued,filtered,replaced,captured"`
		Since    string `json:"since,omitempty" doc:"Came in at or after, RFC 3339."`
		Until    string `json:"until,omitempty" doc:"Came in before, RFC 3339."`
		Q        string `json:"q,omitempty" maxLength:"200" doc:"A text in the event, its headers, or what is said of it; an id."`
		All      bool   `json:"all,omitempty" doc:"Every one there is; instead of the others."`
	}
	type bulkEventsInput struct {
		Body struct {
			Action string       `json:"action" enum:"replay" doc:"Another run of each one, on the live version, oldest first. Passed over are those that wait to start a run by themselves, those that went into a batch, which is an event too, and those that started none, unless their outcome is asked for."`
			Filter eventsFilter `json:"filter" doc:"Which events, as in the list; at least one thing is named. Events that come later are none of them."`
		}
	}
	type bulkEventsOutput struct{ Body Job }
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: "/api/v1/events:bulk", Summary: "Replay the events of a filter, in the background; GET /api/v1/runs:bulk/{id} says how far it is", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *bulkEventsInput) (*bulkEventsOutput, error) {
		from := in.Body.Filter
		j := run.Job{Action: run.JobEvents, Trigger: from.Trigger, Outcome: run.Outcome(from.Outcome), Filter: run.Filter{Scenario: from.Scenario, Query: from.Q}}
		var err error
		if j.Filter.Since, err = readTime("filter/since", from.Since); err == nil {
			j.Filter.Until, err = readTime("filter/until", from.Until)
		}
		if err == nil {
			err = meant(from.All, "events", from.Scenario, from.Trigger, from.Outcome, from.Since, from.Until, from.Q)
		}
		if err != nil {
			return nil, err
		}
		j, err = a.Bulk.Start(ctx, actor, j)
		return &bulkEventsOutput{jobOf(j)}, err
	})
}
