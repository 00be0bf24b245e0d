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

func stampsOf(p scenario.Planned) []stamp {
	out := []stamp{}
	for _, at := range p.Next {
		out = append(out, stamp{at})
	}
	return out
}

// planned says of the schedule triggers of a draft when they fire. What cannot be read stands among the draft's problems.
func (a *api) planned(s scenario.Stored, list []Trigger) {
	if !slices.ContainsFunc(list, func(t Trigger) bool { return t.Uses == "schedule" }) {
		return
	}
	doc, _, err := scenario.Decode(s.Draft)
	if err != nil {
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
