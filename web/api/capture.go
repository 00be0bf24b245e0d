package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// Captures wait for a request to a trigger's URL, to have it as a sample.
type Captures interface {
	Wait(ctx context.Context, a run.Actor, scenario, trigger string) (run.Capture, error)
	State(ctx context.Context, a run.Actor, scenario, trigger string) (run.Capture, error)
	Stop(ctx context.Context, a run.Actor, scenario, trigger string) error
}

// Capture is a request that is waited for.
type Capture struct {
	Until stamp  `json:"until" doc:"Null: nothing is waited for."`
	Event string `json:"event,omitempty" doc:"The event that came; show it by its id."`
}

func (a *api) captures() {
	const path = "/api/v1/scenarios/{scenario}/capture"
	type captureOutput struct{ Body Capture }
	type captureStartInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		Body     *struct {
			Trigger string `json:"trigger,omitempty" doc:"Its id; the first one where it is left out."`
		}
	}
	type captureInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		Trigger  string `query:"trigger" doc:"Its id; the first one where it is left out."`
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: path, DefaultStatus: 202,
		Summary: "Wait ten minutes for a request to a trigger's URL, to have it as a sample, also of a scenario that was never published"}, func(ctx context.Context, actor run.Actor, in *captureStartInput) (*captureOutput, error) {
		trigger := ""
		if in.Body != nil {
			trigger = in.Body.Trigger
		}
		c, err := a.Captures.Wait(ctx, actor, in.Scenario, trigger)
		return &captureOutput{Capture{stamp{c.Until}, c.Event}}, err
	})
	operation(a, access.Read, huma.Operation{Method: "GET", Path: path, Summary: "Say whether a request is waited for, and which came"}, func(ctx context.Context, actor run.Actor, in *captureInput) (*captureOutput, error) {
		c, err := a.Captures.State(ctx, actor, in.Scenario, in.Trigger)
		return &captureOutput{Capture{stamp{c.Until}, c.Event}}, err
	})
	operation(a, access.Edit, huma.Operation{Method: "DELETE", Path: path, Summary: "Wait no more"}, func(ctx context.Context, actor run.Actor, in *captureInput) (*struct{}, error) {
		return nil, a.Captures.Stop(ctx, actor, in.Scenario, in.Trigger)
	})
	type sampleInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		Body     struct {
			Trigger string          `json:"trigger" doc:"Its id."`
			Event   string          `json:"event,omitempty" doc:"An event of this scenario."`
			Value   json.RawMessage `json:"value,omitempty" doc:"Or the value itself."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "PUT", Path: "/api/v1/scenarios/{scenario}/sample", Summary: "Put an event into the draft as a trigger's sample"}, func(ctx context.Context, actor run.Actor, in *sampleInput) (*scenarioOutput, error) {
		sample := in.Body.Value
		if (in.Body.Event == "") == (len(sample) == 0) {
			return nil, fault.New(fault.InvalidInput, "Give either event or value.")
		}
		if in.Body.Event != "" {
			e, err := a.Store.Event(ctx, actor, in.Body.Event)
			if err != nil {
				return nil, err
			}
			sample = e.Value
		}
		return a.one(a.Drafts.UseSample(ctx, actor, in.Scenario, in.Body.Trigger, sample))
	})
}
