package pipedrive

import (
	"context"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// converts is how long a conversion is waited for, and convertAgain how often it is asked after.
const (
	converts     = 40 * time.Second
	convertAgain = 2 * time.Second
)

// convertLead makes a deal of a lead. Pipedrive does that by itself after it was asked, and says how far it is.
// Source: https://developers.pipedrive.com/docs/api/v1/Leads#convertLeadToDeal
func convertLead() actions.Action {
	sample := map[string]any{"conversion_id": "46c3b0e1-db35-59ca-1828-4817378dff71", "status": "completed", "deal_id": 42}
	id := leadID()
	id.Label = "Lead"
	start := actions.Action{ID: "convert", Effect: actions.Once, Sample: sample, Input: []actions.Field{id, ref("stage_id", "Stage", "The stage.", nil), ref("pipeline_id", "Pipeline", "The pipeline.", nil)},
		Request: &actions.Request{Method: "POST", Path: "/api/v2/leads/{id}/convert/deal", Body: actions.JSONBody, Output: data}}
	ask := actions.Action{ID: "status", Effect: actions.Read, Sample: sample, Input: []actions.Field{id, {ID: "conversion", Label: "Conversion", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/api/v2/leads/{id}/convert/status/{conversion}", Output: data}}
	stage, pipeline := ref("stage_id", "Stage", "The stage that the deal stands in; not given: the first of the pipeline.", stages()), ref("pipeline_id", "Pipeline", "The pipeline; not given: that of the stage, or the first.", listed("pipelines", "/name"))
	stage.In, pipeline.In, id.In = actions.InNone, actions.InNone, actions.InNone
	return actions.Action{
		ID: "convert_lead", Name: "Convert a lead to a deal", Description: "Makes a deal of a lead, with its notes, files and activities, and gives the deal's id; the lead is gone then. Where it takes longer than 40 seconds the status says running.",
		Effect: actions.Once, Guarantee: noKey, Timeout: 90 * time.Second,
		Input: []actions.Field{id, pipeline, stage}, Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			with := map[string]any{"id": in.Values["id"]}
			for _, name := range []string{"stage_id", "pipeline_id"} {
				if in.Values[name] != nil {
					with[name] = in.Values[name]
				}
			}
			begun, err := do.Ask(ctx, &start, with)
			if err != nil {
				return nil, err
			}
			return converted(ctx, do, &ask, map[string]any{"id": in.Values["id"], "conversion": value.At(begun, "/conversion_id")})
		},
	}
}

// converted asks until a conversion has ended. What it cannot be asked after runs all the same: it is not begun again for that.
func converted(ctx context.Context, do actions.Doer, ask *actions.Action, with map[string]any) (any, error) {
	for end := time.Now().Add(converts); ; {
		got, err := do.Ask(ctx, ask, with)
		if err != nil {
			do.Log("How far the conversion is cannot be seen: " + fault.MessageOf(err))
			return map[string]any{"conversion_id": with["conversion"], "status": "running"}, nil
		}
		switch status := value.Text(value.At(got, "/status")); {
		case status == "failed" || status == "rejected":
			return nil, fault.New(fault.InvalidInput, "Pipedrive did not convert the lead: the conversion %s %s. Convert it in Pipedrive once, which says what is missing.", value.Text(with["conversion"]), map[string]string{"failed": "failed", "rejected": "was rejected"}[status])
		case status == "completed" || time.Now().After(end):
			return got, nil
		}
		select {
		case <-ctx.Done():
			return map[string]any{"conversion_id": with["conversion"], "status": "running"}, nil
		case <-time.After(convertAgain):
		}
	}
}
