package subscribe

import (
	"cmp"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// State is where the subscription of a trigger stands, for people.
type State string

const (
	Wanted  State = "wanted"  // the vendor is about to be asked
	Live    State = "live"    // the vendor sends events
	Failed  State = "failed"  // the vendor does not send, and Error says why
	Sandbox State = "sandbox" // the connection sends nothing, so the vendor is not asked
)

// Health is how the subscription of a live trigger is doing.
type Health struct {
	Workspace, ScenarioID string
	Scenario              string // slug
	Trigger               string // id
	Uses                  string
	State                 State
	ExpiresAt             time.Time  // zero: it does not end, or there is none
	RenewedAt             time.Time  // when it was last registered, renewed or seen to stand; zero: never
	NextAt                time.Time  // when it is seen to next; zero: at once, or nobody knows
	Class                 fault.Code // of the last failure; empty: there is none
	Error                 string     // of one that is live: why it could not be renewed
	Note                  string     // what people should know beside
}

// Health tells how the subscriptions of a scenario's triggers are doing, by the scenario's id, or with "" of all of a
// workspace.
func (k *Keeper) Health(workspace, scenarioID string) []Health {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []Health
	for at, h := range k.health {
		if at.workspace == workspace && (scenarioID == "" || at.scenario == scenarioID) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Health) int {
		return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Trigger, b.Trigger))
	})
	return out
}

// noteAll keeps how everything is doing.
func (k *Keeper) noteAll(wants map[place]*want, have map[place][]run.Subscription) {
	fresh := make(map[place]Health, len(wants))
	for at, w := range wants {
		fresh[at] = healthOf(w, have[at])
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.health = fresh
}

// healthOf is how a trigger's subscription is doing: the one for what is wanted, or what stands in its place until then.
func healthOf(w *want, rows []run.Subscription) Health {
	t := w.trigger
	h := Health{Workspace: t.Workspace, ScenarioID: t.ScenarioID, Scenario: t.Scenario, Trigger: t.ID, Uses: t.Def.Uses, State: Wanted}
	if w.sandbox {
		h.State = Sandbox
		return h
	}
	var shown *run.Subscription
	for i := range rows {
		s := &rows[i]
		ours := s.Purpose == w.purpose && s.State != run.Left && s.State != run.Leaving
		if ours && (shown == nil || s.State == run.SubscriptionLive) {
			shown = s
		}
	}
	if s := shown; s != nil {
		h.ExpiresAt, h.RenewedAt, h.NextAt, h.Class, h.Error, h.Note = s.ExpiresAt, s.RenewedAt, s.NextAt, s.Class, s.Error, s.Note
		switch {
		case s.State == run.SubscriptionLive:
			h.State = Live
		case s.Class != "":
			h.State = Failed
		}
	}
	if w.hinder != nil && h.State != Live {
		h.State, h.Class, h.Error = Failed, fault.CodeOf(w.hinder), fault.MessageOf(w.hinder)
	}
	return h
}
