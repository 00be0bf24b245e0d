package main

import (
	"context"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers/subscribe"
)

// subscriptions are what is kept at vendors, as the screens and the API ask it.
type subscriptions struct{ keeper *subscribe.Keeper }

func (s subscriptions) Of(workspace, scenarioID string) map[string]scenario.Subscribed {
	out := map[string]scenario.Subscribed{}
	for _, h := range s.keeper.Health(workspace, scenarioID) {
		out[h.Trigger] = scenario.Subscribed{State: string(h.State), ExpiresAt: h.ExpiresAt, RenewedAt: h.RenewedAt, Error: h.Error, Note: h.Note}
	}
	return out
}

func (s subscriptions) Replace(ctx context.Context, a run.Actor, scenarioID, trigger string) error {
	return s.keeper.Replace(ctx, a, scenarioID, trigger)
}
