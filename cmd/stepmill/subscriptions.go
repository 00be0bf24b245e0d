package main

import (
	"context"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
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

// more adds to how a trigger does what those know who look at lists and keep subscriptions for it.
func (s *server) more(t *triggers.Trigger, h *run.Health) {
	s.poller.Add(t, h)
	if t.Spec == nil || t.Spec.Subscribe == nil {
		return
	}
	for _, one := range s.keeper.Health(t.Workspace, t.ScenarioID) {
		if one.Trigger != t.ID {
			continue
		}
		h.Expires = one.ExpiresAt
		if one.Class != "" || one.Error != "" {
			h.Failing, h.Error = true, one.Error
		}
	}
}
