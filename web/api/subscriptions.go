package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
)

// Subscriptions are those that are kept at vendors.
type Subscriptions interface {
	// Of tells where the subscriptions of a scenario's live triggers stand, by trigger.
	Of(workspace, scenarioID string) map[string]scenario.Subscribed
	// Replace has a trigger's subscription made anew. A trigger that has none is NotFound.
	Replace(ctx context.Context, a run.Actor, scenarioID, trigger string) error
}

// Subscription is where a trigger's subscription stands at its vendor.
type Subscription struct {
	State     string `json:"state" enum:"wanted,live,failed,sandbox" doc:"wanted: the vendor is about to be asked. live: it sends events. failed: it does not, and error says why. sandbox: the connection sends nothing, so it is not asked."`
	ExpiresAt stamp  `json:"expires_at" doc:"When it ends if it is not renewed, which happens by itself; null: never."`
	RenewedAt stamp  `json:"renewed_at" doc:"When it was last registered, renewed or seen to stand."`
	Error     string `json:"error,omitempty" doc:"Of one that is live: why it could not be renewed."`
	Note      string `json:"note,omitempty"`
}

// subscribed says of the triggers that subscribe where that stands.
func (a *api) subscribed(s scenario.Stored, list []Trigger) {
	of := a.Subscriptions.Of(s.Workspace, s.ID)
	for i, t := range list {
		if one, ok := of[t.ID]; ok {
			list[i].Subscription = &Subscription{State: one.State, ExpiresAt: stamp{one.ExpiresAt}, RenewedAt: stamp{one.RenewedAt}, Error: one.Error, Note: one.Note}
		}
	}
}

func (a *api) resubscribe(base string) {
	type resubscribeInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		Trigger  string `path:"trigger" doc:"The trigger's id."`
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: base + "/{scenario}/triggers/{trigger}/resubscribe", Summary: "Have a trigger's subscription made anew at its vendor, with another secret", DefaultStatus: 202},
		func(ctx context.Context, actor run.Actor, in *resubscribeInput) (*struct{}, error) {
			s, err := a.Store.Scenario(ctx, actor, in.Scenario)
			if err != nil {
				return nil, err
			}
			return nil, a.Subscriptions.Replace(ctx, actor, s.ID, in.Trigger)
		})
}
