package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
)

// Schedules say when schedules fire.
type Schedules interface {
	// Planned reads a schedule trigger's options; timezone is the scenario's. What is wrong with them is InvalidInput.
	Planned(with map[string]any, timezone string) (scenario.Planned, error)
	// Cron writes a choice as a cron text.
	Cron(c scenario.Choice) (string, error)
}

// Preview is a schedule in words.
type Preview struct {
	Words    string           `json:"words" doc:"Empty where there are problems."`
	Timezone string           `json:"timezone" doc:"That its times are meant in."`
	Next     []stamp          `json:"next" doc:"The next five times."`
	With     map[string]any   `json:"with" doc:"The trigger's options; of a choice with its cron text."`
	Choice   *scenario.Choice `json:"choice" doc:"As it would be chosen without writing cron; null: it is none of the choices."`
	Problems []fault.Problem  `json:"problems"`
}

func (a *api) schedules() {
	type previewInput struct {
		Body struct {
			With     map[string]any   `json:"with,omitempty" doc:"The options of a schedule trigger."`
			Choice   *scenario.Choice `json:"choice,omitempty" doc:"In place of cron and every."`
			Timezone string           `json:"timezone,omitempty" doc:"The scenario's; UTC where it is not given."`
		}
	}
	type previewOutput struct{ Body Preview }
	operation(a, access.Read, huma.Operation{Method: "POST", Path: "/api/v1/schedules/preview", Summary: "Say when a schedule would fire; nothing is kept"}, func(_ context.Context, _ run.Actor, in *previewInput) (*previewOutput, error) {
		out := Preview{With: map[string]any{}, Next: []stamp{}, Problems: []fault.Problem{}}
		for name, v := range in.Body.With {
			out.With[name] = v
		}
		if c := in.Body.Choice; c != nil {
			text, err := a.Schedules.Cron(*c)
			if err != nil {
				out.Problems = append(out.Problems, fault.Problem{Path: "/choice", Message: fault.MessageOf(err)})
				return &previewOutput{out}, nil
			}
			delete(out.With, "every")
			out.With["cron"] = text
		}
		planned, err := a.Schedules.Planned(out.With, in.Body.Timezone)
		switch {
		case fault.CodeOf(err) == fault.InvalidInput:
			out.Problems = append(out.Problems, fault.Problem{Path: "/with", Message: fault.MessageOf(err)})
			return &previewOutput{out}, nil
		case err != nil:
			return nil, err
		}
		out.Words, out.Timezone, out.Next, out.Choice = planned.Words, planned.Zone.String(), stampsOf(planned), planned.Choice
		return &previewOutput{out}, nil
	})
}

func (a *api) backfill() {
	type backfillInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		Body     struct {
			Trigger string `json:"trigger,omitempty" doc:"The schedule's id; the only one where none is given."`
			Since   string `json:"since" doc:"From this planned time on, RFC 3339."`
			Until   string `json:"until,omitempty" doc:"Up to this time and without it; up to now where none is given."`
			Again   bool   `json:"again,omitempty" doc:"Planned times that have a run get another."`
			DryRun  bool   `json:"dry_run,omitempty" doc:"Only say how many there are."`
		}
	}
	type backfillOutput struct {
		Body struct {
			Planned int  `json:"planned" doc:"The planned times that get a run."`
			Ran     int  `json:"ran" doc:"Those of the window that are left out since they have one."`
			Job     *Job `json:"job" doc:"How far it is: GET /api/v1/runs:bulk/{id}; null of a dry run."`
		}
	}
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: "/api/v1/scenarios/{scenario}/backfill", Summary: "Start a run for each planned time of a past window, in order, in the background", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *backfillInput) (*backfillOutput, error) {
		s, err := a.Store.Scenario(ctx, actor, in.Scenario)
		j := run.Job{Action: run.JobBackfill, Trigger: in.Body.Trigger, Again: in.Body.Again, Filter: run.Filter{Scenario: s.ID}}
		if err == nil {
			j.Filter.Since, err = readTime("since", in.Body.Since)
		}
		if err == nil {
			j.Filter.Until, err = readTime("until", in.Body.Until)
		}
		out := &backfillOutput{}
		if err == nil {
			out.Body.Planned, out.Body.Ran, err = a.Bulk.CountBackfill(ctx, actor, j)
		}
		if err != nil || in.Body.DryRun {
			return out, err
		}
		if j, err = a.Bulk.Start(ctx, actor, j); err != nil {
			return nil, err
		}
		job := jobOf(j)
		out.Body.Job = &job
		return out, nil
	})
}

func stampsOf(p scenario.Planned) []stamp {
	out := []stamp{}
	for _, at := range p.Next {
		out = append(out, stamp{at})
	}
	return out
}

// planned says of the schedule triggers of a draft when they fire. What cannot be read stands among the draft's problems.
func (a *api) planned(doc *scenario.Document, list []Trigger) {
	if doc == nil {
		return
	}
	for _, def := range doc.AllTriggers() {
		i := slices.IndexFunc(list, func(t Trigger) bool { return def != nil && t.ID == def.Key() })
		if i < 0 || def.Uses != "schedule" {
			continue
		}
		if planned, err := a.Schedules.Planned(def.With, doc.Timezone); err == nil {
			list[i].Schedule, list[i].Timezone, list[i].Next = planned.Words, planned.Zone.String(), stampsOf(planned)
		}
	}
}
