package main

import (
	"context"
	"slices"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/subscribe"
	"github.com/stepmill/stepmill/triggers/webhook"
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

// more adds to how a trigger does where its events come in, and what those know who look at lists and keep subscriptions for it.
func (s *server) more(t *triggers.Trigger, h *run.Health) {
	s.poller.Add(t, h)
	h.URL, h.Mail = s.address(t.Def, t.Key)
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

// lacks says of triggers that what proves their requests is not there. What a workspace has is read once in a look.
func (s *server) lacks(ctx context.Context) func(*triggers.Trigger) string {
	type have struct {
		secrets     map[string]bool
		connections map[string]run.Connection
		err         error
	}
	read := map[string]have{}
	return func(t *triggers.Trigger) string {
		secrets, connection, value := webhook.Proofs(t)
		if len(secrets) == 0 && connection == "" {
			return ""
		}
		there, ok := read[t.Workspace]
		if !ok {
			there.secrets, there.connections, there.err = s.proofs(ctx, run.SystemActor(t.Workspace))
			read[t.Workspace] = there
		}
		if there.err != nil || slices.ContainsFunc(secrets, func(slug string) bool { return there.secrets[slug] }) {
			return ""
		}
		if c, ok := there.connections[connection]; ok {
			if app := connectors.Catalogue.Get(c.Connector); app != nil && !s.holds(ctx, c, value) {
				return app.Unproven(c.Method, value)
			}
			return ""
		}
		return webhook.Missing
	}
}

// holds tells whether a connection has a value, here or by reference; true also where that cannot be read.
func (s *server) holds(ctx context.Context, c run.Connection, name string) bool {
	if _, elsewhere := c.Refs[name]; elsewhere {
		return true
	}
	_, values, err := s.store.Credentials(ctx, c.Workspace, c.ID)
	return err != nil || values[name] != ""
}

// proofs are a workspace's secrets and connections, by their slugs.
func (s *server) proofs(ctx context.Context, a run.Actor) (secrets map[string]bool, connections map[string]run.Connection, err error) {
	list, err := s.store.Secrets(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	known, err := s.store.Connections(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	secrets, connections = make(map[string]bool, len(list)), make(map[string]run.Connection, len(known))
	for _, one := range list {
		secrets[one.Slug] = true
	}
	for _, one := range known {
		connections[one.Slug] = one
	}
	return secrets, connections, nil
}
